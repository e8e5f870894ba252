import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { isAddressable, type BaseContract } from "ethers";
import { network } from "hardhat";

import { readInterfaceIds } from "../../deploy/lib/interface-ids.js";
import { CONTRACTS, type ContractName, type Manifest } from "../../deploy/lib/manifest.js";
import type { Parameters } from "../../deploy/parameters/schema.js";
import { verifyDeployment } from "../../deploy/verify/verify.js";
import { DAY } from "../support/release.js";
import { deploySuite, PARAMETERS } from "../support/suite.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const FINGERPRINT = "fingerprint of the parameters";
const METER = 1n;
const GOVERNANCE = 2n;
const PUBLIC_ROLE = 2n ** 64n - 1n;

async function deployed() {
  const suite = await deploySuite(connection);
  const other = await deploySuite(connection);
  const stranger = (await ethers.getSigners())[12];
  if (!stranger) throw new Error("thirteen signers expected");
  const governance = await ethers.getImpersonatedSigner(suite.addresses.timelock);
  await networkHelpers.setBalance(governance.address, 10n ** 18n);
  return { ...suite, other, stranger, governance };
}

type Suite = Awaited<ReturnType<typeof deployed>>;

/** What the verifier finds, by name. */
async function find(manifest: Manifest, parameters: Parameters = PARAMETERS): Promise<string[]> {
  return (await verifyDeployment(connection, manifest, parameters)).map(({ what }) => what);
}

/** The parameters with the first grant changed. */
function firstGrant(changes: Partial<Parameters["grants"][number]>): Partial<Parameters> {
  return {
    grants: PARAMETERS.grants.map((grant, i) => (i === 0 ? { ...grant, ...changes } : grant)),
  };
}

/** The parameters with the first resource changed. */
function firstResource(changes: Partial<Parameters["resources"][number]>): Partial<Parameters> {
  return {
    resources: PARAMETERS.resources.map((entry, i) => (i === 0 ? { ...entry, ...changes } : entry)),
  };
}

/** Contracts with the epoch clock, as the verifier names them. */
const CLOCKS = [
  "ResourceRegistry",
  "ServiceAccounts",
  "AccessPolicy",
  "NodeRegistry",
  "IncentiveVault",
  "IncentivePool",
  "StageCapCondition",
  "Settlement",
  "OPAGovernor",
];

