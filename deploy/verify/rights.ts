/**
 * Who has which right now. Both chains are asked the same questions: the one that is verified, and the one in this process that holds
 * what a deployment leaves behind. What differs is told by the decision that changed it.
 */
import type { FunctionFragment, Interface, Log, Result } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import type { AccessManager, SystemTimelock } from "../../typechain-types/index.js";
import { contractAt, interfaceOf } from "../lib/artifacts.js";
import { CONTRACTS, type Manifest } from "../lib/manifest.js";
import { ADMIN_ROLE, ROLES } from "../roles/table.js";
import type { Call } from "./decisions.js";

/** One right: how it is named, and which call of a decision can have changed it. */
export interface Right {
  what: string;
  value: string;
  isChangedBy: (call: Call) => boolean;
}

type Member = readonly [role: string, account: string];

/** What to ask about besides the contracts of the manifest. */
export interface Askable {
  managerRoles: Set<string>;
  managerMembers: Map<string, Member>;
  timelockMembers: Map<string, Member>;
}

/** Roles and accounts that the logs of either chain name. */
export function collectAskable(manifest: Manifest, logs: readonly Log[]): Askable {
  const ids = [ADMIN_ROLE, ...Object.values(ROLES).map(({ id }) => id)].map(String);
  const askable: Askable = {
    managerRoles: new Set(ids),
    managerMembers: new Map(),
    timelockMembers: new Map(),
  };
  const { AccessManager, SystemTimelock } = manifest.contracts;
  const add = (members: Map<string, Member>, role: string, account: string) =>
    members.set(`${role} ${account}`, [role, account]);
  add(askable.managerMembers, String(ADMIN_ROLE), manifest.deployer);
  for (const log of logs) {
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
export async function readRights(
  connection: NetworkConnection,
  manifest: Manifest,
  askable: Askable,
): Promise<Right[]> {
  return [
    ...(await readMembers(connection, manifest, askable)),
    ...(await readFunctions(connection, manifest)),
    ...(await readTimelock(connection, manifest, askable)),
  ];
}

async function readMembers(
  connection: NetworkConnection,
  { contracts }: Manifest,
  { managerRoles, managerMembers }: Askable,
): Promise<Right[]> {
  const { address } = contracts.AccessManager;
  const manager = await contractAt<AccessManager>(connection, "AccessManager", address);
  const rights: Right[] = [];
  const add = (what: string, value: unknown, name: string, ...args: unknown[]) => {
    const isChangedBy = ({ target, signature, args: given }: Call) =>
      target === address &&
      name.split("|").includes(signature.slice(0, signature.indexOf("("))) &&
      args.every((arg, i) => String(given[i]) === String(arg));
    rights.push({ what, value: String(value), isChangedBy });
  };

  const roles = [...managerRoles];
  const questions = ["getRoleAdmin", "getRoleGuardian", "getRoleGrantDelay"] as const;
  const admins = await askAll(manager, cross(questions, roles));
  for (const [i, role] of roles.entries()) {
    const name = nameOf(role);
    const [admin, guardian, grantDelay] = admins.slice(3 * i, 3 * i + 3);
    add(`admin of ${name}`, admin?.[0], "setRoleAdmin", role);
    add(`guardian of ${name}`, guardian?.[0], "setRoleGuardian", role);
    add(`grant delay of ${name}`, grantDelay?.[0], "setGrantDelay", role);
  }
  const members = [...managerMembers.values()];
  const accesses = await askAll(
    manager,
    members.flatMap((member): Question[] => [
      ["getAccess", member],
      ["hasRole", member],
    ]),
  );
  for (const [i, [role, account]] of members.entries()) {
    const [since, currentDelay, pendingDelay] = accesses[2 * i] as unknown as bigint[];
    const [isMember] = accesses[2 * i + 1] as unknown as [boolean];
    const delays = [currentDelay, pendingDelay].filter((delay) => delay !== 0n);
    const member =
      delays.length === 0 ? "member without delay" : `member after ${String(delays)} s`;
    const other = since === 0n ? "no member" : `member from ${since} on`;
    const what = `${account} in role ${nameOf(role)}`;
    add(what, isMember ? member : other, "grantRole|revokeRole", role, account);
  }
  return rights;
}

async function readFunctions(
  connection: NetworkConnection,
  { contracts }: Manifest,
): Promise<Right[]> {
  const { ethers } = connection;
  const { address: managerAddress } = contracts.AccessManager;
  const manager = await contractAt<AccessManager>(connection, "AccessManager", managerAddress);
  const rights: Right[] = [];
  for (const contract of Object.values(CONTRACTS)) {
    const { address, abi } = contracts[contract];
    const isOf = (name: string) => (call: Call) =>
      call.target === managerAddress &&
      call.signature.startsWith(`${name}(`) &&
      call.args[0] === address;
    const api = interfaceOf(abi);
    const functions: FunctionFragment[] = [];
    api.forEachFunction((fragment) => functions.push(fragment));
    const [closed, delay, ...granted] = await askAll(manager, [
      ["isTargetClosed", [address]],
      ["getTargetAdminDelay", [address]],
      ...functions.map(({ selector }): Question => ["getTargetFunctionRole", [address, selector]]),
    ]);
    for (const [i, fragment] of functions.entries())
      rights.push({
        what: `role of ${contract}.${fragment.format("sighash")}`,
        value: nameOf(String(granted[i]?.[0])),
        isChangedBy: (call) =>
          isOf("setTargetFunctionRole")(call) &&
          (call.args[1] as string[]).includes(fragment.selector),
      });
    rights.push(
      {
        what: `${contract} is closed`,
        value: String(closed?.[0]),
        isChangedBy: isOf("setTargetClosed"),
      },
      {
        what: `admin delay of ${contract}`,
        value: String(delay?.[0]),
        isChangedBy: isOf("setTargetAdminDelay"),
      },
    );
    if (!api.hasFunction("authority()")) continue;
    const managed = new ethers.Contract(address, api, ethers.provider);
    const authority = (await managed.getFunction("authority")()) as string;
    rights.push({
      what: `authority of ${contract}`,
      value: authority,
      isChangedBy: isOf("updateAuthority"),
    });
  }
  return rights;
}

async function readTimelock(
  connection: NetworkConnection,
  { contracts }: Manifest,
  { timelockMembers }: Askable,
): Promise<Right[]> {
  const { address } = contracts.SystemTimelock;
  const timelock = await contractAt<SystemTimelock>(connection, "SystemTimelock", address);
  const names = new Map([
    [await timelock.DEFAULT_ADMIN_ROLE(), "administrator"],
    [await timelock.PROPOSER_ROLE(), "proposer"],
    [await timelock.CANCELLER_ROLE(), "canceller"],
    [await timelock.EXECUTOR_ROLE(), "executor"],
  ]);
  const isOf =
    (pattern: RegExp, ...args: string[]) =>
    (call: Call) =>
      call.target === address &&
      pattern.test(call.signature) &&
      args.every((arg, i) => call.args[i] === arg);
  const delay: Right = {
    what: "delay of the timelock",
    value: String(await timelock.getMinDelay()),
    isChangedBy: isOf(/^updateDelay\(/),
  };
  const members = [...timelockMembers.values()].map(async ([role, account]) => ({
    what: `${account} is ${names.get(role) ?? role} of the timelock`,
    value: String(await timelock.hasRole(role, account)),
    isChangedBy: isOf(/^(grant|revoke)Role\(/, role, account),
  }));
  return [delay, ...(await Promise.all(members))];
}

/** A function of the manager, with arguments. */
type Question = readonly [name: string, args: readonly unknown[]];

/** Each question of each role. */
function cross(names: readonly string[], roles: readonly string[]): Question[] {
  return roles.flatMap((role) => names.map((name): Question => [name, [role]]));
}

/** Answers to many questions in one call. */
async function askAll(manager: AccessManager, questions: readonly Question[]): Promise<Result[]> {
  const api: Interface = manager.interface;
  const calls = questions.map(([name, args]) => api.encodeFunctionData(name, args));
  const answers = await manager.multicall.staticCall(calls);
  return questions.map(([name], i) => api.decodeFunctionResult(name, answers[i] ?? "0x"));
}

/** A role by its name, or by its number if it has none here. */
function nameOf(role: string): string {
  if (role === String(ADMIN_ROLE)) return "ADMIN";
  return Object.entries(ROLES).find(([, { id }]) => String(id) === role)?.[0] ?? role;
}
