import { UsageError, type UsageKinds } from "./kinds.js";
import type { Count, Place } from "./spellings.js";

/** Tokens that lie inside a whole or beside it. */
export interface Part {
  readonly name: string;
  readonly whole: "prompt" | "completion";
  readonly units: bigint;
  /** Where the spelling places them. */
  readonly place: Place | undefined;
}

type Units = ReadonlyMap<Count, bigint>;

/** Kinds of parts inside and beside a whole; the parts themselves are the caller's. */
type Remainder = Pick<
  UsageKinds,
  | ("input" | "audioInput" | "imageInput" | "videoInput")
  | ("output" | "audioOutput" | "imageOutput")
>;

/**
 * The remainder of the prompt and the completion without their parts, in the one arrangement of the parts that adds up to
 * the total.
 *
 * @throws {UsageError} if no arrangement adds up, or more than one does.
 */
export function arrange(
  units: Units,
  parts: readonly Part[],
  unexplained: "input" | "output" | undefined,
): Remainder {
  const total = units.get("total");
  const wholes = (units.get("prompt") ?? 0n) + (units.get("completion") ?? 0n);
  const rest = total === undefined ? undefined : total - wholes;
  if (rest !== undefined && rest < 0n)
    throw new UsageError(`The usage object has a total of ${total} for parts of ${wholes} tokens.`);

  const candidates = subsetsOf(parts).filter((beside) =>
    rest === undefined ? isAsSpelled(parts, beside) : sumOf(beside) === rest,
  );
  const { found, fault } = tryAll(units, parts, candidates);
  const [first] = found;
  if (found.length > 1)
    throw new UsageError(
      `The usage object does not say which of ${listOf(parts)} are in the prompt or the completion.`,
    );
  if (first) return first;
  if (fault) throw fault;
  if (unexplained === undefined || rest === undefined)
    throw new UsageError(
      `The usage object has ${rest} tokens in its total that are in none of its parts.`,
    );
  const remainder = remainderOf(units, parts, []);
  return { ...remainder, [unexplained]: remainder[unexplained] + rest };
}

/** Whether the parts beside their wholes are those that the spelling places there, if it says so. */
function isAsSpelled(parts: readonly Part[], beside: readonly Part[]): boolean {
  return parts.every(
    (part) =>
      part.place === undefined ||
      part.place === "unsaid" ||
      (part.place === "beside") === beside.includes(part),
  );
}

/** The different remainders of arrangements that do not contradict themselves, and the fault of one that does. */
function tryAll(units: Units, parts: readonly Part[], arrangements: readonly Part[][]) {
  const found = new Map<string, Remainder>();
  let fault: UsageError | undefined;
  for (const beside of arrangements)
    try {
      const remainder = remainderOf(units, parts, beside);
      found.set(Object.values(remainder).join(), remainder);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      fault ??= error;
    }
  return { found: [...found.values()], fault };
}

function remainderOf(units: Units, parts: readonly Part[], beside: readonly Part[]): Remainder {
  return { ...promptOf(units, parts, beside), ...completionOf(units, parts, beside) };
}

function promptOf(units: Units, parts: readonly Part[], beside: readonly Part[]) {
  const of = (count: Count) => units.get(count) ?? 0n;
  const inside = parts.filter((part) => part.whole === "prompt" && !beside.includes(part));
  const fresh = requirePart(of("prompt"), inside, "prompt");
  const miss = units.get("cacheMiss");
  const missParts = inside.filter(({ name }) => name !== "cacheRead");
  if (miss !== undefined && miss !== fresh + sumOf(missParts))
    throw new UsageError(
      `The usage object has ${miss} tokens missed by a cache, and ${fresh} fresh.`,
    );

  const [audio, image, video] = [of("audioInput"), of("imageInput"), of("videoInput")];
  const media = audio + image + video;
  const excluded = requireText(units.get("textInput"), media, of("prompt"), inside, "prompt");
  const isReadNested =
    inside.some(({ name }) => name === "cacheRead") && !excluded.has("cacheRead");
  const cached = isReadNested ? cachedMediaOf(units, of("prompt") - media) : NO_MEDIA;
  const [audioInput, imageInput, videoInput] = [
    ...[audio - cached.audio, image - cached.image, video - cached.video],
  ] as [bigint, bigint, bigint];
  const input = fresh - audioInput - imageInput - videoInput;
  if ([audioInput, imageInput, videoInput, input].some((count) => count < 0n))
    throw new UsageError(
      `The usage object has ${media} tokens of media among ${fresh} fresh ones.`,
    );
  const tools = beside.find(({ name }) => name === "toolPrompt")?.units ?? 0n;
  const toolsInside = inside.find(({ name }) => name === "toolPrompt")?.units ?? 0n;
  return { input: input + tools + toolsInside, audioInput, imageInput, videoInput };
}

