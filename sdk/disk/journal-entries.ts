import type { AccountState, StatementState } from "../metering/account.js";
import type { CheckedCall } from "../metering/door.js";
import { keyOf } from "../metering/account.js";
import type { LineState } from "../metering/line.js";
import type { LineTotal, RecordedCall, SentTransaction } from "../metering/store.js";
import type { SignedStatement } from "../statements/statement.js";

/** A call as the journal keeps it. */
export interface CallEntry extends CheckedCall {
  readonly request: string;
  readonly answer: string | undefined;
}

/** Lines of one account that an entry is about. */
interface Selection {
  readonly provider?: string;
  readonly resource?: bigint;
}

/** An entry of a journal, besides calls. `account`, `call` and `sent` also make up a snapshot. */
export type StoreEntry =
  | { readonly kind: "signed"; readonly id: string; readonly signed: SignedStatement }
  | { readonly kind: "seen" | "final"; readonly totals: readonly LineTotal[] }
  | {
      readonly kind: "reopened";
      readonly account: string;
      readonly of: { readonly statement: string } | Selection;
      readonly floor: bigint;
    }
  | { readonly kind: "writtenOff"; readonly account: string; readonly of: Selection }
  | {
      readonly kind: "adopted";
      readonly total: LineTotal;
      readonly as: "elsewhere" | "here";
    }
  | { readonly kind: "sent"; readonly sent: SentTransaction }
  | { readonly kind: "mined"; readonly sender: string; readonly nonce: number }
  | {
      readonly kind: "aside";
      readonly account: string;
      readonly id: string;
      readonly reason: string;
      /** Milliseconds. */
      readonly wait: number;
    }
  | { readonly kind: "scanned"; readonly block: number }
  | { readonly kind: "forgotten"; readonly epoch: bigint }
  | { readonly kind: "remembered"; readonly call: RecordedCall }
  | {
      readonly kind: "account";
      readonly account: string;
      readonly next: number;
      readonly lines: readonly LineState[];
      readonly statements: readonly StatementState[];
    };

/** A call as one line of text. Calls are most of a journal, so they are written in the shortest way that is read fast. */
export function encodeCall(call: CallEntry): string {
  const { name, request, account, signer, provider, epoch, uses, answer } = call;
  const units = uses.flatMap(({ resource, units: amount }) => [Number(resource), String(amount)]);
  const key = signer === account ? 0 : signer;
  return JSON.stringify([name, request, account, key, provider, Number(epoch), units, answer]);
}

/** An entry as one line of text. Numbers become text with an `n`; text that looks so is told apart by its field. */
export function encodeEntry(entry: StoreEntry): string {
  return JSON.stringify(entry, (_, value: unknown) =>
    typeof value === "bigint" ? `${value}n` : value,
  );
}

/** The entry that a line of text is; none if this version does not know it. */
export function decodeEntry(text: string): CallEntry | StoreEntry | undefined {
  try {
    if (text.startsWith("[")) return decodeCall(JSON.parse(text) as CallTuple);
    const entry = JSON.parse(text, (key, value: unknown) =>
      !TEXTS.has(key) && typeof value === "string" && /^\d+n$/.test(value)
        ? BigInt(value.slice(0, -1))
        : value,
    ) as StoreEntry;
    return KINDS.has(entry.kind) ? entry : undefined;
  } catch {
    return undefined;
  }
}

/** An account with its lines by provider and resource. */
export function toState({
  account,
  next,
  lines,
  statements,
}: Extract<StoreEntry, { kind: "account" }>): AccountState {
  const byKey = new Map(lines.map((line) => [keyOf(line), line]));
  return { account, next, lines: byKey, statements: [...statements] };
}

type CallTuple = [
  string,
  string,
  string,
  string | 0,
  string,
  number,
  (number | string)[],
  string | null | undefined,
];

/** Fields whose text is a client's or a node's. */
const TEXTS = new Set(["name", "request", "answer", "reason"]);

const KINDS = new Set<unknown>([
  "signed",
  "seen",
  "final",
  "reopened",
  "writtenOff",
  "adopted",
  "sent",
  "mined",
  "aside",
  "scanned",
  "forgotten",
  "remembered",
  "account",
] satisfies StoreEntry["kind"][]);

function decodeCall(tuple: CallTuple): CallEntry {
  const [name, request, account, key, provider, epoch, units, answer] = tuple;
  const uses = [];
  for (let i = 0; i < units.length; i += 2)
    uses.push({ resource: BigInt(units[i] ?? 0), units: BigInt(units[i + 1] ?? 0) });
  return {
    name,
    request,
    account,
    signer: key === 0 ? account : key,
    provider,
    epoch: BigInt(epoch),
    uses,
    answer: answer ?? undefined,
  };
}
