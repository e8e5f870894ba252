/**
 * Who has which right now. Both chains are asked the same questions: the verified one, and the
 * replay in this process. Each difference is reported with the decision that made it.
 */
import { id, type Result } from "ethers";

import { interfaceOf } from "../lib/artifacts.js";
import { CONTRACTS, type Manifest, type ManifestEntry } from "../lib/manifest.js";
import type { FoundLog, Rpc } from "../lib/rpc.js";
import { ADMIN_ROLE, ROLES } from "../roles/table.js";
import type { Call } from "./decisions.js";

/** One right: how it is named, and which call of a decision can have changed it. */
export interface Right {
  what: string;
  value: string;
  isChangedBy: (call: Call) => boolean;
}

/** A stored copy of the AccessManager's answer about a caller, and its present answer. */
export interface Flag {
  what: string;
  isStored: boolean;
  isAllowed: boolean;
}

type Member = readonly [role: string, account: string];
type Contract = ManifestEntry & Pick<Manifest["contracts"]["Meter"], "abi">;
type Read = readonly [name: string, ...args: unknown[]];

/** A right of the access manager, by the reads that tell it. */
interface Question extends Omit<Right, "value"> {
  reads: readonly Read[];
  show: (...answers: Result[]) => string;
}

/** Accounts to ask about besides the contracts of the manifest. */
export interface Askable {
  managerRoles: Set<string>;
  managerMembers: Map<string, Member>;
  timelockMembers: Map<string, Member>;
  /** Accounts whose flags a module may have stored. */
  flagged: Set<string>;
}

/** Modules that keep a flag for those who may call their hot function. */
const FLAGS = [
  { contract: "Meter", read: "isMeter", hot: "charge", event: "MeterSynced" },
  { contract: "GovernanceLock", read: "isHolder", hot: "hold", event: "HolderSynced" },
] as const;

/** Reads that one call carries, so that no node finds it too large. */
const BATCH = 250;

/** Whether an event can name a role, a member of one, or an account with a stored flag. */
export function isRightEvent(name: string): boolean {
  return name.startsWith("Role") || FLAGS.some(({ event }) => event === name);
}

/** Roles and accounts that the logs of either chain name. */
export function collectAskable(manifest: Manifest, logs: readonly FoundLog[]): Askable {
  const ids = [ADMIN_ROLE, ...Object.values(ROLES).map(({ id: role }) => role)].map(String);
  const askable: Askable = {
    managerRoles: new Set(ids),
    managerMembers: new Map(),
    timelockMembers: new Map(),
    flagged: new Set(),
  };
  const { AccessManager, SystemTimelock } = manifest.contracts;
  const add = (members: Map<string, Member>, role: string, account: string) =>
    members.set(`${role} ${account}`, [role, account]);
  add(askable.managerMembers, String(ADMIN_ROLE), manifest.deployer);
  for (const log of logs) {
    for (const { contract, event } of FLAGS) {
      const { address, abi } = manifest.contracts[contract];
      const synced = log.address === address ? interfaceOf(abi).parseLog(log) : null;
      if (synced?.name === event) askable.flagged.add(String(synced.args["caller"]));
    }
    if (log.address !== AccessManager.address && log.address !== SystemTimelock.address) continue;
    const isManager = log.address === AccessManager.address;
    const abi = isManager ? AccessManager.abi : SystemTimelock.abi;
    const event = interfaceOf(abi).parseLog(log);
    if (!event?.name.startsWith("Role") || event.args.length < 2) continue;
    const role = String(event.args[0]);
    if (isManager) askable.managerRoles.add(role);
    if (event.name === "RoleGranted")
      add(
        isManager ? askable.managerMembers : askable.timelockMembers,
        role,
        String(event.args["account"]),
      );
  }
  return askable;
}

