/**
 * Decisions of role holders about the suite, read twice: from the present state of the contracts,
 * and from their events alone. Each is a list of facts, so that a comparison shows which one
 * differs.
 */
import { encodeBytes32String, Interface, toBeHex, type LogDescription, type Result } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import { CONTRACT_KEYS, CONTRACTS, type ContractName } from "../../deploy/lib/manifest.js";
import { ADMIN_ROLE, ROLES } from "../../deploy/roles/table.js";
import type { IResourceRegistry } from "../../typechain-types/contracts/metering/ResourceRegistry.js";
import { DAY } from "./release.js";
import type { deploySuite } from "./suite.js";

type Suite = Awaited<ReturnType<typeof deploySuite>>;

/** A fact by its subject, such as `role 2 of 0x…`. */
type Facts = Map<string, string>;

/** A bounded parameter, as {@link IBoundedParameter} keeps it. */
interface Parameter {
  value: bigint;
  next: bigint;
  effectiveEpoch: bigint;
  announcedAt: bigint;
}

/** An event and the contract and the second that it comes from. */
interface Told {
  contract: ContractName;
  event: LogDescription;
  time: bigint;
}

const GWEI = 10n ** 9n;
const PAUSE_COOLDOWN = 7n * DAY;
const TIMELOCK_ROLES = [
  "DEFAULT_ADMIN_ROLE",
  "PROPOSER_ROLE",
  "CANCELLER_ROLE",
  "EXECUTOR_ROLE",
] as const;

/** Modules that a guardian can pause. */
export const PAUSABLE = [
  ...(["vault", "meter", "nodes", "slashing"] as const),
  ...(["pool", "attestations", "reserve"] as const),
] as const;

/** The facts as the contracts answer; `accounts` are those that may have been given something. */
export async function factsFromReads(suite: Suite, accounts: readonly string[]): Promise<string[]> {
  const facts: Facts = new Map();
  await readAccess(suite, accounts, facts);
  await readParameters(suite, facts);
  await readModules(suite, accounts, facts);
  await readGovernance(suite, accounts, facts);
  return lines(facts);
}

/** The facts as events tell them, from the block of the deployment on. */
export async function factsFromEvents(
  suite: Suite,
  connection: NetworkConnection,
): Promise<string[]> {
  const replay: Replay = { facts: new Map(), parameters: new Map(), policies: new Map() };
  for (const told of await readEvents(suite, connection)) HANDLERS[told.event.name]?.(replay, told);
  return lines(finish(replay, await suite.registry.currentEpoch()));
}

/** Roles and the table of functions. */
async function readAccess(suite: Suite, accounts: readonly string[], facts: Facts) {
  const { accessManager, meter, lock, manifest, timelock } = suite;
  for (const role of [ADMIN_ROLE, ...Object.values(ROLES).map(({ id }) => id)])
    for (const account of accounts) {
      const { isMember, executionDelay } = await accessManager.hasRole(role, account);
      if (isMember) facts.set(`AccessManager role ${role} of ${account}`, String(executionDelay));
    }
  for (const name of TIMELOCK_ROLES) {
    const role = await timelock[name]();
    for (const account of accounts)
      if (await timelock.hasRole(role, account))
        facts.set(`SystemTimelock role ${role} of ${account}`, "given");
  }
  for (const { address, abi } of Object.values(manifest.contracts)) {
    if (await accessManager.isTargetClosed(address)) facts.set(`calls of ${address}`, "closed");
    const selectors: string[] = [];
    Interface.from(abi).forEachFunction(({ selector }) => selectors.push(selector));
    for (const selector of selectors) {
      const role = await accessManager.getTargetFunctionRole(address, selector);
      if (role !== ADMIN_ROLE) facts.set(`function ${selector} of ${address}`, String(role));
    }
  }
  for (const account of accounts) {
    if (await meter.isMeter(account)) facts.set(`Meter flag of ${account}`, "set");
    if (await lock.isHolder(account)) facts.set(`GovernanceLock flag of ${account}`, "set");
  }
}

