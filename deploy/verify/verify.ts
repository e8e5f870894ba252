/**
 * Compares a chain with a manifest and a parameter file. What cannot change after deployment is compared strictly: code,
 * immutables, allocations as they were made, curves, definitions of resources. What may change is judged by its bounds:
 * the beneficiary of a schedule may hand it over, so the one of the genesis event counts; what a schedule has paid and
 * whether it was revoked is left to its code, which is compared; a resource may be deprecated or retired and others may be added; balances of
 * the timelock, the genesis and the deployer are not compared, since anyone can send tokens there and the events already
 * show where the whole supply went.
 */
import {
  decodeBytes32String,
  encodeBytes32String,
  EventLog,
  Interface,
  TypedDataEncoder,
  ZeroAddress,
  type BaseContract,
} from "ethers";
import hre from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";

import { createDomain, hashStatement } from "../../sdk/statements/statement.js";
import { MODULES, readInterfaceIds, type ModuleKey } from "../lib/interface-ids.js";
import { inPortions } from "../lib/logs.js";
import { CONTRACTS, type Manifest } from "../lib/manifest.js";
import type { Stage } from "../parameters/curves.js";
import { hashParameters } from "../parameters/reader.js";
import {
  CATEGORIES,
  CONTRIBUTIONS,
  type Parameters,
  type ReleaseStage,
} from "../parameters/schema.js";
import { ADMIN_ROLE, PERMISSIONS, ROLES } from "../roles/table.js";
import { countPrivileged, privilegedCounts } from "./hand-over.js";

/** Something on the chain that is not what the files say. */
export interface Difference {
  what: string;
  expected: string;
  actual: string;
}

type Suite = Awaited<ReturnType<typeof attach>>;

/** What every check works on. */
interface Subject extends Suite {
  connection: NetworkConnection;
  manifest: Manifest;
  parameters: Parameters;
  /** Notes a difference unless the two are equal. */
  same: (what: string, expected: unknown, actual: unknown) => void;
}

/** An account and a role it has. */
interface Membership {
  role: string;
  account: string;
}

/** Name of κ among the pool's parameters. */
const KAPPA = encodeBytes32String("kappa");

/** Every difference between the chain and the files; none if the deployment is what it should be. */
export async function verifyDeployment(
  connection: NetworkConnection,
  manifest: Manifest,
  parameters: Parameters,
): Promise<Difference[]> {
  const differences: Difference[] = [];
  const same = (what: string, expected: unknown, actual: unknown) => {
    if (text(expected) === text(actual)) return;
    differences.push({ what, expected: text(expected), actual: text(actual) });
  };

  const { chainId } = await connection.ethers.provider.getNetwork();
  same("chain id", BigInt(manifest.chainId), chainId);
  same("parameter file of the manifest", parameters.name, manifest.parameters.name);
  same("fingerprint of the parameters", hashParameters(parameters), manifest.parameters.sha256);
  await compareCode(connection, manifest, same);
  if (differences.some(({ what }) => what === "chain id" || what.startsWith("code"))) {
    return differences; // what answers at these addresses is not ours to ask
  }

  const suite = await attach(connection, manifest);
  const subject = { ...suite, connection, manifest, parameters, same };
  await compareImmutables(subject);
  await compareAllocations(subject);
  await compareResources(subject);
  await compareNodes(subject);
  await compareIncentives(subject);
  await compareAccess(subject);
  await compareTable(subject);
  await compareRoles(subject);
  await compareMeters(subject);
  await compareTimelock(subject);
  await compareGovernor(subject);
  await compareDirectory(subject);
  await compareConditions(subject);
  await compareHandOver(subject);
  return differences;
}

