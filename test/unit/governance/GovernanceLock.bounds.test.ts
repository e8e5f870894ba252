import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { getBytes, Interface, type TransactionResponse } from "ethers";
import hre, { network } from "hardhat";

import { deployLock } from "../../support/lock.js";
import { WEEK } from "../../support/lock-model.js";
import { DAY, OPA } from "../../support/release.js";

const deep = process.env["DEEP"] === "1";
const SLACK = hre.globalOptions.coverage ? 2n : 1n; // counting coverage costs gas of its own
const CROWD = deep ? 100_000 : 3_000; // accounts
const BATCH = deep ? 1_000 : 100; // of them in one transaction
const CHANGES = 2_000;
const INTRINSIC = 21_000n;
const FULL = 104n * 2_100n; // cold reads of every week, if the measure is of the worst case
const BLOCK_GAS = 2_000_000_000n;

const connection = await network.create({
  override: { blockGasLimit: BLOCK_GAS, transactionGasCap: false },
});
const { ethers, networkHelpers } = connection;

type Suite = Awaited<ReturnType<typeof boundsFixture>>;
type Read = "getVotes" | "getPastVotes" | "getPastTotalSupply" | "getPastLocked" | "totalVotes";

/** At the beginning of a week `owner` has locked for as long as possible; everybody delegates to `delegatee`. */
async function boundsFixture() {
  const { token, lock, fund } = await deployLock(connection);
  const [delegatee, owner, payer, early, late] = (await ethers.getSigners()).slice(1);
  if (!delegatee || !owner || !payer || !early || !late) throw new Error("signers expected");
  const crowd = await ethers.deployContract("LockCrowdMock", [lock]);
  await fund(crowd, 10_000_000n * OPA);
  for (const account of [owner, payer, early, late]) {
    await fund(account, 1_000_000n * OPA);
    await token.connect(account).approve(lock, 1_000_000n * OPA);
    await lock.connect(account).delegate(delegatee);
  }
  const startedAt = (BigInt(await networkHelpers.time.latest()) / WEEK + 2n) * WEEK;
  await networkHelpers.time.setNextBlockTimestamp(startedAt);
  await lock.connect(owner).lock(100n * OPA, startedAt + 104n * WEEK);

  const join = async (count: number, end: bigint, weeksOfEnds: number): Promise<void> => {
    const limit = { gasLimit: BLOCK_GAS }; // a guess would run it twice
    await crowd.join(count, end, weeksOfEnds, delegatee, limit);
  };
  return { token, lock, delegatee, owner, payer, early, late, startedAt, join };
}

async function gasOf(sending: Promise<TransactionResponse>): Promise<bigint> {
  const receipt = await (await sending).wait();
  if (!receipt) throw new Error("mined at once");
  return receipt.gasUsed;
}

/** Gas of a view itself at `time`: a transaction without its intrinsic gas. */
async function readGas(
  { lock, delegatee, payer }: Suite,
  read: Read,
  time: bigint,
  timepoint?: bigint,
): Promise<bigint> {
  const names: Record<Read, readonly unknown[]> = {
    getVotes: [delegatee.address],
    getPastVotes: [delegatee.address, timepoint],
    getPastTotalSupply: [timepoint],
    getPastLocked: [timepoint],
    totalVotes: [],
  };
  await networkHelpers.time.setNextBlockTimestamp(time);
  const data = new Interface(lock.interface.fragments).encodeFunctionData(read, names[read]);
  const bytes = [...getBytes(data)];
  const calldata = bytes.reduce((sum, byte) => sum + (byte === 0 ? 4n : 16n), 0n);
  const used = await gasOf(payer.sendTransaction({ to: await lock.getAddress(), data }));
  return used - INTRINSIC - calldata;
}

async function increaseGas({ lock, owner, payer }: Suite, time: bigint): Promise<bigint> {
  await networkHelpers.time.setNextBlockTimestamp(time);
  return gasOf(lock.connect(payer).increase(owner, OPA));
}

