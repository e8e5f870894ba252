/** Columns of tables by content: amounts, numbers, times, addresses, texts. */
import type { ComponentChildren } from "preact";

import type { Source } from "../reads/source.js";
import { exactOpa } from "../words/amounts.js";
import { iso } from "../words/times.js";
import type { Column } from "./table.js";
import { Address, Count, Opa, Price, Share, Votes, When, Words } from "./value.js";

/** A value of each row, or one for all of them. */
type Of<T, V> = (row: T) => V;
type Each<T> = string | Of<T, string>;

/** Makes columns for rows of a kind. Each number names the source that it was read from. */
export function columnsOf<T>() {
  const valueFor = (each: Each<T>, row: T) => (typeof each === "string" ? each : each(row));

  /** Amounts of OPA. */
  const opa = (title: string, of: Of<T, bigint>, source: Each<T>): Column<T> => ({
    title: `${title} (OPA)`,
    isNumber: true,
    cell: (row) => <Opa wei={of(row)} source={valueFor(source, row)} isPlain />,
    exact: (row) => exactOpa(of(row)),
  });
  return {
    opa,

    /** Amounts of OPA, with a text where there is none. */
    optionalOpa: (
      title: string,
      of: Of<T, bigint | undefined>,
      none: string,
      source: Each<T>,
    ): Column<T> => {
      const column = opa(title, (row) => of(row) ?? 0n, source);
      return {
        ...column,
        cell: (row) => (of(row) === undefined ? none : column.cell(row)),
        exact: (row) => (of(row) === undefined ? none : column.exact(row)),
      };
    },

    /** Prices in OPA for one of something. */
    price: (title: string, of: Of<T, bigint>, unit: Each<T>, source: Source): Column<T> => ({
      title: `${title} (OPA)`,
      isNumber: true,
      cell: (row) => <Price wei={of(row)} unit={valueFor(unit, row)} source={source} isPlain />,
      exact: (row) => exactOpa(of(row)),
    }),

    /** Votes. */
    votes: (title: string, of: Of<T, bigint>, source: Source): Column<T> => ({
      title,
      isNumber: true,
      cell: (row) => <Votes wei={of(row)} source={source} isPlain />,
      exact: (row) => exactOpa(of(row)),
    }),

    /** Whole numbers of something. */
    count: (title: string, of: Of<T, bigint>, unit: Each<T>, source: Source): Column<T> => ({
      title,
      isNumber: true,
      cell: (row) => <Count value={of(row)} unit={valueFor(unit, row)} source={source} isPlain />,
      exact: of,
    }),

    /** Numbers that are texts already. */
    share: (title: string, of: Of<T, string>, source: Source): Column<T> => ({
      title,
      isNumber: true,
      cell: (row) => <Share text={of(row)} source={source} />,
      exact: of,
    }),

    /** Times. */
    time: (title: string, of: Of<T, bigint>, source: Source): Column<T> => ({
      title,
      cell: (row) => <When at={of(row)} source={source} />,
      exact: (row) => (of(row) === 0n ? "never" : iso(of(row))),
    }),

    /** Addresses, with a name if there is one. */
    address: (
      title: string,
      of: Of<T, string>,
      name: Of<T, string | undefined> = () => undefined,
    ): Column<T> => ({
      title,
      cell: (row) => <Address of={of(row)} name={name(row)} />,
      exact: of,
    }),

    /** Words of the chain, such as names, numbers that identify something, and sentences. */
    words: (title: string, of: Of<T, string>, source: Each<T>): Column<T> => ({
      title,
      cell: (row) => <Words source={valueFor(source, row)}>{of(row)}</Words>,
      exact: of,
    }),

    /** Texts without numbers; `cell` shows more than the text, if need be. */
    text: (title: string, of: Of<T, string>, cell: Of<T, ComponentChildren> = of): Column<T> => ({
      title,
      cell,
      exact: of,
    }),
  };
}
