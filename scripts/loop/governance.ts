import { encodeBytes32String, id, ZeroAddress, type Signer } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import {
  buildStatement,
  domainOf,
  packStatement,
  reasonOf,
  signStatement,
} from "../../sdk/index.js";
import type { Sum } from "./compare.js";
import type { LoopSuite } from "./observed.js";
import { openWallet } from "./wallets.js";

/** Where the supply is at the end of a run, as one read of the lens says. */
export interface SupplyParts {
  readonly initial: bigint;
  readonly burned: bigint;
  readonly unvested: bigint;
  readonly pool: bigint;
  readonly reserve: bigint;
  readonly credit: bigint;
  readonly staked: bigint;
  readonly locked: bigint;
  readonly circulating: bigint;
}

/** Results of governance in a run. */
export interface Governance {
  /** OPA wei locked, and the votes that it gave at first. */
  readonly locked: bigint;
  readonly votes: bigint;
  /** For and quorum of the proposals, which were decided alike. */
  readonly forVotes: bigint;
  readonly quorum: bigint;
  /** κ in basis points, before and after. */
  readonly kappaBefore: bigint;
  readonly kappaAfter: bigint;
  /** Reason why settlement deferred a line, and the burn beside the trace. */
  readonly heldBack: string;
  readonly burned: bigint;
  /** Reason why the reserve refused an unjustified draw, and the amount of the justified one. */
  readonly refusal: string;
  readonly drawn: bigint;
  readonly supply: SupplyParts;
  readonly sums: readonly Sum[];
}

/** Actors of governance in a run, and their OPA. */
export interface GovernanceOptions {
  /** Schedule of an allocation that pays its beneficiary enough for locks and for a large consumer. */
  readonly treasurySchedule: bigint;
  /** Schedule whose beneficiary moves vested OPA straight into its lock. */
  readonly lockingSchedule: bigint;
  readonly progress: (line: string) => void;
}

interface Stage extends GovernanceOptions {
  readonly connection: NetworkConnection;
  readonly suite: LoopSuite;
  readonly observer: Signer;
}

interface Proposal {
  readonly targets: string[];
  readonly calldatas: string[];
  readonly description: string;
}

interface Consumer {
  readonly owner: Signer & { readonly address: string };
  readonly provider: string;
  readonly resource: bigint;
  units: bigint;
}

const OPA = 10n ** 18n;
const FIRST_LOCK = 10_000_000n * OPA; // more than the floor of the quorum
const SECOND_LOCK = 1_000n * OPA; // grows by the vested amount
const CREDIT = 4_000_000n * OPA;
const DAILY_BURN = 230_000n * OPA; // κ of it is more than the stage cap lets out
const DECISION_TERM = 400n * 86_400n; // in which the decided draw can be requested
const KAPPA_STEP = 500n; // basis points
const CLOSED_EPOCHS = 400; // never so many days until a draw is paid
const CLAIM_STEP = 3_600; // seconds, more than a machine takes until the claim
const HALF_DAY = 43_200n;
const FOR = 1n;

