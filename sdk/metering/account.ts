import {
  compareLines,
  MAX_LINES,
  MAX_TOTAL,
  type Line,
  type SignedStatement,
  type Statement,
} from "../statements/statement.js";
import type { Use } from "../statements/use.js";
import { MeterError } from "./meter-error.js";
import {
  addOpen,
  coverTo,
  finalise,
  moveTop,
  newLine,
  openOf,
  openUnits,
  unseenSegments,
  unsettledUnits,
  ELSEWHERE,
  DEBT,
  type LineState,
} from "./line.js";
import type { DueUse, LineView, OpenUse, OvertakenLine, StatementDraft } from "./store.js";

/** A statement as an account keeps it. */
export interface StatementState {
  readonly id: string;
  readonly order: number;
  readonly signed: SignedStatement;
  /** Lines, by their place in the statement, that were reopened or written off. */
  dropped: number[];
  transaction?: string;
  /** `until` is a moment of a clock that the store knows, in milliseconds. */
  aside?: { readonly reason: string; readonly times: number; readonly until: number };
}

/** Everything about one account: the unit in which stores read and write. */
export interface AccountState {
  readonly account: string;
  /** Order of the next statement. */
  next: number;
  readonly lines: Map<string, LineState>;
  statements: StatementState[];
}

/** Where a line stands, without the account. */
type Place = Pick<Line, "provider" | "resource">;

export function newAccount(account: string): AccountState {
  return { account, next: 0, lines: new Map(), statements: [] };
}

export function keyOf({ provider, resource }: Place): string {
  return `${provider} ${resource}`;
}

/** @throws {MeterError} if a running total would leave the range of a statement. */
export function requireRoom(
  state: AccountState | undefined,
  provider: string,
  uses: readonly Use[],
): void {
  for (const { resource, units } of uses) {
    const line = state?.lines.get(keyOf({ provider, resource }));
    const total = line ? line.top + openUnits(line) : 0n;
    if (total + units > MAX_TOTAL)
      throw new MeterError(
        `${units} units of resource ${resource} take a running total over ${MAX_TOTAL}, which is the most that a statement holds.`,
      );
  }
}

/** Counts use that was checked. @returns the lines that changed. */
export function count(
  state: AccountState,
  call: { provider: string; signer: string; epoch: bigint; uses: readonly Use[] },
): LineState[] {
  return call.uses.map(({ resource, units }) => {
    const line = lineOf(state, { provider: call.provider, resource });
    addOpen(line, call.epoch, call.signer, units);
    return line;
  });
}

/** Keys and epochs with use to sign for. */
export function dueOf(state: AccountState): DueUse[] {
  const found = new Map<string, DueUse>();
  for (const line of state.lines.values()) {
    if (line.overtaken > 0n) continue;
    for (const { epoch, signer } of line.open)
      found.set(`${epoch} ${signer}`, { account: state.account, signer, priceEpoch: epoch });
  }
  return [...found.values()].sort((a, b) => Number(a.priceEpoch - b.priceEpoch));
}

/** Statements for all open use of one key and epoch. */
export function draftOf(state: AccountState, due: DueUse, maxLines: number): StatementDraft[] {
  if (!Number.isSafeInteger(maxLines) || maxLines < 1 || maxLines > MAX_LINES)
    throw new MeterError(
      `A statement has 1 to ${MAX_LINES} lines, and ${maxLines} were asked for.`,
    );
  const lines: Line[] = [];
  for (const line of state.lines.values()) {
    const units = openOf(line, due.priceEpoch, due.signer);
    if (units === 0n || line.overtaken > 0n) continue;
    const { provider, resource, top } = line;
    lines.push({ provider, resource, cumulativeUnits: top + units });
  }
  lines.sort(compareLines);
  const drafts: StatementDraft[] = [];
  for (let i = 0; i < lines.length; i += maxLines) {
    const { account, priceEpoch } = due;
    drafts.push({ account, priceEpoch, lines: lines.slice(i, i + maxLines) });
  }
  return drafts;
}

