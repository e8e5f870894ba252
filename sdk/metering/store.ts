import type { SignedStatement, Statement } from "../statements/statement.js";
import type { Use } from "../statements/use.js";

/** One running total: the use of a resource of a provider by an account. */
export interface LineKey {
  readonly account: string;
  readonly provider: string;
  readonly resource: bigint;
}

/** A running total as the chain has it at some block. */
export interface LineTotal extends LineKey {
  readonly total: bigint;
}

/** A call before it is served. */
export interface CallRequest {
  /** Names the call for as long as it is remembered, over all gateways. See {@link nameCall}. */
  readonly name: string;
  /** Hash of the request's content. The same name with another hash is refused. */
  readonly request: string;
  readonly account: string;
  /** Key that will sign for the use; the account itself if left out. */
  readonly signer?: string;
  readonly provider: string;
  /** Epoch in which the call is admitted, whose price it has. */
  readonly epoch: bigint;
  /** The most that the call can use. */
  readonly uses: readonly Use[];
  /** Milliseconds after which another gateway may serve the call, because this one has probably died. */
  readonly lease: number;
  readonly risk?: RiskLimits;
}

/** Bounds of the value that is served and not settled, in OPA wei. */
export interface RiskLimits {
  /** OPA wei for one unit, by resource. Without one, a new call is refused and open use counts for nothing. */
  readonly prices: ReadonlyMap<bigint, bigint>;
  /** For all accounts together at the call's provider. */
  readonly perProvider?: bigint;
  /** For the call's account at all providers, so that a debtor closes the door to itself alone. */
  readonly perAccount?: bigint;
}

/** A call that was served. */
export interface ServedCall {
  readonly name: string;
  /** Hash of the request's content; the hash of account, provider and uses if left out. */
  readonly request?: string;
  readonly account: string;
  readonly signer?: string;
  readonly provider: string;
  /** Epoch of its admission. */
  readonly epoch: bigint;
  readonly uses: readonly Use[];
  /** Answer to the client, for repeats. */
  readonly answer?: string;
}

/** A call that is counted and not forgotten. */
export interface RecordedCall {
  readonly name: string;
  readonly request: string;
  readonly epoch: bigint;
  readonly answer: string | undefined;
}

/** Result of {@link MeterStore.begin}. */
export type Beginning =
  /**
   * Nobody else serves this call. Its largest use is held until `record`, `abandon` or the end of the lease. `token` names
   * this lease.
   */
  | { readonly kind: "open"; readonly token: string }
  /** The call was served before. Its answer is to be sent again, and nothing is counted. */
  | { readonly kind: "answered"; readonly call: RecordedCall }
  /** Another gateway serves this call now. `retryAfter` is in milliseconds. */
  | { readonly kind: "running"; readonly retryAfter: number }
  /** Too much is served and not settled. `exposure` is in OPA wei, without this call. */
  | {
      readonly kind: "refused";
      readonly scope: "provider" | "account";
      readonly exposure: bigint;
      readonly limit: bigint;
    }
  /** A resource of the call has no price, so its use would never settle. */
  | { readonly kind: "unpriced"; readonly resource: bigint }
  /** The chain is ahead of this meter on lines of this account and provider, see {@link MeterStore.adopt}. */
  | { readonly kind: "overtaken"; readonly lines: readonly OvertakenLine[] };

/** Result of {@link MeterStore.record}. */
export interface Recorded {
  /** Whether the call was counted now. */
  readonly isNew: boolean;
  /** The call as it was counted the first time. Its answer is the one to send. */
  readonly call: RecordedCall;
}

/** Use that is served and neither settled nor written off. */
export interface OpenUse extends LineKey {
  /** Key that has signed or will sign for it. */
  readonly signer: string;
  readonly epoch: bigint;
  readonly units: bigint;
  /** Whether a statement covers it. */
  readonly isSigned: boolean;
}

/** Whose open units: all of a provider, all of an account, or those of an account at a provider. */
export type ExposureOf =
  | { readonly provider: string }
  | { readonly account: string }
  | { readonly account: string; readonly provider: string };

/** Use that waits for a signature: everything of one account, one key and one epoch. */
export interface DueUse {
  readonly account: string;
  readonly signer: string;
  readonly priceEpoch: bigint;
}

