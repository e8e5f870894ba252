import { UsageError } from "./kinds.js";

/** Counts that usage objects have, under whichever name. */
export type Count =
  | ("prompt" | "completion" | "total")
  | ("cacheRead" | "cacheMiss" | "cacheWrite" | "cacheWriteShort" | "cacheWriteHour")
  | ("toolPrompt" | "citation" | "reasoning" | "acceptedPrediction" | "rejectedPrediction")
  | ("textInput" | "audioInput" | "imageInput" | "videoInput")
  | ("textCached" | "audioCached" | "imageCached" | "videoCached")
  | ("textOutput" | "audioOutput" | "imageOutput")
  | ("searches" | "fetches" | "sources" | "seconds");

/**
 * Where a count lies by its spelling, which decides only if no total is given. In an object of details it is a part of its
 * whole. Anthropic's and Bedrock's cache counts are beside the prompt. Of others it is not said.
 */
export type Place = "inside" | "beside" | "unsaid";

/** Counts of a usage object, and where their spellings place them. */
export interface Counts {
  readonly units: ReadonlyMap<Count, bigint>;
  readonly places: ReadonlyMap<Count, Place>;
}

const PROMPT_DETAILS = ["prompt_tokens_details", "input_tokens_details", "input_token_details"];
const COMPLETION_DETAILS = [
  ...["completion_tokens_details", "output_tokens_details", "output_token_details"],
];
const CACHED_DETAILS = PROMPT_DETAILS.map((details) => `${details}.cached_tokens_details`);

/** Names in objects of details, below which every vendor puts the same counts. */
function under(objects: readonly string[], ...names: string[]): string[] {
  return objects.flatMap((object) => names.map((name) => `${object}.${name}`));
}

/**
 * Spellings of every count: chat completions, Responses, realtime, embeddings and transcription (OpenAI and those that
 * answer like it), Anthropic, Bedrock, Gemini, DeepSeek, Kimi, xAI, Perplexity, OpenRouter, LiteLLM and Ollama.
 */
const SPELLINGS: Readonly<Record<Count, readonly string[]>> = {
  prompt: ["prompt_tokens", "input_tokens", "promptTokenCount", "inputTokens", "prompt_eval_count"],
  completion: [
    ...["completion_tokens", "output_tokens", "candidatesTokenCount", "outputTokens", "eval_count"],
  ],
  total: ["total_tokens", "totalTokenCount", "totalTokens"],
  cacheRead: [
    ...under(PROMPT_DETAILS, "cached_tokens"),
    ...["cache_read_input_tokens", "cacheReadInputTokens", "cacheReadInputTokenCount"],
    ...["cached_tokens", "prompt_cache_hit_tokens", "cachedContentTokenCount"],
  ],
  cacheMiss: ["prompt_cache_miss_tokens"],
  cacheWrite: [
    ...under(PROMPT_DETAILS, "cache_creation_tokens", "cache_write_tokens"),
    ...["cache_creation_input_tokens", "cacheWriteInputTokens", "cacheWriteInputTokenCount"],
  ],
  cacheWriteShort: ["cache_creation.ephemeral_5m_input_tokens"],
  cacheWriteHour: ["cache_creation.ephemeral_1h_input_tokens"],
  toolPrompt: ["toolUsePromptTokenCount"],
  citation: ["citation_tokens"],
  reasoning: [
    ...under(COMPLETION_DETAILS, "reasoning_tokens", "thinking_tokens"),
    ...["reasoning_tokens", "thoughtsTokenCount"],
  ],
  acceptedPrediction: under(COMPLETION_DETAILS, "accepted_prediction_tokens"),
  rejectedPrediction: under(COMPLETION_DETAILS, "rejected_prediction_tokens"),
  textInput: [...under(PROMPT_DETAILS, "text_tokens"), "promptTokensDetails.TEXT"],
  audioInput: [...under(PROMPT_DETAILS, "audio_tokens"), "promptTokensDetails.AUDIO"],
  imageInput: [...under(PROMPT_DETAILS, "image_tokens"), "promptTokensDetails.IMAGE"],
  videoInput: [...under(PROMPT_DETAILS, "video_tokens"), "promptTokensDetails.VIDEO"],
  textCached: [...under(CACHED_DETAILS, "text_tokens"), "cacheTokensDetails.TEXT"],
  audioCached: [...under(CACHED_DETAILS, "audio_tokens"), "cacheTokensDetails.AUDIO"],
  imageCached: [...under(CACHED_DETAILS, "image_tokens"), "cacheTokensDetails.IMAGE"],
  videoCached: [...under(CACHED_DETAILS, "video_tokens"), "cacheTokensDetails.VIDEO"],
  textOutput: [...under(COMPLETION_DETAILS, "text_tokens"), "candidatesTokensDetails.TEXT"],
  audioOutput: [...under(COMPLETION_DETAILS, "audio_tokens"), "candidatesTokensDetails.AUDIO"],
  imageOutput: [...under(COMPLETION_DETAILS, "image_tokens"), "candidatesTokensDetails.IMAGE"],
  searches: ["num_search_queries", "server_tool_use.web_search_requests"],
  fetches: ["server_tool_use.web_fetch_requests"],
  sources: ["num_sources_used"],
  seconds: ["seconds", "prompt_audio_seconds", "duration_seconds"],
};

