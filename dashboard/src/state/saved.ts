/** Settings that the page finds: in its address, in the file beside it, and in earlier entries. */
import { Sentence } from "../words/errors.js";
import {
  requireUrl,
  settingsIn,
  type ConfigurationFile,
  type PartialSettings,
  type Settings,
} from "../reads/settings.js";

/** File beside the page, which `npm run dashboard` writes. */
const FILE = "config.json";

const SAVED = "opa-dashboard-settings";

/** Keeps settings for the next visit. */
export function saveSettings({ rpc, deployment }: Settings): void {
  const { chainId, deploymentBlock, addresses } = deployment;
  const contracts = Object.fromEntries(
    Object.entries(addresses).map(([name, address]) => [name, { address }] as const),
  );
  const manifest = { chainId: Number(chainId), deploymentBlock, contracts };
  try {
    localStorage.setItem(SAVED, JSON.stringify({ rpc, manifest }));
  } catch {
    // a browser that keeps nothing is asked again on the next visit
  }
}

/**
 * Known settings: `?rpc=` and `?manifest=` of the address come first, then the file, then earlier
 * entries.
 */
export async function findSettings(): Promise<PartialSettings> {
  const query = new URLSearchParams(location.search);
  const rpc = query.get("rpc");
  const manifest = query.get("manifest");
  const saved = savedSettings();
  const file = await fileSettings();
  return {
    rpc: rpc === null ? (file.rpc ?? saved.rpc) : requireUrl(rpc),
    deployment:
      manifest === null
        ? (file.deployment ?? saved.deployment)
        : settingsIn({ manifest: await load(manifest) }).deployment,
  };
}

function savedSettings(): PartialSettings {
  try {
    return settingsIn(JSON.parse(localStorage.getItem(SAVED) ?? "{}") as ConfigurationFile);
  } catch {
    return {}; // settings kept by an earlier version of the page
  }
}

/** Settings of the file beside the page; none if there is no such file. */
async function fileSettings(): Promise<PartialSettings> {
  const file = await load(FILE).catch(() => ({}));
  return settingsIn(file as ConfigurationFile);
}

async function load(address: string): Promise<unknown> {
  const response = await fetch(address, { cache: "no-cache" }).catch(() => undefined);
  if (!response?.ok) throw new Sentence(`There is no file at ${address}.`);
  try {
    return await response.json();
  } catch (error) {
    throw new Sentence(`The file at ${address} is not JSON.`, { cause: error });
  }
}
