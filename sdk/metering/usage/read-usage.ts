import {
  kindsOf,
  tokensOf,
  UsageError,
  type KnownUsage,
  type UnknownUsage,
  type UsageKinds,
} from "./kinds.js";
import { countsOf, type Count, type Counts } from "./spellings.js";
import { arrange, type Part } from "./arrange.js";

/** Kinds that some vendors count beyond the total that they state. */
export type KindBeyondTotal = "cacheRead" | "cacheWrite" | "citation" | "reasoning";

/** Knowledge of a vendor that its answers do not have. */
export interface UsageOptions {
  /** Kind of tokens that are in the total and in no part of it; an object with such tokens is refused by default. */
  readonly unexplained?: "input" | "output";
  /** Kinds that are never in the vendor's total. None by default. */
  readonly beyondTotal?: readonly KindBeyondTotal[];
}

/**
 * Reads the usage object of a vendor's answer, whichever vendor, into disjoint kinds. Their sum is the total that the
 * vendor states; that sum decides whether cached or reasoning tokens lie inside the prompt and the completion or beside
 * them. If no total is stated, the spelling decides.
 *
 * An answer without a usage object, with nulls or with zeros only, or without a prompt, is not known; it does not throw.
 *
 * @throws {UsageError} if the counts contradict each other or can be read in two ways, a count is negative, fractional
 * or above 2^53 - 1, or a name is not known that counts something.
 */
export function readUsage(usage: unknown, options: UsageOptions = {}): KnownUsage | UnknownUsage {
  if (usage === null || usage === undefined)
    return unknown("The answer has no usage object.", kindsOf());
  if (typeof usage !== "object" || Array.isArray(usage))
    throw new UsageError("The usage of the answer is not an object.");
  return readCounts(countsOf(usage), options);
}

/** Reads counts that are collected already, as {readUsage} does. */
export function readCounts(counts: Counts, options: UsageOptions): KnownUsage | UnknownUsage {
  const { units } = counts;
  if (units.size === 0) return unknown("The usage object has no counts.", kindsOf());
  if ([...units.values()].every((count) => count === 0n))
    return unknown("The usage object has zeros only, as a server without counts sends.", kindsOf());

  const of = (count: Count) => units.get(count) ?? 0n;
  const apart = {
    requests: of("searches") + of("fetches") + of("sources"),
    seconds: of("seconds"),
  };
  const isOfTokens = [...units.keys()].some((count) => !NOT_TOKENS.has(count));
  if (!isOfTokens) return known(kindsOf(apart));

  const kinds = { ...readTokens(counts, options), ...apart };
  const missing = missingOf(units, options);
  if (missing !== undefined) return unknown(missing, kinds);
  const fed = kinds.input + kinds.cacheRead + kinds.cacheWrite + kinds.cacheWriteHour;
  if (fed + kinds.audioInput + kinds.imageInput + kinds.videoInput === 0n && apart.seconds === 0n)
    return unknown("The usage object has an empty prompt, as a server with a cache sends.", kinds);
  return known(kinds);
}

const NOT_TOKENS: ReadonlySet<Count> = new Set(["searches", "fetches", "sources", "seconds"]);

/** The tokens of a usage object, by kind. */
function readTokens({ units, places }: Counts, options: UsageOptions): UsageKinds {
  const of = (count: Count) => units.get(count) ?? 0n;
  const writes = readWrites(units);
  const all: Part[] = [
    { name: "cacheRead", whole: "prompt", units: of("cacheRead"), place: places.get("cacheRead") },
    {
      name: "cacheWrite",
      whole: "prompt",
      units: writes.all,
      place: places.get("cacheWrite") ?? places.get("cacheWriteHour") ?? "beside",
    },
    { name: "toolPrompt", whole: "prompt", units: of("toolPrompt"), place: "unsaid" },
    { name: "citation", whole: "prompt", units: of("citation"), place: "unsaid" },
    {
      name: "reasoning",
      whole: "completion",
      units: of("reasoning"),
      place: places.get("reasoning"),
    },
  ];
  const beyond = new Set<string>(options.beyondTotal ?? []);
  const parts = all.filter(({ name, units: count }) => count > 0n && !beyond.has(name));
  const tokens = arrange(units, parts, options.unexplained);

  const taken = (name: string) => all.find((part) => part.name === name)?.units ?? 0n;
  return kindsOf({
    ...tokens,
    cacheRead: taken("cacheRead"),
    cacheWrite: taken("cacheWrite") - writes.hour,
    cacheWriteHour: writes.hour,
    citation: taken("citation"),
    reasoning: taken("reasoning"),
  });
}

/** Tokens written to a cache, which Anthropic also gives by how long they are kept. */
function readWrites(units: ReadonlyMap<Count, bigint>): { all: bigint; hour: bigint } {
  const short = units.get("cacheWriteShort") ?? 0n;
  const hour = units.get("cacheWriteHour") ?? 0n;
  const all = units.get("cacheWrite") ?? short + hour;
  const isSplit = units.has("cacheWriteShort") || units.has("cacheWriteHour");
  if (isSplit && short + hour !== all)
    throw new UsageError(
      `The usage object has ${all} tokens written to a cache, and ${short} + ${hour} by duration.`,
    );
  return { all, hour };
}

/** The reason why counts are not all of the use, if they are not. */
function missingOf(units: ReadonlyMap<Count, bigint>, { unexplained }: UsageOptions) {
  const hasTotal = units.has("total");
  if (!units.has("prompt") && !(hasTotal && unexplained === "input") && !units.has("seconds"))
    return "The usage object does not say how many tokens the prompt has.";
  if (!units.has("completion") && !hasTotal)
    return "The usage object has neither a completion nor a total.";
  return undefined;
}

function known(kinds: UsageKinds): KnownUsage {
  return { isKnown: true, kinds, tokens: tokensOf(kinds) };
}

function unknown(why: string, atLeast: UsageKinds): UnknownUsage {
  return { isKnown: false, why, atLeast };
}
