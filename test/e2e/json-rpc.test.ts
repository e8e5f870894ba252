import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { Contract, HDNodeWallet, JsonRpcProvider } from "ethers";

import { deploymentFolder, manifestPath } from "../../deploy/lib/deploy.js";
import { readManifest, type Manifest } from "../../deploy/lib/manifest.js";
import { startLocalNode, type LocalNode } from "../support/local-node.js";
import { ROOT, SCRIPT_FLAGS } from "../support/script-process.js";

const DEPLOYER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
/** Phrase of the accounts of every local node, known to everybody. */
const DEVELOPMENT_PHRASE = `${"test ".repeat(11)}junk`;

const DEPLOYMENT = `test-${process.pid}`;

/** Output and exit code of a command. */
interface Outcome {
  code: number | null;
  output: string;
  errors: string;
}

/** Runs a script as `npm run` would, against a node. */
async function run({ url }: LocalNode, script: string, ...args: string[]): Promise<Outcome> {
  return runWith({ LOCALHOST_RPC_URL: url }, script, ...args);
}

/** The same with other environment variables. */
async function runWith(
  variables: NodeJS.ProcessEnv,
  script: string,
  ...args: string[]
): Promise<Outcome> {
  const env = { ...process.env, ...variables };
  const file = path.join(ROOT, "scripts", script);
  const child = spawn(process.execPath, [...SCRIPT_FLAGS, file, ...args], { cwd: ROOT, env });
  let output = "";
  let errors = "";
  child.stdout.on("data", (data: Buffer) => (output += data.toString()));
  child.stderr.on("data", (data: Buffer) => (errors += data.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output, errors: errors.trim() };
}

/** The last lines of a verification that found no difference. */
function saysThatItIs(parameters: string, manifest: Manifest): string {
  return `The chain is what deploy/parameters/${parameters}.json5 says.\nFingerprint of its values: ${manifest.parameters.sha256}.\n`;
}

describe("commands over JSON-RPC", function () {
  const target = ["--network", "localhost", "--no-build", "--deployment-id", DEPLOYMENT];
  const observed = target.filter((argument) => argument !== "--no-build");
  let node: LocalNode;
  let provider: JsonRpcProvider;

  before(async function () {
    node = await startLocalNode();
    provider = new JsonRpcProvider(node.url);
  });

  after(async function () {
    provider.destroy();
    await node.stop();
    for (const folder of [deploymentFolder(DEPLOYMENT), `${deploymentFolder(DEPLOYMENT)}.1`])
      rmSync(folder, { recursive: true, force: true });
  });

  it("deploys, verifies and writes the manifest", async function () {
    const { code, output, errors } = await run(node, "deploy-suite.ts", ...target);

    expect(errors).to.equal("");
    expect(output).to.include("ecosystem: 120000000 OPA released to");
    expect(output).to.include(
      "The Governor alone proposes to the timelock, which administers every role; the deployer has none.",
    );
    expect(output).to.include("The chain is what deploy/parameters/local.json5 says.");
    expect(code).to.equal(0);
    const manifest = readManifest(manifestPath(DEPLOYMENT));
    expect([manifest.chainId, manifest.network]).to.deep.equal([31_337, "localhost"]);
    expect([manifest.parameters.name, manifest.deployer]).to.deep.equal(["local", DEPLOYER]);
    for (const { address } of Object.values(manifest.contracts)) {
      expect(await provider.getCode(address)).to.not.equal("0x");
    }
  });

  it("does nothing a second time", async function () {
    const nonce = await provider.getTransactionCount(DEPLOYER);
    const manifest = readFileSync(manifestPath(DEPLOYMENT), "utf8");

    const { code, output } = await run(node, "deploy-suite.ts", ...target);

    expect(output).to.match(/^Nothing to do: everything is deployed\.\nThe chain is what /);
    expect(code).to.equal(0);
    expect(await provider.getTransactionCount(DEPLOYER)).to.equal(nonce);
    expect(readFileSync(manifestPath(DEPLOYMENT), "utf8")).to.equal(manifest);
  });

  it("verifies again", async function () {
    const manifest = readManifest(manifestPath(DEPLOYMENT));

    expect(await run(node, "verify-deployment.ts", ...target)).to.deep.equal({
      code: 0,
      output: saysThatItIs("local", manifest),
      errors: "",
    });
  });

  it("observes each condition of the reserve, and says that none is true", async function () {
    const { contracts } = readManifest(manifestPath(DEPLOYMENT));
    const reserve = new Contract(
      contracts.SystemReserve.address,
      contracts.SystemReserve.abi,
      provider,
    );

    const { code, output, errors } = await run(node, "observe-reserve.ts", ...observed);

    expect([code, errors]).to.deep.equal([0, ""]);
    const lines = output.trim().split("\n");
    expect(lines.map((line) => line.replace(/0x\w{40}/, "0x"))).to.deep.equal([
      "stage-cap at 0x is not true.",
    ]);
    const block = await provider.getBlock("latest");
    for (const line of lines) {
      const condition = /0x\w{40}/.exec(line)?.[0];
      const { seenAt } = (await reserve.getFunction("watchOf")(condition)) as { seenAt: bigint };
      expect(Number(seenAt)).to.be.within((block?.timestamp ?? 0) - 60, block?.timestamp ?? 0);
    }
  });

  it("reports a difference and fails", async function () {
    const { contracts } = readManifest(manifestPath(DEPLOYMENT));
    const { address } = contracts.NodeRegistry;
    const code = await provider.getCode(address);
    await provider.send("hardhat_setCode", [address, "0x00"]);

    const outcome = await run(node, "verify-deployment.ts", ...target);
    await provider.send("hardhat_setCode", [address, code]);

    expect(outcome.errors).to.match(
      /^code of NodeRegistry \(Nodes#NodeRegistry\): expected 0x\w+, found 0x\w+\.\n/,
    );
    expect(outcome.errors).to.include("Differences between the chain and the files: 1.");
    expect(outcome.code).to.equal(1);
  });

  it("deploys again on a node that was started anew", async function () {
    await node.stop();
    node = await startLocalNode({ port: node.port });

    const { code, output } = await run(node, "deploy-suite.ts", ...target);

    expect(output).to.match(
      /^The local chain was started anew; its earlier deployment is kept as \S+\.1\.\n/,
    );
    expect(output).to.include("The chain is what deploy/parameters/local.json5 says.");
    expect(code).to.equal(0);
  });

  describe("a public network", function () {
    const id = `${DEPLOYMENT}-public`;
    const args = ["--network", "sepolia", "--no-build", "--deployment-id", id];
    const beneficiary = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
    let variables: NodeJS.ProcessEnv;
    let other: LocalNode;
    let otherProvider: JsonRpcProvider;

    before(async function () {
      other = await startLocalNode({ chainId: 11_155_111 });
      otherProvider = new JsonRpcProvider(other.url);
      variables = {
        SEPOLIA_RPC_URL: other.url,
        DEPLOYER_PRIVATE_KEY: HDNodeWallet.fromPhrase(DEVELOPMENT_PHRASE).privateKey,
        OPA_PROPOSAL_GUARDIAN_ADDRESS: beneficiary,
        OPA_PAUSE_GUARDIAN_ADDRESS: "0x0000000000000000000000000000000000000009",
        OPA_REPORTER_ADDRESS: "0x000000000000000000000000000000000000000a",
        OPA_VERIFIER_1_ADDRESS: "0x0000000000000000000000000000000000000001",
        OPA_VERIFIER_2_ADDRESS: "0x0000000000000000000000000000000000000002",
        OPA_VERIFIER_3_ADDRESS: "0x0000000000000000000000000000000000000003",
        OPA_ECOSYSTEM_ADDRESS: beneficiary,
        OPA_CONTRIBUTORS_ADDRESS: beneficiary,
        OPA_ADVISORS_ADDRESS: beneficiary,
        OPA_OPERATIONS_ADDRESS: beneficiary,
        OPA_ONBOARDING_ADDRESS: beneficiary,
      };
    });

    after(async function () {
      otherProvider.destroy();
      await other.stop();
      rmSync(deploymentFolder(id), { recursive: true, force: true });
    });

    it("is shown the plan and sent nothing without CONFIRM=1", async function () {
      const { code, output } = await runWith(variables, "deploy-suite.ts", ...args);

      expect(output).to.include(`operations: 56000000 OPA released to ${beneficiary}`);
      expect(output).to.match(/^Network: sepolia \(Sepolia\), chain 11155111\.\n/);
      for (const part of [
        "Deployer: 0x",
        "Transactions: ",
        "Gas: ",
        "Cost: about ",
        "Time: about ",
      ])
        expect(output).to.include(part);
      expect(output).to.match(/Nothing was sent\. Set CONFIRM=1 to deploy\.\n$/);
      expect(code).to.equal(0);
      expect(await otherProvider.getTransactionCount(DEPLOYER)).to.equal(0);
    });

    it("is refused to a deployer without money, with the cost", async function () {
      const poor = { ...variables, DEPLOYER_PRIVATE_KEY: `0x${"1".repeat(64)}`, CONFIRM: "1" };

      const { code, errors } = await runWith(poor, "deploy-suite.ts", ...args);

      expect(errors).to.match(
        /^0x\w{40} has 0\.0 ETH on sepolia; the deployment costs about 0\.\d+ ETH\./,
      );
      expect(code).to.equal(1);
    });

    it("is deployed to and verified with CONFIRM=1", async function () {
      const confirmed = { ...variables, CONFIRM: "1" };
      await otherProvider.send("evm_setIntervalMining", [200]);

      const deployed = await runWith(confirmed, "deploy-suite.ts", ...args);
      const verified = await runWith(variables, "verify-deployment.ts", ...args);

      expect(deployed.errors).to.equal("");
      const says = saysThatItIs("testnet", readManifest(manifestPath(id)));
      expect(deployed.output).to.include(says);
      expect(verified.output).to.equal(says);
      expect([deployed.code, verified.code]).to.deep.equal([0, 0]);
    });
  });
});
