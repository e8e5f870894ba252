import { refuseUnless as require, type Calendar } from "./calendar-model.js";

/** Categories in the order of `Contribution.Category`. */
export const CATEGORIES = [0, 1, 2, 3, 4] as const;

const BPS = 10_000n;
const PPM = 1_000_000n;
const GWEI = 10n ** 9n;
const DAY = 86_400n;
const RETURN_DELAY = 365n * DAY;
const DRAW_TERM = 90n * DAY;
const MAX_POINTS = 2n ** 56n - 1n;
const MAX_KAPPA = 9_000n;
const KAPPA = { minimum: 1_000n, maximum: MAX_KAPPA, stepBps: 2_000n, cooldown: 7n * DAY };
const NOTICE = 2n * DAY;

/** Rules that vault and pools are deployed with. */
export interface IncentiveRules {
  readonly kappaBps: bigint;
  readonly shares: readonly bigint[];
  readonly stages: readonly { readonly from: bigint; readonly ratePpm: bigint }[];
}

/** A closed epoch as the vault states it. */
export interface ClosingRecord {
  readonly burned: bigint;
  readonly kappaBps: bigint;
  readonly allotment: bigint;
  readonly released: bigint;
  readonly stageCap: bigint;
}

const NOTHING: ClosingRecord = {
  burned: 0n,
  kappaBps: 0n,
  allotment: 0n,
  released: 0n,
  stageCap: 0n,
};

interface Draw {
  left: bigint;
  readonly until: bigint;
}

/** Record of an account in a pool, apart from amounts. */
interface Booking {
  before: bigint;
  pointsEpoch: bigint | undefined;
  taken: bigint;
  touchedEpoch: bigint;
}

/** A pool that divides some epochs. */
class PoolModel {
  readonly points = new Map<bigint, Map<string, bigint[]>>();
  readonly bookings = new Map<string, Booking>();

  bookingOf(name: string): Booking {
    const booking = this.bookings.get(name) ?? {
      before: 0n,
      pointsEpoch: undefined,
      taken: 0n,
      touchedEpoch: 0n,
    };
    this.bookings.set(name, booking);
    return booking;
  }

  pointsIn(epoch: bigint, category: number): bigint {
    const all = this.points.get(epoch) ?? new Map<string, bigint[]>();
    return [...all.values()].reduce((sum, own) => sum + (own[category] ?? 0n), 0n);
  }
}

const wholeGwei = (amount: bigint) => amount - (amount % GWEI);
const smaller = (...values: readonly bigint[]) => values.reduce((a, b) => (a < b ? a : b));

/**
 * Vault, pools and Meter as their interfaces describe them: every use, point and draw is kept, and each amount is computed from
 * all of them. Only the moment at which an epoch is closed follows the contracts, because funds at that moment count.
 */
export class IncentiveModel {
  readonly startEpoch: bigint;
  balance = 0n;
  released = 0n;
  totalBurned = 0n;
  /** Returned to the reserve. */
  returned = 0n;
  readonly pools: PoolModel[] = [new PoolModel()];

  readonly #calendar: Calendar;
  readonly #rules: IncentiveRules;
  readonly #uses = new Map<bigint, Map<string, bigint>>();
  readonly #closings = new Map<bigint, ClosingRecord>();
  #books: { from: bigint; pool: number | undefined }[];
  #draws: Draw[] = [];
  #kappas: { from: bigint; value: bigint }[];
  #announcedAt: bigint | undefined;
  #lastClosed: bigint;

  constructor(calendar: Calendar, rules: IncentiveRules) {
    this.#calendar = calendar;
    this.#rules = rules;
    this.startEpoch = this.#lastClosed = calendar.epoch;
    this.#kappas = [{ from: 0n, value: rules.kappaBps }];
    this.#books = [{ from: calendar.epoch + 1n, pool: 0 }];
  }

  get epoch(): bigint {
    return this.#calendar.epoch;
  }

