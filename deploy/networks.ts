/** The networks that a deployment can go to, by the name that `--network` takes. */

/** Properties of a network that a deployment needs. */
export interface KnownNetwork {
  title: string;
  chainId: bigint;
  /** Seconds between two blocks, for the plan; how often the chain is looked at follows from it. */
  blockTime: number;
  /** Blocks, its own included, after which a transaction counts as final enough to go by. */
  confirmations: number;
  /** Whether anybody can read it: nothing is sent there without a word of consent. */
  isPublic: boolean;
  /** Environment variables or names in Hardhat's keystore that it takes. */
  variables: readonly string[];
}

/** Variable with the key of the deploying account, on every public network. */
export const KEY_VARIABLE = "DEPLOYER_PRIVATE_KEY";

function publicNetwork(
  title: string,
  chainId: bigint,
  variable: string,
  blockTime: number,
  confirmations: number,
): KnownNetwork {
  const variables = [variable, KEY_VARIABLE];
  return { title, chainId, blockTime, confirmations, isPublic: true, variables };
}

export const NETWORKS: Readonly<Record<string, KnownNetwork>> = {
  localhost: {
    title: "a node on this machine",
    chainId: 31_337n,
    blockTime: 0,
    confirmations: 1,
    isPublic: false,
    variables: [],
  },
  sepolia: publicNetwork("Sepolia", 11_155_111n, "SEPOLIA_RPC_URL", 12, 5),
  baseSepolia: publicNetwork("Base Sepolia", 84_532n, "BASE_SEPOLIA_RPC_URL", 2, 20),
  opSepolia: publicNetwork("OP Sepolia", 11_155_420n, "OP_SEPOLIA_RPC_URL", 2, 20),
  arbitrumSepolia: publicNetwork("Arbitrum Sepolia", 421_614n, "ARBITRUM_SEPOLIA_RPC_URL", 1, 20),
};

/** Whether one of some networks has a chain id. */
export function isChainOf(networks: readonly string[], chainId: bigint): boolean {
  return networks.some((network) => NETWORKS[network]?.chainId === chainId);
}

/** Names of all networks, for messages. */
export const NETWORK_NAMES = Object.keys(NETWORKS).join(", ");
