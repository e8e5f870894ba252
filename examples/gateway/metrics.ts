import { Counter, Gauge, Histogram, Registry } from "prom-client";

import type { MeterStore } from "../../sdk/node/index.js";
import type { Chain } from "./chain.js";

const BUCKETS = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120];

const READ_EVERY = 15_000; // milliseconds

/** Figures of a gateway for Prometheus. Values are in OPA wei, times in seconds. */
export class Metrics {
  readonly registry = new Registry();
  /** Settlements so far. */
  #rounds = 0;
  readonly #served = this.#counter("opa_served_total", "Requests answered", ["endpoint", "model"]);
  readonly #repeated = this.#counter("opa_repeated_total", "Answers sent again", ["endpoint"]);
  readonly #refused = this.#counter("opa_refused_total", "Requests refused", ["code"]);
  readonly #estimated = this.#counter(
    "opa_estimated_total",
    "Answers whose use the model did not state",
    ["model"],
  );
  readonly #overstated = this.#counter(
    "opa_overstated_total",
    "Answers whose model stated more use than was admitted",
    ["model"],
  );
  readonly #uncounted = this.#counter(
    "opa_uncounted_total",
    "Answers that the store did not take until the lease was over",
    [],
  );
  readonly #broken = this.#counter("opa_broken_total", "Answers that the model broke off", [
    "model",
  ]);
  readonly #transactions = this.#counter("opa_transactions_total", "Settlements mined", []);
  readonly #gas = this.#counter("opa_gas_total", "Gas used by settlements", []);
  readonly #failures = this.#counter("opa_settlement_failures_total", "Rounds that failed", []);
  readonly #duration = new Histogram({
    ...{ name: "opa_request_seconds", help: "Time until an answer", buckets: BUCKETS },
    ...{ labelNames: ["endpoint"], registers: [this.registry] },
  });

  /**
   * Adds figures that are read from the store when somebody looks. All accounts are read for them, so they are read again
   * only after a settlement or once they are `readEvery` milliseconds old, however often somebody looks.
   */
  watch(
    store: Pick<MeterStore, "lines" | "due" | "pending">,
    chain: Pick<Chain, "epoch" | "prices">,
    readEvery = READ_EVERY,
  ): void {
    const registers = [this.registry];
    const lines = this.#remember(() => store.lines(), readEvery);
    const oldest = this.#remember(async () => {
      const [due] = await store.due({ limit: 1 });
      const pending = await store.pending({ all: true });
      return [
        ...(due ? [due.priceEpoch] : []),
        ...pending.map(({ signed }) => signed.statement.priceEpoch),
      ];
    }, readEvery);
    new Gauge({
      ...{ name: "opa_unsettled_wei", help: "Value served and not settled, by account" },
      ...{ labelNames: ["account"], registers },
      async collect() {
        this.reset();
        const values = new Map<string, bigint>();
        for (const { account, resource, open } of await lines()) {
          if (open === 0n) continue;
          const value = (values.get(account) ?? 0n) + open * (chain.prices.get(resource) ?? 0n);
          values.set(account, value);
        }
        for (const [account, value] of values) this.set({ account }, Number(value));
      },
    });
    new Gauge({
      ...{ name: "opa_oldest_unsettled_epoch", help: "Epoch of the oldest use not settled" },
      registers,
      async collect() {
        const epochs = await oldest();
        this.set(Number(epochs.reduce((low, epoch) => (epoch < low ? epoch : low), chain.epoch)));
      },
    });
    new Gauge({
      ...{ name: "opa_epoch", help: "Running epoch of the chain", registers },
      collect() {
        this.set(Number(chain.epoch));
      },
    });
  }

  served(endpoint: string, model: string, seconds: number): void {
    this.#served.inc({ endpoint, model });
    this.#duration.observe({ endpoint }, seconds);
  }

  repeated(endpoint: string): void {
    this.#repeated.inc({ endpoint });
  }

  refused(code: string): void {
    this.#refused.inc({ code });
  }

  estimated(model: string): void {
    this.#estimated.inc({ model });
  }

  overstated(model: string): void {
    this.#overstated.inc({ model });
  }

  uncounted(): void {
    this.#uncounted.inc();
  }

  broken(model: string): void {
    this.#broken.inc({ model });
  }

  settled(transactions: number, gasUsed: bigint): void {
    this.#rounds += 1;
    this.#transactions.inc(transactions);
    this.#gas.inc(Number(gasUsed));
  }

  failed(): void {
    this.#failures.inc();
  }

  #counter(name: string, help: string, labelNames: string[]): Counter {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  /** A reading that is made again once it is old; one at a time, and a failed one is none. */
  #remember<T>(read: () => Promise<T>, every: number): () => Promise<T> {
    let last:
      { readonly reading: Promise<T>; readonly at: number; readonly round: number } | undefined;
    return () => {
      const now = performance.now();
      if (last && now - last.at < every && last.round === this.#rounds) return last.reading;
      const next = { reading: read(), at: now, round: this.#rounds };
      last = next;
      next.reading.catch(() => {
        if (last === next) last = undefined;
      });
      return next.reading;
    };
  }
}
