/** Release schedules: claim vested OPA, and hand a schedule over. */
import { ZeroAddress } from "ethers";

import { CliError } from "../exit-codes.js";
import type { Actor } from "../frame/keys.js";
import { parseAddress } from "../frame/names.js";
import { step, type Plan } from "../frame/plan.js";
import { formatAmount, parseCount } from "../frame/quantities.js";
import { field } from "../frame/report.js";
import type { Session } from "../frame/session.js";
import { readScheduleIds } from "../look/schedule.js";
import { change } from "./credit.js";

/** Where a claim goes; without any, to the beneficiary. */
export interface ClaimOptions {
  readonly to?: string;
  readonly toLock?: true;
  readonly toStake?: string;
}

/** Claims one schedule, or all of the actor that have something to pay. */
export async function planClaim(
  session: Session,
  { address }: Actor,
  text: string | undefined,
  options: ClaimOptions,
): Promise<Plan> {
  const { releaseVault: vault } = session.suite;
  const given = [options.to, options.toLock, options.toStake].filter((each) => each !== undefined);
  if (given.length > 1)
    throw new CliError("usage", "Choose one of --to, --to-lock and --to-stake.");
  if (text === undefined) return planClaimOfAll(session, address, options);

  const id = parseCount(text);
  const { claimable, beneficiary, released } = await vault.scheduleOf(id);
  const amount = formatAmount(claimable);
  const [words, call] =
    options.to !== undefined
      ? [
          `to ${parseAddress(options.to)}`,
          await vault.claimTo.populateTransaction(id, parseAddress(options.to)),
        ]
      : options.toLock
        ? ["to the lock of the beneficiary", await vault.claimToLock.populateTransaction(id)]
        : options.toStake !== undefined
          ? [
              `to the stake of ${parseAddress(options.toStake)}`,
              await vault.claimToStake.populateTransaction(id, parseAddress(options.toStake)),
            ]
          : [`to ${beneficiary}`, await vault.claim.populateTransaction(id)];
  return {
    title: `Claim schedule ${id}`,
    steps: [step(`Pay ${amount} ${words}`, call)],
    changes: [change("Released", released, released + claimable)],
  };
}

async function planClaimOfAll(
  session: Session,
  address: string,
  options: ClaimOptions,
): Promise<Plan> {
  const { releaseVault: vault } = session.suite;
  if (options.toLock || options.toStake !== undefined)
    throw new CliError("usage", "Name a schedule to claim it to a lock or a stake.");
  const ids = await readScheduleIds(session, address);
  const due = await Promise.all(ids.map((id) => vault.claimable(id)));
  const wanted = ids.filter((_, i) => due[i] !== 0n).slice(0, Number(await vault.MAX_BATCH()));
  const amount = due.reduce((sum, each) => sum + each, 0n);
  if (wanted.length === 0)
    throw new CliError(
      "refused",
      `No schedule of ${address} has anything to claim now; "opa schedule ${address}" says when.`,
    );
  const to = options.to === undefined ? address : parseAddress(options.to);
  const call =
    options.to === undefined
      ? await vault.claimMany.populateTransaction(wanted)
      : await vault.claimManyTo.populateTransaction(wanted, to);
  return {
    title: `Claim schedules ${wanted.join(", ")}`,
    steps: [step(`Pay ${formatAmount(amount)} to ${to}`, call)],
    changes: [field("Claimed", amount, formatAmount(amount))],
  };
}

/** Offers a schedule to another account, takes an offer back, or accepts one. */
export async function planTransfer(
  { suite: { releaseVault: vault } }: Session,
  { address }: Actor,
  text: string,
  options: { readonly to?: string; readonly accept?: true; readonly withdraw?: true },
): Promise<Plan> {
  const id = parseCount(text);
  const given = [options.to, options.accept, options.withdraw].filter((each) => each !== undefined);
  if (given.length !== 1)
    throw new CliError("usage", "Choose one of --to ADDRESS, --accept and --withdraw.");
  const { beneficiary, pendingBeneficiary } = await vault.scheduleOf(id);
  if (options.accept)
    return {
      title: `Take schedule ${id} over`,
      steps: [step(`Accept schedule ${id}`, await vault.acceptBeneficiary.populateTransaction(id))],
      changes: [field("Beneficiary", address, `${beneficiary} becomes ${address}`)],
    };
  const to = options.to === undefined ? ZeroAddress : parseAddress(options.to);
  const offered = (account: string) => (account === ZeroAddress ? "nobody" : account);
  return {
    title:
      options.to === undefined
        ? `Take the offer of schedule ${id} back`
        : `Offer schedule ${id} to ${to}`,
    steps: [
      step(
        `Offer schedule ${id} to ${offered(to)}`,
        await vault.proposeBeneficiary.populateTransaction(id, to),
      ),
    ],
    changes: [
      field("Offered to", to, `${offered(pendingBeneficiary)} becomes ${offered(to)}`),
      field("Beneficiary", beneficiary, `${beneficiary} until the offer is accepted`),
    ],
  };
}
