import { id, type Wallet } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import {
  attestationDomainOf,
  buildAttestation,
  buildReceipt,
  buildRequest,
  collectSignatures,
  hashRequest,
  receiptDomainOf,
  signAttestation,
  signReceipt,
} from "../../sdk/index.js";
import type { Sum } from "./compare.js";
import type { LoopSuite } from "./observed.js";
import { addTo, nothing, type Amounts } from "./expected.js";
import { openWallet } from "./wallets.js";

/** A provider of the run: who owns its stake, and the key that signs its receipts. */
export interface Provider {
  readonly address: string;
  readonly owner: Wallet;
  readonly operator: Wallet;
}

/** Figures of vault and pool for a finished epoch. */
export interface ReleasedEpoch {
  readonly epoch: bigint;
  readonly kappaBps: bigint;
  readonly burned: bigint;
  readonly released: bigint;
  /** Points and release by category. */
  readonly points: readonly bigint[];
  readonly releasedFor: readonly bigint[];
}

/** Stake of all providers, as events tell it and as the chain has it. */
export interface Staking {
  readonly added: bigint;
  readonly withdrawn: bigint;
  readonly slashed: bigint;
  readonly atStake: bigint;
  /** Stake owed to a provider that exited, and the amount paid. */
  readonly left: bigint;
  readonly returned: bigint;
}

/** Results of contributions in a run. */
export interface Incentives {
  readonly epochs: readonly ReleasedEpoch[];
  /** Received by the vault: its allocation, and rewards that nobody claimed. */
  readonly funded: bigint;
  readonly released: bigint;
  readonly claimed: bigint;
  readonly claimedIntoStake: bigint;
  readonly claimable: bigint;
  readonly remaining: bigint;
  readonly owed: bigint;
  readonly staking: Staking;
  readonly reserve: bigint;
  /** Balance of the pool. */
  readonly balance: bigint;
  /** Balance of the vault, before the reserve pays it anything. */
  readonly vaultBalance: bigint;
  readonly sums: readonly Sum[];
}

const CATEGORIES = 5;
const PROVISION = 0;
const BPS = 10_000n;
const GWEI = 10n ** 9n;
const STAKE_FACTOR = 2n; // of the minimum, so that a slash stops no provider
const FIRST_KIND = 1n;
const WEEK = 7n * 86_400n;

/** Registers providers with their stake, which the sponsor pays; their operator keys accept and publish capacity. */
export async function registerProviders(
  connection: NetworkConnection,
  { nodes, token }: LoopSuite,
  sponsor: string,
  count: number,
  categories: bigint,
  resources: readonly bigint[],
): Promise<Provider[]> {
  const stake = STAKE_FACTOR * (await nodes.minimumStakeFor(categories));
  const payer = token.connect(await connection.ethers.getSigner(sponsor));
  const providers: Provider[] = [];
  for (let i = 0; i < count; i += 1) {
    const owner = await openWallet(connection, `provider ${i}`);
    const operator = await openWallet(connection, `operator ${i}`);
    await (await payer.transfer(owner, stake)).wait();
    await (await token.connect(owner).approve(nodes, stake)).wait();
    const uri = `https://node-${i}.example/opa`;
    await (await nodes.connect(owner).register(stake, categories, operator, uri)).wait();
    const run = nodes.connect(operator);
    await (await run.acceptOperator(owner)).wait();
    const capacity = resources.map(() => 10n ** 9n);
    await (await run.publishCapacity(owner, [...resources], capacity)).wait();
    providers.push({ address: owner.address, owner, operator });
  }
  return providers;
}

/** Has the verifiers of the first kind attest a contribution of somebody who serves no calls. */
export async function attestContribution(
  connection: NetworkConnection,
  { attestations }: LoopSuite,
  contributor: string,
  epoch: bigint,
): Promise<void> {
  const { threshold, verifiers, set } = await attestations.kindOf(FIRST_KIND);
  const { timestamp } = (await connection.ethers.provider.getBlock("latest")) ?? { timestamp: 0 };
  const attestation = buildAttestation({
    kind: FIRST_KIND,
    set,
    account: contributor,
    units: 1n,
    evidence: id(`log of maintenance in epoch ${epoch}`),
    notBefore: BigInt(timestamp),
    deadline: BigInt(timestamp) + WEEK,
  });
  const domain = await attestationDomainOf(attestations);
  const signed = await Promise.all(
    verifiers
      .slice(0, Number(threshold))
      .map(async (verifier) =>
        signAttestation(await connection.ethers.getSigner(verifier), domain, attestation),
      ),
  );
  const { signers, signatures } = collectSignatures(domain, signed, Number(threshold));
  await (await attestations.attest(attestation, signers, signatures)).wait();
}

