import type { Line, SignedStatement } from "../statements/statement.js";
import type { Use } from "../statements/use.js";

/** A call that was served. */
export interface CallRecord {
  /** Names the call; unique for as long as it is remembered. */
  readonly id: string;
  readonly account: string;
  readonly provider: string;
  /** Epoch in which it was served, whose prices apply. */
  readonly epoch: bigint;
  readonly uses: readonly Use[];
}

/** A running total that the chain has settled. */
export interface SettledLine extends Line {
  /** Epoch that use in the total was served in at the latest: the line's `priceEpoch` or `lastEpoch` on the chain. */
  readonly lastEpoch?: bigint;
}

/** Running total of a line at the end of an epoch. */
export interface Cut {
  readonly epoch: bigint;
  total: bigint;
}

/** What is known of one account, provider and resource. All totals but `used` are at most `used`. */
export interface LineState {
  readonly provider: string;
  readonly resource: bigint;
  /** Units served. */
  used: bigint;
  /** Largest total that was ever signed. */
  signed: bigint;
  /** Largest total in a statement that can still settle. */
  covered: bigint;
  /** Largest total known to be settled. */
  settled: bigint;
  /** Totals above what is settled, oldest epoch first. */
  cuts: Cut[];
}

/** What is known of one account. */
export interface AccountState {
  readonly account: string;
  /** Latest epoch recorded or signed. */
  epoch: bigint;
  /** Earliest price epoch of what is still to be signed. */
  floor: bigint;
  readonly lines: LineState[];
  /** Statements not known to be settled, in the order in which they were signed. */
  pending: SignedStatement[];
}

/** What a meter remembers of a call. */
export interface RememberedCall {
  readonly id: string;
  readonly epoch: bigint;
  readonly digest: string;
}

/** What a meter writes into its journal. The last two kinds make up a snapshot, with one of `forgotten`. */
export type MeterEntry =
  | { readonly kind: "call"; readonly call: CallRecord }
  | { readonly kind: "signed"; readonly signed: SignedStatement }
  | { readonly kind: "settled"; readonly account: string; readonly lines: readonly SettledLine[] }
  | { readonly kind: "reopened"; readonly account: string; readonly priceEpoch: bigint }
  | { readonly kind: "forgotten"; readonly epoch: bigint }
  | { readonly kind: "account"; readonly state: AccountState }
  | { readonly kind: "calls"; readonly calls: readonly RememberedCall[] };

const KINDS = new Set<unknown>([
  "call",
  "signed",
  "settled",
  "reopened",
  "forgotten",
  "account",
  "calls",
] satisfies MeterEntry["kind"][]);

/** An entry as one line of text. Numbers become text with an `n`; only names of calls could look the same. */
export function encodeEntry(entry: MeterEntry): string {
  return JSON.stringify(entry, (_, value: unknown) =>
    typeof value === "bigint" ? `${value}n` : value,
  );
}

/** The entry that a line of text is; none if this version does not know it. */
export function decodeEntry(text: string): MeterEntry | undefined {
  try {
    const entry = JSON.parse(text, (key, value: unknown) =>
      key !== "id" && typeof value === "string" && /^\d+n$/.test(value)
        ? BigInt(value.slice(0, -1))
        : value,
    ) as MeterEntry;
    return KINDS.has(entry.kind) ? entry : undefined;
  } catch {
    return undefined;
  }
}
