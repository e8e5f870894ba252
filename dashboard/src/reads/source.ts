/** Where a number comes from, which the page shows with each of them. */

/** The contract and the call that a number was read with. */
export type Source = string;

/** A call of a contract; `part` is the field of its answer. */
export function call(contract: string, name: string, part?: string): Source {
  return `${contract}.${name}${name.endsWith(")") ? "" : "()"}${part === undefined ? "" : `, ${part}`}`;
}

/** An event of a contract; `part` is its argument. */
export function event(contract: string, name: string, part?: string): Source {
  return `${contract}, event ${name}${part === undefined ? "" : `, ${part}`}`;
}

/** A number that the page works out of others. */
export function reckoned(how: string, ...sources: readonly Source[]): Source {
  return `${how} of ${sources.join(" and ")}`;
}
