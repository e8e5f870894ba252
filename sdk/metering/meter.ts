import { getAddress } from "ethers";

import type { Disk } from "../disk/disk.js";
import { JournalError } from "../disk/journal-error.js";
import { Journal } from "../disk/journal.js";
import {
  decodeEntry,
  encodeEntry,
  type CallRecord,
  type MeterEntry,
  type SettledLine,
} from "./meter-entries.js";
import type { TypedDataSigner } from "../statements/typed-message.js";
import { MeterError } from "./meter-error.js";
import { MeterState, type StatementDraft } from "./meter-state.js";
import {
  buildStatement,
  signStatement,
  type SignedStatement,
  type StatementDomain,
} from "../statements/statement.js";

export type { CallRecord, SettledLine } from "./meter-entries.js";
export { MeterError } from "./meter-error.js";
export type { StatementDraft } from "./meter-state.js";

/** Where a meter keeps its journal, and the deployment that it meters for. */
export interface MeterOptions {
  readonly file: string;
  readonly chainId: bigint;
  readonly settlement: string;
  readonly disk?: Disk;
}

/** Who signs a statement, for which contract, and until when it can settle. */
export interface Signing {
  readonly signer: TypedDataSigner;
  readonly domain: StatementDomain;
  readonly deadline: bigint;
}

/** An account's use of a resource of a provider. */
export interface UsedLine {
  readonly account: string;
  readonly provider: string;
  readonly resource: bigint;
}

const MAX_ID_LENGTH = 256;

/**
 * Counts calls up to running totals, has them signed, and knows what is settled; all of it survives a crash.
 *
 * Use is priced at the epoch it was served in: what is signed for an epoch goes up to the end of that epoch. Running totals
 * are cumulative, so a statement that settles late is paid by the next one at the next one's price: settle in the order
 * of `pending`. The use of an account at a provider belongs to one meter; two of them would not add up.
 *
 * Calls are remembered by name until `forgetBefore`, which keeps memory and journal small. A call of a forgotten epoch
 * is refused, so a repeated one is never counted twice as long as it is repeated with its epoch.
 *
 * After the loss of a journal, `resync` has to come before the first call: `isNew` says so.
 */
export class UsageMeter {
  /** Chain that the use is settled on. */
  readonly chainId: bigint;
  /** Contract that settles it. */
  readonly settlement: string;

  readonly #journal: Journal;
  readonly #state: MeterState;
  /** Statements on their way to the disk, which nobody may see yet. */
  readonly #unsafe = new Set<SignedStatement>();
  /** The last work for each account that has to be done one after the other. */
  readonly #turns = new Map<string, Promise<unknown>>();

  private constructor({ chainId, settlement }: MeterOptions, journal: Journal, state: MeterState) {
    this.chainId = chainId;
    this.settlement = settlement;
    this.#journal = journal;
    this.#state = state;
  }

  /**
   * Opens the meter that a journal describes, or a new one if there is no such file.
   *
   * @throws {JournalError} if the journal is open elsewhere, damaged, or of another deployment.
   */
  static async open(options: MeterOptions): Promise<UsageMeter> {
    const { file, chainId, disk } = options;
    const settlement = requireAddress(options.settlement, "the settlement contract");
    const state = new MeterState();
    const journal = await Journal.open(
      { file, binding: { chainId: String(chainId), settlement }, ...(disk && { disk }) },
      (text, offset) => {
        const entry = decodeEntry(text);
        if (!entry)
          throw new JournalError(
            `The journal ${file} has an entry at byte ${offset} that this version does not know.`,
          );
        state.apply(entry);
      },
    );
    return new UsageMeter({ file, chainId, settlement }, journal, state);
  }

  /** Whether the journal said nothing when the meter was opened: it is the first, or the one before it is lost. */
  get isNew(): boolean {
    return this.#journal.isNew;
  }

  /**
   * Counts a call; it is durable once this resolves. Resolves to false if the call was counted before.
   *
   * @throws {MeterError} if the call's name was used for another one, or its epoch is over for the account.
   */
  async record(call: CallRecord): Promise<boolean> {
    const plain = readCall(call);
    this.#journal.requireOpen();
    if (this.#state.isKnown(plain)) {
      await this.#journal.flush();
      return false;
    }
    await this.#commit({ kind: "call", call: plain });
    return true;
  }

  /** Whether a call of this name is counted and not forgotten. */
  remembers(id: string): boolean {
    return this.#state.remembers(id);
  }

  /**
   * What is to be signed, oldest epoch first: for each account and epoch the running totals at its end, in several drafts
   * if they are more than a statement holds. `before` leaves out that epoch and later ones, which may still grow.
   */
  due({ account, before }: { account?: string; before?: bigint } = {}): StatementDraft[] {
    return this.#state.due(account === undefined ? undefined : readAccount(account), before);
  }

