import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import path from "node:path";

import { expect } from "chai";
import hre from "hardhat";
import type { ResolvedConfigurationVariable } from "hardhat/types/config";

import {
  openDeployment,
  openNetwork,
  reportVerdict,
  requireNetworkName,
} from "../../deploy/lib/command.js";
import { deploymentFolder, manifestPath } from "../../deploy/lib/deploy.js";
import { CONTRACTS, readManifest } from "../../deploy/lib/manifest.js";
import { hashParameters, loadParameters } from "../../deploy/parameters/reader.js";
import { readPort, requireFreePort } from "../../scripts/node/port.js";
import { PARAMETERS } from "../support/suite.js";

const KEY = `0x${"1".repeat(64)}`;

/** Variables of the environment during a test. */
let kept: NodeJS.ProcessEnv;

function set(variables: Record<string, string>): void {
  Object.assign(process.env, variables);
}

/** A variable of Hardhat's configuration with a value. */
function variable(value: string): ResolvedConfigurationVariable {
  return {
    ...{ _type: "ResolvedConfigurationVariable", format: "{variable}" },
    get: () => Promise.resolve(value),
    getUrl: () => Promise.resolve(value),
    getBigInt: () => Promise.resolve(BigInt(value)),
    getHexString: () => Promise.resolve(value),
  };
}

/** The message of the error that something ends with. */
async function messageOf(run: Promise<unknown>): Promise<string> {
  return run.then(
    () => "no error",
    (error: unknown) => (error as Error).message,
  );
}

