/** Providers: all of them, and one with everything that is known of it. */
import { ZeroAddress } from "ethers";

import { PROVIDER_STATES, readProviderUse, readRewards, readStake } from "../../sdk/index.js";
import { CliError } from "../exit-codes.js";
import { formatCategories, readResources } from "../frame/names.js";
import { formatAmount, formatCount, formatTimeFrom } from "../frame/quantities.js";
import { field, group, list, type Item, type Report } from "../frame/report.js";
import type { Session } from "../frame/session.js";

const STATES = Object.keys(PROVIDER_STATES).map((name) => name.toLowerCase());
const PAGE = 64n;

/** Addresses of all providers. */
export async function readProviders({ suite: { nodes } }: Session): Promise<string[]> {
  const count = await nodes.nodeCount();
  const found: string[] = [];
  for (let from = 0n; from < count; from += PAGE)
    found.push(...(await nodes.nodesFrom(from, PAGE)));
  return found;
}

/** Every provider with status, stake, use and score. */
export async function showNodes(session: Session): Promise<Report> {
  const { nodes, pool } = session.suite;
  const providers = await readProviders(session);
  const items = await Promise.all(
    providers.map(async (provider): Promise<Item> => {
      const [{ status, categories, staked }, { current }, score] = await Promise.all([
        nodes.nodeOf(provider),
        readProviderUse(session.suite, provider),
        pool.scoreOf(provider),
      ]);
      return {
        title: provider,
        entries: [
          field("Status", STATES[Number(status)] ?? String(status)),
          field("Serves", formatCategories(categories)),
          field("Staked", staked, formatAmount(staked)),
          field("Burned this epoch", current.burned, formatAmount(current.burned)),
          field("Score", score, formatAmount(score)),
        ],
      };
    }),
  );
  const total = await nodes.totalStake();
  return {
    title: "Providers",
    entries: [
      field("Number", providers.length),
      field("Staked by all", total, formatAmount(total)),
      list("Providers", items, "none."),
    ],
  };
}

/** One provider: status, keys, stake and exits, capacity against use, rewards. */
export async function showNode(session: Session, provider: string): Promise<Report> {
  const { suite, now } = session;
  const { nodes, pool } = suite;
  const node = await nodes.nodeOf(provider);
  if (node.status === 0n)
    throw new CliError("usage", `${provider} is not a provider; "opa nodes" lists those that are.`);
  const [operators, stake, use, rewards, payout, resources, minimum] = await Promise.all([
    nodes.operatorsOf(provider),
    readStake(nodes, provider),
    readProviderUse(suite, provider),
    readRewards(pool, provider),
    pool.payoutOf(provider),
    readResources(session),
    nodes.minimumStakeFor(node.categories),
  ]);
  const capacities = await Promise.all(resources.map(({ id }) => nodes.capacityOf(provider, id)));
  return {
    title: `Provider ${provider}`,
    entries: [
      field("Status", STATES[Number(node.status)] ?? String(node.status)),
      field("Serves", formatCategories(node.categories)),
      field("Metadata", node.metadataURI, node.metadataURI === "" ? "none" : node.metadataURI),
      field("Registered", node.registeredAt, formatTimeFrom(node.registeredAt, now)),
      group("Keys", [
        field("Operator", operators.current),
        ...(operators.nominated === ZeroAddress
          ? []
          : [
              field(
                "Nominated operator",
                operators.nominated,
                `${operators.nominated}, can accept ${formatTimeFrom(operators.acceptableAt, now)}`,
              ),
            ]),
        field("Payout", payout),
      ]),
      group("Stake", [
        field("Staked", stake.staked, formatAmount(stake.staked)),
        field("Minimum", minimum, formatAmount(minimum)),
        field("Slashable", stake.slashable, formatAmount(stake.slashable)),
        field("Unbonding", stake.unbonding, formatAmount(stake.unbonding)),
        list(
          "On its way out",
          stake.parts.map(({ amount, readyAt }) => ({
            title: formatAmount(amount),
            entries: [field("Ready", readyAt, formatTimeFrom(readyAt, now))],
          })),
          "nothing.",
        ),
      ]),
      group("Use", [
        field("Burned this epoch", use.current.burned, formatAmount(use.current.burned)),
        field("Burned before", use.previous.burned, formatAmount(use.previous.burned)),
        field("Burned in all", use.allTime.burned, formatAmount(use.allTime.burned)),
        field(
          "Compute units this epoch",
          use.current.computeUnits,
          formatCount(use.current.computeUnits),
        ),
      ]),
      list(
        "Capacity",
        resources.flatMap(({ name, unit }, i) => {
          const units = capacities[i] ?? 0n;
          if (units === 0n) return [];
          return [
            {
              title: name,
              entries: [field("Units", units, `${formatCount(units)} in ${unit} an epoch`)],
            },
          ];
        }),
        "none published.",
      ),
      group("Rewards", [
        field("To claim", rewards.claimable, formatAmount(rewards.claimable)),
        field("Score", rewards.score, formatAmount(rewards.score)),
      ]),
    ],
  };
}
