/** Tables as comma-separated values (RFC 4180). */

/** Characters that make a spreadsheet read a text cell as a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/** Rows as CSV with a header. A text that a spreadsheet would take for a formula gets an apostrophe. */
export function toCsv(
  header: readonly string[],
  rows: readonly (readonly (string | bigint)[])[],
): string {
  return [header, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

function cell(value: string | bigint): string {
  if (typeof value === "bigint") return value.toString();
  const isNumber = /^-?\d+(\.\d+)?$/.test(value);
  const text = !isNumber && FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}