/** Typed contracts at the addresses of the manifest. */
async function attach({ ethers }: NetworkConnection, { contracts }: Manifest) {
  return {
    accessManager: await ethers.getContractAt("AccessManager", contracts.AccessManager.address),
    timelock: await ethers.getContractAt("SystemTimelock", contracts.SystemTimelock.address),
    genesis: await ethers.getContractAt("Genesis", contracts.Genesis.address),
    token: await ethers.getContractAt("OPAToken", contracts.OPAToken.address),
    vault: await ethers.getContractAt("ReleaseVault", contracts.ReleaseVault.address),
    registry: await ethers.getContractAt("ResourceRegistry", contracts.ResourceRegistry.address),
    pricePolicy: await ethers.getContractAt("LoadPricePolicy", contracts.LoadPricePolicy.address),
    accessPolicy: await ethers.getContractAt("AccessPolicy", contracts.AccessPolicy.address),
    accounts: await ethers.getContractAt("ServiceAccounts", contracts.ServiceAccounts.address),
    nodes: await ethers.getContractAt("NodeRegistry", contracts.NodeRegistry.address),
    slashing: await ethers.getContractAt("NodeSlashing", contracts.NodeSlashing.address),
    incentiveVault: await ethers.getContractAt("IncentiveVault", contracts.IncentiveVault.address),
    stageCap: await ethers.getContractAt("StageCapCondition", contracts.StageCapCondition.address),
    pool: await ethers.getContractAt("IncentivePool", contracts.IncentivePool.address),
    attestations: await ethers.getContractAt("Attestations", contracts.Attestations.address),
    scheduler: await ethers.getContractAt("NodeScheduler", contracts.NodeScheduler.address),
    settlement: await ethers.getContractAt("Settlement", contracts.Settlement.address),
    directory: await ethers.getContractAt("SystemDirectory", contracts.SystemDirectory.address),
    lock: await ethers.getContractAt("GovernanceLock", contracts.GovernanceLock.address),
    governor: await ethers.getContractAt("OPAGovernor", contracts.OPAGovernor.address),
    reserve: await ethers.getContractAt("SystemReserve", contracts.SystemReserve.address),
    lens: await ethers.getContractAt("SystemLens", contracts.SystemLens.address),
  };
}

/** Runtime code against the artifact, immutables left out on both sides; interfaces of the manifest. */
async function compareCode(
  { ethers }: NetworkConnection,
  { contracts }: Manifest,
  same: Subject["same"],
) {
  for (const name of Object.values(CONTRACTS)) {
    const artifact = await hre.artifacts.readArtifact(name);
    const ranges = Object.values(artifact.immutableReferences ?? {}).flat();
    const code = await ethers.provider.getCode(contracts[name].address);
    const expected = ethers.keccak256(blank(artifact.deployedBytecode, ranges));
    const actual = code === "0x" ? "no code" : ethers.keccak256(blank(code, ranges));

    same(`code of ${name}`, expected, actual);
    same(
      `interface of ${name} in the manifest`,
      JSON.stringify(artifact.abi),
      JSON.stringify(contracts[name].abi),
    );
  }
}

