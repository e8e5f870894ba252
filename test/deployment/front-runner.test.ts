import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import { Interface, ZeroAddress, ZeroHash, type ParamType } from "ethers";
import hre, { network } from "hardhat";

import { describeDeployment, listCreations } from "../../deploy/lib/describe.js";
import { DeploymentFolder } from "../../deploy/lib/folder.js";
import { Rpc } from "../../deploy/lib/rpc.js";
import { sendSeries } from "../../deploy/lib/send.js";
import { verifyDeployment } from "../../deploy/verify/verify.js";
import { planLocal, through } from "../support/series.js";
import { PARAMETERS } from "../support/suite.js";

const GAS = "0x7a1200"; // of each call

// A block has room for all calls before a transaction.
const connection = await network.create({ override: { blockGasLimit: 2_000_000_000n } });
const [deployer, stranger] = await connection.ethers.getSigners();
if (!deployer || !stranger) throw new Error("two signers expected");
const plan = await planLocal(connection);

/** The zero value of an ABI type, in the shape ethers encodes. */
function zeroOf(type: ParamType): unknown {
  if (type.isArray()) return [];
  if (type.isTuple()) return type.components.map(zeroOf);
  if (type.type === "string") return "";
  if (type.type === "bytes") return "0x";
  if (type.type === "bytes32") return ZeroHash;
  if (type.type.startsWith("bytes")) return `0x${"00".repeat(Number(type.type.slice(5)))}`;
  if (type.type === "bool") return false;
  return type.type === "address" ? ZeroAddress : 0;
}

/** Every function of every contract that can change something, as calls with arguments of zero. */
async function listCalls(): Promise<{ to: string; data: string; nonce: number }[]> {
  const calls: { to: string; data: string; nonce: number }[] = [];
  for (const { creation, index } of listCreations(plan)) {
    const { abi } = await hre.artifacts.readArtifact(creation.contract);
    const contract = Interface.from(abi);
    const nonce = plan.steps[index]?.nonce ?? 0;
    contract.forEachFunction((fragment) => {
      if (fragment.constant) return;
      const data = contract.encodeFunctionData(fragment, fragment.inputs.map(zeroOf));
      calls.push({ to: creation.address, data, nonce });
    });
  }
  return calls;
}

describe("front-runners of a deployment (INT-2)", function () {
  const folder = mkdtempSync(path.join(tmpdir(), "deployment-"));

  after(function () {
    rmSync(folder, { recursive: true });
  });

  it("stop nothing, whatever they call before each transaction, the deployer's own call included", async function () {
    const calls = await listCalls();
    const { provider } = connection;
    /** Sends calls of the stranger, all in one block. */
    const attempt = async (attempts: readonly { to: string | undefined; data: string }[]) => {
      await provider.request({ method: "evm_setAutomine", params: [false] });
      for (const { to, data } of attempts) {
        const sent = { from: stranger.address, to, data, gas: GAS };
        await provider.request({ method: "eth_sendTransaction", params: [sent] });
      }
      await provider.request({ method: "evm_mine" });
      await provider.request({ method: "evm_setAutomine", params: [true] });
      const block = await connection.ethers.provider.getBlock("latest");
      expect(block?.length).to.equal(attempts.length);
    };
    const crowded = through(connection, async (request) => {
      if (request.method === "eth_estimateGas") {
        const [{ to, data }] = request.params as [{ to?: string; data: string }];
        const done = await deployer.getNonce();
        const stages = Object.values(PARAMETERS.curves).slice(0, done);
        await attempt([
          ...calls.filter(({ nonce }) => nonce < done),
          ...stages.map((curve) => ({ to: plan.addresses["vault"], data: createCurve(curve) })),
          ...(to === undefined ? [] : [{ to, data }]),
        ]);
      }
      return provider.request(request);
    });

    const rpc = new Rpc(crowded, 0);
    const sent = await sendSeries(
      rpc,
      new DeploymentFolder(folder),
      deployer.address,
      0,
      () => Promise.resolve(plan),
      { confirmations: 1, pollMs: 1, patienceMs: 1_000, log: () => undefined },
    );

    const { address } = deployer;
    const manifest = await describeDeployment(new Rpc(connection), PARAMETERS, address, 0, sent);
    expect(sent.count).to.equal(plan.steps.length);
    expect(calls.length).to.be.greaterThan(100);
    expect(await verifyDeployment(connection, manifest, PARAMETERS)).to.deep.equal({
      differences: [],
      notes: [],
    });
  });
});

/** The call that stores a curve. */
function createCurve(stages: readonly object[]): string {
  const vault = new Interface([
    "function createCurve(tuple(uint40 offset, uint32 share, bool linear)[])",
  ]);
  return vault.encodeFunctionData("createCurve", [stages]);
}
