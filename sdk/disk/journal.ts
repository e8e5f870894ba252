import { createHash } from "node:crypto";
import path from "node:path";

import { NODE_DISK, type AppendFile, type Disk, type ReadFile } from "./disk.js";
import { JournalError } from "./journal-error.js";

export { JournalError } from "./journal-error.js";

/** Place of a journal, and the deployment that it belongs to. */
export interface JournalOptions {
  readonly file: string;
  /** Marks of the subject of the entries. A journal with other marks is not opened. */
  readonly binding: Readonly<Record<string, string>>;
  readonly disk?: Disk;
}

/** Bytes of the file that are an entry. They hold until the next compaction, which tells the new ones. */
export interface Place {
  readonly at: number;
  readonly length: number;
}

/** Takes an entry that is read back, where its record begins in the file, and its own place. */
export type Replay = (entry: string, offset: number, place: Place) => void;

/** Entries that stand for all entries before them. */
export interface Snapshot {
  /** Number of the entries. */
  readonly count: number;
  /** Read as they are written, so that they are never in memory all at once. */
  readonly entries: Iterable<string> | AsyncIterable<string>;
  /** Is told the place of each entry, in the moment from which it holds. */
  readonly onPlaced?: (placeOf: (entry: number) => Place) => void;
}

/** A snapshot of entries that are in memory. */
export function snapshotOf(entries: readonly string[]): Snapshot {
  return { count: entries.length, entries };
}

/** Something that waits for all entries before it. */
interface Wait {
  resolve(): void;
  reject(error: Error): void;
}

interface Append extends Wait {
  readonly entry: string;
  readonly onPlaced: ((place: Place) => void) | undefined;
}

interface Compaction extends Wait {
  readonly snapshot: () => Snapshot;
}

/** A snapshot beside the journal. */
interface WrittenSnapshot {
  readonly checksum: string;
  readonly size: number;
  readonly tellPlaces: () => void;
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
  /** Bytes that the file had when it was put in place. */
  readonly compacted: number;
}

const FORMAT = "opa-journal-2";
const CHECKSUM_LENGTH = 16;
const NEW_LINE = 0x0a;
const SEPARATOR = "\u001e"; // between the entries of a record
const GROUP = 1 << 16; // characters of a record of a snapshot
const RECORD = /^(?<checksum>[0-9a-f]{16}) (?<length>\d{1,10}) /;
const BEGINNING = /^(?:[0-9a-f]{0,16}|[0-9a-f]{16} \d{0,10})$/;

