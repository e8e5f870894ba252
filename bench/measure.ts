import { MaxUint256, toBeHex, TypedDataEncoder, type Wallet } from "ethers";

import { freshAddress, GENESIS, hasZeroByte, type Deployed, type Lab } from "./lab.js";

/** One measured or quoted figure. */
export interface Row {
  readonly system: string;
  readonly operation: string;
  /** How many settlements, lines or schedules the gas pays for. */
  readonly items: number;
  readonly gas: number;
  readonly gasPerItem: number;
  readonly quoted?: true;
  readonly source?: string;
}

/** A part of the comparison. Each part is measured from the same untouched chain. */
export interface System {
  /** Head of its columns. */
  readonly name: string;
  /** Package versions. */
  readonly version: string;
  /** Compiler and its settings, in one line. */
  readonly settings: string;
  readonly token?: TokenPart;
  readonly vesting?: readonly VestingPart[];
  readonly settlement?: SettlementPart;
  readonly incentives?: IncentivePart;
  readonly governance?: GovernancePart;
}

/** An ERC-20 with `permit`, `burn(uint256)` and `burnFrom(address,uint256)`. */
export interface TokenPart {
  /** Deploys the token; `holder` holds the supply afterwards. */
  deploy(lab: Lab, holder: Wallet): Promise<TokenUnderTest>;
}

/** A deployed token and the EIP-712 domain its permits are signed for. */
export interface TokenUnderTest {
  readonly contract: Deployed;
  readonly domain: { readonly name: string; readonly version: string };
}

/** A way to lock tokens for beneficiaries. */
export interface VestingPart {
  /** Head of its column; a system with one such part gives its own name. */
  readonly label: string;
  /** Deploys the contracts shared by all schedules; `funder` can then create schedules. */
  open(lab: Lab, funder: Wallet): Promise<VestingDesk>;
}

/** An open {@link VestingPart}: every number is the gas of a transaction. */
export interface VestingDesk {
  /** Stores the data shared by all schedules of these terms, if any. */
  prepare?(terms: Terms): Promise<number>;
  /** Creates and funds one schedule, in as many transactions as that takes. */
  createOne(grant: Grant): Promise<{ gas: number; claim: () => Promise<number> }>;
  /** Creates and funds a schedule for each beneficiary in one transaction, if that is possible. */
  createBatch?(beneficiaries: readonly string[], terms: Terms): Promise<number>;
}

/** Amount and times of a schedule: nothing until `cliffAt`, everything at `endAt`. */
export interface Terms {
  readonly amount: bigint;
  readonly startAt: number;
  readonly cliffAt: number;
  readonly endAt: number;
}

/** A schedule for somebody who can claim it. */
export interface Grant extends Terms {
  readonly beneficiary: Wallet;
}

/** A way to settle metered use. */
export interface SettlementPart {
  /**
   * Prepares the accounts, with credit and a signer each, and the providers and resources of the
   * lines. All of them have been settled before in the same epoch, by lines outside the shape.
   */
  open(lab: Lab, shape: SettlementShape): Promise<SettlementDesk>;
}

/**
 * `accounts` statements of `lines` lines each, settled in one transaction. Line i of a statement
 * names provider ⌊i / 10⌋ and resource i mod 10. So a hundred lines are ten providers by ten
 * resources; statements of one line share a provider and a resource.
 */
export interface SettlementShape {
  readonly accounts: number;
  readonly lines: number;
  /** Whether only the key has limits: no organisation, no project, no tier. */
  readonly isPlain?: boolean;
}

/** An open {@link SettlementPart}. */
export interface SettlementDesk {
  /** Raises every line of the shape once more and settles all of them; gas of that transaction. */
  settle(): Promise<number>;
  /**
   * Settles one line twice for an account whose tier nobody noted: in an epoch for which the tier is not kept yet, and
   * again. Everything but the account was used in the epoch before.
   */
  settleUnknown?(): Promise<readonly [first: number, later: number]>;
}

/** A way to stake and to earn. */
export interface IncentivePart {
  /** Measures operations, each named as in the table of stake and rewards. */
  measure(lab: Lab): Promise<readonly (readonly [operation: string, gas: number])[]>;
}

/** A way to lock for votes, and to decide by them. */
export interface GovernancePart {
  /** Measures operations, each named as in the table of votes and decisions. */
  measure(lab: Lab): Promise<readonly (readonly [operation: string, gas: number])[]>;
}