  /**
   * Signs a draft. The statement is durable before it is handed out; the same draft again gives the same statement.
   *
   * @throws {MeterError} if the draft says anything but what is to be signed, or the domain is of another deployment.
   */
  async sign(
    draft: StatementDraft,
    { signer, domain, deadline }: Signing,
  ): Promise<SignedStatement> {
    if (domain.chainId !== this.chainId || getAddress(domain.verifyingContract) !== this.settlement)
      throw new MeterError(
        `The domain is of contract ${domain.verifyingContract} on chain ${domain.chainId}, and the meter of ` +
          `contract ${this.settlement} on chain ${this.chainId}.`,
      );
    const statement = buildStatement({ ...draft, deadline, lines: [...draft.lines] });
    return this.#inTurn(statement.account, async () => {
      this.#journal.requireOpen();
      const earlier = this.#state.findSigned(statement);
      if (earlier) return earlier;

      this.#state.checkDraft(statement);
      const signed = await signStatement(signer, domain, statement);
      this.#unsafe.add(signed);
      await this.#commit({ kind: "signed", signed });
      this.#unsafe.delete(signed);
      return signed;
    });
  }

  /**
   * Statements that are signed and not known to be settled, in the order to settle. Left out is one that a later statement
   * of the same signer stands for: same epoch, no earlier deadline, at least as much on every line. `all` has it too, for
   * credit that is enough for the earlier one only.
   */
  pending(account?: string, { all = false }: { all?: boolean } = {}): SignedStatement[] {
    const owner = account === undefined ? undefined : readAccount(account);
    return this.#state.pending(owner, all, (signed) => !this.#unsafe.has(signed));
  }

  /**
   * Remembers running totals that the chain has settled. One above all that this journal has signed is of a journal that
   * was lost: use served after the line's `lastEpoch` then adds to it. Earlier use may be part of it and is taken to be,
   * as is all use if there is no `lastEpoch`, so that nothing is charged twice.
   */
  async noteSettled(account: string, lines: readonly SettledLine[]): Promise<void> {
    const plain = lines.map((line) => ({
      provider: requireAddress(line.provider, "a provider"),
      resource: requireUint(line.resource, 32, "a resource"),
      cumulativeUnits: requireUint(line.cumulativeUnits, 128, "the units of a line"),
      ...(line.lastEpoch !== undefined && { lastEpoch: line.lastEpoch }),
    }));
    const owner = readAccount(account);
    this.#journal.requireOpen();
    if (plain.length > 0) await this.#commit({ kind: "settled", account: owner, lines: plain });
  }

  /**
   * Makes all use due again that an account has signed for and that is not settled, because its statements will never
   * settle: their deadline is over, their signer is no key any more, or their price epoch is too old. Use of epochs
   * before `priceEpoch` is priced at that epoch, which its signer agrees to by signing again.
   */
  async reopen(account: string, priceEpoch = 0n): Promise<void> {
    const owner = readAccount(account);
    requireUint(priceEpoch, 32, "the price epoch");
    await this.#inTurn(owner, () => this.#commit({ kind: "reopened", account: owner, priceEpoch }));
  }

  /** Units served and not known to be settled. */
  unsettled(
    account: string,
    provider?: string,
  ): { provider: string; resource: bigint; units: bigint }[] {
    const server = provider === undefined ? undefined : requireAddress(provider, "a provider");
    return this.#state
      .lines(readAccount(account))
      .filter((line) => line.used > line.settled && (server ?? line.provider) === line.provider)
      .map((line) => ({
        provider: line.provider,
        resource: line.resource,
        units: line.used - line.settled,
      }));
  }

  /** Every account's use of a resource of a provider that was ever counted or settled. */
  lines(): UsedLine[] {
    return this.#state
      .lines()
      .map(({ account, provider, resource }) => ({ account, provider, resource }));
  }

  /**
   * Forgets the names of calls of earlier epochs, from then on refuses such calls, and makes the journal small. Epochs that
   * cannot settle any more, or whose clients do not repeat calls any more, are safe to forget.
   */
  async forgetBefore(epoch: bigint): Promise<void> {
    requireUint(epoch, 32, "an epoch");
    await this.#commit({ kind: "forgotten", epoch });
    await this.compact();
  }

  /** Replaces the journal by one that says the same in fewer words. */
  compact(): Promise<void> {
    return this.#journal.compact(() => [...this.#state.snapshot()].map(encodeEntry));
  }

  /** Waits for what is being written, and gives the journal back. */
  async close(): Promise<void> {
    await this.#journal.close();
  }

  /** Takes an entry and makes it durable. The state is ahead of the disk for as long as that takes, and never behind. */
  async #commit(entry: MeterEntry): Promise<void> {
    this.#journal.requireOpen();
    const written = this.#journal.append(encodeEntry(entry));
    this.#state.apply(entry);
    await written;
  }

  async #inTurn<T>(account: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(account) ?? Promise.resolve()).then(work, work);
    this.#turns.set(account, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(account) === turn) this.#turns.delete(account);
    }
  }
}

function readCall({ id, account, provider, epoch, uses }: CallRecord): CallRecord {
  if (id.length === 0 || id.length > MAX_ID_LENGTH)
    throw new MeterError(
      `The name of a call has 1 to ${MAX_ID_LENGTH} characters, and this one has ${id.length}.`,
    );
  const units = new Map<bigint, bigint>();
  for (const use of uses) {
    requireUint(use.resource, 32, "a resource");
    requireUint(use.units, 128, "the units of a call");
    if (use.units > 0n) units.set(use.resource, (units.get(use.resource) ?? 0n) + use.units);
  }
  return {
    id,
    account: readAccount(account),
    provider: requireAddress(provider, "a provider"),
    epoch: requireUint(epoch, 32, "an epoch"),
    uses: [...units]
      .map(([resource, amount]) => ({ resource, units: amount }))
      .sort((left, right) => Number(left.resource - right.resource)),
  };
}

function readAccount(account: string): string {
  return requireAddress(account, "the account");
}

function requireAddress(value: string, what: string): string {
  try {
    return getAddress(value);
  } catch {
    throw new MeterError(`"${value}" is not an address, so it cannot be ${what}.`);
  }
}

function requireUint(value: bigint, bits: number, what: string): bigint {
  if (value < 0n || value >= 1n << BigInt(bits))
    throw new MeterError(`${value} does not fit ${bits} bits, so it cannot be ${what}.`);
  return value;
}
