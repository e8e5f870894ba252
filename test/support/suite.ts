import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { MaxUint256, ZeroAddress, type Signer } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import { deploySuite as deploy } from "../../deploy/lib/deploy.js";
import { loadParameters } from "../../deploy/parameters/reader.js";
import type { Parameters } from "../../deploy/parameters/schema.js";

/** Launch numbers of the tests: those of a local chain. */
export const PARAMETERS = loadParameters("local");

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