/** Every right, as one chain has it. */
export async function readRights(rpc: Rpc, manifest: Manifest, askable: Askable): Promise<Right[]> {
  const questions = [...askMembers(manifest, askable), ...askFunctions(manifest)];
  const reads = questions.flatMap((question) => question.reads);
  const answers = await readMany(rpc, manifest.contracts.AccessManager, reads);
  let next = 0;
  const rights = questions.map(({ what, reads: own, show, isChangedBy }) => {
    const value = show(...answers.slice(next, next + own.length));
    next += own.length;
    return { what, value, isChangedBy };
  });
  return [
    ...rights,
    ...(await readAuthorities(rpc, manifest)),
    ...(await readTimelock(rpc, manifest, askable)),
  ];
}

/** Every flag of a caller, as the chain that is verified has it. */
export async function readFlags(
  rpc: Rpc,
  { contracts }: Manifest,
  { flagged }: Askable,
): Promise<Flag[]> {
  const flags: Flag[] = [];
  for (const { contract, read: name, hot } of FLAGS) {
    const { address, abi } = contracts[contract];
    const selector = interfaceOf(abi).getFunction(hot)?.selector ?? "";
    const accounts = [...flagged];
    const [role, ...allowed] = await readMany(rpc, contracts.AccessManager, [
      ["getTargetFunctionRole", address, selector],
      ...accounts.map((account): Read => ["canCall", account, address, selector]),
    ]);
    for (const [i, account] of accounts.entries()) {
      const [isStored] = await read(rpc, contracts[contract], name, account);
      // A function without a role of its own belongs to ADMIN, and is open to nobody.
      const isAllowed = allowed[i]?.[0] === true && role?.[0] !== ADMIN_ROLE;
      const what = `flag of ${account} in ${contract}`;
      flags.push({ what, isStored: isStored === true, isAllowed });
    }
  }
  return flags;
}

function askMembers(
  { contracts }: Manifest,
  { managerRoles, managerMembers }: Askable,
): Question[] {
  const { address } = contracts.AccessManager;
  const isOf =
    (names: string, ...args: unknown[]) =>
    ({ target, signature, args: given }: Call) =>
      target === address &&
      names.split("|").includes(signature.slice(0, signature.indexOf("("))) &&
      args.every((arg, i) => String(given[i]) === String(arg));

  const ofRoles = [...managerRoles].flatMap((role) =>
    [
      ["admin", "getRoleAdmin", "setRoleAdmin"],
      ["guardian", "getRoleGuardian", "setRoleGuardian"],
      ["grant delay", "getRoleGrantDelay", "setGrantDelay"],
    ].map(([title = "", name = "", setter = ""]) => ({
      what: `${title} of ${nameOf(role)}`,
      reads: [[name, role] as const],
      show: showOne,
      isChangedBy: isOf(setter, role),
    })),
  );
  const ofMembers = [...managerMembers.values()].map(([role, account]) => ({
    what: `${account} in role ${nameOf(role)}`,
    reads: [["getAccess", role, account] as const, ["hasRole", role, account] as const],
    show: showMember,
    isChangedBy: isOf("grantRole|revokeRole", role, account),
  }));
  return [...ofRoles, ...ofMembers];
}

function askFunctions({ contracts }: Manifest): Question[] {
  const { address: manager } = contracts.AccessManager;
  return Object.values(CONTRACTS).flatMap((contract) => {
    const { address, abi } = contracts[contract];
    const isOf = (name: string) => (call: Call) =>
      call.target === manager && call.signature.startsWith(`${name}(`) && call.args[0] === address;
    const questions: Question[] = [];
    interfaceOf(abi).forEachFunction((fragment) => {
      const { selector } = fragment;
      questions.push({
        what: `role of ${contract}.${fragment.format("sighash")}`,
        reads: [["getTargetFunctionRole", address, selector]],
        show: (answer) => nameOf(showOne(answer)),
        isChangedBy: (call) =>
          isOf("setTargetFunctionRole")(call) && (call.args[1] as string[]).includes(selector),
      });
    });
    questions.push(
      {
        what: `${contract} is closed`,
        reads: [["isTargetClosed", address]],
        show: showOne,
        isChangedBy: isOf("setTargetClosed"),
      },
      {
        what: `admin delay of ${contract}`,
        reads: [["getTargetAdminDelay", address]],
        show: showOne,
        isChangedBy: isOf("setTargetAdminDelay"),
      },
    );
    return questions;
  });
}

