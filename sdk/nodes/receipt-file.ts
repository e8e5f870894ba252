import { Journal, JournalError, snapshotOf } from "../disk/journal.js";
import type { Disk } from "../disk/disk.js";
import { requireAddress, type ContractDomain } from "../statements/eip712.js";
import { DAY } from "../units.js";
import type { ReceiptStore, StoredReceipt } from "./receipt-book.js";
import { buildReceipt, type Receipt } from "./receipts.js";

/** Seconds for which a request can be answered, and for which its receipt is kept. */
export const REQUEST_TERM = DAY;

/** Seconds by which the clock of a consumer may be ahead. */
export const CLOCK_TOLERANCE = 60n;

/** Where the file of a node's receipts is, and for which node it is. */
export interface ReceiptFileOptions {
  readonly file: string;
  readonly domain: ContractDomain;
  readonly provider: string;
  /** Whether the file comes from a backup. Requests that its receipts may not cover are then refused. */
  readonly isRestored?: boolean;
  /** Seconds since the Unix epoch. */
  readonly clock?: () => bigint;
  readonly disk?: Disk;
}

interface Kept {
  readonly entry: StoredReceipt;
  /** Settles once the receipt is durable. */
  readonly durable: Promise<void>;
}

const ENTRIES_BETWEEN_PRUNINGS = 10_000;

/**
 * Receipts of one node in a journal, by request.
 *
 * A request is answered for {@link REQUEST_TERM} after it was signed; then its receipt is dropped and the request refused. A
 * file that is new, or comes from a backup, refuses requests that were signed before it was opened. Answers of before are not
 * known, so a node that lost its disk cannot contradict itself. The time from which requests are taken never moves back, even
 * if the clock does.
 */
export class ReceiptFile implements ReceiptStore {
  readonly #journal: Journal;
  readonly #clock: () => bigint;
  readonly #kept: Map<string, Kept>;
  #since: bigint;
  #added = 0;

  private constructor(
    journal: Journal,
    clock: () => bigint,
    kept: Map<string, Kept>,
    since: bigint,
  ) {
    this.#journal = journal;
    this.#clock = clock;
    this.#kept = kept;
    this.#since = since;
  }

  /**
   * Opens the file, or begins it if there is none.
   *
   * @throws {JournalError} if another process has it open, if it belongs to another node, or if it is damaged.
   */
  static async open(options: ReceiptFileOptions): Promise<ReceiptFile> {
    const { file, domain, disk, clock = systemClock } = options;
    const kept = new Map<string, Kept>();
    let since = 0n;
    const journal = await Journal.open(
      {
        file,
        binding: {
          kind: "receipts",
          chain: domain.chainId.toString(),
          slashing: requireAddress(domain.verifyingContract, "the slashing contract"),
          provider: requireAddress(options.provider, "the provider"),
        },
        ...(disk && { disk }),
      },
      (text, offset) => {
        const read = parseEntry(text, file, offset);
        if ("since" in read) since = read.since;
        else kept.set(read.receipt.request, { entry: read, durable: Promise.resolve() });
      },
    );
    const receipts = new ReceiptFile(journal, clock, kept, since);
    try {
      if (since === 0n || options.isRestored === true) await receipts.#begin();
      await receipts.#prune();
    } catch (error) {
      await journal.close();
      throw error;
    }
    return receipts;
  }

  /** Earliest time of a request that is answered. */
  get since(): bigint {
    return this.#since;
  }

  /** Number of receipts kept. */
  get size(): number {
    return this.#kept.size;
  }

  async find(request: string, issuedAt: bigint): Promise<Receipt | undefined> {
    this.#journal.requireOpen();
    const kept = this.#kept.get(request);
    if (!kept) this.#requireTimely(issuedAt);
    await kept?.durable;
    return kept?.entry.receipt;
  }

  async keep(entry: StoredReceipt): Promise<Receipt> {
    this.#journal.requireOpen();
    const { request } = entry.receipt;
    let kept = this.#kept.get(request);
    if (!kept) {
      this.#requireTimely(entry.issuedAt);
      kept = { entry, durable: this.#journal.append(formatReceipt(entry)) };
      this.#kept.set(request, kept); // before anything is awaited, so that no other call answers the request
      this.#added += 1;
    }
    await kept.durable;
    // A pruning writes all that stays, so it comes after as many additions.
    if (this.#added >= Math.max(ENTRIES_BETWEEN_PRUNINGS, this.#kept.size / 2)) await this.#prune();
    return kept.entry.receipt;
  }

  /** Waits for open writes, then gives the file back. */
  close(): Promise<void> {
    return this.#journal.close();
  }

  /** Takes requests from now on: a consumer whose clock is ahead may have got an answer that is not here. */
  async #begin(): Promise<void> {
    const start = this.#clock() + CLOCK_TOLERANCE + 1n;
    if (start > this.#since) this.#since = start;
    await this.#journal.append(formatSince(this.#since));
  }

  /** Drops receipts of requests that are no longer answered. */
  async #prune(): Promise<void> {
    this.#added = 0;
    const oldest = this.#clock() - REQUEST_TERM;
    if (oldest <= this.#since) return;
    this.#since = oldest; // first, so that nothing is dropped that could still be asked for
    for (const [request, { entry }] of this.#kept)
      if (entry.issuedAt < oldest) this.#kept.delete(request);
    await this.#journal.compact(() =>
      snapshotOf([
        formatSince(this.#since),
        ...[...this.#kept.values()].map(({ entry }) => formatReceipt(entry)),
      ]),
    );
  }

  #requireTimely(issuedAt: bigint): void {
    const now = this.#clock();
    const oldest = now - REQUEST_TERM > this.#since ? now - REQUEST_TERM : this.#since;
    if (issuedAt < oldest)
      throw new Error(
        `The request was signed at ${issuedAt}, and requests are answered from ${oldest} on; sign it anew.`,
      );
    if (issuedAt > now + CLOCK_TOLERANCE)
      throw new Error(`The request was signed at ${issuedAt}, which is after ${now}.`);
  }
}

function systemClock(): bigint {
  return BigInt(Math.floor(Date.now() / 1000));
}

function formatSince(since: bigint): string {
  return JSON.stringify({ since: since.toString() });
}

function formatReceipt({ issuedAt, receipt }: StoredReceipt): string {
  return JSON.stringify({ issuedAt, receipt }, (_, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  );
}

function parseEntry(text: string, file: string, offset: number): StoredReceipt | { since: bigint } {
  try {
    const entry = JSON.parse(text) as Record<string, unknown>;
    if (typeof entry["since"] === "string") return { since: BigInt(entry["since"]) };
    const { issuedAt, receipt } = entry as unknown as {
      issuedAt: string;
      receipt: Omit<Receipt, "uses"> & { uses: { resource: string; units: string }[] };
    };
    const uses = receipt.uses.map(({ resource, units }) => ({
      resource: BigInt(resource),
      units: BigInt(units),
    }));
    return { issuedAt: BigInt(issuedAt), receipt: buildReceipt({ ...receipt, uses }) };
  } catch (error) {
    throw new JournalError(
      `The journal ${file} has an entry at byte ${offset} that is no receipt: ${String(error)}`,
    );
  }
}
