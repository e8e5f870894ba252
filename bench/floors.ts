import { BATCHES, settleOperation, SHAPES, TIER_ASKED } from "./measure.js";

/** An operation of the tables: its lower bound, and the target for ours. */
export interface Operation {
  readonly name: string;
  /** Gas per item that no implementation can go below; opcodes between the terms are left out. */
  readonly floor?: number;
  /** Most gas per item for ours. */
  readonly target?: number;
  /** Gas per item by which the target is missed at most. Without it a miss fails the check. */
  readonly missedBy?: number;
}

/** One table of the report. */
export interface Table {
  readonly title: string;
  readonly note: string;
  readonly operations: readonly Operation[];
}

// Prices of the Osaka rules.
const TRANSACTION = 21_000;
const CALL = 2_600; // to a contract not yet touched
const NEW_WORD = 22_100; // storage word from zero
const WORD = 5_000; // storage word rewritten: 2,100 cold read + 2,900
const READ = 2_100; // storage word read for the first time
const HASH = 42; // mapping slot: keccak-256 of two words
const ECRECOVER = 3_100;
const LOG3 = 1_756; // Transfer, Approval: 375 + 3 x 375 + 8 x 32
const LOG2 = 1_381; // one indexed value and one word

// Calldata, 16 gas a byte and 4 a zero byte: addresses have no zero byte, an amount has 9 others
// and an allowance 10.
const SELECTOR = 64;
const ADDRESS = 12 * 4 + 20 * 16;
const AMOUNT = 23 * 4 + 9 * 16;
const ALLOWANCE = 22 * 4 + 10 * 16;
const DEADLINE = 28 * 4 + 4 * 16;
const SIGNATURE = 31 * 4 + 16 + 64 * 16;

const TRANSFER = SELECTOR + ADDRESS + AMOUNT + 2 * HASH + LOG3;
const TRANSFER_FROM = SELECTOR + 2 * ADDRESS + AMOUNT + 4 * HASH + LOG3;
const APPROVE = SELECTOR + ADDRESS + ALLOWANCE + 2 * HASH + LOG3;
const BURN = SELECTOR + AMOUNT + HASH + LOG3;
// Mapping slots of nonce and allowance, seven words of struct hash, 66 bytes of digest.
const PERMIT_HASHES = 3 * HASH + (30 + 6 * 6) + (30 + 6 * 3);
const PERMIT =
  SELECTOR + 2 * ADDRESS + ALLOWANCE + DEADLINE + SIGNATURE + PERMIT_HASHES + ECRECOVER + LOG3;

const token: readonly Operation[] = [
  // 33,508: two balances
  { name: "transfer, existing holder", floor: TRANSACTION + TRANSFER + 2 * WORD, target: 34_700 },
  // 50,608: one of them new
  {
    name: "transfer, fresh holder",
    floor: TRANSACTION + TRANSFER + WORD + NEW_WORD,
    target: 51_800,
  },
  // 38,960: two balances and the allowance
  { name: "transferFrom, finite", floor: TRANSACTION + TRANSFER_FROM + 3 * WORD },
  // 36,060: the allowance is only read
  { name: "transferFrom, infinite", floor: TRANSACTION + TRANSFER_FROM + 2 * WORD + READ },
  // 45,620: one new word
  { name: "approve, 0 to x", floor: TRANSACTION + APPROVE + NEW_WORD },
  // 28,520: the same word again
  { name: "approve, x to y", floor: TRANSACTION + APPROVE + WORD },
  // 72,684: nonce and allowance are new
  { name: "permit, first", floor: TRANSACTION + PERMIT + 2 * NEW_WORD },
  // 35,684: nonce rewritten, allowance written with the value it has (a read and 100)
  { name: "permit, later", floor: TRANSACTION + PERMIT + WORD + READ + 100 },
  // 33,098: balance and supply
  { name: "burn", floor: TRANSACTION + BURN + 2 * WORD, target: 34_100 },
  // 38,550: and the allowance
  { name: "burnFrom, finite", floor: TRANSACTION + BURN + ADDRESS + 2 * HASH + 3 * WORD },
  { name: "deploy" },
];

