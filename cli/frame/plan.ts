/** Effect of a command on the chain: transactions in order, and their changes. */
import type { ContractTransaction } from "ethers";

import { CliError } from "../exit-codes.js";
import type { Entry } from "./report.js";
import type { Session } from "./session.js";
import { formatAmount } from "./quantities.js";

/** One transaction. */
export interface Step {
  readonly to: string;
  readonly data: string;
  readonly value: bigint;
  /** The transaction in words. */
  readonly words: string;
}

/** An allowance that an earlier step of the plan gives. */
export interface GivenAllowance {
  readonly owner: string;
  readonly spender: string;
  readonly amount: bigint;
}

/** Transactions of a command. */
export interface Plan {
  /** The command in a sentence, such as "Deposit 5 OPA for 0x…". */
  readonly title: string;
  readonly steps: readonly Step[];
  readonly changes: readonly Entry[];
  /** Set if the first step approves and the others spend that. */
  readonly allowance?: GivenAllowance;
}

/** A step from a call of a typed contract: `step("…", await meter.deposit.populateTransaction(account, amount))`. */
export function step(words: string, { to, data, value }: ContractTransaction): Step {
  return { to, data, value: value ?? 0n, words };
}

/**
 * Makes sure that a contract of the system can take OPA of an account: the approval that it needs, if there is not enough
 * yet.
 *
 * @throws {CliError} if the account has less OPA.
 */
export async function approveFor(
  { suite: { token } }: Session,
  owner: string,
  spender: string,
  name: string,
  amount: bigint,
): Promise<{ steps: Step[]; allowance?: GivenAllowance }> {
  const [balance, allowed] = await Promise.all([
    token.balanceOf(owner),
    token.allowance(owner, spender),
  ]);
  if (balance < amount)
    throw new CliError(
      "refused",
      `${owner} has ${formatAmount(balance)}, and this takes ${formatAmount(amount)}; it needs ${formatAmount(amount - balance)} more.`,
    );
  if (allowed >= amount) return { steps: [] };
  const words = `Allow the ${name} to take ${formatAmount(amount)}`;
  const approval = step(words, await token.approve.populateTransaction(spender, amount));
  return { steps: [approval], allowance: { owner, spender, amount } };
}
