import type { Contracts, Use } from "../../sdk/index.js";
import { latestEpochBy } from "../../sdk/node/index.js";

const KNOWN_FOR = 1_000; // milliseconds
const PRICES_KNOWN_FOR = 30_000; // milliseconds

/** Epoch and prices, as the chain had them last. */
export interface Moment {
  readonly epoch: bigint;
  /** Time of the latest block, in seconds since 1970. */
  readonly time: bigint;
  /** Seconds until the next epoch begins, by the chain's clock. */
  readonly secondsLeft: number;
  /** OPA wei for a unit of each resource in this epoch; a retired resource has no price. */
  readonly prices: ReadonlyMap<bigint, bigint>;
}

/** Constants of a deployment, read once. */
interface Calendar {
  readonly genesis: bigint;
  readonly duration: bigint;
  readonly window: bigint;
}

/** How a chain is read. */
export interface ChainOptions {
  /** Resources whose prices are read. */
  readonly resources: readonly bigint[];
  /** Seconds that a block may be ahead of this machine's clock. */
  readonly maxClockLead: number;
  /** This machine's clock, in milliseconds since 1970. */
  readonly clock?: () => number;
}

/**
 * The epoch and its prices. The block is read at most once a second, prices when the epoch changes and twice a minute, and
 * constants never again. The epoch never goes back, whichever node answers. Intervals are measured
 * with a monotonic clock. A block that is too far ahead of the machine's clock is refused. Otherwise one wrong answer of a
 * node would put use in a far epoch, and have calls forgotten that clients may repeat.
 */
export class Chain {
  readonly #contracts: Contracts;
  readonly #resources: readonly bigint[];
  readonly #calendar: Calendar;
  readonly #maxClockLead: number;
  readonly #clock: () => number;
  /** Latest epoch that this machine's clock confirms, for the store. */
  readonly latestEpoch: () => bigint;
  #moment: Moment | undefined;
  #readAt = -Infinity;
  #pricesReadAt = -Infinity;
  #reading: Promise<Moment> | undefined;
  readonly #earlier = new Map<string, Promise<bigint | undefined>>();

  private constructor(contracts: Contracts, options: ChainOptions, calendar: Calendar) {
    const { resources, maxClockLead, clock = Date.now } = options;
    this.#contracts = contracts;
    this.#resources = resources;
    this.#calendar = calendar;
    this.#maxClockLead = maxClockLead;
    this.#clock = clock;
    const { genesis, duration } = calendar;
    this.latestEpoch = latestEpochBy(genesis, duration, () => clock() + maxClockLead * 1_000);
  }

  /** Reads the constants and the first moment. @throws if the node does not answer, or its block is refused. */
  static async open(contracts: Contracts, options: ChainOptions): Promise<Chain> {
    const { meter } = contracts;
    const [genesis, duration, window] = await Promise.all([
      meter.GENESIS(),
      meter.EPOCH_DURATION(),
      meter.SETTLEMENT_WINDOW(),
    ]);
    const chain = new Chain(contracts, options, { genesis, duration, window });
    await chain.now();
    return chain;
  }

  /** The present moment. @throws if the node does not answer, or its block is refused. */
  async now(): Promise<Moment> {
    if (this.#moment && performance.now() - this.#readAt < KNOWN_FOR) return this.#moment;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** The latest epoch that was ever read and not refused. */
  get epoch(): bigint {
    if (!this.#moment) throw new Error("The chain was not read yet.");
    return this.#moment.epoch;
  }

  /** Prices of {@link epoch}. */
  get prices(): ReadonlyMap<bigint, bigint> {
    return this.#moment?.prices ?? new Map();
  }

  /** First second after the settlement window of an epoch. */
  endOfWindow(epoch: bigint): bigint {
    const { genesis, duration, window } = this.#calendar;
    return genesis + (epoch + 1n + window) * duration;
  }

  /** Price of a resource in an earlier epoch, which never changes; undefined if it had none. */
  priceIn(epoch: bigint, resource: bigint): Promise<bigint | undefined> {
    const key = `${epoch} ${resource}`;
    const known = this.#earlier.get(key);
    if (known) return known;
    const price = this.#readPrice(epoch, resource);
    this.#earlier.set(key, price);
    price.catch(() => this.#earlier.delete(key));
    return price;
  }

  /** OPA wei that uses cost in this epoch, without those of a resource that has no price. */
  chargeFor(uses: readonly Use[]): bigint {
    return uses.reduce(
      (sum, { resource, units }) => sum + (this.prices.get(resource) ?? 0n) * units,
      0n,
    );
  }

  async #read(): Promise<Moment> {
    const { meter } = this.#contracts;
    const block = await meter.runner?.provider?.getBlock("latest");
    if (!block) throw new Error("The node knows no block.");
    this.#requireNear(block.timestamp);
    const { genesis, duration } = this.#calendar;
    const number = (BigInt(block.timestamp) - genesis) / duration;
    const before = this.#moment;
    const epoch = before && before.epoch > number ? before.epoch : number;
    const isFresh = performance.now() - this.#pricesReadAt < PRICES_KNOWN_FOR;
    const prices = before?.epoch === epoch && isFresh ? before.prices : await this.#prices(epoch);
    const end = genesis + (epoch + 1n) * duration;
    const secondsLeft = Math.max(0, Number(end) - block.timestamp);
    this.#moment = { epoch, time: BigInt(block.timestamp), secondsLeft, prices };
    this.#readAt = performance.now();
    return this.#moment;
  }

  #requireNear(timestamp: number): void {
    const lead = timestamp - Math.floor(this.#clock() / 1_000);
    if (lead <= this.#maxClockLead) return;
    throw new Error(
      `The node's latest block is ${lead} s ahead of this machine's clock, and maxClockLead allows ` +
        `${this.#maxClockLead} s: set the clock, or use another node.`,
    );
  }

  async #prices(epoch: bigint): Promise<Map<bigint, bigint>> {
    const prices = await Promise.all(
      this.#resources.map(
        async (resource) => [resource, await this.#readPrice(epoch, resource)] as const,
      ),
    );
    this.#pricesReadAt = performance.now();
    return new Map(
      prices.flatMap(([resource, price]) => (price === undefined ? [] : [[resource, price]])),
    );
  }

  async #readPrice(epoch: bigint, resource: bigint): Promise<bigint | undefined> {
    const { reason, unitPrice } = await this.#contracts.registry.termsByEpoch(resource, epoch);
    return reason === 0n ? unitPrice : undefined;
  }
}
