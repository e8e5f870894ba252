import { formatEther, type ContractTransactionReceipt, type Wallet } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import {
  buildStatement,
  domainOf,
  packStatement,
  planBatches,
  reasonOf,
  signStatement,
  type SignedStatement,
  type StatementDomain,
  TRANSACTION_GAS,
} from "../../sdk/index.js";
import { createCalendar, PERIODS, PERIODS_PER_EPOCH, type Calendar } from "./calendar.js";
import { findMismatches, listSums } from "./compare.js";
import { RunningTotals } from "./running-totals.js";
import type { TraceRow } from "./trace.js";
import { readFacts, scheduleIds, type Facts, type LoopSuite } from "./observed.js";
import { govern, type Governance } from "./governance.js";
import {
  attestContribution,
  claimIntoStake,
  equivocate,
  payOut,
  pushClaims,
  readIncentives,
  registerProviders,
  type Incentives,
  type Provider,
} from "./incentives.js";
import {
  listSpending,
  organise,
  readSpending,
  showRefusals,
  type Organisation,
  type Refusal,
} from "./organisations.js";
import { mix32 } from "./random.js";
import { reckon, type Call, type Reckoning, type Tariff } from "./expected.js";
import { createWallet, openWallet } from "./wallets.js";

/** How the loop is to be run. */
export interface LoopOptions {
  readonly accounts: number;
  readonly providers: number;
  /** Schedule whose tokens become the consumers' credit; it must have vested something. */
  readonly onboardingSchedule: bigint;
  /** Schedules whose beneficiaries lock and decide. */
  readonly treasurySchedule: bigint;
  readonly lockingSchedule: bigint;
  /** Names of the resources that input and output tokens are. */
  readonly inputResource: string;
  readonly outputResource: string;
  readonly seed: number;
  /** Called with one line for each step. */
  readonly progress: (line: string) => void;
}

/** Transactions of one kind. */
export interface Activity {
  transactions: bigint;
  statements: bigint;
  lines: bigint;
  gas: bigint;
}

/** Results of a run and the state of the chain after it. */
export interface LoopResult {
  readonly input: Tariff;
  readonly output: Tariff;
  readonly reckoning: Reckoning;
  readonly facts: Facts;
  /** Settlements of new use. */
  readonly settled: Activity;
  /** Of which the use was priced in the epoch before. */
  readonly settledLate: Activity;
  /** Statements shown again, or after a later one: none may burn anything. */
  readonly stale: Activity;
  readonly claimedAtEnd: bigint;
  /** Accounts with limits, a project and a key. */
  readonly organisations: number;
  /** Statements that were out of bounds, each refused by `authorize` and by settlement alike. */
  readonly refusals: readonly Refusal[];
  /** Stakes, rewards and losses of providers and contributors. */
  readonly incentives: Incentives;
  /** Decisions of locked OPA, and the parts of the supply at the end. */
  readonly governance: Governance;
  readonly sums: number;
  /** Sentences about sums that do not match; none if all do. */
  readonly mismatches: readonly string[];
}

interface Consumer {
  readonly address: string;
  readonly owner: Wallet;
  /** The owner itself, or the key of its project. */
  readonly signer: Wallet;
  readonly isOrganised: boolean;
  /** Whether its first statement of an epoch is held back until the second one has settled. */
  readonly isTardy: boolean;
}

interface Session {
  readonly connection: NetworkConnection;
  readonly suite: LoopSuite;
  readonly options: LoopOptions;
  readonly calendar: Calendar;
  readonly consumers: readonly Consumer[];
  readonly providers: readonly Provider[];
  /** An account without any right, which sends permissionless transactions. */
  readonly observer: Wallet;
  /** Somebody who serves no calls and contributes in another way. */
  readonly contributor: string;
  readonly domain: StatementDomain;
  readonly usage: RunningTotals;
  readonly settled: Activity;
  readonly settledLate: Activity;
  readonly stale: Activity;
}

const OPA = 10n ** 18n;
const CREDIT_SHARE = { numerator: 9n, denominator: 10n }; // of the vested onboarding OPA
const RESERVED_PART = 10n; // one part in so many of an account's credit
const SMALL_RESERVATION = 40n * OPA; // used up within a few periods, so that free credit takes over
const SELF_SIGNING = 4; // one account in so many signs itself
const RESERVING = 3; // one in so many reserves credit
const TARDY = 5; // one in so many shows its first statement of an epoch too late
const REPLAYS = 2; // statements shown again after each period
const LIE_AT = 4; // period in which the first provider signs two receipts for one call
const EXIT_AT = 7; // period in which the last provider begins to leave

