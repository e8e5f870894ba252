import { createReadStream } from "node:fs";
import path from "node:path";
import type { Readable } from "node:stream";

import { CsvError, parse, type InfoRecord } from "csv-parse";

/** One call of a usage trace. */
export interface TraceRow {
  /** When it was made, in steps of 100 nanoseconds since the Unix epoch, UTC. */
  readonly at: bigint;
  readonly inputTokens: bigint;
  readonly outputTokens: bigint;
}

/** A fault of a usage trace, in one sentence. */
export class TraceError extends Error {
  override readonly name = "TraceError";
}

/** Columns of a trace, in their order. */
export const TRACE_COLUMNS = ["TIMESTAMP", "ContextTokens", "GeneratedTokens"] as const;

/** Steps of a trace's clock in one second. */
export const TICKS_PER_SECOND = 10_000_000n;

/** Largest number of tokens that a call can have in a trace, in or out. */
export const MAX_TOKENS = (1n << 32n) - 1n;

const TICKS_PER_MILLISECOND = TICKS_PER_SECOND / 1_000n;
const FRACTION_DIGITS = 7;
const TIMESTAMP =
  /^(?<date>\d{4}-\d{2}-\d{2})[ T](?<time>\d{2}:\d{2}:\d{2})(?:\.(?<fraction>\d{1,7}))?(?:Z|\+00:00)?$/;

/**
 * Reads a trace file row by row.
 *
 * @throws {TraceError} that names the line and column, if the file is missing, empty or malformed.
 */
export async function* readTrace(file: string): AsyncGenerator<TraceRow> {
  const name = path.basename(file);
  try {
    yield* parseTrace(createReadStream(file), name);
  } catch (error) {
    if (error instanceof TraceError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new TraceError(`There is no trace at ${file}.`);
    throw new TraceError(`The trace at ${file} cannot be read: ${message}.`);
  }
}

/**
 * Reads a trace from a stream row by row; errors call it `name`.
 *
 * @throws {TraceError} that names the line and column, if the trace is empty or malformed.
 */
export async function* parseTrace(input: Readable, name: string): AsyncGenerator<TraceRow> {
  const parser = parse({ bom: true, info: true, relax_column_count: true, trim: true });
  input.on("error", (error) => parser.destroy(error));
  input.pipe(parser);

  let hasHeader = false;
  let emptyLine: number | undefined;
  let latest: TraceRow | undefined;
  try {
    for await (const entry of parser) {
      const { record, info } = entry as { record: string[]; info: InfoRecord };
      if (!hasHeader) {
        requireHeader(record, name);
        hasHeader = true;
        continue;
      }
      if (emptyLine !== undefined) throw new TraceError(`${name}, line ${emptyLine}: it is empty.`);
      if (record.length === 1 && record[0] === "") {
        emptyLine = info.lines; // allowed at the end only
        continue;
      }

      const row = readRow(record, `${name}, line ${info.lines}`);
      if (latest && row.at < latest.at)
        throw new TraceError(
          `${name}, line ${info.lines}, column TIMESTAMP: ${record[0] ?? ""} is earlier than the row before.`,
        );
      latest = row;
      yield row;
    }
  } catch (error) {
    if (error instanceof CsvError) throw new TraceError(`${name}: ${error.message}.`);
    throw error;
  } finally {
    input.destroy();
  }
  if (!hasHeader)
    throw new TraceError(`${name} is empty; its first line should be ${TRACE_COLUMNS.join(",")}.`);
  if (!latest) throw new TraceError(`${name} has a header and no calls.`);
}

/** A trace as the text of a CSV file. */
export function formatTrace(rows: readonly TraceRow[]): string {
  const lines = rows.map(
    ({ at, inputTokens, outputTokens }) => `${formatTimestamp(at)},${inputTokens},${outputTokens}`,
  );
  return `${[TRACE_COLUMNS.join(","), ...lines].join("\n")}\n`;
}

/** A moment of a trace as its files write it. */
export function formatTimestamp(at: bigint): string {
  const seconds = new Date(Number((at / TICKS_PER_SECOND) * 1_000n)).toISOString();
  const fraction = String(at % TICKS_PER_SECOND).padStart(FRACTION_DIGITS, "0");
  return `${seconds.slice(0, 10)} ${seconds.slice(11, 19)}.${fraction}`;
}

function requireHeader(record: readonly string[], name: string): void {
  if (record.length === TRACE_COLUMNS.length && TRACE_COLUMNS.every((x, i) => x === record[i]))
    return;
  throw new TraceError(
    `${name}, line 1: the header should be ${TRACE_COLUMNS.join(",")} and is "${record.join(",")}".`,
  );
}

function readRow(record: readonly string[], where: string): TraceRow {
  const [timestamp, inputTokens, outputTokens] = record;
  if (
    record.length !== TRACE_COLUMNS.length ||
    timestamp === undefined ||
    inputTokens === undefined ||
    outputTokens === undefined
  )
    throw new TraceError(
      `${where}: it has ${record.length} column${record.length === 1 ? "" : "s"} instead of ${TRACE_COLUMNS.length}.`,
    );
  return {
    at: readTimestamp(timestamp, `${where}, column ${TRACE_COLUMNS[0]}`),
    inputTokens: readTokens(inputTokens, `${where}, column ${TRACE_COLUMNS[1]}`),
    outputTokens: readTokens(outputTokens, `${where}, column ${TRACE_COLUMNS[2]}`),
  };
}

function readTimestamp(text: string, where: string): bigint {
  const { date, time, fraction } = TIMESTAMP.exec(text)?.groups ?? {};
  const milliseconds =
    date === undefined || time === undefined ? NaN : Date.parse(`${date}T${time}Z`);
  // Date.parse takes 30 February for 1 March, and 24:00:00 for midnight.
  const isReal =
    !Number.isNaN(milliseconds) &&
    new Date(milliseconds).toISOString() === `${date ?? ""}T${time ?? ""}.000Z`;
  if (!isReal)
    throw new TraceError(`${where}: "${text}" is not a time like 2023-11-16 18:17:03.9799600.`);
  return (
    BigInt(milliseconds) * TICKS_PER_MILLISECOND +
    BigInt((fraction ?? "").padEnd(FRACTION_DIGITS, "0"))
  );
}

function readTokens(text: string, where: string): bigint {
  if (/^-\d+(\.\d+)?$/.test(text))
    throw new TraceError(`${where}: ${text} is negative, and a call cannot use less than nothing.`);
  if (/^\d+\.\d+$/.test(text))
    throw new TraceError(`${where}: ${text} is a fraction, and tokens are whole.`);
  if (!/^\d+$/.test(text)) throw new TraceError(`${where}: "${text}" is not a number of tokens.`);
  const tokens = BigInt(text.slice(0, 100));
  if (text.length > 100 || tokens > MAX_TOKENS)
    throw new TraceError(
      `${where}: ${text.slice(0, 100)} tokens are more than the ${MAX_TOKENS} a call can have.`,
    );
  return tokens;
}