const NO_MEDIA = { audio: 0n, image: 0n, video: 0n };

/** Cached tokens of each medium. If the object does not say, text was cached first, and then the only medium there is. */
function cachedMediaOf(units: Units, text: bigint): typeof NO_MEDIA {
  const of = (count: Count) => units.get(count) ?? 0n;
  const read = of("cacheRead");
  const stated = { audio: of("audioCached"), image: of("imageCached"), video: of("videoCached") };
  const media = stated.audio + stated.image + stated.video;
  const textCached = units.get("textCached");
  if (textCached !== undefined ? textCached + media !== read : media > read)
    throw new UsageError(`The usage object has ${read} cached tokens, and others by medium.`);
  if (textCached !== undefined || media > 0n || read <= text) return stated;

  const kinds = [
    ["audio", of("audioInput")],
    ["image", of("imageInput")],
    ["video", of("videoInput")],
  ] as const;
  const [only, ...others] = kinds.filter(([, count]) => count > 0n);
  if (!only || others.length > 0)
    throw new UsageError("The usage object does not say which medium was cached.");
  return { ...NO_MEDIA, [only[0]]: read - text };
}

function completionOf(units: Units, parts: readonly Part[], beside: readonly Part[]) {
  const of = (count: Count) => units.get(count) ?? 0n;
  const completion = of("completion");
  const inside = parts.filter((part) => part.whole === "completion" && !beside.includes(part));
  const rest = requirePart(completion, inside, "completion");
  const [audioOutput, imageOutput] = [of("audioOutput"), of("imageOutput")];
  requireText(units.get("textOutput"), audioOutput + imageOutput, completion, inside, "completion");
  const predicted = of("acceptedPrediction") + of("rejectedPrediction");
  const output = rest - audioOutput - imageOutput;
  if (output < 0n || predicted > completion)
    throw new UsageError(`The usage object has more parts than ${completion} completion tokens.`);
  return { output, audioOutput, imageOutput };
}

/** The whole without the parts inside it. */
function requirePart(whole: bigint, inside: readonly Part[], name: string): bigint {
  const sum = sumOf(inside);
  if (sum > whole)
    throw new UsageError(
      `The usage object has ${sum} ${listOf(inside)} among ${whole} ${name} tokens.`,
    );
  return whole - sum;
}

/**
 * Names of the parts that the count of text tokens leaves out: text and media add up to the whole, or to the whole without
 * some of its parts.
 */
function requireText(
  text: bigint | undefined,
  media: bigint,
  whole: bigint,
  inside: readonly Part[],
  name: string,
): ReadonlySet<string> {
  if (text === undefined) return new Set();
  for (const excluded of subsetsOf(inside))
    if (text + media + sumOf(excluded) === whole) return new Set(excluded.map((part) => part.name));
  throw new UsageError(
    `The usage object has ${text} tokens of text and ${media} of media among ${whole} ${name} tokens.`,
  );
}

/** Every selection of parts, the empty one first. */
function subsetsOf(parts: readonly Part[]): Part[][] {
  return parts.reduce<Part[][]>(
    (subsets, part) => [...subsets, ...subsets.map((subset) => [...subset, part])],
    [[]],
  );
}

function sumOf(parts: readonly Part[]): bigint {
  return parts.reduce((sum, { units }) => sum + units, 0n);
}

function listOf(parts: readonly Part[]): string {
  return parts.map(({ name }) => name).join(" and ");
}
