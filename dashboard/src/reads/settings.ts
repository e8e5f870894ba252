/** Which node and which deployment the page reads, from its address, its configuration file or a form. */
import { readDeployment, type KnownDeployment } from "../../../sdk/index.js";
import { Sentence } from "../words/errors.js";

/** Sources of the page. */
export interface Settings {
  /** Address of the node. */
  readonly rpc: string;
  readonly deployment: KnownDeployment;
}

/** Known settings before a person fills in the rest. */
export interface PartialSettings {
  readonly rpc?: string | undefined;
  readonly deployment?: KnownDeployment | undefined;
}

/** The file beside the page, which `npm run dashboard` writes. */
export interface ConfigurationFile {
  readonly rpc?: string;
  /** A manifest; only addresses are read. */
  readonly manifest?: unknown;
}

/** Contracts that a manifest has to name. */
const NEEDED = ["SystemDirectory", "Genesis"];

/** Settings in a configuration file. @throws {Sentence} if its manifest is none. */
export function settingsIn({ rpc, manifest }: ConfigurationFile): PartialSettings {
  return {
    rpc: rpc === undefined ? undefined : requireUrl(rpc),
    deployment: manifest === undefined ? undefined : deploymentIn(manifest),
  };
}

/**
 * The deployment in a manifest. @throws {Sentence} if it is none, or lacks a field that the page
 * needs.
 */
export function deploymentIn(manifest: unknown): KnownDeployment {
  let deployment: KnownDeployment;
  try {
    deployment = readDeployment(manifest);
  } catch (error) {
    throw new Sentence((error as Error).message, { cause: error });
  }
  const missing = NEEDED.find((name) => !(name in deployment.addresses));
  if (missing !== undefined) throw new Sentence(`The manifest has no contract ${missing}.`);
  return deployment;
}

/** The deployment in the text of a manifest. @throws {Sentence} if it is none. */
export function deploymentInText(text: string): KnownDeployment {
  let manifest: unknown;
  try {
    manifest = JSON.parse(text);
  } catch (error) {
    throw new Sentence("The manifest is not JSON.", { cause: error });
  }
  return deploymentIn(manifest);
}

/** The manifest that {@link deploymentIn} reads, with only the fields that the page needs. */
export function reducedManifest(manifest: unknown): unknown {
  const { chainId, deploymentBlock, addresses } = deploymentIn(manifest);
  const contracts = Object.fromEntries(
    NEEDED.map((name) => [name, { address: addresses[name] }] as const),
  );
  return { chainId: Number(chainId), deploymentBlock, contracts };
}

/** An address of a node. @throws {Sentence} if it is none. */
export function requireUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new Sentence(`"${text}" is not the address of a node, such as http://127.0.0.1:8545.`);
  return text;
}
