/** A figure beside its target. */
export interface Figure {
  readonly name: string;
  /** Name in before.json, if it was measured before. */
  readonly key?: string;
  readonly value: number;
  readonly unit: string;
  readonly target: string;
  readonly isMet: boolean;
}

/** A figure that has to be above a limit. */
export function above(name: string, value: number, unit: string, limit: number): Figure {
  return { name, value, unit, target: `over ${limit}`, isMet: value > limit };
}

/** A figure that has to be below a limit, or at most the limit. */
export function below(
  name: string,
  value: number,
  unit: string,
  limit: number,
  word: "under" | "at most" = "under",
): Figure {
  const isMet = word === "under" ? value < limit : value <= limit;
  return { name, value, unit, target: `${word} ${limit}`, isMet };
}

/** A figure without a target, beside the one of before. */
export function plain(name: string, key: string, value: number, unit: string): Figure {
  return { name, key, value, unit, target: "", isMet: true };
}
