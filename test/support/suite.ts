import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { MaxUint256, ZeroAddress, type Signer } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import { deploySuite as deploy } from "../../deploy/lib/deploy.js";
import { loadParameters } from "../../deploy/parameters/reader.js";
import type { Parameters } from "../../deploy/parameters/schema.js";
import { DAY, GWEI, OPA } from "../../sdk/units.js";

/** Launch numbers of a local chain. */
export const LAUNCH = loadParameters("local");

/** Numbers that tests of rules run under: they stay when those of a launch change. */
export const PARAMETERS: Parameters = {
  ...LAUNCH,
  governance: { ...LAUNCH.governance, votingDelay: DAY, quorumFloor: 1_000_000n * OPA },
  burnLimits: { account: 1_000_000n * OPA, total: 5_000_000n * OPA },
  nodes: {
    ...LAUNCH.nodes,
    minimumStakes: [5_000n, 2_000n, 1_000n, 2_000n, 1_000n].map((stake) => stake * OPA),
  },
  incentives: {
    ...LAUNCH.incentives,
    claimLimit: 1_000_000n * OPA,
    stages: [
      { from: 0n, ratePpm: 1_000n },
      { from: 365n, ratePpm: 850n },
      { from: 730n, ratePpm: 700n },
      { from: 1_095n, ratePpm: 600n },
      { from: 1_460n, ratePpm: 500n },
    ],
  },
  resources: LAUNCH.resources.map((resource) => ({
    ...resource,
    rate: 1_000n * GWEI,
    floor: 100n * GWEI,
    ceiling: 10_000n * GWEI,
  })),
};

/** Deploys the suite exactly as production does; `changes` replace launch numbers. */
export async function deploySuite(
  connection: NetworkConnection,
  changes: Partial<Parameters> = {},
) {
  const [deployer, guardian] = await connection.ethers.getSigners();
  if (!deployer || !guardian) throw new Error("two signers expected");
  const parameters = { ...PARAMETERS, ...changes };

  const deployment = await deploy(connection, parameters);
  return { ...deployment, deployer, guardian, parameters };
}

/** Registers providers for every category, with the stake that they ask for, which a holder of OPA pays. */
export async function registerProviders(
  { nodes, token }: Pick<Awaited<ReturnType<typeof deploySuite>>, "nodes" | "token">,
  sponsor: HardhatEthersSigner,
  providers: readonly Signer[],
): Promise<void> {
  const categories = 31n;
  const stake = await nodes.minimumStakeFor(categories);
  for (const provider of providers) {
    await token.connect(sponsor).transfer(provider, stake);
    await token.connect(provider).approve(nodes, MaxUint256);
    await nodes.connect(provider).register(stake, categories, ZeroAddress, "");
  }
}