/** Everything the constructors fixed. */
async function compareImmutables(subject: Subject) {
  const { manifest, parameters, same } = subject;
  const { genesis, token, vault, registry, accounts, settlement } = subject;
  const { directory, lock, governor, reserve, lens, incentiveVault, stageCap } = subject;
  const { accessManager, accessPolicy, nodes, slashing, pool, attestations, scheduler } = subject;
  const { epoch } = parameters;
  const chainId = BigInt(manifest.chainId);

  same("Genesis.DISTRIBUTOR", manifest.deployer, await genesis.DISTRIBUTOR());
  const tokenDomain = {
    name: "OPA Token",
    version: "1",
    chainId,
    verifyingContract: manifest.contracts.OPAToken.address,
  };
  same(
    "OPAToken.DOMAIN_SEPARATOR",
    TypedDataEncoder.hashDomain(tokenDomain),
    await token.DOMAIN_SEPARATOR(),
  );
  same("ReleaseVault.TOKEN", token.target, await vault.TOKEN());
  same("ReleaseVault.RESERVE", reserve.target, await vault.RESERVE());
  same("ReleaseVault.LOCK", lock.target, await vault.LOCK());
  same("ReleaseVault.NODES", nodes.target, await vault.NODES());
  same("ServiceAccounts.TOKEN", token.target, await accounts.TOKEN());
  same("ServiceAccounts.CLAIM_GRACE", parameters.claimGrace, await accounts.CLAIM_GRACE());
  for (const [name, clock] of [
    ["ResourceRegistry", registry],
    ["ServiceAccounts", accounts],
    ["AccessPolicy", accessPolicy],
    ["NodeRegistry", nodes],
    ["IncentiveVault", incentiveVault],
    ["IncentivePool", pool],
    ["StageCapCondition", stageCap],
    ["Settlement", settlement],
    ["OPAGovernor", governor],
  ] as const) {
    same(`${name}.GENESIS`, epoch.genesis, await clock.GENESIS());
    same(`${name}.EPOCH_DURATION`, epoch.duration, await clock.EPOCH_DURATION());
  }
  same("Settlement.REGISTRY", registry.target, await settlement.REGISTRY());
  same("Settlement.ACCOUNTS", accounts.target, await settlement.ACCOUNTS());
  same("Settlement.NODES", nodes.target, await settlement.NODES());
  same("NodeRegistry.TOKEN", token.target, await nodes.TOKEN());
  same("NodeRegistry.RESERVE", reserve.target, await nodes.RESERVE());
  same("NodeSlashing.NODES", nodes.target, await slashing.NODES());
  same("IncentivePool.TOKEN", token.target, await pool.TOKEN());
  same("IncentiveVault.TOKEN", token.target, await incentiveVault.TOKEN());
  same("IncentiveVault.METER", registry.target, await incentiveVault.METER());
  same("IncentiveVault.RESERVE", reserve.target, await incentiveVault.RESERVE());
  same("StageCapCondition.VAULT", incentiveVault.target, await stageCap.VAULT());
  same("IncentivePool.VAULT", incentiveVault.target, await pool.VAULT());
  same("IncentivePool.METER", registry.target, await pool.METER());
  same("IncentivePool.NODES", nodes.target, await pool.NODES());
  same("IncentivePool.LOCK", lock.target, await pool.LOCK());
  same(
    "IncentivePool.claimLimit",
    parameters.incentives.claimLimit,
    (await pool.claimLimit()).limit,
  );
  const { account, total } = await settlement.limits();
  same(
    "Settlement.limits",
    [parameters.burnLimits.account, parameters.burnLimits.total],
    [account, total],
  );
  same("GovernanceLock.TOKEN", token.target, await lock.TOKEN());
  same("OPAGovernor.LOCK", lock.target, await governor.LOCK());
  same("OPAGovernor.DIRECTORY", directory.target, await governor.DIRECTORY());
  same("SystemReserve.TOKEN", token.target, await reserve.TOKEN());
  same("SystemReserve.DIRECTORY", directory.target, await reserve.DIRECTORY());
  same("SystemLens.DIRECTORY", directory.target, await lens.DIRECTORY());
  same("Attestations.METER", registry.target, await attestations.METER());
  same("NodeScheduler.POOL", pool.target, await scheduler.POOL());
  same("NodeScheduler.NODES", nodes.target, await scheduler.NODES());
  same("NodeScheduler.REGISTRY", registry.target, await scheduler.REGISTRY());
  same(
    "Settlement.SETTLEMENT_WINDOW",
    parameters.settlementWindow,
    await settlement.SETTLEMENT_WINDOW(),
  );
  const statement = { account: ZeroAddress, priceEpoch: 0n, deadline: 0n, lines: [] };
  const verifyingContract = manifest.contracts.Settlement.address;
  same(
    "Settlement.hashStatement",
    hashStatement(createDomain(chainId, verifyingContract), statement),
    await settlement.hashStatement(statement),
  );
  for (const [name, module] of [
    ["ReleaseVault", vault],
    ["ResourceRegistry", registry],
    ["ServiceAccounts", accounts],
    ["AccessPolicy", accessPolicy],
    ["NodeRegistry", nodes],
    ["NodeSlashing", slashing],
    ["IncentiveVault", incentiveVault],
    ["IncentivePool", pool],
    ["Attestations", attestations],
    ["StageCapCondition", stageCap],
    ["Settlement", settlement],
    ["GovernanceLock", lock],
    ["OPAGovernor", governor],
    ["SystemReserve", reserve],
    ["SystemDirectory", directory],
  ] as const) {
    same(`${name}.authority`, accessManager.target, await module.authority());
  }
}

