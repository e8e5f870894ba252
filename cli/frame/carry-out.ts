/** Carries a plan out: shows it, sends it, or writes it down for a signer elsewhere. */
import { writeFileSync } from "node:fs";

import type { TransactionReceipt, Wallet } from "ethers";

import { CliError } from "../exit-codes.js";
import { toCliError } from "./errors.js";
import { eventEntries } from "./event-words.js";
import { gasLimitOf } from "./gas.js";
import type { Actor } from "./keys.js";
import type { Plan } from "./plan.js";
import { field, group, hidden, list, note, type Entry, type Report } from "./report.js";
import { formatCount, formatEth, parseSpan } from "./quantities.js";
import type { Session } from "./session.js";
import { tryPlan, type Trial } from "./simulate.js";
import type { Terminal } from "./terminal.js";

/** Options that say whether and how to send. */
export interface SendingOptions {
  readonly send?: true;
  readonly unsigned?: true;
  readonly safe?: string;
  readonly wait?: string;
}

const DEFAULT_WAIT = "180s";

/** Shows, sends or writes a plan down, as the options say. */
export async function carryOut(
  session: Session,
  actor: Actor,
  plan: Plan,
  options: SendingOptions,
  terminal: Terminal,
): Promise<Report> {
  const modes = [options.send, options.unsigned, options.safe].filter((mode) => mode !== undefined);
  if (modes.length > 1) throw new CliError("usage", "Choose one of --send, --unsigned and --safe.");
  const patience = Number(parseSpan(options.wait ?? DEFAULT_WAIT)) * 1_000;
  const trial = await terminal.during("Trying it", () => tryPlan(session, actor.address, plan));
  if (options.safe !== undefined) return writeSafeBatch(session, actor, plan, options.safe);
  if (options.unsigned) return showUnsigned(session, actor, plan, trial);
  if (options.send) return sendAll(session, actor, plan, trial, patience, terminal);
  return showPlan(session, actor, plan, trial);
}

function showPlan(
  session: Session,
  { address, unlock }: Actor,
  plan: Plan,
  trial: Trial,
): Promise<Report> {
  return describeCost(session, address, trial).then((cost) => ({
    title: `${plan.title} (dry run)`,
    entries: [
      field("From", address),
      group("Would change", plan.changes),
      list(
        "Transactions",
        trial.steps.map(({ words, to, data, value, gas, isTried }, i) => ({
          title: `${i + 1}. ${words}`,
          entries: [
            field("Gas", gas ?? null, gasWords(gas, isTried)),
            hidden("To", to),
            hidden("Data", data),
            hidden("Value", value),
          ],
        })),
      ),
      ...cost,
      note(
        unlock
          ? "Nothing was sent; --send sends it."
          : "Nothing was sent; --send needs a key, --unsigned and --safe write it down for a signer elsewhere.",
      ),
    ],
  }));
}

async function describeCost(
  { provider }: Session,
  address: string,
  trial: Trial,
): Promise<Entry[]> {
  const balance = await provider.getBalance(address);
  const { fee } = trial;
  return [
    field(
      "Fee",
      fee ?? null,
      fee === undefined ? "known once the first one is mined" : `at most ${formatEth(fee)}`,
    ),
    field("Balance for gas", balance, formatEth(balance)),
    ...(fee !== undefined && balance < fee
      ? [
          note(
            `Warning: the balance does not pay the fee; send ${formatEth(fee - balance)} to ${address} first.`,
          ),
        ]
      : []),
  ];
}

function limitOf(gas: bigint | undefined): bigint | undefined {
  return gas === undefined ? undefined : gasLimitOf(gas);
}

/** Gas of a step in words. */
function gasWords(gas: bigint | undefined, isTried: boolean): string {
  if (gas !== undefined) return formatCount(gas);
  return isTried
    ? "known once the one before is mined; it passes then"
    : "known once the one before is mined; the node cannot try it before";
}

