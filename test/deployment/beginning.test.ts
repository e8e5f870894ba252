import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { ZeroAddress } from "ethers";
import hre, { network } from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";

import {
  defaultDeploymentId,
  deploymentFolder,
  finishDeployment,
  manifestPath,
  planDeployment,
  type PlannedDeployment,
} from "../../deploy/lib/deploy.js";
import type { Manifest } from "../../deploy/lib/manifest.js";
import { Rpc } from "../../deploy/lib/rpc.js";
import { NETWORKS } from "../../deploy/networks.js";
import { verifyDeployment } from "../../deploy/verify/verify.js";
import { through } from "../support/series.js";
import { PARAMETERS } from "../support/suite.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const [signer] = await ethers.getSigners();
if (!signer) throw new Error("one signer expected");
const deployer = signer;

const SENDING = { confirmations: 1, pollMs: 1, patienceMs: 1_000 };
const ID = `test-beginning-${process.pid}`;
const COPY = `${ID}-copy`;
const BEGINNING = path.join(deploymentFolder(ID), "deployment.json");
const HASHES = path.join(deploymentFolder(ID), "transactions.jsonl");

/** The deployer did something else before. */
async function used() {
  for (let i = 0; i < 3; i++) await deployer.sendTransaction({ to: ZeroAddress, value: 1n });
}

/** Plans on the chain of this test, and records the messages. */
async function plan(id = ID): Promise<{ planned: PlannedDeployment; lines: string[] }> {
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  const planned = await planDeployment(connection, PARAMETERS, { deploymentId: id, log });
  return { planned, lines };
}

/** Sends until the node is gone after so many transactions. */
async function sendSome(planned: PlannedDeployment, count: number): Promise<void> {
  let left = count;
  const ending: NetworkConnection = through(connection, async (request) => {
    if (left === 0) throw new Error("the process has ended");
    if (request.method === "eth_sendTransaction") left -= 1;
    return connection.provider.request(request);
  });
  const run = { ...planned, connection: ending, rpc: new Rpc(ending, 0) };
  const error = await finishDeployment(run, { sending: SENDING }).catch(
    (reason: unknown) => reason,
  );
  expect(String(error)).to.include("does not answer");
}

describe("the beginning of a deployment (INT-2)", function () {
  afterEach(function () {
    for (const id of [ID, COPY, `${ID}-second`])
      rmSync(deploymentFolder(id), { recursive: true, force: true });
  });

  const LOSSES: [string, () => void][] = [
    [
      "is lost",
      () => {
        rmSync(BEGINNING);
      },
    ],
    [
      "is cut off, and the list of hashes with it",
      () => {
        cutOff(BEGINNING, HASHES);
      },
    ],
  ];
  for (const [name, lose] of LOSSES) {
    it(`is read from the chain when its file ${name}`, async function () {
      await networkHelpers.loadFixture(used);
      const first = await plan();
      await sendSome(first.planned, 7);
      lose();

      const again = await plan();
      const { manifest } = await finishDeployment(again.planned, { sending: SENDING });

      expect(first.lines).to.deep.equal([]);
      expect(again.lines).to.deep.equal([
        `Where the deployment began was read from the chain: nonce 3 of ${deployer.address}.`,
      ]);
      expect(again.planned.beginning).to.deep.equal(first.planned.beginning);
      expect(again.planned.done).to.equal(7);
      expect(manifest.transactions[0]?.nonce).to.equal(3);
      expect(await verifyDeployment(connection, manifest, PARAMETERS)).to.deep.equal({
        differences: [],
        notes: [],
      });
    });
  }

  it("is that of the noted hashes when the account began another deployment later", async function () {
    await networkHelpers.loadFixture(used);
    const first = await plan();
    await sendSome(first.planned, 2);
    const second = await plan(`${ID}-second`);
    await sendSome(second.planned, 2);
    rmSync(BEGINNING);

    const again = await plan();

    expect(second.planned.beginning.firstNonce).to.equal(5);
    expect(again.planned.beginning).to.deep.equal(first.planned.beginning);
  });

  it("is found in a copy of the folder on another machine, which a commit brought there", async function () {
    await networkHelpers.loadFixture(used);
    const first = await plan();
    await sendSome(first.planned, 7);
    // A commit carries contents, not times; a Windows checkout changes the ends of lines.
    const names = readdirSync(deploymentFolder(ID)).sort();
    mkdirSync(deploymentFolder(COPY));
    for (const name of names) {
      const text = readFileSync(path.join(deploymentFolder(ID), name), "utf8");
      expect(text).to.not.include(hre.config.paths.root);
      writeFileSync(path.join(deploymentFolder(COPY), name), text.replaceAll("\n", "\r\n"));
    }
    rmSync(deploymentFolder(ID), { recursive: true });

    const again = await plan(COPY);
    const { manifest, transactions } = await finishDeployment(again.planned, { sending: SENDING });

    expect(names).to.deep.equal(["deployment.json", "transactions.jsonl"]);
    expect(again.lines).to.deep.equal([]);
    expect(again.planned.beginning).to.deep.equal(first.planned.beginning);
    expect(again.planned.done).to.equal(7);
    expect(transactions).to.equal(again.planned.series.steps.length - 7);
    expect(await verifyDeployment(connection, manifest, PARAMETERS)).to.deep.equal({
      differences: [],
      notes: [],
    });
  });

  it("does nothing in a copy of a finished folder, whose manifest and commit stay", async function () {
    await networkHelpers.loadFixture(used);
    const first = await plan();
    await finishDeployment(first.planned, { sending: SENDING });
    const text = readFileSync(manifestPath(ID), "utf8");
    const { commit } = JSON.parse(text) as Manifest;
    const older = text.replace(`"commit": "${commit}"`, `"commit": "${"0".repeat(40)}"`);
    cpSync(deploymentFolder(ID), deploymentFolder(COPY), { recursive: true });
    rmSync(deploymentFolder(ID), { recursive: true });
    writeFileSync(manifestPath(COPY), older);

    const again = await plan(COPY);
    const { manifest, transactions } = await finishDeployment(again.planned, { sending: SENDING });

    expect(older).to.not.equal(text);
    expect(transactions).to.equal(0);
    expect(manifest.commit).to.equal("0".repeat(40));
    expect(readFileSync(manifestPath(COPY), "utf8")).to.equal(older);
    expect(readdirSync(deploymentFolder(COPY)).sort()).to.deep.equal([
      ...["deployment.json", "manifest.json", "transactions.jsonl"],
    ]);
  });

  it("is not left out of a commit, on any public network", function () {
    const options = { cwd: hre.config.paths.root, encoding: "utf8" as const };
    for (const { chainId, isPublic } of Object.values(NETWORKS))
      for (const name of ["deployment.json", "transactions.jsonl", "manifest.json"]) {
        const file = path.join(deploymentFolder(defaultDeploymentId(chainId)), name);
        const { status } = spawnSync("git", ["check-ignore", "--quiet", file], options);
        expect(status, file).to.equal(isPublic ? 1 : 0);
      }
  });

  it("is the next nonce when the folder holds nothing of a deployment", async function () {
    await networkHelpers.loadFixture(used);
    mkdirSync(deploymentFolder(ID), { recursive: true });
    writeFileSync(BEGINNING, '{"chainId": "31337", "fir');

    const { planned, lines } = await plan();

    expect(lines).to.deep.equal([]);
    expect([planned.beginning.firstNonce, planned.done]).to.deep.equal([3, 0]);
  });
});

function cutOff(...files: string[]): void {
  for (const file of files) writeFileSync(file, '{"nonce": 3, "ha');
}