/** Where the supply went at genesis, from its events, and the schedules it made. */
async function compareAllocations(subject: Subject) {
  const { genesis, token, vault, reserve, incentiveVault, parameters, same } = subject;
  const holders = { systemReserve: reserve.target, incentiveVault: incentiveVault.target };
  same("supply is distributed", true, await genesis.isDistributed(token));

  const transfers = await readEvents(subject, genesis, "AllocationTransferred");
  const grants = await readEvents(subject, genesis, "AllocationScheduled");

  same("number of direct allocations", parameters.transfers.length, transfers.length);
  for (const [i, { label, to, amount }] of parameters.transfers.entries()) {
    const args = transfers[i]?.args;
    const actual = args && [decodeBytes32String(String(args[0])), args[1], args[2]];
    same(`allocation ${label}`, [label, holders[to], amount], actual);
  }

  same("number of scheduled allocations", parameters.grants.length, grants.length);
  for (const [i, grant] of parameters.grants.entries()) {
    const args = grants[i]?.args;
    const actual = args && [decodeBytes32String(String(args[0])), args[1], args[3]];
    same(`allocation ${grant.label} #${i}`, [grant.label, grant.beneficiary, grant.amount], actual);
    if (args === undefined) continue;

    const at = `schedule ${text(args[2])} (${grant.label})`;
    const schedule = await vault.scheduleOf(args[2] as bigint);
    same(`${at}: total`, grant.amount, schedule.total);
    same(`${at}: start`, grant.start, schedule.start);
    same(`${at}: revocable`, grant.revocable, schedule.revocable);
    same(
      `${at}: curve`,
      stagesText(parameters.curves[grant.curve] ?? []),
      stagesText(await vault.curveOf(schedule.curveId)),
    );
  }
}

/** Definitions of the first resources, and how they were priced at first. */
async function compareResources(subject: Subject) {
  const { registry, pricePolicy, parameters, same } = subject;
  same("price policy 1", pricePolicy.target, await registry.pricePolicyOf(1));
  const registered = await readEvents(subject, registry, "ResourceRegistered");
  const count = await registry.resourceCount();
  const expected = parameters.resources.length;
  same("resources exist", true, count >= BigInt(expected));

  for (const [i, resource] of parameters.resources.slice(0, Number(count)).entries()) {
    const actual = await registry.resourceOf(i + 1);
    const at = `resource ${i + 1}`;
    same(`${at}: name`, resource.name, actual.name);
    same(`${at}: unit`, resource.unit, actual.unit);
    same(`${at}: category`, resource.category, actual.category);
    same(`${at}: weight`, resource.weight, actual.weight);
    same(`${at}: minimum tier`, resource.minimumTier, actual.minimumTier);
    same(`${at}: floor`, resource.floor, actual.floor);
    same(`${at}: ceiling`, resource.ceiling, actual.ceiling);
    const first = registered.find(({ args }) => args["resource"] === BigInt(i + 1))?.args;
    same(`${at}: first rate`, resource.rate, first?.["rate"]);
    same(`${at}: first target`, resource.target, first?.["target"]);
    same(`${at}: first price policy`, resource.policy, first?.["policy"]);
    same(`${at}: parent`, 0n, actual.parent);
  }
}

/** What providers had to stake at first. */
async function compareNodes(subject: Subject) {
  const { nodes, parameters, same } = subject;
  const defined = await readEvents(subject, nodes, "ParameterDefined");
  for (const [i, amount] of parameters.nodes.minimumStakes.entries()) {
    const parameter = await nodes.minimumStakeParameter(i);
    const first = defined.find(({ args }) => args["parameter"] === parameter);
    same(`first minimum stake for ${CATEGORIES[i]}`, amount, first?.args["value"]);
  }
}

/** Rules of vault and pool, the first book of the Meter, and the first kinds of contributions. */
async function compareIncentives(subject: Subject) {
  const { incentiveVault, pool, registry, attestations, parameters, same } = subject;
  const { kappa, shares, stages } = parameters.incentives;
  const defined = await readEvents(subject, incentiveVault, "ParameterDefined");
  const books = await readEvents(subject, registry, "BookSet");
  same("first book of the Meter", pool.target, books[0]?.args["book"]);
  const first = defined.find(({ args }) => args["parameter"] === KAPPA);
  same("first κ", kappa, first?.args["value"]);
  for (const [i, share] of shares.entries())
    same(`share of ${CONTRIBUTIONS[i]}`, share, await pool.shareOf(i));
  const plain = ({ from, ratePpm }: ReleaseStage) => `${from}:${ratePpm}`;
  same("release schedule", stages.map(plain), (await incentiveVault.schedule()).map(plain));

  const kinds = await readEvents(subject, attestations, "KindDefined");
  const verifiers = await readEvents(subject, attestations, "VerifiersChanged");
  same("kinds exist", true, kinds.length >= parameters.kinds.length);
  for (const [i, kind] of parameters.kinds.entries()) {
    const args = kinds[i]?.args;
    const rules = [kind.name, kind.category, kind.pointsPerUnit, kind.epochCap, kind.longest];
    const actual = ["name", "category", "pointsPerUnit", "epochCap", "longest"].map(
      (key) => args?.[key] as unknown,
    );
    same(`contribution ${i + 1}`, rules, actual);
    const chosen = verifiers.find(({ args: of }) => of["kind"] === BigInt(i + 1))?.args;
    same(
      `first verifiers of contribution ${i + 1}`,
      [...kind.verifiers, kind.threshold],
      chosen && [...(chosen["verifiers"] as string[]), chosen["threshold"]],
    );
  }
}

