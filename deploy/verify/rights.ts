/**
 * Who has which right now. Both chains are asked the same questions: the one that is verified, and the one in this process that holds
 * what a deployment leaves behind. What differs is told by the decision that changed it.
 */
import { Interface, type Log } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

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
    const event = Interface.from(abi).parseLog(log);
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
  { ethers }: NetworkConnection,
  { contracts }: Manifest,
  { managerRoles, managerMembers }: Askable,
): Promise<Right[]> {
  const { address } = contracts.AccessManager;
  const manager = await ethers.getContractAt("AccessManager", address);
  const rights: Right[] = [];
  const add = (what: string, value: unknown, name: string, ...args: unknown[]) => {
    const isChangedBy = ({ target, signature, args: given }: Call) =>
      target === address &&
      name.split("|").includes(signature.slice(0, signature.indexOf("("))) &&
      args.every((arg, i) => String(given[i]) === String(arg));
    rights.push({ what, value: String(value), isChangedBy });
  };

  for (const role of managerRoles) {
    const name = nameOf(role);
    add(`admin of ${name}`, await manager.getRoleAdmin(role), "setRoleAdmin", role);
    add(`guardian of ${name}`, await manager.getRoleGuardian(role), "setRoleGuardian", role);
    add(`grant delay of ${name}`, await manager.getRoleGrantDelay(role), "setGrantDelay", role);
  }
  for (const [role, account] of managerMembers.values()) {
    const { since, currentDelay, pendingDelay } = await manager.getAccess(role, account);
    const [isMember] = await manager.hasRole(role, account);
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
  { ethers }: NetworkConnection,
  { contracts }: Manifest,
): Promise<Right[]> {
  const { address: managerAddress } = contracts.AccessManager;
  const manager = await ethers.getContractAt("AccessManager", managerAddress);
  const rights: Right[] = [];
  for (const contract of Object.values(CONTRACTS)) {
    const { address, abi } = contracts[contract];
    const isOf = (name: string) => (call: Call) =>
      call.target === managerAddress &&
      call.signature.startsWith(`${name}(`) &&
      call.args[0] === address;
    for (const fragment of Interface.from(abi).fragments) {
      if (!("selector" in fragment) || fragment.type !== "function") continue;
      const selector = String(fragment.selector);
      const role = await manager.getTargetFunctionRole(address, selector);
      rights.push({
        what: `role of ${contract}.${fragment.format("sighash")}`,
        value: nameOf(String(role)),
        isChangedBy: (call) =>
          isOf("setTargetFunctionRole")(call) && (call.args[1] as string[]).includes(selector),
      });
    }
    const closed = await manager.isTargetClosed(address);
    const delay = await manager.getTargetAdminDelay(address);
    rights.push(
      {
        what: `${contract} is closed`,
        value: String(closed),
        isChangedBy: isOf("setTargetClosed"),
      },
      {
        what: `admin delay of ${contract}`,
        value: String(delay),
        isChangedBy: isOf("setTargetAdminDelay"),
      },
    );
    if (!Interface.from(abi).hasFunction("authority()")) continue;
    const managed = new ethers.Contract(address, abi, ethers.provider);
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
  { ethers }: NetworkConnection,
  { contracts }: Manifest,
  { timelockMembers }: Askable,
): Promise<Right[]> {
  const { address } = contracts.SystemTimelock;
  const timelock = await ethers.getContractAt("SystemTimelock", address);
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

/** A role by its name, or by its number if it has none here. */
function nameOf(role: string): string {
  if (role === String(ADMIN_ROLE)) return "ADMIN";
  return Object.entries(ROLES).find(([, { id }]) => String(id) === role)?.[0] ?? role;
}