/**
 * A provider signs two different receipts for one request, and a third party proves it. Resolves to
 * the slashed amount.
 */
export async function equivocate(
  { nodes, slashing }: LoopSuite,
  { address, operator }: Provider,
  account: string,
  reporter: Wallet,
  resource: bigint,
): Promise<bigint> {
  const domain = await receiptDomainOf(slashing);
  const asked = { account, provider: address, content: id("question"), nonce: 1n, issuedAt: 0n };
  const service = {
    account,
    request: hashRequest(domain, buildRequest(asked)),
    uses: [{ resource, units: 100n }],
  };
  const [honest, other] = await Promise.all(
    ["what was served", "something else"].map((content) =>
      signReceipt(
        operator,
        domain,
        buildReceipt({ provider: address, ...service, content: id(content) }),
      ),
    ),
  );
  if (!honest || !other) throw new Error("Two receipts expected.");
  await (await slashing.connect(reporter).proveEquivocation(honest, other)).wait();

  const [slashed] = await nodes.queryFilter(nodes.filters.StakeSlashed(address));
  return slashed?.args.amount ?? 0n;
}

/** Pays the rewards of finished epochs to providers; anyone may send this. */
export async function pushClaims(
  { pool }: LoopSuite,
  accounts: readonly string[],
  caller: Wallet,
): Promise<number> {
  let paid = 0;
  for (const account of accounts) {
    if ((await pool.claimableOf(account)) === 0n) continue;
    await (await pool.connect(caller).claim(account)).wait();
    paid += 1;
  }
  return paid;
}

/** Stakes the reward of a provider. */
export async function claimIntoStake({ pool }: LoopSuite, { owner }: Provider): Promise<boolean> {
  if ((await pool.claimableOf(owner)) === 0n) return false;
  await (await pool.connect(owner).claimToStake()).wait();
  return true;
}

/** Pays the stake of a provider that left, once its time is over. */
export async function payOut(
  connection: NetworkConnection,
  { nodes }: LoopSuite,
  { address }: Provider,
  caller: Wallet,
): Promise<void> {
  const unbondings = await nodes.unbondingsOf(address);
  const readyAt = unbondings.at(-1)?.readyAt;
  if (readyAt === undefined) return;
  await connection.networkHelpers.time.increaseTo(readyAt);
  await (await nodes.connect(caller).withdraw(address)).wait();
}

/** Reads figures of vault, pool and node registry, and sums them independently. */
export async function readIncentives(
  suite: LoopSuite,
  providers: readonly Provider[],
  contributor: string,
  leaver: Provider,
  burnedByEpoch: ReadonlyMap<bigint, Amounts>,
): Promise<Incentives> {
  const { incentiveVault, meter, nodes, pool, reserve: systemReserve, token } = suite;
  const epochs: ReleasedEpoch[] = [];
  for (const epoch of [...burnedByEpoch.keys()].sort((a, b) => Number(a - b)))
    epochs.push(await readEpoch(suite, epoch));
  // Closes and pays all finished epochs, so that balances show everything.
  await (await incentiveVault.close()).wait();
  const arrivals = await token.queryFilter(token.filters.Transfer(undefined, incentiveVault));
  const funded = sumOf(arrivals.map(({ args }) => args.value));
  const claims = await pool.queryFilter(pool.filters.RewardClaimed());
  const intoStake = claims.filter(({ args }) => args.recipient === nodes.target);
  let claimable = 0n;
  for (const account of [...providers.map(({ address }) => address), contributor])
    claimable += await pool.claimableOf(account);
  const { own: remaining, released } = await incentiveVault.fundsOf();
  const owed = released - sum(claims);

  const staking = await readStaking(suite, leaver);
  const reserve = await token.balanceOf(systemReserve);
  const balance = await token.balanceOf(pool);
  const vaultBalance = await token.balanceOf(incentiveVault);
  const balances = { reserve, balance, vaultBalance };
  const found = { epochs, funded, released, remaining, owed, staking, ...balances };
  const claimed = sum(claims);
  const incentives = { ...found, claimed, claimedIntoStake: sum(intoStake), claimable };

  const sums = [
    ...listReleases(incentives, burnedByEpoch),
    ...(await listStakes(suite, providers, staking)),
  ];
  for (const { address } of providers) {
    const { burned } = (await meter.providerUsageOf(address)).allTime;
    const own = sum(claims.filter(({ args }) => args.account === address));
    const earned = own + (await pool.claimableOf(address));
    const most = largest(epochs.map(({ kappaBps }) => kappaBps));
    const what = `earned by ${address} beyond κ × burned through it`;
    sums.push({ what, found: excess(earned, (burned * most) / BPS), expected: 0n });
  }
  return { ...incentives, sums };
}