/** Where tiers come from, and what they took at first. */
async function compareAccess(subject: Subject) {
  const { accessPolicy, accounts, pool, lock, parameters, same } = subject;
  const defined = await readEvents(subject, accessPolicy, "ParameterDefined");
  const registered = await readEvents(subject, accounts, "AccessPolicyRegistered");
  const chosen = await readEvents(subject, accounts, "AccessPolicyChosen");
  same("first access policy", accessPolicy.target, registered[0]?.args["policy"]);
  same(
    "access policy chosen last",
    chosen.at(-1)?.args["policy"] ?? accessPolicy.target,
    (await accounts.accessPolicy()).next,
  );
  same("AccessPolicy.LOCK", lock.target, await accessPolicy.LOCK());
  const sources = await readEvents(subject, accessPolicy, "ScoreChanged");
  same("first source of scores", pool.target, sources[0]?.args["source"]);
  for (const [name, parameter, expected] of [
    ["lock", await accessPolicy.LOCK_THRESHOLD(), parameters.access.lockThreshold],
    ["score", await accessPolicy.SCORE_THRESHOLD(), parameters.access.scoreThreshold],
  ] as const) {
    const first = defined.find(({ args }) => args["parameter"] === parameter);
    same(`first ${name} threshold of tier 1`, expected, first?.args["value"]);
  }
}

/** Role of every function, and that no target is closed or administered with a delay. */
async function compareTable({ accessManager, manifest, same }: Subject) {
  for (const contract of Object.values(CONTRACTS)) {
    const { address, abi } = manifest.contracts[contract];
    const functions: { signature: string; selector: string }[] = [];
    Interface.from(abi).forEachFunction((fragment) => {
      functions.push({ signature: fragment.format("sighash"), selector: fragment.selector });
    });
    for (const { signature, selector } of functions) {
      const permission = PERMISSIONS.find(
        (row) => row.contract === contract && row.signature === signature,
      );
      same(
        `role of ${contract}.${signature}`,
        permission ? ROLES[permission.role].id : ADMIN_ROLE,
        await accessManager.getTargetFunctionRole(address, selector),
      );
    }
    same(`${contract} is closed`, false, await accessManager.isTargetClosed(address));
    same(`admin delay of ${contract}`, 0n, await accessManager.getTargetAdminDelay(address));
  }
}

/** Holders, admins, guardians and delays of every role, including roles that should not exist. */
async function compareRoles(subject: Subject) {
  const { accessManager, manifest, parameters, same } = subject;
  for (const [name, { id }] of [["ADMIN", { id: ADMIN_ROLE }] as const, ...Object.entries(ROLES)]) {
    same(`admin of ${name}`, ADMIN_ROLE, await accessManager.getRoleAdmin(id));
    same(`guardian of ${name}`, ADMIN_ROLE, await accessManager.getRoleGuardian(id));
    same(`grant delay of ${name}`, 0n, await accessManager.getRoleGrantDelay(id));
  }

  const { contracts, deployer } = manifest;
  const expected: Membership[] = [
    { role: ADMIN_ROLE.toString(), account: contracts.SystemTimelock.address },
    ...Object.values(ROLES).map(({ id, holder }) => ({
      role: id.toString(),
      account:
        holder === "pause guardian" ? parameters.guardians.pauses : contracts[holder].address,
    })),
  ];
  const granted = await readGrants(subject, accessManager);
  const suspects = [...granted, { role: ADMIN_ROLE.toString(), account: deployer }];
  for (const { role, account } of distinct([...expected, ...suspects])) {
    const { since, currentDelay, pendingDelay } = await accessManager.getAccess(role, account);
    const [isMember] = await accessManager.hasRole(role, account);
    const delays = [currentDelay, pendingDelay].filter((delay) => delay !== 0n);
    const member = delays.length === 0 ? "member without delay" : `member after ${text(delays)} s`;
    const pending = since === 0n ? "no member" : `member from ${text(since)} on`;
    same(
      `${account} in role ${role}`,
      includes(expected, role, account) ? "member without delay" : "no member",
      isMember ? member : pending,
    );
  }
}