// A claim names its beneficiary, writes one schedule word and makes the vault send: 42,295.
const CLAIM = SELECTOR + ADDRESS + WORD + CALL + 2 * WORD + 3 * HASH + LOG3 + LOG2;

const vesting: readonly Operation[] = [
  { name: "prepare once" },
  { name: "create 1" },
  ...BATCHES.map((size) => ({
    name: `create, batch of ${size}`,
    // One new word, 476 of calldata and one event each, the transaction and one transferFrom shared.
    ...(size === 50 ? { floor: 24_754, target: 52_000 } : {}),
  })),
  { name: "claim, first" },
  { name: "claim, later", floor: TRANSACTION + CLAIM, target: 50_000 },
  { name: "claim, last" },
];

/**
 * A settlement floor is the rounded sum of its parts. Per transaction: intrinsic gas, calldata, one
 * Transfer, and the policy slots that are only read. Per statement: one recovered signature. Per
 * line, account, key, provider, resource and supply: one rewritten slot; per line one event.
 */
const SETTLE: Readonly<Record<string, Omit<Operation, "name">>> = {
  "settle 1x1, later": { floor: 96_667, target: 109_000 },
  "settle 1x1 plain, later": { target: 100_000 },
  "settle 1x100, first": { target: 14_800 },
  "settle 1x100, later": { floor: 6_900, target: 9_500 },
  "settle 10x10, later": { target: 12_200 },
  "settle 100x1, later": { floor: 28_166, target: 48_000 },
  "settle 100x1 plain, later": { floor: 23_080, target: 39_500 },
  [TIER_ASKED[1]]: { target: 109_000 },
};

const settlement: readonly Operation[] = [
  ...SHAPES.flatMap((shape) => [settleOperation(shape, "first"), settleOperation(shape, "later")]),
  ...TIER_ASKED,
].map((name) => ({ name, ...SETTLE[name] }));

const otherSettlement: readonly Operation[] = [
  { name: "one settlement, first" },
  { name: "one settlement, later" },
  { name: "10 settlements in one transaction" },
  { name: "50 settlements in one transaction" },
  { name: "100 settlements in one transaction" },
  { name: "payout, once per receiver" },
];

// A claim rewrites an account slot and a pool slot, reads two more, and makes the pool send: 51,211
// with 7,000 for the inputs of the reward.
const REWARD = 51_211;
// Adding to a stake rewrites the stake, the sum of all, two balances and an allowance: 53,204. An
// accumulator each for one and for all, as where stake itself earns, would make it 61,447 and more.
const STAKE_ADD =
  TRANSACTION + SELECTOR + ADDRESS + AMOUNT + CALL + 5 * WORD + 4 * HASH + LOG3 + (LOG3 + 8 * 32);

const incentives: readonly Operation[] = [
  { name: "stake, new" },
  { name: "stake, add", floor: STAKE_ADD, target: 72_000 },
  { name: "stake, on its way out" },
  { name: "stake, all of it on its way out" },
  { name: "stake, paid out" },
  { name: "equivocation, slashed" },
  { name: "equivocation, slashed later" },
  { name: "settle 1x1, books the provider", target: 230_000, missedBy: 53_000 },
  { name: "settle 1x100, books ten providers" },
  { name: "claim, booked by settlement, first" },
  { name: "claim, booked by settlement, later", floor: REWARD, target: 58_000 },
  { name: "claim, 1 idle epoch", floor: REWARD, target: 64_000 },
  { name: "claim, 100 idle epochs", floor: REWARD, target: 64_000 },
  { name: "claim, attested", floor: REWARD, target: 70_000 },
  { name: "claim, closes the epoch" },
  { name: "attest, 1 signature" },
  { name: "attest, 3 signatures" },
];

// A lock has its own slot, a checkpoint and an end of its owner, and a checkpoint of all: four new
// slots. Two slots of all are rewritten, and two balances move. An end in a new week is one word
// more. Rounded from the sum of its terms.
const LOCK = 140_050;
const LOCK_NEW_WEEK = LOCK + NEW_WORD - WORD;
const INCREASE = 114_750;
const CAST_VOTE = 60_373;

