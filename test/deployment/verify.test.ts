import { expect } from "chai";
import { Interface, type InterfaceAbi } from "ethers";
import { network } from "hardhat";

import { DeploymentError } from "../../deploy/lib/error.js";
import { CONTRACTS, type Manifest } from "../../deploy/lib/manifest.js";
import { hashParameters } from "../../deploy/parameters/reader.js";
import type { Parameters } from "../../deploy/parameters/schema.js";
import { verifyDeployment, type Verdict } from "../../deploy/verify/verify.js";
import { DAY } from "../support/release.js";
import { through } from "../support/series.js";
import { deploySuite, PARAMETERS } from "../support/suite.js";
import { decide, deployInUse } from "../support/upgrade.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const PUBLIC_ROLE = 2n ** 64n - 1n;

async function deployed() {
  const suite = await deploySuite(connection);
  const stranger = (await ethers.getSigners())[12];
  if (!stranger) throw new Error("thirteen signers expected");
  const governance = await ethers.getImpersonatedSigner(suite.addresses.timelock);
  await networkHelpers.setBalance(governance.address, 10n ** 18n);
  return { ...suite, stranger, governance };
}

async function inUse() {
  return deployInUse(connection);
}

async function verify(manifest: Manifest, changes: Partial<Parameters> = {}): Promise<Verdict> {
  return verifyDeployment(connection, manifest, { ...PARAMETERS, ...changes });
}

/** Findings of the verifier, by name. */
async function find(manifest: Manifest, changes: Partial<Parameters> = {}): Promise<string[]> {
  return (await verify(manifest, changes)).differences.map(({ what }) => what);
}

function isFunction({ type }: { type: string }): boolean {
  return type === "function";
}

