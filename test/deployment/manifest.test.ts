import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";

import { DeploymentError } from "../../deploy/lib/error.js";
import { DeploymentFolder } from "../../deploy/lib/folder.js";
import { readManifest, type Manifest } from "../../deploy/lib/manifest.js";

const entry = {
  contract: "Any",
  address: `0x${"1".repeat(40)}`,
  codeHash: `0x${"2".repeat(64)}`,
  constructorArguments: "0x",
  transaction: `0x${"3".repeat(64)}`,
  abi: ["function peek() view returns (uint256)"],
};
const MANIFEST: Manifest = {
  chainId: 31_337,
  network: "localhost",
  parameters: { name: "local", sha256: "00" },
  compiler: { version: "0.8.37", settings: "{}" },
  commit: "",
  deployer: entry.address,
  deploymentBlock: 0,
  transactions: [{ nonce: 0, hash: entry.transaction, label: "Any#Any" }],
  others: {},
  contracts: {
    AccessManager: entry,
    SystemTimelock: entry,
    GenesisFactory: entry,
    Genesis: entry,
    OPAToken: entry,
    ReleaseVault: entry,
    ResourceRegistry: entry,
    LoadPricePolicy: entry,
    AccessPolicy: entry,
    Meter: entry,
    MeterExtension: entry,
    NodeRegistry: entry,
    NodeSlashing: entry,
    IncentiveVault: entry,
    IncentivePool: entry,
    Attestations: entry,
    Settlement: entry,
    SystemDirectory: entry,
    GovernanceLock: entry,
    OPAGovernor: entry,
    SystemReserve: entry,
    StageCapCondition: entry,
    SystemLens: entry,
  },
};

describe("manifest", function () {
  let folder: string;
  let file: string;

  beforeEach(function () {
    folder = mkdtempSync(path.join(tmpdir(), "manifest-"));
    file = path.join(folder, "manifest.json");
  });

  afterEach(function () {
    rmSync(folder, { recursive: true });
  });

  it("reads back what was written", async function () {
    await new DeploymentFolder(folder).writeManifest(MANIFEST);

    expect(readManifest(file)).to.deep.equal(MANIFEST);
  });

  it("stays as it is when a later run differs only in the commit", async function () {
    const deployed = { ...MANIFEST, commit: "a".repeat(40) };
    await new DeploymentFolder(folder).writeManifest(deployed);
    const text = readFileSync(file, "utf8");

    const kept = await new DeploymentFolder(folder).writeManifest({
      ...MANIFEST,
      commit: "b".repeat(40),
    });

    expect(kept).to.deep.equal(deployed);
    expect(readFileSync(file, "utf8")).to.equal(text);
    expect(readdirSync(folder)).to.deep.equal(["manifest.json"]);
  });

  it("is kept beside the one that replaces it, also when it is damaged", async function () {
    const other = { ...MANIFEST, network: "sepolia" };
    await new DeploymentFolder(folder).writeManifest(MANIFEST);
    const text = readFileSync(file, "utf8");

    const written = await new DeploymentFolder(folder).writeManifest(other);
    writeFileSync(file, "{");
    await new DeploymentFolder(folder).writeManifest(MANIFEST);

    expect(written).to.deep.equal(other);
    expect(readManifest(file)).to.deep.equal(MANIFEST);
    expect(readFileSync(`${file}.1`, "utf8")).to.equal(text);
    expect(readFileSync(`${file}.2`, "utf8")).to.equal("{");
  });

  it("says that there is none", function () {
    expect(() => readManifest(file)).to.throw(/^There is no manifest at .+; deploy first\.$/);
  });

  it("says that it is not JSON", function () {
    writeFileSync(file, "{");

    expect(() => readManifest(file)).to.throw(/^The manifest at .+ is not JSON\.$/);
  });

  it("is refused in a sentence when it is cut off", function () {
    const text = JSON.stringify(MANIFEST, null, 2);
    for (let length = 0; length < text.length; length += 97) {
      writeFileSync(file, text.slice(0, length));
      expect(() => readManifest(file)).to.throw(DeploymentError, /^The manifest at .+\.$/);
    }
  });

  it("names a contract that is missing", function () {
    const contracts = { ...MANIFEST.contracts, Settlement: undefined };
    writeFileSync(file, JSON.stringify({ ...MANIFEST, contracts }));

    expect(() => readManifest(file)).to.throw(/is incomplete: Settlement\.$/);
  });

  for (const key of [
    ...["chainId", "network", "parameters", "compiler", "commit", "deployer"],
    ...["deploymentBlock", "transactions", "others"],
  ]) {
    it(`needs its ${key}`, function () {
      writeFileSync(file, JSON.stringify({ ...MANIFEST, [key]: undefined }));

      expect(() => readManifest(file)).to.throw(/is incomplete: its head\.$/);
    });
  }
});