/** Actions of others must not make the votes of an account expensive to read or change. */
describe("GovernanceLock, bounds", function () {
  describe("with locks that end in every week", function () {
    /** The last change was at the beginning of a week, and in each of the 104 weeks from the next on a lock ends. */
    async function fullFixture() {
      const suite = await boundsFixture();
      await networkHelpers.time.setNextBlockTimestamp(suite.startedAt + 1n);
      await suite.join(103, suite.startedAt + 2n * WEEK, 103);
      await networkHelpers.time.setNextBlockTimestamp(suite.startedAt + WEEK);
      await suite.lock.connect(suite.owner).extend(suite.startedAt + 105n * WEEK);
      return suite;
    }

    it("reads votes for at most 300,000 gas after 104 weeks alone", async function () {
      const suite = await networkHelpers.loadFixture(fullFixture);
      const end = suite.startedAt + 105n * WEEK;

      let time = end - 10n;
      for (const next of [time, end, end + 10n, end + 60n * WEEK]) {
        time = next;
        for (const read of ["getVotes", "totalVotes"] as const)
          expect(await readGas(suite, read, time++), read).to.be.within(FULL, 300_000n * SLACK);
        for (const read of ["getPastVotes", "getPastTotalSupply", "getPastLocked"] as const) {
          const gas = await readGas(suite, read, time, time - 1n);
          expect(gas, `${read} at ${time++}`).to.be.within(FULL, 300_000n * SLACK);
        }
      }
    });

    for (const [weeks, limit] of [
      [1n, 145_000n],
      [12n, 200_000n],
      [103n, 650_000n],
    ] as const)
      it(`increases a lock for at most ${limit} gas after a pause of ${weeks * 7n} days`, async function () {
        const suite = await networkHelpers.loadFixture(fullFixture);

        const gas = await increaseGas(suite, suite.startedAt + (weeks + 1n) * WEEK);

        expect(gas).to.be.lessThanOrEqual(limit * SLACK);
      });
  });

  describe("with a crowd of dust", function () {
    /** All calls and reads at one time, each with its gas. */
    async function measure(suite: Suite, newcomer: HardhatEthersSigner, from: bigint) {
      const { lock, startedAt } = suite;
      const read = await readGas(suite, "getVotes", from);
      const past = await readGas(suite, "getPastVotes", from + 1n, from);
      const increase = await increaseGas(suite, from + 2n);
      await networkHelpers.time.setNextBlockTimestamp(from + 3n);
      const begin = await gasOf(lock.connect(newcomer).lock(9n * OPA, startedAt + 4n * WEEK));
      return { read, past, increase, begin };
    }

    it(`costs after ${CROWD} locks what it cost after ten`, async function () {
      this.timeout(1_800_000);
      const suite = await networkHelpers.loadFixture(boundsFixture);
      const { lock, delegatee, early, late, startedAt, join } = suite;
      for (let count = 0; count < 10; count += 1)
        await join(1, startedAt + BigInt(3 + (count % 3)) * WEEK, 1);
      const few = await measure(suite, early, startedAt + DAY);

      for (let count = 10; count < CROWD; count += BATCH)
        await join(Math.min(BATCH, CROWD - count), startedAt + 3n * WEEK, 3);
      const many = await measure(suite, late, startedAt + 2n * DAY);

      const locked = await lock.getPastLocked(startedAt + 2n * DAY);
      expect(locked).to.equal((100n + BigInt(CROWD) + 1n + 9n) * OPA);
      expect(await lock.getVotes(delegatee)).to.equal(await lock.totalVotes());
      expect(many.read).to.be.lessThanOrEqual((few.read + 100n) * SLACK);
      expect(many.increase).to.be.lessThanOrEqual((few.increase + 100n) * SLACK);
      expect(many.begin).to.be.lessThanOrEqual((few.begin + 100n) * SLACK);
      // looked up among the checkpoints, of which there are ten times as many: a few more halvings
      expect(many.past).to.be.lessThanOrEqual((few.past + 15_000n) * SLACK);
      const ended = await readGas(suite, "getVotes", startedAt + 10n * WEEK);
      expect(ended).to.be.lessThanOrEqual((many.read + 3n * 3_000n) * SLACK);
    });
  });

  describe(`with ${CHANGES} changes of one lock by a stranger`, function () {
    it("reads past votes for at most 60,000 gas", async function () {
      const suite = await networkHelpers.loadFixture(boundsFixture);
      const { lock, delegatee, owner, payer, startedAt } = suite;
      // Sent directly: a contract of ethers makes three times as many requests.
      const [from, to] = [payer.address, await lock.getAddress()];
      const data = lock.interface.encodeFunctionData("increase", [owner.address, 1n]);
      const change = { from, to, data, gas: "0x7a120" };
      for (let count = 1; count <= CHANGES; count += 1) {
        await networkHelpers.time.setNextBlockTimestamp(startedAt + BigInt(count));
        await ethers.provider.send("eth_sendTransaction", [change]);
      }
      const end = BigInt(await networkHelpers.time.latest());
      expect(end).to.equal(startedAt + BigInt(CHANGES));

      let time = end + 1n;
      const places = [0n, 1n, 2n, 499n, 500n, 999n, 1_000n, 1_500n, 1_954n, 1_955n, 1_956n, 1_999n];
      for (const place of [...places, 2_000n]) {
        const reads = ["getPastVotes", "getPastTotalSupply", "getPastLocked"] as const;
        for (const read of reads) {
          const gas = await readGas(suite, read, time++, startedAt + place);
          expect(gas, `${read} after ${place}`).to.be.lessThanOrEqual(60_000n * SLACK);
        }
        const locked = await lock.getPastLocked(startedAt + place);
        expect(locked).to.equal(100n * OPA + place);
        const votes = await lock.getPastVotes(delegatee, startedAt + place);
        const left = 104n * WEEK - place;
        expect(votes).to.equal((locked * left) / (104n * WEEK));
      }
    });
  });
});
