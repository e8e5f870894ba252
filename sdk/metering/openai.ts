import type { Use } from "../statements/use.js";

/** The `usage` object of an OpenAI-compatible answer, as far as it counts tokens. */
export interface OpenAiUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly prompt_tokens_details?: { readonly cached_tokens?: number | null } | null;
  readonly completion_tokens_details?: { readonly reasoning_tokens?: number | null } | null;
}

/** Which resource each kind of token is. Kinds that are left out count as input or output. */
export interface TokenTable {
  readonly input: bigint;
  readonly output: bigint;
  /** Prompt tokens that were read from a cache; they are part of the prompt tokens. */
  readonly cachedInput?: bigint;
  /** Completion tokens that were spent on reasoning; they are part of the completion tokens. */
  readonly reasoning?: bigint;
}

/** A usage object that cannot be counted, in one sentence. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * The uses that a usage object stands for, each token counted once, in ascending order of resources. Kinds of the same
 * resource are added up, and resources without a token are left out.
 *
 * @throws {UsageError} if a count is missing, negative, fractional or unsafe, or a part is larger than its whole.
 */
export function usesOf(usage: OpenAiUsage, table: TokenTable): Use[] {
  const prompt = readCount(usage.prompt_tokens, "prompt_tokens");
  const completion = readCount(usage.completion_tokens, "completion_tokens");
  const cached = readCount(
    usage.prompt_tokens_details?.cached_tokens ?? 0,
    "prompt_tokens_details.cached_tokens",
  );
  const reasoning = readCount(
    usage.completion_tokens_details?.reasoning_tokens ?? 0,
    "completion_tokens_details.reasoning_tokens",
  );
  requirePart(cached, prompt, "cached_tokens", "prompt_tokens");
  requirePart(reasoning, completion, "reasoning_tokens", "completion_tokens");

  const sums = new Map<bigint, bigint>();
  for (const [resource, units] of [
    [table.input, prompt - cached],
    [table.cachedInput ?? table.input, cached],
    [table.output, completion - reasoning],
    [table.reasoning ?? table.output, reasoning],
  ] as const)
    if (units > 0n) sums.set(resource, (sums.get(resource) ?? 0n) + units);
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([resource, units]) => ({ resource, units }));
}

function readCount(value: unknown, name: string): bigint {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
    throw new UsageError(`The usage object has ${String(value)} as ${name}.`);
  return BigInt(value);
}

function requirePart(part: bigint, whole: bigint, name: string, wholeName: string): void {
  if (part > whole)
    throw new UsageError(`The usage object has ${part} ${name} among ${whole} ${wholeName}.`);
}
