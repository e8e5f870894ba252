/** Attested and counted categories, in the order of `Contribution.Category`. */
export const CATEGORIES = [0, 1, 2, 3, 4] as const;

const BPS = 10_000n;
const PPM = 1_000_000n;
const GWEI = 10n ** 9n;
const DAY = 86_400n;
const HALF_LIFE = 90n;
const RETURN_DELAY = 365n * DAY;
const MAX_POINTS = 2n ** 56n - 1n;
const KAPPA = { minimum: 1_000n, maximum: 9_000n, stepBps: 2_000n, cooldown: 7n * DAY };
const NOTICE = 2n * DAY;
const UNBONDING_PERIOD = 21n * DAY;
const MAX_UNBONDINGS = 8;
const NODE_CAP_BPS = 1_000n;
const TOTAL_CAP_BPS = 500n;
const CAP_PERIOD = 7n * DAY;

/** What the contracts refuse, by the name of their error. */
export class Refusal extends Error {}

/** @throws if the contracts would refuse. */
function require(condition: boolean, error: string): void {
  if (!condition) throw new Refusal(error);
}

/** The calendar that all contracts share. */
export class Calendar {
  now: bigint;

  constructor(
    readonly genesis: bigint,
    readonly duration: bigint,
    now: bigint,
  ) {
    this.now = now;
  }

  get epoch(): bigint {
    return (this.now - this.genesis) / this.duration;
  }
}

/** Rules that the pool is deployed with. */
export interface PoolRules {
  readonly kappaBps: bigint;
  readonly shares: readonly bigint[];
  readonly stages: readonly { readonly from: bigint; readonly ratePpm: bigint }[];
}

/** What an epoch released. */
export interface EpochRecord {
  readonly burned: bigint;
  readonly allotment: bigint;
  readonly released: bigint;
  readonly kappaBps: bigint;
}

interface Earning {
  readonly epoch: bigint;
  readonly amount: bigint;
}

interface Contributor {
  claimable: bigint;
  lastEpoch: bigint;
  score: bigint;
  scoreEpoch: bigint;
  /** Of finished epochs, not in the score yet: provision, and what is attested. */
  readonly unbooked: { provision: Earning[]; attested: Earning[] };
}

const NOTHING: EpochRecord = { burned: 0n, allotment: 0n, released: 0n, kappaBps: 0n };

/**
 * The incentive pool as its interface describes it: every use and point is kept by epoch and account, and an epoch is worked
 * out as soon as it is over. When the contract works it out must make no difference.
 */
export class PoolModel {
  readonly startEpoch: bigint;
  /** Sent to the pool and counted nowhere yet. */
  uncounted = 0n;

  readonly #calendar: Calendar;
  readonly #rules: PoolRules;
  readonly #inflows: Earning[] = [];
  readonly #burned = new Map<bigint, Map<string, bigint>>();
  readonly #points = new Map<bigint, Map<string, bigint[]>>();
  readonly #records = new Map<bigint, EpochRecord>();
  readonly #accounts = new Map<string, Contributor>();
  #kappas: { from: bigint; value: bigint }[];
  #announcedAt: bigint | undefined;
  #finishedTo: bigint;
  #released = 0n;
  #paid = 0n;

  constructor(calendar: Calendar, rules: PoolRules) {
    this.#calendar = calendar;
    this.#rules = rules;
    this.startEpoch = calendar.epoch;
    this.#finishedTo = calendar.epoch;
    this.#kappas = [{ from: 0n, value: rules.kappaBps }];
  }

  get epoch(): bigint {
    return this.#calendar.epoch;
  }

