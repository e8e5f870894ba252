/**
 * The folder of a deployment: its start, the hashes of its transactions, and the manifest. The
 * chain alone tells which transactions are done, so every file can be lost or cut off. Nothing is
 * ever deleted.
 */
import { existsSync, mkdirSync, renameSync } from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";

import { NODE_DISK, type Disk } from "../../sdk/disk/disk.js";
import type { Manifest } from "./manifest.js";

/** Start of a deployment. */
export interface Beginning {
  chainId: string;
  /** Hash of the chain's first block, which tells two local chains apart. */
  firstBlockHash: string;
  deployer: string;
  firstNonce: number;
  /** Block before the first transaction. */
  block: number;
  parameters: { name: string; sha256: string };
}

/** Hashes by the nonce that their transactions were sent with. */
export type Hashes = Map<number, string[]>;

const BEGINNING = "deployment.json";
const TRANSACTIONS = "transactions.jsonl";
const MANIFEST = "manifest.json";

/** One folder. */
export class DeploymentFolder {
  readonly path: string;
  readonly #disk: Disk;

  constructor(folder: string, disk: Disk = NODE_DISK) {
    this.path = folder;
    this.#disk = disk;
  }

  /** Name for messages. */
  get name(): string {
    return path.relative(process.cwd(), this.path);
  }

  get manifest(): string {
    return this.#file(MANIFEST);
  }

  /** Whether a deployment was begun in it. */
  async isBegun(): Promise<boolean> {
    for (const name of [BEGINNING, TRANSACTIONS, MANIFEST])
      if (await this.#disk.exists(this.#file(name))) return true;
    return false;
  }

  /** The beginning, or undefined if the file is missing or damaged. */
  async readBeginning(): Promise<Beginning | undefined> {
    const text = await this.#read(BEGINNING);
    return text === undefined ? undefined : parseBeginning(text);
  }

  /** Writes the beginning; a damaged one is kept beside it. */
  async writeBeginning(beginning: Beginning): Promise<void> {
    mkdirSync(this.path, { recursive: true });
    const file = this.#file(BEGINNING);
    const damaged = await this.#read(BEGINNING);
    if (damaged !== undefined) await this.#disk.write(await this.#freeName(file), [damaged]);
    await replaceFile(this.#disk, file, `${JSON.stringify(beginning, null, 2)}\n`);
  }

  /**
   * Writes the manifest and returns the one in the file. A manifest that differs only in its commit stays: it names the
   * sources that were deployed, not those of a later run. Any other one is kept beside the new one.
   */
  async writeManifest(manifest: Manifest): Promise<Manifest> {
    const earlier = await this.#read(MANIFEST);
    const kept = earlier === undefined ? undefined : parseManifest(earlier);
    if (kept !== undefined && isSameDeployment(kept, manifest)) return kept;
    if (earlier !== undefined)
      await this.#disk.write(await this.#freeName(this.manifest), [earlier]);
    await replaceFile(this.#disk, this.manifest, `${JSON.stringify(manifest, null, 2)}\n`);
    return manifest;
  }

  /** Hashes noted so far; a line that was cut off is left out. */
  async readHashes(): Promise<Hashes> {
    return parseHashes((await this.#read(TRANSACTIONS)) ?? "");
  }

  /** Notes a hash. The line begins with a break, so that one cut off before it spoils nothing. */
  async addHash(nonce: number, hash: string): Promise<void> {
    const file = this.#file(TRANSACTIONS);
    if (!(await this.#disk.exists(file))) {
      await this.#disk.write(file, []);
      await this.#disk.syncFolder(this.path);
    }
    const end = await this.#disk.append(file);
    try {
      await end.append(`\n${JSON.stringify({ nonce, hash })}\n`);
      await end.sync();
    } finally {
      await end.close();
    }
  }

  /** Gives the folder another name, and makes room for a new one. */
  moveAside(): string {
    let number = 1;
    while (existsSync(`${this.path}.${number}`)) number += 1;
    renameSync(this.path, `${this.path}.${number}`);
    return `${this.name}.${number}`;
  }

  #file(name: string): string {
    return path.join(this.path, name);
  }

  /** The text of a file; undefined if it is not there. */
  async #read(name: string): Promise<string | undefined> {
    const file = this.#file(name);
    if (!(await this.#disk.exists(file))) return undefined;
    const pieces: Uint8Array[] = [];
    for await (const piece of this.#disk.read(file)) pieces.push(piece);
    return Buffer.concat(pieces).toString("utf8");
  }

  /** The first name of the kind `x.1`, `x.2` … that no file has. */
  async #freeName(file: string): Promise<string> {
    let number = 1;
    while (await this.#disk.exists(`${file}.${number}`)) number += 1;
    return `${file}.${number}`;
  }
}

/** Replaces a file atomically: a reader finds the whole old or the whole new content. */
async function replaceFile(disk: Disk, file: string, content: string): Promise<void> {
  const beside = `${file}.new`;
  await disk.write(beside, [content]);
  await disk.rename(beside, file);
  await disk.syncFolder(path.dirname(file));
}

/** Reads a manifest; undefined if it is not JSON. */
function parseManifest(text: string): Manifest | undefined {
  try {
    return (JSON.parse(text) ?? {}) as Manifest;
  } catch {
    return undefined;
  }
}

/** Whether two manifests tell the same but for the commit of the sources. */
function isSameDeployment(one: Manifest, other: Manifest): boolean {
  const [first, second] = [one, other].map((manifest): unknown =>
    JSON.parse(JSON.stringify({ ...manifest, commit: "" })),
  );
  return isDeepStrictEqual(first, second);
}

/** Reads a beginning; undefined unless it is whole. */
export function parseBeginning(text: string): Beginning | undefined {
  let value: Partial<Beginning>;
  try {
    value = (JSON.parse(text) ?? {}) as Partial<Beginning>;
  } catch {
    return undefined;
  }
  const { chainId, firstBlockHash, deployer, firstNonce, block, parameters } = value;
  const isWhole =
    [chainId, firstBlockHash, deployer, parameters?.name, parameters?.sha256].every(
      (field) => typeof field === "string",
    ) && [firstNonce, block].every(Number.isSafeInteger);
  return isWhole ? (value as Beginning) : undefined;
}

/** Reads the lines that are whole. */
export function parseHashes(text: string): Hashes {
  const hashes: Hashes = new Map();
  for (const line of text.split("\n")) {
    const match = /^\{"nonce":(\d+),"hash":"(0x[0-9a-f]{64})"\}$/.exec(line);
    if (!match) continue;
    const nonce = Number(match[1]);
    hashes.set(nonce, [...(hashes.get(nonce) ?? []), match[2] ?? ""]);
  }
  return hashes;
}