/** Every bounded parameter. */
async function readParameters(suite: Suite, facts: Facts) {
  const { accessPolicy, governor, incentiveVault, nodes, registry, stageCap } = suite;
  const names: [Pick<typeof nodes, "parameterOf">, ContractName, string[]][] = [
    [
      accessPolicy,
      "AccessPolicy",
      [await accessPolicy.LOCK_THRESHOLD(), await accessPolicy.SCORE_THRESHOLD()],
    ],
    [governor, "OPAGovernor", [await governor.QUORUM_FLOOR()]],
    [incentiveVault, "IncentiveVault", [await incentiveVault.KAPPA()]],
    [stageCap, "StageCapCondition", [await stageCap.SHARE()]],
    [
      nodes,
      "NodeRegistry",
      await Promise.all([0, 1, 2, 3, 4].map((category) => nodes.minimumStakeParameter(category))),
    ],
  ];
  const ofResources: string[] = [];
  for (let id = 1n; id <= (await registry.resourceCount()); ++id) {
    ofResources.push(await registry.rateParameter(id));
    const { target } = await registry.resourceOf(id);
    if (target !== 0n) ofResources.push(await registry.targetParameter(id));
  }
  names.push([registry, "ResourceRegistry", ofResources]);

  for (const [module, contract, parameters] of names)
    for (const parameter of parameters) {
      const [current] = await module.parameterOf(parameter);
      facts.set(`${contract} ${parameter}`, describeParameter(current));
    }
}

function describeKind(kind: {
  name: string;
  category: bigint;
  pointsPerUnit: bigint;
  epochCap: bigint;
  longest: bigint;
}): string {
  return join(kind.name, kind.category, kind.pointsPerUnit, kind.epochCap, kind.longest);
}

/** Resources, tiers, kinds, faults, schedules, pauses, the pool of later epochs and the source of scores. */
async function readModules(suite: Suite, accounts: readonly string[], facts: Facts) {
  const { accessPolicy, meter, attestations, registry, slashing, vault } = suite;
  for (let id = 1n; id <= (await registry.resourceCount()); ++id) {
    const resource = await registry.resourceOf(id);
    facts.set(`resource ${id}`, describeResource(resource));
    facts.set(`state of resource ${id}`, join(resource.state, resource.retiredEpoch));
    facts.set(
      `policy of resource ${id}`,
      join(resource.policy, resource.nextPolicy, resource.policyEpoch),
    );
  }
  for (let id = 1n; BigInt(await registry.pricePolicyOf(id)) !== 0n; ++id)
    facts.set(`price policy ${id}`, await registry.pricePolicyOf(id));
  const { policy, next, effectiveEpoch } = await meter.accessPolicy();
  if (effectiveEpoch !== 0n) facts.set("access policy", join(policy, next, effectiveEpoch));
  for (const account of accounts) {
    if (await meter.isAccessPolicy(account)) facts.set(`access policy ${account}`, "known");
    const { tier, expiresAt } = await accessPolicy.grantOf(account);
    if (tier !== 0n) facts.set(`tier of ${account}`, join(tier, expiresAt));
  }
  for (let id = 1n; id <= (await attestations.kindCount()); ++id) {
    const kind = await attestations.kindOf(id);
    facts.set(`kind ${id}`, describeKind(kind));
    facts.set(`verifiers of kind ${id}`, join(kind.set, kind.threshold, ...kind.verifiers));
    if (kind.retired) facts.set(`state of kind ${id}`, "retired");
  }
  for (let id = 1n; (await slashing.faultOf(id)).state !== 0n; ++id) {
    const { provider, bps, deadline, state } = await slashing.faultOf(id);
    facts.set(`fault ${id}`, join(provider, bps, deadline));
    facts.set(`state of fault ${id}`, String(state));
  }
  for (let id = 1n; id <= (await vault.scheduleCount()); ++id) {
    const { revokedAt } = await vault.scheduleOf(id);
    if (revokedAt !== 0n) facts.set(`schedule ${id}`, `revoked at ${revokedAt}`);
  }
  facts.set("book", await meter.bookOf(2n ** 32n - 1n));
  facts.set("sources of scores", join(...(await accessPolicy.scores())));
  for (const key of PAUSABLE) {
    const { until, pausableAt, reason } = await suite[key].pauseState();
    if (until !== 0n) facts.set(`pause of ${CONTRACTS[key]}`, join(until, pausableAt, reason));
  }
}

