import { createHash } from "node:crypto";
import path from "node:path";

import { NODE_DISK, type AppendFile, type Disk } from "./disk.js";
import { JournalError } from "./journal-error.js";

export { JournalError } from "./journal-error.js";

/** Where a journal is, and what it belongs to. */
export interface JournalOptions {
  readonly file: string;
  /** Marks of what the entries are about. A journal with other marks is not opened. */
  readonly binding: Readonly<Record<string, string>>;
  readonly disk?: Disk;
}

/** Takes an entry that is read back, and where it begins in the file. */
export type Replay = (entry: string, offset: number) => void;

/** Something that waits for what was added before it. */
interface Wait {
  resolve(): void;
  reject(error: Error): void;
}

interface Append extends Wait {
  readonly entry: string;
}

interface Compaction extends Wait {
  readonly snapshot: () => Iterable<string>;
}

type Job = Wait | Append | Compaction;

interface Header {
  readonly format: string;
  readonly binding: Readonly<Record<string, string>>;
  /** Entries that the file had when it was put in place; with fewer it is damaged. */
  readonly entries: number;
}

interface Position {
  /** Bytes up to the end of the last whole record. */
  readonly end: number;
  /** Bytes of the file. */
  readonly size: number;
  /** Checksum of the last whole record. */
  readonly checksum: string;
  /** Whole records besides the header. */
  readonly count: number;
}

const FORMAT = "opa-journal-1";
const CHECKSUM_LENGTH = 16;
const NEW_LINE = 0x0a;
const RECORD = /^(?<checksum>[0-9a-f]{16}) (?<length>\d{1,10}) /;
const BEGINNING = /^(?:[0-9a-f]{0,16}|[0-9a-f]{16} \d{0,10})$/;

/**
 * A file that entries are only ever added to, each on a line of its own.
 *
 * A record is `checksum length entry`. Its checksum covers the entry and the checksum before it, so a record that was
 * changed, taken out or put elsewhere is noticed. What a crash can leave behind is a last line without its end: nobody
 * was told that it is safe, and it is cut off when the journal is opened. Anything else that does not fit is damage,
 * which is reported with its place and left as it is.
 *
 * The file and every later whole replacement of it are written beside it and renamed, so the name always stands for a
 * whole journal.
 */
export class Journal {
  /** Whether nothing was in it when it was opened. */
  readonly isNew: boolean;

  readonly #file: string;
  readonly #binding: Readonly<Record<string, string>>;
  readonly #disk: Disk;
  readonly #unlock: () => Promise<void>;
  #handle: AppendFile;
  #checksum: string;
  #waiting: Job[] = [];
  #work: Promise<void> | undefined;
  #failure: JournalError | undefined;

  private constructor(
    { file, binding, disk = NODE_DISK }: JournalOptions,
    isNew: boolean,
    unlock: () => Promise<void>,
    handle: AppendFile,
    checksum: string,
  ) {
    this.#file = file;
    this.#binding = binding;
    this.#disk = disk;
    this.isNew = isNew;
    this.#unlock = unlock;
    this.#handle = handle;
    this.#checksum = checksum;
  }