/** @throws {MeterError} if a statement covers anything but open use of its signer and epoch. */
export function requireFit(
  state: AccountState | undefined,
  statement: Statement,
  signer: string,
): void {
  const { account, priceEpoch, lines } = statement;
  for (const { provider, resource, cumulativeUnits } of lines) {
    const line = state?.lines.get(keyOf({ provider, resource }));
    const what = `resource ${resource} of provider ${provider}`;
    const refuse = (why: string) =>
      new MeterError(
        `The statement of account ${account} for ${what} does not fit: ${why}.`,
        "unfit",
      );
    if (!line) throw refuse("nothing was served");
    if (line.overtaken > 0n)
      throw new MeterError(overtakenMessage(viewOvertaken(account, line)), "overtaken");
    const most = line.top + openOf(line, priceEpoch, signer);
    if (cumulativeUnits <= line.top)
      throw refuse(`${line.top} units are signed, so ${cumulativeUnits} add nothing`);
    if (cumulativeUnits > most)
      throw refuse(
        `key ${signer} has use up to ${most} in epoch ${priceEpoch}, and it says ${cumulativeUnits}`,
      );
  }
}

/** Takes a statement that fits. @returns the lines that changed. */
export function cover(state: AccountState, id: string, signed: SignedStatement): LineState[] {
  const { priceEpoch, lines } = signed.statement;
  state.statements.push({ id, order: state.next, signed, dropped: [] });
  state.next += 1;
  return lines.map((place) => {
    const line = lineOf(state, place);
    coverTo(line, place.cumulativeUnits, priceEpoch, signed.signer);
    return line;
  });
}

/** Notes a total of the latest block. @returns the line if it changed. */
export function see(state: AccountState, place: Place, latest: bigint): LineState[] {
  const line = state.lines.get(keyOf(place));
  if (!line && latest === 0n) return [];
  const known = line ?? lineOf(state, place);
  const total = latest > known.final ? latest : known.final; // a node that lags may answer for an older block
  if (total > known.signed) {
    if (known.overtaken === total) return [];
    known.overtaken = total;
    return [known];
  }
  if (known.overtaken === 0n && known.seen === total) return [];
  known.overtaken = 0n;
  known.seen = total;
  moveTop(known, liveTop(state, known));
  return [known];
}

/** Notes a total of the finalized block, and forgets final units. @returns the line if it changed. */
export function seeFinal(state: AccountState, place: Place, total: bigint): LineState[] {
  const isAhead = total > (state.lines.get(keyOf(place))?.seen ?? 0n);
  const touched = isAhead ? see(state, place, total) : [];
  const line = state.lines.get(keyOf(place));
  if (!line || total > line.signed || total <= line.final) return touched;
  finalise(line, total);
  state.statements = state.statements.filter(
    ({ signed, dropped }) =>
      !signed.statement.lines.every(
        (other, i) =>
          dropped.includes(i) ||
          other.cumulativeUnits <= (state.lines.get(keyOf(other))?.final ?? 0n),
      ),
  );
  return [line];
}

/** Gives up a statement, or those of some lines as far as they are about them. @returns the lines that changed. */
export function reopen(
  state: AccountState,
  of: { readonly statement: string } | { readonly provider?: string; readonly resource?: bigint },
  floor: bigint,
): LineState[] {
  const touched = new Set<LineState>();
  for (const record of state.statements)
    record.signed.statement.lines.forEach((place, i) => {
      const isMeant = "statement" in of ? record.id === of.statement : isIn(place, of);
      const line = state.lines.get(keyOf(place));
      if (!isMeant || !line || record.dropped.includes(i) || place.cumulativeUnits <= line.seen)
        return;
      record.dropped.push(i);
      touched.add(line);
    });
  for (const line of touched) {
    moveTop(line, liveTop(state, line), floor);
    raiseEpochs(line, floor);
  }
  if (!("statement" in of))
    for (const line of state.lines.values())
      if (isIn(line, of)) {
        raiseEpochs(line, floor);
        touched.add(line);
      }
  state.statements = state.statements.filter(
    ({ signed, dropped }) => dropped.length < signed.statement.lines.length,
  );
  return [...touched];
}

/** Ends the unsettled use of lines as bad debt. @returns the lines that changed, with the units of each. */
export function writeOff(
  state: AccountState,
  of: { readonly provider?: string; readonly resource?: bigint },
): { line: LineState; units: bigint }[] {
  const lines = reopen(state, of, 0n);
  return lines.map((line) => {
    const units = openUnits(line);
    line.debt += units;
    line.open.length = 0;
    return { line, units };
  });
}

/** Decides about a total that was not signed here. @returns the line. */
export function adopt(
  state: AccountState,
  place: Place,
  total: bigint,
  as: "elsewhere" | "here",
): LineState[] {
  const line = lineOf(state, place);
  if (total < line.signed)
    throw new MeterError(
      `Total ${total} of resource ${place.resource} of provider ${place.provider} cannot be adopted: ` +
        `${line.signed} units were signed here.`,
    );
  if (as === "elsewhere") {
    reopen(state, place, 0n);
    if (total > line.top) {
      line.segments.push({ to: total, epoch: 0n, signer: ELSEWHERE });
      line.top = total;
    }
  } else moveTop(line, total);
  line.overtaken = 0n;
  line.signed = total;
  line.seen = total;
  return [line];
}