/** A statement to be signed. Its totals are those of the moment at which it was drafted. */
export type StatementDraft = Omit<Statement, "deadline">;

/** Why a statement is not sent for a while. */
export interface Aside {
  readonly reason: string;
  readonly times: number;
  /** Milliseconds. */
  readonly wait: number;
}

/** A statement that the meter knows, until it is final. */
export interface StatementRecord {
  /** EIP-712 hash of the statement with its domain, which was signed. */
  readonly id: string;
  /** Order in which the statements of an account were signed and have to settle. */
  readonly order: number;
  readonly signed: SignedStatement;
  /**
   * `signed`: nobody has sent it. `sent`: a transaction with it may be on its way. `seen`: the latest block has all of it.
   * After `final` it is forgotten.
   */
  readonly state: "signed" | "sent" | "seen";
  /** Transaction that it was sent with last. */
  readonly transaction: string | undefined;
  /** Why it was last set aside, how often it was, and for how many more milliseconds; 0 if it may be sent again. */
  readonly aside: Aside | undefined;
}

/** A line of which the chain has settled more than was ever signed here. */
export interface OvertakenLine extends LineKey {
  /** Running total on the chain. */
  readonly chain: bigint;
  /** Largest total that was ever signed here. */
  readonly signed: bigint;
  /** Units served here that are not settled. */
  readonly open: bigint;
}

/** A known line. All totals are units of the chain's numbering. */
export interface LineView extends LineKey {
  /** Largest total that was ever signed here. */
  readonly signed: bigint;
  /** Total in the latest block that was looked at. */
  readonly seen: bigint;
  /** Total in the latest finalized block that was looked at. */
  readonly final: bigint;
  /** Units served and neither settled nor written off. */
  readonly open: bigint;
  /** Units written off. */
  readonly writtenOff: bigint;
  readonly isOvertaken: boolean;
}

/** A transaction that the settler has sent and that is not known to be mined. Fees are in wei per gas. */
export interface SentTransaction {
  readonly sender: string;
  readonly nonce: number;
  readonly transaction: string;
  /** Highest fee that any transaction of this nonce was sent with. */
  readonly maxFeePerGas: bigint;
  /** Equal to the fee where the chain has no base fee. */
  readonly maxPriorityFeePerGas: bigint;
  readonly statements: readonly string[];
}

/** The right to sign and settle. One process at a time has it. */
export interface Leadership {
  /** Whether it still holds; asked before each transaction. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

/** Lines that an action is about: all of an account, of one provider of it, or a single one. */
export interface LineSelection {
  readonly account: string;
  readonly provider?: string;
  readonly resource?: bigint;
}

/**
 * The one owner of served, signed and settled use. It survives crashes. Every method can be repeated after an error.
 *
 * There are two implementations with the same behaviour: `JournalStore` is a file for one process, `PostgresStore` is a
 * database for any number of gateways.
 *
 * A gateway serves a request in three steps:
 *
 * 1. `begin` with the client's name for the request, the hash of its content and the most that it can use. The answer
 *    says whether to serve it, to send an earlier answer, to ask the client to wait, or to refuse.
 * 2. It serves the model. If that fails, it calls `abandon`, and the name is free again.
 * 3. `record` with the real use and the answer, and sends `recorded.call.answer`. The count and the answer are one
 *    record, so neither is ever there without the other. If a second gateway served the same call because the lease of the
 *    first was over, the first record stands, and both send its answer.
 *
 * A `Settler` signs and settles in the background. Every gateway of a fleet runs one; the store elects who works.
 *
 * The meter knows the state of each statement: due, signed, sent, seen, final. `mark` tells it the totals of the latest and
 * of the finalized block. Only a finalized total forgets anything; a latest total may fall again, and then the use is open
 * again. A total above everything that was signed here is `overtaken`: `begin` refuses and nothing is signed for that
 * line until `adopt` decides. `record` still counts, since that use was served.
 *
 * @throws {MeterError} from every method, with a code; `unavailable` if the storage does not answer.
 */
export interface MeterStore {
  /** Chain that the use is settled on. */
  readonly chainId: bigint;
  /** Contract that settles it, in checksum form. */
  readonly settlement: string;
  /** Whether nothing was in the storage when it was opened: it is the first, or the one before it is lost. */
  readonly isNew: boolean;

