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

/** Claims of x402 batch-settlement: one, each of 10, each of 100, and each of 100 lines at ten providers. */
const X402 = [
  {
    system: "x402 batch",
    caller: "claimed by the receiver",
    one: 48_587,
    each10: 24_123,
    each100: 21_709,
    lines: [["settle 1x100, later", 100, 7_040]],
  },
  {
    system: "x402 batch, relayed",
    caller: "claimed by somebody else",
    one: 60_339,
    each10: 27_352,
    each100: 24_207,
    lines: [],
  },
] as const;

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
  ...X402.flatMap(({ system, caller, one, each10, each100, lines }) =>
    quote(
      system,
      `batch-settlement at 3d73f63, ${caller}, solc 0.8.28, runs 200, cancun; a hundred lines at ten providers are ten payments and ten payouts each`,
      [
        ["one settlement, later", 1, one],
        ["10 settlements in one transaction", 10, each10],
        ["100 settlements in one transaction", 100, each100],
        ["payout, once per receiver", 1, 46_302],
        ["settle 1x1, later", 1, one],
        ["settle 10x1, later", 10, each10],
        ["settle 100x1, later", 100, each100],
        ...lines,
      ],
    ),
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
  ...quote("Curve", "VotingEscrow as deployed, Vyper 0.2.7", [
    ["lock, first ever", 1, 381_839],
    ["lock, end in a new week", 1, 339_515],
    ["lock, end in a week in use", 1, 322_415],
    ["increase, same week", 1, 266_222],
    ["increase, 1 idle week", 1, 357_933],
    ["increase, 4 idle weeks", 1, 633_066],
    ["increase, 12 idle weeks", 1, 1_366_754],
    ["extend, same week", 1, 265_750],
    ["withdraw", 1, 211_832],
    ["votes now", 1, 12_010],
    ["total now", 1, 12_684],
    ["past total", 1, 33_470],
    ["past votes of 8 checkpoints", 1, 42_000],
    ["past votes of 32 checkpoints", 1, 52_400],
    ["past votes of 128 checkpoints", 1, 62_600],
    ["past votes of 512 checkpoints", 1, 72_800],
  ]),
  ...quote("FiatDAO", "VotingEscrow at e987ecf, solc 0.8.3, runs 7,500", [
    ["lock, first ever", 1, 367_079],
    ["lock, end in a new week", 1, 339_719],
    ["lock, end in a week in use", 1, 322_619],
    ["increase, same week", 1, 229_504],
    ["increase, 1 idle week", 1, 299_756],
    ["increase, 4 idle weeks", 1, 510_512],
    ["extend, same week", 1, 203_020],
    ["delegate, first", 1, 350_106],
    ["withdraw", 1, 182_165],
    ["votes now", 1, 9_927],
    ["total now", 1, 10_057],
    ["past total", 1, 28_852],
  ]),
  ...quote("Aerodrome", "VotingEscrow at a5fae2e, solc 0.8.19, runs 200", [
    ["lock, first ever", 1, 519_810],
    ["lock, end in a new week", 1, 460_671],
    ["lock, end in a week in use", 1, 443_571],
    ["increase, same week", 1, 251_042],
    ["increase, 1 idle week", 1, 363_145],
    ["increase, 4 idle weeks", 1, 639_754],
    ["increase, 12 idle weeks", 1, 1_377_378],
    ["extend, same week", 1, 245_942],
    ["withdraw", 1, 284_351],
    ["votes now", 1, 17_770],
    ["total now", 1, 15_665],
    ["past total", 1, 31_011],
  ]),
];
