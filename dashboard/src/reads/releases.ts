/** Staged release, past and to come, by allocation: from the events of the release vault and of the distribution. */
import type { DecodedEvent, Scope } from "../events/logs.js";
import { textOf } from "../words/names.js";
import type { Head } from "./chain.js";
import { lengthOf, vestedOf, type Stage } from "./curve.js";
import { GENESIS, type Suite } from "./suite.js";

/** A schedule, as its events tell. Amounts are OPA wei. */
export interface Schedule {
  readonly id: bigint;
  readonly allocation: string;
  readonly beneficiary: string;
  readonly start: bigint;
  readonly curve: bigint;
  readonly total: bigint;
  readonly claimed: bigint;
  /** Rest after a revocation. */
  readonly revokedAt: bigint | undefined;
}

/** An allocation at a block. Amounts are OPA wei. */
export interface Allocation {
  readonly name: string;
  readonly schedules: number;
  readonly total: bigint;
  readonly vested: bigint;
  readonly claimed: bigint;
  /** Time at which all of it has vested, in seconds. */
  readonly endsAt: bigint;
  /** Vested amount at each time of the course, past or future. */
  readonly course: readonly bigint[];
}

/** Staged release. */
export interface ReleaseView {
  readonly allocations: readonly Allocation[];
  /** Allocations paid at once, and their recipients. */
  readonly transfers: readonly {
    readonly name: string;
    readonly recipient: string;
    readonly amount: bigint;
  }[];
  /** Times of the course, in seconds. */
  readonly times: readonly bigint[];
  readonly schedules: readonly Schedule[];
}

/** Points in time of a course. */
const POINTS = 97;

/** Name for schedules that were made after the distribution. */
const LATER = "made later";

/** Events that tell of staged release. */
export function releaseScope({ genesis, vault, modules }: Suite): Scope {
  return {
    name: "release",
    sources: [
      {
        address: genesis,
        contract: GENESIS,
        events: ["AllocationScheduled", "AllocationTransferred"],
      },
      {
        address: modules.get("release-vault") ?? "",
        contract: vault.interface,
        events: ["ScheduleCreated", "ScheduleClaimed", "ScheduleRevoked", "BeneficiaryChanged"],
      },
    ],
  };
}

/** Staged release at a block, by the events up to it. */
export async function readReleases(
  { vault }: Suite,
  { number, time }: Head,
  events: readonly DecodedEvent[],
): Promise<ReleaseView> {
  const schedules = schedulesIn(events);
  const ids = [...new Set(schedules.map(({ curve }) => curve))];
  const read = await Promise.all(ids.map((id) => vault.curveOf(id, { blockTag: number })));
  const curves = new Map(
    ids.map((id, i) => {
      const stages = (read[i] ?? []).map(({ offset, share, linear }) => ({
        offset,
        share,
        linear,
      }));
      return [id, stages] as const;
    }),
  );
  const times = courseTimes(schedules, curves);
  const names = [...new Set(schedules.map(({ allocation }) => allocation))];
  return {
    allocations: names.map((name) =>
      allocationOf(
        name,
        schedules.filter(({ allocation }) => allocation === name),
        curves,
        { times, now: time },
      ),
    ),
    transfers: events
      .filter(({ name }) => name === "AllocationTransferred")
      .map(({ args }) => ({
        name: textOf(String(args["label"])),
        recipient: String(args["recipient"]),
        amount: args["amount"] as bigint,
      })),
    times,
    schedules,
  };
}

/** The schedules that events tell of, in the order of their ids. */
export function schedulesIn(events: readonly DecodedEvent[]): Schedule[] {
  const labels = new Map<bigint, string>();
  const schedules = new Map<bigint, Schedule>();
  for (const { name, args } of events) {
    const id = (args["id"] ?? args["scheduleId"]) as bigint;
    const found = schedules.get(id);
    if (name === "AllocationScheduled") labels.set(id, textOf(String(args["label"])));
    else if (name === "ScheduleCreated")
      schedules.set(id, {
        id,
        allocation: LATER,
        beneficiary: String(args["beneficiary"]),
        start: args["start"] as bigint,
        curve: args["curveId"] as bigint,
        total: args["total"] as bigint,
        claimed: 0n,
        revokedAt: undefined,
      });
    else if (found && name === "ScheduleClaimed")
      schedules.set(id, { ...found, claimed: found.claimed + (args["amount"] as bigint) });
    else if (found && name === "ScheduleRevoked")
      schedules.set(id, { ...found, revokedAt: args["vested"] as bigint });
    else if (found && name === "BeneficiaryChanged")
      schedules.set(id, { ...found, beneficiary: String(args["newBeneficiary"]) });
  }
  return [...schedules.values()].map((schedule) => ({
    ...schedule,
    allocation: labels.get(schedule.id) ?? schedule.allocation,
  }));
}

function allocationOf(
  name: string,
  schedules: readonly Schedule[],
  curves: ReadonlyMap<bigint, readonly Stage[]>,
  { times, now }: { readonly times: readonly bigint[]; readonly now: bigint },
): Allocation {
  const vestedAt = (time: bigint) =>
    schedules.reduce((sum, schedule) => {
      const vested = vestedOf(
        curves.get(schedule.curve) ?? [],
        schedule.total,
        time - schedule.start,
      );
      const { revokedAt } = schedule;
      return sum + (revokedAt !== undefined && vested > revokedAt ? revokedAt : vested);
    }, 0n);
  const ends = schedules.map(({ start, curve }) => start + lengthOf(curves.get(curve) ?? []));
  return {
    name,
    schedules: schedules.length,
    total: schedules.reduce((sum, { total, revokedAt }) => sum + (revokedAt ?? total), 0n),
    vested: vestedAt(now),
    claimed: schedules.reduce((sum, { claimed }) => sum + claimed, 0n),
    endsAt: ends.reduce((latest, end) => (end > latest ? end : latest), 0n),
    course: times.map(vestedAt),
  };
}

/** Times from the first start to the last end, evenly apart. */
function courseTimes(
  schedules: readonly Schedule[],
  curves: ReadonlyMap<bigint, readonly Stage[]>,
): bigint[] {
  if (schedules.length === 0) return [];
  let from = schedules[0]?.start ?? 0n;
  let to = from;
  for (const { start, curve } of schedules) {
    const end = start + lengthOf(curves.get(curve) ?? []);
    if (start < from) from = start;
    if (end > to) to = end;
  }
  return Array.from(
    { length: POINTS },
    (_, i) => from + ((to - from) * BigInt(i)) / BigInt(POINTS - 1),
  );
}
