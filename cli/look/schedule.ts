/** Release schedules: all, those of an account, or one with its stages. */
import { ZeroAddress } from "ethers";

import { CliError } from "../exit-codes.js";
import { formatAmount, formatPart, formatSpan, formatTimeFrom } from "../frame/quantities.js";
import { field, list, type Entry, type Report } from "../frame/report.js";
import type { Session } from "../frame/session.js";

/** Parts of a share in which curves count. */
const SHARE_UNIT = 1_000_000_000n;

const PAGE = 200n;

/** Ids of all schedules, or of those of an account. */
export async function readScheduleIds(
  { suite: { releaseVault } }: Session,
  beneficiary?: string,
): Promise<bigint[]> {
  if (beneficiary === undefined) {
    const count = await releaseVault.scheduleCount();
    return Array.from({ length: Number(count) }, (_, i) => BigInt(i + 1));
  }
  const found: bigint[] = [];
  for (let next = 1n; next !== 0n;) {
    const page = await releaseVault.schedulesOf(beneficiary, next, PAGE);
    found.push(...page.ids);
    next = page.nextId;
  }
  return found;
}

/** All schedules, or those of an account. */
export async function showSchedules(session: Session, beneficiary?: string): Promise<Report> {
  const ids = await readScheduleIds(session, beneficiary);
  const found = await Promise.all(ids.map((id) => session.suite.releaseVault.scheduleOf(id)));
  const claimable = found.reduce((sum, schedule) => sum + schedule.claimable, 0n);
  return {
    title: beneficiary === undefined ? "Release schedules" : `Release schedules of ${beneficiary}`,
    entries: [
      field("Claimable", claimable, formatAmount(claimable)),
      list(
        "Schedules",
        found.map(({ beneficiary: paid, total, released, claimable: due, nextStageAt }, i) => ({
          title: `Schedule ${ids[i] ?? ""}`,
          entries: [
            field("Beneficiary", paid),
            field("Total", total, formatAmount(total)),
            field("Released", released, formatAmount(released)),
            field("Claimable", due, formatAmount(due)),
            field(
              "Next stage",
              nextStageAt,
              nextStageAt === 0n ? "none" : formatTimeFrom(nextStageAt, session.now),
            ),
          ],
        })),
        "none.",
      ),
    ],
  };
}

/** One schedule with the stages of its curve. */
export async function showSchedule(session: Session, id: bigint): Promise<Report> {
  const { suite, now } = session;
  const count = await suite.releaseVault.scheduleCount();
  if (id === 0n || id > count)
    throw new CliError("usage", `There is no schedule ${id}; their ids are 1 to ${count}.`);
  const found = await suite.releaseVault.scheduleOf(id);
  const stages = await suite.releaseVault.curveOf(found.curveId);
  const { total, released, vested, claimable, start, revocable, revokedAt } = found;
  const entries: Entry[] = [
    field("Beneficiary", found.beneficiary),
    ...(found.pendingBeneficiary === ZeroAddress
      ? []
      : [
          field(
            "Offered to",
            found.pendingBeneficiary,
            `${found.pendingBeneficiary}, who can accept it`,
          ),
        ]),
    field("Total", total, formatAmount(total)),
    field("Vested", vested, `${formatAmount(vested)}, ${formatPart(vested, total)}`),
    field("Released", released, formatAmount(released)),
    field("Claimable", claimable, formatAmount(claimable)),
    field("Start", start, formatTimeFrom(start, now)),
    field(
      "Revocable",
      revocable,
      revokedAt !== 0n
        ? `revoked ${formatTimeFrom(revokedAt, now)}`
        : revocable
          ? "yes, by governance"
          : "never",
    ),
    list(
      "Stages",
      stages.map(({ offset, share, linear }, i) => {
        const at = start + offset;
        const amount = (total * share) / SHARE_UNIT;
        return {
          title: `${i + 1}. ${offset === 0n ? "at the start" : `after ${formatSpan(offset)}`}`,
          entries: [
            field("Vested by then", amount, formatAmount(amount)),
            field("How", linear ? "evenly until then" : "at once"),
            field("At", at, formatTimeFrom(at, now)),
          ],
        };
      }),
    ),
  ];
  return { title: `Schedule ${id}`, entries };
}