async function readEpoch(
  { incentiveVault, pool }: LoopSuite,
  epoch: bigint,
): Promise<ReleasedEpoch> {
  const { burned, released, kappaBps } = await incentiveVault.closingOf(epoch);
  const points: bigint[] = [];
  const releasedFor: bigint[] = [];
  for (let category = 0; category < CATEGORIES; category += 1) {
    const found = await pool.categoryOf(epoch, category);
    points.push(found.points);
    releasedFor.push(found.released);
  }
  return { epoch, kappaBps, burned, released, points, releasedFor };
}

async function readStaking({ nodes }: LoopSuite, { address }: Provider): Promise<Staking> {
  const added = await nodes.queryFilter(nodes.filters.StakeAdded());
  const withdrawn = await nodes.queryFilter(nodes.filters.StakeWithdrawn());
  const slashed = await nodes.queryFilter(nodes.filters.StakeSlashed());
  const of = (logs: readonly { args: { provider: string; amount: bigint } }[]) =>
    sum(logs.filter(({ args }) => args.provider === address));
  return {
    added: sum(added),
    withdrawn: sum(withdrawn),
    slashed: sum(slashed),
    atStake: await nodes.totalStake(),
    left: of(added) - of(slashed) - (await nodes.stakeOf(address)).staked,
    returned: of(withdrawn),
  };
}

/** Released against burned, epoch by epoch and in all. */
export function listReleases(
  incentives: Omit<Incentives, "sums">,
  burnedByEpoch: ReadonlyMap<bigint, Amounts>,
): Sum[] {
  const { epochs, funded, released, remaining, owed, claimed, claimable } = incentives;
  const all = nothing();
  for (const use of burnedByEpoch.values()) addTo(all, use);
  const inEpochs = epochs.reduce((total, { released: part }) => total + part, 0n);
  const sums: Sum[] = [
    { what: "released epoch by epoch", found: inEpochs, expected: released },
    { what: "vault and released together", found: remaining + released, expected: funded },
    { what: "balance of the vault", found: incentives.vaultBalance, expected: remaining },
    { what: "claimed and owed", found: claimed + owed, expected: released },
    { what: "balance of the pool", found: incentives.balance, expected: owed },
    { what: "claimable beyond what is owed", found: excess(claimable, owed), expected: 0n },
    {
      what: "released beyond κ × burned",
      found: excess(released, (all.burned * largest(epochs.map((one) => one.kappaBps))) / BPS),
      expected: 0n,
    },
  ];
  for (const one of epochs) {
    const at = `in epoch ${one.epoch}`;
    const burned = burnedByEpoch.get(one.epoch)?.burned ?? 0n;
    const parts = one.releasedFor.reduce((total, part) => total + part, 0n);
    const byCategory = ((parts + GWEI - 1n) / GWEI) * GWEI; // the vault releases whole gwei
    const most = (one.burned * one.kappaBps) / BPS;
    sums.push(
      { what: `burned ${at} by the vault`, found: one.burned, expected: burned },
      { what: `provision points ${at}`, found: one.points[PROVISION] ?? 0n, expected: burned },
      { what: `released by category ${at}`, found: byCategory, expected: one.released },
      {
        what: `released ${at} beyond κ × burned`,
        found: excess(one.released, most),
        expected: 0n,
      },
    );
  }
  return sums;
}

/** Stake by events, by provider and by balance. */
async function listStakes(
  { nodes, reserve, token }: LoopSuite,
  providers: readonly Provider[],
  { added, withdrawn, slashed, atStake, left, returned }: Staking,
): Promise<Sum[]> {
  let byProvider = 0n;
  for (const { address } of providers) {
    const { staked, unbonding } = await nodes.stakeOf(address);
    byProvider += staked + unbonding;
  }
  const received = sumOf(
    (await token.queryFilter(token.filters.Transfer(nodes, reserve))).map(({ args }) => args.value),
  );
  return [
    { what: "stake by its events", found: added - withdrawn - slashed, expected: atStake },
    { what: "stake provider by provider", found: byProvider, expected: atStake },
    {
      what: "balance of the node registry",
      found: await token.balanceOf(nodes),
      expected: atStake,
    },
    { what: "slashed and received by the reserve", found: received, expected: slashed },
    { what: "stake returned to the provider that left", found: returned, expected: left },
  ];
}

function sum(logs: readonly { args: { amount: bigint } }[]): bigint {
  return sumOf(logs.map(({ args }) => args.amount));
}

function sumOf(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

function excess(amount: bigint, most: bigint): bigint {
  return amount > most ? amount - most : 0n;
}

function largest(values: readonly bigint[]): bigint {
  return values.reduce((most, value) => (value > most ? value : most), 0n);
}