async function sendAll(
  session: Session,
  actor: Actor,
  plan: Plan,
  { gasPrice }: Trial,
  patience: number,
  terminal: Terminal,
): Promise<Report> {
  if (!actor.unlock)
    throw new CliError(
      "usage",
      `--send needs the key of ${actor.address}: --wallet, --keystore or --key-env. --unsigned and --safe write it down for a signer elsewhere.`,
    );
  const wallet = (await actor.unlock()).connect(session.provider);
  const sent: { title: string; receipt: TransactionReceipt }[] = [];
  for (const { words, to, data, value } of plan.steps) {
    const receipt = await sendOne(
      session,
      wallet,
      { to, data, value, gasPrice },
      patience,
      terminal,
    );
    sent.push({ title: `${sent.length + 1}. ${words}`, receipt });
  }
  return {
    title: `${plan.title}: done`,
    entries: [
      field("From", actor.address),
      group("Changed", plan.changes),
      list(
        "Transactions",
        sent.map(({ title, receipt }) => ({
          title,
          entries: [
            field("Hash", receipt.hash),
            field("Block", receipt.blockNumber, formatCount(receipt.blockNumber)),
            field("Gas", receipt.gasUsed, formatCount(receipt.gasUsed)),
            field("Fee", receipt.fee, formatEth(receipt.fee)),
            list("Events", eventEntries(session, receipt.logs), "None."),
          ],
        })),
      ),
    ],
  };
}

async function sendOne(
  { provider, deployment }: Session,
  wallet: Wallet,
  request: { to: string; data: string; value: bigint; gasPrice: bigint },
  patience: number,
  terminal: Terminal,
): Promise<TransactionReceipt> {
  const { gasPrice, ...call } = request;
  let hash = "";
  try {
    const estimate = await provider.estimateGas({ ...call, from: wallet.address });
    const { maxFeePerGas, maxPriorityFeePerGas } = await provider.getFeeData();
    const fees =
      maxFeePerGas === null || maxPriorityFeePerGas === null
        ? { gasPrice }
        : { maxFeePerGas, maxPriorityFeePerGas };
    const response = await wallet.sendTransaction({
      ...call,
      ...fees,
      gasLimit: gasLimitOf(estimate),
    });
    hash = response.hash;
    const receipt = await terminal.during(`Waiting for ${hash}`, () => response.wait(1, patience));
    if (receipt === null) throw new Error("no receipt");
    return receipt;
  } catch (error) {
    if (hash === "") throw toCliError(error, deployment);
    if ((error as { code?: unknown }).code === "CALL_EXCEPTION")
      throw new CliError(
        "refused",
        `The transaction ${hash} was mined and reverted; run the command again without --send to see why.`,
        { cause: error },
      );
    throw new CliError(
      "unknown",
      `The transaction ${hash} is sent and not mined yet. Look it up before you send anything again; --wait sets how long to wait.`,
      { cause: error },
    );
  }
}

/** Transactions as JSON that signers take, unsigned. */
async function showUnsigned(
  session: Session,
  { address }: Actor,
  plan: Plan,
  trial: Trial,
): Promise<Report> {
  const nonce = await session.provider.getTransactionCount(address, "pending");
  return {
    title: `${plan.title} (unsigned)`,
    entries: [
      field("From", address),
      group("Would change", plan.changes),
      list(
        "Transactions",
        trial.steps.map(({ words, to, data, value, gas, isTried }, i) => ({
          title: `${i + 1}. ${words}`,
          entries: [
            field("Chain id", session.chainId),
            field("Nonce", nonce + i),
            field("To", to),
            field("Value", value, `${value} wei`),
            field("Gas", limitOf(gas) ?? null, gasWords(limitOf(gas), isTried)),
            field("Max fee per gas", trial.gasPrice, `${trial.gasPrice} wei`),
            field("Data", data),
          ],
        })),
      ),
      note("Nothing was sent; sign these in their order."),
    ],
  };
}

/** A batch that Safe's transaction builder imports. */
function writeSafeBatch(session: Session, { address }: Actor, plan: Plan, file: string): Report {
  const batch = {
    version: "1.0",
    chainId: session.chainId.toString(),
    createdAt: Number(session.now) * 1_000,
    meta: {
      name: plan.title,
      description: plan.steps.map(({ words }) => words).join("; "),
      txBuilderVersion: "1.16.5",
      createdFromSafeAddress: address,
    },
    transactions: plan.steps.map(({ to, data, value }) => ({
      ...{ to, value: value.toString(), data },
      ...{ contractMethod: null, contractInputsValues: null },
    })),
  };
  try {
    writeFileSync(file, `${JSON.stringify(batch, null, 2)}\n`);
  } catch (error) {
    throw new CliError("setup", `${file} cannot be written: ${(error as Error).message}.`, {
      cause: error,
    });
  }
  return {
    title: `${plan.title} (Safe batch)`,
    entries: [
      field("Safe", address),
      group("Would change", plan.changes),
      list(
        "Transactions",
        plan.steps.map(({ words }, i) => ({ title: `${i + 1}. ${words}`, entries: [] })),
      ),
      field("File", file),
      note("Nothing was sent; open the file in the transaction builder of the Safe."),
    ],
  };
}