/**
 * Replays a usage trace against a suite with distributed supply. It funds consumers, signs and
 * settles their use over several epochs, and compares every sum with a sum of the trace alone.
 */
export async function runLoop(
  connection: NetworkConnection,
  suite: LoopSuite,
  rows: readonly TraceRow[],
  options: LoopOptions,
): Promise<LoopResult> {
  const { registry, settlement } = suite;
  const tariffs = await readTariffs(suite, [options.inputResource, options.outputResource]);
  const [input, output] = tariffs;
  const genesis = await registry.GENESIS();
  const epochDuration = await registry.EPOCH_DURATION();
  const firstEpoch = (await registry.currentEpoch()) + 1n;
  const calendar = createCalendar(rows, { genesis, epochDuration, firstEpoch });
  const lastSecond = calendar.endOf(PERIODS - 1) + 2n * epochDuration;

  const sponsor = await claimOnboarding(suite, options);
  const providers = await openProviders(connection, suite, options, sponsor.address, tariffs);
  const { consumers, credit } = await fundConsumers(
    connection,
    suite,
    options,
    sponsor,
    providers.map(({ address }) => address),
    lastSecond,
  );
  const session: Session = {
    connection,
    suite,
    options,
    calendar,
    consumers,
    providers,
    observer: await openWallet(connection, "observer"),
    contributor: createWallet("contributor").address,
    domain: await domainOf(settlement),
    usage: new RunningTotals(),
    settled: noActivity(),
    settledLate: noActivity(),
    stale: noActivity(),
  };
  const calls = assign(session, rows);
  await settleAll(session, rows, calls, tariffs);
  const claimedAtEnd = await claimReleased(suite, options);
  const organisations = consumers
    .filter(({ isOrganised }) => isOrganised)
    .map(({ owner, signer }): Organisation => ({ owner, key: signer }));
  const spending = await readSpending(suite, organisations, credit);
  const refusals = await refuse(session, organisations, input.resource);

  const reckoning = reckon(calls, input, output);
  const facts = await readFacts(
    suite,
    consumers.map(({ address }) => address),
    providers.map(({ address }) => address),
    tariffs.map(({ resource }) => resource),
  );
  const incentives = await finish(session, facts);
  const governance = await govern(connection, suite, options);
  const sums = [
    ...listSums(facts, reckoning),
    ...listSpending(spending, reckoning),
    ...incentives.sums,
    ...governance.sums,
  ];
  const { settled, settledLate, stale } = session;
  return {
    input,
    output,
    reckoning,
    facts,
    settled,
    settledLate,
    stale,
    claimedAtEnd,
    organisations: organisations.length,
    refusals,
    incentives,
    governance,
    sums: sums.length,
    mismatches: findMismatches(sums),
  };
}

/** Terms of the named resources, in the order of the names. */
async function readTariffs(
  { registry }: LoopSuite,
  names: readonly [string, string],
): Promise<[Tariff, Tariff]> {
  const tariffs = new Map<string, Tariff>();
  for (const { args } of await registry.queryFilter(registry.filters.ResourceRegistered())) {
    const { resource, name, weight, registeredEpoch, rate, floor, ceiling, target } = args;
    tariffs.set(name, { resource, name, weight, registeredEpoch, rate, floor, ceiling, target });
  }
  const [input, output] = names.map((name) => {
    const tariff = tariffs.get(name);
    if (!tariff) throw new Error(`No resource is called "${name}".`);
    return tariff;
  });
  if (!input || !output) throw new Error("Two resources are needed, for input and for output.");
  return [input, output];
}

/** Opens providers with a stake and an operator key, paid for by the sponsor. */
async function openProviders(
  connection: NetworkConnection,
  suite: LoopSuite,
  options: LoopOptions,
  sponsor: string,
  tariffs: readonly Tariff[],
): Promise<Provider[]> {
  let categories = 0n;
  for (const { resource } of tariffs)
    categories |= 1n << (await suite.registry.resourceOf(resource)).category;

  const providers = await registerProviders(
    connection,
    suite,
    sponsor,
    options.providers,
    categories,
    tariffs.map(({ resource }) => resource),
  );
  const stake = formatEther(await suite.nodes.totalStake());
  options.progress(
    `${count(providers.length, "provider")} registered with ${stake} OPA at stake, each with an operator key`,
  );
  return providers;
}