/** Locks, delegates, decides on a parameter and on a draw of the reserve, trips a limit, and reads where the supply is. */
export async function govern(
  connection: NetworkConnection,
  suite: LoopSuite,
  options: GovernanceOptions,
): Promise<Governance> {
  const observer = await openWallet(connection, "observer");
  const stage: Stage = { ...options, connection, suite, observer };
  const { governor, incentiveVault, lock, reserve, timelock, token } = suite;
  const supplyBefore = await token.totalSupply();

  const { delegate, treasury, locked } = await lockAndDelegate(stage);
  const votes = await lock.getVotes(delegate);
  const consumer = await openConsumer(stage, treasury);
  const kappa = await incentiveVault.KAPPA();
  const kappaBefore = (await incentiveVault.parameterOf(kappa)).current.value;
  const draw = await reserve.drawCap();
  const condition = await suite.stageCap.getAddress();
  const reason = "the stage cap holds back what use would release";
  const latest = (await now(stage)) + DECISION_TERM;
  const request = [incentiveVault.target, draw, condition, reason, latest] as const;
  const requestData = reserve.interface.encodeFunctionData("request", [...request] as never);

  const announced = incentiveVault.interface.encodeFunctionData("announce", [
    kappa,
    kappaBefore - KAPPA_STEP,
  ]);
  const change = propose(await incentiveVault.getAddress(), announced, "Lower κ by 5%");
  const pay = propose(await reserve.getAddress(), requestData, "Draw 1% of the reserve");
  const ids: bigint[] = [];
  for (const proposal of [change, pay]) ids.push(await submit(stage, delegate, proposal));
  await wait(stage, (await governor.votingDelay()) + 1n);
  for (const proposal of ids)
    await (await governor.connect(delegate).castVote(proposal, FOR)).wait();
  const [first = 0n] = ids;
  const { forVotes } = await governor.proposalVotes(first);
  const quorum = await governor.quorum(await governor.proposalSnapshot(first));
  options.progress(
    `two proposals voted for with ${whole(forVotes)} votes; the quorum is ${whole(quorum)}`,
  );

  const heldBack = await tripLimit(stage, consumer);
  await wait(stage, (await governor.proposalDeadline(first)) + 1n - (await now(stage)));
  for (const proposal of [change, pay]) await (await carry(stage, proposal, "queue")).wait();
  await wait(stage, await timelock.getMinDelay());
  await (await carry(stage, change, "execute")).wait();
  const refusal = await nameOfRefusal(stage, pay);
  options.progress(`the draw that was decided is refused while it is not needed: ${refusal}`);

  const drawId = await drawWhenNeeded(stage, consumer, pay);
  const drawn = (await reserve.drawOf(drawId)).amount;
  options.progress(
    `the reserve paid ${whole(drawn)} OPA to the vault, decided, needed and delayed`,
  );

  const kappaAfter = (await incentiveVault.parameterOf(kappa)).current.value;
  const burned = supplyBefore - (await token.totalSupply());
  const supply = await readSupply(suite);
  const found = { locked, votes, forVotes, quorum, kappaBefore, kappaAfter, heldBack };
  const sums: Sum[] = [
    { what: "κ after the decision", found: kappaAfter, expected: kappaBefore - KAPPA_STEP },
    { what: "burned beside the trace", found: burned, expected: await burnedBy(stage, consumer) },
    {
      what: "open draws of the vault",
      found: (await incentiveVault.fundsOf()).drawn,
      expected: drawn,
    },
    { what: "locked by owners of locks", found: supply.locked, expected: locked },
    ...listSupplySums(supply, await reckonSupply(suite)),
  ];
  return { ...found, burned, refusal, drawn, supply, sums };
}

/**
 * Compares the parts of the supply with the whole, and each with its module and the events of the
 * token.
 */
export function listSupplySums(supply: SupplyParts, reckoned: SupplyParts): Sum[] {
  const { initial, burned, unvested, pool, reserve, credit, staked, locked, circulating } = supply;
  const parts = burned + unvested + pool + reserve + credit + staked + locked + circulating;
  return [
    { what: "parts of the supply", found: parts, expected: initial },
    { what: "supply at first", found: initial, expected: 800_000_000n * OPA },
    ...(Object.keys(reckoned) as (keyof SupplyParts)[]).map((part) => ({
      what: `${part} of the supply`,
      found: supply[part],
      expected: reckoned[part],
    })),
  ];
}

/** The same parts without the lens: from the accounts that modules keep, and from every transfer there ever was. */
async function reckonSupply(suite: LoopSuite): Promise<SupplyParts> {
  const { incentiveVault, lock, meter, nodes, pool, reserve, token, vault } = suite;
  const balances = new Map<string, bigint>();
  for (const { args } of await token.queryFilter(token.filters.Transfer())) {
    balances.set(args.from, (balances.get(args.from) ?? 0n) - args.value);
    balances.set(args.to, (balances.get(args.to) ?? 0n) + args.value);
  }
  const burns = await token.queryFilter(token.filters.Transfer(undefined, ZeroAddress));
  const burned = burns.reduce((sum, { args }) => sum + args.value, 0n);
  const initial = burned - (balances.get(ZeroAddress) ?? 0n);
  const inReserve = balances.get(await reserve.getAddress()) ?? 0n;

  const claims = await pool.queryFilter(pool.filters.RewardClaimed());
  const claimed = claims.reduce((sum, { args }) => sum + args.amount, 0n);
  const modules = [vault, incentiveVault, pool, reserve, meter, nodes, lock];
  for (const module of modules) balances.delete(await module.getAddress());
  balances.delete(ZeroAddress);
  const [free, reserved] = await meter.totals();
  const funds = await incentiveVault.fundsOf();
  const locks = await lock.queryFilter(lock.filters.Locked());
  let locked = 0n;
  for (const account of new Set(locks.map(({ args }) => args.account)))
    locked += (await lock.lockOf(account)).amount;
  return {
    initial,
    burned,
    unvested: await vault.unreleased(),
    pool: funds.own + funds.drawn + funds.released - claimed,
    reserve: inReserve,
    credit: free + reserved,
    staked: await nodes.totalStake(),
    locked,
    circulating: [...balances.values()].reduce((sum, balance) => sum + balance, 0n),
  };
}