/**
 * A file that entries are only ever added to.
 *
 * A record is a line `checksum length entries` with all entries that were written at once. Its checksum covers them and the
 * checksum before it, so a record that was changed, taken out or put elsewhere is noticed. A crash can leave a last line
 * without its end, or with pages that were never written and read as zeros. Nobody was told that it is safe, and it is cut
 * off as a whole when the journal is opened. Anything else that does not fit is damage, which is reported with its place
 * and left as it is.
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
  #reader: ReadFile;
  #checksum: string;
  #size: number;
  #compacted: number;
  #waiting: Job[] = [];
  #work: Promise<void> | undefined;
  #failure: JournalError | undefined;

  private constructor(
    { file, binding, disk = NODE_DISK }: JournalOptions,
    isNew: boolean,
    unlock: () => Promise<void>,
    { handle, reader }: { readonly handle: AppendFile; readonly reader: ReadFile },
    { checksum, end, compacted }: Pick<Position, "checksum" | "end" | "compacted">,
  ) {
    this.#file = file;
    this.#binding = binding;
    this.#disk = disk;
    this.isNew = isNew;
    this.#unlock = unlock;
    this.#handle = handle;
    this.#reader = reader;
    this.#checksum = checksum;
    this.#size = end;
    this.#compacted = compacted;
  }

  /** Bytes of the file. */
  get size(): number {
    return this.#size;
  }

  /** Bytes that the file had after its last compaction, by whichever process. */
  get compactedSize(): number {
    return this.#compacted;
  }

  /**
   * Opens a journal, or begins it if there is none, and hands every entry to `replay`. The entries read are durable on return.
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
      const { end, size, checksum, count, compacted } = await readRecords(
        disk,
        file,
        binding,
        replay,
      );
      if (end < size) await disk.cut(file, end);
      const handle = await disk.append(file);
      // The last process may have died between writing or renaming and making that durable.
      await handle.sync();
      await disk.syncFolder(path.dirname(path.resolve(file)));
      const files = { handle, reader: await disk.open(file) };
      return new Journal(options, count === 0, unlock, files, { checksum, end, compacted });
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  /**
   * Adds an entry; it is durable once this resolves. Entries that come while others are being written share one
   * synchronisation of the disk.
   *
   * @param onPlaced is told the entry's place, unless a snapshot with it was put in place meanwhile.
   * @throws {JournalError} if it cannot be written. Then nothing more is, because the state of the disk is unknown:
   * the journal has to be closed and opened again.
   */
  async append(entry: string, onPlaced?: (place: Place) => void): Promise<void> {
    if (entry.includes("\n") || entry.includes(SEPARATOR))
      throw new JournalError("An entry is one line, and this one has more.");
    return this.#enqueue((settle) => ({ entry, onPlaced, ...settle }));
  }

  /** The entry at a place that was told last. */
  async read({ at, length }: Place): Promise<string> {
    return this.#reader.read(at, length);
  }

  /**
   * Replaces all entries by those of a snapshot, and is done once that is durable. `snapshot` is asked for at a moment at
   * which it has to cover every entry that was added before. If it cannot be written, the journal stays as it was.
   */
  compact(snapshot: () => Snapshot): Promise<void> {
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

  /** Waits for open writes, then gives the file back. A second call does nothing. */
  async close(): Promise<void> {
    const isClosed = this.#failure instanceof ClosedError;
    this.#failure = new ClosedError(`The journal ${this.#file} is closed.`);
    await this.#work;
    if (isClosed) return;
    try {
      await this.#reader.close();
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
    const entries = appends.map(({ entry }) => entry).join(SEPARATOR);
    const { line, checksum } = writeRecord(this.#checksum, entries);
    this.#checksum = checksum;
    await this.#handle.append(line);
    await this.#handle.sync();
    const bytes = Buffer.byteLength(line);
    const placeOf = placesIn(bytes, entries, this.#size);
    for (const { entry, onPlaced } of appends) {
      const place = placeOf(entry);
      onPlaced?.(place);
    }
    this.#size += bytes;
  }

  /** Puts a snapshot in place; if it cannot be written, the compactions are rejected and the journal is as before. */
  async #tryReplace(jobs: readonly Job[], { snapshot }: Compaction): Promise<boolean> {
    const draft = draftOf(this.#file);
    let written: WrittenSnapshot;
    try {
      written = await this.#writeSnapshot(draft, snapshot());
    } catch (error) {
      const message = `The journal ${this.#file} cannot be compacted: ${messageOf(error)}.`;
      for (const job of jobs) if ("snapshot" in job) job.reject(new JournalError(message));
      await this.#disk.remove(draft).catch(() => undefined); // the next opening removes it
      return false;
    }
    await this.#disk.rename(draft, this.#file);
    await this.#disk.syncFolder(path.dirname(path.resolve(this.#file)));
    const [handle, reader] = [
      await this.#disk.append(this.#file),
      await this.#disk.open(this.#file),
    ];
    const replaced = [this.#handle, this.#reader];
    // In one step, so that a place always belongs to the file that is read.
    [this.#handle, this.#reader] = [handle, reader];
    written.tellPlaces();
    this.#checksum = written.checksum;
    this.#size = this.#compacted = written.size;
    for (const file of replaced) await file.close();
    return true;
  }

  async #writeSnapshot(
    draft: string,
    { count, entries, onPlaced }: Snapshot,
  ): Promise<WrittenSnapshot> {
    const [starts, lengths] = [new Float64Array(count), new Float64Array(count)];
    let [checksum, size, written] = ["", 0, 0];
    const write = (text: string): string => {
      const record = writeRecord(checksum, text);
      checksum = record.checksum;
      return record.line;
    };
    const lines = async function* (binding: Readonly<Record<string, string>>) {
      const first = write(header(binding, count));
      size += Buffer.byteLength(first);
      yield first;
      for await (const group of inGroups(entries)) {
        const text = group.join(SEPARATOR);
        const line = write(text);
        const placeOf = placesIn(Buffer.byteLength(line), text, size);
        for (const entry of group) {
          const { at, length } = placeOf(entry);
          [starts[written], lengths[written]] = [at, length];
          written += 1;
        }
        size += Buffer.byteLength(line);
        yield line;
      }
    };
    await this.#disk.write(draft, lines(this.#binding));
    if (written !== count)
      throw new Error(`the snapshot has ${written} entries, and ${count} were announced`);
    const tellPlaces = () =>
      onPlaced?.((entry) => ({ at: starts[entry] ?? 0, length: lengths[entry] ?? 0 }));
    return { checksum, size, tellPlaces };
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
  let compacted = 0;
  let checksum = "";
  let scanned = 0;
  let torn = 0; // bytes of a line that a crash may have left, if it is the last
  for await (const piece of disk.read(file)) {
    rest = rest.length === 0 ? Buffer.from(piece) : Buffer.concat([rest, piece]);
    if (torn > 0) continue;
    let start = 0;
    for (
      let stop = rest.indexOf(NEW_LINE, scanned);
      stop >= 0;
      stop = rest.indexOf(NEW_LINE, start)
    ) {
      const line = rest.subarray(start, stop);
      if (count >= 0 && torn === 0 && isUnwritten(checksum, line)) {
        torn = stop + 1 - start;
        break;
      }
      const record = readRecord(file, end, checksum, line);
      const entries = record.entry.split(SEPARATOR);
      if (count < 0) expected = readHeader(file, binding, record.entry);
      else {
        const placeOf = placesIn(line.length + 1, record.entry, end);
        for (const entry of entries) replay(entry, end, placeOf(entry));
      }
      count += count < 0 ? 1 : entries.length;
      checksum = record.checksum;
      end += stop + 1 - start;
      if (count === expected) compacted = end;
      start = stop + 1;
    }
    rest = rest.subarray(start);
    scanned = torn > 0 ? 0 : rest.length;
  }
  if (count < 0) throw new JournalError(`${file} is no journal: it has no header.`);
  if (torn > 0 && rest.subarray(torn).some((byte) => byte !== 0))
    readRecord(file, end, checksum, rest.subarray(0, torn - 1));
  if (torn === 0) requireTorn(file, end, rest);
  if (count < expected)
    throw new JournalError(
      `The journal ${file} is damaged at byte ${end}: it ends after ${count} of the ${expected} entries it began with.`,
    );
  return { end, size: end + rest.length, checksum, count, compacted };
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

/** Whether a line that does not match its checksum has bytes that never arrived. */
function isUnwritten(previous: string, line: Buffer): boolean {
  if (!line.includes(0)) return false;
  const text = line.toString("utf8");
  const entry = text.slice(text.indexOf(" ", CHECKSUM_LENGTH + 1) + 1);
  return RECORD.exec(text)?.groups?.["checksum"] !== checksumOf(previous, entry);
}

/** Requires that the bytes after the last whole record are the beginning of one, as a crash leaves it. */
function requireTorn(file: string, offset: number, rest: Buffer): void {
  let length = rest.length;
  while (length > 0 && rest[length - 1] === 0) length -= 1; // a file may grow before its bytes arrive
  if (rest.subarray(0, length).includes(0)) return;
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

/** Entries of a snapshot, several to a record. */
async function* inGroups(
  entries: Iterable<string> | AsyncIterable<string>,
): AsyncGenerator<string[]> {
  let group: string[] = [];
  let length = 0;
  for await (const entry of entries) {
    group.push(entry);
    length += entry.length;
    if (length < GROUP) continue;
    yield group;
    group = [];
    length = 0;
  }
  if (group.length > 0) yield group;
}

/** Places of the entries of a record, asked for in their order. The record has so many bytes and begins at `start`. */
function placesIn(bytes: number, text: string, start: number): (entry: string) => Place {
  let next = start + bytes - 1 - Buffer.byteLength(text);
  return (entry) => {
    const place = { at: next, length: Buffer.byteLength(entry) };
    next += place.length + 1;
    return place;
  };
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
