import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { open, readdir, realpath, rm } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";

import { JournalError } from "./journal-error.js";

/** A process, so that a later one with the same number is not taken for it. */
interface Owner {
  readonly pid: number;
  /** When it started, as the system counts; 0 where the system does not say. */
  readonly started: string;
  /** Which machine it runs on. */
  readonly host: string;
}

const SUFFIX = ".lock";
const OWNER = /^(?<pid>\d+)-(?<started>\d+)-(?<host>[0-9a-f]{8})$/;

/** Locks of this process, also for a second copy of this library in it. */
const held = registry();

/**
 * Takes an exclusive lock on a file; resolves to the function that releases it.
 *
 * Each process puts a file of its own beside it, named after itself, and then looks for others. So of two that come at
 * once at most one goes on, and the file that a dead process left behind is removed without anyone being in its way.
 *
 * @throws {JournalError} if a living process has it, or one on another machine, of which nobody here knows whether it lives.
 */
export async function lockFile(file: string): Promise<() => Promise<void>> {
  const target = await resolveTarget(file);
  const [folder, name] = [path.dirname(target), path.basename(target)];
  if (held.has(target)) throw new JournalError(`The journal ${file} is open in this process.`);
  held.add(target);

  const own = ownerName(thisProcess());
  const lock = `${target}.${own}${SUFFIX}`;
  const unlock = async () => {
    await rm(lock, { force: true });
    held.delete(target);
  };
  try {
    await (await open(lock, "w")).close();
    for (const found of await readdir(folder)) {
      if (!found.startsWith(`${name}.`) || !found.endsWith(SUFFIX)) continue;
      const other = found.slice(name.length + 1, -SUFFIX.length);
      if (other === own || !OWNER.test(other)) continue;
      requireDead(file, found, other);
      await rm(path.join(folder, found), { force: true });
    }
  } catch (error) {
    await unlock();
    throw error;
  }
  return unlock;
}

/** The file itself behind all links; one that does not exist yet is in its folder. */
async function resolveTarget(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch {
    const folder = await realpath(path.dirname(path.resolve(file)));
    return path.join(folder, path.basename(file));
  }
}

/** Name of the lock that a process with these marks has on a file. */
export function lockName(file: string, owner: Owner): string {
  return `${file}.${ownerName(owner)}${SUFFIX}`;
}

/** Marks of the running process. */
export function thisProcess(): Owner {
  return {
    pid: process.pid,
    started: readState(process.pid)?.started ?? "0",
    host: markOfHost([hostname(), machineId(), processSpace()]),
  };
}

/** Short mark of a machine, or of a container on it. */
export function markOfHost(parts: readonly string[]): string {
  return createHash("sha256").update(parts.join(" ")).digest("hex").slice(0, 8);
}

/** Which machine this is. Machines of one image have the same name at first, and then differ in this. */
export function machineId(files: readonly string[] = MACHINE_IDS): string {
  for (const file of files)
    try {
      const id = readFileSync(file, "latin1").trim();
      if (id !== "") return id;
    } catch {
      // not on this system
    }
  return "";
}

/** Files with a number of the machine. The last one changes with each start, so a lock of before has to be removed by hand. */
const MACHINE_IDS = [
  "/etc/machine-id",
  "/var/lib/dbus/machine-id",
  "/proc/sys/kernel/random/boot_id",
];

/** Which numbers of processes can be known here: on Linux, containers of one machine differ in it. */
function processSpace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

function ownerName({ pid, started, host }: Owner): string {
  return `${pid}-${started}-${host}`;
}

function requireDead(file: string, lock: string, name: string): void {
  const { pid = "", started = "", host = "" } = OWNER.exec(name)?.groups ?? {};
  if (host !== thisProcess().host)
    throw new JournalError(
      `The journal ${file} is locked by process ${pid} on another machine or in another container; if that is gone, remove ${lock}.`,
    );
  if (isAlive(Number(pid), started))
    throw new JournalError(`The journal ${file} is open in process ${pid}.`);
}

function isAlive(pid: number, started: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  const state = readState(pid);
  if (!state || started === "0") return true;
  return state.started === started && !state.isZombie;
}

/** State of a process on Linux; nothing on other systems. */
function readState(pid: number): { started: string; isZombie: boolean } | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  // The name of the program stands in brackets and may hold anything; field 3 comes after it.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { started: fields[19] ?? "0", isZombie: fields[0] === "Z" };
}

function registry(): Set<string> {
  const key = Symbol.for("opa-protocol.journal-locks");
  const scope = globalThis as unknown as Record<symbol, Set<string> | undefined>;
  return (scope[key] ??= new Set());
}
