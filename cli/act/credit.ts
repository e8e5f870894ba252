/** Credit of an account: deposit, withdraw, reserve, release; and allowances of the token. */
import { AbiCoder, MaxUint256 } from "ethers";

import { addressIn } from "../../sdk/index.js";
import { CliError } from "../exit-codes.js";
import type { Actor } from "../frame/keys.js";
import { findContract, parseAddress } from "../frame/names.js";
import { step, type Plan } from "../frame/plan.js";
import { formatAmount, formatTimeFrom, parseAmount, parseTime } from "../frame/quantities.js";
import { field, type Field } from "../frame/report.js";
import type { Session } from "../frame/session.js";

/** An amount before and after. */
export function change(label: string, before: bigint, after: bigint): Field {
  return field(label, after, `${formatAmount(before)} becomes ${formatAmount(after)}`);
}

/** Deposits OPA of the actor as credit, in one transaction and without an allowance. */
export async function planDeposit(
  { suite: { meter, token } }: Session,
  { address }: Actor,
  text: string,
  options: { readonly account?: string },
): Promise<Plan> {
  const amount = parseAmount(text);
  const account = options.account === undefined ? address : parseAddress(options.account);
  const [balance, credit] = await Promise.all([token.balanceOf(address), meter.creditOf(account)]);
  requireBalance(address, balance, amount);
  const data = AbiCoder.defaultAbiCoder().encode(["address"], [account]);
  const transfer = token.getFunction("transferAndCall(address,uint256,bytes)");
  return {
    title: `Deposit ${formatAmount(amount)} for ${account}`,
    steps: [
      step(
        `Transfer ${formatAmount(amount)} to the Meter as credit of ${account}`,
        await transfer.populateTransaction(await meter.getAddress(), amount, data),
      ),
    ],
    changes: [
      change("OPA of the sender", balance, balance - amount),
      change("Credit", credit, credit + amount),
    ],
  };
}

/** Withdraws free credit. */
export async function planWithdrawal(
  { suite: { meter, token } }: Session,
  { address }: Actor,
  text: string,
  options: { readonly account?: string; readonly to?: string },
): Promise<Plan> {
  const account = options.account === undefined ? address : parseAddress(options.account);
  const to = options.to === undefined ? address : parseAddress(options.to);
  const [credit, balance] = await Promise.all([meter.creditOf(account), token.balanceOf(to)]);
  const amount = text === "all" ? credit : parseAmount(text);
  if (amount === 0n) throw new CliError("refused", `${account} has no free credit.`);
  return {
    title: `Withdraw ${formatAmount(amount)} of ${account}`,
    steps: [
      step(
        `Pay ${formatAmount(amount)} of free credit to ${to}`,
        await meter.withdraw.populateTransaction(account, to, amount),
      ),
    ],
    changes: [
      change("Credit", credit, credit - amount),
      change("OPA of the recipient", balance, balance + amount),
    ],
  };
}

/** Options of a reservation. */
export interface ReservationOptions {
  readonly signer: string;
  readonly until: string;
  readonly account?: string;
}

/** Sets credit aside for a provider and a signer until a time. */
export async function planReservation(
  { suite: { meter }, now }: Session,
  { address }: Actor,
  providerText: string,
  text: string,
  options: ReservationOptions,
): Promise<Plan> {
  const account = options.account === undefined ? address : parseAddress(options.account);
  const provider = parseAddress(providerText, "a provider");
  const signer = parseAddress(options.signer, "the signer");
  const amount = parseAmount(text);
  const until = parseTime(options.until, now);
  const [credit, reservation] = await Promise.all([
    meter.creditOf(account),
    meter.reservationOf(account, provider),
  ]);
  return {
    title: `Reserve ${formatAmount(amount)} of ${account} for ${provider}`,
    steps: [
      step(
        `Reserve ${formatAmount(amount)} for ${provider}, signed for by ${signer}`,
        await meter.reserve.populateTransaction(account, provider, signer, amount, until),
      ),
    ],
    changes: [
      change("Free credit", credit, credit - amount),
      change("Reserved", reservation.amount, reservation.amount + amount),
      field("Until", until, formatTimeFrom(until, now)),
    ],
  };
}

/** Returns the rest of an ended reservation. */
export async function planRelease(
  { suite: { meter } }: Session,
  { address }: Actor,
  providerText: string,
  options: { readonly account?: string },
): Promise<Plan> {
  const account = options.account === undefined ? address : parseAddress(options.account);
  const provider = parseAddress(providerText, "a provider");
  const [credit, { amount }] = await Promise.all([
    meter.creditOf(account),
    meter.reservationOf(account, provider),
  ]);
  return {
    title: `Release the reservation of ${account} for ${provider}`,
    steps: [
      step(
        `Release ${formatAmount(amount)} to free credit`,
        await meter.releaseReservation.populateTransaction(account, provider),
      ),
    ],
    changes: [change("Free credit", credit, credit + amount), change("Reserved", amount, 0n)],
  };
}

/** Allows a contract of the system, or any account, to take OPA of the actor. */
export async function planApproval(
  { suite: { token }, deployment }: Session,
  { address }: Actor,
  spenderText: string,
  text: string,
): Promise<Plan> {
  const spender = spenderText.startsWith("0x")
    ? parseAddress(spenderText)
    : addressIn(deployment, findContract(deployment, spenderText));
  const amount = text === "none" ? 0n : text === "unlimited" ? MaxUint256 : parseAmount(text);
  const before = await token.allowance(address, spender);
  const words = (wei: bigint) => (wei === MaxUint256 ? "no limit" : formatAmount(wei));
  return {
    title: `Allow ${spenderText} to take ${words(amount)}`,
    steps: [
      step(
        `Set the allowance of ${spender} to ${words(amount)}`,
        await token.approve.populateTransaction(spender, amount),
      ),
    ],
    changes: [field("Allowance", amount, `${words(before)} becomes ${words(amount)}`)],
  };
}

function requireBalance(address: string, balance: bigint, amount: bigint): void {
  if (balance >= amount) return;
  throw new CliError(
    "refused",
    `${address} has ${formatAmount(balance)}, and this takes ${formatAmount(amount)}; it needs ${formatAmount(amount - balance)} more.`,
  );
}
