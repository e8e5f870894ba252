/** Cost of a whole deployment: gas by kind of transaction, and time on each network. */
import { planSeries, type Step } from "../deploy/lib/series.js";
import { NETWORKS } from "../deploy/networks.js";
import { loadParameters } from "../deploy/parameters/reader.js";

/** Figures of one deployment with the numbers of a local chain. */
export interface DeploymentFigures {
  transactions: number;
  contracts: number;
  gas: bigint;
  creationGas: bigint;
  largest: { label: string; gas: bigint };
}

/** An account without zero bytes, and the days after the first epoch on which it deploys. */
const DEPLOYER = `0x${"1d".repeat(20)}`;
const DAYS = 400;

/** Works the deployment of a local chain out. */
export async function measureDeployment(): Promise<DeploymentFigures> {
  const parameters = loadParameters("local");
  const time = Number(parameters.epoch.genesis) + DAYS * 86_400;
  const origin = { chainId: 31_337n, deployer: DEPLOYER, time };
  const { steps } = await planSeries(origin, parameters, 0);
  const sum = (some: readonly Step[]) => some.reduce((total, { gasUsed }) => total + gasUsed, 0n);
  const creations = steps.filter(({ creation }) => creation !== undefined);
  const largest = steps.reduce(
    (most, { label, gasUsed }) => (gasUsed > most.gas ? { label, gas: gasUsed } : most),
    { label: "", gas: 0n },
  );
  return {
    transactions: steps.length,
    contracts: creations.length,
    gas: sum(steps),
    creationGas: sum(creations),
    largest,
  };
}

/** The section of the report. */
export function renderDeployment(figures: DeploymentFigures): string {
  const { transactions, contracts, gas, creationGas, largest } = figures;
  const million = (amount: bigint) => (Number(amount) / 1e6).toFixed(1);
  const times = Object.entries(NETWORKS)
    .filter(([, { isPublic }]) => isPublic)
    .map(([, { title, blockTime, confirmations }]) => {
      const minutes = ((transactions + confirmations - 1) * blockTime) / 60;
      return `${title} ${minutes.toFixed(1)} min`;
    });
  return [
    "## Deployment",
    `${transactions} transactions, of which ${contracts} create contracts, take ${million(gas)} million gas (${million(creationGas)} million for the contracts); the largest, \`${largest.label}\`, ${million(largest.gas)} million.`,
    `With one transaction a block and the confirmations of each network: ${times.join(", ")}.`,
  ].join("\n\n");
}
