/** Settled use of an account: a bill by epoch, its lines, and its statements. */
import { inSlices } from "../events/slices.js";
import type { DecodedEvent } from "../events/logs.js";
import { toCsv } from "../words/csv.js";
import { exactOpa } from "../words/amounts.js";
import { iso } from "../words/times.js";

/** Settled use of one resource at one provider at the price of one epoch. */
export interface BillRow {
  readonly epoch: bigint;
  readonly provider: string;
  readonly resource: bigint;
  /** Units that settled at the price of the epoch. */
  units: bigint;
  /** OPA wei. */
  amount: bigint;
  /** Lines that settled. */
  lines: number;
}

/** The running total of a resource at a provider. */
export interface LineTotal {
  readonly provider: string;
  readonly resource: bigint;
  units: bigint;
  amount: bigint;
}

/** Lines that one transaction settled of one signer at one price epoch: a statement. */
export interface SettledStatement {
  readonly transaction: string;
  readonly block: number;
  readonly signer: string;
  readonly epoch: bigint;
  lines: number;
  amount: bigint;
}

/** Everything that an account settled. */
export interface Bill {
  /** The newest epoch first. */
  readonly rows: readonly BillRow[];
  readonly lines: readonly LineTotal[];
  /** The newest first. */
  readonly statements: readonly SettledStatement[];
  /** OPA wei. */
  readonly total: bigint;
}

/** A resource as a bill names it. */
export interface ResourceName {
  readonly name: string;
  readonly unit: string;
}

/** Adds settled lines up, in slices so that the page goes on answering. */
export async function buildBill(
  events: readonly DecodedEvent[],
  pause?: () => Promise<void>,
): Promise<Bill> {
  const rows = new Map<string, BillRow>();
  const lines = new Map<string, LineTotal>();
  const statements = new Map<string, SettledStatement>();
  let total = 0n;
  const add = ({ name, args, block, transaction }: DecodedEvent) => {
    if (name !== "LineSettled") return;
    const provider = String(args["provider"]);
    const signer = String(args["signer"]);
    const resource = args["resource"] as bigint;
    const epoch = args["priceEpoch"] as bigint;
    const units = args["cumulativeUnits"] as bigint;
    const amount = args["amount"] as bigint;
    total += amount;

    const lineKey = `${provider} ${resource}`;
    const line = lines.get(lineKey) ?? { provider, resource, units: 0n, amount: 0n };
    const added = units - line.units;
    line.units = units;
    line.amount += amount;
    lines.set(lineKey, line);

    const rowKey = `${epoch} ${lineKey}`;
    const row = rows.get(rowKey) ?? { epoch, provider, resource, units: 0n, amount: 0n, lines: 0 };
    row.units += added;
    row.amount += amount;
    row.lines += 1;
    rows.set(rowKey, row);

    const key = `${transaction} ${signer} ${epoch}`;
    const statement = statements.get(key) ?? {
      transaction,
      block,
      signer,
      epoch,
      lines: 0,
      amount: 0n,
    };
    statement.lines += 1;
    statement.amount += amount;
    statements.set(key, statement);
  };
  await inSlices(events, add, pause);
  return {
    rows: [...rows.values()].sort((left, right) => Number(right.epoch - left.epoch)),
    lines: [...lines.values()],
    statements: [...statements.values()].reverse(),
    total,
  };
}

/** A bill as CSV, with amounts in OPA and in wei. */
export function billCsv(
  rows: readonly BillRow[],
  resources: ReadonlyMap<bigint, ResourceName>,
  startOf: (epoch: bigint) => bigint,
): string {
  const header = [
    ...["price epoch", "epoch start (UTC)", "provider", "resource", "unit", "units"],
    ...["amount (OPA)", "amount (wei)", "lines"],
  ];
  return toCsv(
    header,
    rows.map(({ epoch, provider, resource, units, amount, lines }) => [
      epoch,
      iso(startOf(epoch)),
      provider,
      resources.get(resource)?.name ?? `resource ${resource}`,
      resources.get(resource)?.unit ?? "unit",
      units,
      exactOpa(amount),
      amount,
      BigInt(lines),
    ]),
  );
}