  /**
   * Opens a journal, or begins it if there is none, and hands every entry to `replay`. What was read is durable on return.
   *
   * @throws {JournalError} if another process has it open, if it belongs to something else, or if it is damaged.
   */
  static async open(options: JournalOptions, replay: Replay): Promise<Journal> {
    const { file, binding, disk = NODE_DISK } = options;
    const unlock = await disk.lock(file);
    try {
      await disk.remove(draftOf(file));
      if (!(await disk.exists(file))) {
        await disk.write(draftOf(file), [writeRecord("", header(binding, 0)).line]);
        await disk.rename(draftOf(file), file);
      }
      const { end, size, checksum, count } = await readRecords(disk, file, binding, replay);
      if (end < size) await disk.cut(file, end);
      const handle = await disk.append(file);
      // The last process may have died between writing or renaming and making that durable.
      await handle.sync();
      await disk.syncFolder(path.dirname(path.resolve(file)));
      return new Journal(options, count === 0, unlock, handle, checksum);
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  /**
   * Adds an entry; it is durable once this resolves. Entries that come while others are being written share one
   * synchronisation of the disk.
   *
   * @throws {JournalError} if it cannot be written. Then nothing more is, because nobody knows what reached the disk:
   * the journal has to be closed and opened again.
   */
  async append(entry: string): Promise<void> {
    if (entry.includes("\n"))
      throw new JournalError("An entry is one line, and this one has more.");
    return this.#enqueue((settle) => ({ entry, ...settle }));
  }

  /**
   * Replaces all entries by those of a snapshot, and is done once that is durable. `snapshot` is asked for at a moment at
   * which it has to cover every entry that was added before. If it cannot be written, the journal stays as it was.
   */
  compact(snapshot: () => Iterable<string>): Promise<void> {
    return this.#enqueue((settle) => ({ snapshot, ...settle }));
  }

  /** Waits until every entry that was added before is durable. @throws {JournalError} if that failed. */
  flush(): Promise<void> {
    return this.#enqueue((settle) => settle);
  }

  /** @throws {JournalError} if nothing can be added any more. */
  requireOpen(): void {
    if (this.#failure) throw this.#failure;
  }

  /** Waits for what is being written, then gives the file back. A second call does nothing. */
  async close(): Promise<void> {
    const isClosed = this.#failure instanceof ClosedError;
    this.#failure = new ClosedError(`The journal ${this.#file} is closed.`);
    await this.#work;
    if (isClosed) return;
    try {
      await this.#handle.close();
    } finally {
      await this.#unlock();
    }
  }

  #enqueue(job: (settle: Wait) => Job): Promise<void> {
    return new Promise((resolve, reject) => {
      this.requireOpen();
      this.#waiting.push(job({ resolve, reject }));
      this.#work ??= this.#workOff();
    });
  }

  async #workOff(): Promise<void> {
    await Promise.resolve(); // so that calls made at once are written at once
    while (this.#waiting.length > 0) {
      const jobs = this.#waiting;
      this.#waiting = [];
      try {
        const replacing = jobs.find((job) => "snapshot" in job);
        const isReplaced = replacing !== undefined && (await this.#tryReplace(jobs, replacing));
        const appends = jobs.filter((job) => "entry" in job);
        if (!isReplaced && appends.length > 0) await this.#write(appends);
        for (const job of jobs) job.resolve(); // without effect on one that was rejected
      } catch (error) {
        this.#fail(error, [...jobs, ...this.#waiting]);
        this.#waiting = [];
      }
    }
    this.#work = undefined; // in the same step as the last look, so that nothing is left waiting
  }

  async #write(appends: readonly Append[]): Promise<void> {
    const lines: string[] = [];
    for (const { entry } of appends) {
      const { line, checksum } = writeRecord(this.#checksum, entry);
      lines.push(line);
      this.#checksum = checksum;
    }
    await this.#handle.append(lines.join(""));
    await this.#handle.sync();
  }

  /** Puts a snapshot in place; if it cannot be written, the compactions are rejected and the journal is as before. */
  async #tryReplace(jobs: readonly Job[], { snapshot }: Compaction): Promise<boolean> {
    const draft = draftOf(this.#file);
    let checksum = "";
    try {
      const entries = [...snapshot()];
      const lines = [header(this.#binding, entries.length), ...entries].map((entry) => {
        const record = writeRecord(checksum, entry);
        checksum = record.checksum;
        return record.line;
      });
      await this.#disk.write(draft, lines);
    } catch (error) {
      const message = `The journal ${this.#file} cannot be compacted: ${messageOf(error)}.`;
      for (const job of jobs) if ("snapshot" in job) job.reject(new JournalError(message));
      await this.#disk.remove(draft).catch(() => undefined); // the next opening removes it
      return false;
    }
    await this.#disk.rename(draft, this.#file);
    await this.#disk.syncFolder(path.dirname(path.resolve(this.#file)));
    const replaced = this.#handle;
    this.#handle = await this.#disk.append(this.#file);
    this.#checksum = checksum;
    await replaced.close();
    return true;
  }

  #fail(error: unknown, jobs: readonly Job[]): void {
    const failure = new JournalError(
      `The journal ${this.#file} cannot be written: ${messageOf(error)}. What was not confirmed may be lost; open it again.`,
    );
    if (!(this.#failure instanceof ClosedError)) this.#failure = failure;
    for (const job of jobs) job.reject(failure);
  }
}

class ClosedError extends JournalError {}

/** Reads a journal from its beginning to its end. */
async function readRecords(
  disk: Disk,
  file: string,
  binding: Readonly<Record<string, string>>,
  replay: Replay,
): Promise<Position> {
  let rest = Buffer.alloc(0);
  let end = 0;
  let count = -1; // the header is no entry
  let expected = 0;
  let checksum = "";
  for await (const piece of disk.read(file)) {
    rest = Buffer.concat([rest, piece]);
    let start = 0;
    for (let stop = rest.indexOf(NEW_LINE); stop >= 0; stop = rest.indexOf(NEW_LINE, start)) {
      const record = readRecord(file, end, checksum, rest.subarray(start, stop));
      if (count < 0) expected = readHeader(file, binding, record.entry);
      else replay(record.entry, end);
      count += 1;
      checksum = record.checksum;
      end += stop + 1 - start;
      start = stop + 1;
    }
    rest = rest.subarray(start);
  }
  if (count < 0) throw new JournalError(`${file} is no journal: it has no header.`);
  requireTorn(file, end, rest);
  if (count < expected)
    throw new JournalError(
      `The journal ${file} is damaged at byte ${end}: it ends after ${count} of the ${expected} entries it began with.`,
    );
  return { end, size: end + rest.length, checksum, count };
}

function readRecord(file: string, offset: number, previous: string, line: Buffer) {
  const text = line.toString("utf8");
  const found = RECORD.exec(text)?.groups;
  const entry = text.slice(text.indexOf(" ", CHECKSUM_LENGTH + 1) + 1);
  const checksum = checksumOf(previous, entry);
  if (found?.["checksum"] !== checksum || Number(found["length"]) !== Buffer.byteLength(entry))
    throw new JournalError(
      `The journal ${file} is damaged at byte ${offset}: the record there does not match its checksum.`,
    );
  return { entry, checksum };
}

/** Makes sure that what follows the last whole record is the beginning of one, as a crash leaves it. */
function requireTorn(file: string, offset: number, rest: Buffer): void {
  let length = rest.length;
  while (length > 0 && rest[length - 1] === 0) length -= 1; // a file may grow before its bytes arrive
  const text = rest.subarray(0, length).toString("latin1");
  const found = RECORD.exec(text);
  const isTorn = found
    ? length - found[0].length <= Number(found.groups?.["length"])
    : BEGINNING.test(text);
  if (!isTorn)
    throw new JournalError(
      `The journal ${file} is damaged at byte ${offset}: what stands there is no record and no beginning of one.`,
    );
}

function readHeader(
  file: string,
  binding: Readonly<Record<string, string>>,
  entry: string,
): number {
  const found = parseHeader(entry);
  if (found?.format !== FORMAT)
    throw new JournalError(`${file} is no journal that this version reads.`);
  for (const [name, value] of Object.entries(binding)) {
    const other = found.binding[name];
    if (other !== value)
      throw new JournalError(
        `The journal ${file} belongs to another deployment: its ${name} is ${other ?? "missing"} and should be ${value}.`,
      );
  }
  return found.entries;
}

function parseHeader(entry: string): Header | undefined {
  try {
    return JSON.parse(entry) as Header;
  } catch {
    return undefined;
  }
}

function header(binding: Readonly<Record<string, string>>, entries: number): string {
  return JSON.stringify({ format: FORMAT, binding, entries } satisfies Header);
}

function writeRecord(previous: string, entry: string): { line: string; checksum: string } {
  const checksum = checksumOf(previous, entry);
  return { line: `${checksum} ${Buffer.byteLength(entry)} ${entry}\n`, checksum };
}

function checksumOf(previous: string, entry: string): string {
  return createHash("sha256")
    .update(`${previous}\n${entry}`)
    .digest("hex")
    .slice(0, CHECKSUM_LENGTH);
}

function draftOf(file: string): string {
  return `${file}.new`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/\.$/, "") : String(error);
}
