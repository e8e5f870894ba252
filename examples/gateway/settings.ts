import { readFile } from "node:fs/promises";

import { getAddress } from "ethers";

/** Who calls with an API key, and on whose account. */
export interface ConsumerSettings {
  /** Name in logs and in the names of calls. */
  readonly name: string;
  /** SHA-256 of the API key, in hexadecimal; the API key itself is nowhere kept. */
  readonly apiKeySha256: string;
  /** Account that is charged. */
  readonly account: string;
  /** Project of the account that the signing key belongs to. */
  readonly project: number;
  /** Private key of the account's key that signs for this consumer's use. */
  readonly signerKey: string;
}

/** A model that the gateway serves. */
export interface ModelSettings {
  readonly name: string;
  /** Registered provider that serves it. */
  readonly provider: string;
  /** Milliseconds that an answer takes. */
  readonly delay: number;
  /** Whether it thinks before it answers, in tokens that are counted. */
  readonly reasoning: boolean;
}

/** Everything that a gateway has to be told. */
export interface Settings {
  readonly rpcUrl: string;
  /** Settlement contract; every other address follows from it. */
  readonly settlement: string;
  /** Folder of the journals. */
  readonly dataFolder: string;
  readonly port: number;
  /** Private key of whoever pays the gas of settlements. */
  readonly submitterKey: string;
  /** OPA wei that may be served by one provider and not yet be settled. */
  readonly limit: bigint;
  /** Milliseconds between settlements. */
  readonly settleEvery: number;
  /** Milliseconds for which an authorisation by the chain is believed. */
  readonly authorizeFor: number;
  /** Resource ids of tokens. */
  readonly resources: { readonly input: bigint; readonly output: bigint };
  readonly models: readonly ModelSettings[];
  readonly consumers: readonly ConsumerSettings[];
}

/** What is wrong with the settings, in one sentence. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

/** The settings as text. It has private keys in it: whoever writes it to a file keeps that file to itself. */
export function renderSettings(settings: Settings): string {
  const plain = (_: string, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value;
  return `${JSON.stringify(settings, plain, 2)}\n`;
}

/** Reads settings from a file. @throws {SettingsError} if one is missing or makes no sense. */
export async function readSettings(file: string): Promise<Settings> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw new SettingsError(`The settings in ${file} cannot be read.`, { cause: error });
  }

  const all = new Fields("the settings", content);
  const resources = all.fields("resources");
  return {
    rpcUrl: all.text("rpcUrl"),
    settlement: all.address("settlement"),
    dataFolder: all.text("dataFolder"),
    port: all.count("port"),
    submitterKey: all.privateKey("submitterKey"),
    limit: all.amount("limit"),
    settleEvery: all.count("settleEvery"),
    authorizeFor: all.count("authorizeFor"),
    resources: { input: resources.amount("input"), output: resources.amount("output") },
    models: all.list("models").map((model) => ({
      name: model.text("name"),
      provider: model.address("provider"),
      delay: model.count("delay"),
      reasoning: model.flag("reasoning"),
    })),
    consumers: all.list("consumers").map((consumer) => ({
      name: consumer.text("name"),
      apiKeySha256: consumer.match("apiKeySha256", /^[0-9a-f]{64}$/),
      account: consumer.address("account"),
      project: consumer.count("project"),
      signerKey: consumer.privateKey("signerKey"),
    })),
  };
}

/** Fields of an object that somebody else wrote. No message repeats a value, which may be a secret. */
class Fields {
  readonly #what: string;
  readonly #content: Readonly<Record<string, unknown>>;

  constructor(what: string, content: unknown) {
    if (typeof content !== "object" || content === null || Array.isArray(content))
      throw new SettingsError(`${capitalise(what)} should be an object.`);
    this.#what = what;
    this.#content = content as Readonly<Record<string, unknown>>;
  }

  text(name: string): string {
    return this.match(name, /^.+$/);
  }

  match(name: string, pattern: RegExp): string {
    const value = this.#content[name];
    if (typeof value !== "string" || !pattern.test(value)) throw this.#wrong(name);
    return value;
  }

  privateKey(name: string): string {
    return this.match(name, /^0x[0-9a-fA-F]{64}$/);
  }

  address(name: string): string {
    try {
      return getAddress(this.text(name));
    } catch {
      throw this.#wrong(name);
    }
  }

  amount(name: string): bigint {
    return BigInt(this.match(name, /^\d{1,78}$/));
  }

  count(name: string): number {
    const value = this.#content[name];
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
      throw this.#wrong(name);
    return value;
  }

  flag(name: string): boolean {
    const value = this.#content[name];
    if (typeof value !== "boolean") throw this.#wrong(name);
    return value;
  }

  fields(name: string): Fields {
    return new Fields(`${name} in ${this.#what}`, this.#content[name]);
  }

  list(name: string): Fields[] {
    const value = this.#content[name];
    if (!Array.isArray(value) || value.length === 0) throw this.#wrong(name);
    return value.map((item: unknown) => new Fields(`each of ${name} in ${this.#what}`, item));
  }

  #wrong(name: string): SettingsError {
    return new SettingsError(`${capitalise(this.#what)} should have a proper "${name}".`);
  }
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
