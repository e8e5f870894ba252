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

/** A right: its name, the reads that tell it, and the calls that can have changed it. */
interface Right {
  what: string;
  reads: readonly Read[];
  show: (...answers: Result[]) => string;
  isChangedBy: (call: Call) => boolean;
}

/** A right that differs between the two chains. */
export interface ChangedRight extends Pick<Right, "what" | "isChangedBy"> {
  before: string;
  now: string;
}

/** A stored copy of the AccessManager's answer about a caller, and its present answer. */
export interface Flag {
  what: string;
  isStored: boolean;
  isAllowed: boolean;
}

type Member = readonly [role: string, account: string];
type Contract = ManifestEntry & Pick<Manifest["contracts"]["Meter"], "abi">;

/** One read of a contract. */
interface Read {
  contract: Contract;
  name: string;
  data: string;
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

const MULTICALL = "multicall";

/** The most rights or flags that one call asks for. Some nodes refuse larger calls. */
const BATCH = 150;

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

/** Rights that the two chains answer differently. Equal answers are not decoded. */
export async function listChangedRights(
  honest: Rpc,
  rpc: Rpc,
  manifest: Manifest,
  askable: Askable,
): Promise<ChangedRight[]> {
  const own = [...listMembers(manifest, askable), ...listFunctions(manifest)];
  const others = [...listAuthorities(manifest), ...listTimelock(manifest, askable)];
  const changed: ChangedRight[] = [];
  for (const rights of [...inBatches(own), ...others.map((right) => [right])]) {
    const call = carry(rights.flatMap(({ reads }) => reads));
    const [expected, actual] = [await ask(honest, call), await ask(rpc, call)];
    if (expected === actual) continue;
    const [before, now] = [split(call, expected), split(call, actual)];
    for (const { what, reads, show, isChangedBy } of rights) {
      const showNext = (answers: string[]) =>
        show(...reads.map((read) => decode(read, answers.shift())));
      const values = { before: showNext(before), now: showNext(now) };
      if (values.before !== values.now) changed.push({ what, isChangedBy, ...values });
    }
  }
  return changed;
}

/** Every flag of a caller, as the chain that is verified has it. */
export async function readFlags(
  rpc: Rpc,
  { contracts }: Manifest,
  { flagged }: Askable,
): Promise<Flag[]> {
  const flags: Flag[] = [];
  const manager = contracts.AccessManager;
  for (const { contract, read: name, hot } of FLAGS) {
    const { address, abi } = contracts[contract];
    const selector = interfaceOf(abi).getFunction(hot)?.selector ?? "";
    const roleRead = readOf(manager, "getTargetFunctionRole", address, selector);
    const [role] = decode(roleRead, await ask(rpc, roleRead));
    for (const accounts of inBatches([...flagged])) {
      const reads = accounts.map((account) =>
        readOf(manager, "canCall", account, address, selector),
      );
      const call = carry(reads);
      const answers = split(call, await ask(rpc, call));
      const allowed = reads.map((read, i) => decode(read, answers[i]));
      for (const [i, account] of accounts.entries()) {
        const stored = readOf(contracts[contract], name, account);
        const [isStored] = decode(stored, await ask(rpc, stored));
        // A function without a role of its own belongs to ADMIN, and is open to nobody.
        const isAllowed = allowed[i]?.[0] === true && role !== ADMIN_ROLE;
        const what = `flag of ${account} in ${contract}`;
        flags.push({ what, isStored: isStored === true, isAllowed });
      }
    }
  }
  return flags;
}

function listMembers({ contracts }: Manifest, { managerRoles, managerMembers }: Askable): Right[] {
  const { AccessManager: manager } = contracts;
  const isOf =
    (names: string, ...args: unknown[]) =>
    ({ target, signature, args: given }: Call) =>
      target === manager.address &&
      names.split("|").includes(signature.slice(0, signature.indexOf("("))) &&
      args.every((arg, i) => String(given[i]) === String(arg));

  const ofRoles = [...managerRoles].flatMap((role) =>
    [
      ["admin", "getRoleAdmin", "setRoleAdmin"],
      ["guardian", "getRoleGuardian", "setRoleGuardian"],
      ["grant delay", "getRoleGrantDelay", "setGrantDelay"],
    ].map(([title = "", name = "", setter = ""]) => ({
      what: `${title} of ${nameOf(role)}`,
      reads: [readOf(manager, name, role)],
      show: showOne,
      isChangedBy: isOf(setter, role),
    })),
  );
  const ofMembers = [...managerMembers.values()].map(([role, account]) => ({
    what: `${account} in role ${nameOf(role)}`,
    reads: [readOf(manager, "getAccess", role, account), readOf(manager, "hasRole", role, account)],
    show: showMember,
    isChangedBy: isOf("grantRole|revokeRole", role, account),
  }));
  return [...ofRoles, ...ofMembers];
}

function listFunctions({ contracts }: Manifest): Right[] {
  const { AccessManager: manager } = contracts;
  return Object.values(CONTRACTS).flatMap((contract) => {
    const { address, abi } = contracts[contract];
    const isOf = (name: string) => (call: Call) =>
      call.target === manager.address &&
      call.signature.startsWith(`${name}(`) &&
      call.args[0] === address;
    const rights: Right[] = [];
    interfaceOf(abi).forEachFunction((fragment) => {
      const { selector } = fragment;
      rights.push({
        what: `role of ${contract}.${fragment.format("sighash")}`,
        reads: [readOf(manager, "getTargetFunctionRole", address, selector)],
        show: (answer) => nameOf(showOne(answer)),
        isChangedBy: (call) =>
          isOf("setTargetFunctionRole")(call) && (call.args[1] as string[]).includes(selector),
      });
    });
    rights.push(
      {
        what: `${contract} is closed`,
        reads: [readOf(manager, "isTargetClosed", address)],
        show: showOne,
        isChangedBy: isOf("setTargetClosed"),
      },
      {
        what: `admin delay of ${contract}`,
        reads: [readOf(manager, "getTargetAdminDelay", address)],
        show: showOne,
        isChangedBy: isOf("setTargetAdminDelay"),
      },
    );
    return rights;
  });
}

/** The access manager that each contract asks. */
function listAuthorities({ contracts }: Manifest): Right[] {
  const manager = contracts.AccessManager.address;
  const rights: Right[] = [];
  for (const contract of Object.values(CONTRACTS)) {
    const entry = contracts[contract];
    if (!interfaceOf(entry.abi).hasFunction("authority()")) continue;
    rights.push({
      what: `authority of ${contract}`,
      reads: [readOf(entry, "authority")],
      show: showOne,
      isChangedBy: ({ target, signature, args }) =>
        target === manager && signature.startsWith("updateAuthority(") && args[0] === entry.address,
    });
  }
  return rights;
}

function listTimelock({ contracts }: Manifest, { timelockMembers }: Askable): Right[] {
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
      reads: [readOf(timelock, "getMinDelay")],
      show: showOne,
      isChangedBy: isOf(/^updateDelay\(/),
    },
  ];
  for (const [role, account] of timelockMembers.values())
    rights.push({
      what: `${account} is ${names.get(role) ?? role} of the timelock`,
      reads: [readOf(timelock, "hasRole", role, account)],
      show: showOne,
      isChangedBy: isOf(/^(grant|revoke)Role\(/, role, account),
    });
  return rights;
}

function readOf(contract: Contract, name: string, ...args: unknown[]): Read {
  return { contract, name, data: interfaceOf(contract.abi).encodeFunctionData(name, args) };
}

/** One call for all these reads. Several of them need the multicall of the access manager. */
function carry(reads: readonly Read[]): Read {
  const [first] = reads;
  if (first === undefined) throw new TypeError("a call carries at least one read");
  if (reads.length === 1) return first;
  return readOf(
    first.contract,
    MULTICALL,
    reads.map(({ data }) => data),
  );
}

/** The answers to the reads that a call carries. */
function split(call: Read, answer: string): string[] {
  return call.name === MULTICALL ? [...(decode(call, answer)[0] as string[])] : [answer];
}

async function ask(rpc: Rpc, { contract, data }: Read): Promise<string> {
  return rpc.call(contract.address, data);
}

function decode({ contract, name }: Read, answer = "0x"): Result {
  return interfaceOf(contract.abi).decodeFunctionResult(name, answer);
}

function inBatches<T>(items: readonly T[]): T[][] {
  const count = Math.ceil(items.length / BATCH);
  return Array.from({ length: count }, (_, i) => items.slice(i * BATCH, (i + 1) * BATCH));
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
