/** Actions with a wallet, as transactions whose effect is described before the wallet opens. */
import { AbiCoder } from "ethers";

import { WEEK } from "../../../sdk/index.js";
import type { Suite } from "../reads/suite.js";
import { exactOpa, shortOpa } from "../words/amounts.js";
import { Sentence } from "../words/errors.js";
import { shortAddress } from "../words/names.js";
import { timeText } from "../words/times.js";
import { LONGEST_LOCK } from "../reads/locks.js";

/** A transaction to send. */
export interface Step {
  /** Effect in a sentence. */
  readonly title: string;
  readonly to: string;
  readonly data: string;
  /** The contract and the function that it calls. */
  readonly call: string;
  /** Changes in sentences. */
  readonly changes: () => Promise<readonly string[]>;
}

/** Transactions that are sent one after the other. */
export interface Plan {
  readonly title: string;
  readonly steps: readonly Step[];
}

/** Ways to vote, by their number in the Governor. */
export const SUPPORT = { Against: 0, For: 1, Abstain: 2 } as const;

const COUNTS = { Against: "againstVotes", For: "forVotes", Abstain: "abstainVotes" } as const;

/** Prepays credit for an account, in one transaction without an allowance (ERC-1363). */
export function planDeposit(
  { token, meter, modules }: Suite,
  from: string,
  account: string,
  amount: bigint,
): Plan {
  const target = modules.get("meter") ?? "";
  const data = AbiCoder.defaultAbiCoder().encode(["address"], [account]);
  const title = `Deposit ${exactOpa(amount)} OPA as credit of ${shortAddress(account)}`;
  return single({
    ...{
      title,
      to: modules.get("token") ?? "",
      call: "OPAToken.transferAndCall(), with the Meter as receiver,",
    },
    data: token.interface.encodeFunctionData("transferAndCall(address,uint256,bytes)", [
      ...([target, amount, data] as const),
    ]),
    changes: async () => {
      const [balance, credit] = await Promise.all([token.balanceOf(from), meter.creditOf(account)]);
      return [
        change("What you hold", balance, balance - amount),
        change(`The free credit of ${shortAddress(account)}`, credit, credit + amount),
      ];
    },
  });
}

/** Takes free credit back. */
export function planWithdraw(
  { token, meter, modules }: Suite,
  account: string,
  amount: bigint,
): Plan {
  return single({
    title: `Withdraw ${exactOpa(amount)} OPA of credit to ${shortAddress(account)}`,
    to: modules.get("meter") ?? "",
    call: "Meter.withdraw()",
    data: meter.interface.encodeFunctionData("withdraw", [account, account, amount]),
    changes: async () => {
      const [balance, credit] = await Promise.all([
        token.balanceOf(account),
        meter.creditOf(account),
      ]);
      return [
        change("Your free credit", credit, credit - amount),
        change("What you hold", balance, balance + amount),
      ];
    },
  });
}

/** Claims the rewards of an account. */
export function planClaimRewards({ pool, modules }: Suite, account: string): Plan {
  return single({
    title: `Claim the rewards of ${shortAddress(account)}`,
    to: modules.get("incentive-pool") ?? "",
    call: "IncentivePool.claim()",
    data: pool.interface.encodeFunctionData("claim", [account]),
    changes: async () => {
      const [amount, claimable, payout] = await Promise.all([
        pool.claim.staticCall(account),
        pool.claimableOf(account),
        pool.payoutOf(account),
      ]);
      const rest =
        claimable > amount ? ` ${shortOpa(claimable - amount)} OPA wait for the limit.` : "";
      return [`${shortAddress(payout)} receives ${shortOpa(amount)} OPA.${rest}`];
    },
  });
}

/** Claims the vested OPA of an account's schedules. */
export function planClaimSchedules(
  { token, vault, modules }: Suite,
  account: string,
  ids: readonly bigint[],
): Plan {
  return single({
    title: `Claim what ${ids.length === 1 ? "a schedule has" : `${ids.length} schedules have`} released`,
    to: modules.get("release-vault") ?? "",
    call: "ReleaseVault.claimMany()",
    data: vault.interface.encodeFunctionData("claimMany", [[...ids]]),
    changes: async () => {
      const [balance, ...parts] = await Promise.all([
        token.balanceOf(account),
        ...ids.map((id) => vault.claimable(id)),
      ]);
      const amount = parts.reduce((sum, part) => sum + part, 0n);
      return [change("What you hold", balance, balance + amount)];
    },
  });
}

/** Locks OPA until the beginning of a week, or adds to a lock that exists. */
export async function planLock(
  suite: Suite,
  account: string,
  amount: bigint,
  weeks: number,
): Promise<Plan> {
  const { lock, modules } = suite;
  const [record, { earliest, latest }] = await Promise.all([lock.lockOf(account), lock.endRange()]);
  const isNew = record.amount === 0n;
  const end = isNew ? endIn(weeks, earliest, latest) : record.end;
  const until = `until ${timeText(end)}`;
  const step: Step = {
    title: isNew
      ? `Lock ${exactOpa(amount)} OPA ${until}`
      : `Add ${exactOpa(amount)} OPA to your lock, which runs ${until}`,
    to: modules.get("governance-lock") ?? "",
    call: isNew ? "GovernanceLock.lock()" : "GovernanceLock.increase()",
    data: isNew
      ? lock.interface.encodeFunctionData("lock", [amount, end])
      : lock.interface.encodeFunctionData("increase", [account, amount]),
    changes: async () => {
      const power = await lock.powerOf(account);
      const time = BigInt((await suite.provider.getBlock("latest"))?.timestamp ?? 0);
      const added = (amount * (end - time)) / LONGEST_LOCK;
      return [
        change("Your locked OPA", record.amount, record.amount + amount),
        `The lock gives about ${shortOpa(power + added, 2)} votes now, and fewer every second until it ends.`,
        `Nobody can take the OPA out before ${timeText(end)}.`,
      ];
    },
  };
  return { title: step.title, steps: [...(await allowance(suite, account, amount)), step] };
}

