import { createHash } from "node:crypto";

import { Wallet } from "ethers";

import { Refusal } from "./refusal.js";
import type { ConsumerSettings } from "./settings.js";

/** Somebody who may call: an account, and the key that signs for the use. */
export interface Consumer {
  readonly name: string;
  readonly account: string;
  readonly signer: Wallet;
}

/** The consumers of a gateway, by API key. */
export class Consumers {
  readonly #byHash: ReadonlyMap<string, Consumer>;
  readonly #signers: ReadonlyMap<string, Wallet>;

  constructor(settings: readonly ConsumerSettings[]) {
    const consumers = settings.map(({ name, account, signerKey, apiKeySha256 }) => {
      const consumer = { name, account, signer: new Wallet(signerKey) };
      return [apiKeySha256, consumer] as const;
    });
    this.#byHash = new Map(consumers);
    this.#signers = new Map(consumers.map(([, { signer }]) => [signer.address, signer]));
    const names = new Set(settings.map(({ name }) => name));
    if (this.#byHash.size < settings.length || names.size < settings.length)
      throw new Error("Two consumers have the same name or API key.");
  }

  /** The consumer of a header. @throws {Refusal} if its API key is missing or unknown. */
  authenticate(authorization: string | undefined): Consumer {
    const [, apiKey] = /^Bearer (\S+)$/.exec(authorization ?? "") ?? [];
    const consumer = apiKey === undefined ? undefined : this.#byHash.get(hashApiKey(apiKey));
    if (!consumer) throw new Refusal(401, "UnknownApiKey", "The API key is missing or unknown.");
    return consumer;
  }

  /** The key with this address, unless it was taken out of the settings. */
  signerOf(address: string): Wallet | undefined {
    return this.#signers.get(address);
  }
}

/** The hash that stands for an API key. Keys are long and random, so a plain hash cannot be turned back. */
export function hashApiKey(apiKey: string): string {
  return createHash("sha256").update(apiKey).digest("hex");
}