/** Two accounts lock and delegate to a third; one of them locks vested OPA (REL-7). */
async function lockAndDelegate({
  connection,
  suite,
  treasurySchedule,
  lockingSchedule,
  progress,
}: Stage) {
  const { lock, token, vault } = suite;
  const { latest } = await lock.endRange();
  if ((await vault.claimable(treasurySchedule)) !== 0n)
    await (await vault.claim(treasurySchedule)).wait();
  const treasury = await beneficiaryOf(connection, suite, treasurySchedule);
  const second = await beneficiaryOf(connection, suite, lockingSchedule);
  const delegate = await openWallet(connection, "delegate");

  await (await token.connect(treasury).transfer(second.address, SECOND_LOCK)).wait();
  for (const [signer, amount] of [
    [treasury, FIRST_LOCK],
    [second, SECOND_LOCK],
  ] as const) {
    await (await token.connect(signer).approve(lock, amount)).wait();
    await (await lock.connect(signer).lock(amount, latest)).wait();
    await (await lock.connect(signer).delegate(delegate)).wait();
  }
  // The amount depends on the second, which has to be the same in every run.
  const { time } = connection.networkHelpers;
  await time.increaseTo(((await time.latest()) / CLAIM_STEP + 1) * CLAIM_STEP);
  const vested = await vault.claimable(lockingSchedule);
  await time.setNextBlockTimestamp((await time.latest()) + CLAIM_STEP);
  await (await vault.connect(second).claimToLock(lockingSchedule)).wait();
  const claimed = (await vault.scheduleOf(lockingSchedule)).released;
  const locked = (await lock.lockOf(treasury)).amount + (await lock.lockOf(second)).amount;
  progress(
    `${whole(locked)} OPA locked for two years and delegated, ${whole(vested)} of it straight from a schedule that has released ${whole(claimed)}`,
  );
  return { delegate, treasury, locked };
}

/** A consumer with much credit, and a provider of a resource whose price does not move. */
async function openConsumer(stage: Stage, sponsor: Signer): Promise<Consumer> {
  const { connection, suite } = stage;
  const { meter, nodes, registry, token } = suite;
  let resource = 1n;
  while ((await registry.resourceOf(resource)).target !== 0n) resource += 1n;
  const categories = 1n << (await registry.resourceOf(resource)).category;
  const node = await openWallet(connection, "provider of the large consumer");
  const stake = await nodes.minimumStakeFor(categories);
  await (await token.connect(sponsor).transfer(node, stake)).wait();
  await (await token.connect(node).approve(nodes, stake)).wait();
  await (await nodes.connect(node).register(stake, categories, node, "")).wait();

  const owner = await openWallet(connection, "large consumer");
  await (await token.connect(sponsor).approve(meter, CREDIT)).wait();
  await (await meter.connect(sponsor).deposit(owner, CREDIT)).wait();
  return { owner, provider: node.address, resource, units: 0n };
}

/** Burns up to the limit of an account. Shows that more is deferred and settles a day later. */
async function tripLimit(stage: Stage, consumer: Consumer): Promise<string> {
  const { suite, progress } = stage;
  const name = encodeBytes32String("account-burns");
  const most = await suite.meter.burnable(consumer.owner);
  await use(stage, consumer, (most * 9n) / 10n);
  const before = consumer.units;
  const reason = await use(stage, consumer, (most * 4n) / 10n);
  if (!(await suite.meter.isRestricted(name))) throw new Error("The limit did not trip.");
  consumer.units = before;
  progress(`a line beyond the limit of an account waits: ${reason}`);

  await wait(stage, 86_400n);
  if (await suite.meter.isRestricted(name)) throw new Error("The limit did not clear.");
  const later = await use(stage, consumer, (most * 4n) / 10n);
  if (later !== "None") throw new Error(`What waited for the limit did not settle: ${later}.`);
  progress("a day later the limit has cleared, and what waited is settled");
  return reason;
}

