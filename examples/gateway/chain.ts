import { readEpoch, type Contracts, type Use } from "../../sdk/index.js";

const KNOWN_FOR = 1_000; // milliseconds

/** What the chain said last of its epoch and prices. */
export interface Moment {
  readonly epoch: bigint;
  /** Seconds until the next epoch begins, by the chain's clock. */
  readonly secondsLeft: number;
  /** OPA wei for a unit of each resource in this epoch. */
  readonly prices: ReadonlyMap<bigint, bigint>;
}

/** The epoch and its prices, read at most once a second. The epoch never goes back, whichever node answers. */
export class Chain {
  readonly #contracts: Contracts;
  readonly #resources: readonly bigint[];
  #moment: Moment | undefined;
  #readAt = 0;
  #reading: Promise<Moment> | undefined;

  constructor(contracts: Contracts, resources: readonly bigint[]) {
    this.#contracts = contracts;
    this.#resources = resources;
  }

  /** When the chain was last read, in milliseconds since 1970. */
  get readAt(): number {
    return this.#readAt;
  }

  /** What the chain says now. */
  async now(): Promise<Moment> {
    if (this.#moment && Date.now() - this.#readAt < KNOWN_FOR) return this.#moment;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** The epoch that use is counted in: the latest that was ever read. */
  get epoch(): bigint {
    if (!this.#moment) throw new Error("The chain was not read yet.");
    return this.#moment.epoch;
  }

  /** First second after the settlement window of an epoch. */
  async lastChance(epoch: bigint): Promise<bigint> {
    const { settlement } = this.#contracts;
    const [genesis, duration, window] = await Promise.all([
      settlement.GENESIS(),
      settlement.EPOCH_DURATION(),
      settlement.SETTLEMENT_WINDOW(),
    ]);
    return genesis + (epoch + 1n + window) * duration;
  }

  /** What uses of the gateway's resources cost at the prices read last. */
  chargeFor(uses: readonly Use[]): bigint {
    return uses.reduce(
      (sum, { resource, units }) => sum + (this.#moment?.prices.get(resource) ?? 0n) * units,
      0n,
    );
  }

  async #read(): Promise<Moment> {
    const { settlement, registry } = this.#contracts;
    const block = await settlement.runner?.provider?.getBlock("latest");
    if (!block) throw new Error("The node knows no block.");
    const { number, end } = await readEpoch(this.#contracts);
    const epoch = this.#moment && this.#moment.epoch > number ? this.#moment.epoch : number;
    const prices = await Promise.all(
      this.#resources.map(async (resource) => {
        return [resource, await registry.unitPriceOf(resource, epoch)] as const;
      }),
    );
    const secondsLeft = Math.max(0, Number(end) - block.timestamp);
    this.#moment = { epoch, secondsLeft, prices: new Map(prices) };
    this.#readAt = Date.now();
    return this.#moment;
  }
}
