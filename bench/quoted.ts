import type { Row } from "./measure.js";

const METHOD =
  "measured earlier on the same EVM and rules; a batch's gas is its items times the rounded gas of one";

/** Figures of `system` from an earlier measurement, per item, by operation. */
function quote(
  system: string,
  origin: string,
  figures: readonly (readonly [operation: string, items: number, gasPerItem: number])[],
): Row[] {
  return figures.map(([operation, items, gasPerItem]) => ({
    system,
    operation,
    items,
    gas: gasPerItem * items,
    gasPerItem,
    quoted: true,
    source: `${origin}; ${METHOD}`,
  }));
}

function settlements(first: number, later: number, each10: number, each50: number) {
  return [
    ["one settlement, first", 1, first],
    ["one settlement, later", 1, later],
    ["10 settlements in one transaction", 10, each10],
    ["50 settlements in one transaction", 50, each50],
  ] as const;
}

/** Peers whose code is not on npm, quoted instead of measured. */
export const QUOTED: readonly Row[] = [
  ...quote(
    "OpenZeppelin clones",
    "VestingWalletCliffUpgradeable 5.7.0 behind EIP-1167 clones, solc 0.8.37, runs 200, cancun",
    [
      ["create 1", 1, 200_581],
      ["create, batch of 10", 10, 169_126],
      ["create, batch of 50", 50, 166_330],
      ["claim, first", 1, 73_209],
      ["claim, later", 1, 56_109],
    ],
  ),
  ...quote(
    "Graph Horizon",
    "GraphTallyCollector at 687d928, solc 0.8.35 through IR, runs 100, 1% burned, batches by a bare loop contract",
    settlements(184_635, 167_547, 94_531, 87_846),
  ),
  ...quote(
    "Livepeer",
    "TicketBroker at f225b10, solc 0.8.9, runs 200, later means in the same round",
    settlements(292_203, 197_887, 93_834, 83_175),
  ),
  ...quote(
    "Filecoin Pay",
    "settleRail at 04ded6a, solc 0.8.30 through IR, runs 200, no validator, batches by a bare loop contract",
    settlements(145_869, 91_641, 46_785, 42_130),
  ),
  ...quote(
    "USDC",
    "FiatTokenV2_2 transferWithAuthorization at 46e61d0, solc 0.6.12, runs 10,000,000, behind its proxy, batches by a bare loop contract",
    settlements(102_808, 85_704, 45_614, 41_627),
  ),
  ...quote(
    "Permit2",
    "permitTransferFrom at cc56ad0, solc 0.8.17 through IR, runs 1,000,000, one signature each, batches by a bare loop contract",
    settlements(72_674, 55_586, 20_542, 15_482),
  ),
  ...quote("Synthetix", "StakingRewards at 1609d15, solc 0.5.17, runs 200", [
    ["stake, new", 1, 137_692],
    ["stake, add", 1, 89_237],
    ["stake, paid out", 1, 101_662],
    ["claim, booked by settlement, later", 1, 76_415],
    ["claim, 1 idle epoch", 1, 76_415],
    ["claim, 100 idle epochs", 1, 76_415],
  ]),
  ...quote(
    "Uniswap Merkle",
    "MerkleDistributor at 25a79e8, solc 0.8.17, runs 5,000, 17 levels, first means a new word of claimed bits",
    [
      ["claim, booked by settlement, first", 1, 78_334],
      ["claim, booked by settlement, later", 1, 61_210],
    ],
  ),
  ...quote("Graph staking", "HorizonStaking at 687d928, solc 0.8.35 through IR, runs 100", [
    ["stake, new", 1, 106_254],
    ["stake, add", 1, 72_042],
    ["stake, on its way out", 1, 230_974],
    ["stake, paid out", 1, 68_549],
  ]),
];
