import { type Mandate, type Reason, type Use } from "../../sdk/index.js";
import type { MeterStore } from "../../sdk/node/index.js";
import type { Chain } from "./chain.js";
import type { Consumer } from "./consumers.js";
import { Refusal, refusalOf, refusalOfUnpriced } from "./refusal.js";

/** Questions to the chain. */
export interface GateChain {
  /** Whether use would settle now, beyond the settled use. */
  authorize(request: {
    readonly account: string;
    readonly key: string;
    readonly provider: string;
    readonly uses: readonly Use[];
  }): Promise<Reason>;
  /** The mandate of an account for a provider. */
  mandate(account: string, provider: string): Promise<Mandate | undefined>;
  /** Why a signer may burn nothing but a mandate; `None` if it is the account or a key of it. */
  keyReason(account: string, signer: string): Promise<Reason>;
}

/** Parts of a gate. */
export interface GateOptions {
  readonly chain: Pick<Chain, "now" | "priceIn">;
  readonly store: Pick<MeterStore, "exposure" | "unsettled">;
  readonly ask: GateChain;
  /** Milliseconds for which an answer of the chain is believed. */
  readonly believeFor: number;
}

/** Units beyond the settled ones that the chain allowed, and until when that is believed. */
interface Grant {
  readonly units: ReadonlyMap<bigint, bigint>;
  /** Whether a mandate pays for all of them. */
  readonly isMandated: boolean;
  /** Milliseconds of the monotonic clock. */
  readonly until: number;
}

/** A mandate, or that there is none, and until when that is believed. */
interface KnownMandate {
  readonly mandate: Mandate | undefined;
  readonly until: number;
}

/** Requests of the same size that a first question is asked for; twice as many after each that is granted, one after a refusal. */
const AHEAD = { first: 8n, most: 4_096n };
const MANDATE_KNOWN_FOR = 10_000; // milliseconds; it gets smaller by settlements alone, which have it read again

/**
 * Asks the chain whether the open use of an account would settle, with the request that was begun last. A short belief in
 * its answer saves most of the questions. The cost of a question depends on the account's own lines, and not on how many
 * accounts there are.
 *
 * A mandate that names the consumer's key pays for use of its provider alone, so use of other providers and the account's
 * other limits do not count as long as it lasts. Otherwise all open use of the account is judged as use of the provider that
 * is asked for: an account can be refused early, and never late.
 */
export class Gate {
  readonly #chain: GateOptions["chain"];
  readonly #store: GateOptions["store"];
  readonly #chainSays: GateChain;
  readonly #believeFor: number;
  readonly #grants = new Map<string, Map<string, Grant>>();
  readonly #mandates = new Map<string, Map<string, KnownMandate>>();
  /** Requests that the next question of a key at a provider is asked for. */
  readonly #ahead = new Map<string, bigint>();
  readonly #questions = new Map<string, Promise<unknown>>();
  /** Goes up when settled totals of an account change, so that an older answer is not believed. */
  readonly #rounds = new Map<string, number>();

  constructor({ chain, store, ask, believeFor }: GateOptions) {
    this.#chain = chain;
    this.#store = store;
    this.#chainSays = ask;
    this.#believeFor = believeFor;
  }

  /** Lets a call through that was begun in the store. `uses` is the most that it can use. @throws {Refusal} otherwise. */
  async admit(consumer: Consumer, provider: string, uses: readonly Use[]): Promise<void> {
    const { secondsLeft, prices } = await this.#chain.now();
    const unpriced = uses.find(({ resource, units }) => units > 0n && !prices.has(resource));
    if (unpriced) throw refusalOfUnpriced(unpriced.resource);
    const reason = await this.#ask(consumer, provider, uses);
    if (reason.code !== 0n) throw refusalOf(reason, secondsLeft);
  }

  /** Has the chain asked again for an account, because something of it was settled. */
  forget(account: string): void {
    this.#rounds.set(account, this.#roundOf(account) + 1);
    this.#grants.delete(account);
    this.#mandates.delete(account);
  }

  /** The chain's answer, or an earlier one that covers the request. One question at a time for each key and provider. */
  async #ask(consumer: Consumer, provider: string, uses: readonly Use[]): Promise<Reason> {
    const name = `${consumer.account} ${consumer.signer.address} ${provider}`;
    const turn = (this.#questions.get(name) ?? Promise.resolve()).then(() =>
      this.#decide(name, consumer, provider, uses),
    );
    const settled = turn.catch(() => undefined);
    this.#questions.set(name, settled);
    void settled.then(() => {
      if (this.#questions.get(name) === settled) this.#questions.delete(name);
    });
    return turn;
  }

