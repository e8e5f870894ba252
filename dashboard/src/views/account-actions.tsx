/** Actions on an account with a connected wallet: deposit, withdraw, and claim. */
import { Section } from "../parts/panels.js";
import type { AccountView } from "../reads/account.js";
import { useWallet } from "../state/wallet.js";
import {
  planClaimRewards,
  planClaimSchedules,
  planDeposit,
  planWithdraw,
} from "../wallet/plans.js";
import { parseOpa } from "../words/amounts.js";
import { Sentence } from "../words/errors.js";
import { ActionForm, entryOf, Field } from "./action-form.js";

/** Forms for an account; those that move its own OPA are there for its own wallet only. */
export function AccountActions({ of }: { readonly of: AccountView }) {
  const { connected } = useWallet();
  if (!connected) return null;
  const isOwn = connected.account === of.account;
  const due = of.schedules.filter(({ claimable }) => claimable > 0n).map(({ id }) => id);
  return (
    <Section title="With your wallet">
      <p class="note">Each form first shows what would happen. Nothing is sent before you agree.</p>
      <div class="actions">
        <ActionForm
          title="Deposit"
          action="Show the deposit"
          plan={(suite, account, entered) =>
            planDeposit(suite, account, of.account, parseOpa(entryOf(entered, "amount")))
          }
        >
          <Field label="Amount in OPA" name="amount" mode="decimal" />
        </ActionForm>
        {isOwn && (
          <ActionForm
            title="Withdraw free credit"
            action="Show the withdrawal"
            plan={(suite, account, entered) =>
              planWithdraw(suite, account, parseOpa(entryOf(entered, "amount")))
            }
          >
            <Field label="Amount in OPA" name="amount" mode="decimal" />
          </ActionForm>
        )}
        <ActionForm
          title="Claim rewards"
          action="Show the claim"
          plan={(suite) => {
            if (of.claimable === 0n) throw new Sentence("There are no rewards to claim.");
            return planClaimRewards(suite, of.account);
          }}
        />
        {isOwn && (
          <ActionForm
            title="Claim what has vested"
            action="Show the claim of schedules"
            plan={(suite, account) => {
              if (due.length === 0) throw new Sentence("No schedule has anything to claim.");
              return planClaimSchedules(suite, account, due);
            }}
          />
        )}
      </div>
    </Section>
  );
}