/** Nine bytes, none of them zero. */
export const AMOUNT = 123_456_789_012_345_678_901n;

/** Ten bytes, none of them zero; enough for every transfer out of it. */
const ALLOWANCE = 0x1a_2b_3c_4d_5e_6f_71_82_93_a4n;
const LATER_ALLOWANCE = 0x1b_2b_3c_4d_5e_6f_71_82_93_a4n;

/** The last four-byte timestamp. */
const LAST_DEADLINE = 0xff_ff_ff_ffn;

const PERMIT = {
  Permit: [
    { name: "owner", type: "address" },
    { name: "spender", type: "address" },
    { name: "value", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
};

const DAY = 24 * 60 * 60;
const YEAR = 365 * DAY;
const START = GENESIS + DAY;
const TERMS: Terms = {
  amount: AMOUNT,
  startAt: START,
  cliffAt: START + YEAR,
  endAt: START + 4 * YEAR,
};

/** When a schedule is claimed, in years from its start. */
const CLAIMS = [
  ["first", 1.5],
  ["later", 2.5],
  ["last", 4.5],
] as const;

/** Batch sizes of the vesting table. */
export const BATCHES = [10, 50] as const;

/** Shapes of the settlement table. */
export const SHAPES: readonly SettlementShape[] = [
  { accounts: 1, lines: 1 },
  { accounts: 1, lines: 10 },
  { accounts: 1, lines: 100 },
  { accounts: 10, lines: 1 },
  { accounts: 100, lines: 1 },
  { accounts: 10, lines: 10 },
  { accounts: 1, lines: 1, isPlain: true },
  { accounts: 100, lines: 1, isPlain: true },
];

/** The operations that settle one line of an account whose tier nobody noted: settlement asks for it, and keeps it. */
export const TIER_ASKED = [
  "settle 1x1, tier asked, first",
  "settle 1x1, tier asked, later",
] as const;

/** The operation that settles `shape`. */
export function settleOperation(
  { accounts, lines, isPlain = false }: SettlementShape,
  visit: "first" | "later",
) {
  return `settle ${accounts}x${lines}${isPlain ? " plain" : ""}, ${visit}`;
}

/** Measures every part `system` has. */
export async function measureSystem(lab: Lab, system: System): Promise<Row[]> {
  const { name, token, vesting = [], settlement, incentives, governance } = system;
  const rows: Row[] = [];

  if (token) rows.push(...(await lab.isolated(() => measureToken(lab, name, token))));
  for (const part of vesting) rows.push(...(await measureVesting(lab, part)));
  if (settlement) rows.push(...(await measureSettlement(lab, name, settlement)));
  if (incentives) {
    const figures = await lab.isolated(() => incentives.measure(lab));
    rows.push(...figures.map(([operation, gas]) => row(name, operation, 1, gas)));
  }
  if (governance) {
    const figures = await lab.isolated(() => governance.measure(lab));
    rows.push(...figures.map(([operation, gas]) => row(name, operation, 1, gas)));
  }

  return rows;
}

/** One row; the gas of an item is rounded to the nearest unit. */
export function row(system: string, operation: string, items: number, gas: number): Row {
  return { system, operation, items, gas, gasPerItem: Math.round(gas / items) };
}

async function measureToken(lab: Lab, system: string, part: TokenPart): Promise<Row[]> {
  const holder = await lab.actor("holder");
  const spender = await lab.actor("spender");
  const existing = freshAddress("existing holder");
  const { contract, domain } = await part.deploy(lab, holder);
  const rows = [row(system, "deploy", 1, contract.gas)];

  const call = async (from: Wallet, method: string, ...values: unknown[]) =>
    lab.call(from, contract, method, values);
  const record = async (operation: string, from: Wallet, method: string, ...values: unknown[]) => {
    rows.push(row(system, operation, 1, await call(from, method, ...values)));
  };
  const from = (owner: Wallet) => [owner.address, existing, AMOUNT];

  await call(holder, "transfer", existing, AMOUNT);
  await record("transfer, existing holder", holder, "transfer", existing, AMOUNT);
  await record("transfer, fresh holder", holder, "transfer", freshAddress("fresh holder"), AMOUNT);

  await record("approve, 0 to x", holder, "approve", spender.address, ALLOWANCE);
  await record("approve, x to y", holder, "approve", spender.address, LATER_ALLOWANCE);
  await record("transferFrom, finite", spender, "transferFrom", ...from(holder));
  await record("burn", holder, "burn", AMOUNT);
  await record("burnFrom, finite", spender, "burnFrom", holder.address, AMOUNT);
  await call(holder, "approve", spender.address, MaxUint256);
  await record("transferFrom, infinite", spender, "transferFrom", ...from(holder));

  const permitted = freshAddress("permitted spender");
  for (const [visit, nonce] of [
    ["first", 0n],
    ["later", 1n],
  ] as const) {
    const permit = { owner: holder.address, spender: permitted, value: ALLOWANCE, nonce };
    const signed = await signPermit(lab, holder, { contract, domain }, permit);
    await record(`permit, ${visit}`, spender, "permit", ...signed);
  }

  return rows;
}

/**
 * Arguments of `permit`. The deadline is the latest one for which the signature has no zero byte.
 * Otherwise each zero byte would make the permit 12 gas cheaper.
 */
async function signPermit(
  lab: Lab,
  owner: Wallet,
  { contract, domain }: TokenUnderTest,
  permit: { owner: string; spender: string; value: bigint; nonce: bigint },
): Promise<unknown[]> {
  const { chainId } = await lab.connection.ethers.provider.getNetwork();
  const fullDomain = { ...domain, chainId, verifyingContract: contract.address };

  for (let deadline = LAST_DEADLINE; ; deadline -= 1n) {
    const digest = TypedDataEncoder.hash(fullDomain, PERMIT, { ...permit, deadline });
    const { v, r, s } = owner.signingKey.sign(digest);
    if (![toBeHex(deadline), r, s].some(hasZeroByte)) {
      return [permit.owner, permit.spender, permit.value, deadline, v, r, s];
    }
  }
}

async function measureVesting(lab: Lab, part: VestingPart): Promise<Row[]> {
  const rows = await lab.isolated(() => measureClaims(lab, part));
  for (const size of BATCHES) {
    await lab.isolated(async () => {
      const desk = await part.open(lab, await lab.actor("funder"));
      if (!desk.createBatch) return;

      await desk.prepare?.(TERMS);
      await desk.createOne({ ...TERMS, beneficiary: await lab.actor("earlier beneficiary") });
      const names = Array.from({ length: size }, (_, index) => `beneficiary ${index}`);
      const gas = await desk.createBatch(names.map(freshAddress), TERMS);
      rows.push(row(part.label, `create, batch of ${size}`, size, gas));
    });
  }
  return rows;
}

/**
 * One schedule from creation to its end, in a vault that is already in use. An earlier claim of
 * another schedule sees to it that the beneficiary holds tokens at the first one.
 */
async function measureClaims(lab: Lab, part: VestingPart): Promise<Row[]> {
  const funder = await lab.actor("funder");
  const beneficiary = await lab.actor("beneficiary");
  const desk = await part.open(lab, funder);
  const rows: Row[] = [];

  if (desk.prepare) rows.push(row(part.label, "prepare once", 1, await desk.prepare(TERMS)));
  await desk.createOne({ ...TERMS, beneficiary: await lab.actor("earlier beneficiary") });
  const { gas, claim } = await desk.createOne({ ...TERMS, beneficiary });
  rows.push(row(part.label, "create 1", 1, gas));

  const earlier = await desk.createOne({ ...TERMS, beneficiary });
  await lab.at(START + 1.25 * YEAR);
  await earlier.claim();
  for (const [visit, years] of CLAIMS) {
    await lab.at(START + years * YEAR);
    rows.push(row(part.label, `claim, ${visit}`, 1, await claim()));
  }
  return rows;
}

async function measureSettlement(lab: Lab, system: string, part: SettlementPart): Promise<Row[]> {
  const rows: Row[] = [];
  for (const shape of SHAPES) {
    await lab.isolated(async () => {
      const desk = await part.open(lab, shape);
      for (const visit of ["first", "later"] as const) {
        const items = shape.accounts * shape.lines;
        rows.push(row(system, settleOperation(shape, visit), items, await desk.settle()));
      }
      if (shape.accounts * shape.lines === 1 && desk.settleUnknown && !shape.isPlain) {
        const figures = await desk.settleUnknown();
        TIER_ASKED.forEach((name, index) => rows.push(row(system, name, 1, figures[index] ?? 0)));
      }
    });
  }
  return rows;
}
