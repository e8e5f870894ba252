/** The form that asks which node to read, and for the manifest of the deployment. */
import { useState } from "preact/hooks";

import { saveSettings } from "../state/saved.js";
import {
  deploymentInText,
  requireUrl,
  type PartialSettings,
  type Settings,
} from "../reads/settings.js";
import { failureText } from "../words/errors.js";

interface FormProps {
  readonly known: PartialSettings;
  readonly onDone: (settings: Settings) => void;
}

/** Asks for missing settings. */
export function SettingsForm({ known, onDone }: FormProps) {
  const [rpc, setRpc] = useState(known.rpc ?? "http://127.0.0.1:8545");
  const [deployment, setDeployment] = useState(known.deployment);
  const [failure, setFailure] = useState<string>();
  const readFile = async (file: File | undefined) => {
    if (!file) return;
    try {
      setDeployment(deploymentInText(await file.text()));
      setFailure(undefined);
    } catch (error) {
      setFailure(failureText(error));
    }
  };
  const submit = (sent: SubmitEvent) => {
    sent.preventDefault();
    try {
      if (!deployment) throw new Error("Choose the manifest of the deployment first.");
      const settings = { rpc: requireUrl(rpc.trim()), deployment };
      saveSettings(settings);
      onDone(settings);
    } catch (error) {
      setFailure(failureText(error));
    }
  };
  return (
    <form class="settings" onSubmit={submit} noValidate>
      <h2>Which node should the page read?</h2>
      <label>
        Address of the node (JSON-RPC)
        <input
          type="url"
          name="rpc"
          value={rpc}
          onInput={(typed) => {
            setRpc(typed.currentTarget.value);
          }}
        />
      </label>
      <label>
        Manifest of the deployment
        <input
          type="file"
          accept=".json,application/json"
          onChange={(chosen) => void readFile(chosen.currentTarget.files?.[0])}
        />
      </label>
      <p class="note">
        {deployment === undefined
          ? "A deployment writes it to deploy/deployments/<id>/manifest.json. Only addresses are read, and no key is needed."
          : `A manifest of chain ${deployment.chainId} is chosen.`}
      </p>
      {failure !== undefined && (
        <p class="alert" role="alert">
          {failure}
        </p>
      )}
      <button type="submit">Read this node</button>
    </form>
  );
}