/** Claims the tokens that are set aside for newcomers. */
async function claimOnboarding(
  { vault }: LoopSuite,
  options: LoopOptions,
): Promise<{ address: string; claimed: bigint }> {
  const { beneficiary, claimable } = await vault.scheduleOf(options.onboardingSchedule);
  await (await vault.claim(options.onboardingSchedule)).wait();
  options.progress(`${formatEther(claimable)} OPA claimed for onboarding`);
  return { address: beneficiary, claimed: claimable };
}

/** Gives every consumer credit, and most of them a signing key. */
async function fundConsumers(
  connection: NetworkConnection,
  suite: LoopSuite,
  options: LoopOptions,
  { address, claimed }: { address: string; claimed: bigint },
  providers: readonly string[],
  lastSecond: bigint,
): Promise<{ consumers: Consumer[]; credit: bigint }> {
  const { meter, token } = suite;
  const sponsor = await connection.ethers.getSigner(address);
  const { numerator, denominator } = CREDIT_SHARE;
  const wei = (claimed * numerator) / denominator / BigInt(options.accounts);
  const credit = wei - (wei % OPA);
  if (credit === 0n)
    throw new Error(
      `Onboarding released ${formatEther(claimed)} OPA, too little for ${options.accounts} accounts.`,
    );
  await (await token.connect(sponsor).approve(meter, claimed)).wait();

  const consumers: Consumer[] = [];
  for (let i = 0; i < options.accounts; i += 1) {
    const owner = await openWallet(connection, `consumer ${i}`);
    await (await meter.connect(sponsor).deposit(owner.address, credit)).wait();
    const signer = i % SELF_SIGNING === SELF_SIGNING - 1 ? owner : createWallet(`key ${i}`);
    if (i % RESERVING === 0)
      for (const [offset, amount] of [credit / RESERVED_PART, SMALL_RESERVATION].entries()) {
        const provider = providers[(i + offset) % providers.length] ?? "";
        const mandate = [owner.address, provider, signer.address, amount, lastSecond] as const;
        await (await meter.connect(owner).reserve(...mandate)).wait();
      }
    const isOrganised = signer !== owner;
    if (isOrganised) await organise(suite, { owner, key: signer }, credit, lastSecond);
    consumers.push({
      address: owner.address,
      owner,
      signer,
      isOrganised,
      isTardy: i % TARDY === 1,
    });
  }
  options.progress(
    `${count(consumers.length, "account")} funded with ${formatEther(credit)} OPA each, ` +
      `${consumers.filter(({ isOrganised }) => isOrganised).length} of them with limits, a project and a key`,
  );
  return { consumers, credit };
}

/** Gives every call an account and a provider; the same ones in every run. */
function assign({ calendar, consumers, options, providers }: Session, rows: readonly TraceRow[]) {
  return rows.map((row, i): Call => {
    const account = consumers[mix32(options.seed, 2 * i) % consumers.length]?.address;
    const provider = providers[mix32(options.seed, 2 * i + 1) % providers.length]?.address;
    if (account === undefined || provider === undefined)
      throw new Error("At least one account and one provider are needed.");
    const { inputTokens, outputTokens } = row;
    const period = calendar.periodOf(row);
    const epoch = calendar.epochOf(period);
    const settledIn = calendar.epochOf(period + 1);
    return { account, provider, epoch, settledIn, inputTokens, outputTokens };
  });
}

/** Plays the trace period by period: serve, sign, settle, and show old statements again. */
async function settleAll(
  session: Session,
  rows: readonly TraceRow[],
  calls: readonly Call[],
  [input, output]: readonly [Tariff, Tariff],
): Promise<void> {
  const { calendar, connection, options, usage } = session;
  let next = 0;
  let heldBack: SignedStatement[] = [];
  for (let period = 0; period < PERIODS; period += 1) {
    const first = next;
    for (; next < rows.length; next += 1) {
      const row = rows[next];
      const call = calls[next];
      if (!row || !call || calendar.periodOf(row) !== period) break;
      const { account, provider } = call;
      usage.record({ account, provider, resource: input.resource, units: call.inputTokens });
      usage.record({ account, provider, resource: output.resource, units: call.outputTokens });
    }

    const isFirstOfEpoch = period % PERIODS_PER_EPOCH === 0;
    const { due, later } = await signAll(session, period, isFirstOfEpoch);
    const { time } = connection.networkHelpers;
    const end = calendar.endOf(period);
    // Without a settlement no block would begin the next period, and reads would still be those of this one.
    await (due.length === 0 ? time.increaseTo(end) : time.setNextBlockTimestamp(end));
    await settle(session, due, period);
    await showAgain(session, [...due.slice(0, REPLAYS), ...heldBack]);
    heldBack = later;
    await contribute(session, period, input.resource);
    options.progress(
      `period ${period + 1} of ${PERIODS}, epoch ${calendar.epochOf(period)}: ` +
        `${count(next - first, "call")}, ${count(due.length, "statement")} settled`,
    );
  }
}

