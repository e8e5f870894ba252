/** Tables in pages, so that a hundred thousand rows cost no more than one page of them. */
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";

import { grouped } from "../words/amounts.js";
import { toCsv } from "../words/csv.js";
import { useCopy } from "./copy.js";

/** A column: its title with the unit, the content of a cell, and the exact value to copy. */
export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => ComponentChildren;
  readonly exact: (row: T) => string | bigint;
  readonly isNumber?: boolean;
}

interface TableProps<T> {
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  /** Text of a table without rows. */
  readonly empty: string;
  readonly pageSize?: number;
}

const ROWS = 25;

/** A table whose rows are shown page by page, and copied all at once as CSV. */
export function Table<T>({ caption, columns, rows, empty, pageSize = ROWS }: TableProps<T>) {
  const [wanted, setPage] = useState(0);
  const id = useId();
  const copy = useCopy();
  const pages = Math.max(1, Math.ceil(rows.length / pageSize));
  const page = Math.min(wanted, pages - 1);
  const first = page * pageSize;
  const shown = rows.slice(first, first + pageSize);
  if (rows.length === 0) return <p class="empty">{empty}</p>;

  const csv = () =>
    toCsv(
      columns.map(({ title }) => title),
      rows.map((row) => columns.map(({ exact }) => exact(row))),
    );
  return (
    <div class="table">
      {/* Reachable by keyboard, so that a wide table can be scrolled without a mouse. */}
      <div class="scroll" role="region" aria-labelledby={id} tabIndex={0}>
        <table>
          <caption id={id}>{caption}</caption>
          <thead>
            <tr>
              {columns.map(({ title, isNumber }) => (
                <th key={title} scope="col" class={isNumber ? "number" : ""}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, i) => (
              <tr key={first + i}>
                {columns.map(({ title, cell, isNumber }, place) =>
                  place === 0 ? (
                    <th key={title} scope="row">
                      {cell(row)}
                    </th>
                  ) : (
                    <td key={title} class={isNumber ? "number" : ""}>
                      {cell(row)}
                    </td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div class="paging">
        {pages > 1 && (
          <>
            <button
              type="button"
              disabled={page === 0}
              onClick={() => {
                setPage(page - 1);
              }}
            >
              Previous
            </button>
            <span>
              Rows {grouped(BigInt(first + 1))} to {grouped(BigInt(first + shown.length))} of{" "}
              {grouped(BigInt(rows.length))}
            </span>
            <button
              type="button"
              disabled={page === pages - 1}
              onClick={() => {
                setPage(page + 1);
              }}
            >
              Next
            </button>
          </>
        )}
        <button
          type="button"
          onClick={() => {
            copy(csv(), "Table");
          }}
        >
          Copy as CSV<span class="hidden">: {caption}</span>
        </button>
      </div>
    </div>
  );
}
