/** Actions of a provider: register, serve, rotate its operator, exit, and claim. */
import { ZeroAddress } from "ethers";

import { PROVIDER_STATES } from "../../sdk/index.js";
import { CliError } from "../exit-codes.js";
import type { Actor } from "../frame/keys.js";
import {
  findResource,
  formatCategories,
  parseAddress,
  parseCategories,
  readResources,
} from "../frame/names.js";
import { approveFor, step, type Plan } from "../frame/plan.js";
import {
  formatAmount,
  formatCount,
  formatSpan,
  formatTimeFrom,
  parseAmount,
  parseCount,
} from "../frame/quantities.js";
import { field, note } from "../frame/report.js";
import type { Session } from "../frame/session.js";
import { change } from "./credit.js";

/** Options of `node register`. */
export interface RegistrationOptions {
  readonly serve: string;
  readonly stake?: string;
  readonly operator?: string;
  readonly uri?: string;
}

/** Registers the actor as a provider with its stake. */
export async function planRegistration(
  session: Session,
  { address }: Actor,
  options: RegistrationOptions,
): Promise<Plan> {
  const { nodes } = session.suite;
  const categories = parseCategories(options.serve);
  const minimum = await nodes.minimumStakeFor(categories);
  const amount = options.stake === undefined ? minimum : parseAmount(options.stake);
  if (amount < minimum)
    throw new CliError(
      "refused",
      `Serving ${options.serve} takes a stake of at least ${formatAmount(minimum)}, and ${formatAmount(amount)} is less.`,
    );
  const operator =
    options.operator === undefined ? ZeroAddress : parseAddress(options.operator, "an operator");
  const approval = await approveFor(
    session,
    address,
    await nodes.getAddress(),
    "node registry",
    amount,
  );
  const call = await nodes.register.populateTransaction(
    amount,
    categories,
    operator,
    options.uri ?? "",
  );
  return {
    title: `Register ${address} as a provider`,
    ...approval,
    steps: [...approval.steps, step(`Register with a stake of ${formatAmount(amount)}`, call)],
    changes: [
      field("Staked", amount, formatAmount(amount)),
      field("Serves", formatCategories(BigInt(categories))),
      field(
        "Operator",
        operator,
        operator === ZeroAddress
          ? 'none; "opa node operator --nominate" names one'
          : `${operator}, once it accepts`,
      ),
    ],
  };
}

/** Adds to the stake of a provider. */
export async function planStake(
  session: Session,
  { address }: Actor,
  text: string,
  options: { readonly provider?: string },
): Promise<Plan> {
  const { nodes } = session.suite;
  const provider = options.provider === undefined ? address : parseAddress(options.provider);
  const amount = parseAmount(text);
  const approval = await approveFor(
    session,
    address,
    await nodes.getAddress(),
    "node registry",
    amount,
  );
  const { staked } = await nodes.stakeOf(provider);
  return {
    title: `Add ${formatAmount(amount)} to the stake of ${provider}`,
    ...approval,
    steps: [
      ...approval.steps,
      step(
        `Stake ${formatAmount(amount)}`,
        await nodes.stake.populateTransaction(provider, amount),
      ),
    ],
    changes: [change("Staked", staked, staked + amount)],
  };
}

/** Publishes how much a provider can serve per epoch: `input-token=1e6 output-token=200000`. */
export async function planCapacity(
  session: Session,
  { address }: Actor,
  pairs: readonly string[],
  options: { readonly provider?: string },
): Promise<Plan> {
  const { nodes } = session.suite;
  const provider = await providerOf(session, address, options.provider);
  const resources = await readResources(session);
  const wanted = pairs.map((pair) => {
    const [name = "", units] = pair.split("=");
    if (units === undefined)
      throw new CliError("usage", `"${pair}" is not a capacity; write it like "input-token=1e6".`);
    return { resource: findResource(resources, name), units: parseCount(units) };
  });
  const before = await Promise.all(
    wanted.map(({ resource }) => nodes.capacityOf(provider, resource.id)),
  );
  return {
    title: `Publish the capacity of ${provider}`,
    steps: [
      step(
        `Publish ${pairs.join(", ")} for an epoch`,
        await nodes.publishCapacity.populateTransaction(
          provider,
          wanted.map(({ resource }) => resource.id),
          wanted.map(({ units }) => units),
        ),
      ),
    ],
    changes: wanted.map(({ resource, units }, i) =>
      field(
        resource.name,
        units,
        `${formatCount(before[i] ?? 0n)} becomes ${formatCount(units)} in ${resource.unit} an epoch`,
      ),
    ),
  };
}