/** Events beside the calls: contributions, claims, an equivocation and an exit. */
async function contribute(session: Session, period: number, resource: bigint): Promise<void> {
  const { calendar, connection, consumers, contributor, observer, options, providers, suite } =
    session;
  const [first, last] = [providers[0], providers.at(-1)];
  if (!first || !last) throw new Error("At least one provider is needed.");
  if (period % PERIODS_PER_EPOCH === 0) {
    // Points are refused in an epoch that burned nothing.
    if (await suite.incentiveVault.isReleasing())
      await attestContribution(connection, suite, contributor, calendar.epochOf(period));
    const accounts = providers.slice(0, -1).map(({ address }) => address);
    const paid = await pushClaims(suite, accounts, observer);
    if (paid > 0) options.progress(`${count(paid, "provider")} paid for the epochs before`);
  }
  if (period === LIE_AT) {
    const account = consumers[0]?.address ?? "";
    const lost = await equivocate(suite, first, account, observer, resource);
    options.progress(
      `provider 0 signed two receipts for one call and lost ${formatEther(lost)} OPA`,
    );
  }
  if (period === EXIT_AT) {
    await (await suite.nodes.connect(last.owner).exit()).wait();
    options.progress(`provider ${providers.length - 1} leaves, and settles until it is gone`);
  }
}

/** Ends the last epoch, pays everybody and waits for the stake of the provider that leaves. */
async function finish(session: Session, { events }: Facts): Promise<Incentives> {
  const { connection, contributor, observer, options, providers, suite } = session;
  const { registry } = suite;
  const [second, last] = [providers[1] ?? providers[0], providers.at(-1)];
  if (!second || !last) throw new Error("At least one provider is needed.");
  const next = (await registry.currentEpoch()) + 1n;
  const begin = (await registry.GENESIS()) + next * (await registry.EPOCH_DURATION());
  await connection.networkHelpers.time.increaseTo(begin);
  const staked = await claimIntoStake(suite, second);
  const accounts = [...providers.map(({ address }) => address), contributor];
  const paid = await pushClaims(suite, accounts, observer);
  options.progress(
    `${count(paid, "reward")} paid in the epoch after the last${staked ? ", one more staked" : ""}`,
  );

  await payOut(connection, suite, last, observer);
  options.progress("the stake of the provider that left is paid out");
  return readIncentives(suite, providers, contributor, last, events.byEpoch);
}

/** Signs all use that is not settled, at the price of the period's epoch. */
async function signAll(
  { calendar, consumers, domain, suite, usage }: Session,
  period: number,
  isFirstOfEpoch: boolean,
): Promise<{ due: SignedStatement[]; later: SignedStatement[] }> {
  const priceEpoch = calendar.epochOf(period);
  const deadline = calendar.endOf(period) + (await suite.registry.EPOCH_DURATION());
  const due: SignedStatement[] = [];
  const later: SignedStatement[] = [];
  for (const { address, signer, isTardy } of consumers) {
    const lines = usage.unsettledOf(address);
    if (lines.length === 0) continue;
    const statement = buildStatement({ account: address, priceEpoch, deadline, lines });
    const signed = await signStatement(signer, domain, statement);
    (isTardy && isFirstOfEpoch ? later : due).push(signed);
  }
  return { due, later };
}

/** Settles statements in batches; every line has to settle. */
async function settle(
  session: Session,
  statements: readonly SignedStatement[],
  period: number,
): Promise<void> {
  const { calendar, settled, settledLate, suite, usage } = session;
  for (const batch of planBatches(statements)) {
    const receipt = await submit(suite, batch);
    refuseSkips(suite, receipt);
    for (const { statement } of batch) usage.markSettled(statement.account, statement.lines);

    addTransaction(settled, batch, receipt);
    const epoch = await suite.registry.currentEpoch();
    if (epoch > calendar.epochOf(period)) addTransaction(settledLate, batch, receipt);
  }
}

