import { requireAddress } from "../statements/eip712.js";

/** Addresses of a deployment, and where to begin to read its events. */
export interface KnownDeployment {
  readonly chainId: bigint;
  /** Block before the first transaction of the deployment: every event of it comes later. */
  readonly deploymentBlock: number;
  /** Address of each contract by its name, such as `Settlement`. */
  readonly addresses: Readonly<Record<string, `0x${string}`>>;
}

/** Public deployments, one a chain. There is none yet: a deployment is added here once it is announced. */
const PUBLIC: readonly KnownDeployment[] = [];

/**
 * The public deployment on a chain.
 *
 * @throws if none is known; {readDeployment} reads the manifest of any other.
 */
export function deploymentOn(
  chainId: bigint,
  deployments: readonly KnownDeployment[] = PUBLIC,
): KnownDeployment {
  const found = deployments.find((deployment) => deployment.chainId === chainId);
  if (found) return found;
  const known = deployments.map((deployment) => deployment.chainId).join(", ");
  throw new Error(
    `No deployment on chain ${chainId} is known${known === "" ? "" : `, only on ${known}`}; ` +
      "read the manifest of yours with readDeployment.",
  );
}

/**
 * Addresses from the content of a manifest, which is written beside the journal of a deployment.
 *
 * ```ts
 * const deployment = readDeployment(JSON.parse(await readFile("manifest.json", "utf8")));
 * const contracts = await connectContracts(addressIn(deployment, "Settlement"), runner);
 * ```
 *
 * @throws if it is no manifest.
 */
export function readDeployment(manifest: unknown): KnownDeployment {
  const { chainId, deploymentBlock, contracts } = fieldsOf(manifest);
  if (!isCount(chainId) || !isCount(deploymentBlock))
    throw new Error("The manifest has no chainId or no deploymentBlock.");
  const addresses = Object.fromEntries(
    Object.entries(fieldsOf(contracts)).map(([name, contract]) => {
      const { address } = fieldsOf(contract);
      if (typeof address !== "string") throw new Error(`The manifest has no address of ${name}.`);
      return [name, requireAddress(address, `the ${name} contract`)] as const;
    }),
  );
  return { chainId: BigInt(chainId), deploymentBlock, addresses };
}

/** Address of one contract of a deployment. @throws if the deployment has no contract of this name. */
export function addressIn({ addresses }: KnownDeployment, name: string): `0x${string}` {
  const address = Object.hasOwn(addresses, name) ? addresses[name] : undefined;
  if (address === undefined)
    throw new Error(
      `The deployment has no contract ${name}; it has ${Object.keys(addresses).join(", ")}.`,
    );
  return address;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null)
    throw new Error("The manifest is not an object with contracts.");
  return value as Readonly<Record<string, unknown>>;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
