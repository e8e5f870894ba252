import { readFile } from "node:fs/promises";

import { getAddress } from "ethers";
import JSON5 from "json5";

import { BATCH_GAS, USAGE_KINDS, type UsageTable } from "../../sdk/index.js";
import { LIMIT_FIELDS, type LimitField } from "./models/upstream.js";

/** Who calls with an API key, and on whose account. */
export interface ConsumerSettings {
  /** Name in logs and in the names of calls. */
  readonly name: string;
  /** SHA-256 of the API key, in hexadecimal; the API key itself is nowhere kept. */
  readonly apiKeySha256: string;
  /** Account that is charged. */
  readonly account: string;
  /** Private key that signs for this consumer's use: of a key of the account, or of the signer of its mandates. */
  readonly signerKey: string;
}

/** A model that the gateway serves. */
export type ModelSettings = {
  readonly name: string;
  /** Registered provider that serves it. */
  readonly provider: string;
  /** Largest answer in tokens, also if a client asks for more. */
  readonly maxTokens: number;
} & (
  | {
      readonly kind: "stand-in";
      /** Milliseconds that an answer takes. */
      readonly delay: number;
      /** Whether it thinks before it answers, in tokens that are counted. */
      readonly reasoning: boolean;
    }
  | {
      readonly kind: "upstream";
      /** Address of a server with OpenAI's interface, up to the version. */
      readonly url: string;
      /** Name of the model there. */
      readonly model: string;
      readonly apiKey: string | undefined;
      /** Field in which its server takes the largest answer in tokens. */
      readonly limitField: LimitField;
      /** Milliseconds until an answer is given up. */
      readonly timeout: number;
    }
);

/** Where calls, answers, totals and statements are kept. */
export type StoreSettings =
  /** Folder of the journal, for one gateway. */
  | { readonly kind: "journal"; readonly folder: string }
  /** Address of a PostgreSQL database, for any number of gateways. */
  | {
      readonly kind: "postgres";
      readonly url: string;
      /** Schema of the tables. Each deployment has its own. */
      readonly schema: string;
    };

/** Settings of a gateway. */
export interface Settings {
  readonly rpcUrl: string;
  /** Milliseconds to wait for an answer of the node. */
  readonly rpcTimeout: number;
  /** Settlement contract; every other address follows from it. */
  readonly settlement: string;
  readonly store: StoreSettings;
  readonly host: string;
  readonly port: number;
  /** Private key that pays the gas of settlements. */
  readonly submitterKey: string;
  /** OPA wei that may be served by one provider, for all accounts, and not yet be settled. */
  readonly limitPerProvider: bigint;
  /** OPA wei that may be served to one account and not yet be settled, so that a debtor closes the door to itself alone. */
  readonly limitPerAccount: bigint;
  /** Most gas of a transaction. */
  readonly gasCap: bigint;
  /** Most that a fee is, as a multiple of the fee that the node suggests at the time. */
  readonly maxFeeRaise: number;
  /** Milliseconds between settlements. */
  readonly settleEvery: number;
  /** Milliseconds for which an authorisation by the chain is believed. */
  readonly authorizeFor: number;
  /** Seconds that the chain's latest block may be ahead of this machine's clock; more than that is refused. */
  readonly maxClockLead: number;
  /** Milliseconds after which a repeat of a request is served anew, because the gateway that began it has probably died. */
  readonly lease: number;
  /** Whether requests without an `Idempotency-Key` are refused, so that no client's repeat can be counted twice. */
  readonly requireIdempotencyKey: boolean;
  /** Resource id of each kind of token, or `"ignore"` for kinds that are given away. */
  readonly resources: UsageTable & { readonly input: bigint; readonly output: bigint };
  readonly models: readonly ModelSettings[];
  readonly consumers: readonly ConsumerSettings[];
}