  /** Claims a call before it is served. @throws {MeterError} `reused`, `forgotten`, `ahead` or `invalid`. */
  begin(call: CallRequest): Promise<Beginning>;
  /**
   * Gives up a call that was begun and not served. Without effect if its lease is over and another gateway has begun it.
   *
   * @param token that of `begin`.
   */
  abandon(name: string, token: string): Promise<void>;
  /**
   * Counts a call and keeps its answer; both are durable once this resolves. It needs no `begin`. A call that is recorded
   * again, also with another epoch, counts once.
   */
  record(call: ServedCall): Promise<Recorded>;
  /** The call of this name, if it is counted and not forgotten. */
  find(name: string): Promise<RecordedCall | undefined>;
  /** Forgets calls of earlier epochs with their answers, and refuses such calls from then on. */
  forgetBefore(epoch: bigint): Promise<void>;

  /** Use of an account that is not settled, by provider, resource, key and epoch. */
  unsettled(of: { account: string; provider?: string; signer?: string }): Promise<OpenUse[]>;
  /** Units by resource that are served or held and not settled. Constant in the number of accounts. */
  exposure(of: ExposureOf): Promise<Use[]>;
  /** Known lines; with `isOpen` only those that the finalized chain does not have in full. */
  lines(of?: { account?: string; isOpen?: boolean }): Promise<LineView[]>;

  /** Use that waits for a signature, the oldest epoch first. `before` leaves out that epoch and later ones. */
  due(of?: { account?: string; before?: bigint; limit?: number }): Promise<DueUse[]>;
  /** Statements to sign for due use, with totals as of now; several if one would have over `maxLines` lines. */
  draft(due: DueUse, maxLines?: number): Promise<StatementDraft[]>;
  /**
   * Takes a signed statement of a draft; the same one again is returned as it is known.
   *
   * @param isWallet the caller has asked the contract wallet `signer`, and it accepts the signature.
   * @throws {MeterError} `unfit` if the signature is not the signer's, or the statement does not fit the open use.
   */
  add(signed: SignedStatement, isWallet?: boolean): Promise<StatementRecord>;
  /** Statements that are not in the latest block, in the order to settle; without those set aside unless `all`. */
  pending(of?: { account?: string; all?: boolean; limit?: number }): Promise<StatementRecord[]>;

  /** Notes that a transaction is about to be sent, before it is. */
  noteSent(sent: SentTransaction): Promise<void>;
  /** Transactions of a sender with this nonce or a later one; earlier ones are forgotten. */
  sent(sender: string, nonce: number): Promise<SentTransaction[]>;
  /** Leaves a statement out of `pending` for some milliseconds. */
  setAside(id: string, reason: string, wait: number): Promise<void>;
  /**
   * Notes totals of the chain. `seen` are those of the latest block and may fall; `final` are those of the finalized block.
   *
   * @returns all lines of the call that are overtaken.
   */
  mark(totals: {
    seen?: readonly LineTotal[];
    final?: readonly LineTotal[];
  }): Promise<OvertakenLine[]>;
  /** Block up to which events were read; undefined before the first time. */
  scanned(): Promise<number | undefined>;
  noteScanned(block: number): Promise<void>;

  /**
   * Makes signed use due again: a statement that will never settle, or is not wanted; or everything of some lines. Use of
   * earlier epochs gets `priceEpoch`, which its signer accepts by signing again.
   */
  reopen(of: { statement: string } | LineSelection, priceEpoch?: bigint): Promise<void>;
  /** Ends the unsettled use of lines as bad debt, in units by line. A late settlement of it lowers the debt again. */
  writeOff(of: LineSelection): Promise<LineTotal[]>;
  /**
   * Decides about a line of which the chain has more than was signed here. `elsewhere`: that use was metered by somebody
   * else, and all open use of this meter comes on top. `here`: it pays for use of this meter, for example because the
   * account signed for it itself.
   */
  adopt(total: LineTotal, as: "elsewhere" | "here"): Promise<void>;
  /** Lines that wait for {@link adopt}. */
  overtaken(): Promise<OvertakenLine[]>;

  /** Tries to become the one process that signs and settles; undefined if another is. */
  elect(): Promise<Leadership | undefined>;
  /** Waits for open writes and gives the storage back. */
  close(): Promise<void>;
}