/** Change of the unsettled units of lines since the last call, for the sums of provider and account. */
export function takeDeltas(
  lines: readonly LineState[],
): { provider: string; resource: bigint; units: bigint }[] {
  const deltas: { provider: string; resource: bigint; units: bigint }[] = [];
  for (const line of lines) {
    const units = unsettledUnits(line) - line.reported;
    if (units === 0n) continue;
    line.reported += units;
    deltas.push({ provider: line.provider, resource: line.resource, units });
  }
  return deltas;
}

/** State of a statement that is not final. */
export function stateOf(state: AccountState, record: StatementState): "signed" | "sent" | "seen" {
  const { signed, dropped, transaction } = record;
  const isSeen = signed.statement.lines.every(
    (line, i) =>
      dropped.includes(i) || line.cumulativeUnits <= (state.lines.get(keyOf(line))?.seen ?? 0n),
  );
  return isSeen ? "seen" : transaction === undefined ? "signed" : "sent";
}

/** Use that is not settled, by line, key and epoch. */
export function unsettledOf(
  state: AccountState,
  { provider, signer }: { readonly provider?: string; readonly signer?: string },
): OpenUse[] {
  const found: OpenUse[] = [];
  for (const line of state.lines.values()) {
    if (provider !== undefined && line.provider !== provider) continue;
    const place = { account: state.account, provider: line.provider, resource: line.resource };
    for (const { segment, units } of unseenSegments(line)) {
      const { signer: key, epoch } = segment;
      if (key === DEBT || key === ELSEWHERE) continue;
      if (signer === undefined || key === signer)
        found.push({ ...place, signer: key, epoch, units, isSigned: true });
    }
    for (const { signer: key, epoch, units } of line.open)
      if (signer === undefined || key === signer)
        found.push({ ...place, signer: key, epoch, units, isSigned: false });
  }
  return found;
}

export function viewLine(account: string, line: LineState): LineView {
  const { provider, resource, signed, seen, final, debt, overtaken } = line;
  return {
    account,
    provider,
    resource,
    signed,
    seen,
    final,
    open: unsettledUnits(line),
    writtenOff: debt,
    isOvertaken: overtaken > 0n,
  };
}

export function viewOvertaken(account: string, line: LineState): OvertakenLine {
  const { provider, resource, overtaken, signed } = line;
  return { account, provider, resource, chain: overtaken, signed, open: unsettledUnits(line) };
}

/** A sentence about an overtaken line, with the remedy. */
export function overtakenMessage({
  account,
  provider,
  resource,
  chain,
  signed,
  open,
}: OvertakenLine): string {
  return (
    `The chain has settled ${chain} units of resource ${resource} of provider ${provider} for account ${account}, and ` +
    `${signed} were signed here; ${open} units served here are open. Another meter counts this line, or the account ` +
    `signed for itself: adopt the total as "elsewhere" or "here".`
  );
}

function lineOf(state: AccountState, { provider, resource }: Place): LineState {
  const key = keyOf({ provider, resource });
  const line = state.lines.get(key) ?? newLine(provider, resource);
  state.lines.set(key, line);
  return line;
}

/** Largest total that live statements and the chain have for a line. */
function liveTop(state: AccountState, line: LineState): bigint {
  let top = line.seen > line.final ? line.seen : line.final;
  for (const { signed, dropped } of state.statements)
    signed.statement.lines.forEach((place, i) => {
      if (place.resource !== line.resource || place.provider !== line.provider) return;
      if (place.cumulativeUnits > top && !dropped.includes(i)) top = place.cumulativeUnits;
    });
  return top;
}

/** Prices open use at `floor` at the earliest. */
function raiseEpochs(line: LineState, floor: bigint): void {
  if (floor === 0n) return;
  for (const { epoch, signer, units } of line.open.splice(0))
    addOpen(line, epoch > floor ? epoch : floor, signer, units);
}

function isIn(
  place: Place,
  of: { readonly provider?: string; readonly resource?: bigint },
): boolean {
  return (
    (of.provider === undefined || of.provider === place.provider) &&
    (of.resource === undefined || of.resource === place.resource)
  );
}
