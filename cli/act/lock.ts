/** The governance lock of the actor. */
import { ZeroAddress } from "ethers";

import { WEEK } from "../../sdk/index.js";
import { CliError } from "../exit-codes.js";
import type { Actor } from "../frame/keys.js";
import { parseAddress } from "../frame/names.js";
import { approveFor, step, type Plan } from "../frame/plan.js";
import { formatAmount, formatTimeFrom, parseAmount, parseTime } from "../frame/quantities.js";
import { field } from "../frame/report.js";
import type { Session } from "../frame/session.js";
import { change } from "./credit.js";

/** Longest term of a lock, over which its power falls from the amount to zero. */
const FULL_TERM = 104n * WEEK;

/** Locks OPA until the beginning of a week. */
export async function planLock(
  session: Session,
  { address }: Actor,
  text: string,
  options: { readonly for: string },
): Promise<Plan> {
  const { suite, now } = session;
  const amount = parseAmount(text);
  const end = await readEnd(session, options.for);
  const approval = await approveFor(
    session,
    address,
    await suite.lock.getAddress(),
    "governance lock",
    amount,
  );
  const lock = await suite.lock.lock.populateTransaction(amount, end);
  const votes = (amount * (end - now)) / FULL_TERM;
  return {
    title: `Lock ${formatAmount(amount)} until ${formatTimeFrom(end, now)}`,
    ...approval,
    steps: [...approval.steps, step(`Lock ${formatAmount(amount)}`, lock)],
    changes: [
      field("Locked", amount, formatAmount(amount)),
      field("Ends", end, formatTimeFrom(end, now)),
      field("Votes", votes, `about ${formatAmount(votes)} at first, falling to zero at the end`),
    ],
  };
}

/** Adds to a lock of the actor, or of another account. */
export async function planIncrease(
  session: Session,
  { address }: Actor,
  text: string,
  options: { readonly account?: string },
): Promise<Plan> {
  const { lock } = session.suite;
  const owner = options.account === undefined ? address : parseAddress(options.account);
  const amount = parseAmount(text);
  const approval = await approveFor(
    session,
    address,
    await lock.getAddress(),
    "governance lock",
    amount,
  );
  const before = (await lock.lockOf(owner)).amount;
  const increase = await lock.increase.populateTransaction(owner, amount);
  return {
    title: `Add ${formatAmount(amount)} to the lock of ${owner}`,
    ...approval,
    steps: [...approval.steps, step(`Add ${formatAmount(amount)}`, increase)],
    changes: [change("Locked", before, before + amount)],
  };
}

/** Makes the lock of the actor end later. */
export async function planExtension(
  session: Session,
  { address }: Actor,
  text: string,
): Promise<Plan> {
  const { suite, now } = session;
  const { amount, end: before } = await suite.lock.lockOf(address);
  if (amount === 0n)
    throw new CliError("refused", `${address} has no lock; "opa lock create" makes one.`);
  const end = await readEnd(session, text);
  return {
    title: `Extend the lock of ${address}`,
    steps: [
      step(
        `Let it end ${formatTimeFrom(end, now)}`,
        await suite.lock.extend.populateTransaction(end),
      ),
    ],
    changes: [
      field("Ends", end, `${formatTimeFrom(before, now)} becomes ${formatTimeFrom(end, now)}`),
    ],
  };
}

/** Pays the lock of the actor out. */
export async function planLockWithdrawal(
  { suite: { lock, token } }: Session,
  { address }: Actor,
): Promise<Plan> {
  const [{ amount }, balance] = await Promise.all([lock.lockOf(address), token.balanceOf(address)]);
  return {
    title: `Withdraw the lock of ${address}`,
    steps: [step(`Pay ${formatAmount(amount)} out`, await lock.withdraw.populateTransaction())],
    changes: [change("Locked", amount, 0n), change("OPA of the owner", balance, balance + amount)],
  };
}

/** Lets another account vote with the power of the actor. */
export async function planDelegation(
  { suite: { lock } }: Session,
  { address }: Actor,
  text: string,
): Promise<Plan> {
  const to = text === "self" ? address : parseAddress(text, "a delegate");
  const [power, before] = await Promise.all([lock.powerOf(address), lock.delegates(address)]);
  return {
    title: `Delegate the votes of ${address}`,
    steps: [step(`Delegate to ${to}`, await lock.delegate.populateTransaction(to))],
    changes: [
      field("Delegate", to, `${before === ZeroAddress ? "nobody" : before} becomes ${to}`),
      field("Votes", power, `${formatAmount(power)} now`),
    ],
  };
}

/** The end of a lock: the last beginning of a week that is not after the time, and the latest one for "max". */
async function readEnd({ suite: { lock }, now }: Session, text: string): Promise<bigint> {
  const { earliest, latest } = await lock.endRange();
  if (text === "max") return latest;
  const wanted = parseTime(text, now);
  const end = wanted - (wanted % WEEK);
  if (end >= earliest && end <= latest) return end;
  throw new CliError(
    "usage",
    `A lock ends at the beginning of a week, from ${formatTimeFrom(earliest, now)} to ${formatTimeFrom(latest, now)}; "max" is the latest.`,
  );
}