  get usedEpochs(): bigint[] {
    return [...this.#uses.keys()];
  }

  get drawn(): bigint {
    return this.#draws.reduce((sum, { left }) => sum + left, 0n);
  }

  poolOf(epoch: bigint): number | undefined {
    return this.#books.filter(({ from }) => from <= epoch).at(-1)?.pool;
  }

  /** Burns through a provider; the first use in a later epoch has the last one closed and booked. */
  use(provider: string, burned: bigint): void {
    const uses = this.#uses.get(this.epoch) ?? new Map<string, bigint>();
    if (uses.get(provider) === undefined) {
      const last = this.#finishedOf(provider);
      // A provider without a finished epoch is announced to the book of the last epoch with use.
      const index = this.poolOf(last ?? (uses.size === 0 ? this.#lastUsed() : this.epoch));
      const pool = index === undefined ? undefined : this.pools[index];
      if (pool !== undefined) {
        this.close();
        const booking = pool.bookingOf(provider);
        if (last !== undefined && last >= booking.before) {
          booking.before = this.epoch;
          booking.touchedEpoch = last;
        }
      }
    }
    this.#uses.set(this.epoch, uses.set(provider, (uses.get(provider) ?? 0n) + burned));
    this.totalBurned += burned;
  }

  close(incoming = 0n): void {
    const due = this.#due();
    if (due !== undefined) {
      const closing = this.#closingFor(due, incoming);
      this.#pay(due, closing);
      this.#closings.set(due, closing);
      this.#lastClosed = due;
    }
    for (const draw of this.#draws.filter(({ until }) => until <= this.#calendar.now)) {
      this.returned += draw.left;
      this.balance -= draw.left;
      draw.left = 0n;
    }
  }

  addPool(): void {
    this.pools.push(new PoolModel());
  }

  setBook(pool: number | undefined): void {
    this.#books.push({ from: this.epoch + 1n, pool });
  }

  receiveDraw(amount: bigint): void {
    this.balance += amount;
    this.close(amount);
    this.#draws.push({ left: amount, until: this.#calendar.now + DRAW_TERM });
  }

  recordPoints(index: number, name: string, category: number, points: bigint): void {
    require(category !== 0 &&
      points !== 0n &&
      this.#rules.shares[category] !== 0n, "IncentivePoolInvalidPoints");
    require(this.poolOf(this.epoch) === index && this.isReleasing(), "IncentivePoolNotReleasing");
    const pool = this.pools[index];
    if (!pool) throw new Error("no such pool");
    require(points <= MAX_POINTS &&
      pool.pointsIn(this.epoch, category) + points <= MAX_POINTS, "IncentivePoolPointsOverflow");

    this.close();
    this.#book(index, name);
    const all = pool.points.get(this.epoch) ?? new Map<string, bigint[]>();
    const own = all.get(name) ?? CATEGORIES.map(() => 0n);
    own[category] = (own[category] ?? 0n) + points;
    pool.points.set(this.epoch, all.set(name, own));
    pool.bookingOf(name).pointsEpoch = this.epoch;
  }

  claim(index: number, name: string): bigint {
    this.#book(index, name);
    const amount = this.claimableOf(index, name);
    const booking = this.pools[index]?.bookingOf(name);
    if (booking) booking.taken += amount;
    return amount;
  }

  returnUnclaimed(index: number, name: string): bigint {
    // A refusal takes the closing back too, and a call that finds nothing books nothing.
    const amount = this.claimableOf(index, name);
    if (amount !== 0n) {
      require(this.#calendar.now >= this.returnableAt(index, name), "IncentivePoolTooEarly");
      const isActive =
        this.#usedIn(this.epoch, name) !== 0n ||
        this.pools[index]?.bookingOf(name).pointsEpoch === this.epoch;
      require(!isActive, "IncentivePoolActive");
    }
    this.#closeFor(index, name);
    if (amount === 0n) return 0n;
    this.#book(index, name);
    const booking = this.pools[index]?.bookingOf(name);
    if (booking) booking.taken += amount;
    this.balance += amount;
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
    const { genesis, duration, now } = this.#calendar;
    require(since === undefined || now >= since + KAPPA.cooldown, "BoundedParameterTooSoon");

    this.close();
    this.#announcedAt = now;
    this.#kappas.push({ from: (now + NOTICE - genesis + duration - 1n) / duration, value });
  }

  withdrawKappa(): void {
    const last = this.#kappas.at(-1);
    require(last !== undefined && last.from > this.epoch, "BoundedParameterNothingPending");

    this.close();
    this.#kappas = this.#kappas.slice(0, -1);
  }

  /** State of the vault as if everything were closed. */
  fundsOf() {
    const due = this.#due();
    const closing = due === undefined ? NOTHING : this.#closingFor(due);
    const used = this.#fromDraws(closing);
    const back = this.#returnable(due, used);
    const drawn = this.drawn - used - back;
    const released = this.released + closing.released;
    const own = this.balance - closing.released - drawn - back;
    const most = (this.totalBurned * MAX_KAPPA) / BPS;
    return { own, drawn, released, room: most > released ? most - released : 0n };
  }

  isReleasing(): boolean {
    if (this.epoch === this.startEpoch || this.#burnedIn(this.epoch) === 0n) return false;
    const { own, room } = this.fundsOf();
    const open = this.#openAt(this.#calendar.beginOf(this.epoch));
    const cap = wholeGwei((own * this.rateOf(this.epoch)) / PPM);
    return cap + open >= GWEI && room >= GWEI;
  }

  closingOf(epoch: bigint): ClosingRecord {
    const due = this.#due();
    if (epoch === due) return this.#closingFor(due);
    return this.#closings.get(epoch) ?? NOTHING;
  }

  rateOf(epoch: bigint): bigint {
    if (epoch <= this.startEpoch) return 0n;
    const stages = this.#rules.stages.filter(({ from }) => from <= epoch - this.startEpoch);
    return stages.at(-1)?.ratePpm ?? 0n;
  }

  categoryOf(index: number, epoch: bigint, category: number) {
    const pool = this.pools[index];
    const closing = this.poolOf(epoch) === index ? this.closingOf(epoch) : NOTHING;
    const points = category === 0 ? closing.burned : (pool?.pointsIn(epoch, category) ?? 0n);
    return { points, released: this.#part(closing.allotment, category, points) };
  }

  /** Reward of an account at a pool that was not taken. */
  claimableOf(index: number, name: string): bigint {
    const earned = this.#earnedEpochs(index, name).reduce((sum, { amount }) => sum + amount, 0n);
    return earned - (this.pools[index]?.bookingOf(name).taken ?? 0n);
  }

  returnableAt(index: number, name: string): bigint {
    const booking = this.pools[index]?.bookingOf(name);
    const used = this.#finishedOf(name) ?? 0n;
    const isKnown = booking !== undefined && booking.before < this.epoch && used >= booking.before;
    const epochs = this.#earnedEpochs(index, name).map(({ epoch }) => epoch);
    const last = [...epochs, booking?.touchedEpoch ?? 0n, isKnown ? used : 0n].reduce((a, b) =>
      a > b ? a : b,
    );
    return last === 0n ? 0n : this.#calendar.beginOf(last + 1n) + RETURN_DELAY;
  }

  pointsOf(index: number, name: string, category: number): bigint {
    return this.pools[index]?.points.get(this.epoch)?.get(name)?.[category] ?? 0n;
  }

  /** Score of an account, without rounding of its steps. */
  scoreOf(index: number, name: string): number {
    return this.#earnedEpochs(index, name).reduce(
      (sum, { epoch, amount }) => sum + Number(amount) * 0.5 ** (Number(this.epoch - epoch) / 90),
      0,
    );
  }

  /** Contributions of an account in finished epochs that a pool divides, also those that earned nothing. */
  #earnedEpochs(index: number, name: string): { epoch: bigint; amount: bigint }[] {
    const pool = this.pools[index];
    const epochs = [...new Set([...this.#uses.keys(), ...(pool?.points.keys() ?? [])])];
    return epochs
      .filter((epoch) => epoch < this.epoch)
      .flatMap((epoch) => {
        const provided = this.#wasBooked(index, name, epoch) ? this.#usedIn(epoch, name) : 0n;
        const own = pool?.points.get(epoch)?.get(name);
        if (provided === 0n && own === undefined) return [];
        const closing = this.poolOf(epoch) === index ? this.closingOf(epoch) : NOTHING;
        let amount = 0n;
        if (closing.burned !== 0n)
          amount += (provided * this.#part(closing.allotment, 0, 1n)) / closing.burned;
        for (const category of CATEGORIES.slice(1)) {
          const points = own?.[category] ?? 0n;
          const all = pool?.pointsIn(epoch, category) ?? 0n;
          if (points !== 0n)
            amount += (points * this.#part(closing.allotment, category, all)) / all;
        }
        return [{ epoch, amount }];
      });
  }

  /** A pool hears of provision in its own epochs, and in the last finished one of an account if it asks. */
  #wasBooked(index: number, name: string, epoch: bigint): boolean {
    return this.poolOf(epoch) === index && this.#usedIn(epoch, name) !== 0n;
  }

  /** Has everything closed that a booking of an account needs. */
  #closeFor(index: number, name: string): void {
    const pool = this.pools[index];
    if (!pool) return;
    const booking = pool.bookingOf(name);
    const last = booking.before < this.epoch ? this.#finishedOf(name) : undefined;
    const points = booking.pointsEpoch;
    for (const epoch of [
      last !== undefined && last >= booking.before ? last : undefined,
      points !== undefined && points < this.epoch ? points : undefined,
    ]) {
      if (epoch === undefined) continue;
      if (this.poolOf(epoch) !== index || !this.#closings.has(epoch)) this.close();
    }
  }

  #book(index: number, name: string): void {
    const pool = this.pools[index];
    if (!pool) return;
    this.#closeFor(index, name);
    const booking = pool.bookingOf(name);
    const last = booking.before < this.epoch ? this.#finishedOf(name) : undefined;
    const hasPoints = booking.pointsEpoch !== undefined && booking.pointsEpoch < this.epoch;
    if (hasPoints) booking.pointsEpoch = undefined;
    // Use in an epoch of another pool earns nothing here, and counts as activity.
    if (last !== undefined && last >= booking.before) booking.touchedEpoch = last;
    if (hasPoints || (last !== undefined && last >= booking.before)) booking.before = this.epoch;
  }

  #due(): bigint | undefined {
    const last = this.#lastUsed();
    return last > this.#lastClosed ? last : undefined;
  }

  /** Last finished epoch with use; 0 for none, as the Meter says it. */
  #lastUsed(): bigint {
    const finished = [...this.#uses.keys()].filter((epoch) => epoch < this.epoch);
    return finished.reduce((a, b) => (a > b ? a : b), 0n);
  }

  #finishedOf(name: string): bigint | undefined {
    const finished = [...this.#uses.keys()].filter(
      (epoch) => epoch < this.epoch && this.#usedIn(epoch, name) !== 0n,
    );
    return finished.length === 0 ? undefined : finished.reduce((a, b) => (a > b ? a : b));
  }

  #closingFor(epoch: bigint, incoming = 0n): ClosingRecord {
    const burned = this.#burnedIn(epoch);
    const kappaBps = this.#kappaIn(epoch);
    const own = this.balance - this.drawn - incoming;
    const stageCap = wholeGwei((own * this.rateOf(epoch)) / PPM);
    const open = this.#openAt(this.#calendar.beginOf(epoch));
    const most = (this.totalBurned * MAX_KAPPA) / BPS;
    const room = most > this.released ? most - this.released : 0n;
    const allotment = wholeGwei(smaller(stageCap + open, (burned * kappaBps) / BPS, room));
    const index = this.poolOf(epoch);
    const pool = index === undefined ? undefined : this.pools[index];
    const demand =
      pool === undefined || allotment === 0n
        ? 0n
        : CATEGORIES.reduce(
            (sum, category) =>
              sum +
              this.#part(
                allotment,
                category,
                category === 0 ? burned : pool.pointsIn(epoch, category),
              ),
            0n,
          );
    const released = smaller(allotment, wholeGwei(demand + GWEI - 1n));
    return { burned, kappaBps, allotment, released, stageCap };
  }

  /** Takes a release out of balance and draws, the oldest draw first. */
  #pay(epoch: bigint, closing: ClosingRecord): void {
    this.balance -= closing.released;
    this.released += closing.released;
    let rest = this.#fromDraws(closing);
    const begin = this.#calendar.beginOf(epoch);
    for (const draw of this.#draws.filter(({ until }) => until > begin)) {
      const part = smaller(rest, draw.left);
      draw.left -= part;
      rest -= part;
    }
  }

  #fromDraws({ allotment, released, stageCap }: ClosingRecord): bigint {
    return allotment <= stageCap ? 0n : (released * (allotment - stageCap)) / allotment;
  }

  /**
   * Amount of draws that would return now, after an epoch used a part of the draws open at its
   * start.
   */
  #returnable(due: bigint | undefined, used: bigint): bigint {
    const begin = due === undefined ? undefined : this.#calendar.beginOf(due);
    let rest = used;
    let back = 0n;
    for (const { left, until } of this.#draws) {
      const part = begin === undefined || until <= begin ? 0n : smaller(rest, left);
      rest -= part;
      if (until <= this.#calendar.now) back += left - part;
    }
    return back;
  }

  #openAt(time: bigint): bigint {
    return this.#draws.reduce((sum, { left, until }) => (until > time ? sum + left : sum), 0n);
  }

  #part(allotment: bigint, category: number, points: bigint): bigint {
    const part = (allotment * (this.#rules.shares[category] ?? 0n)) / BPS;
    if (points === 0n) return 0n;
    return category === 0 ? part : smaller(part, points * GWEI);
  }

  #burnedIn(epoch: bigint): bigint {
    const uses = this.#uses.get(epoch) ?? new Map<string, bigint>();
    return [...uses.values()].reduce((sum, value) => sum + value, 0n);
  }

  #usedIn(epoch: bigint, name: string): bigint {
    return this.#uses.get(epoch)?.get(name) ?? 0n;
  }

  #kappaIn(epoch: bigint): bigint {
    return this.#kappas.filter(({ from }) => from <= epoch).at(-1)?.value ?? 0n;
  }
}
