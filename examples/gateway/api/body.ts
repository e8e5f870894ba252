import { Refusal } from "../refusal.js";

/** Names of fields that change neither the answer nor its price, so that they are not looked at. */
const NEUTRAL = new Set([
  ...["user", "metadata", "safety_identifier", "prompt_cache_key", "store", "background"],
  ...["parallel_tool_calls", "include"],
]);

/** Fields that are the default of OpenAI's interface if they have one of these values. */
const DEFAULTS: Readonly<Record<string, readonly unknown[]>> = {
  n: [1],
  best_of: [1],
  service_tier: ["auto", "default"],
  logprobs: [false],
  top_logprobs: [0],
  truncation: ["disabled"],
  tool_choice: ["none", "auto"],
};

/**
 * The fields of a request's body. Null stands for a field that is left out. A field that nobody reads is refused: a limit
 * that is passed over would cost the payer money.
 */
export class Body {
  readonly #fields: Map<string, unknown>;
  readonly #path: string;

  /** @throws {Refusal} if it is no object. */
  constructor(content: unknown, path = "") {
    if (typeof content !== "object" || content === null || Array.isArray(content))
      throw invalid(path === "" ? "The body" : path, "an object", path);
    this.#fields = new Map(
      Object.entries(content).filter(([, value]) => value !== null && value !== undefined),
    );
    this.#path = path;
  }

  /** Takes a field out, of any type. */
  take(name: string): unknown {
    const value = this.#fields.get(name);
    this.#fields.delete(name);
    return value;
  }

  /** Text of 1 to 128 characters. */
  takeName(name: string): string {
    const value = this.take(name);
    if (typeof value !== "string" || !/^.{1,128}$/.test(value))
      throw this.#wrong(name, "a text of 1 to 128 characters");
    return value;
  }

  takeText(name: string): string | undefined {
    const value = this.take(name);
    if (value === undefined || typeof value === "string") return value;
    throw this.#wrong(name, "text");
  }

  takeFlag(name: string): boolean {
    const value = this.take(name) ?? false;
    if (typeof value !== "boolean") throw this.#wrong(name, "true or false");
    return value;
  }

  /** A whole number from 1 on. */
  takeLimit(name: string): number | undefined {
    const value = this.take(name);
    if (value === undefined) return undefined;
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 1)
      throw this.#wrong(name, "a whole number above zero");
    return value;
  }

  takeNumber(name: string): number | undefined {
    const value = this.take(name);
    if (value === undefined || typeof value === "number") return value;
    throw this.#wrong(name, "a number");
  }

  /** A list of 1 to `most` items, or a single one. */
  takeList(name: string, most: number): unknown[] {
    const value = this.take(name);
    if (!Array.isArray(value) || value.length === 0 || value.length > most)
      throw this.#wrong(name, `a list of 1 to ${most} items`);
    return value;
  }

  /** @throws {Refusal} if a field is left that would change the answer or its price. */
  requireEnd(): void {
    for (const [name, value] of this.#fields) {
      if (NEUTRAL.has(name) || DEFAULTS[name]?.includes(value)) continue;
      if (Array.isArray(value) && value.length === 0) continue;
      throw new Refusal(
        400,
        "UnsupportedParameter",
        `This gateway does not heed ${this.#nameOf(name)} with this value, so it does not serve the request.`,
        { param: this.#nameOf(name) },
      );
    }
  }

  #nameOf(name: string): string {
    return this.#path === "" ? name : `${this.#path}.${name}`;
  }

  #wrong(name: string, what: string): Refusal {
    return invalid(this.#nameOf(name), what, this.#nameOf(name));
  }
}

function invalid(name: string, what: string, param: string): Refusal {
  return new Refusal(400, "InvalidRequest", `${name} should be ${what}.`, {
    ...(param !== "" && { param }),
  });
}
