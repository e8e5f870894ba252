import {
  kindsOf,
  USAGE_KINDS,
  UsageError,
  usesOfKinds,
  type UsageKind,
  type UsageKinds,
  type Use,
  type UsageTable,
} from "../../sdk/index.js";
import type { ChatUsage } from "./api/call.js";
import type { Estimate, Made } from "./models/model.js";

/** Use of an answer: the counted units, and the report to the client. */
export interface AnswerUse {
  readonly uses: readonly Use[];
  readonly usage: ChatUsage;
  /** Whether it is the gateway's own count, because the model did not state its use or contradicted itself. */
  readonly isEstimated: boolean;
  /** Whether the model states more than the request was admitted for. */
  readonly isOverstated: boolean;
}

const PROMPT: readonly UsageKind[] = ["input", "cacheRead", "cacheWrite", "cacheWriteHour"];
const COMPLETION: readonly UsageKind[] = ["output", "reasoning"];

/**
 * Units that hold for the most that a call can use: all of the prompt and of the answer of their dearest kinds. A kind without a price is the dearest, so that its request is refused.
 */
export function mostOf(
  { prompt, completion }: Estimate,
  table: UsageTable,
  prices: ReadonlyMap<bigint, bigint>,
): Use[] {
  const units = new Map<bigint, bigint>();
  for (const [kinds, tokens] of [
    [PROMPT, prompt],
    [COMPLETION, completion],
  ] as const) {
    const resource = dearestOf(kinds, table, prices);
    if (resource !== undefined && tokens > 0)
      units.set(resource, (units.get(resource) ?? 0n) + BigInt(tokens));
  }
  return [...units].map(([resource, amount]) => ({ resource, units: amount }));
}

function dearestOf(
  kinds: readonly UsageKind[],
  table: UsageTable,
  prices: ReadonlyMap<bigint, bigint>,
): bigint | undefined {
  const resources = kinds
    .map((kind) => table[kind])
    .filter((resource) => typeof resource === "bigint");
  const unpriced = resources.find((resource) => !prices.has(resource));
  if (unpriced !== undefined) return unpriced;
  const priceOf = (resource: bigint) => prices.get(resource) ?? 0n;
  return resources.reduce<bigint | undefined>(
    (best, next) => (best === undefined || priceOf(next) > priceOf(best) ? next : best),
    undefined,
  );
}

/**
 * Use of an answer as the model states it, or else as the gateway counts it. Of an answer that was broken off it is the
 * larger of the last statement and the gateway's count.
 *
 * `most` is the most that the request was admitted for. A statement beyond it is a contradiction, and the gateway's own
 * count holds. So no model takes more from an account than the account was asked for.
 */
export function usedBy(
  { usage, counted: tokens }: Made,
  table: UsageTable,
  most: Estimate,
): AnswerUse {
  const counted = kindsOf({
    input: BigInt(Math.min(tokens.prompt, most.prompt)),
    output: BigInt(Math.min(tokens.completion, most.completion)),
  });
  const stated = usage.isKnown ? usage.kinds : usage.atLeast;
  const isOverstated = !isWithin(stated, table, most);
  const own = { usage: render(counted), isEstimated: true, isOverstated };
  if (isOverstated) return { uses: usesOfKinds(counted, table), ...own };
  try {
    if (usage.isKnown)
      return {
        uses: usesOfKinds(usage.kinds, table),
        usage: render(usage.kinds, usage.tokens),
        isEstimated: false,
        isOverstated,
      };
    const kinds = largest(counted, usage.atLeast);
    return { ...own, uses: usesOfKinds(kinds, table), usage: render(kinds) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { uses: usesOfKinds(counted, table), ...own };
  }
}

/** Whether stated kinds that are charged are within the admitted tokens. Nothing but text is ever admitted. */
function isWithin(kinds: UsageKinds, table: UsageTable, most: Estimate): boolean {
  const sumOf = (of: readonly UsageKind[]) => of.reduce((sum, kind) => sum + kinds[kind], 0n);
  const others = USAGE_KINDS.filter(
    (kind) =>
      !PROMPT.includes(kind) && !COMPLETION.includes(kind) && typeof table[kind] === "bigint",
  );
  return (
    sumOf(PROMPT) <= BigInt(most.prompt) &&
    sumOf(COMPLETION) <= BigInt(most.completion) &&
    sumOf(others) === 0n
  );
}

/** The larger count of each side, which the gateway and the model may see differently. */
function largest(counted: UsageKinds, atLeast: UsageKinds): UsageKinds {
  const over = (left: bigint, right: bigint) => (left > right ? left - right : 0n);
  const prompt = PROMPT.filter((kind) => kind !== "input").reduce((sum, k) => sum + atLeast[k], 0n);
  const input = over(counted.input, prompt);
  const output = over(counted.output, atLeast.reasoning);
  return {
    ...atLeast,
    input: atLeast.input > input ? atLeast.input : input,
    output: atLeast.output > output ? atLeast.output : output,
  };
}

/** Kinds in the words of chat completions. Media are told as parts of the prompt and the completion. */
function render(kinds: UsageKinds, tokens?: bigint): ChatUsage {
  const { output, reasoning, audioOutput, imageOutput } = kinds;
  const completion = Number(output + reasoning + audioOutput + imageOutput);
  const all = PROMPT.reduce((sum, kind) => sum + kinds[kind], 0n);
  const media = kinds.audioInput + kinds.imageInput + kinds.videoInput + kinds.citation;
  const prompt = tokens === undefined ? Number(all + media) : Number(tokens) - completion;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: Number(kinds.cacheRead) },
    completion_tokens_details: { reasoning_tokens: Number(reasoning) },
  };
}
