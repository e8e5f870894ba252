import type { AppendFile, Disk, ReadFile } from "../../sdk/disk/disk.js";

interface Content {
  bytes: Buffer;
  /** Bytes that survive a crash for certain. */
  durable: number;
}

type Naming = (names: Map<string, Content>) => void;

/**
 * A disk in memory that can fail at any step. It then keeps synchronised data and any part of the
 * rest.
 */
export class SimulatedDisk implements Disk {
  /** Steps until it dies. */
  stepsLeft = Infinity;
  /** Bytes that still fit. */
  room = Infinity;
  /** How often written bytes were made durable. */
  syncs = 0;
  /** Steps taken. */
  steps = 0;

  #names: Map<string, Content>;
  #durableNames: Map<string, Content>;
  readonly #locks = new Set<string>();
  #namings: Naming[] = [];

  constructor(files: readonly (readonly [string, Buffer])[] = []) {
    const entries = files.map(([name, bytes]) => [name, { bytes, durable: bytes.length }] as const);
    this.#names = new Map(entries);
    this.#durableNames = new Map(entries);
  }

  /** The disk as the next process finds it, when the machine has lost its power or only the process has died. */
  restart(random: () => number): SimulatedDisk {
    const below = (limit: number) => Math.floor(random() * limit);
    if (below(2) === 0) return this.#handOn();

    const names = new Map(this.#durableNames);
    const survived = below(this.#namings.length + 1);
    for (const naming of this.#namings.slice(0, survived)) naming(names);
    return new SimulatedDisk(
      [...names].map(([name, { bytes, durable }]) => {
        const kept = durable + below(bytes.length - durable + 1);
        const isGrown = below(4) === 0; // without the bytes themselves
        const tail = isGrown ? Buffer.alloc(bytes.length - kept) : Buffer.alloc(0);
        return [name, Buffer.concat([bytes.subarray(0, kept), tail])];
      }),
    );
  }

  /** Bytes of a file, as a process reads them now. */
  bytesOf(file: string): Buffer {
    const content = this.#names.get(file);
    if (!content) throw new Error(`There is no file ${file}.`);
    return content.bytes;
  }

  files(): string[] {
    return [...this.#names.keys()];
  }

  async lock(file: string): Promise<() => Promise<void>> {
    await this.#step();
    if (this.#locks.has(file)) throw new Error(`${file} is locked.`);
    this.#locks.add(file);
    return async () => {
      await Promise.resolve();
      this.#locks.delete(file);
    };
  }

  async exists(file: string): Promise<boolean> {
    await this.#step();
    return this.#names.has(file);
  }

  async *read(file: string): AsyncGenerator<Uint8Array> {
    await this.#step();
    const bytes = this.bytesOf(file);
    for (let i = 0; i < bytes.length; i += 97) yield bytes.subarray(i, i + 97);
  }

  open(file: string): Promise<ReadFile> {
    const content = this.#names.get(file);
    if (!content) throw new Error(`There is no file ${file}.`);
    return Promise.resolve({
      read: (at, length) => Promise.resolve(content.bytes.toString("utf8", at, at + length)),
      close: () => Promise.resolve(),
    });
  }

  async write(file: string, pieces: Iterable<string> | AsyncIterable<string>): Promise<void> {
    const content = { bytes: Buffer.alloc(0), durable: 0 };
    this.#name((names) => names.set(file, content));
    for await (const piece of pieces) await this.#extend(content, piece);
    await this.#sync(content);
  }

  async append(file: string): Promise<AppendFile> {
    await this.#step();
    const content = this.#names.get(file);
    if (!content) throw new Error(`There is no file ${file}.`);
    return {
      append: (text) => this.#extend(content, text),
      sync: () => this.#sync(content),
      close: () => Promise.resolve(),
    };
  }

  async cut(file: string, size: number): Promise<void> {
    await this.#step();
    const content = this.#names.get(file);
    if (!content) throw new Error(`There is no file ${file}.`);
    content.bytes = content.bytes.subarray(0, size);
    content.durable = size;
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#step();
    this.#name((names) => {
      const content = names.get(from);
      if (!content) throw new Error(`There is no file ${from}.`);
      names.delete(from);
      names.set(to, content);
    });
  }

  async remove(file: string): Promise<void> {
    await this.#step();
    this.room += this.#names.get(file)?.bytes.length ?? 0;
    this.#name((names) => names.delete(file));
  }

  async syncFolder(): Promise<void> {
    await this.#step();
    for (const naming of this.#namings) naming(this.#durableNames);
    this.#namings = [];
  }

  /** The same files, of which the same is durable. */
  #handOn(): SimulatedDisk {
    const next = new SimulatedDisk();
    next.#names = this.#names;
    next.#durableNames = this.#durableNames;
    next.#namings = this.#namings;
    return next;
  }

  #name(naming: Naming): void {
    naming(this.#names);
    this.#namings.push(naming);
  }

  async #extend(content: Content, text: string): Promise<void> {
    const bytes = Buffer.from(text);
    const fitting = bytes.subarray(0, Math.min(bytes.length, this.room));
    content.bytes = Buffer.concat([content.bytes, fitting]);
    this.room -= fitting.length;
    await this.#step();
    if (fitting.length < bytes.length) throw new Error("ENOSPC: no space left on device, write");
  }

  async #sync(content: Content): Promise<void> {
    await this.#step();
    content.durable = content.bytes.length;
    this.syncs += 1;
  }

  async #step(): Promise<void> {
    await Promise.resolve();
    if (this.stepsLeft <= 0) throw new Error("EIO: the disk is gone");
    this.stepsLeft -= 1;
    this.steps += 1;
  }
}
