import type { StatementRecord } from "../metering/store.js";
import type { Outlook, Reason, ReasonName } from "../reads/reasons.js";
import type { Judgement } from "./chain.js";

/** A statement and the verdict of the chain. */
export interface Judged extends Judgement {
  readonly record: StatementRecord;
  /** `done` if every line settled; `later` if any can still settle; otherwise `never`. */
  readonly outlook: Outlook;
  /** Whether it waits for an earlier statement of one of its lines. */
  readonly isHeld: boolean;
}

/** Reasons for which a signer will not pay. Waiting for it would only keep its account's next key from paying. */
const HOLDS_NOBODY = new Set<ReasonName>([
  "KeyUnknown",
  "KeyExpired",
  "KeyCannotSpend",
  "ProjectExpired",
  "OrganisationExpired",
]);

/** Lines that wait, with the price epoch and the signer of the first statement that waits for them. */
export type WaitingLines = Map<string, { readonly priceEpoch: bigint; readonly signer: string }>;

/** Outlook of a statement. A line without a reason would settle now. */
export function outlookOf({ reason, reasons }: Judgement): Outlook {
  if (reason.code !== 0n) return reason.outlook;
  const outlooks = reasons.map((line) => (line.code === 0n ? "later" : line.outlook));
  return outlooks.includes("later") ? "later" : outlooks.includes("never") ? "never" : "done";
}

/** Whether anything of a statement would settle now and may. */
export function isOpen({ isHeld, reason, reasons }: Judged): boolean {
  return !isHeld && reason.code === 0n && reasons.some(({ code }) => code === 0n);
}

/** The reason that keeps a statement from settling whole. */
export function worstReason({ reason, reasons }: Judgement): Reason {
  return [reason, ...reasons].find(({ outlook }) => outlook !== "done") ?? reason;
}

/**
 * Defers a statement if an earlier one, of a lower price epoch or of another signer, still waits for the same line. So use
 * is never charged at a later price or to the wrong key. A statement that would be lost by waiting is not deferred, and none waits
 * for a signer that will not pay.
 *
 * @param waiting lines that earlier statements wait for; those of these are added.
 */
export function hold(
  judged: readonly (Omit<Judged, "isHeld"> & { readonly isHeld?: boolean })[],
  waiting: WaitingLines,
  isUrgent: (record: StatementRecord) => boolean,
): Judged[] {
  return judged.map((one) => {
    const { signed } = one.record;
    const { account, lines, priceEpoch } = signed.statement;
    const keys = lines.map(({ provider, resource }) => `${account} ${provider} ${resource}`);
    const isHeld =
      !isUrgent(one.record) &&
      keys.some((key) => {
        const first = waiting.get(key);
        return first && (first.priceEpoch < priceEpoch || first.signer !== signed.signer);
      });
    if (!HOLDS_NOBODY.has(worstReason(one).name))
      keys.forEach((key, i) => {
        const line = one.reasons[i] ?? one.reason;
        const isWaiting = isHeld || (line.code !== 0n && line.outlook === "later");
        if (isWaiting && !waiting.has(key)) waiting.set(key, { priceEpoch, signer: signed.signer });
      });
    return { ...one, isHeld };
  });
}

/**
 * Statements without those that a later one stands for: same account, signer and epoch, no earlier deadline, at least as
 * much on every line.
 */
export function withoutReplaced(records: readonly StatementRecord[]): StatementRecord[] {
  const latest = new Map<string, StatementRecord[]>();
  const kept: StatementRecord[] = [];
  for (const record of records.toReversed()) {
    const { statement, signer } = record.signed;
    const key = `${statement.account} ${signer} ${statement.priceEpoch}`;
    const later = latest.get(key) ?? [];
    if (later.some((next) => replaces(next, record))) continue;
    latest.set(key, [...later, record]);
    kept.push(record);
  }
  return kept.reverse();
}

function replaces(next: StatementRecord, { signed: { statement } }: StatementRecord): boolean {
  const later = next.signed.statement;
  if (later.deadline < statement.deadline) return false;
  return statement.lines.every((line) =>
    later.lines.some(
      (other) =>
        other.resource === line.resource &&
        other.provider === line.provider &&
        other.cumulativeUnits >= line.cumulativeUnits,
    ),
  );
}
