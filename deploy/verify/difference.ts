/** A difference between the chain and the files. */
export interface Difference {
  what: string;
  expected: string;
  actual: string;
}

/** Collects differences. */
export class Differences {
  readonly list: Difference[] = [];

  /** Notes a difference unless the two are equal. */
  same(what: string, expected: unknown, actual: unknown): void {
    if (text(expected) === text(actual)) return;
    this.list.push({ what, expected: text(expected), actual: text(actual) });
  }
}

function text(value: unknown): string {
  return Array.isArray(value) ? value.map(text).join(", ") : String(value);
}