describe("verifyDeployment (INT-2)", function () {
  it("finds nothing in a fresh deployment", async function () {
    const { manifest } = await networkHelpers.loadFixture(deployed);

    expect(await verify(manifest)).to.deep.equal({ differences: [], notes: [] });
  });

  it("asks the node in few calls, as one carries many reads", async function () {
    const { manifest } = await networkHelpers.loadFixture(deployed);
    let calls = 0;
    const counting = through(connection, async (request) => {
      if (request.method === "eth_call") calls += 1;
      return connection.provider.request(request);
    });

    const { differences } = await verifyDeployment(counting, manifest, PARAMETERS);

    const functions = Object.values(manifest.contracts).reduce(
      (sum, { abi }) => sum + (abi as { type: string }[]).filter(isFunction).length,
      0,
    );
    expect(differences).to.deep.equal([]);
    expect(functions).to.be.greaterThan(400);
    expect(calls).to.be.within(1, 40);
  });

  it("reads a busy chain in ranges that its node answers, without events of daily use", async function () {
    const { manifest, governance, stranger, accessManager } =
      await networkHelpers.loadFixture(deployed);
    await networkHelpers.mine(30_000);
    await accessManager.connect(governance).grantRole(99n, stranger, 0n);
    const latest = await ethers.provider.getBlockNumber();
    const answered: [number, number][] = [];
    const topics = new Set<string>();
    let refused = 0;
    const busy = through(connection, async (request) => {
      if (request.method !== "eth_getLogs") return connection.provider.request(request);
      const [filter] = request.params as [
        { fromBlock: string; toBlock: string; topics: string[][] },
      ];
      const [from, to] = [Number(filter.fromBlock), Number(filter.toBlock)];
      for (const topic of filter.topics[0] ?? []) topics.add(topic);
      if (from < 12_000 && to - from >= 3_000) {
        refused += 1;
        throw Object.assign(new Error("query returned more than 10000 results"), { code: -32_005 });
      }
      answered.push([from, to]);
      return connection.provider.request(request);
    });

    const { differences } = await verifyDeployment(busy, manifest, PARAMETERS);

    expect(differences.map(({ what }) => what)).to.deep.equal([`${stranger.address} in role 99`]);
    for (const [i, [from]] of answered.entries())
      if (i > 0) expect(from).to.equal((answered[i - 1]?.[1] ?? 0) + 1);
    expect([answered[0]?.[0], answered.at(-1)?.[1]]).to.deep.equal([
      manifest.deploymentBlock + 1,
      latest,
    ]);
    expect(refused).to.be.within(2, 12);
    const sizes = answered.map(([from, to]) => to - from + 1);
    expect(Math.max(...sizes)).to.equal(10_000);
    const { AccessManager, SystemTimelock, OPAGovernor, OPAToken, Meter } = manifest.contracts;
    const topicOf = ({ abi }: { abi: InterfaceAbi }, name: string) =>
      new Interface(abi).getEvent(name)?.topicHash;
    for (const [entry, name, isRead] of [
      [AccessManager, "RoleGranted", true],
      [SystemTimelock, "RoleGranted", true],
      [SystemTimelock, "CallExecuted", true],
      [OPAGovernor, "ProposalExecuted", true],
      [OPAGovernor, "VoteCast", false],
      [OPAToken, "Transfer", false],
      [Meter, "LineSettled", false],
    ] as const)
      expect(topics.has(topicOf(entry, name) ?? ""), name).to.equal(isRead);
  });

  it("says in a sentence that a node refuses the events of single blocks", async function () {
    const { manifest } = await networkHelpers.loadFixture(deployed);
    const closed = through(connection, async (request) => {
      if (request.method !== "eth_getLogs") return connection.provider.request(request);
      throw Object.assign(new Error("method not supported"), { code: -32_601 });
    });

    const error = await verifyDeployment(closed, manifest, PARAMETERS).catch(
      (reason: unknown) => reason,
    );

    expect(error).to.be.instanceOf(DeploymentError);
    expect((error as Error).message).to.match(
      /^The node of default gives no events of blocks \d+ to \d+: method not supported\. Run the same /,
    );
  });

  it("finds nothing after claims, a hand-over of a schedule, a stranger's curve and donations", async function () {
    const { manifest, vault, token, genesis, stranger } =
      await networkHelpers.loadFixture(deployed);
    const onboarding = PARAMETERS.grants[6]?.beneficiary ?? "";
    const holder = await ethers.getImpersonatedSigner(onboarding);

    await vault.claimMany([6n, 7n]);
    await vault.connect(holder).proposeBeneficiary(7n, stranger);
    await vault.connect(stranger).acceptBeneficiary(7n);
    await vault.connect(stranger).createCurve([{ offset: 5n, share: 10n ** 9n, linear: false }]);
    await token.connect(holder).transfer(genesis, 1n);

    expect(await verify(manifest)).to.deep.equal({ differences: [], notes: [] });
  });

  describe("parameters", function () {
    it("reports a parameter file that is for another chain, although everything else fits", async function () {
      const sepolia = await network.create({ override: { chainId: 11_155_111 } });
      const { manifest } = await deploySuite(sepolia, { ...PARAMETERS, networks: ["sepolia"] });
      const parameters = { name: "local", sha256: hashParameters(PARAMETERS) };

      const { differences } = await verifyDeployment(
        sepolia,
        { ...manifest, parameters },
        PARAMETERS,
      );
      await sepolia.close();

      expect(differences).to.deep.equal([
        {
          what: "chain of local.json5",
          expected: "one of localhost",
          actual: "chain 11155111",
        },
      ]);
    });

    const { timelock, guardians, governance, incentives, transfers, grants, resources } =
      PARAMETERS;
    const stranger = "0x1111111111111111111111111111111111111111";
    const CASES: [string, Partial<Parameters>, RegExp][] = [
      ["timelock delay", { timelock: { minDelay: timelock.minDelay + 1n } }, /SystemTimelock/],
      ["pause guardian", { guardians: { ...guardians, pauses: stranger } }, /setTable/],
      ["proposal guardian", { guardians: { ...guardians, proposals: stranger } }, /OPAGovernor/],
      [
        "setting of the Governor",
        { governance: { ...governance, quorumPercent: governance.quorumPercent + 1n } },
        /OPAGovernor/,
      ],
      ["κ", { incentives: { ...incentives, kappa: 5_001n } }, /Incentive/],
      [
        "beneficiary",
        {
          grants: grants.map((grant, i) => (i === 0 ? { ...grant, beneficiary: stranger } : grant)),
        },
        /distribute/,
      ],
      [
        "direct allocation",
        {
          transfers: transfers.map((entry, i) => ({
            ...entry,
            amount: entry.amount + (i === 0 ? 1n : -1n),
          })),
        },
        /distribute/,
      ],
      [
        "rate of a resource",
        {
          resources: resources.map((entry, i) =>
            i === 0 ? { ...entry, rate: entry.rate + 10n ** 9n } : entry,
          ),
        },
        /Resources#/,
      ],
    ];
    for (const [name, changes, label] of CASES) {
      it(`reports another ${name} as the transaction that has it`, async function () {
        const { manifest } = await networkHelpers.loadFixture(deployed);

        const found = await find(manifest, changes);

        expect(found[0]).to.equal("fingerprint of the parameters");
        expect(found[1])
          .to.match(label)
          .and.to.match(/^transaction \d+ \(/);
      });
    }
  });

  describe("manifest", function () {
    it("reports another chain", async function () {
      const { manifest } = await networkHelpers.loadFixture(deployed);

      expect(await find({ ...manifest, chainId: 1 })).to.deep.equal(["chain id"]);
    });

    it("reports a deployer who sent nothing", async function () {
      const { manifest, stranger } = await networkHelpers.loadFixture(deployed);

      expect(await find({ ...manifest, deployer: stranger.address })).to.deep.equal([
        "first transaction of the manifest",
      ]);
    });

    it("reports each address, interface, hash and argument that is not the deployment's", async function () {
      const { manifest } = await networkHelpers.loadFixture(deployed);
      const { NodeRegistry, Settlement, OPAToken, Attestations } = manifest.contracts;
      const zero = ethers.ZeroHash;

      const found = await find({
        ...manifest,
        transactions: manifest.transactions.map((entry, i) =>
          i === 3 ? { ...entry, hash: zero } : entry,
        ),
        contracts: {
          ...manifest.contracts,
          NodeRegistry: { ...NodeRegistry, abi: [] },
          Settlement: { ...Settlement, address: NodeRegistry.address },
          OPAToken: { ...OPAToken, constructorArguments: "0x" },
          Attestations: { ...Attestations, codeHash: zero, transaction: zero },
        },
      });

      expect(found).to.include.members([
        "hash of transaction 4 in the manifest",
        "interface of NodeRegistry in the manifest",
        "address of Settlement",
        "arguments of OPAToken in the manifest",
        "transaction of Attestations in the manifest",
      ]);
      // That of Attestations, and those of the two contracts that share an address there.
      expect(found.filter((what) => what.startsWith("code hash of"))).to.have.length(3);
    });
  });

  describe("code", function () {
    it("reports code of any contract that is not what its constructor leaves behind", async function () {
      const { manifest } = await networkHelpers.loadFixture(deployed);
      for (const contract of Object.values(CONTRACTS)) {
        const { address } = manifest.contracts[contract];
        const code = await ethers.provider.getCode(address);
        await networkHelpers.setCode(
          address,
          code.slice(0, -2) + (code.endsWith("00") ? "01" : "00"),
        );
      }
      await networkHelpers.setCode(manifest.contracts.SystemLens.address, "0x");

      const { differences } = await verify(manifest);

      const changed = differences.filter(({ what }) => what.startsWith("code of "));
      for (const contract of Object.values(CONTRACTS))
        expect(changed.some(({ what }) => what.startsWith(`code of ${contract} (`))).to.equal(true);
      expect(changed.map(({ actual }) => actual)).to.include("no code");
      expect(changed).to.have.length(Object.keys(CONTRACTS).length);
    });
  });

  describe("rights", function () {
    it("reports every change that nobody decided", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governance, stranger, vault, attestations, lock, reserve } = suite;
      const manager = suite.accessManager.connect(governance);
      const timelock = suite.timelock.connect(governance);
      const selector = (name: "revoke" | "claim") => [vault.interface.getFunction(name).selector];

      await manager.grantRole(2n, stranger, 0n);
      await manager.grantRole(99n, stranger, 0n);
      await manager.grantRole(0n, suite.deployer, 0n);
      await manager.revokeRole(3n, suite.timelock);
      await manager.grantRole(4n, attestations, 60n);
      await manager.setTargetFunctionRole(vault, selector("revoke"), PUBLIC_ROLE);
      await manager.setTargetFunctionRole(vault, selector("claim"), 1n);
      await manager.setTargetClosed(lock, true);
      await manager.setRoleAdmin(5n, 2n);
      await manager.setRoleGuardian(6n, 2n);
      await manager.setGrantDelay(8n, 60n);
      await manager.setTargetAdminDelay(reserve, 60n);
      await manager.updateAuthority(suite.nodes, suite.factory);
      await timelock.updateDelay(3n * DAY);
      await timelock.grantRole(await timelock.PROPOSER_ROLE(), stranger);
      await timelock.revokeRole(await timelock.CANCELLER_ROLE(), suite.governor);
      await networkHelpers.time.increase(40n * DAY);

      const { differences, notes } = await verify(suite.manifest);

      expect(differences.map(({ what }) => what)).to.have.members([
        `${stranger.address} in role GOVERNANCE`,
        `${stranger.address} in role 99`,
        `${suite.deployer.address} in role ADMIN`,
        `${suite.addresses.timelock} in role REGISTRAR`,
        `${suite.addresses.attestations} in role RECORDER`,
        "role of ReleaseVault.revoke(uint256)",
        "role of ReleaseVault.claim(uint256)",
        "GovernanceLock is closed",
        "admin of SLASHER",
        "guardian of REPORTER",
        "grant delay of PAUSE_GUARDIAN",
        "admin delay of SystemReserve",
        "authority of NodeRegistry",
        "delay of the timelock",
        `${stranger.address} is proposer of the timelock`,
        `${suite.addresses.governor} is canceller of the timelock`,
        `flag of ${suite.addresses.governor} in GovernanceLock`, // of a lock that is closed
      ]);
      for (const { what, actual } of differences.filter((entry) => !entry.what.startsWith("flag")))
        expect(actual, what).to.match(/, by nobody knows whom$/);
      expect(notes).to.deep.equal([]);
    });

    it("reports a governed value that nobody decided, with the transaction", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governance, registry, incentiveVault, manifest } = suite;

      const kappa = await incentiveVault.KAPPA();
      const announced = await incentiveVault.connect(governance).announce(kappa, 4_900n);
      await registry.connect(governance).deprecate(1n);

      const { differences } = await verify(manifest);
      expect(differences.map(({ what }) => what.slice(0, what.indexOf("(")))).to.deep.equal([
        "IncentiveVault: ParameterAnnounced",
        "ResourceRegistry: ResourceDeprecated",
      ]);
      expect(differences[0]?.actual).to.equal(
        `transaction ${announced.hash}, by nobody knows whom`,
      );
    });
  });

  describe("decisions", function () {
    it("tells what was decided from what nobody decided, by the proposal", async function () {
      const suite = await networkHelpers.loadFixture(inUse);
      const { accessManager, timelock, incentiveVault, alice, governor, manifest } = suite;
      const call = (name: "grantRole", role: bigint) =>
        accessManager.interface.encodeFunctionData(name, [role, alice.address, 0n]);
      await decide(
        suite,
        [
          [accessManager, call("grantRole", 6n)],
          [timelock, timelock.interface.encodeFunctionData("updateDelay", [3n * DAY])],
          [
            incentiveVault,
            incentiveVault.interface.encodeFunctionData("announce", [
              await incentiveVault.KAPPA(),
              4_900n,
            ]),
          ],
        ],
        "Name a reporter\n\nand wait longer.",
      );

      const decided = await verify(manifest);
      const governance = await ethers.getImpersonatedSigner(await timelock.getAddress());
      await networkHelpers.setBalance(governance.address, 10n ** 18n);
      await accessManager.connect(governance).grantRole(5n, alice, 0n);
      const undecided = await verify(manifest);

      expect(decided.differences).to.deep.equal([]);
      const title = /by proposal \d+ \("Name a reporter"\)\.$/;
      expect(decided.notes).to.have.length(3);
      for (const note of decided.notes) expect(note).to.match(title);
      expect(decided.notes[0]).to.include(
        `${alice.address} in role REPORTER: no member before, now member without delay`,
      );
      expect(decided.notes[1]).to.include("delay of the timelock: 172800 before, now 259200");
      expect(decided.notes[2]).to.match(/^IncentiveVault: ParameterAnnounced\(/);
      expect(undecided.differences.map(({ what }) => what)).to.deep.equal([
        `${alice.address} in role SLASHER`,
      ]);
      expect(undecided.notes).to.deep.equal(decided.notes);
      expect(await governor.timelock()).to.equal(await timelock.getAddress());
    });
  });
});