/** Shows statements that add nothing: the transaction must leave no trace but its gas. */
async function showAgain(session: Session, statements: readonly SignedStatement[]): Promise<void> {
  const { stale, suite } = session;
  for (const batch of planBatches(statements)) {
    const before = await suite.token.totalSupply();
    const receipt = await submit(suite, batch);
    const burned = before - (await suite.token.totalSupply());
    if (receipt.logs.length !== 0 || burned !== 0n)
      throw new Error(
        `Statements that were settled before burned ${burned} wei and left ${receipt.logs.length} events.`,
      );
    addTransaction(stale, batch, receipt);
  }
}

async function submit(
  { settlement }: LoopSuite,
  batch: SignedStatement[],
): Promise<ContractTransactionReceipt> {
  const sent = await settlement.settle(batch.map(packStatement), { gasLimit: TRANSACTION_GAS });
  const receipt = await sent.wait();
  if (!receipt) throw new Error(`The settlement ${sent.hash} was not mined.`);
  return receipt;
}

/** Fails if settlement left anything out. */
function refuseSkips({ meter }: LoopSuite, receipt: ContractTransactionReceipt): void {
  const { LineSkipped, StatementSkipped } = {
    LineSkipped: meter.interface.getEvent("LineSkipped").topicHash,
    StatementSkipped: meter.interface.getEvent("StatementSkipped").topicHash,
  };
  for (const log of receipt.logs) {
    const topic = log.topics[0];
    if (topic !== LineSkipped && topic !== StatementSkipped) continue;
    const event = meter.interface.parseLog(log);
    const account = String(event?.args["account"]);
    const reason = reasonOf(event?.args["reason"] as bigint).name;
    throw new Error(
      `A ${topic === LineSkipped ? "line" : "statement"} of account ${account} did not settle: ${reason}.`,
    );
  }
}

/** Lets an organisation run into its limits, at a provider that it has no mandate for. */
async function refuse(
  { domain, options, providers, suite }: Session,
  organisations: readonly Organisation[],
  resource: bigint,
): Promise<Refusal[]> {
  const found = await findUnreserved(suite, organisations, providers);
  if (!found) {
    options.progress("every organisation has a mandate for every provider, so no limit refuses");
    return [];
  }
  const { organisation, provider } = found;
  const refusals = await showRefusals(suite, domain, organisation, provider, resource);
  options.progress(
    `${count(refusals.length, "statement")} refused by limits, as authorize foretold`,
  );
  return refusals;
}

/** Claims the vested amount of every schedule, for its beneficiary. */
async function claimReleased({ vault }: LoopSuite, options: LoopOptions): Promise<bigint> {
  const before = await vault.unreleased();
  const ids: bigint[] = [];
  for (const schedule of await scheduleIds(vault))
    if ((await vault.claimable(schedule)) !== 0n) ids.push(schedule);
  if (ids.length > 0) await (await vault.claimMany(ids)).wait();

  const claimed = before - (await vault.unreleased());
  options.progress(`${formatEther(claimed)} OPA claimed from ${count(ids.length, "schedule")}`);
  return claimed;
}

function noActivity(): Activity {
  return { transactions: 0n, statements: 0n, lines: 0n, gas: 0n };
}

function addTransaction(
  activity: Activity,
  batch: readonly SignedStatement[],
  { gasUsed }: ContractTransactionReceipt,
): void {
  activity.transactions += 1n;
  activity.statements += BigInt(batch.length);
  activity.lines += batch.reduce((sum, { statement }) => sum + BigInt(statement.lines.length), 0n);
  activity.gas += gasUsed;
}

/** A number of things, with the right form of the noun. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** An organisation and a provider that it has no mandate for, because a mandate pays beyond all limits. */
async function findUnreserved(
  { meter }: LoopSuite,
  organisations: readonly Organisation[],
  providers: readonly Provider[],
): Promise<{ organisation: Organisation; provider: string } | undefined> {
  for (const organisation of organisations)
    for (const { address: provider } of providers)
      if ((await meter.reservationOf(organisation.owner, provider)).amount === 0n)
        return { organisation, provider };
  return undefined;
}
