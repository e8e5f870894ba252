import { format } from "prettier";

import { packageVersion } from "./compile.js";
import { TABLES, type Table } from "./floors.js";
import { HARDFORK } from "./lab.js";
import type { Row, System } from "./measure.js";

const GAS_CAP = 16_777_216;

/** A row of ours and whether it keeps its target. */
export interface Verdict {
  readonly operation: string;
  /** Gas per item. */
  readonly target: number;
  /** Gas per item; undefined if ours has no such row. */
  readonly gasPerItem: number | undefined;
  readonly isMet: boolean;
  /** Whether the target is missed and the figure is within the bound of the miss, see {@link Operation}. */
  readonly isHeld: boolean;
}

/** Compares every target with the rows of `ours`; a row that is missing does not meet it. */
export function judge(rows: readonly Row[], ours: string): Verdict[] {
  return TABLES.flatMap(({ operations }) => operations).flatMap(
    ({ name, target, missedBy = 0 }) => {
      if (target === undefined) return [];
      const measured = rows.find(isRow(ours, name));
      const isWithin = (bound: number) =>
        measured !== undefined && measured.gas <= bound * measured.items;
      const isMet = isWithin(target);
      const isHeld = !isMet && isWithin(target + missedBy);
      return [{ operation: name, target, gasPerItem: measured?.gasPerItem, isMet, isHeld }];
    },
  );
}

/** The report as Markdown. It holds nothing that differs from one run to the next. */
export async function renderReport(
  rows: readonly Row[],
  systems: readonly System[],
  ours: string,
  ...appendix: readonly string[]
): Promise<string> {
  const known = new Set(TABLES.flatMap(({ operations }) => operations.map(({ name }) => name)));
  const stray = rows.find(({ operation }) => !known.has(operation));
  if (stray) throw new Error(`no table has the operation "${stray.operation}"`);

  const sections = [
    "# Gas, side by side",
    "Written by `npm run bench`; the same figures are in `report.json`. " +
      "To reproduce: `npm ci && npm run bench`. " +
      "To fail when a target is missed: `npm run bench -- --check`.",
    `One run on one in-process EVM of Hardhat ${packageVersion("hardhat")}, ${HARDFORK} rules, ` +
      "without its transaction gas cap and contract size limit. " +
      "Gas is `gasUsed` of the receipt. Addresses and signatures have no zero bytes, " +
      "so that chance does not change calldata. Each system starts from the same untouched chain.",
    "Behind each figure is its ratio to the floor: what the Osaka rules charge for transaction, " +
      "calldata, storage words, calls, logs, hashes and signatures alone " +
      "(terms in `bench/floors.ts`). † is quoted, not measured in this run; " +
      `‡ would not fit a transaction, whose gas is capped at ${number(GAS_CAP)} (EIP-7825).`,
    "## Systems",
    systems.map(({ name, version, settings }) => `- ${name} ${version}: ${settings}.`).join("\n"),
    ...TABLES.map((section) => renderTable(section, rows, ours)),
    ...appendix,
    "## Quoted",
    renderSources(rows),
  ];
  return format(sections.join("\n\n"), { parser: "markdown" });
}

function renderTable({ title, note, operations }: Table, rows: readonly Row[], ours: string) {
  const shown = rows.filter((row) => operations.some(({ name }) => name === row.operation));
  const names = [...new Set(shown.map(({ system }) => system))];
  const peers = names.filter((name) => name !== ours);
  const hasOurs = names.includes(ours);
  const hasGoals = operations.some(({ floor, target }) => floor ?? target);

  const marked = peers.map((name) =>
    shown.some(({ system, quoted }) => system === name && quoted) ? `${name} †` : name,
  );
  const head = [
    "Operation",
    ...(hasGoals ? ["Floor", "Target"] : []),
    ...(hasOurs ? [ours, "Met"] : []),
    ...marked,
  ];
  const verdicts = judge(rows, ours);
  const lines = operations.flatMap((operation) => {
    const own = shown.filter((row) => row.operation === operation.name);
    const goals = [number(operation.floor), number(operation.target)];
    const verdict = verdicts.find((candidate) => candidate.operation === operation.name);
    const met = verdict?.gasPerItem === undefined ? "" : verdict.isMet ? "yes" : "no";
    const cells = (cell: (row: Row) => string, columns: readonly string[]) =>
      columns.map((name) =>
        own
          .filter(({ system }) => system === name)
          .map(cell)
          .join(""),
      );
    const each = (row: Row) => withRatio(row.gasPerItem, operation.floor);
    const total = (row: Row) => (row.gas > GAS_CAP ? `${number(row.gas)} ‡` : number(row.gas));

    const isBatch = own.some(({ items }) => items > 1);
    const main = [
      isBatch ? `${operation.name}, each` : operation.name,
      ...(hasGoals ? goals : []),
      ...(hasOurs ? [...cells(each, [ours]), met] : []),
      ...cells(each, peers),
    ];
    if (!isBatch) return [main];

    const sum = [
      `${operation.name}, total`,
      ...(hasGoals ? ["", ""] : []),
      ...(hasOurs ? [...cells(total, [ours]), ""] : []),
      ...cells(total, peers),
    ];
    return [main, sum];
  });
  return [`## ${title}`, note, table([head, ...lines])].join("\n\n");
}

function renderSources(rows: readonly Row[]): string {
  const lines = rows.map(({ system, source }) => source && `- ${system}: ${source}.`);
  return [...new Set(lines)].filter((line) => line !== undefined).join("\n");
}

function isRow(system: string, operation: string) {
  return (row: Row) => row.system === system && row.operation === operation;
}

function withRatio(gas: number, floor: number | undefined): string {
  return floor === undefined ? number(gas) : `${number(gas)} (${(gas / floor).toFixed(3)})`;
}

function number(value: number | undefined): string {
  return value === undefined ? "" : value.toLocaleString("en-US");
}

function table([head = [], ...lines]: readonly (readonly string[])[]): string {
  const rule = head.map((_, column) => (column === 0 ? "---" : "---:"));
  return [head, rule, ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
