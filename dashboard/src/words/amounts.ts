/** Amounts as text. A short form is for reading and rounds towards zero; the exact form is for copying. */
import { formatEther, parseEther } from "ethers";

/** Digits after the point of a short amount. */
const SHORT_DIGITS = 4;

/** An amount of OPA with all its digits: `1234.5`. */
export function exactOpa(wei: bigint): string {
  return formatEther(wei).replace(/\.0$/, "");
}

/** An amount of OPA, grouped and rounded towards zero: `1,234.5`. Something too small to show is `<0.0001`. */
export function shortOpa(wei: bigint, digits = SHORT_DIGITS): string {
  const sign = wei < 0n ? "-" : "";
  const [whole = "0", fraction = ""] = exactOpa(wei < 0n ? -wei : wei).split(".");
  const shown = fraction.slice(0, digits).replace(/0+$/, "");
  if (whole === "0" && shown === "" && wei !== 0n) return `${sign}<0.${"0".repeat(digits - 1)}1`;
  return `${sign}${grouped(BigInt(whole))}${shown === "" ? "" : `.${shown}`}`;
}

/** A whole number with separators: `1,234,567`. */
export function grouped(value: bigint): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Basis points as a percentage: `4500` is `45%`. */
export function percentOfBps(bps: bigint): string {
  return percent(bps, 10_000n);
}

/** A part of a whole as a percentage with two digits, rounded towards zero; `–` of nothing. */
export function percent(part: bigint, whole: bigint): string {
  if (whole === 0n) return "–";
  const hundredths = (part * 10_000n) / whole;
  const digits = `${hundredths % 100n}`.padStart(2, "0").replace(/0+$/, "");
  return `${grouped(hundredths / 100n)}${digits === "" ? "" : `.${digits}`}%`;
}

/**
 * The amount that somebody typed, in wei.
 *
 * @throws if it is not a positive number with at most 18 digits after the point.
 */
export function parseOpa(text: string): bigint {
  const trimmed = text.trim();
  // A comma stands between thousands only: "1,5" may be meant as a fraction.
  if (!/^(\d+|\d{1,3}(,\d{3})+)(\.\d{1,18})?$/.test(trimmed))
    throw new Error(`"${text}" is not an amount of OPA, such as 12.5.`);
  const wei = parseEther(trimmed.replace(/,/g, ""));
  if (wei === 0n) throw new Error("The amount has to be more than zero.");
  return wei;
}

/** OPA as a number, for drawing only. */
export function drawnOpa(wei: bigint): number {
  return Number(wei / 10n ** 9n) / 1e9;
}
