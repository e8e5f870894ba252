/**
 * Disjoint kinds of use. Every token of an answer is of exactly one kind. All kinds but the last two are tokens:
 * `requests` are calls of tools that the vendor made, such as searches, and `seconds` are those of audio.
 *
 * `input` is fresh text, `cacheWriteHour` is text that a cache keeps for an hour, and `citation` is text that the
 * vendor fetched and read.
 */
export const USAGE_KINDS = [
  ...(["input", "cacheRead", "cacheWrite", "cacheWriteHour"] as const),
  ...(["audioInput", "imageInput", "videoInput", "citation"] as const),
  ...(["output", "reasoning", "audioOutput", "imageOutput"] as const),
  ...(["requests", "seconds"] as const),
] as const;

/** Name of a kind of use. */
export type UsageKind = (typeof USAGE_KINDS)[number];

/** Units of each kind. */
export type UsageKinds = Readonly<Record<UsageKind, bigint>>;

/** Use that a vendor stated in full. */
export interface KnownUsage {
  readonly isKnown: true;
  readonly kinds: UsageKinds;
  /** Sum of the kinds that are tokens: the vendor's total, plus the kinds that the caller said are beyond it. */
  readonly tokens: bigint;
}

/** Use that cannot be known from the vendor's answer, which is not the same as none. The caller can charge its estimate. */
export interface UnknownUsage {
  readonly isKnown: false;
  /** The reason, as a sentence. */
  readonly why: string;
  /** Units that were used in any case. */
  readonly atLeast: UsageKinds;
}

/** A usage object that contradicts itself, or has a kind that nothing is said about, in one sentence. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
}

/** Use that is not known was asked for as if it were. */
export class UsageUnknownError extends UsageError {
  override readonly name = "UsageUnknownError";
  /** Units that were used in any case. */
  readonly atLeast: UsageKinds;

  constructor({ why, atLeast }: UnknownUsage) {
    super(why);
    this.atLeast = atLeast;
  }
}

/** Kinds with the given units, and none of the others. */
export function kindsOf(units: Partial<UsageKinds> = {}): UsageKinds {
  const none = Object.fromEntries(USAGE_KINDS.map((kind) => [kind, 0n])) as UsageKinds;
  return { ...none, ...units };
}

/** Number of tokens among the kinds. */
export function tokensOf(kinds: UsageKinds): bigint {
  return USAGE_KINDS.filter((kind) => kind !== "requests" && kind !== "seconds").reduce(
    (sum, kind) => sum + kinds[kind],
    0n,
  );
}
