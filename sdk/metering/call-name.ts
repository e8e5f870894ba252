import { id, sha256, toUtf8Bytes } from "ethers";

import { MeterError } from "./meter-error.js";

const NAMED = /^(?<epoch>\d{1,10})-[0-9a-f]{64}$/;

/**
 * Name of a call that binds its epoch and its content, for use that is delivered at least once, by a queue for example. The
 * producer makes it once, when the use happens. A delivery after the call was forgotten is then refused and never counted
 * again, even by a consumer that stamps it with a new epoch.
 *
 * @param content anything that tells this call from others: a number of its own, and the use.
 */
export function nameCall(epoch: bigint, ...content: readonly (string | bigint)[]): string {
  const text = JSON.stringify(content.map((part) => `${typeof part} ${part}`));
  return `${epoch}-${id(text).slice(2)}`;
}

/** Epoch that a name binds; undefined for other names. */
export function epochOfName(name: string): bigint | undefined {
  const epoch = NAMED.exec(name)?.groups?.["epoch"];
  return epoch === undefined ? undefined : BigInt(epoch);
}

/** Hash of a request's content. Bodies that mean the same have to be brought into one form before. */
export function hashContent(content: string): string {
  return sha256(toUtf8Bytes(content)).slice(2);
}

/** @throws {MeterError} if a name binds another epoch than the call's. */
export function requireEpochOfName(name: string, epoch: bigint): void {
  const bound = epochOfName(name);
  if (bound !== undefined && bound !== epoch)
    throw new MeterError(
      `Call "${name}" was named in epoch ${bound} and cannot be counted in epoch ${epoch}.`,
    );
}
