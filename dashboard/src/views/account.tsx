/** Account: credit, runway, mandates, projects and keys, lines, statements settled, and a bill by epoch. */
import { getAddress, isAddress } from "ethers";
import { useEffect, useState } from "preact/hooks";

import { Reading } from "../parts/panels.js";
import { accountScope, readAccount } from "../reads/account.js";
import { buildBill } from "../reads/bill.js";
import { usePath } from "../state/path.js";
import { useRead } from "../state/read.js";
import { AccountActions } from "./account-actions.js";
import { AccountFigures } from "./account-figures.js";
import { AccountUse } from "./account-use.js";

/** The view of an account. */
export function AccountPage() {
  const { detail } = usePath();
  const account = isAddress(detail) ? getAddress(detail) : undefined;
  return (
    <>
      <AccountForm account={account} />
      {account === undefined ? (
        <p class="empty">Enter an address to see its credit, limits, use and rewards.</p>
      ) : (
        <Account account={account} />
      )}
    </>
  );
}

function AccountForm({ account }: { readonly account: string | undefined }) {
  const [typed, setTyped] = useState(account ?? "");
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    if (account !== undefined) setTyped(account);
  }, [account]);
  const submit = (sent: SubmitEvent) => {
    sent.preventDefault();
    const address = typed.trim();
    if (!isAddress(address)) {
      setFailure("That is not an address: 0x and 40 hexadecimal digits, with a right checksum.");
      return;
    }
    setFailure(undefined);
    location.hash = `#/account/${getAddress(address)}`;
  };
  return (
    <form onSubmit={submit} noValidate>
      <label>
        Address of the account
        <input
          name="account"
          value={typed}
          autocomplete="off"
          spellcheck={false}
          onInput={(input) => {
            setTyped(input.currentTarget.value);
          }}
        />
      </label>
      {failure !== undefined && (
        <p class="alert" role="alert">
          {failure}
        </p>
      )}
      <button type="submit">Show</button>
    </form>
  );
}

function Account({ account }: { readonly account: string }) {
  const read = useRead(`account ${account}`, async ({ suite, head, events }) => {
    const found = await events(accountScope(suite, account));
    const [view, bill] = await Promise.all([
      readAccount(suite, head, account, found),
      buildBill(found),
    ]);
    return { view, bill };
  });
  return (
    <Reading of={read}>
      {({ view, bill }) => (
        <>
          <AccountFigures of={view} />
          <AccountActions of={view} />
          <AccountUse bill={bill} />
        </>
      )}
    </Reading>
  );
}
