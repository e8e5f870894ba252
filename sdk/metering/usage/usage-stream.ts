import { kindsOf, UsageError, type KnownUsage, type UnknownUsage } from "./kinds.js";
import { readCounts, type UsageOptions } from "./read-usage.js";
import { countsOf, type Count, type Place } from "./spellings.js";

/**
 * Use of a streamed answer. Vendors repeat the usage object in several events, each time with the sums so far, so the
 * largest reading of each count stands.
 *
 * ```ts
 * const stream = new StreamUsage();
 * for await (const event of events) stream.add(usageIn(event));
 * const usage = stream.close();
 * ```
 */
export class StreamUsage {
  readonly #options: UsageOptions;
  readonly #units = new Map<Count, bigint>();
  readonly #places = new Map<Count, Place>();
  #fault: UsageError | undefined;
  #isClosed = false;

  constructor(options: UsageOptions = {}) {
    this.#options = options;
  }

  /**
   * Takes the usage object of one event, null and undefined if the event has none. An object that cannot be read is
   * reported by {close}, so that the stream itself goes on.
   *
   * @throws {UsageError} if the stream is closed.
   */
  add(usage: unknown): void {
    this.#requireOpen();
    if (usage === null || usage === undefined) return;
    try {
      if (typeof usage !== "object" || Array.isArray(usage))
        throw new UsageError("The usage of an event is not an object.");
      const { units, places } = countsOf(usage);
      for (const [count, number] of units)
        if (number >= (this.#units.get(count) ?? 0n)) this.#units.set(count, number);
      for (const [count, place] of places)
        if (this.#places.get(count) !== "inside") this.#places.set(count, place);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this.#fault ??= error;
    }
  }

  /**
   * The use of a stream that ended as it should.
   *
   * @throws {UsageError} if it is closed already, or as {readUsage} does.
   */
  close(): KnownUsage | UnknownUsage {
    this.#requireOpen();
    this.#isClosed = true;
    if (this.#fault) throw this.#fault;
    return readCounts({ units: this.#units, places: this.#places }, this.#options);
  }

  /**
   * The use of a stream that was cut off: not known, but at least that of its last event.
   *
   * @throws {UsageError} if it is closed already.
   */
  abort(): UnknownUsage {
    this.#requireOpen();
    this.#isClosed = true;
    const why = "The stream was cut off before its use was stated.";
    if (this.#fault) return { isKnown: false, why, atLeast: kindsOf() };
    try {
      const usage = readCounts({ units: this.#units, places: this.#places }, this.#options);
      return { isKnown: false, why, atLeast: usage.isKnown ? usage.kinds : usage.atLeast };
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return { isKnown: false, why, atLeast: kindsOf() };
    }
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new UsageError("The use of this stream was read already.");
  }
}

/** Paths on which answers and events of streams have their usage object, the most common first. */
const PLACES = [
  ["usage"],
  ["usageMetadata"],
  ["response", "usage"],
  ["message", "usage"],
  ["x_groq", "usage"],
  ["choices", "0", "usage"],
] as const;

/** The usage object in an answer or an event of a stream, or undefined if there is none. */
export function usageIn(answer: unknown): unknown {
  for (const path of PLACES) {
    const found = path.reduce<unknown>(
      (value, name) =>
        typeof value === "object" && value !== null
          ? (value as Readonly<Record<string, unknown>>)[name]
          : undefined,
      answer,
    );
    if (found !== undefined && found !== null) return found;
  }
  return undefined;
}