  async #decide(
    name: string,
    { account, signer }: Consumer,
    provider: string,
    uses: readonly Use[],
  ): Promise<Reason> {
    const mandate = await this.#mandateOf(account, provider, signer.address);
    const most = mandate?.amount ?? 0n; // OPA wei
    const own = mandate && (await this.#openUnits(account, provider, signer.address));
    const isMandated = own !== undefined && (await this.#valueOf(own)) <= most;
    const wanted = isMandated ? own : await this.#openUnits(account);
    const grant = this.#grants.get(account)?.get(name);
    const isKnown = grant && grant.until > performance.now() && grant.isMandated === isMandated;
    if (isKnown && covers(grant.units, wanted)) return NONE;
    if (wanted.size === 0) return NONE;

    const round = this.#roundOf(account);
    const times = this.#ahead.get(name) ?? AHEAD.first;
    const ahead = add(wanted, uses, times - 1n);
    const isWithin = times > 1n && (!isMandated || (await this.#valueOf(ahead)) <= most);
    for (const units of isWithin ? [ahead, wanted] : [wanted]) {
      const reason = await this.#chainSays.authorize({
        ...{ account, key: signer.address, provider },
        uses: [...units].map(([resource, amount]) => ({ resource, units: amount })),
      });
      if (reason.code !== 0n && units === wanted) return reason;
      if (reason.code !== 0n) {
        this.#ahead.set(name, 1n);
        continue;
      }
      if (units === ahead || times === 1n)
        this.#ahead.set(name, times < AHEAD.most ? times * 2n : times);
      if (round === this.#roundOf(account)) {
        const grants = this.#grants.get(account) ?? new Map<string, Grant>();
        grants.set(name, { units, isMandated, until: performance.now() + this.#believeFor });
        this.#grants.set(account, grants);
      }
      break;
    }
    return NONE;
  }

  /**
   * The mandate that pays for a signer's use of a provider, as long as it is promised.
   *
   * @throws {Refusal} if the promise has ended and nothing else pays, or if another signer could settle this use first at
   * the price of an earlier epoch.
   */
  async #mandateOf(
    account: string,
    provider: string,
    signer: string,
  ): Promise<Mandate | undefined> {
    const known = this.#mandates.get(account)?.get(provider);
    const round = this.#roundOf(account);
    let mandate = known?.mandate;
    if (!known || known.until <= performance.now()) {
      mandate = await this.#chainSays.mandate(account, provider);
      if (round === this.#roundOf(account)) {
        const mandates = this.#mandates.get(account) ?? new Map<string, KnownMandate>();
        mandates.set(provider, { mandate, until: performance.now() + MANDATE_KNOWN_FOR });
        this.#mandates.set(account, mandates);
      }
    }
    const { epoch, time } = await this.#chain.now();
    if (!mandate) return undefined;
    if (mandate.signer !== signer) {
      if (mandate.priceEpoch >= epoch) return undefined;
      throw new Refusal(
        403,
        "OtherMandate",
        `The account's mandate for this provider names ${mandate.signer}, which can sign for this use at the price of ` +
          `epoch ${mandate.priceEpoch}: the account has to release it, or call with that key.`,
      );
    }
    if (mandate.until >= time) return mandate;
    // Open use still settles from it, but new use may come too late for that.
    if ((await this.#chainSays.keyReason(account, signer)).code !== 0n)
      throw new Refusal(
        402,
        "MandateEnded",
        "The mandate for this key has ended; the account has to extend it.",
      );
    return undefined;
  }

  /** OPA wei of units of the running epoch. */
  async #valueOf(units: ReadonlyMap<bigint, bigint>): Promise<bigint> {
    const { prices } = await this.#chain.now();
    let value = 0n;
    for (const [resource, amount] of units) value += amount * (prices.get(resource) ?? 0n);
    return value;
  }

  /**
   * Units that an account has used or is using and has not settled, at least as dear as they will be. With a provider and a
   * signer, use by other keys and elsewhere is left out. Use of an earlier epoch with a higher price counts for more units
   * of this epoch. A resource without a price is left out too: its use settles at its own epoch or never, and must not keep
   * the account from others.
   */
  async #openUnits(
    account: string,
    provider?: string,
    signer?: string,
  ): Promise<Map<bigint, bigint>> {
    const { epoch, prices } = await this.#chain.now();
    const of = { account, ...(provider !== undefined && { provider }) };
    const open = (await this.#store.exposure(of)).filter(({ resource }) => prices.has(resource));
    const recorded = await this.#store.unsettled(of);
    const isOwn = (use: { signer: string }) => signer === undefined || use.signer === signer;
    const others = recorded
      .filter((use) => !isOwn(use) && prices.has(use.resource))
      .map(({ resource, units }) => ({ resource, units: -units }));
    const dearer = await Promise.all(
      recorded
        .filter((use) => use.epoch < epoch && isOwn(use))
        .map(async ({ epoch: served, resource, units }) => {
          const price = prices.get(resource);
          const before = price && (await this.#chain.priceIn(served, resource));
          if (!price || !before || before <= price) return { resource, units: 0n };
          return { resource, units: (units * (before - price) + price - 1n) / price };
        }),
    );
    return add(new Map(), [...open, ...others, ...dearer]);
  }

  #roundOf(account: string): number {
    return this.#rounds.get(account) ?? 0;
  }
}

const NONE: Reason = { code: 0n, name: "None", outlook: "done" };

/** Units with uses added, without resources of which there is nothing. */
function add(
  units: ReadonlyMap<bigint, bigint>,
  uses: readonly Use[],
  times = 1n,
): Map<bigint, bigint> {
  const sum = new Map(units);
  for (const { resource, units: more } of uses)
    sum.set(resource, (sum.get(resource) ?? 0n) + more * times);
  for (const [resource, amount] of sum) if (amount <= 0n) sum.delete(resource);
  return sum;
}

function covers(
  granted: ReadonlyMap<bigint, bigint>,
  wanted: ReadonlyMap<bigint, bigint>,
): boolean {
  return [...wanted].every(([resource, units]) => units <= (granted.get(resource) ?? 0n));
}
