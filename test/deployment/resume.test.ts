import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { AssertionError, expect } from "chai";
import { network } from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";

import {
  finishDeployment,
  planDeployment,
  type PlannedDeployment,
} from "../../deploy/lib/deploy.js";
import { DeploymentError } from "../../deploy/lib/error.js";
import { DeploymentFolder, parseBeginning, parseHashes } from "../../deploy/lib/folder.js";
import { Rpc } from "../../deploy/lib/rpc.js";
import { isStep, sendSeries, type SendOptions, type Sent } from "../../deploy/lib/send.js";
import { createRandom } from "../../scripts/loop/random.js";
import { planLocal, through, type Answer } from "../support/series.js";
import { SimulatedDisk } from "../support/simulated-disk.js";
import { PARAMETERS } from "../support/suite.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const [signer, other] = await ethers.getSigners();
if (!signer || !other) throw new Error("two signers expected");
const [DEPLOYER, STRANGER] = [signer.address, other.address];
const plan = await planLocal(connection);

const QUICK: SendOptions = {
  confirmations: 1,
  pollMs: 1,
  patienceMs: 50,
  log: () => undefined,
};

const answer: Answer = (request) => connection.provider.request(request);

/** A node that nobody hears of any more after so many requests, of which the last one reaches it or does not. */
function cutAfter(requests: number, reaches: boolean): NetworkConnection {
  let left = requests;
  return through(connection, async (request) => {
    left -= 1;
    if (left > 0) return answer(request);
    if (left === 0 && reaches) await answer(request);
    throw new Error("the process has ended");
  });
}

async function start() {
  await networkHelpers.mine(1);
}

