/** Use that waits for a signature. */
export interface OpenEntry {
  readonly epoch: bigint;
  readonly signer: string;
  units: bigint;
}

/** Units of a line's numbering from the end of the segment before up to `to`, both above the final total. */
export interface Segment {
  to: bigint;
  readonly epoch: bigint;
  /** Key that signed for them; `DEBT` or `ELSEWHERE` for units that no key here signed for. */
  readonly signer: string;
}

/** Segment of use that had been written off and was settled after all. */
export const DEBT = "debt";

/** Segment of use that another meter counted. */
export const ELSEWHERE = "elsewhere";

/**
 * One running total. Use has no place in the numbering until a statement covers it, so keys, epochs and late calls never
 * get into each other's way. Invariant: `top` + open units + `debt` = units served here + units adopted.
 */
export interface LineState {
  readonly provider: string;
  readonly resource: bigint;
  /** Largest total of a live statement, or `seen` if that is larger. */
  top: bigint;
  /** Largest total that was ever signed or adopted. */
  signed: bigint;
  /** Total in the latest block; may fall. */
  seen: bigint;
  /** Total in the latest finalized block. */
  final: bigint;
  /** Units written off. */
  debt: bigint;
  /** Total on the chain if it is above `signed`, otherwise 0. */
  overtaken: bigint;
  /** Ascending, from `final` to `top`. */
  readonly segments: Segment[];
  readonly open: OpenEntry[];
  /** Units that the sums of provider and account contain for this line. */
  reported: bigint;
}

export function newLine(provider: string, resource: bigint): LineState {
  const zero = { top: 0n, signed: 0n, seen: 0n, final: 0n, debt: 0n, overtaken: 0n, reported: 0n };
  return { provider, resource, ...zero, segments: [], open: [] };
}

/** Units that wait for a signature. */
export function openUnits({ open }: LineState): bigint {
  let sum = 0n;
  for (const { units } of open) sum += units;
  return sum;
}

/** Units served and neither settled nor written off. */
export function unsettledUnits(line: LineState): bigint {
  let sum = openUnits(line);
  if (line.top > line.seen)
    for (const { segment, units } of unseenSegments(line))
      if (segment.signer !== DEBT && segment.signer !== ELSEWHERE) sum += units;
  return sum;
}

/** Adds use that waits for a signature. */
export function addOpen(line: LineState, epoch: bigint, signer: string, units: bigint): void {
  if (units === 0n) return;
  const entry = line.open.findLast((known) => known.epoch === epoch && known.signer === signer);
  if (entry) entry.units += units;
  else line.open.push({ epoch, signer, units });
}

/** Units of one key and epoch that wait for a signature. */
export function openOf(line: LineState, epoch: bigint, signer: string): bigint {
  return line.open.find((known) => known.epoch === epoch && known.signer === signer)?.units ?? 0n;
}

/** Moves open use of one key and epoch under a statement that goes up to `total`. */
export function coverTo(line: LineState, total: bigint, epoch: bigint, signer: string): void {
  const at = line.open.findIndex((known) => known.epoch === epoch && known.signer === signer);
  const entry = line.open[at];
  if (!entry) return;
  entry.units -= total - line.top;
  if (entry.units === 0n) line.open.splice(at, 1);
  line.segments.push({ to: total, epoch, signer });
  line.top = total;
  if (total > line.signed) line.signed = total;
}

/**
 * Moves the top of the numbering. Up, because the chain has settled a statement that was given up here: its units are
 * those that have been open longest, then bad debt, then use of somebody else. Down, because statements were given up or
 * the chain was reorganised: their units are open again, at `floor` or later.
 */
export function moveTop(line: LineState, top: bigint, floor = 0n): void {
  if (top > line.top) payTo(line, top);
  else if (top < line.top) releaseAbove(line, top, floor);
}

/** Forgets units up to a final total. */
export function finalise(line: LineState, total: bigint): void {
  if (total <= line.final) return;
  line.final = total;
  const kept = line.segments.findIndex(({ to }) => to > total);
  line.segments.splice(0, kept < 0 ? line.segments.length : kept);
}

/** Segments with the units above `seen` in each. */
export function unseenSegments(line: LineState): { segment: Segment; units: bigint }[] {
  const found: { segment: Segment; units: bigint }[] = [];
  let from = line.seen > line.final ? line.seen : line.final;
  for (const segment of line.segments) {
    if (segment.to <= from) continue;
    found.push({ segment, units: segment.to - from });
    from = segment.to;
  }
  return found;
}

function payTo(line: LineState, top: bigint): void {
  line.open.sort((a, b) => (a.epoch < b.epoch ? -1 : a.epoch > b.epoch ? 1 : 0));
  while (line.top < top && line.open[0]) {
    const [entry] = line.open;
    const units = entry.units < top - line.top ? entry.units : top - line.top;
    entry.units -= units;
    if (entry.units === 0n) line.open.shift();
    line.top += units;
    line.segments.push({ to: line.top, epoch: entry.epoch, signer: entry.signer });
  }
  const owed = line.debt < top - line.top ? line.debt : top - line.top;
  if (owed > 0n) {
    line.debt -= owed;
    line.top += owed;
    line.segments.push({ to: line.top, epoch: 0n, signer: DEBT });
  }
  if (line.top < top) {
    line.top = top;
    line.segments.push({ to: top, epoch: 0n, signer: ELSEWHERE });
  }
}

function releaseAbove(line: LineState, top: bigint, floor: bigint): void {
  for (let last = line.segments.at(-1); last && last.to > top; last = line.segments.at(-1)) {
    const before = line.segments.at(-2)?.to ?? line.final;
    const from = before > top ? before : top;
    const units = last.to - from;
    if (before >= top) line.segments.pop();
    else last.to = top;
    if (last.signer === DEBT) line.debt += units;
    else if (last.signer !== ELSEWHERE)
      addOpen(line, last.epoch > floor ? last.epoch : floor, last.signer, units);
    if (before < top) break;
  }
  line.top = top;
}
