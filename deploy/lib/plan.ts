/** Plan shown before the first transaction: network, deployer, cost, time and effects. */
import { formatEther, formatUnits } from "ethers";

import { OPA, TRANSACTION_GAS } from "../../sdk/units.js";
import type { Parameters } from "../parameters/schema.js";
import type { PlannedDeployment } from "./deploy.js";
import { DeploymentError } from "./error.js";
import { NETWORKS } from "../networks.js";

const HOLDERS = { systemReserve: "system reserve", incentiveVault: "incentive vault" } as const;

/** Figures of the remaining transactions. */
export interface Costs {
  transactions: number;
  gas: bigint;
  /** Wei per gas at present, and wei for all gas at that price. */
  price: bigint;
  cost: bigint;
  balance: bigint;
  largest: { label: string; gas: bigint };
  blockGasLimit: bigint;
  seconds: number;
}

/** Works the figures out at the network's present fees. */
export async function readCosts({ rpc, origin, series, done }: PlannedDeployment): Promise<Costs> {
  const rest = series.steps.slice(done);
  const gas = rest.reduce((sum, { gasUsed }) => sum + gasUsed, 0n);
  const price = BigInt((await rpc.request("eth_gasPrice")) as string);
  const { gasLimit } = await rpc.block("latest");
  const { blockTime = 0, confirmations = 1 } = NETWORKS[rpc.name] ?? {};
  const largest = rest.reduce(
    (most, { label, gasUsed }) => (gasUsed > most.gas ? { label, gas: gasUsed } : most),
    { label: "", gas: 0n },
  );
  return {
    transactions: rest.length,
    gas,
    price,
    cost: gas * price,
    balance: await rpc.balance(origin.deployer),
    largest,
    blockGasLimit: gasLimit,
    seconds: (rest.length + confirmations - 1) * blockTime,
  };
}

/** The plan as lines of text. */
export function describePlan(planned: PlannedDeployment, costs: Costs): string[] {
  const { rpc, origin, parameters, series, done, folder } = planned;
  const title = NETWORKS[rpc.name]?.title ?? rpc.name;
  const begun =
    done === 0 ? "" : `, of which ${done} are done; the deployment in ${folder.name} goes on`;
  const duration =
    costs.seconds === 0
      ? "as fast as the node mines"
      : `about ${Math.ceil(costs.seconds / 60)} min`;
  return [
    `Network: ${rpc.name} (${title}), chain ${origin.chainId}.`,
    `Parameters: ${parameters.name}.`,
    `Deployer: ${origin.deployer}, balance ${formatEther(costs.balance)} ETH.`,
    `Transactions: ${series.steps.length}${begun}.`,
    `Gas: ${(Number(costs.gas) / 1e6).toFixed(1)} million, at most ${(Number(costs.largest.gas) / 1e6).toFixed(1)} million in one transaction.`,
    `Cost: about ${formatEther(costs.cost)} ETH at ${formatUnits(costs.price, "gwei")} gwei.`,
    `Time: ${duration}.`,
    ...listEffects(parameters),
  ];
}

/** Refuses a deployment that could not finish. */
export function requireAffordable({ rpc, origin }: PlannedDeployment, costs: Costs): void {
  if (costs.transactions === 0) return;
  if (costs.balance < costs.cost)
    throw new DeploymentError(
      `${origin.deployer} has ${formatEther(costs.balance)} ETH on ${rpc.name}; the deployment costs about ${formatEther(costs.cost)} ETH. Fund it, then run the same command again.`,
    );
  const limit = costs.blockGasLimit < TRANSACTION_GAS ? costs.blockGasLimit : TRANSACTION_GAS;
  if (costs.largest.gas > limit)
    throw new DeploymentError(
      `${costs.largest.label} takes ${costs.largest.gas} gas; a transaction on ${rpc.name} can have ${limit}. Use a network with larger blocks.`,
    );
}

/** Effects of a deployment besides its contracts, one line each. */
export function listEffects(parameters: Parameters): string[] {
  return [
    ...parameters.transfers.map(
      ({ label, to, amount }) => `${label}: ${opa(amount)} OPA held by the ${HOLDERS[to]}.`,
    ),
    ...parameters.grants.map(
      ({ label, amount, beneficiary, curve }) =>
        `${label}: ${opa(amount)} OPA released to ${beneficiary} along "${curve}".`,
    ),
    ...parameters.resources.map(({ name }, i) => `Resource ${i + 1} is ${name}.`),
    ...parameters.kinds.map(({ name }, i) => `Contribution ${i + 1} is ${name}.`),
    "The role table is set; the settlement may charge, the Governor hold locks.",
    "The Governor alone proposes to the timelock, which administers every role; the deployer has none.",
    `${parameters.guardians.proposals} can cancel proposals for a year, ${parameters.guardians.pauses} pause modules for three days, for a year.`,
    `Faults of nodes are announced by ${parameters.nodes.reporter}.`,
  ];
}

/** Whole OPA of an amount, as text. */
function opa(amount: bigint): string {
  return (amount / OPA).toString();
}