describe("verifyDeployment (INT-2)", function () {
  it("finds nothing in a fresh deployment", async function () {
    const { manifest } = await networkHelpers.loadFixture(deployed);

    expect(await verifyDeployment(connection, manifest, PARAMETERS)).to.deep.equal([]);
  });

  it("minds nothing of what governance decides later, with rights that it gives and takes back", async function () {
    const suite = await networkHelpers.loadFixture(deployed);
    const { accessManager, governance, incentiveVault, manifest, stranger } = suite;
    const [kappa, manager] = [await incentiveVault.KAPPA(), accessManager.connect(governance)];
    await incentiveVault.connect(governance).announce(kappa, 4_900n);
    await incentiveVault.connect(governance).withdrawAnnouncement(kappa);

    await manager.grantRole(0n, stranger, 0n);
    await manager.revokeRole(0n, stranger);

    expect(await find(manifest)).to.deep.equal([]);
  });

  it("finds nothing after claims, a hand-over, a revocation, new resources and donations", async function () {
    const { manifest, vault, registry, token, genesis, governance, stranger } =
      await networkHelpers.loadFixture(deployed);
    const onboarding = PARAMETERS.grants[6]?.beneficiary ?? "";
    const holder = await ethers.getImpersonatedSigner(onboarding);

    await vault.claimMany([6n, 7n]);
    await vault.connect(holder).proposeBeneficiary(7n, stranger);
    await vault.connect(stranger).acceptBeneficiary(7n);
    await vault.connect(governance).revoke(2n);
    await registry.connect(governance).registerDerived(1n, 20_000n, "large");
    await registry.connect(governance).deprecate(1n);
    await token.connect(holder).transfer(genesis, 1n);

    expect(await find(manifest)).to.deep.equal([]);
  });

  describe("parameters", function () {
    const { access, epoch, timelock, transfers, curves, nodes, incentives, kinds } = PARAMETERS;
    const { governance, guardians, burnLimits, heldBackShare } = PARAMETERS;
    const stranger = "0x1111111111111111111111111111111111111111";
    const CASES: [string, Partial<Parameters>, string[]][] = [
      ["name", { name: "other" }, ["parameter file of the manifest"]],
      [
        "epoch genesis",
        { epoch: { ...epoch, genesis: epoch.genesis + 1n } },
        CLOCKS.map((name) => `${name}.GENESIS`),
      ],
      [
        "epoch duration",
        { epoch: { ...epoch, duration: epoch.duration + 1n } },
        CLOCKS.map((name) => `${name}.EPOCH_DURATION`),
      ],
      ["settlement window", { settlementWindow: 8n }, ["Settlement.SETTLEMENT_WINDOW"]],
      ["claim grace", { claimGrace: 172_801n }, ["ServiceAccounts.CLAIM_GRACE"]],
      [
        "lock threshold",
        { access: { ...access, lockThreshold: access.lockThreshold + 1n } },
        ["first lock threshold of tier 1"],
      ],
      [
        "score threshold",
        { access: { ...access, scoreThreshold: access.scoreThreshold + 1n } },
        ["first score threshold of tier 1"],
      ],
      ["κ", { incentives: { ...incentives, kappa: 5_001n } }, ["first κ"]],
      [
        "a share",
        { incentives: { ...incentives, shares: [7_001n, ...incentives.shares.slice(1)] } },
        ["share of provision"],
      ],
      [
        "the release schedule",
        { incentives: { ...incentives, stages: incentives.stages.slice(1) } },
        ["release schedule"],
      ],
      [
        "a minimum stake",
        { nodes: { minimumStakes: [1n, ...nodes.minimumStakes.slice(1)] } },
        ["first minimum stake for compute"],
      ],
      [
        "a kind of contribution",
        { kinds: kinds.map((kind) => ({ ...kind, threshold: 1n, epochCap: kind.epochCap + 1n })) },
        [1, 2, 3].flatMap((i) => [`contribution ${i}`, `first verifiers of contribution ${i}`]),
      ],
      [
        "fewer kinds of contributions",
        { kinds: [...kinds, ...kinds.slice(0, 1)] },
        [
          "kinds exist",
          "contribution 4",
          "first verifiers of contribution 4",
          "KindDefined of Attestations before the hand-over",
          "VerifiersChanged of Attestations before the hand-over",
        ],
      ],
      [
        "timelock delay",
        { timelock: { ...timelock, minDelay: 172_801n } },
        ["delay of the timelock"],
      ],
      [
        "setting of the Governor",
        {
          governance: {
            votingDelay: governance.votingDelay + 1n,
            votingPeriod: governance.votingPeriod + 1n,
            proposalThreshold: governance.proposalThreshold + 1n,
            quorumPercent: governance.quorumPercent + 1n,
            quorumFloor: governance.quorumFloor + 1n,
            voteExtension: governance.voteExtension + 1n,
          },
        },
        [
          ...["VotingDelaySet", "VotingPeriodSet", "ProposalThresholdSet"],
          ...["QuorumNumeratorUpdated", "LateQuorumVoteExtensionSet"],
        ]
          .map((event) => `first ${event} of the Governor`)
          .concat("first floor of the quorum"),
      ],
      [
        "pause guardian",
        { guardians: { ...guardians, pauses: stranger } },
        [`${stranger} in role 8`, `${guardians.pauses} in role 8`],
      ],
      [
        "claim limit",
        { incentives: { ...incentives, claimLimit: 1n } },
        ["IncentivePool.claimLimit"],
      ],
      ["burn limit", { burnLimits: { ...burnLimits, total: 1n } }, ["Settlement.limits"]],
      ["held back", { heldBackShare: heldBackShare + 1n }, ["first share of the condition"]],
      [
        "direct allocation",
        { transfers: transfers.map((entry) => ({ ...entry, amount: entry.amount - 1n })) },
        ["allocation incentive-vault", "allocation system-reserve"],
      ],
      [
        "fewer direct allocations",
        { transfers: transfers.slice(0, 1) },
        ["number of direct allocations"],
      ],
      [
        "fewer schedules",
        { grants: PARAMETERS.grants.slice(0, 6) },
        ["number of scheduled allocations"],
      ],
      ["beneficiary", firstGrant({ beneficiary: stranger }), ["allocation ecosystem #0"]],
      [
        "amount of a schedule",
        firstGrant({ amount: 1n }),
        ["allocation ecosystem #0", "schedule 1 (ecosystem): total"],
      ],
      ["start", firstGrant({ start: 1n }), ["schedule 1 (ecosystem): start"]],
      ["revocable", firstGrant({ revocable: true }), ["schedule 1 (ecosystem): revocable"]],
      ["curve", firstGrant({ curve: "quarterly" }), ["schedule 1 (ecosystem): curve"]],
      [
        "stage of a curve",
        { curves: { ...curves, atStart: [{ offset: 1n, share: 1_000_000_000n, linear: false }] } },
        ["schedule 7 (onboarding): curve"],
      ],
      ["resource name", firstResource({ name: "x" }), ["resource 1: name"]],
      ["resource unit", firstResource({ unit: "x" }), ["resource 1: unit"]],
      ["resource category", firstResource({ category: 0n }), ["resource 1: category"]],
      ["resource weight", firstResource({ weight: 2n }), ["resource 1: weight"]],
      ["resource tier", firstResource({ minimumTier: 1n }), ["resource 1: minimum tier"]],
      ["resource rate", firstResource({ rate: 1n }), ["resource 1: first rate"]],
      ["resource floor", firstResource({ floor: 1n }), ["resource 1: floor"]],
      ["resource ceiling", firstResource({ ceiling: 1n }), ["resource 1: ceiling"]],
      ["resource target", firstResource({ target: 1n }), ["resource 1: first target"]],
      ["resource policy", firstResource({ policy: 0n }), ["resource 1: first price policy"]],
      [
        "more resources",
        { resources: [...PARAMETERS.resources, ...PARAMETERS.resources] },
        ["resources exist", "ResourceRegistered of ResourceRegistry before the hand-over"],
      ],
    ];
    for (const [name, changes, expected] of CASES) {
      it(`reports another ${name}`, async function () {
        const { manifest } = await networkHelpers.loadFixture(deployed);

        const found = await find(manifest, { ...PARAMETERS, ...changes });

        expect(found).to.include(FINGERPRINT);
        expect(found.filter((what) => what !== FINGERPRINT)).to.deep.equal(expected);
      });
    }

    it("reports another guardian by name, with what was expected and found", async function () {
      const { manifest, guardian } = await networkHelpers.loadFixture(deployed);
      const changed = { ...PARAMETERS, guardians: { ...guardians, proposals: stranger } };

      const differences = await verifyDeployment(connection, manifest, changed);

      expect(differences.filter(({ what }) => what.includes("Guardian"))).to.deep.equal([
        {
          what: "first ProposalGuardianSet of the Governor",
          expected: stranger,
          actual: guardian.address,
        },
      ]);
    });
  });

  describe("manifest", function () {
    it("reports another chain", async function () {
      const { manifest } = await networkHelpers.loadFixture(deployed);

      expect(await find({ ...manifest, chainId: 1 })).to.deep.equal(["chain id"]);
    });

    it("reports another deployer", async function () {
      const { manifest, stranger } = await networkHelpers.loadFixture(deployed);

      expect(await find({ ...manifest, deployer: stranger.address })).to.deep.equal([
        "Genesis.DISTRIBUTOR",
      ]);
    });

    it("reports another interface", async function () {
      const { manifest } = await networkHelpers.loadFixture(deployed);
      const entry = { ...manifest.contracts.NodeRegistry, abi: [] };
      const contracts = { ...manifest.contracts, NodeRegistry: entry };

      expect(await find({ ...manifest, contracts })).to.deep.equal([
        "interface of NodeRegistry in the manifest",
      ]);
    });

    const SWAPS: Record<ContractName, string> = {
      AccessManager: "ReleaseVault.authority",
      SystemTimelock: "OPAGovernor.timelock",
      Genesis: "supply is distributed",
      OPAToken: "ServiceAccounts.TOKEN",
      ReleaseVault: "role of ReleaseVault.revoke(uint256)",
      ResourceRegistry: "Settlement.REGISTRY",
      LoadPricePolicy: "price policy 1",
      AccessPolicy: "first access policy",
      ServiceAccounts: "Settlement.ACCOUNTS",
      NodeRegistry: "Settlement.NODES",
      NodeSlashing: "role 5",
      IncentiveVault: "IncentivePool.VAULT",
      IncentivePool: "first book of the Meter",
      Attestations: "role 4",
      NodeScheduler: "NodeScheduler.POOL",
      Settlement: "role 1",
      SystemDirectory: "OPAGovernor.DIRECTORY",
      GovernanceLock: "ReleaseVault.LOCK",
      OPAGovernor: "is proposer of the timelock",
      SystemReserve: "ReleaseVault.RESERVE",
      StageCapCondition: "first condition of the reserve",
      SystemLens: 'first module "system-lens"',
    };
    for (const contract of Object.values(CONTRACTS)) {
      it(`reports the ${contract} of another suite`, async function () {
        const { manifest, other } = await networkHelpers.loadFixture(deployed);
        const entry = other.manifest.contracts[contract];

        const found = await find({
          ...manifest,
          contracts: { ...manifest.contracts, [contract]: entry },
        });

        expect(found.join("; ")).to.include(SWAPS[contract]);
      });
    }
  });

  describe("code", function () {
    for (const contract of Object.values(CONTRACTS)) {
      it(`reports code of ${contract} that is not the artifact's`, async function () {
        const { manifest } = await networkHelpers.loadFixture(deployed);
        const { address } = manifest.contracts[contract];
        const code = await ethers.provider.getCode(address);
        const last = code.endsWith("00") ? "01" : "00";

        await networkHelpers.setCode(address, code.slice(0, -2) + last);

        expect(await find(manifest)).to.deep.equal([`code of ${contract}`]);
      });
    }

    it("says when there is none", async function () {
      const { manifest, nodes } = await networkHelpers.loadFixture(deployed);

      await networkHelpers.setCode(await nodes.getAddress(), "0x");

      const [difference] = await verifyDeployment(connection, manifest, PARAMETERS);
      expect(difference?.actual).to.equal("no code");
    });
  });

  describe("chain", function () {
    const CASES: [string, (suite: Suite) => Promise<unknown>, (suite: Suite) => string[]][] = [
      [
        "a member more of a role",
        ({ accessManager, stranger }) => accessManager.grantRole(GOVERNANCE, stranger, 0n),
        ({ stranger }) => [`${stranger.address} in role 2`],
      ],
      [
        "a member of a role that should not exist",
        ({ accessManager, stranger }) => accessManager.grantRole(9n, stranger, 0n),
        ({ stranger }) => [`${stranger.address} in role 9`],
      ],
      [
        "an administrator more",
        ({ accessManager, deployer }) => accessManager.grantRole(0n, deployer, 0n),
        ({ deployer }) => [`${deployer.address} in role 0`],
      ],
      [
        "a member less of a role",
        ({ accessManager, timelock }) => accessManager.revokeRole(GOVERNANCE, timelock),
        ({ addresses }) => [`${addresses.timelock} in role 2`],
      ],
      [
        "a member of a role from a later time on",
        async ({ accessManager, stranger }) => {
          await accessManager.setGrantDelay(GOVERNANCE, 1n);
          await networkHelpers.time.increase(10 * 86_400);
          await accessManager.setGrantDelay(GOVERNANCE, 10n * 86_400n);
          await networkHelpers.time.increase(1);
          await accessManager.grantRole(GOVERNANCE, stranger, 0n);
        },
        ({ stranger }) => ["grant delay of GOVERNANCE", `${stranger.address} in role 2`],
      ],
      [
        "a delay before a member may act",
        ({ accessManager, settlement }) => accessManager.grantRole(METER, settlement, 60n),
        ({ addresses }) => [`${addresses.settlement} in role 1`],
      ],
      [
        "a function that is public",
        ({ accessManager, vault }) =>
          accessManager.setTargetFunctionRole(
            vault,
            [vault.interface.getFunction("revoke").selector],
            PUBLIC_ROLE,
          ),
        () => ["role of ReleaseVault.revoke(uint256)"],
      ],
      [
        "a role for a function that needs none",
        ({ accessManager, vault }) =>
          accessManager.setTargetFunctionRole(
            vault,
            [vault.interface.getFunction("claim").selector],
            METER,
          ),
        () => ["role of ReleaseVault.claim(uint256)"],
      ],
      [
        "a closed target",
        ({ accessManager, vault }) => accessManager.setTargetClosed(vault, true),
        () => ["ReleaseVault is closed"],
      ],
      [
        "another admin of a role",
        ({ accessManager }) => accessManager.setRoleAdmin(METER, GOVERNANCE),
        () => ["admin of METER"],
      ],
      [
        "another guardian of a role",
        ({ accessManager }) => accessManager.setRoleGuardian(METER, GOVERNANCE),
        () => ["guardian of METER"],
      ],
      [
        "a delay before a grant",
        async ({ accessManager }) => {
          await accessManager.setGrantDelay(METER, 60n);
          await networkHelpers.time.increase(30n * DAY);
        },
        () => ["grant delay of METER"],
      ],
      [
        "a delay before a change of the table",
        async ({ accessManager, vault }) => {
          await accessManager.setTargetAdminDelay(vault, 60n);
          await networkHelpers.time.increase(30n * DAY);
        },
        () => ["admin delay of ReleaseVault"],
      ],
      [
        "a module under another authority",
        async ({ accessManager, vault, other }) =>
          accessManager.updateAuthority(vault, other.accessManager),
        () => ["ReleaseVault.authority"],
      ],
      [
        "a meter more",
        async ({ accessManager, accounts, stranger }) => {
          await accessManager.grantRole(METER, stranger, 0n);
          await accounts.syncMeter(stranger);
          await accessManager.revokeRole(METER, stranger);
        },
        ({ stranger }) => [`${stranger.address} is a meter of ServiceAccounts`],
      ],
      [
        "a meter less",
        async ({ accessManager, registry, settlement, stranger }) => {
          await accessManager.revokeRole(METER, settlement);
          await registry.connect(stranger).syncMeter(settlement);
          await accessManager.grantRole(METER, settlement, 0n);
        },
        ({ addresses }) => [`${addresses.settlement} is a meter of ResourceRegistry`],
      ],
      [
        "a holder of locks more",
        async ({ accessManager, lock, stranger }) => {
          await accessManager.grantRole(7n, stranger, 0n);
          await lock.syncHolder(stranger);
          await accessManager.revokeRole(7n, stranger);
        },
        ({ stranger }) => [`${stranger.address} can hold locks`],
      ],
      [
        "another delay of the timelock",
        ({ timelock }) => timelock.updateDelay(3n * DAY),
        () => ["delay of the timelock"],
      ],
      [
        "a proposer more",
        async ({ timelock, stranger }) =>
          timelock.grantRole(await timelock.PROPOSER_ROLE(), stranger),
        ({ stranger }) => [`${stranger.address} is proposer of the timelock`],
      ],
      [
        "a canceller less",
        async ({ timelock, governor }) =>
          timelock.revokeRole(await timelock.CANCELLER_ROLE(), governor),
        ({ addresses }) => [`${addresses.governor} is canceller of the timelock`],
      ],
      [
        "an administrator of the timelock",
        async ({ timelock, stranger }) =>
          timelock.grantRole(await timelock.DEFAULT_ADMIN_ROLE(), stranger),
        ({ stranger }) => [`${stranger.address} is administrator of the timelock`],
      ],
      [
        "execution that is not open to everyone",
        async ({ timelock }) =>
          timelock.revokeRole(await timelock.EXECUTOR_ROLE(), ethers.ZeroAddress),
        () => [`${ethers.ZeroAddress} is executor of the timelock`],
      ],
    ];
    for (const [name, change, expected] of CASES) {
      it(`reports ${name}`, async function () {
        const suite = await networkHelpers.loadFixture(deployed);
        const { governance, accessManager, timelock } = suite;

        await change({
          ...suite,
          accessManager: accessManager.connect(governance),
          timelock: timelock.connect(governance),
        });

        expect(await find(suite.manifest)).to.deep.equal(expected(suite));
      });
    }
  });

  describe("the hand-over", function () {
    type Act = (suite: Suite & { last: HardhatEthersSigner }) => Promise<unknown>;
    const CASES: [string, Act, string][] = [
      [
        "a decision that still waits in the timelock",
        async ({ timelock, last }) => {
          const proposer = await timelock.PROPOSER_ROLE();
          const { data } = await timelock.grantRole.populateTransaction(proposer, last);
          const { target: to } = timelock;
          const zero = ethers.ZeroHash;
          await timelock.connect(last).grantRole(proposer, last);
          await timelock.connect(last).schedule(to, 0n, data, zero, zero, 30n * DAY);
          await timelock.connect(last).revokeRole(proposer, last);
        },
        "CallScheduled of SystemTimelock",
      ],
      [
        "a condition more of the reserve",
        async ({ reserve, accessManager, last }) => {
          const mock = await ethers.deployContract("NecessityMock");
          await asAdmin(accessManager, last, reserve, "addCondition", [mock]);
        },
        "ConditionSet of SystemReserve",
      ],
      [
        "a module more in the directory",
        async ({ directory, other, accessManager, last }) =>
          asAdmin(accessManager, last, directory, "register", [
            ethers.encodeBytes32String("accomplice"),
            other.reserve,
            (await readInterfaceIds()).reserve,
          ]),
        "ModuleRegistered of SystemDirectory",
      ],
      [
        "a tier granted",
        ({ accessPolicy, accessManager, last, stranger }) =>
          asAdmin(accessManager, last, accessPolicy, "grantTier", [stranger, 1n, 2n ** 47n]),
        "TierGranted of AccessPolicy",
      ],
      [
        "a delay of decisions that is yet to come",
        ({ accessManager, reserve, last }) =>
          accessManager.connect(last).setTargetAdminDelay(reserve, 2n ** 32n - 1n),
        "TargetAdminDelayUpdated of AccessManager",
      ],
    ];
    for (const [name, act, expected] of CASES) {
      it(`reports ${name}`, async function () {
        const suite = await networkHelpers.loadFixture(deployed);
        const { accessManager, timelock, governance, manifest } = suite;
        // An administrator after the hand-over does what the deployer could have done before it.
        const last = await ethers.getSigner(manifest.deployer);
        await accessManager.connect(governance).grantRole(0n, last, 0n);
        await timelock.connect(governance).grantRole(ethers.ZeroHash, last);
        const renounce = async () => {
          await timelock.connect(last).renounceRole(ethers.ZeroHash, last);
          await accessManager.connect(last).renounceRole(0n, last);
        };
        const empty = await networkHelpers.takeSnapshot();
        await renounce();
        const without = await find(manifest);
        await empty.restore();

        await act({ ...suite, last });
        await renounce();

        const found = (await find(manifest)).filter((what) => !without.includes(what));
        expect(found).to.deep.equal([`${expected} before the hand-over`]);
      });
    }
  });
});

/** Has the administrator of the access manager call a function that has no role or another's. */
async function asAdmin(
  accessManager: Suite["accessManager"],
  admin: HardhatEthersSigner,
  target: BaseContract,
  name: string,
  args: unknown[],
): Promise<void> {
  const fragment = target.interface.getFunction(name);
  if (!fragment) throw new Error(`no function ${name}`);
  const values = await Promise.all(
    args.map((arg) => (isAddressable(arg) ? arg.getAddress() : arg)),
  );
  const data = target.interface.encodeFunctionData(fragment, values);
  const role = await accessManager.getTargetFunctionRole(target, fragment.selector);
  const manager = accessManager.connect(admin);
  await manager.setTargetFunctionRole(target, [fragment.selector], 0n);
  await manager.execute(target, data);
  await manager.setTargetFunctionRole(target, [fragment.selector], role);
}