const governance: readonly Operation[] = [
  { name: "lock, first ever" },
  { name: "lock, end in a new week", floor: LOCK_NEW_WEEK, target: 203_000 },
  { name: "lock, end in a week in use", floor: LOCK, target: 185_000 },
  { name: "increase, same week" },
  { name: "increase, 1 idle week", floor: INCREASE, target: 145_000 },
  { name: "increase, 4 idle weeks" },
  { name: "increase, 12 idle weeks", target: 200_000 },
  { name: "extend, same week" },
  { name: "delegate, first" },
  { name: "withdraw" },
  { name: "votes now" },
  { name: "total now" },
  { name: "past total" },
  ...[8, 32, 128, 512].map((count) => ({ name: `past votes of ${count} checkpoints` })),
  { name: "past votes after 104 idle weeks", target: 300_000 },
  { name: "propose, 1 action" },
  { name: "castVote, first voter" },
  { name: "castVote, second voter", floor: CAST_VOTE, target: 80_000 },
  { name: "castVoteBySig" },
  { name: "castVote, after the quorum", floor: CAST_VOTE, target: 80_000 },
  { name: "queue, 1 action" },
  { name: "execute, 1 action" },
];

/** The tables of the report, in order. */
export const TABLES: readonly Table[] = [
  {
    title: "Token",
    note: "An existing holder has a balance, a fresh one has none. `permit, later` renews the same allowance.",
    operations: token,
  },
  {
    title: "Vesting",
    note: "One schedule over four years; with a cliff nothing in the first, with tranches a quarter at the end of each. What is prepared once is the release curve that any number of schedules share. Without a factory, creation is deployment and funding together. Beneficiaries hold tokens before they claim; the last claim empties the schedule.",
    operations: vesting,
  },
  {
    title: "Settlement",
    note: "`settle AxL` settles A statements of as many accounts, L lines each, in one transaction; gas each is per line. Ten lines name ten resources of one provider, a hundred those of ten providers; statements of one line share both. First: the line records are new, everything else has been used before. All policy is on: limits on key, project and organisation, a tier, prices that follow load. Plain: only the key has limits. Tier asked: nobody noted the tier of the account. At the first settlement of an epoch the Meter asks for the tier and keeps it; later ones in the epoch find it. x402 batch-settlement pays a receiver the difference of two running totals, and adds one payout per receiver: it has no units, resources, prices, limits or counters, and burns nothing. These floors are rounded.",
    operations: settlement,
  },
  {
    title: "Settlement elsewhere",
    note: "These systems are not on npm. Each has its own meaning of a settlement: Graph collects a voucher, Livepeer redeems a ticket, Filecoin Pay settles a rail, USDC and Permit2 transfer by signature (first: fresh receiver, or a new nonce word), x402 batch-settlement raises the running total of a payer and a receiver and pays each receiver once.",
    operations: otherSettlement,
  },
  {
    title: "Stake and rewards",
    note: "A new stake comes with the registration of its provider; elsewhere it is a stake alone. Claims are sent by somebody else than the provider, who holds tokens already. Booked by settlement: a settlement in the next epoch has closed the epoch and booked the provider. Idle: nothing was settled since, somebody closed the epoch; the claim books. Attested: points by attestations, the epoch closed before; the attestation with one signature is the first of its epoch. A settlement that books is the first of its epoch, and the provider has not claimed its reward of the epoch before. Synthetix works out rewards per second, Uniswap pays what a Merkle proof of 17 levels says; what each of them does not do stays empty. These floors are rounded.",
    operations: incentives,
  },
  {
    title: "Votes and decisions",
    note: "Locking for votes beside other vote escrows, and deciding beside OpenZeppelin's Governor, measured in the same run with an ERC20Votes token on a timestamp clock. Ours holds the lock of who proposes and votes, checks that an action stays inside the system, and keeps a floor of the quorum; the peer has neither late quorum nor guardian. Reads are the gas of the call without what a transaction costs; past votes look for the middle of the history. A lock of ours counts for its owner at once; where a peer counts at once too it is so for it. In the row of 104 idle weeks a delegatee has an end in every one of them. Idle: nothing was written for so many weeks. The first two votes come before the quorum of ours, the signature reaches it. Execution of ours registers a module, of the peer approves an allowance.",
    operations: governance,
  },
];