/** Directory, reserve, Governor and timelock. */
async function readGovernance(suite: Suite, accounts: readonly string[], facts: Facts) {
  const { directory, governor, reserve, timelock } = suite;
  for (const id of await directory.ids()) {
    const modules = await directory.versionsOf(id);
    facts.set(`current ${id}`, await directory.currentOf(id));
    for (const module of modules) {
      const { version, interfaceId, registeredAt } = await directory.moduleOf(module);
      facts.set(`module ${module}`, join(id, version, interfaceId, registeredAt));
    }
  }
  for (const account of accounts)
    if ((await reserve.watchOf(account)).registered) facts.set(`condition ${account}`, "known");
  for (let id = 1n; id <= (await reserve.drawCount()); ++id) {
    const { module, amount, condition, executableAt, status } = await reserve.drawOf(id);
    facts.set(`draw ${id}`, join(module, amount, condition, executableAt));
    facts.set(`state of draw ${id}`, String(status));
  }
  facts.set("voting delay", String(await governor.votingDelay()));
  facts.set("voting period", String(await governor.votingPeriod()));
  facts.set("proposal threshold", String(await governor.proposalThreshold()));
  facts.set("quorum", String(await governor["quorumNumerator()"]()));
  facts.set("vote extension", String(await governor.lateQuorumVoteExtension()));
  facts.set("proposal guardian", await governor.proposalGuardian());
  facts.set("end of the proposal guardian", String(await governor.guardianExpiresAt()));
  facts.set("delay", String(await timelock.getMinDelay()));
}

/** Every event of every contract of the suite, in order. */
async function readEvents({ manifest }: Suite, { ethers }: NetworkConnection): Promise<Told[]> {
  const contracts = new Map<string, [ContractName, Interface]>();
  for (const key of CONTRACT_KEYS) {
    const { address, abi } = manifest.contracts[CONTRACTS[key]];
    contracts.set(address, [CONTRACTS[key], Interface.from(abi)]);
  }
  const fromBlock = manifest.deploymentBlock;
  const logs = await ethers.provider.getLogs({ address: [...contracts.keys()], fromBlock });

  const times = new Map<number, bigint>();
  const told: Told[] = [];
  for (const log of logs) {
    const [contract, abi] = contracts.get(log.address) ?? [];
    const event = abi?.parseLog(log);
    if (!contract || !event) throw new Error(`an event without a name at ${log.address}`);
    const time = times.get(log.blockNumber) ?? BigInt((await log.getBlock()).timestamp);
    times.set(log.blockNumber, time);
    told.push({ contract, event, time });
  }
  return told;
}

/** State by the events so far. */
interface Replay {
  readonly facts: Facts;
  readonly parameters: Map<string, Parameter>;
  /** Policies of resources: the present one, the next one and the epoch from which that counts. */
  readonly policies: Map<string, readonly [present: bigint, next: bigint, epoch: bigint]>;
}

type Handler = (replay: Replay, told: Told) => void;

/** A handler that gives the fact named by its first words and the first argument of the event a value. */
function sets(subject: string, value: (args: Result) => unknown): Handler {
  return ({ facts }, { event: { args } }) => {
    facts.set(`${subject} ${args[0]}`.trim(), String(value(args)));
  };
}

