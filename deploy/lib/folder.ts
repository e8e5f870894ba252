/**
 * The folder of a deployment: where it began, hashes of what was sent, and the manifest. The chain alone says what is done, so every
 * file can be lost or cut off; nothing is ever deleted.
 */
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import path from "node:path";

/** What a deployment has to know of its beginning. */
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

  constructor(folder: string) {
    this.path = folder;
  }

  /** Name for messages. */
  get name(): string {
    return path.relative(process.cwd(), this.path);
  }

  get manifest(): string {
    return path.join(this.path, MANIFEST);
  }

  exists(): boolean {
    return existsSync(this.path);
  }

  /** The beginning, or undefined if the file is missing or damaged. */
  readBeginning(): Beginning | undefined {
    const file = path.join(this.path, BEGINNING);
    return existsSync(file) ? parseBeginning(readFileSync(file, "utf8")) : undefined;
  }

  /** Writes the beginning; a damaged one is kept beside it. */
  writeBeginning(beginning: Beginning): void {
    mkdirSync(this.path, { recursive: true });
    const file = path.join(this.path, BEGINNING);
    if (existsSync(file)) renameSync(file, freeName(file));
    replaceFile(file, `${JSON.stringify(beginning, null, 2)}\n`);
  }

  /** Hashes noted so far; a line that was cut off is left out. */
  readHashes(): Hashes {
    const file = path.join(this.path, TRANSACTIONS);
    return existsSync(file) ? parseHashes(readFileSync(file, "utf8")) : new Map<number, string[]>();
  }

  /** Notes a hash. The line begins with a break, so that one cut off before it spoils nothing. */
  addHash(nonce: number, hash: string): void {
    const line = JSON.stringify({ nonce, hash });
    appendFileSync(path.join(this.path, TRANSACTIONS), `\n${line}\n`, { flush: true });
  }

  /** Gives the folder another name, and makes room for a new one. */
  moveAside(): string {
    const name = freeName(this.path);
    renameSync(this.path, name);
    return path.relative(process.cwd(), name);
  }
}

/** Replaces a file at once: whoever reads it finds all of the old content or all of the new. */
export function replaceFile(file: string, content: string): void {
  const beside = `${file}.new`;
  const descriptor = openSync(beside, "w");
  try {
    writeSync(descriptor, content);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(beside, file);
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

/** The first name of the kind `x.1`, `x.2` … that nothing has. */
function freeName(file: string): string {
  let number = 1;
  while (existsSync(`${file}.${number}`)) number += 1;
  return `${file}.${number}`;
}