/** A mistake in the settings, in one sentence. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

/** The settings as text. It has private keys in it, so keep its file private. */
export function renderSettings(settings: Settings): string {
  const plain = (_: string, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value;
  return `${JSON.stringify(settings, plain, 2)}\n`;
}

/**
 * Reads settings from a file of JSON5. A secret can be written as `{ env: "NAME" }`, and is then taken from the environment.
 *
 * @throws {SettingsError} if a setting is missing, makes no sense, or is not known.
 */
export async function readSettings(
  file: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Settings> {
  let content: unknown;
  try {
    content = JSON5.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw new SettingsError(`The settings in ${file} cannot be read.`, { cause: error });
  }
  return parseSettings(content, environment);
}

/** Settings from the content of a file. @throws {SettingsError} as {@link readSettings} does. */
export function parseSettings(
  content: unknown,
  environment: Readonly<Record<string, string | undefined>>,
): Settings {
  const all = new Fields("the settings", content, environment);
  const settings: Settings = {
    rpcUrl: all.secret("rpcUrl"),
    rpcTimeout: all.count("rpcTimeout", 15_000),
    settlement: all.address("settlement"),
    store: readStore(all.fields("store")),
    host: all.text("host", "127.0.0.1"),
    port: all.count("port"),
    submitterKey: all.privateKey("submitterKey"),
    limitPerProvider: all.amount("limitPerProvider"),
    limitPerAccount: all.amount("limitPerAccount"),
    gasCap: all.has("gasCap") ? all.amount("gasCap") : BATCH_GAS,
    maxFeeRaise: all.count("maxFeeRaise", 6),
    settleEvery: all.count("settleEvery"),
    authorizeFor: all.count("authorizeFor"),
    maxClockLead: all.count("maxClockLead", 60),
    lease: all.count("lease", 600_000),
    requireIdempotencyKey: all.flag("requireIdempotencyKey", false),
    resources: readResources(all.fields("resources")),
    models: all.list("models").map(readModel),
    consumers: all.list("consumers").map((consumer) => {
      const settings = {
        name: consumer.match("name", /^[\w.-]{1,64}$/),
        apiKeySha256: consumer.match("apiKeySha256", /^[0-9a-f]{64}$/),
        account: consumer.address("account"),
        signerKey: consumer.privateKey("signerKey"),
      };
      consumer.requireEnd();
      return settings;
    }),
  };
  all.requireEnd();
  return settings;
}

function readStore(store: Fields): StoreSettings {
  const kind = store.match("kind", /^(journal|postgres)$/);
  const settings: StoreSettings =
    kind === "journal"
      ? { kind: "journal", folder: store.text("folder") }
      : {
          kind: "postgres",
          url: store.secret("url"),
          schema: store.match("schema", /^[a-z_][a-z0-9_]{0,40}$/, "opa_meter"),
        };
  store.requireEnd();
  return settings;
}

function readResources(resources: Fields): Settings["resources"] {
  const table = Object.fromEntries(
    USAGE_KINDS.flatMap((kind) => {
      const resource = resources.resource(kind);
      return resource === undefined ? [] : [[kind, resource] as const];
    }),
  );
  const [input, output] = [resources.amount("input"), resources.amount("output")];
  resources.requireEnd();
  return { ...table, input, output };
}

function readModel(model: Fields): ModelSettings {
  const common = {
    name: model.text("name"),
    provider: model.address("provider"),
    maxTokens: model.count("maxTokens", 4_096),
  };
  const kind = model.match("kind", /^(stand-in|upstream)$/);
  const settings: ModelSettings =
    kind === "stand-in"
      ? {
          ...common,
          kind: "stand-in",
          delay: model.count("delay"),
          reasoning: model.flag("reasoning"),
        }
      : {
          ...common,
          kind: "upstream",
          url: model.match("url", /^https?:\/\/.+$/),
          model: model.text("model"),
          apiKey: model.has("apiKey") ? model.secret("apiKey") : undefined,
          limitField: model.oneOf("limitField", LIMIT_FIELDS, "max_tokens"),
          timeout: model.count("timeout", 300_000),
        };
  model.requireEnd();
  return settings;
}

/** Fields of an object that somebody else wrote. No message repeats a value, which may be a secret. */
class Fields {
  readonly #what: string;
  readonly #content: Readonly<Record<string, unknown>>;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #read = new Set<string>();

  constructor(
    what: string,
    content: unknown,
    environment: Readonly<Record<string, string | undefined>>,
  ) {
    if (typeof content !== "object" || content === null || Array.isArray(content))
      throw new SettingsError(`${capitalise(what)} should be an object.`);
    this.#what = what;
    this.#content = content as Readonly<Record<string, unknown>>;
    this.#environment = environment;
  }

  has(name: string): boolean {
    return this.#content[name] !== undefined;
  }

  text(name: string, otherwise?: string): string {
    return this.match(name, /^.+$/, otherwise);
  }

  match(name: string, pattern: RegExp, otherwise?: string): string {
    const value = this.#take(name) ?? otherwise;
    if (typeof value !== "string" || !pattern.test(value)) throw this.#wrong(name);
    return value;
  }

  oneOf<T extends string>(name: string, values: readonly T[], otherwise: T): T {
    const value = this.#take(name) ?? otherwise;
    const found = values.find((known) => known === value);
    if (found === undefined) throw this.#wrong(name);
    return found;
  }

  /** Text, or the name of a variable of the environment that holds it. */
  secret(name: string, pattern = /^.+$/): string {
    const value = this.#take(name);
    if (typeof value === "string" && pattern.test(value)) return value;
    const variable = (value as { env?: unknown } | null | undefined)?.env;
    if (typeof variable !== "string") throw this.#wrong(name);
    const secret = this.#environment[variable];
    if (secret === undefined)
      throw new SettingsError(`The environment has no ${variable}, which ${this.#what} ask for.`);
    if (!pattern.test(secret))
      throw new SettingsError(`The environment's ${variable} is no proper "${name}".`);
    return secret;
  }

  privateKey(name: string): string {
    return this.secret(name, /^0x[0-9a-fA-F]{64}$/);
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

  resource(name: string): bigint | "ignore" | undefined {
    const value = this.#take(name);
    if (value === undefined || value === "ignore") return value;
    if (typeof value !== "string" || !/^\d{1,10}$/.test(value)) throw this.#wrong(name);
    return BigInt(value);
  }

  count(name: string, otherwise?: number): number {
    const value = this.#take(name) ?? otherwise;
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
      throw this.#wrong(name);
    return value;
  }

  flag(name: string, otherwise?: boolean): boolean {
    const value = this.#take(name) ?? otherwise;
    if (typeof value !== "boolean") throw this.#wrong(name);
    return value;
  }

  fields(name: string): Fields {
    return new Fields(`${name} in ${this.#what}`, this.#take(name), this.#environment);
  }

  list(name: string): Fields[] {
    const value = this.#take(name);
    if (!Array.isArray(value) || value.length === 0) throw this.#wrong(name);
    return value.map(
      (item: unknown) => new Fields(`each of ${name} in ${this.#what}`, item, this.#environment),
    );
  }

  /** @throws {SettingsError} if there is a field that nobody asked for, which may be a misspelt one. */
  requireEnd(): void {
    const left = Object.keys(this.#content).find((name) => !this.#read.has(name));
    if (left !== undefined)
      throw new SettingsError(`${capitalise(this.#what)} should have no "${left}".`);
  }

  #take(name: string): unknown {
    this.#read.add(name);
    return this.#content[name];
  }

  #wrong(name: string): SettingsError {
    return new SettingsError(`${capitalise(this.#what)} should have a proper "${name}".`);
  }
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
