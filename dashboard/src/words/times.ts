/** Times and durations as text. Times are seconds since 1970 and shown in UTC. */

/** Seconds of the units of a duration, the longest first. */
const UNITS = [
  ["week", 604_800n],
  ["day", 86_400n],
  ["hour", 3_600n],
  ["minute", 60n],
  ["second", 1n],
] as const;

/** Latest time that a date can show, in seconds. */
const LATEST = 8_640_000_000_000n;

/** A time to the minute: `2027-02-05 13:30 UTC`. Zero is `never`. */
export function timeText(seconds: bigint): string {
  if (seconds === 0n) return "never";
  return seconds > LATEST ? "no end" : `${iso(seconds).slice(0, 16).replace("T", " ")} UTC`;
}

/** A time as machines read it: `2027-02-05T13:30:00Z`. */
export function iso(seconds: bigint): string {
  const clamped = seconds > LATEST ? LATEST : seconds;
  return new Date(Number(clamped) * 1_000).toISOString().replace(".000", "");
}

/** The day of a time: `2027-02-05`. */
export function dayText(seconds: bigint): string {
  return iso(seconds).slice(0, 10);
}

/** A duration in its two largest units: `2 days 3 hours`. */
export function durationText(seconds: bigint): string {
  if (seconds <= 0n) return "0 seconds";
  const parts: string[] = [];
  let left = seconds;
  for (const [name, length] of UNITS) {
    const count = left / length;
    left %= length;
    if (count > 0n) parts.push(`${count} ${name}${count === 1n ? "" : "s"}`);
    if (parts.length === 2 || (parts.length === 1 && left === 0n)) break;
  }
  return parts.join(" ");
}

/** Where a time is from another one: `in 2 days`, `3 hours ago`, `now`. */
export function relativeText(seconds: bigint, now: bigint): string {
  if (seconds === now) return "now";
  return seconds > now ? `in ${durationText(seconds - now)}` : `${durationText(now - seconds)} ago`;
}
