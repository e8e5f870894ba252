/** Present protection of the system: pauses, limits, guardians, and the bounds of the reserve. */
import { encodeBytes32String, ZeroAddress } from "ethers";

import type { IRestrictable } from "../../typechain-types/contracts/interfaces/IRestrictable.js";
import {
  IGuardedPause__factory,
  IRestrictable__factory,
} from "../../typechain-types/factories/contracts/interfaces/index.js";
import { addressIn } from "../../sdk/index.js";
import type { Answer } from "../frame/context.js";
import { bytesText, kebab } from "../frame/names.js";
import { formatAmount, formatTimeFrom } from "../frame/quantities.js";
import { field, list, type Report } from "../frame/report.js";
import type { Session } from "../frame/session.js";

/** Modules that a guardian can pause. */
export const PAUSABLE = [
  ...["Meter", "NodeRegistry", "NodeSlashing", "IncentivePool", "Attestations"],
  ...["ReleaseVault", "SystemReserve"],
] as const;

/** Pause of a module. */
export interface ModulePause {
  readonly module: string;
  readonly isPaused: boolean;
  readonly until: bigint;
  /** First second at which a guardian can pause. */
  readonly pausableAt: bigint;
  readonly reason: string;
}

/** A rate limit. */
interface Limit {
  readonly name: string;
  /** Undefined for one that follows a balance. */
  readonly limit: bigint | undefined;
  /** Undefined for a limit of which each account has its own. */
  readonly available: bigint | undefined;
  readonly isRestricted: boolean;
  readonly clearsAt: bigint;
}

/** State of the pause of every module that has one. */
export async function readPauses({ suite, deployment, now }: Session): Promise<ModulePause[]> {
  return Promise.all(
    PAUSABLE.map(async (module) => {
      const address = addressIn(deployment, module);
      const pause = IGuardedPause__factory.connect(address, suite.token.runner);
      const { until, pausableAt, reason } = await pause.pauseState();
      return {
        ...{ module: kebab(module), isPaused: until > now, until, pausableAt },
        reason: bytesText(reason),
      };
    }),
  );
}

/** Pauses, limits and guardians; the answer is no if something is paused or restricted. */
export async function showSafety(session: Session): Promise<Answer> {
  const { suite, now } = session;
  const [pauses, limits, guardian, guardianExpiry, drawCap, periodCap] = await Promise.all([
    readPauses(session),
    readLimits(session),
    suite.governor.proposalGuardian(),
    suite.governor.guardianExpiresAt(),
    suite.reserve.drawCap(),
    suite.reserve.periodCap(),
  ]);
  const report: Report = {
    title: "Safety",
    entries: [
      list(
        "Pauses",
        pauses.map(({ module, isPaused, until, pausableAt, reason }) => ({
          title: module,
          entries: isPaused
            ? [
                field("State", "paused"),
                field("Reason", reason),
                field("Until", until, formatTimeFrom(until, now)),
              ]
            : [
                field("State", "running"),
                ...(pausableAt > now
                  ? [field("Pausable", pausableAt, `again ${formatTimeFrom(pausableAt, now)}`)]
                  : []),
              ],
        })),
      ),
      list(
        "Limits",
        limits.map(({ name, limit, available, isRestricted, clearsAt }) => ({
          title: name,
          entries: [
            field("State", isRestricted ? "restricted" : "open"),
            ...(limit === undefined ? [] : [field("Size", limit, formatAmount(limit))]),
            ...(available === undefined
              ? []
              : [field("Available", available, formatAmount(available))]),
            ...(isRestricted ? [field("Clears", clearsAt, formatTimeFrom(clearsAt, now))] : []),
          ],
        })),
      ),
      guardian === ZeroAddress
        ? field("Guardian of proposals", null, "nobody")
        : field(
            "Guardian of proposals",
            guardian,
            `${guardian}, ${guardianExpiry > now ? "until" : "ended"} ${formatTimeFrom(guardianExpiry, now)}`,
          ),
      field("Largest draw", drawCap, formatAmount(drawCap)),
      field("Most in 30 days", periodCap, formatAmount(periodCap)),
    ],
  };
  const isCalm =
    pauses.every((pause) => !pause.isPaused) && limits.every((each) => !each.isRestricted);
  return { report, exit: isCalm ? "done" : "negative" };
}

/** Limits of burns and of claims. */
async function readLimits({ suite: { meter, pool, reserve } }: Session): Promise<Limit[]> {
  const [ofClaims, ofDraws] = await Promise.all(
    [pool, reserve].map(async (module) =>
      IRestrictable__factory.connect(await module.getAddress(), meter.runner),
    ),
  );
  if (!ofClaims || !ofDraws) return [];
  const [burns, claims, account, total, rewards, draws, drawable] = await Promise.all([
    meter.limits(),
    pool.claimLimit(),
    readRestriction(meter, "account-burns"),
    readRestriction(meter, "total-burns"),
    readRestriction(ofClaims, "claims"),
    readRestriction(ofDraws, "reserve-draws"),
    reserve.periodCap(),
  ]);
  return [
    { name: "Burns of one account", limit: burns.account, available: undefined, ...account },
    { name: "Burns of all accounts", limit: burns.total, available: undefined, ...total },
    { name: "Claims of rewards", limit: claims.limit, available: claims.available, ...rewards },
    { name: "Draws of the reserve", limit: undefined, available: drawable, ...draws },
  ];
}

async function readRestriction(
  module: Pick<IRestrictable, "isRestricted" | "restrictionOf">,
  limit: string,
): Promise<{ isRestricted: boolean; clearsAt: bigint }> {
  const name = encodeBytes32String(limit);
  const [isRestricted, { clearsAt }] = await Promise.all([
    module.isRestricted(name),
    module.restrictionOf(name),
  ]);
  return { isRestricted, clearsAt };
}