describe("deployment commands (INT-2)", function () {
  let server: Server;
  let port: number;

  before(async function () {
    // A node of which only the chain id is asked.
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (part: Buffer) => (body += part.toString()));
      request.on("end", () => {
        const { id } = JSON.parse(body) as { id: number };
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ jsonrpc: "2.0", id, result: "0xaa36a7" }));
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    ({ port } = server.address() as AddressInfo);
  });

  after(async function () {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });

  beforeEach(function () {
    kept = { ...process.env };
  });

  afterEach(function () {
    for (const name of Object.keys(process.env))
      if (!(name in kept)) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, kept);
  });

  it("need a network that there is", function () {
    expect(requireNetworkName("sepolia")).to.equal("sepolia");
    expect(() => requireNetworkName(undefined)).to.throw("Name the network with --network.");
    expect(() => requireNetworkName("moon")).to.throw(
      'There is no network "moon"; there are: localhost, sepolia, ',
    );
  });

  it("need parameters that there are, and an id that is no path", function () {
    expect(() => loadParameters("moon")).to.throw('There are no parameters named "moon"; there ');
    expect(() => deploymentFolder("../x")).to.throw('"../x" is no deployment id: a letter, then ');
  });

  it("need a manifest, before they connect", async function () {
    const id = "test-none";
    const file = path.relative(process.cwd(), manifestPath(id));

    const message = await messageOf(
      openDeployment({ network: "localhost", "deployment-id": id }, { sends: false }),
    );

    expect(message).to.equal(`There is no manifest at ${file}; deploy first.`);
    expect(() => readManifest(manifestPath(id))).to.throw(message);
  });

  it("need a manifest of the network's chain", async function () {
    const id = `test-command-${process.pid}`;
    const hash = `0x${"1".repeat(64)}`;
    const entry = {
      address: hash.slice(0, 42),
      codeHash: hash,
      constructorArguments: "0x",
      abi: [],
    };
    const contracts = Object.fromEntries(Object.values(CONTRACTS).map((name) => [name, entry]));
    const manifest = {
      ...{ chainId: 5, network: "sepolia", commit: "", deployer: entry.address, contracts },
      parameters: { name: "testnet", sha256: "00" },
      compiler: { version: "", settings: "" },
      ...{ deploymentBlock: 0, transactions: [], others: {} },
    };
    mkdirSync(deploymentFolder(id), { recursive: true });
    writeFileSync(manifestPath(id), JSON.stringify(manifest));
    set({ SEPOLIA_RPC_URL: `http://127.0.0.1:${port}` });

    const message = await messageOf(
      openDeployment({ network: "sepolia", "deployment-id": id }, { sends: false }),
    );
    rmSync(deploymentFolder(id), { recursive: true });

    expect(message).to.equal("sepolia is chain 11155111; the manifest is of chain 5.");
  });

  const REFUSED: [string, { url?: string; key?: string }, string][] = [
    [
      "no address",
      { url: "" },
      'SEPOLIA_RPC_URL is not set; put it into .env, or run "npx hardhat keystore set SEPOLIA_RPC_URL".',
    ],
    [
      "an address that is none",
      { url: "notaurl" },
      "SEPOLIA_RPC_URL is not an address like https://host/path.",
    ],
    [
      "no key of the deployer",
      { key: "" },
      'DEPLOYER_PRIVATE_KEY is not set; put it into .env, or run "npx hardhat keystore set DEPLOYER_PRIVATE_KEY".',
    ],
    [
      "a key that is none",
      { key: "0x12" },
      "DEPLOYER_PRIVATE_KEY is not a private key, 0x and 64 hexadecimal digits.",
    ],
  ];
  for (const [name, changes, expected] of REFUSED) {
    it(`are refused with ${name}`, async function () {
      const config = hre.config.networks["sepolia"];
      if (config?.type !== "http") throw new Error("no configuration of Sepolia");
      const { url, accounts } = config;
      // Hardhat reads a variable once in a process.
      config.url = variable(changes.url ?? `http://127.0.0.1:${port}`);
      config.accounts = [variable(changes.key ?? KEY)];

      const message = await messageOf(openNetwork("sepolia", { sends: true }));
      Object.assign(config, { url, accounts });

      expect(message).to.equal(expected);
    });
  }

  it("are refused if the node of a public network is on another chain", async function () {
    set({ BASE_SEPOLIA_RPC_URL: `http://127.0.0.1:${port}`, DEPLOYER_PRIVATE_KEY: KEY });

    expect(await messageOf(openNetwork("baseSepolia", { sends: true }))).to.equal(
      "The node of baseSepolia is on chain 11155111, not 84532; check BASE_SEPOLIA_RPC_URL.",
    );
  });

  it("are refused if no node answers", async function () {
    const closed = createServer().listen(0, "127.0.0.1");
    await once(closed, "listening");
    const { port: nobody } = closed.address() as AddressInfo;
    closed.close();
    await once(closed, "close");
    set({ OP_SEPOLIA_RPC_URL: `http://127.0.0.1:${nobody}`, DEPLOYER_PRIVATE_KEY: KEY });

    expect(await messageOf(openNetwork("opSepolia", { sends: true }))).to.equal(
      'No node answers at the address of "opSepolia"; check OP_SEPOLIA_RPC_URL.',
    );
  });

  it("are refused with every variable that a parameter file misses, at once", function () {
    const addresses = [
      ...["PROPOSAL_GUARDIAN", "PAUSE_GUARDIAN", "REPORTER", "VERIFIER_1", "VERIFIER_2"],
      ...["VERIFIER_3", "ECOSYSTEM", "CONTRIBUTORS", "ADVISORS", "OPERATIONS", "ONBOARDING"],
    ].map((name, i): [string, string] => [
      `OPA_${name}_ADDRESS`,
      `0x${(i + 1).toString(16).padStart(40, "0")}`,
    ]);
    const all = Object.fromEntries(addresses);
    const missing = { ...all, OPA_ECOSYSTEM_ADDRESS: "", OPA_ADVISORS_ADDRESS: "" };

    expect(loadParameters("testnet", all).name).to.equal("testnet");
    let lines: string[] = [];
    try {
      loadParameters("testnet", missing);
    } catch (error) {
      lines = (error as Error).message.split("\n");
    }
    for (const name of ["OPA_ECOSYSTEM_ADDRESS", "OPA_ADVISORS_ADDRESS"])
      expect(lines.filter((line) => line.includes(name))).to.have.length(1);
    for (const line of lines) expect(line).to.match(/^\S.+\.$/);
  });

  it("name a port of the local node that is taken, and one that is none", async function () {
    expect(await messageOf(requireFreePort(port))).to.match(
      new RegExp(`^Port ${port} is taken, .+ or name another port with --port `),
    );
    expect(await messageOf(requireFreePort(0))).to.equal("no error");
    expect(() => readPort("65536", 1)).to.throw('"65536" is not a port: a number from 1 to 65535.');
  });

  describe("reportVerdict", function () {
    const { log, error } = console;
    let lines: string[];

    beforeEach(function () {
      lines = [];
      console.log = console.error = (text: unknown) => lines.push(String(text));
    });

    afterEach(function () {
      Object.assign(console, { log, error });
    });

    it("names the parameter file and its fingerprint when there is no difference", function () {
      reportVerdict({ differences: [], notes: [] }, PARAMETERS);
      reportVerdict({ differences: [], notes: ["A decision."] }, PARAMETERS);

      const fingerprint = `Fingerprint of its values: ${hashParameters(PARAMETERS)}.`;
      const says = "The chain is what deploy/parameters/local.json5 says";
      expect(lines).to.deep.equal([
        ...[`${says}.`, fingerprint, "A decision."],
        ...[`${says}, and what was decided since is listed above.`, fingerprint],
      ]);
    });

    it("lists differences, and fails with their number", function () {
      const difference = { what: "chain of local.json5", expected: "a", actual: "b" };

      expect(() => {
        reportVerdict({ differences: [difference], notes: [] }, PARAMETERS);
      }).to.throw("Differences between the chain and the files: 1.");
      expect(lines).to.deep.equal(["chain of local.json5: expected a, found b."]);
    });
  });
});
