/** Pauses, rate limits, and the need and the draws of the reserve. */
import { decodeBytes32String, encodeBytes32String } from "ethers";

import { IGuardedPause__factory } from "../../../typechain-types/factories/contracts/interfaces/IGuardedPause__factory.js";
import { IRestrictable__factory } from "../../../typechain-types/factories/contracts/interfaces/IRestrictable__factory.js";
import { IStageCapCondition__factory } from "../../../typechain-types/factories/contracts/interfaces/IStageCapCondition__factory.js";
import type { DecodedEvent, Scope } from "../events/logs.js";
import { shortOpa } from "../words/amounts.js";
import { textOf } from "../words/names.js";
import { timeText } from "../words/times.js";
import type { Head } from "./chain.js";
import { readParameter } from "./parameters.js";
import type { Suite } from "./suite.js";

/** The pause of a module. Times are seconds since 1970. */
export interface PauseView {
  readonly module: string;
  readonly isPaused: boolean;
  readonly until: bigint;
  /** Next time that a guardian can pause it. */
  readonly pausableAt: bigint;
  readonly reason: string;
}

/** A rate limit. */
export interface LimitView {
  readonly module: string;
  readonly name: string;
  readonly words: string;
  /** OPA wei that it allows in its period, and how many of them now; undefined where it depends on the account. */
  readonly limit: bigint;
  readonly available: bigint | undefined;
  readonly isTripped: boolean;
  readonly clearsAt: bigint;
}

/** A condition of the reserve. */
export interface ConditionView {
  readonly address: string;
  readonly kind: string;
  readonly isTrue: boolean;
  /** Since when it was observed to be true without a break; 0 if it is not. */
  readonly since: bigint;
  readonly seenAt: bigint;
  /**
   * κ × burned and the part held back by the stage cap, in OPA wei, with the share that opens the
   * reserve.
   */
  readonly demand:
    { readonly backed: bigint; readonly heldBack: bigint; readonly share: bigint } | undefined;
}

/** States of a draw by their number in `ISystemReserve.Status`. */
export const DRAW_STATES = { None: 0, Pending: 1, Executed: 2, Withdrawn: 3 } as const;

/** A draw of the reserve. */
export interface DrawView {
  readonly id: bigint;
  readonly module: string;
  readonly amount: bigint;
  readonly executableAt: bigint;
  readonly status: bigint;
}

/** Pauses, limits and conditions. */
export interface SafetyView {
  readonly pauses: readonly PauseView[];
  readonly limits: readonly LimitView[];
  readonly conditions: readonly ConditionView[];
  /** Seconds for which a condition has to be true. */
  readonly necessityPeriod: bigint;
  readonly drawCap: bigint;
  readonly periodCap: bigint;
  readonly draws: readonly DrawView[];
  /** Events, the newest first. */
  readonly incidents: readonly Incident[];
}

/** Something that stopped, was held back, or opened. */
export interface Incident {
  readonly block: number;
  readonly words: string;
  readonly source: string;
}

/** Modules that can be paused, by their id in the directory. */
export const PAUSABLE = [
  ...["release-vault", "meter", "node-registry", "node-slashing"],
  ...["incentive-pool", "attestations", "system-reserve"],
] as const;

/** Draws that are shown. */
const DRAWS = 25n;

const PAUSE = IGuardedPause__factory.createInterface();
const LIMITS = IRestrictable__factory.createInterface();

/** Events of pauses, limits and the reserve. */
export function safetyScope({ reserve, modules }: Suite): Scope {
  const at = (id: string) => modules.get(id) ?? "";
  return {
    name: "safety",
    sources: [
      ...PAUSABLE.map((id) => ({
        address: at(id),
        contract: PAUSE,
        events: ["Paused", "PauseMoved"],
      })),
      ...["meter", "incentive-pool", "system-reserve"].map((id) => ({
        address: at(id),
        contract: LIMITS,
        events: ["LimitTripped"],
      })),
      {
        address: at("system-reserve"),
        contract: reserve.interface,
        events: [
          "ConditionSet",
          "NecessityObserved",
          "DrawRequested",
          "DrawDeferred",
          "DrawExecuted",
          "DrawWithdrawn",
        ],
      },
    ],
  };
}

/** Pauses, limits and conditions at a block. */
export async function readSafety(
  suite: Suite,
  { number }: Head,
  events: readonly DecodedEvent[],
): Promise<SafetyView> {
  const { reserve } = suite;
  const at = { blockTag: number };
  const [pauses, limits, conditions, necessityPeriod, drawCap, periodCap, count] =
    await Promise.all([
      Promise.all(PAUSABLE.map((module) => readPause(suite, module, at))),
      readLimits(suite, at),
      Promise.all(conditionsIn(events).map((each) => readCondition(suite, each, at))),
      reserve.NECESSITY_PERIOD(at),
      reserve.drawCap(at),
      reserve.periodCap(at),
      reserve.drawCount(at),
    ]);
  const shown = count < DRAWS ? count : DRAWS;
  const ids = Array.from({ length: Number(shown) }, (_, i) => count - BigInt(i));
  const draws = await Promise.all(ids.map((id) => reserve.drawOf(id, at)));
  return {
    ...{ pauses, limits, conditions, necessityPeriod, drawCap, periodCap },
    incidents: incidentsIn(events),
    draws: draws.map(({ module, amount, executableAt, status }, i) => ({
      ...{ id: ids[i] ?? 0n, module, amount, executableAt, status },
    })),
  };
}