/** Uses the system until the stage cap has held enough back, and observes that until the draw is decided, delayed and paid. */
async function drawWhenNeeded(stage: Stage, consumer: Consumer, pay: Proposal): Promise<bigint> {
  const { connection, suite } = stage;
  const { reserve } = suite;
  const condition = suite.stageCap;
  const wanted = await reserve.NECESSITY_PERIOD();
  let draw = 0n;
  for (let half = 0; half < 2 * CLOSED_EPOCHS; half += 1) {
    if (half % 2 === 0 && !(await condition.isNecessary())) await use(stage, consumer, DAILY_BURN);
    await (await reserve.connect(stage.observer).observe(condition)).wait();
    const { since } = await reserve.watchOf(condition);
    const time = await now(stage);
    if (draw === 0n && since !== 0n && time - since >= wanted) {
      await (await carry(stage, pay, "execute")).wait();
      draw = await reserve.drawCount();
    }
    if (draw !== 0n && time >= (await reserve.drawOf(draw)).executableAt) {
      await (await reserve.connect(stage.observer).execute(draw)).wait();
      return draw;
    }
    await connection.networkHelpers.time.increaseTo(time + HALF_DAY - 60n);
  }
  throw new Error("The reserve was never needed for long enough.");
}

/** Settles a use worth about `amount`, and says why if it does not settle. */
async function use(stage: Stage, consumer: Consumer, amount: bigint): Promise<string> {
  const { suite, observer } = stage;
  const { registry, settlement } = suite;
  const { owner, provider, resource } = consumer;
  const priceEpoch = await registry.currentEpoch();
  consumer.units += amount / (await registry.unitPriceOf(resource, priceEpoch));
  const line = { provider, resource, cumulativeUnits: consumer.units };
  const deadline = (await now(stage)) + HALF_DAY;
  const account = await owner.getAddress();
  const statement = buildStatement({ account, priceEpoch, deadline, lines: [line] });
  const signed = await signStatement(owner, await domainOf(settlement), statement);
  const [result] = await settlement.settle.staticCall([packStatement(signed)]);
  await (await settlement.connect(observer).settle([packStatement(signed)])).wait();
  return reasonOf(result?.reasons.at(0) ?? 0n).name;
}

/** Cost of the large consumer by its events. */
async function burnedBy({ suite }: Stage, { owner, provider, resource }: Consumer) {
  const { meter } = suite;
  const settled = await meter.queryFilter(meter.filters.LineSettled(owner, provider, resource));
  return settled.reduce((sum, { args }) => sum + args.amount, 0n);
}

/** Name of the error with which the reserve refuses a decision that could be executed otherwise. */
async function nameOfRefusal({ suite }: Stage, decision: Proposal): Promise<string> {
  const { governor, reserve } = suite;
  const { targets, calldatas, description } = decision;
  const values = targets.map(() => 0n);
  try {
    await governor.execute.staticCall(targets, values, calldatas, id(description));
  } catch (error) {
    const bytes = (error as { data?: unknown }).data;
    const name = typeof bytes === "string" ? reserve.interface.parseError(bytes)?.name : undefined;
    if (name !== undefined) return name;
    throw error;
  }
  throw new Error("The reserve would pay although it is not needed.");
}

function propose(target: string, calldata: string, description: string): Proposal {
  return { targets: [target], calldatas: [calldata], description };
}

async function submit({ suite }: Stage, proposer: Signer, proposal: Proposal): Promise<bigint> {
  const { governor } = suite;
  const { targets, calldatas, description } = proposal;
  const values = targets.map(() => 0n);
  await (await governor.connect(proposer).propose(targets, values, calldatas, description)).wait();
  return governor.hashProposal(targets, values, calldatas, id(description));
}

async function carry({ suite, observer }: Stage, proposal: Proposal, step: "queue" | "execute") {
  const { targets, calldatas, description } = proposal;
  const values = targets.map(() => 0n);
  return suite.governor.connect(observer)[step](targets, values, calldatas, id(description));
}

/** The beneficiary of a schedule, who signs on the local chain. */
async function beneficiaryOf(
  { ethers }: NetworkConnection,
  { vault }: LoopSuite,
  schedule: bigint,
) {
  return ethers.getSigner((await vault.scheduleOf(schedule)).beneficiary);
}

async function readSupply({ lens }: LoopSuite): Promise<SupplyParts> {
  const { initial, burned, unvested, pool, reserve, credit, staked, locked, circulating } =
    await lens.supply();
  return { initial, burned, unvested, pool, reserve, credit, staked, locked, circulating };
}

async function now({ connection }: Stage): Promise<bigint> {
  return BigInt(await connection.networkHelpers.time.latest());
}

async function wait(stage: Stage, seconds: bigint): Promise<void> {
  if (seconds > 0n) await stage.connection.networkHelpers.time.increase(seconds);
}

function whole(wei: bigint): string {
  return (wei / OPA).toString().replace(/\B(?=(\d{3})+$)/g, ",");
}
