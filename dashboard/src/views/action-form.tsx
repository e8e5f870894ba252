/** A form that makes a plan for the wallet. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { useSession } from "../state/session.js";
import { useWallet } from "../state/wallet.js";
import type { Suite } from "../reads/suite.js";
import type { Plan } from "../wallet/plans.js";
import { failureText } from "../words/errors.js";

interface ActionFormProps {
  readonly title: string;
  /** Label of the button. */
  readonly action: string;
  /** Makes the plan of the entered values. */
  readonly plan: (suite: Suite, account: string, entered: FormData) => Plan | Promise<Plan>;
  readonly children?: ComponentChildren;
}

/** A form that is there while a wallet is connected. Sending it shows the plan and sends nothing. */
export function ActionForm({ title, action, plan, children }: ActionFormProps) {
  const { suite } = useSession();
  const { connected, propose } = useWallet();
  const [failure, setFailure] = useState<string>();
  if (!connected) return null;
  const submit = async (entered: FormData) => {
    try {
      propose(await plan(suite, connected.account, entered));
      setFailure(undefined);
    } catch (error) {
      setFailure(failureText(error));
    }
  };
  return (
    <form
      class="action"
      aria-label={title}
      noValidate
      onSubmit={(sent) => {
        sent.preventDefault();
        void submit(new FormData(sent.currentTarget));
      }}
    >
      <h4>{title}</h4>
      {children}
      {failure !== undefined && (
        <p class="alert" role="alert">
          {failure}
        </p>
      )}
      <button type="submit">{action}</button>
    </form>
  );
}

/** A field of a form. */
export function Field({
  label,
  name,
  value = "",
  mode = "text",
}: {
  readonly label: string;
  readonly name: string;
  readonly value?: string;
  readonly mode?: "text" | "decimal" | "numeric";
}) {
  return (
    <label>
      {label}
      <input
        name={name}
        defaultValue={value}
        inputMode={mode}
        autocomplete="off"
        spellcheck={false}
      />
    </label>
  );
}

/** Value entered into a field. */
export function entryOf(entered: FormData, name: string): string {
  const entry = entered.get(name);
  return typeof entry === "string" ? entry.trim() : "";
}
