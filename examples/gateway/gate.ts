import type { Reason, Use } from "../../sdk/index.js";
import type { MeterStore } from "../../sdk/node/index.js";
import type { Chain } from "./chain.js";
import type { Consumer } from "./consumers.js";
import { refusalOf } from "./refusal.js";

/** Asks the chain whether use would settle now, beyond what is settled. */
export type Authorize = (request: {
  readonly account: string;
  readonly key: string;
  readonly provider: string;
  readonly uses: readonly Use[];
}) => Promise<Reason>;

/** Units beyond the settled ones that the chain allowed, and until when that is believed. */
interface Grant {
  readonly units: ReadonlyMap<bigint, bigint>;
  /** Milliseconds of the monotonic clock. */
  readonly until: number;
}

const AHEAD = 8n; // requests of the same size that one question to the chain is asked for

/**
 * Asks the chain whether the open use of an account would settle, with the request that was begun last. A short belief in
 * its answer saves most of the questions. The cost of a question depends on the account's own lines, and not on how many
 * accounts there are.
 *
 * Use of several providers of an account is judged as use of the provider that is asked for. So an account with
 * reservations can be refused early, and never late.
 */
export class Gate {
  readonly #chain: Pick<Chain, "now" | "priceIn">;
  readonly #store: Pick<MeterStore, "exposure" | "unsettled">;
  readonly #authorize: Authorize;
  readonly #believeFor: number;
  readonly #grants = new Map<string, Map<string, Grant>>();
  readonly #questions = new Map<string, Promise<unknown>>();
  /** Goes up when what an account settled changes, so that an older answer is not believed. */
  readonly #rounds = new Map<string, number>();

  constructor(options: {
    readonly chain: Pick<Chain, "now" | "priceIn">;
    readonly store: Pick<MeterStore, "exposure" | "unsettled">;
    readonly authorize: Authorize;
    /** Milliseconds. */
    readonly believeFor: number;
  }) {
    this.#chain = options.chain;
    this.#store = options.store;
    this.#authorize = options.authorize;
    this.#believeFor = options.believeFor;
  }

  /** Lets a call through that was begun in the store. `uses` is the most that it can use. @throws {Refusal} otherwise. */
  async admit(consumer: Consumer, provider: string, uses: readonly Use[]): Promise<void> {
    const { secondsLeft } = await this.#chain.now();
    const reason = await this.#ask(consumer, provider, uses);
    if (reason.code !== 0n) throw refusalOf(reason, secondsLeft);
  }

  /** Has the chain asked again for an account, because something of it was settled. */
  forget(account: string): void {
    this.#rounds.set(account, this.#roundOf(account) + 1);
    this.#grants.delete(account);
  }

  /** The chain's answer, or an earlier one that covers the request. One question at a time for each key and provider. */
  async #ask(consumer: Consumer, provider: string, uses: readonly Use[]): Promise<Reason> {
    const { account, signer } = consumer;
    const name = `${account} ${signer.address} ${provider}`;
    const turn = (this.#questions.get(name) ?? Promise.resolve()).then(async () => {
      const grant = this.#grants.get(account)?.get(name);
      const wanted = await this.#openUnits(account);
      if (grant && grant.until > performance.now() && covers(grant.units, wanted)) return NONE;
      if (wanted.size === 0) return NONE;

      const round = this.#roundOf(account);
      const ahead = add(wanted, uses, AHEAD - 1n);
      for (const units of [ahead, wanted]) {
        const asked = [...units].map(([resource, amount]) => ({ resource, units: amount }));
        const reason = await this.#authorize({
          ...{ account, key: signer.address, provider, uses: asked },
        });
        if (reason.code !== 0n && units === wanted) return reason;
        if (reason.code !== 0n) continue;
        if (round === this.#roundOf(account)) {
          const grants = this.#grants.get(account) ?? new Map<string, Grant>();
          grants.set(name, { units, until: performance.now() + this.#believeFor });
          this.#grants.set(account, grants);
        }
        break;
      }
      return NONE;
    });
    const settled = turn.catch(() => undefined);
    this.#questions.set(name, settled);
    void settled.then(() => {
      if (this.#questions.get(name) === settled) this.#questions.delete(name);
    });
    return turn;
  }

  /**
   * Units that an account has used or is using and has not settled, at least as dear as they will be. Use of an earlier
   * epoch with a higher price counts for more units of this epoch. A resource that has no price any more is left out: its
   * use settles at its own epoch or never, and must not keep the account from others.
   */
  async #openUnits(account: string): Promise<Map<bigint, bigint>> {
    const { epoch, prices } = await this.#chain.now();
    const open = (await this.#store.exposure({ account })).filter(({ resource }) =>
      prices.has(resource),
    );
    const older = (await this.#store.unsettled({ account })).filter((use) => use.epoch < epoch);
    const dearer = await Promise.all(
      older.map(async ({ epoch: served, resource, units }) => {
        const price = prices.get(resource);
        const before = price && (await this.#chain.priceIn(served, resource));
        if (!price || !before || before <= price) return { resource, units: 0n };
        return { resource, units: (units * (before - price) + price - 1n) / price };
      }),
    );
    return add(new Map(), [...open, ...dearer]);
  }

  #roundOf(account: string): number {
    return this.#rounds.get(account) ?? 0;
  }
}

const NONE: Reason = { code: 0n, name: "None", outlook: "done" };

function add(
  units: ReadonlyMap<bigint, bigint>,
  uses: readonly Use[],
  times = 1n,
): Map<bigint, bigint> {
  const sum = new Map(units);
  for (const { resource, units: more } of uses)
    if (more > 0n) sum.set(resource, (sum.get(resource) ?? 0n) + more * times);
  return sum;
}

function covers(
  granted: ReadonlyMap<bigint, bigint>,
  wanted: ReadonlyMap<bigint, bigint>,
): boolean {
  return [...wanted].every(([resource, units]) => units <= (granted.get(resource) ?? 0n));
}