/** Effect of each event. Events that are not here change no decision. */
const HANDLERS: Readonly<Record<string, Handler>> = {
  RoleGranted({ facts }, { contract, event: { args } }) {
    const isManager = contract === "AccessManager";
    facts.set(roleKey(contract, args), isManager ? String(args["delay"]) : "given");
  },
  RoleRevoked({ facts }, { contract, event: { args } }) {
    facts.delete(roleKey(contract, args));
  },
  TargetFunctionRoleUpdated({ facts }, { event: { args } }) {
    const { target, selector, roleId } = args.toObject() as Record<string, string | bigint>;
    put(facts, `function ${selector} of ${target}`, roleId !== ADMIN_ROLE, roleId);
  },
  TargetClosed({ facts }, { event: { args } }) {
    put(facts, `calls of ${args[0]}`, args[1] === true, "closed");
  },
  MeterSynced: syncs,
  HolderSynced: syncs,
  Paused({ facts }, { contract, event: { args } }) {
    const { until, reason } = args.toObject() as { until: bigint; reason: string };
    facts.set(`pause of ${contract}`, join(until, until + PAUSE_COOLDOWN, reason));
  },
  PauseMoved({ facts }, { contract, event: { args } }) {
    const { until } = args.toObject() as { until: bigint };
    const reason = facts.get(`pause of ${contract}`)?.split(", ")[2];
    facts.set(`pause of ${contract}`, join(until, until + PAUSE_COOLDOWN, reason));
  },

  ParameterDefined({ parameters }, { contract, event: { args } }) {
    const { parameter, value } = args.toObject() as { parameter: string; value: bigint };
    const record = { value, next: value, effectiveEpoch: 0n, announcedAt: 0n };
    parameters.set(`${contract} ${parameter}`, record);
  },
  ParameterAnnounced({ parameters }, { contract, event: { args }, time }) {
    const { parameter, ...change } = args.toObject() as Parameter & { parameter: string };
    parameters.set(`${contract} ${parameter}`, { ...change, announcedAt: time });
  },
  AnnouncementWithdrawn({ parameters }, { contract, event: { args } }) {
    const known = knownParameter(parameters, `${contract} ${args[0]}`);
    Object.assign(known, { next: known.value, effectiveEpoch: 0n });
  },
  PricesFixed({ parameters }, { contract, event: { args } }) {
    const { resource, rates } = args.toObject() as { resource: bigint; rates: bigint[] };
    const known = knownParameter(parameters, `${contract} ${rateParameter(resource)}`);
    known.value = (rates.at(-1) ?? 0n) * GWEI;
  },

  ResourceRegistered({ facts, policies }, { event: { args } }) {
    const resource = args.toObject() as unknown as IResourceRegistry.ResourceStructOutput;
    facts.set(`resource ${args[0]}`, describeResource(resource));
    facts.set(`state of resource ${args[0]}`, join(1, 0));
    policies.set(String(args[0]), [0n, resource.policy, 0n]);
  },
  ResourceDeprecated: sets("state of resource", () => join(2, 0)),
  ResourceRetired: sets("state of resource", (args) => join(3, args["retiredEpoch"])),
  PricePolicyRegistered: sets("price policy", (args) => args["policy"]),
  PricePolicyChosen({ policies }, { event: { args } }) {
    const [id, present, next, epoch] = args.toArray() as [bigint, bigint, bigint, bigint];
    policies.set(String(id), [present, next, epoch]);
  },
  PriceFrozen({ policies }, { event: { args } }) {
    policies.set(String(args[0]), [0n, 0n, 0n]);
  },

  AccessPolicyRegistered: sets("access policy", () => "known"),
  AccessPolicyChosen({ facts }, { event: { args } }) {
    facts.set("access policy", join(...args));
  },
  TierGranted({ facts }, { event: { args } }) {
    const { account, tier, expiresAt } = args.toObject() as Record<string, string | bigint>;
    put(facts, `tier of ${account}`, tier !== 0n, join(tier, expiresAt));
  },
  KindDefined: sets("kind", (args) => join(...args.slice(1))),
  VerifiersChanged: sets("verifiers of kind", (args) =>
    join(args["set"], args["threshold"], ...(args["verifiers"] as string[])),
  ),
  KindRetired: sets("state of kind", () => "retired"),
  FaultAnnounced({ facts }, { event: { args } }) {
    const { fault, provider, bps, deadline } = args.toObject() as Record<string, string | bigint>;
    facts.set(`fault ${fault}`, join(provider, bps, deadline));
    facts.set(`state of fault ${fault}`, "1");
  },
  FaultVetoed: sets("state of fault", () => 2),
  FaultExecuted: sets("state of fault", () => 3),
  ScheduleRevoked({ facts }, { event: { args }, time }) {
    facts.set(`schedule ${args[0]}`, `revoked at ${time}`);
  },
  BookSet({ facts }, { event: { args } }) {
    facts.set("book", String(args["book"]));
  },
  ScoresChanged({ facts }, { event: { args } }) {
    facts.set("sources of scores", join(...(args["sources"] as string[])));
  },

  ModuleRegistered({ facts }, { event: { args }, time }) {
    const { id, module, version, interfaceId } = args.toObject() as Record<string, string | bigint>;
    facts.set(`current ${id}`, String(module));
    facts.set(`module ${module}`, join(id, version, interfaceId, time));
  },
  ConditionSet({ facts }, { event: { args } }) {
    put(facts, `condition ${args[0]}`, args["registered"] === true, "known");
  },
  DrawRequested({ facts }, { event: { args } }) {
    const { id, module, amount, condition, executableAt } = args.toObject() as Record<
      string,
      string | bigint
    >;
    facts.set(`draw ${id}`, join(module, amount, condition, executableAt));
    facts.set(`state of draw ${id}`, "1");
  },
  DrawExecuted: sets("state of draw", () => 2),
  DrawWithdrawn: sets("state of draw", () => 3),

  VotingDelaySet: changes("voting delay"),
  VotingPeriodSet: changes("voting period"),
  ProposalThresholdSet: changes("proposal threshold"),
  QuorumNumeratorUpdated: changes("quorum"),
  LateQuorumVoteExtensionSet: changes("vote extension"),
  ProposalGuardianSet: changes("proposal guardian"),
  GuardianExpirySet: changes("end of the proposal guardian"),
  MinDelayChange: changes("delay"),
};

