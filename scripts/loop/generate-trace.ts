import { TICKS_PER_SECOND, type TraceRow } from "./trace.js";
import { createRandom } from "./random.js";

const FIRST_CALL = BigInt(Date.UTC(2030, 0, 7, 9) / 1_000) * TICKS_PER_SECOND;
const MEAN_GAP_SECONDS = 1.2;
const BURST = 0.02; // share of calls that come at the same moment as the one before
const LARGEST = 32_768;

/** Token counts as they are seen in practice: most calls small, a few very large. */
const INPUT = { median: 1_100, spread: 1.1 };
const OUTPUT = { median: 40, spread: 1.2 };

/** A made-up usage trace with log-normal token counts, always the same for one seed. */
export function generateTrace(calls: number, seed: number): TraceRow[] {
  const random = createRandom(seed);
  const rows: TraceRow[] = [];
  let at = FIRST_CALL;
  for (let i = 0; i < calls; i += 1) {
    if (i > 0 && random() >= BURST) at += gap(random);
    const inputTokens = logNormal(random, INPUT);
    const outputTokens = logNormal(random, OUTPUT);
    rows.push({ at, inputTokens, outputTokens });
  }
  return rows;
}

function gap(random: () => number): bigint {
  const seconds = -Math.log(1 - random()) * MEAN_GAP_SECONDS;
  return BigInt(Math.round(seconds * Number(TICKS_PER_SECOND)));
}

function logNormal(random: () => number, { median, spread }: typeof INPUT): bigint {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return BigInt(Math.min(LARGEST, Math.round(median * Math.exp(spread * normal))));
}