/** Nominates an operator key, takes a nomination back, or accepts one. */
export async function planOperator(
  { suite: { nodes }, now }: Session,
  { address }: Actor,
  options: { readonly nominate?: string; readonly accept?: string; readonly withdraw?: true },
): Promise<Plan> {
  const given = [options.nominate, options.accept, options.withdraw].filter(
    (each) => each !== undefined,
  );
  if (given.length !== 1)
    throw new CliError(
      "usage",
      "Choose one of --nominate ADDRESS, --accept PROVIDER and --withdraw.",
    );
  if (options.accept !== undefined) {
    const provider = parseAddress(options.accept, "a provider");
    const { current } = await nodes.operatorsOf(provider);
    return {
      title: `Become the operator of ${provider}`,
      steps: [
        step(
          `Accept the nomination of ${provider}`,
          await nodes.acceptOperator.populateTransaction(provider),
        ),
      ],
      changes: [field("Operator", address, `${operatorName(current)} becomes ${address}`)],
    };
  }
  const operator =
    options.nominate === undefined ? ZeroAddress : parseAddress(options.nominate, "an operator");
  const { current } = await nodes.operatorsOf(address);
  // Who never had an operator does not wait for one.
  const delay = current === ZeroAddress ? 0n : await nodes.ROTATION_DELAY();
  return {
    title: options.withdraw
      ? "Take the nomination of an operator back"
      : `Nominate the operator ${operator}`,
    steps: [
      step(
        `Nominate ${options.withdraw ? "nobody" : operator}`,
        await nodes.nominateOperator.populateTransaction(operator),
      ),
    ],
    changes: [
      field("Operator", current, `${operatorName(current)} until another one accepts`),
      ...(options.withdraw
        ? []
        : [
            field("Acceptable", now + delay, `by ${operator}, ${formatTimeFrom(now + delay, now)}`),
          ]),
    ],
  };
}

function operatorName(address: string): string {
  return address === ZeroAddress ? "nobody" : address;
}

/** Sets where the rewards of the actor are paid. */
export async function planPayout(
  { suite: { pool } }: Session,
  { address }: Actor,
  text: string,
): Promise<Plan> {
  const payout = text === "self" ? address : parseAddress(text, "a payout address");
  const before = await pool.payoutOf(address);
  return {
    title: `Pay the rewards of ${address} to ${payout}`,
    steps: [
      step(`Set the payout address to ${payout}`, await pool.setPayout.populateTransaction(payout)),
    ],
    changes: [field("Payout", payout, `${before} becomes ${payout}`)],
  };
}

/** Starts or stops the service of a provider, as itself or as its operator. */
export async function planService(
  session: Session,
  { address }: Actor,
  what: "activate" | "deactivate",
  options: { readonly provider?: string },
): Promise<Plan> {
  const { nodes } = session.suite;
  const provider = await providerOf(session, address, options.provider);
  const { status, categories, staked } = await nodes.nodeOf(provider);
  const minimum = await nodes.minimumStakeFor(categories);
  const before = (Object.keys(PROVIDER_STATES)[Number(status)] ?? "unknown").toLowerCase();
  const after = what === "activate" ? "active" : "inactive";
  return {
    title: `${what === "activate" ? "Activate" : "Deactivate"} the provider ${provider}`,
    steps: [
      step(
        what === "activate" ? "Start serving" : "Stop serving",
        await nodes[what].populateTransaction(provider),
      ),
    ],
    changes: [
      field("Status", after, `${before} becomes ${after}`),
      what === "activate"
        ? field(
            "Staked",
            staked,
            `${formatAmount(staked)}, and its categories ask for ${formatAmount(minimum)}`,
          )
        : note("Nothing settles for the provider until it is active again."),
    ],
  };
}