/** A handler of an event that tells the old value and the new one. */
function changes(subject: string): Handler {
  return ({ facts }, { event: { args } }) => {
    const previous = facts.get(subject);
    if (previous !== undefined && previous !== String(args[0]))
      throw new Error(`${subject} was ${previous}, and its event says ${args[0]}`);
    facts.set(subject, String(args[1]));
  };
}

function syncs({ facts }: Replay, { contract, event: { args } }: Told): void {
  put(facts, `${contract} flag of ${args[0]}`, args["allowed"] === true, "set");
}

/** The facts at an epoch: announcements for begun epochs are in force. */
function finish({ facts, parameters, policies }: Replay, epoch: bigint): Facts {
  for (const [key, { value, next, effectiveEpoch, announcedAt }] of parameters) {
    const isPending = effectiveEpoch > epoch;
    const current = effectiveEpoch === 0n || isPending ? value : next;
    const pending = isPending ? { next, effectiveEpoch } : { next: current, effectiveEpoch: 0n };
    facts.set(key, describeParameter({ value: current, announcedAt, ...pending }));
  }
  for (const [resource, [present, next, from]] of policies)
    facts.set(
      `policy of resource ${resource}`,
      from > epoch ? join(present, next, from) : join(next, 0, 0),
    );
  const [present, next, from = "0"] = facts.get("access policy")?.split(", ") ?? [];
  if (next !== undefined)
    facts.set("access policy", join(BigInt(from) > epoch ? present : next, next, from));
  return facts;
}

function roleKey(contract: ContractName, args: Result): string {
  return `${contract} role ${args[0]} of ${args[1]}`;
}

function knownParameter(parameters: Replay["parameters"], key: string): Parameter {
  const known = parameters.get(key);
  if (!known) throw new Error(`${key} was not defined`);
  return known;
}

function rateParameter(resource: bigint): string {
  const name = BigInt(encodeBytes32String("resource-rate"));
  return toBeHex(name | resource, 32);
}

/** Immutable fields of a resource. */
function describeResource(resource: IResourceRegistry.ResourceStructOutput): string {
  const { name, unit, category, weight, minimumTier, parent, floor, ceiling } = resource;
  const { registeredEpoch } = resource;
  return join(name, unit, category, weight, minimumTier, parent, floor, ceiling, registeredEpoch);
}

function describeParameter({ value, next, effectiveEpoch, announcedAt }: Parameter): string {
  return `${value}, then ${next} from ${effectiveEpoch}, announced at ${announcedAt}`;
}

function join(...parts: unknown[]): string {
  return parts.map(String).join(", ");
}

function put(facts: Facts, key: string, isSet: boolean, value: unknown): void {
  if (isSet) facts.set(key, String(value));
  else facts.delete(key);
}

function lines(facts: Facts): string[] {
  return [...facts].map(([key, value]) => `${key}: ${value}`).sort();
}