/** Makes a lock end later. */
export async function planExtend(suite: Suite, account: string, weeks: number): Promise<Plan> {
  const { lock, modules } = suite;
  const [record, { earliest, latest }] = await Promise.all([lock.lockOf(account), lock.endRange()]);
  if (record.amount === 0n) throw new Sentence("You have no lock to extend; lock OPA first.");
  const end = endIn(weeks, earliest, latest);
  return single({
    title: `Extend your lock until ${timeText(end)}`,
    to: modules.get("governance-lock") ?? "",
    call: "GovernanceLock.extend()",
    data: lock.interface.encodeFunctionData("extend", [end]),
    changes: () =>
      Promise.resolve([`Your lock ends at ${timeText(end)} in place of ${timeText(record.end)}.`]),
  });
}

/** Takes OPA out of a lock that has ended. */
export function planUnlock({ lock, token, modules }: Suite, account: string): Plan {
  return single({
    title: "Withdraw your lock",
    to: modules.get("governance-lock") ?? "",
    call: "GovernanceLock.withdraw()",
    data: lock.interface.encodeFunctionData("withdraw"),
    changes: async () => {
      const [{ amount }, balance] = await Promise.all([
        lock.lockOf(account),
        token.balanceOf(account),
      ]);
      return [change("What you hold", balance, balance + amount)];
    },
  });
}

/** Has the votes of a lock count for somebody else, or for oneself again. */
export function planDelegate({ lock, modules }: Suite, account: string, delegatee: string): Plan {
  return single({
    title: `Have your votes count for ${shortAddress(delegatee)}`,
    to: modules.get("governance-lock") ?? "",
    call: "GovernanceLock.delegate()",
    data: lock.interface.encodeFunctionData("delegate", [delegatee]),
    changes: async () => {
      const [power, before, votes] = await Promise.all([
        lock.powerOf(account),
        lock.delegates(account),
        lock.getVotes(delegatee),
      ]);
      return [
        `${shortOpa(power, 2)} votes count for ${shortAddress(delegatee)} in place of ${shortAddress(before)}.`,
        `${shortAddress(delegatee)} has ${shortOpa(votes, 2)} votes before.`,
      ];
    },
  });
}

/** Votes on a proposal. */
export function planVote(
  { governor, lock, modules }: Suite,
  account: string,
  proposal: { readonly id: bigint; readonly description: string },
  support: keyof typeof SUPPORT,
): Plan {
  return single({
    title: `Vote ${support.toLowerCase()} “${proposal.description}”`,
    to: modules.get("governor") ?? "",
    call: "OPAGovernor.castVote()",
    data: governor.interface.encodeFunctionData("castVote", [proposal.id, SUPPORT[support]]),
    changes: async () => {
      const snapshot = (await governor.getFunction("proposalSnapshot")(proposal.id)) as bigint;
      const [power, votes] = await Promise.all([
        lock.getPastVotes(account, snapshot),
        governor.getFunction("proposalVotes")(proposal.id) as Promise<Record<string, bigint>>,
      ]);
      const before = votes[COUNTS[support]] ?? 0n;
      return [
        `The votes ${support.toLowerCase()} rise from ${shortOpa(before, 2)} to ${shortOpa(before + power, 2)}.`,
        "A vote cannot be changed, and your lock is held until voting ends.",
      ];
    },
  });
}

/** The step that lets the lock take OPA, unless it can already. */
async function allowance(
  { token, modules }: Suite,
  account: string,
  amount: bigint,
): Promise<readonly Step[]> {
  const spender = modules.get("governance-lock") ?? "";
  const allowed = await token.allowance(account, spender);
  if (allowed >= amount) return [];
  return [
    {
      title: `Allow the governance lock to take ${exactOpa(amount)} OPA of yours`,
      to: modules.get("token") ?? "",
      call: "OPAToken.approve()",
      data: token.interface.encodeFunctionData("approve", [spender, amount]),
      changes: () => Promise.resolve([change("What the lock may take", allowed, amount)]),
    },
  ];
}

/** End of a lock: the beginning of a week, so many weeks from now, within the range that the contract allows. */
function endIn(weeks: number, earliest: bigint, latest: bigint): bigint {
  const wanted = earliest + BigInt(Math.max(0, weeks - 1)) * WEEK;
  return wanted > latest ? latest : wanted;
}

function change(what: string, before: bigint, after: bigint): string {
  const verb = after >= before ? "rises" : "falls";
  return `${what} ${verb} from ${shortOpa(before)} to ${shortOpa(after)} OPA.`;
}

function single(step: Step): Plan {
  return { title: step.title, steps: [step] };
}