describe("sending a deployment (INT-2)", function () {
  let folder: DeploymentFolder;

  beforeEach(async function () {
    await networkHelpers.loadFixture(start);
    folder = new DeploymentFolder(mkdtempSync(path.join(tmpdir(), "deployment-")));
  });

  afterEach(function () {
    rmSync(folder.path, { recursive: true });
  });

  /** Sends the series over a connection. */
  async function send(
    over: NetworkConnection = connection,
    options: Partial<SendOptions> = {},
  ): Promise<Sent> {
    const replan = async (skipped: ReadonlySet<number>) =>
      skipped.size === 0 ? plan : planLocal(connection, skipped, plan.steps[0]?.nonce);
    return sendSeries(new Rpc(over, 0), folder, DEPLOYER, 0, replan, { ...QUICK, ...options });
  }

  /** Each step is a transaction of the deployer with its nonce, and there is none besides but those left out. */
  async function expectDone({ series, hashes }: Sent, others = 0): Promise<void> {
    const rpc = new Rpc(connection);
    for (const [i, step] of series.steps.entries()) {
      const found = await rpc.transaction(hashes[i] ?? "");
      expect(found && isStep(found, step), step.label).to.equal(true);
      expect(found?.nonce).to.equal(step.nonce);
      expect((await rpc.receipt(hashes[i] ?? ""))?.succeeded, step.label).to.equal(true);
    }
    expect(series.steps.length).to.equal(plan.steps.length);
    const count = await rpc.transactionCount(DEPLOYER, "latest");
    expect(count).to.equal(plan.steps.length + others);
  }

  for (const [name, reaches] of [
    ["before the node has it (D8)", false],
    ["after the node has it (D0, D8)", true],
  ] as const) {
    it(`goes on by itself when it is killed at each request, ${name}`, async function () {
      let sent: Sent | undefined;
      for (let requests = 1; sent === undefined; requests++)
        sent = await send(cutAfter(requests, reaches)).catch((error: unknown) => {
          if (error instanceof DeploymentError) return undefined;
          throw error;
        });

      await expectDone(sent);
    });
  }

  it("goes on without a new run when one request in five is lost, or its answer", async function () {
    let count = 0;
    const lossy = through(connection, async (request) => {
      count += 1;
      if (count % 5 === 0) throw new Error("connection reset");
      const result = await answer(request);
      if (count % 7 === 0) throw new Error("gateway timeout");
      return result;
    });

    await expectDone(await send(lossy));
  });

  it("takes an answer with an error for what it is: the node may have the transaction (D6)", async function () {
    const angry = through(connection, async (request) => {
      const result = await answer(request);
      if (request.method !== "eth_sendTransaction") return result;
      throw Object.assign(new Error("gateway timeout"), { code: -32_000 });
    });

    await expectDone(await send(angry));
  });

  it("finds every transaction when no hash was written down", async function () {
    await send();
    rmSync(path.join(folder.path, "transactions.jsonl"));

    const again = await send();

    expect(again.count).to.equal(0);
    await expectDone(again);
  });

  it("believes no hash: one of another transaction is looked for anew", async function () {
    const { hashes } = await send();
    const lines = hashes.map((_, nonce) => JSON.stringify({ nonce, hash: hashes[nonce + 1] }));
    writeFileSync(path.join(folder.path, "transactions.jsonl"), lines.join("\n"));

    const again = await send();

    expect([again.count, again.hashes]).to.deep.equal([0, hashes]);
  });

  it("goes on from every length at which the list of hashes is cut off (D1)", async function () {
    const { hashes } = await send();
    const file = path.join(folder.path, "transactions.jsonl");
    const text = readFileSync(file, "utf8");

    const wrong: unknown[] = [];
    for (let length = 0; length <= text.length; length++)
      for (const [nonce, found] of parseHashes(text.slice(0, length)))
        if (found.length !== 1 || found[0] !== hashes[nonce]) wrong.push({ length, nonce, found });
    expect(wrong).to.deep.equal([]);
    for (const part of [0.1, 0.33, 0.5, 0.77]) {
      writeFileSync(file, text.slice(0, Math.floor(text.length * part)));
      expect((await send()).hashes).to.deep.equal(hashes);
    }
  });

  it("goes on from a disk that ends at each step of writing, whatever part of it is left (D2)", async function () {
    const planned = await planDeployment(connection, PARAMETERS, { deploymentId: "never-written" });
    const random = createRandom(7);
    let disk = new SimulatedDisk();
    let finished: Awaited<ReturnType<typeof finishDeployment>> | undefined;
    let runs = 0;

    for (; finished === undefined; runs++) {
      disk.stepsLeft = 1 + (runs % 16); // from the first read to the last write that one transaction takes
      const current = disk;
      const ending = through(connection, async (request) => {
        if (current.stepsLeft <= 0) throw new Error("the process has ended");
        return answer(request);
      });
      const on = new DeploymentFolder(folder.path, disk);
      finished = await resumeOn(planned, on, ending).catch((error: unknown) => {
        if (error instanceof AssertionError) throw error;
        return undefined;
      });
      disk = disk.restart(random);
    }

    const { manifest } = finished;
    const hashes = manifest.transactions.map(({ hash }) => hash);
    await expectDone({ series: plan, hashes, count: 0 });
    expect(runs).to.be.greaterThan(32);
    const text = disk.bytesOf(path.join(folder.path, "manifest.json")).toString("utf8");
    expect(JSON.parse(text)).to.deep.equal(JSON.parse(JSON.stringify(manifest)));
  });

  /**
   * Resumes as the command does: from the start in the folder. Nothing may be sent before it says
   * something.
   */
  async function resumeOn(
    planned: PlannedDeployment,
    on: DeploymentFolder,
    over: NetworkConnection,
  ): Promise<Awaited<ReturnType<typeof finishDeployment>>> {
    const beginning = await on.readBeginning();
    if (beginning === undefined)
      expect(await new Rpc(connection).transactionCount(DEPLOYER, "latest")).to.equal(0);
    else expect(beginning).to.deep.equal(planned.beginning);
    const run = { ...planned, rpc: new Rpc(over, 0), connection: over, folder: on };
    return finishDeployment(run, { sending: QUICK });
  }

  it("goes on with a node that is behind now and then (D5)", async function () {
    let count = 0;
    let [old, now] = [0n, 0n];
    const late = through(connection, async (request) => {
      const result = await answer(request);
      if (request.method !== "eth_getTransactionCount") return result;
      [old, now] = [now, BigInt(result as string)];
      count += 1;
      return count % 3 === 0 ? `0x${old.toString(16)}` : result;
    });

    await expectDone(await send(late));
  });

  it("goes on behind transactions that the deployer's wallet sent meanwhile, and says so (D4)", async function () {
    const lines: string[] = [];
    let sends = 0;
    const busy = through(connection, async (request) => {
      if (request.method === "eth_sendTransaction") sends += 1;
      if (request.method === "eth_sendTransaction" && sends === 9)
        for (let i = 0; i < 3; i++) await signer.sendTransaction({ to: STRANGER, value: 1n });
      return answer(request);
    });

    const sent = await send(busy, { log: (line) => lines.push(line) });

    await expectDone(sent, 3);
    expect(lines.filter((line) => line.includes("is no part of the deployment"))).to.have.length(3);
  });

  it("stops in a sentence when the deployer's wallet made a contract meanwhile", async function () {
    let sends = 0;
    const busy = through(connection, async (request) => {
      if (request.method === "eth_sendTransaction") sends += 1;
      if (request.method === "eth_sendTransaction" && sends === 9)
        await signer.sendTransaction({ data: "0x00" });
      return answer(request);
    });

    const error = await send(busy).catch((reason: unknown) => reason);

    expect(error).to.be.instanceOf(DeploymentError);
    expect(String(error)).to.include("begin another one with --deployment-id");
  });

  it("sends again, with another nonce, what reverted", async function () {
    let sends = 0;
    const poor = through(connection, async (request) => {
      if (request.method !== "eth_sendTransaction") return answer(request);
      sends += 1;
      const [transaction] = request.params as [object];
      if (sends !== 12) return answer(request);
      await answer({ ...request, params: [{ ...transaction, gas: "0x100000" }] }).catch(() => "");
      throw new Error("the answer is lost");
    });

    await expectDone(await send(poor), 1);
  });

  it("raises the fees of a transaction that is not mined, until it is", async function () {
    const fees: bigint[] = [];
    const slow = through(connection, async (request) => {
      if (request.method !== "eth_sendTransaction") return answer(request);
      const [transaction] = request.params as [{ nonce: string; maxFeePerGas: string }];
      if (Number(transaction.nonce) !== (plan.steps[3]?.nonce ?? 0)) return answer(request);
      fees.push(BigInt(transaction.maxFeePerGas));
      if (fees.length === 1)
        await connection.provider.request({ method: "evm_setAutomine", params: [false] });
      const hash = await answer(request);
      if (fees.length === 3) {
        await connection.provider.request({ method: "evm_setAutomine", params: [true] });
        await networkHelpers.mine(1);
      }
      return hash;
    });

    await expectDone(await send(slow));
    expect(fees).to.have.length(3);
    expect((fees[1] ?? 0n) > (fees[0] ?? 0n) && (fees[2] ?? 0n) > (fees[1] ?? 0n)).to.equal(true);
  });

  it("pays more when the base fee has gone up sevenfold since it was read", async function () {
    let sends = 0;
    const rising = through(connection, async (request) => {
      if (request.method === "eth_sendTransaction") {
        sends += 1;
        if (sends % 9 === 0) {
          const { baseFeePerGas } = (await ethers.provider.getBlock("latest")) ?? {};
          await networkHelpers.setNextBlockBaseFeePerGas(7n * (baseFeePerGas ?? 1n));
        }
      }
      return answer(request);
    });

    await expectDone(await send(rising));
    expect(sends).to.be.greaterThan(plan.steps.length);
  });

  it("stops in a sentence when the deployer has no more money, and goes on when it has", async function () {
    const broke = through(connection, async (request) => {
      const [{ nonce = "" } = {}] = (request.params ?? []) as { nonce?: string }[];
      if (request.method === "eth_sendTransaction" && Number(nonce) === 11)
        await networkHelpers.setBalance(DEPLOYER, 1n);
      return answer(request);
    });

    const error = await send(broke).catch((reason: unknown) => reason);
    await networkHelpers.setBalance(DEPLOYER, 10n ** 22n);

    expect(error).to.be.instanceOf(DeploymentError);
    expect(String(error)).to.match(
      /has too little for .+ Fund it, then run the same command again\.$/,
    );
    expect(await new Rpc(connection).transactionCount(DEPLOYER, "latest")).to.equal(11);
    await expectDone(await send());
  });

  it("waits for the confirmations that the network asks for", async function () {
    const lines: string[] = [];
    const log = (line: string) => {
      lines.push(line);
      if (line.includes("confirm")) void networkHelpers.mine(1);
    };

    await send(connection, { confirmations: 4, log });

    expect(lines.filter((line) => line.includes("more blocks confirm"))).to.have.length(3);
  });

  for (const [name, returns] of [
    ["sends again what a reorganisation removes while it waits for confirmations", false],
    ["finds transactions again that a reorganisation moves into other blocks", true],
  ] as const) {
    it(name, async function () {
      const LAST = 5;
      const kept = plan.steps.length - LAST;
      const removed: unknown[] = [];
      let fork: Awaited<ReturnType<typeof networkHelpers.takeSnapshot>> | undefined;
      let [sends, lookups] = [0, 0];
      const forked = through(connection, async (request) => {
        if (request.method === "eth_sendTransaction") {
          if (sends === kept) fork = await networkHelpers.takeSnapshot();
          if (sends >= kept) removed.push(request.params);
          sends += 1;
        }
        // The node reorganises in the moment in which the last confirmation arrives.
        if (request.method === "eth_blockNumber" && sends === plan.steps.length) {
          lookups += 1;
          if (lookups === 2) {
            await fork?.restore();
            await networkHelpers.mine(2);
            if (returns)
              for (const params of removed.slice())
                await connection.provider.request({ method: "eth_sendTransaction", params } as {
                  method: string;
                  params: unknown[];
                });
            await networkHelpers.mine(9);
          }
        }
        return answer(request);
      });
      const lines: string[] = [];
      const log = (line: string) => {
        lines.push(line);
        if (sends > plan.steps.length) void networkHelpers.mine(4);
      };

      const sent = await send(forked, { confirmations: 4, log });

      await expectDone(sent);
      expect(sent.count).to.equal(plan.steps.length + (returns ? 0 : LAST));
      expect(lines.filter((line) => line.includes("reorganised"))).to.deep.equal([
        `The chain was reorganised: ${LAST} transactions are not where they were. Each is looked up, and sent again if it is gone.`,
      ]);
    });
  }
});

describe("the folder of a deployment", function () {
  const BEGINNING = {
    chainId: "31337",
    firstBlockHash: `0x${"1".repeat(64)}`,
    deployer: DEPLOYER,
    firstNonce: 7,
    block: 3,
    parameters: { name: "local", sha256: "00" },
  };

  it("reads a beginning that is whole, and none that is cut off at any length (D3)", function () {
    const text = JSON.stringify(BEGINNING, null, 2);

    expect(parseBeginning(text)).to.deep.equal(BEGINNING);
    for (let length = 0; length < text.length; length++)
      expect(parseBeginning(text.slice(0, length))).to.equal(undefined);
  });

  it("keeps what it replaces", async function () {
    const folder = new DeploymentFolder(mkdtempSync(path.join(tmpdir(), "deployment-")));
    await folder.writeBeginning(BEGINNING);
    await folder.writeBeginning({ ...BEGINNING, firstNonce: 8 });

    expect((await folder.readBeginning())?.firstNonce).to.equal(8);
    const aside = readFileSync(path.join(folder.path, "deployment.json.1"), "utf8");
    expect(parseBeginning(aside)?.firstNonce).to.equal(7);
    rmSync(folder.path, { recursive: true });
  });
});
