import { id, type BaseContract } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import type { Parameters } from "../../deploy/parameters/schema.js";
import {
  buildStatement,
  domainOf,
  packStatement,
  reasonOf,
  signStatement,
  type SignedStatement,
} from "../../sdk/index.js";
import type { Settlement } from "../../typechain-types/index.js";
import { DAY, OPA } from "./release.js";
import { deploySuite, PARAMETERS, registerProviders } from "./suite.js";

/** A call that a decision makes. */
export type Action = readonly [target: BaseContract, data: string];

/** A suite of {@link deployInUse}. */
export type InUse = Awaited<ReturnType<typeof deployInUse>>;

/** Credit of the consumer in {@link deployInUse}. */
export const CREDIT = 1_000n * OPA;

/** A suite in use: a consumer with credit, a provider with stake, and votes that decide; `changes` replace launch numbers. */
export async function deployInUse(
  connection: NetworkConnection,
  changes: Partial<Parameters> = {},
) {
  const { ethers, networkHelpers } = connection;
  const suite = await deploySuite(connection, changes);
  const signers = await ethers.getSigners();
  const [alice, provider] = [signers[10], signers[11]];
  if (!alice || !provider) throw new Error("twelve signers expected");
  const sponsor = await ethers.getSigner(PARAMETERS.grants[6]?.beneficiary ?? "");
  const { lock, meter, token, vault } = suite;

  await networkHelpers.time.increase(DAY);
  await vault.claim(7n);
  await registerProviders(suite, sponsor, [provider]);
  await token.connect(sponsor).transfer(alice, CREDIT);
  await token.connect(alice).approve(meter, CREDIT);
  await meter.connect(alice).deposit(alice, CREDIT);
  await token.connect(sponsor).approve(lock, 10_000_000n * OPA);
  const { latest } = await lock.endRange();
  await lock.connect(sponsor).lock(10_000_000n * OPA, latest);
  await networkHelpers.time.increase(60);
  return { ...suite, connection, alice, provider, voter: sponsor };
}

/** Carries a decision from proposal to execution, by votes alone; `atLast` runs when nothing is left to wait for. */
export async function decide(
  { connection, governor, voter }: InUse,
  actions: readonly Action[],
  description: string,
  atLast?: () => Promise<void>,
): Promise<void> {
  const { time } = connection.networkHelpers;
  const targets = actions.map(([target]) => target);
  const values = actions.map(() => 0n);
  const calldatas = actions.map(([, data]) => data);
  const proposal = [targets, values, calldatas] as const;
  await governor.connect(voter).propose(...proposal, description);
  await time.increase(PARAMETERS.governance.votingDelay + 1n);
  const addresses = await Promise.all(targets.map((target) => target.getAddress()));
  const key = await governor.hashProposal(addresses, values, calldatas, id(description));
  await governor.connect(voter).castVote(key, 1n);
  await time.increase(PARAMETERS.governance.votingPeriod + 1n);
  await governor.queue(...proposal, id(description));
  await time.increase(PARAMETERS.timelock.minDelay);
  await atLast?.();
  await governor.execute(...proposal, id(description));
}

/** A statement of alice for a settlement, up to a running total. */
export async function statementFor(
  { alice, connection, provider, registry }: InUse,
  settlement: Settlement,
  total: bigint,
): Promise<SignedStatement> {
  const statement = buildStatement({
    account: alice.address,
    priceEpoch: await registry.currentEpoch(),
    deadline: BigInt(await connection.networkHelpers.time.latest()) + DAY,
    lines: [{ provider: provider.address, resource: 1n, cumulativeUnits: total }],
  });
  return signStatement(alice, await domainOf(settlement), statement);
}

/** Settles a statement and returns its outcome. */
export async function outcome(settlement: Settlement, signed: SignedStatement): Promise<string> {
  const [result] = await settlement.settle.staticCall([packStatement(signed)]);
  await settlement.settle([packStatement(signed)]);
  if (!result) throw new Error("one result expected");
  return reasonOf(result.reason === 0n ? (result.reasons.at(0) ?? 0n) : result.reason).name;
}
