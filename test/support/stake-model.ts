import { Refusal, refuseUnless as require, type Calendar } from "./calendar-model.js";

const BPS = 10_000n;
const DAY = 86_400n;
const UNBONDING_PERIOD = 21n * DAY;
const MAX_UNBONDINGS = 8;
const NODE_CAP_BPS = 1_000n;
const TOTAL_CAP_BPS = 500n;
const CAP_PERIOD = 7n * DAY;

/** Whether a provider can be used, by the numbers of `INodeRegistry.Status`. */
export const Status = { Unknown: 0n, Active: 1n, Inactive: 2n, Exiting: 3n } as const;

interface Stake {
  staked: bigint;
  unbondings: { amount: bigint; readyAt: bigint }[];
  status: bigint;
  exitAt: bigint;
}

/** Stakes of providers that all serve the same categories, as the interface describes them. */
export class StakeModel {
  readonly #calendar: Calendar;
  readonly #minimum: bigint;
  readonly #stakes = new Map<string, Stake>();
  readonly #slashes: { provider: string; at: bigint; amount: bigint }[] = [];

  constructor(calendar: Calendar, minimum: bigint) {
    this.#calendar = calendar;
    this.#minimum = minimum;
  }

  register(provider: string, amount: bigint): void {
    require(!this.#stakes.has(provider), "NodeRegistryAlreadyRegistered");
    require(amount >= this.#minimum, "NodeStakingBelowMinimum");
    const stake = { staked: amount, unbondings: [], status: Status.Active, exitAt: 0n };
    this.#stakes.set(provider, stake);
  }

  stake(provider: string, amount: bigint): void {
    const stake = this.#known(provider);
    require(amount !== 0n, "NodeStakingZeroAmount");
    stake.staked += amount;
  }

  requestUnbonding(provider: string, amount: bigint): void {
    const stake = this.#known(provider);
    require(amount !== 0n, "NodeStakingZeroAmount");
    require(amount <= stake.staked, "NodeStakingInsufficientStake");
    if (stake.status === Status.Active)
      require(stake.staked - amount >= this.#minimum, "NodeStakingBelowMinimum");
    require(stake.unbondings.length < MAX_UNBONDINGS ||
      amount === stake.staked, "NodeStakingTooManyRequests");

    this.#unbond(stake, amount);
  }

  exit(provider: string): void {
    const stake = this.#known(provider);
    require(stake.status === Status.Active, "NodeRegistryNotActive");

    stake.status = Status.Exiting;
    stake.exitAt = this.#calendar.now + UNBONDING_PERIOD;
    this.#unbond(stake, stake.staked);
  }

  activate(provider: string): void {
    const stake = this.#known(provider);
    require(stake.status !== Status.Active, "NodeRegistryStatusUnchanged");
    require(stake.staked >= this.#minimum, "NodeStakingBelowMinimum");
    stake.status = Status.Active;
  }

  deactivate(provider: string): void {
    const stake = this.#known(provider);
    require(this.statusOf(provider) !== Status.Inactive, "NodeRegistryStatusUnchanged");
    stake.status = Status.Inactive;
  }

  withdraw(provider: string): bigint {
    const stake = this.#stakes.get(provider);
    const ready = (stake?.unbondings ?? []).filter(({ readyAt }) => readyAt <= this.#calendar.now);
    require(stake !== undefined && ready.length !== 0, "NodeStakingNothingReady");

    stake?.unbondings.splice(0, ready.length);
    return ready.reduce((sum, { amount }) => sum + amount, 0n);
  }

  /** `others` is stake of providers that the model does not know. */
  slash(provider: string, bps: bigint, others = 0n): bigint {
    require(bps !== 0n && bps <= NODE_CAP_BPS, "NodeStakingInvalidShare");
    const { staked, unbonding } = this.stakeOf(provider);
    const demanded = ((staked + unbonding) * bps) / BPS;
    const slashable = this.slashableOf(provider, others);
    const amount = demanded < slashable ? demanded : slashable;
    require(amount !== 0n, "NodeStakingNothingToSlash");

    const stake = this.#known(provider);
    this.#slashes.push({ provider, at: this.#calendar.now, amount });
    let rest = amount;
    const take = (available: bigint) => {
      const taken = rest < available ? rest : available;
      rest -= taken;
      return available - taken;
    };
    stake.staked = take(stake.staked);
    for (const part of [...stake.unbondings].reverse()) part.amount = take(part.amount);
    stake.unbondings = stake.unbondings.filter((part) => part.amount !== 0n);
    if (stake.status === Status.Active && stake.staked < this.#minimum)
      stake.status = Status.Inactive;
    return amount;
  }

  stakeOf(provider: string): { staked: bigint; unbonding: bigint } {
    const { staked, unbondings } = this.#stakes.get(provider) ?? { staked: 0n, unbondings: [] };
    return { staked, unbonding: unbondings.reduce((sum, { amount }) => sum + amount, 0n) };
  }

  unbondingsOf(provider: string): readonly { amount: bigint; readyAt: bigint }[] {
    return this.#stakes.get(provider)?.unbondings ?? [];
  }

  statusOf(provider: string): bigint {
    const stake = this.#stakes.get(provider);
    if (!stake) return Status.Unknown;
    const hasLeft = stake.status === Status.Exiting && this.#calendar.now >= stake.exitAt;
    return hasLeft ? Status.Inactive : stake.status;
  }

  slashableOf(provider: string, others = 0n): bigint {
    const { staked, unbonding } = this.stakeOf(provider);
    const own = this.#capLeft(staked + unbonding, NODE_CAP_BPS, provider);
    const all = this.#capLeft(this.totalStake() + others, TOTAL_CAP_BPS);
    return own < all ? own : all;
  }

  totalStake(): bigint {
    return [...this.#stakes.keys()].reduce((sum, provider) => {
      const { staked, unbonding } = this.stakeOf(provider);
      return sum + staked + unbonding;
    }, 0n);
  }

  #unbond(stake: Stake, amount: bigint): void {
    if (amount === 0n) return;
    const readyAt = this.#calendar.now + UNBONDING_PERIOD;
    stake.staked -= amount;
    const last = stake.unbondings[MAX_UNBONDINGS - 1];
    if (!last) stake.unbondings.push({ amount, readyAt });
    else Object.assign(last, { amount: last.amount + amount, readyAt });
  }

  /** Amounts slashed in the period count as stake, so that slashing does not lower its own cap. */
  #capLeft(atStake: bigint, capBps: bigint, provider?: string): bigint {
    const used = this.#slashes
      .filter(({ at }) => at > this.#calendar.now - CAP_PERIOD)
      .filter((slash) => provider === undefined || slash.provider === provider)
      .reduce((sum, { amount }) => sum + amount, 0n);
    const cap = ((atStake + used) * capBps) / BPS;
    return cap > used ? cap - used : 0n;
  }

  #known(provider: string): Stake {
    const stake = this.#stakes.get(provider);
    if (!stake) throw new Refusal("NodeRegistryUnknownNode");
    return stake;
  }
}
