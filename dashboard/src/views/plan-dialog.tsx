/** Effect of a transaction, in words, before the wallet opens; then its progress. */
import { formatEther } from "ethers";
import { useEffect, useRef, useState } from "preact/hooks";

import { Address, Hash } from "../parts/value.js";
import { useSession } from "../state/session.js";
import { useWallet, type Connected } from "../state/wallet.js";
import { dryRun, sendStep, waitFor, type DryRun } from "../wallet/dry-run.js";
import type { Plan, Step } from "../wallet/plans.js";
import { grouped } from "../words/amounts.js";
import { failureText } from "../words/errors.js";

/** Shows the plan that waits for its owner. */
export function PlanDialog() {
  const { plan, connected, propose } = useWallet();
  if (!plan || !connected) return null;
  return (
    <Dialog
      key={`${plan.title} ${connected.account}`}
      plan={plan}
      wallet={connected}
      onClose={() => {
        propose(undefined);
      }}
    />
  );
}

interface DialogProps {
  readonly plan: Plan;
  readonly wallet: Connected;
  readonly onClose: () => void;
}

function Dialog({ plan, wallet, onClose }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [place, setPlace] = useState(0);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const step = plan.steps[place];
  return (
    <dialog ref={dialog} aria-labelledby="plan-title" onClose={onClose}>
      <h2 id="plan-title">{plan.title}</h2>
      {step === undefined ? (
        <p role="status">Done. The page shows it with the next block.</p>
      ) : (
        <OneStep
          key={place}
          step={step}
          number={place + 1}
          of={plan.steps.length}
          wallet={wallet}
          onMined={() => {
            setPlace(place + 1);
          }}
        />
      )}
      <button
        type="button"
        onClick={() => {
          dialog.current?.close();
        }}
      >
        {step === undefined ? "Close" : "Cancel"}
      </button>
    </dialog>
  );
}

interface StepProps {
  readonly step: Step;
  readonly number: number;
  readonly of: number;
  readonly wallet: Connected;
  readonly onMined: () => void;
}

function OneStep({ step, number, of, wallet, onMined }: StepProps) {
  const { suite } = useSession();
  const [run, setRun] = useState<DryRun>();
  const [hash, setHash] = useState<string>();
  const [failure, setFailure] = useState<string>();
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    void dryRun(suite, wallet.account, step).then(setRun);
  }, []);

  const send = async () => {
    setFailure(undefined);
    setOpen(true);
    try {
      const sent = await sendStep(suite, wallet.provider, wallet.account, step);
      setHash(sent);
      await waitFor(suite, sent);
      onMined();
    } catch (error) {
      setFailure(failureText(error));
      setHash(undefined);
    }
    setOpen(false);
  };
  return (
    <>
      {of > 1 && (
        <p>
          Transaction {number} of {of}: {step.title}
        </p>
      )}
      <div aria-live="polite">
        {run === undefined ? (
          <p>Simulating…</p>
        ) : run.failure !== undefined ? (
          <p class="alert">{run.failure} Nothing was sent.</p>
        ) : (
          <>
            <p>Simulated: it would succeed. Nothing was sent so far.</p>
            <ul>
              {run.changes.map((change) => (
                <li key={change}>{change}</li>
              ))}
            </ul>
            <p>
              Gas: about {grouped(run.gas)} units. Fee: at most {formatEther(run.fee)} ETH, by the
              node's present fee.
            </p>
          </>
        )}
        <p class="note">
          Calls {step.call} at <Address of={step.to} />
        </p>
        {hash !== undefined && (
          <p>
            Sent as <Hash of={hash} />. Waiting for a block…
          </p>
        )}
        {failure !== undefined && <p class="alert">{failure}</p>}
      </div>
      <button
        type="submit"
        disabled={run === undefined || run.failure !== undefined || isOpen}
        onClick={() => void send()}
      >
        {failure === undefined ? "Open the wallet" : "Try again"}
      </button>{" "}
    </>
  );
}