  /** Epochs with use, in order. */
  get usedEpochs(): bigint[] {
    return [...this.#burned.keys()];
  }

  /** Works out every epoch that is over. */
  catchUp(): void {
    const epochs = new Set([...this.#burned.keys(), ...this.#points.keys()]);
    const due = [...epochs].filter((epoch) => epoch >= this.#finishedTo && epoch < this.epoch);
    for (const epoch of due.sort((a, b) => (a < b ? -1 : 1))) this.#finish(epoch);
    this.#finishedTo = this.epoch;
  }

  absorb(): bigint {
    const amount = this.uncounted;
    require(amount !== 0n, "IncentivePoolNothingToAbsorb");
    this.uncounted = 0n;
    this.#inflows.push({ epoch: this.epoch, amount });
    return amount;
  }

  /** Counts what was burned through providers; those whose first use in this epoch it is are booked, and returned. */
  use(served: readonly { provider: string; burned: bigint }[]): string[] {
    const uses = this.#burned.get(this.epoch) ?? new Map<string, bigint>();
    const rolled: string[] = [];
    for (const { provider, burned } of served) {
      const before = uses.get(provider);
      if (before === undefined) rolled.push(provider);
      uses.set(provider, (before ?? 0n) + burned);
    }
    this.#burned.set(this.epoch, uses);
    for (const provider of rolled) this.book(provider);
    return rolled;
  }

  /** Adds what was earned to the score; no amount depends on it. */
  book(name: string): void {
    const account = this.#account(name);
    const { provision, attested } = account.unbooked;
    for (const { epoch, amount } of [...provision.splice(0), ...attested.splice(0)]) {
      const kept = decay(account.score, this.epoch - account.scoreEpoch);
      account.score = kept + decay(amount / GWEI, this.epoch - epoch);
      account.scoreEpoch = this.epoch;
    }
  }

  recordPoints(name: string, category: number, points: bigint): void {
    require(category !== 0 && points !== 0n, "IncentivePoolInvalidPoints");
    const epochPoints = this.#points.get(this.epoch) ?? new Map<string, bigint[]>();
    const sum = sumOf(epochPoints, category);
    require(points <= MAX_POINTS && sum + points <= MAX_POINTS, "IncentivePoolPointsOverflow");

    this.book(name);
    const own = epochPoints.get(name) ?? CATEGORIES.map(() => 0n);
    own[category] = (own[category] ?? 0n) + points;
    this.#points.set(this.epoch, epochPoints.set(name, own));
  }

  claim(name: string): bigint {
    const account = this.#account(name);
    const amount = account.claimable;
    require(amount !== 0n, "IncentivePoolNothingToClaim");

    this.book(name);
    account.claimable = 0n;
    account.lastEpoch = this.epoch;
    this.#paid += amount;
    return amount;
  }

  returnUnclaimed(name: string): bigint {
    const account = this.#account(name);
    const amount = account.claimable;
    require(amount !== 0n, "IncentivePoolNothingToClaim");
    require(this.#calendar.now >= this.returnableAt(name), "IncentivePoolTooEarly");

    this.book(name);
    account.claimable = 0n;
    this.#paid += amount;
    this.#inflows.push({ epoch: this.epoch, amount });
    return amount;
  }

  announceKappa(value: bigint): void {
    const current = this.#kappaIn(this.epoch);
    const step = value > current ? value - current : current - value;
    const last = this.#kappas.at(-1);
    require(value !== current, "BoundedParameterUnchanged");
    require(value >= KAPPA.minimum && value <= KAPPA.maximum, "BoundedParameterOutOfBounds");
    require(step <= (current * KAPPA.stepBps) / BPS, "BoundedParameterStepTooLarge");
    require(last === undefined || last.from <= this.epoch, "BoundedParameterPending");
    const since = this.#announcedAt;
    require(since === undefined ||
      this.#calendar.now >= since + KAPPA.cooldown, "BoundedParameterTooSoon");

    const { genesis, duration, now } = this.#calendar;
    this.#announcedAt = now;
    this.#kappas.push({ from: (now + NOTICE - genesis + duration - 1n) / duration, value });
  }

  withdrawKappa(): void {
    const last = this.#kappas.at(-1);
    require(last !== undefined && last.from > this.epoch, "BoundedParameterNothingPending");

    this.#kappas = this.#kappas.slice(0, -1);
  }

  fundsOf() {
    const incoming = this.#inflow((epoch) => epoch === this.epoch);
    return {
      remaining: this.#inflow(() => true) - this.#released,
      incoming,
      owed: this.#released - this.#paid,
      released: this.#released,
    };
  }

  epochOf(epoch: bigint): EpochRecord {
    return this.#records.get(epoch) ?? NOTHING;
  }

  categoryOf(epoch: bigint, category: number): { points: bigint; released: bigint } {
    const record = this.epochOf(epoch);
    const points = category === 0 ? record.burned : this.#pointsIn(epoch, category);
    return { points, released: points === 0n ? 0n : this.#part(record.allotment, category) };
  }

  rateOf(epoch: bigint): bigint {
    if (epoch <= this.startEpoch) return 0n;
    const stages = this.#rules.stages.filter(({ from }) => from <= epoch - this.startEpoch);
    return stages.at(-1)?.ratePpm ?? 0n;
  }

  claimableOf(name: string): bigint {
    return this.#account(name).claimable;
  }

  scoreOf(name: string): bigint {
    const { score, scoreEpoch } = this.#account(name);
    return decay(score, this.epoch - scoreEpoch) * GWEI;
  }

  pointsOf(name: string, category: number): bigint {
    return this.#points.get(this.epoch)?.get(name)?.[category] ?? 0n;
  }

  returnableAt(name: string): bigint {
    const { genesis, duration } = this.#calendar;
    const { lastEpoch } = this.#account(name);
    return lastEpoch === 0n ? 0n : genesis + (lastEpoch + 1n) * duration + RETURN_DELAY;
  }

  /** What every account could claim. */
  claimable(): bigint {
    return [...this.#accounts.values()].reduce((sum, { claimable }) => sum + claimable, 0n);
  }

  #finish(epoch: bigint): void {
    const uses = this.#burned.get(epoch) ?? new Map<string, bigint>();
    const burned = [...uses.values()].reduce((sum, value) => sum + value, 0n);
    const kappaBps = this.#kappaIn(epoch);
    const atStart = this.#inflow((at) => at < epoch) - this.#released;
    const cap = (atStart * this.rateOf(epoch)) / PPM;
    const backed = (burned * kappaBps) / BPS;
    const allotment = cap < backed ? cap : backed;

    for (const [name, used] of uses) {
      const amount = (used * this.#part(allotment, 0)) / burned;
      this.#earn(name, "provision", { epoch, amount });
    }
    for (const [name, own] of this.#points.get(epoch) ?? []) {
      const amounts = own.map((points, category) =>
        points === 0n
          ? 0n
          : (points * this.#part(allotment, category)) / this.#pointsIn(epoch, category),
      );
      const amount = amounts.reduce((sum, value) => sum + value, 0n);
      this.#earn(name, "attested", { epoch, amount });
    }
    if (burned === 0n || epoch <= this.startEpoch) return;

    const released = CATEGORIES.filter(
      (category) => category === 0 || this.#pointsIn(epoch, category) !== 0n,
    ).reduce((sum, category) => sum + this.#part(allotment, category), 0n);
    this.#released += released;
    this.#records.set(epoch, { burned, allotment, released, kappaBps });
  }

  #earn(name: string, kind: "provision" | "attested", earning: Earning): void {
    const account = this.#account(name);
    account.unbooked[kind].push(earning);
    account.claimable += earning.amount;
    if (earning.epoch > account.lastEpoch) account.lastEpoch = earning.epoch;
  }

  #part(allotment: bigint, category: number): bigint {
    return (allotment * (this.#rules.shares[category] ?? 0n)) / BPS;
  }

  #pointsIn(epoch: bigint, category: number): bigint {
    return sumOf(this.#points.get(epoch) ?? new Map<string, bigint[]>(), category);
  }

  #kappaIn(epoch: bigint): bigint {
    return this.#kappas.filter(({ from }) => from <= epoch).at(-1)?.value ?? 0n;
  }

  #inflow(counts: (epoch: bigint) => boolean): bigint {
    return this.#inflows.reduce(
      (sum, { epoch, amount }) => (counts(epoch) ? sum + amount : sum),
      0n,
    );
  }

  #account(name: string): Contributor {
    const account = this.#accounts.get(name) ?? {
      claimable: 0n,
      lastEpoch: 0n,
      score: 0n,
      scoreEpoch: 0n,
      unbooked: { provision: [], attested: [] },
    };
    this.#accounts.set(name, account);
    return account;
  }
}

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

  slash(provider: string, bps: bigint): bigint {
    require(bps !== 0n && bps <= NODE_CAP_BPS, "NodeStakingInvalidShare");
    const { staked, unbonding } = this.stakeOf(provider);
    const demanded = ((staked + unbonding) * bps) / BPS;
    const slashable = this.slashableOf(provider);
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

  slashableOf(provider: string): bigint {
    const { staked, unbonding } = this.stakeOf(provider);
    const own = this.#capLeft(staked + unbonding, NODE_CAP_BPS, provider);
    const all = this.#capLeft(this.totalStake(), TOTAL_CAP_BPS);
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

  /** What was slashed in the period counts as if it still were at stake, so that slashing does not lower its own cap. */
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

/** `2^64 × 2^(-1/90)`, rounded down: the largest number whose 90th power is at most `2^(64 × 90 - 1)`. */
const FACTOR = rootOf(2n ** (64n * HALF_LIFE - 1n), HALF_LIFE);

/** What is left of a score after some epochs: 64 fractional bits, powers by squaring, every step rounded down. */
export function decay(score: bigint, epochs: bigint): bigint {
  if (epochs >= 64n * HALF_LIFE) return 0n;
  let left = score << 64n;
  let factor = FACTOR;
  for (let rest = epochs; rest !== 0n; rest >>= 1n) {
    if (rest & 1n) left = (left * factor) >> 64n;
    factor = (factor * factor) >> 64n;
  }
  return left >> 64n;
}

function rootOf(value: bigint, degree: bigint): bigint {
  let [low, high] = [0n, 1n << 64n];
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle ** degree <= value) low = middle;
    else high = middle;
  }
  return low;
}

function sumOf(points: ReadonlyMap<string, readonly bigint[]>, category: number): bigint {
  return [...points.values()].reduce((sum, own) => sum + (own[category] ?? 0n), 0n);
}