const BESIDE = new Set([
  ...["cache_read_input_tokens", "cacheReadInputTokens", "cacheReadInputTokenCount"],
  ...["cache_creation_input_tokens", "cacheWriteInputTokens", "cacheWriteInputTokenCount"],
  ...["cache_creation.ephemeral_5m_input_tokens", "cache_creation.ephemeral_1h_input_tokens"],
]);

const COUNT_OF: ReadonlyMap<string, Count> = new Map(
  (Object.entries(SPELLINGS) as [Count, readonly string[]][]).flatMap(([count, names]) =>
    names.map((name) => [name, count] as const),
  ),
);

/** Lists of `{ modality, tokenCount }`, as Gemini has them. Text of documents is text. */
const MODALITY_LISTS = new Set([
  ...["promptTokensDetails", "cacheTokensDetails", "candidatesTokensDetails"],
]);

/** The parts of a tool's prompt are not told apart from its sum. */
const SUMMED_ELSEWHERE = new Set(["toolUsePromptTokensDetails"]);

/** Names that count something which is paid for. Money and times do not. */
const COUNTING = /token|request|search|quer(y|ies)|sources|seconds/i;
const MONEY_OR_TIME = /cost|price|_time$|duration_ms|_ms$/i;

const DEPTH = 4;

/**
 * The counts of a usage object. Null stands for a count that is not given.
 *
 * @throws {UsageError} if a count is no whole number from 0 to 2^53 - 1, or two spellings of a count disagree. Likewise if
 * an unknown name counts tokens, requests or seconds and is not zero.
 */
export function countsOf(usage: object): Counts {
  const units = new Map<Count, bigint>();
  const places = new Map<Count, Place>();
  const names = new Map<Count, string>();
  for (const [path, value] of leavesOf(usage, "", DEPTH)) {
    const count = COUNT_OF.get(path);
    if (count === undefined) {
      requireNothing(path, value);
      continue;
    }
    if (value === null || value === undefined) continue;
    const number = readNumber(value, path, count === "seconds");
    const other = units.get(count);
    if (other !== undefined && other !== number)
      throw new UsageError(
        `The usage object has ${other} as ${names.get(count)} and ${number} as ${path}.`,
      );
    units.set(count, number);
    names.set(count, path);
    const place = placeOf(path);
    if (places.get(count) !== "inside") places.set(count, place);
  }
  return { units, places };
}

function placeOf(path: string): Place {
  if (/_details\./.test(path)) return "inside";
  return BESIDE.has(path) ? "beside" : "unsaid";
}

/** Every value that is no object, with the names that lead to it. */
function* leavesOf(value: object, prefix: string, depth: number): Generator<[string, unknown]> {
  for (const [name, inner] of Object.entries(value) as [string, unknown][]) {
    const path = `${prefix}${name}`;
    if (prefix === "" && MODALITY_LISTS.has(name) && Array.isArray(inner))
      yield* modalitiesOf(path, inner);
    else if (prefix === "" && SUMMED_ELSEWHERE.has(name)) continue;
    else if (typeof inner === "object" && inner !== null && !COUNT_OF.has(path)) {
      if (depth === 0) throw new UsageError(`The usage object is nested too deeply at ${path}.`);
      yield* leavesOf(inner, `${path}.`, depth - 1);
    } else yield [path, isEmptyObject(inner) ? null : inner];
  }
}

/** Whether a count is an object without anything in it, which some servers send in place of null. */
function isEmptyObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

function* modalitiesOf(list: string, entries: readonly unknown[]): Generator<[string, unknown]> {
  const sums = new Map<string, bigint>();
  for (const entry of entries) {
    const { modality, tokenCount } = (entry ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof modality !== "string")
      throw new UsageError(`The usage object has an entry without a modality in ${list}.`);
    const name = modality === "DOCUMENT" ? "TEXT" : modality;
    const number = readNumber(tokenCount ?? 0, `${list}.${name}`, false);
    sums.set(name, (sums.get(name) ?? 0n) + number);
  }
  for (const [name, sum] of sums) yield [`${list}.${name}`, sum];
}

function readNumber(value: unknown, name: string, isRoundedUp: boolean): bigint {
  if (typeof value === "bigint" && value >= 0n && value <= Number.MAX_SAFE_INTEGER) return value;
  if (typeof value === "number" && Number.isFinite(value) && value >= 0) {
    const number = isRoundedUp ? Math.ceil(value) : value;
    if (Number.isSafeInteger(number)) return BigInt(number);
  }
  throw new UsageError(`The usage object has ${describe(value)} as ${name}.`);
}

function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 40));
  if (typeof value === "number" || typeof value === "bigint") return `${value}`;
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** A count whose name is not known could be the dearest one. */
function requireNothing(path: string, value: unknown): void {
  const name = path.slice(path.lastIndexOf(".") + 1);
  const isNumber = (typeof value === "number" && value !== 0) || typeof value === "bigint";
  if (isNumber && value !== 0n && COUNTING.test(name) && !MONEY_OR_TIME.test(path))
    throw new UsageError(`The usage object has ${value} as ${path}, which is not a known count.`);
}