/** Who may use the hot paths now. */
async function compareMeters(subject: Subject) {
  const { registry, accounts, manifest, same } = subject;
  const settlement = manifest.contracts.Settlement.address;
  for (const [name, module] of [
    ["ResourceRegistry", registry],
    ["ServiceAccounts", accounts],
  ] as const) {
    const events = await readEvents(subject, module, "MeterSynced");
    for (const caller of new Set([settlement, ...events.map(({ args }) => text(args[0]))])) {
      const isMeter = await module.isMeter(caller);
      same(`${caller} is a meter of ${name}`, caller === settlement, isMeter);
    }
  }
  const governor = manifest.contracts.OPAGovernor.address;
  const synced = await readEvents(subject, subject.lock, "HolderSynced");
  for (const caller of new Set([governor, ...synced.map(({ args }) => text(args[0]))])) {
    const isHolder = await subject.lock.isHolder(caller);
    same(`${caller} can hold locks`, caller === governor, isHolder);
  }
}

/** First settings of the Governor, and its guardian. */
async function compareGovernor(subject: Subject) {
  const { governor, timelock, lock, parameters, manifest, same } = subject;
  const { governance, guardians } = parameters;
  same("OPAGovernor.timelock", timelock.target, await governor.timelock());
  same("OPAGovernor.token", lock.target, await governor.token());
  for (const [event, expected] of [
    ["VotingDelaySet", governance.votingDelay],
    ["VotingPeriodSet", governance.votingPeriod],
    ["ProposalThresholdSet", governance.proposalThreshold],
    ["QuorumNumeratorUpdated", governance.quorumPercent],
    ["LateQuorumVoteExtensionSet", governance.voteExtension],
    ["ProposalGuardianSet", guardians.proposals],
  ] as const) {
    const [first] = await readEvents(subject, governor, event);
    same(`first ${event} of the Governor`, expected, first?.args[1]);
  }
  const [floor] = await readEvents(subject, governor, "ParameterDefined");
  same("first floor of the quorum", governance.quorumFloor, floor?.args["value"]);
  const block = await subject.connection.ethers.provider.getBlock("latest");
  const expiry = await governor.guardianExpiresAt();
  const longest = BigInt(block?.timestamp ?? 0) + (await governor.GUARDIAN_TERM());
  same("the guardian of proposals has a term", true, expiry > 0n && expiry <= longest);
  same("chain of the Governor", BigInt(manifest.chainId), (await governor.eip712Domain()).chainId);
}

/** What the directory listed first, and that it lists contracts of the manifest. */
async function compareDirectory(subject: Subject) {
  const { directory, manifest, same } = subject;
  const listed = await readEvents(subject, directory, "ModuleRegistered");
  const interfaces = await readInterfaceIds();
  for (const [key, { id }] of Object.entries(MODULES) as [ModuleKey, { id: string }][]) {
    const first = listed.find(({ args }) => args["id"] === encodeBytes32String(id))?.args;
    same(
      `first module "${id}" of the directory`,
      [manifest.contracts[CONTRACTS[key]].address, interfaces[key]],
      first && [first["module"], first["interfaceId"]],
    );
  }
}

/** The condition that the reserve knew first, and its first share. */
async function compareConditions(subject: Subject) {
  const { reserve, stageCap, parameters, same } = subject;
  const added = await readEvents(subject, reserve, "ConditionSet");
  same("first condition of the reserve", stageCap.target, added[0]?.args["condition"]);
  const defined = await readEvents(subject, stageCap, "ParameterDefined");
  same("first share of the condition", parameters.heldBackShare, defined[0]?.args["value"]);
}