/** Lets the actor leave, or a part of its stake. */
export async function planExit(
  { suite: { nodes }, now }: Session,
  { address }: Actor,
  options: { readonly amount?: string },
): Promise<Plan> {
  const [{ staked, unbonding }, period] = await Promise.all([
    nodes.stakeOf(address),
    nodes.UNBONDING_PERIOD(),
  ]);
  const amount = options.amount === undefined ? staked : parseAmount(options.amount);
  const ready = now + period;
  const call =
    options.amount === undefined
      ? await nodes.exit.populateTransaction()
      : await nodes.requestUnbonding.populateTransaction(amount);
  return {
    title:
      options.amount === undefined
        ? `Leave as the provider ${address}`
        : `Take ${formatAmount(amount)} out of the stake`,
    steps: [
      step(
        options.amount === undefined
          ? "Leave with all that is staked"
          : `Request ${formatAmount(amount)}`,
        call,
      ),
    ],
    changes: [
      change("Staked", staked, staked - amount),
      change("Unbonding", unbonding, unbonding + amount),
      field(
        "Ready",
        ready,
        `${formatTimeFrom(ready, now)}; it can still be slashed for ${formatSpan(period)}`,
      ),
    ],
  };
}

/** Pays out the stake that has finished unbonding. */
export async function planStakeWithdrawal(
  { suite: { nodes }, now }: Session,
  { address }: Actor,
  options: { readonly provider?: string },
): Promise<Plan> {
  const provider = options.provider === undefined ? address : parseAddress(options.provider);
  const parts = await nodes.unbondingsOf(provider);
  const amount = parts
    .filter(({ readyAt }) => readyAt <= now)
    .reduce((sum, part) => sum + part.amount, 0n);
  const [next] = parts;
  if (amount === 0n)
    throw new CliError(
      "refused",
      next
        ? `Nothing of ${provider} has finished unbonding; ${formatAmount(next.amount)} is ready ${formatTimeFrom(next.readyAt, now)}.`
        : `Nothing of ${provider} is unbonding; "opa node exit" begins it.`,
    );
  return {
    title: `Withdraw the stake of ${provider}`,
    steps: [
      step(
        `Pay ${formatAmount(amount)} to ${provider}`,
        await nodes.withdraw.populateTransaction(provider),
      ),
    ],
    changes: [field("Paid", amount, formatAmount(amount))],
  };
}

/** Claims the rewards of all finished epochs. */
export async function planRewards(
  { suite: { pool } }: Session,
  { address }: Actor,
  options: {
    readonly account?: string;
    readonly to?: string;
    readonly toStake?: true;
    readonly toLock?: true;
  },
): Promise<Plan> {
  const given = [options.to, options.toStake, options.toLock].filter((each) => each !== undefined);
  if (given.length > 1)
    throw new CliError("usage", "Choose one of --to, --to-stake and --to-lock.");
  const account = options.account === undefined ? address : parseAddress(options.account);
  if (given.length > 0 && account !== address)
    throw new CliError(
      "usage",
      `Only ${account} itself says where its rewards go; leave out --to, --to-stake and --to-lock.`,
    );
  const [amount, payout] = await Promise.all([pool.claimableOf(account), pool.payoutOf(account)]);
  if (amount === 0n)
    throw new CliError(
      "refused",
      `${account} has no reward to claim; finished epochs in which it contributed pay one.`,
    );
  const [where, call] =
    options.to !== undefined
      ? [parseAddress(options.to), await pool.claimTo.populateTransaction(parseAddress(options.to))]
      : options.toStake
        ? ["the stake", await pool.claimToStake.populateTransaction()]
        : options.toLock
          ? ["the lock", await pool.claimToLock.populateTransaction()]
          : [payout, await pool.claim.populateTransaction(account)];
  return {
    title: `Claim the rewards of ${account}`,
    steps: [step(`Pay ${formatAmount(amount)} to ${where}`, call)],
    changes: [change("To claim", amount, 0n)],
  };
}

/** The provider that is meant: the one named, the actor, or the one whose operator the actor is. */
async function providerOf(
  { suite: { nodes } }: Session,
  address: string,
  named: string | undefined,
): Promise<string> {
  if (named !== undefined) return parseAddress(named, "a provider");
  const { provider, retiredAt } = await nodes.providerOf(address);
  return provider === ZeroAddress || retiredAt !== 0n ? address : provider;
}