/** The access manager that each contract asks. */
async function readAuthorities(rpc: Rpc, { contracts }: Manifest): Promise<Right[]> {
  const manager = contracts.AccessManager.address;
  const rights: Right[] = [];
  for (const contract of Object.values(CONTRACTS)) {
    const entry = contracts[contract];
    if (!interfaceOf(entry.abi).hasFunction("authority()")) continue;
    rights.push({
      what: `authority of ${contract}`,
      value: showOne(await read(rpc, entry, "authority")),
      isChangedBy: ({ target, signature, args }) =>
        target === manager && signature.startsWith("updateAuthority(") && args[0] === entry.address,
    });
  }
  return rights;
}

async function readTimelock(
  rpc: Rpc,
  { contracts }: Manifest,
  { timelockMembers }: Askable,
): Promise<Right[]> {
  const timelock = contracts.SystemTimelock;
  const names = new Map([
    [`0x${"0".repeat(64)}`, "administrator"],
    [id("PROPOSER_ROLE"), "proposer"],
    [id("CANCELLER_ROLE"), "canceller"],
    [id("EXECUTOR_ROLE"), "executor"],
  ]);
  const isOf =
    (pattern: RegExp, ...args: string[]) =>
    (call: Call) =>
      call.target === timelock.address &&
      pattern.test(call.signature) &&
      args.every((arg, i) => call.args[i] === arg);
  const rights: Right[] = [
    {
      what: "delay of the timelock",
      value: showOne(await read(rpc, timelock, "getMinDelay")),
      isChangedBy: isOf(/^updateDelay\(/),
    },
  ];
  for (const [role, account] of timelockMembers.values())
    rights.push({
      what: `${account} is ${names.get(role) ?? role} of the timelock`,
      value: showOne(await read(rpc, timelock, "hasRole", role, account)),
      isChangedBy: isOf(/^(grant|revoke)Role\(/, role, account),
    });
  return rights;
}

/** One read of a contract. */
async function read(
  rpc: Rpc,
  { address, abi }: Contract,
  name: string,
  ...args: unknown[]
): Promise<Result> {
  const contract = interfaceOf(abi);
  const answer = await rpc.call(address, contract.encodeFunctionData(name, args));
  return contract.decodeFunctionResult(name, answer);
}

/** Many reads of the access manager, which carries out several in one call. */
async function readMany(rpc: Rpc, manager: Contract, reads: readonly Read[]): Promise<Result[]> {
  const contract = interfaceOf(manager.abi);
  const results: Result[] = [];
  for (let first = 0; first < reads.length; first += BATCH) {
    const batch = reads.slice(first, first + BATCH);
    const calls = batch.map(([name, ...args]) => contract.encodeFunctionData(name, args));
    const [answers] = (await read(rpc, manager, "multicall", calls)) as unknown as [string[]];
    for (const [i, [name]] of batch.entries())
      results.push(contract.decodeFunctionResult(name, answers[i] ?? "0x"));
  }
  return results;
}

function showOne(answer: Result): string {
  return String(answer[0]);
}

function showMember(access: Result, role: Result): string {
  const { since, currentDelay, pendingDelay } = access.toObject() as Record<string, bigint>;
  const delays = [currentDelay, pendingDelay].filter((delay) => delay !== 0n);
  if (role[0] === true)
    return delays.length === 0 ? "member without delay" : `member after ${String(delays)} s`;
  return since === 0n ? "no member" : `member from ${since} on`;
}

/** A role by its name, or by its number if it has none here. */
function nameOf(role: string): string {
  if (role === String(ADMIN_ROLE)) return "ADMIN";
  return Object.entries(ROLES).find(([, { id: known }]) => String(known) === role)?.[0] ?? role;
}