/** Delay and members of the timelock, which nobody but itself administers. */
async function compareTimelock(subject: Subject) {
  const { timelock, parameters, same } = subject;
  same("delay of the timelock", parameters.timelock.minDelay, await timelock.getMinDelay());

  const roles = {
    administrator: await timelock.DEFAULT_ADMIN_ROLE(),
    proposer: await timelock.PROPOSER_ROLE(),
    canceller: await timelock.CANCELLER_ROLE(),
    executor: await timelock.EXECUTOR_ROLE(),
  };
  const self = subject.manifest.contracts.SystemTimelock.address;
  const expected: Membership[] = [
    { role: roles.administrator, account: self },
    { role: roles.executor, account: ZeroAddress },
    { role: roles.proposer, account: subject.manifest.contracts.OPAGovernor.address },
    { role: roles.canceller, account: subject.manifest.contracts.OPAGovernor.address },
  ];
  const granted = await readGrants(subject, timelock);
  for (const { role, account } of distinct([...expected, ...granted])) {
    const name = Object.entries(roles).find(([, hash]) => hash === role)?.[0] ?? `role ${role}`;
    same(
      `${account} is ${name} of the timelock`,
      includes(expected, role, account),
      await timelock.hasRole(role, account),
    );
  }
}

/** That nobody did but what a deployment does, up to the block in which the deployer lost the right to administer. */
async function compareHandOver(subject: Subject) {
  const { accessManager, genesis, timelock, connection, manifest, parameters, same } = subject;
  const deployer = await genesis.DISTRIBUTOR();
  const blocks = await Promise.all(
    [accessManager, timelock].map(async (contract) => {
      const revoked = await readEvents(subject, contract, "RoleRevoked");
      const last = revoked.findLast(
        ({ args }) => BigInt(text(args[0])) === ADMIN_ROLE && args[1] === deployer,
      );
      return last?.blockNumber ?? manifest.deploymentBlock;
    }),
  );

  for (const name of Object.values(CONTRACTS)) {
    const { address } = manifest.contracts[name];
    const { abi } = await hre.artifacts.readArtifact(name);
    const logs = await inPortions(
      manifest.deploymentBlock,
      Math.max(...blocks),
      (fromBlock, toBlock) => connection.ethers.provider.getLogs({ address, fromBlock, toBlock }),
    );
    const counts = countPrivileged(abi, logs);
    const due = privilegedCounts(name, parameters);
    for (const event of new Set([...Object.keys(due), ...Object.keys(counts)]))
      same(`${event} of ${name} before the hand-over`, due[event] ?? 0, counts[event] ?? 0);
  }
}

/** Every grant of a role there ever was; whether it still holds is for the caller to ask. */
async function readGrants(subject: Subject, contract: BaseContract): Promise<Membership[]> {
  const events = await readEvents(subject, contract, "RoleGranted");
  return events.map(({ args }) => ({ role: text(args[0]), account: text(args[1]) }));
}

/** All events of one name since the deployment, asked for in portions that every provider answers. */
async function readEvents(
  { connection, manifest }: Subject,
  contract: BaseContract,
  name: string,
): Promise<EventLog[]> {
  const latest = await connection.ethers.provider.getBlockNumber();
  const logs = await inPortions(manifest.deploymentBlock, latest, (first, last) =>
    contract.queryFilter(name, first, last),
  );
  return logs.filter((log) => log instanceof EventLog);
}

/** Memberships without repetition. */
function distinct(memberships: readonly Membership[]): Membership[] {
  const byKey = memberships.map((entry) => [`${entry.role} ${entry.account}`, entry] as const);
  return [...new Map(byKey).values()];
}

/** Whether the membership is among these. */
function includes(memberships: readonly Membership[], role: string, account: string): boolean {
  return memberships.some((entry) => entry.role === role && entry.account === account);
}

/** Code with some byte ranges replaced by zeros, so that what a constructor writes there does not count. */
function blank(code: string, ranges: readonly { start: number; length: number }[]): string {
  const bytes = Buffer.from(code.slice(2), "hex");
  // What is at the address may be shorter than the artifact.
  for (const { start, length } of ranges) bytes.subarray(start, start + length).fill(0);
  return `0x${bytes.toString("hex")}`;
}

/** Stages on one line. */
function stagesText(stages: readonly Stage[]): string {
  return stages
    .map(({ offset, share, linear }) => `${text(offset)}:${text(share)}${linear ? "/" : ""}`)
    .join(" ");
}

/** Any compared value as text. */
function text(value: unknown): string {
  return Array.isArray(value) ? value.map(text).join(", ") : String(value);
}
