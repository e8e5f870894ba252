/** Actions on votes with a connected wallet: lock, extend, withdraw, delegate, and vote. */
import { getAddress, isAddress } from "ethers";

import { useSession } from "../state/session.js";
import { useWallet } from "../state/wallet.js";
import type { SUPPORT } from "../wallet/plans.js";
import { planDelegate, planExtend, planLock, planUnlock, planVote } from "../wallet/plans.js";
import { parseOpa } from "../words/amounts.js";
import { Sentence } from "../words/errors.js";
import { ActionForm, entryOf, Field } from "./action-form.js";

const MOST_WEEKS = 104;

/** Forms for a lock. */
export function LockActions() {
  const { connected } = useWallet();
  if (!connected) return null;
  return (
    <div class="actions">
      <ActionForm
        title="Lock, or add to your lock"
        action="Show the lock"
        plan={(suite, account, entered) =>
          planLock(suite, account, parseOpa(entryOf(entered, "amount")), weeksIn(entered))
        }
      >
        <Field label="Amount in OPA" name="amount" mode="decimal" />
        <Field label="Weeks, for a new lock (1 to 104)" name="weeks" value="104" mode="numeric" />
      </ActionForm>
      <ActionForm
        title="Extend your lock"
        action="Show the extension"
        plan={(suite, account, entered) => planExtend(suite, account, weeksIn(entered))}
      >
        <Field label="Weeks from now (1 to 104)" name="weeks" value="104" mode="numeric" />
      </ActionForm>
      <ActionForm title="Withdraw an ended lock" action="Show the withdrawal" plan={planUnlock} />
      <ActionForm
        title="Delegate your votes"
        action="Show the delegation"
        plan={(suite, account, entered) => {
          const delegatee = entryOf(entered, "delegatee");
          if (!isAddress(delegatee)) throw new Sentence("That is not an address.");
          return planDelegate(suite, account, getAddress(delegatee));
        }}
      >
        <Field label="Address that your votes count for" name="delegatee" />
      </ActionForm>
    </div>
  );
}

/** Buttons to vote on a proposal that takes votes. */
export function VoteActions({
  proposal,
}: {
  readonly proposal: { readonly id: bigint; readonly description: string };
}) {
  const { suite } = useSession();
  const { connected, propose } = useWallet();
  if (!connected) return <p class="note">Connect a wallet to vote.</p>;
  return (
    <p class="paging">
      {(["For", "Against", "Abstain"] as const satisfies readonly (keyof typeof SUPPORT)[]).map(
        (support) => (
          <button
            key={support}
            type="button"
            onClick={() => {
              propose(planVote(suite, connected.account, proposal, support));
            }}
          >
            Vote {support.toLowerCase()}
          </button>
        ),
      )}
    </p>
  );
}

function weeksIn(entered: FormData): number {
  const weeks = Number(entryOf(entered, "weeks"));
  if (!Number.isInteger(weeks) || weeks < 1 || weeks > MOST_WEEKS)
    throw new Sentence("A lock lasts 1 to 104 whole weeks.");
  return weeks;
}
