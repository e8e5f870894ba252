/**
 * The transactions of the deployer, as the chain has them. The manifest gives only hints: each hash
 * is looked up, and missing transactions are found by account and nonce.
 */
import type { Manifest } from "../lib/manifest.js";
import type { FoundTransaction, Rpc } from "../lib/rpc.js";
import { isOutside } from "../lib/send.js";
import type { Slot } from "../lib/series.js";

/** A transaction of the deployer, and where it is. */
export interface Past extends FoundTransaction {
  block: number;
  timestamp: number;
  succeeded: boolean;
}

/** Nonces beyond those of the manifest at which a contract of the deployer is still taken for one of the suite. */
const MARGIN = 200;

/** Walks the nonces of the deployer from the first one of the deployment on. */
export class History {
  /** The transaction of each step, in order; undefined where the deployer used its nonce without one, or not at all. */
  readonly steps: (Past | undefined)[] = [];
  /** Transactions in between that change nothing: reverted ones, and ones that have nothing to do with the suite. */
  readonly notes: string[] = [];
  readonly first: Past;
  readonly deployer: string;
  readonly #rpc: Rpc;
  readonly #hashes: Map<number, string>;
  readonly #suite: readonly string[];
  #nonce: number;
  #timestamp: number;
  #block: number;

  private constructor(rpc: Rpc, manifest: Manifest, deployer: string, first: Past) {
    this.#rpc = rpc;
    this.deployer = deployer;
    this.first = first;
    this.#hashes = new Map(manifest.transactions.map(({ nonce, hash }) => [nonce, hash]));
    this.#suite = [...Object.values(manifest.contracts), ...Object.values(manifest.others)].map(
      ({ address }) => address,
    );
    this.#nonce = first.nonce - 1;
    this.#timestamp = first.timestamp;
    this.#block = first.block - 1;
  }

  /** The history of a manifest; undefined if its first transaction is none of the deployer. */
  static async open(rpc: Rpc, manifest: Manifest): Promise<History | undefined> {
    const [entry] = manifest.transactions;
    const { deployer } = manifest;
    const found = entry && (await lookUp(rpc, deployer, entry.nonce, entry.hash, 0));
    return found && new History(rpc, manifest, deployer, found);
  }

  /** The nonce of the next step: the next one whose transaction had an effect on the suite, or might have had. */
  async next(): Promise<Slot> {
    for (;;) {
      this.#nonce += 1;
      const nonce = this.#nonce;
      const hash = this.#hashes.get(nonce);
      const past =
        nonce === this.first.nonce
          ? this.first
          : await lookUp(this.#rpc, this.deployer, nonce, hash, this.#block);
      if (past !== undefined) {
        this.#block = past.block;
        this.#timestamp = past.timestamp;
        if (this.#isWithoutEffect(past)) continue;
      }
      this.steps.push(past);
      return { nonce, timestamp: this.#timestamp };
    }
  }

  #isWithoutEffect(past: Past): boolean {
    if (!past.succeeded) {
      this.notes.push(
        `Transaction ${past.hash} of the deployer, with nonce ${past.nonce}, reverted.`,
      );
      return true;
    }
    const last = this.first.nonce + this.#hashes.size + MARGIN;
    const nonces = { first: this.first.nonce, last };
    if (!isOutside(past, this.deployer, nonces, this.#suite)) return false;
    this.notes.push(
      `Transaction ${past.hash} of the deployer, with nonce ${past.nonce}, went to ${past.to} and has nothing to do with the suite.`,
    );
    return true;
  }
}

/** The mined transaction of an account with a nonce: that of the hash if it is right, otherwise found from a block on. */
async function lookUp(
  rpc: Rpc,
  account: string,
  nonce: number,
  hash: string | undefined,
  from: number,
): Promise<Past | undefined> {
  const named = hash === undefined ? undefined : await rpc.transaction(hash);
  const isNamed = named?.from === account.toLowerCase() && named.nonce === nonce;
  let found = isNamed ? named : undefined;
  if (found === undefined) {
    if ((await rpc.transactionCount(account, "latest")) <= nonce) return undefined;
    found = await rpc.findByNonce(account, nonce, from);
  }
  const receipt = found && (await rpc.receipt(found.hash));
  if (!found || !receipt) return undefined;
  const { timestamp } = await rpc.block(receipt.blockNumber);
  return { ...found, block: receipt.blockNumber, timestamp, succeeded: receipt.succeeded };
}
