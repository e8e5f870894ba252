import type { Reason, SettlementPlanner, Use } from "../../sdk/index.js";
import type { UsageMeter } from "../../sdk/node/index.js";
import type { Chain } from "./chain.js";
import type { Consumer } from "./consumers.js";
import { Refusal, refusalOf } from "./refusal.js";

/** Asks the chain whether use would settle now, beyond what is settled. */
export type Authorize = (request: {
  readonly account: string;
  readonly key: string;
  readonly provider: string;
  readonly uses: readonly Use[];
}) => Promise<Reason>;

/** What is being served for somebody, until it is counted or given up. */
export interface Ticket {
  /** Ends the reservation of what was asked for. */
  release(): void;
}

interface Flight {
  readonly account: string;
  readonly provider: string;
  readonly uses: readonly Use[];
}

/** Units beyond what is settled that the chain allowed, and until when that is believed. */
interface Grant {
  readonly units: ReadonlyMap<bigint, bigint>;
  readonly until: number;
}

const AHEAD = 8n; // requests of the same size that one question to the chain is asked for
const SOON = 1; // second

/**
 * Decides what is served. The chain is asked for everything that the account has used and not settled, for what is being
 * served now, and for the request at its largest. A short belief in its answer saves most of the questions.
 *
 * All of it is judged as the use of the provider that is asked for. Use of several providers of an account with
 * reservations can so be refused early, and never late.
 */
export class Gate {
  readonly #chain: Pick<Chain, "now" | "chargeFor">;
  readonly #meter: Pick<UsageMeter, "lines" | "unsettled">;
  readonly #authorize: Authorize;
  readonly #risk: Pick<SettlementPlanner, "setExposure" | "canServe">;
  readonly #believeFor: number;
  readonly #flights = new Set<Flight>();
  readonly #grants = new Map<string, Grant>();
  readonly #questions = new Map<string, Promise<unknown>>();
  /** Goes up when what an account settled changes, so that an older answer is not believed. */
  readonly #rounds = new Map<string, number>();

  constructor(options: {
    readonly chain: Pick<Chain, "now" | "chargeFor">;
    readonly meter: Pick<UsageMeter, "lines" | "unsettled">;
    readonly authorize: Authorize;
    /** Knows how much a provider may have served and not settled. */
    readonly risk: Pick<SettlementPlanner, "setExposure" | "canServe">;
    /** Milliseconds. */
    readonly believeFor: number;
  }) {
    this.#chain = options.chain;
    this.#meter = options.meter;
    this.#authorize = options.authorize;
    this.#risk = options.risk;
    this.#believeFor = options.believeFor;
  }

  /** Lets a request through that can use at most so much. @throws {Refusal} if it cannot be served. */
  async admit(consumer: Consumer, provider: string, uses: readonly Use[]): Promise<Ticket> {
    const { secondsLeft } = await this.#chain.now();
    const flight = { account: consumer.account, provider, uses };
    // The meter and what is being served say it anew each time, so that nothing has to be remembered.
    this.#risk.setExposure(provider, this.exposureOf(provider));
    const isWithinRisk = this.#risk.canServe(provider, this.#chain.chargeFor(uses));
    this.#flights.add(flight);
    try {
      if (!isWithinRisk)
        throw new Refusal(
          429,
          "ValueAtRisk",
          "The provider has served as much as it does before it is settled; ask again soon.",
          undefined,
          SOON,
        );
      const reason = await this.#ask(consumer, flight);
      if (reason.code !== 0n) throw refusalOf(reason, secondsLeft);
      return { release: () => this.#flights.delete(flight) };
    } catch (error) {
      this.#flights.delete(flight);
      throw error;
    }
  }

  /** Has the chain asked again for an account, because something of it was settled. */
  forget(account: string): void {
    this.#rounds.set(account, this.#roundOf(account) + 1);
    for (const key of this.#grants.keys()) if (key.startsWith(account)) this.#grants.delete(key);
  }

  /** OPA wei of what a provider has served, or is serving, and has not settled. */
  exposureOf(provider: string): bigint {
    const accounts = new Set(this.#meter.lines().map(({ account }) => account));
    const served = [...accounts].flatMap((account) => this.#meter.unsettled(account, provider));
    const flying = [...this.#flights].filter((flight) => flight.provider === provider);
    return this.#chain.chargeFor([...served, ...flying.flatMap(({ uses }) => uses)]);
  }

  /** The chain's answer, or an earlier one that covers the request. One question at a time for each consumer. */
  async #ask(consumer: Consumer, flight: Flight): Promise<Reason> {
    const name = `${consumer.account} ${consumer.signer.address} ${flight.provider}`;
    const turn = (this.#questions.get(name) ?? Promise.resolve()).then(async () => {
      const grant = this.#grants.get(name);
      const wanted = this.#openUnits(consumer.account);
      if (grant && grant.until > Date.now() && covers(grant.units, wanted)) return NONE;

      const round = this.#roundOf(consumer.account);
      const ahead = add(wanted, flight.uses, AHEAD - 1n);
      for (const units of [ahead, wanted]) {
        const uses = [...units].map(([resource, amount]) => ({ resource, units: amount }));
        const { account, signer } = consumer;
        const asked = { account, key: signer.address, provider: flight.provider, uses };
        const reason = await this.#authorize(asked);
        if (reason.code !== 0n && units === wanted) return reason;
        if (reason.code !== 0n) continue;
        if (round === this.#roundOf(account))
          this.#grants.set(name, { units, until: Date.now() + this.#believeFor });
        break;
      }
      return NONE;
    });
    this.#questions.set(
      name,
      turn.catch(() => undefined),
    );
    return turn;
  }

  /** Units that an account has used and not settled, with what is being served now. */
  #openUnits(account: string): Map<bigint, bigint> {
    const flying = [...this.#flights].filter((flight) => flight.account === account);
    return add(
      add(new Map(), this.#meter.unsettled(account)),
      flying.flatMap(({ uses }) => uses),
    );
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
