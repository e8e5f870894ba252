import { expect } from "chai";
import { encodeBytes32String, id, Interface, ZeroAddress, type BaseContract } from "ethers";
import { network } from "hardhat";

import { readInterfaceIds } from "../../deploy/lib/interface-ids.js";
import { CONTRACTS, type ContractKey } from "../../deploy/lib/manifest.js";
import { PERMISSIONS, ROLES, type RoleName } from "../../deploy/roles/table.js";
import { factsFromEvents, factsFromReads, PAUSABLE } from "../support/governed-state.js";
import { GWEI, resourceParams } from "../support/metering.js";
import { DAY, OPA } from "../support/release.js";
import { PARAMETERS } from "../support/suite.js";
import { decide, deployInUse } from "../support/upgrade.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const HOUR = 3_600n;
const PAUSE_GUARDIAN = 18;
const LATEST = 2n ** 48n - 1n;
const REASON = ethers.dataSlice(encodeBytes32String("drill"), 0, 20);
const POOL = encodeBytes32String("incentive-pool");

/** Roles that people hold. The others belong to modules, whose own tests rebuild them from their events. */
const HELD_BY_PEOPLE: readonly RoleName[] = [
  ...(["GOVERNANCE", "REGISTRAR", "REPORTER", "PAUSE_GUARDIAN"] as const),
];

/**
 * A suite in use. Its helper uses any right, and records the right and the event that reported it.
 */
async function fixture() {
  const suite = await deployInUse(connection);
  const { addresses } = suite;
  const governance = await ethers.getImpersonatedSigner(addresses.timelock);
  await networkHelpers.setBalance(governance.address, OPA);
  const reporter = await ethers.getImpersonatedSigner(PARAMETERS.nodes.reporter);
  await networkHelpers.setBalance(reporter.address, OPA);
  const guardian = (await ethers.getSigners())[PAUSE_GUARDIAN];
  if (!guardian) throw new Error("nineteen signers expected");

  const used = new Set<string>();
  const use = async (
    key: Exclude<ContractKey, "meterExtension">,
    name: string,
    ...args: unknown[]
  ) => {
    const contract: BaseContract = suite[key];
    const signer = { pause: guardian, announceFault: reporter }[name] ?? governance;
    const sent = (await contract.connect(signer).getFunction(name)(...args)) as {
      wait: () => Promise<{ logs: readonly { address: string }[] } | null>;
    };
    const receipt = await sent.wait();
    const told = receipt?.logs.filter(({ address }) => address === addresses[key]) ?? [];
    expect(told, `events of ${CONTRACTS[key]}.${name}`).to.not.have.length(0);
    used.add(`${CONTRACTS[key]}.${contract.interface.getFunction(name)?.format()}`);
  };
  return { ...suite, governance, reporter, use, used };
}

type Fixture = Awaited<ReturnType<typeof fixture>>;

/** Resources, their prices, and who has access. */
async function decideOnService({ registry, accessPolicy, alice, use }: Fixture) {
  const params = { rate: 40n * GWEI, target: 1_000n };
  const first = (await registry.resourceCount()) + 1n;
  const [policed, announced, derived] = [first, first + 1n, first + 2n];
  await use("registry", "register", resourceParams({ ...params, name: "by load" }));
  await use("registry", "register", resourceParams({ ...params, name: "announced" }));
  await use("registry", "registerDerived", announced, 20_000n, "twice as much");
  await use("registry", "defineTarget", derived, 500n);
  await use("registry", "deprecate", derived);
  await use("registry", "retire", derived);
  await use("registry", "deprecate", 1n);
  const rate = await registry.rateParameter(announced);
  await use("registry", "announce", rate, 41n * GWEI);
  await use("registry", "withdrawAnnouncement", rate);
  await use("registry", "announce", await registry.targetParameter(announced), 1_100n);
  const pricePolicy = await ethers.deployContract("PricePolicyMock");
  await use("registry", "registerPricePolicy", pricePolicy);
  for (const resource of [policed, announced])
    await use("registry", "choosePricePolicy", resource, 1n);
  await time.increase(6n * DAY);
  await use("registry", "freezePrice", policed);

  const policy = await ethers.deployContract("AccessPolicyMock");
  await use("meter", "registerAccessPolicy", policy);
  await use("meter", "chooseAccessPolicy", policy);
  await use("accessPolicy", "grantTier", alice, 2n, LATEST);
  const threshold = await accessPolicy.LOCK_THRESHOLD();
  const [{ value }] = await accessPolicy.parameterOf(threshold);
  await use("accessPolicy", "announce", threshold, value + 1n);
  await use("accessPolicy", "withdrawAnnouncement", threshold);
  return policy.getAddress();
}

/** Stakes, faults, contributions, κ and schedules. */
async function decideOnNodes({
  attestations,
  incentiveVault,
  nodes,
  provider,
  vault,
  use,
  ...suite
}: Fixture) {
  const minimum = await nodes.minimumStakeParameter(1n);
  const [{ value }] = await nodes.parameterOf(minimum);
  await use("nodes", "announce", minimum, value + 1n);
  await use("nodes", "withdrawAnnouncement", minimum);
  for (const bps of [100n, 200n])
    await use("slashing", "announceFault", provider, bps, id("evidence"), "ipfs://evidence");
  await use("slashing", "vetoFault", 1n);

  const verifiers = [suite.alice, suite.voter, provider]
    .map(({ address }) => address)
    .sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
  const points = { pointsPerUnit: 7n, epochCap: 70n, longest: DAY };
  const kind = { name: "reviews", category: 3n, ...points };
  await use("attestations", "defineKind", { ...kind, threshold: 2n, verifiers });
  const added = await attestations.kindCount();
  await use("attestations", "setVerifiers", added, verifiers.slice(1), 1n);
  await use("attestations", "retireKind", 1n);

  const kappa = await incentiveVault.KAPPA();
  await use("incentiveVault", "announce", kappa, 4_900n);
  await use("incentiveVault", "withdrawAnnouncement", kappa);
  for (let schedule = 1n; schedule <= (await vault.scheduleCount()); ++schedule)
    if ((await vault.scheduleOf(schedule)).revocable) await use("vault", "revoke", schedule);
}

