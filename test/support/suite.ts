import type { NetworkConnection } from "hardhat/types/network";

import { deploySuite as deploy } from "../../deploy/lib/deploy.js";
import { loadParameters, type Parameters } from "../../deploy/lib/parameters.js";

/** Launch numbers of the tests: those of a local chain. */
export const PARAMETERS = loadParameters("local");

/** Deploys the suite exactly as production does; `changes` replace launch numbers. */
export async function deploySuite(
  connection: NetworkConnection,
  changes: Partial<Parameters> = {},
) {
  const [deployer, governor] = await connection.ethers.getSigners();
  if (!deployer || !governor) throw new Error("two signers expected");
  const parameters = { ...PARAMETERS, ...changes };

  const deployment = await deploy(connection, parameters);
  return { ...deployment, deployer, governor, parameters };
}