/** Events in words, the newest first. */
export function incidentsIn(events: readonly DecodedEvent[]): Incident[] {
  return events
    .map(({ name, args, block }) => ({ block, words: incidentWords(name, args), source: name }))
    .reverse();
}

function incidentWords(name: string, args: DecodedEvent["args"]): string {
  const at = (part: string) => timeText((args[part] ?? 0n) as bigint);
  const opa = (part: string) => `${shortOpa((args[part] ?? 0n) as bigint)} OPA`;
  const text = (part: string) => textOf(String(args[part]));
  const draw = `Draw ${String(args["id"])}`;
  switch (name) {
    case "Paused":
      return `A guardian paused a module until ${at("until")}: ${text("reason")}.`;
    case "PauseMoved":
      return `Governance moved the end of a pause to ${at("until")}.`;
    case "LimitTripped":
      return `The limit ${text("limit")} held ${opa("demanded")} back, with ${opa("available")} available; it clears at ${at("clearsAt")}.`;
    case "ConditionSet":
      return `The condition ${text("kind")} was ${args["registered"] === true ? "added" : "removed"}.`;
    case "NecessityObserved":
      return args["since"] === 0n
        ? "The reserve was seen not to be needed any more."
        : `The reserve was seen to be needed since ${at("since")}.`;
    case "DrawRequested":
      return `${draw} of ${opa("amount")} was decided: ${String(args["reason"])}.`;
    case "DrawDeferred":
      return `${draw} of ${opa("amount")} had to wait; ${opa("available")} were available.`;
    case "DrawExecuted":
      return `${draw} was paid: ${opa("amount")}.`;
    default:
      return `${draw} was withdrawn.`;
  }
}

async function readPause(
  { modules, provider }: Suite,
  module: string,
  at: { readonly blockTag: number },
): Promise<PauseView> {
  const paused = IGuardedPause__factory.connect(modules.get(module) ?? "", provider);
  const [{ until, pausableAt, reason }, isPaused] = await Promise.all([
    paused.pauseState(at),
    paused.isPaused(at),
  ]);
  return { module, isPaused, until, pausableAt, reason: textOf(reason) };
}

async function readLimits(suite: Suite, at: { readonly blockTag: number }): Promise<LimitView[]> {
  const { meter, pool, reserve } = suite;
  const [burns, claims, periodCap] = await Promise.all([
    meter.limits(at),
    pool.claimLimit(at),
    reserve.periodCap(at),
  ]);
  const limits = [
    {
      ...{ module: "meter", name: "account-burns", limit: burns.account, available: undefined },
      words:
        "OPA that settlement burns of one account in an epoch before a bucket of the same size pays.",
    },
    {
      ...{ module: "meter", name: "total-burns", limit: burns.total, available: undefined },
      words:
        "OPA that settlement burns of all accounts in an epoch before a bucket of the same size pays.",
    },
    {
      ...{
        module: "incentive-pool",
        name: "claims",
        limit: claims.limit,
        available: claims.available,
      },
      words:
        "Incentives that all accounts together claim in an epoch before a bucket of the same size pays.",
    },
    {
      ...{
        module: "system-reserve",
        name: "reserve-draws",
        limit: periodCap,
        available: undefined,
      },
      words: "OPA that all draws of any 30 days take from the reserve.",
    },
  ];
  return Promise.all(
    limits.map(async (limit): Promise<LimitView> => {
      const { modules, provider } = suite;
      const restricted = IRestrictable__factory.connect(modules.get(limit.module) ?? "", provider);
      const name = encodeBytes32String(limit.name);
      const [{ clearsAt }, isTripped] = await Promise.all([
        restricted.restrictionOf(name, at),
        restricted.isRestricted(name, at),
      ]);
      return { ...limit, clearsAt, isTripped };
    }),
  );
}

/** Conditions that draws can name, by the events up to a block. */
export function conditionsIn(
  events: readonly DecodedEvent[],
): { readonly address: string; readonly kind: string }[] {
  const conditions = new Map<string, string>();
  for (const { args } of events.filter(({ name }) => name === "ConditionSet")) {
    const address = String(args["condition"]);
    if (args["registered"] === true)
      conditions.set(address, decodeBytes32String(String(args["kind"])));
    else conditions.delete(address);
  }
  return [...conditions].map(([address, kind]) => ({ address, kind }));
}

async function readCondition(
  { provider, reserve }: Suite,
  { address, kind }: { readonly address: string; readonly kind: string },
  at: { readonly blockTag: number },
): Promise<ConditionView> {
  const condition = IStageCapCondition__factory.connect(address, provider);
  const [isTrue, { since, seenAt }] = await Promise.all([
    condition.isNecessary(at),
    reserve.watchOf(address, at),
  ]);
  if (kind !== "stage-cap") return { address, kind, isTrue, since, seenAt, demand: undefined };
  const [{ backed, heldBack }, name] = await Promise.all([
    condition.demand(at),
    condition.SHARE(at),
  ]);
  const share = (await readParameter(condition, name, at)).value;
  return { address, kind, isTrue, since, seenAt, demand: { backed, heldBack, share } };
}