/** The floor of the quorum, conditions and draws of the reserve, and a second pool. */
async function decideOnSystem(suite: Fixture) {
  const { accessManager, governor, incentiveVault, lock, nodes, pool } = suite;
  const { reserve, stageCap, use } = suite;
  const floor = await governor.QUORUM_FLOOR();
  const [{ value }] = await governor.parameterOf(floor);
  await use("governor", "announce", floor, value + 1n);
  await use("governor", "withdrawAnnouncement", floor);

  const condition = await ethers.deployContract("NecessityMock");
  await condition.getFunction("answer")(ethers.toBeHex(1, 32));
  await use("reserve", "addCondition", condition);
  const share = await stageCap.SHARE();
  await use("stageCap", "announce", share, 2_600n);
  await use("stageCap", "withdrawAnnouncement", share);
  await use("reserve", "removeCondition", stageCap);
  for (let hours = 0n; hours <= 72n; hours += 9n) {
    await reserve.observe(condition);
    await time.increase(9n * HOUR);
  }
  for (const amount of [OPA, 2n * OPA])
    await use("reserve", "request", incentiveVault, amount, condition, "a drill", LATEST);
  await use("reserve", "withdrawRequest", 1n);

  const { claimLimit, shares } = PARAMETERS.incentives;
  const next = await ethers.deployContract("IncentivePool", [
    ...[incentiveVault, nodes, lock, accessManager],
    ...[claimLimit, shares],
  ] as never);
  const { pool: interfaceId } = await readInterfaceIds();
  await use("directory", "register", POOL, next, interfaceId);
  await use("meter", "setBook", next);
  await use("accessPolicy", "setScores", [pool, next]);
  return [await condition.getAddress(), await next.getAddress()];
}

const SETTERS = [
  "function setVotingDelay(uint48)",
  "function setVotingPeriod(uint32)",
  "function setProposalThreshold(uint256)",
  "function updateQuorumNumerator(uint256)",
  "function setLateQuorumVoteExtension(uint48)",
  "function setProposalGuardian(address)",
];

/** Settings, which need a vote, and the rights themselves. */
async function decideOnRights(suite: Fixture) {
  const { accessManager, accessPolicy, alice, governance, governor, slashing, timelock } = suite;
  const settings = {
    setVotingDelay: (await governor.votingDelay()) + 60n,
    setVotingPeriod: (await governor.votingPeriod()) + 60n,
    setProposalThreshold: (await governor.proposalThreshold()) + OPA,
    updateQuorumNumerator: (await governor["quorumNumerator()"]()) + 1n,
    setLateQuorumVoteExtension: (await governor.lateQuorumVoteExtension()) + 60n,
    setProposalGuardian: alice.address,
  };
  const setters = Object.entries(settings).map(
    ([name, value]) =>
      [governor, new Interface(SETTERS).encodeFunctionData(name, [value])] as const,
  );
  const delay = (await timelock.getMinDelay()) + HOUR;
  const update = timelock.interface.encodeFunctionData("updateDelay", [delay]);
  await decide(suite, [...setters, [timelock, update]], "Every setting");

  const manager = accessManager.connect(governance);
  const { REGISTRAR, REPORTER, GOVERNANCE } = ROLES;
  await manager.grantRole(REGISTRAR.id, alice, HOUR);
  await manager.revokeRole(REPORTER.id, suite.reporter);
  const { selector } = accessPolicy.interface.getFunction("grantTier");
  await manager.setTargetFunctionRole(accessPolicy, [selector], GOVERNANCE.id);
  await manager.setTargetClosed(slashing, true);
}

/** Every module paused, some of the pauses moved, all but one of them once over. */
async function pauseEverything({ use }: Fixture) {
  for (const key of PAUSABLE) {
    await use(key, "pause", REASON, BigInt(await time.latest()) + 2n * DAY);
    await use(key, "movePause", BigInt(await time.latest()) + DAY);
  }
  await time.increase(9n * DAY);
  await use("reserve", "pause", REASON, BigInt(await time.latest()) + DAY);
}

describe("Events (SYS-I3)", function () {
  it("alone tell everything that holders of roles have decided", async function () {
    const suite = await fixture();
    const policy = await decideOnService(suite);
    await decideOnNodes(suite);
    const [condition = "", pool = ""] = await decideOnSystem(suite);
    await pauseEverything(suite);
    await decideOnRights(suite);
    // Prices by policies need no decision; anyone can have them stored.
    const { registry } = suite;
    const count = Number(await registry.resourceCount());
    await registry.fixPrices(Array.from({ length: count }, (_, i) => BigInt(i + 1)));
    const signers = await ethers.getSigners();
    const known = [
      ...Object.values(suite.addresses),
      ...signers.map(({ address }) => address),
      ...[suite.reporter.address, policy, condition, pool, ZeroAddress],
    ];

    const told = await factsFromEvents(suite, connection);

    expect(told).to.deep.equal(await factsFromReads(suite, known));
    // The Meter is connected at deployment, which is possible once.
    const rights = PERMISSIONS.filter(
      ({ role, signature }) => HELD_BY_PEOPLE.includes(role) && signature !== "setMeter(address)",
    );
    expect([...suite.used].sort()).to.deep.equal(
      rights.map(({ contract, signature }) => `${contract}.${signature}`).sort(),
    );
  });
});
