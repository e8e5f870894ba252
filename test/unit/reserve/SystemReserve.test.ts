import { expect } from "chai";
import { encodeBytes32String, ZeroAddress } from "ethers";
import { network } from "hardhat";

import type { SystemReserve } from "../../../typechain-types/index.js";
import { DAY, OPA, send } from "../../support/release.js";
import {
  CAP_PERIOD,
  CLIENT,
  deployReserve,
  DRAW_CAP,
  DRAW_DELAY,
  DRAW_PERIOD,
  interfaceIdOf,
  MAX_GAP,
  NECESSITY_PERIOD,
  observeUntil,
  PERIOD_CAP,
  RESERVE_FUNDS,
  setNecessary,
} from "../../support/reserve.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const [NONE, PENDING, EXECUTED, WITHDRAWN] = [0n, 1n, 2n, 3n];
const KIND = encodeBytes32String("mock");
const REASON = "node operators leave";
const FAR = 2n ** 48n - 1n; // a latest time that no test reaches
const LIMIT = encodeBytes32String("reserve-draws");
// When the first of five full draws leaves the window: 5% of the rest and the four other draws,
// less these four: 5% of 990,000 - 40,000.
const REST = 9_500n * OPA;
const GAS_REQUIRED = 625_000n;

async function fixture() {
  return deployReserve(connection);
}

/** The condition is true and was seen so once, at `since`. */
async function beginningFixture() {
  const suite = await deployReserve(connection);
  await setNecessary(suite.condition, true);
  await suite.reserve.observe(suite.condition);
  return { ...suite, since: BigInt(await time.latest()) };
}

/** The condition has been true for three days. */
async function neededFixture() {
  const suite = await beginningFixture();
  await observeUntil(connection, suite.reserve, suite.condition, suite.since + NECESSITY_PERIOD);
  return suite;
}

/** Governance has decided on draw 1, of as much as one may take. */
async function requestedFixture() {
  const suite = await neededFixture();
  await suite.reserve.request(suite.client, DRAW_CAP, suite.condition, REASON, FAR);
  return { ...suite, executableAt: BigInt(await time.latest()) + DRAW_DELAY };
}

/** Draw 1 can be paid. */
async function executableFixture() {
  const suite = await requestedFixture();
  await observeUntil(connection, suite.reserve, suite.condition, suite.executableAt);
  return suite;
}

/** Draws 1 to `count`, each of as much as one may take, can all be paid. */
async function withDraws(count: bigint) {
  const suite = await networkHelpers.loadFixture(neededFixture);
  const { reserve, client, condition } = suite;
  for (let i = 0n; i < count; ++i) await reserve.request(client, DRAW_CAP, condition, REASON, FAR);
  const { executableAt } = await reserve.drawOf(count);
  await observeUntil(connection, reserve, condition, executableAt);
  return suite;
}

/** Payments of the reserve, oldest first, with the number of each draw. */
async function outflowsOf(reserve: SystemReserve) {
  const logs = await reserve.queryFilter(reserve.filters.DrawExecuted());
  return Promise.all(
    logs.map(async (log) => ({
      id: log.args.id,
      amount: log.args.amount,
      paidAt: BigInt((await log.getBlock()).timestamp),
    })),
  );
}

/** Most that was paid in any 30 days; a window that pays most ends with a payment. */
function largestWindow(outflows: Awaited<ReturnType<typeof outflowsOf>>): bigint {
  const sums = outflows.map(({ paidAt: end }) =>
    outflows
      .filter(({ paidAt }) => paidAt <= end && paidAt > end - CAP_PERIOD)
      .reduce((sum, { amount }) => sum + amount, 0n),
  );
  return sums.reduce((most, sum) => (sum > most ? sum : most), 0n);
}

describe("SystemReserve (RSV-1, RSV-2, RSV-3)", function () {
  describe("constructor", function () {
    it("needs a token and a directory", async function () {
      const { reserve, token, directory, authority } = await networkHelpers.loadFixture(fixture);

      for (const parts of [
        [ZeroAddress, directory, authority],
        [token, ZeroAddress, authority],
      ] as const)
        await expect(
          ethers.deployContract("SystemReserve", [...parts]),
        ).to.be.revertedWithCustomError(reserve, "SystemReserveZeroAddress");
    });

    it("fixes token, directory and every period and cap", async function () {
      const { reserve, token, directory } = await networkHelpers.loadFixture(fixture);

      expect(await reserve.TOKEN()).to.equal(token);
      expect(await reserve.DIRECTORY()).to.equal(directory);
      expect(await reserve.NECESSITY_PERIOD()).to.equal(NECESSITY_PERIOD);
      expect(await reserve.MAX_GAP()).to.equal(MAX_GAP);
      expect(await reserve.DRAW_DELAY()).to.equal(DRAW_DELAY);
      expect(await reserve.DRAW_PERIOD()).to.equal(DRAW_PERIOD);
      expect(await reserve.CAP_PERIOD()).to.equal(CAP_PERIOD);
      expect(await reserve.DRAW_CAP_BPS()).to.equal(100n);
      expect(await reserve.PERIOD_CAP_BPS()).to.equal(500n);
      expect(await reserve.CONDITION_GAS()).to.equal(500_000n);
      expect(await reserve.drawCount()).to.equal(0n);
      expect(await reserve.drawCap()).to.equal(DRAW_CAP);
      expect(await reserve.periodCap()).to.equal(PERIOD_CAP);
    });

    it("says what it is (ERC-165)", async function () {
      const { reserve } = await networkHelpers.loadFixture(fixture);

      const own = await interfaceIdOf(connection, "ISystemReserve");
      for (const [interfaceId, supported] of [
        [own, true],
        ["0x01ffc9a7", true],
        ["0xffffffff", false],
      ] as const)
        expect(await reserve.supportsInterface(interfaceId)).to.equal(supported);
    });
  });

  describe("addCondition", function () {
    it("reverts for anyone but governance", async function () {
      const { reserve, stranger, condition } = await networkHelpers.loadFixture(fixture);

      await expect(reserve.connect(stranger).addCondition(condition))
        .to.be.revertedWithCustomError(reserve, "AccessManagedUnauthorized")
        .withArgs(stranger);
    });

    it("reverts for what is no condition by ERC-165", async function () {
      const { reserve, token, client, stranger } = await networkHelpers.loadFixture(fixture);
      const denier = await ethers.deployContract("NecessityMock");
      await send(denier, "denyInterface");

      for (const other of [denier, client, token, stranger, ZeroAddress])
        await expect(reserve.addCondition(other))
          .to.be.revertedWithCustomError(reserve, "SystemReserveInvalidCondition")
          .withArgs(other);
    });

    it("reverts for a condition that is registered, so that its streak cannot be reset", async function () {
      const { reserve, condition, since } = await networkHelpers.loadFixture(beginningFixture);

      await expect(reserve.addCondition(condition))
        .to.be.revertedWithCustomError(reserve, "SystemReserveInvalidCondition")
        .withArgs(condition);
      expect([...(await reserve.watchOf(condition))]).to.deep.equal([true, since, since]);
    });

    it("registers a condition that nobody has observed", async function () {
      const { reserve } = await networkHelpers.loadFixture(fixture);
      const other = await ethers.deployContract("NecessityMock");
      expect([...(await reserve.watchOf(other))]).to.deep.equal([false, 0n, 0n]);

      await expect(reserve.addCondition(other))
        .to.emit(reserve, "ConditionSet")
        .withArgs(other, KIND, true);

      expect([...(await reserve.watchOf(other))]).to.deep.equal([true, 0n, 0n]);
    });
  });

  describe("removeCondition", function () {
    it("reverts for anyone but governance, and for a condition that is not registered", async function () {
      const { reserve, stranger, condition } = await networkHelpers.loadFixture(fixture);
      const other = await ethers.deployContract("NecessityMock");

      await expect(reserve.connect(stranger).removeCondition(condition))
        .to.be.revertedWithCustomError(reserve, "AccessManagedUnauthorized")
        .withArgs(stranger);
      await expect(reserve.removeCondition(other))
        .to.be.revertedWithCustomError(reserve, "SystemReserveUnknownCondition")
        .withArgs(other);
    });

    it("forgets a condition and its streak, also if it comes back", async function () {
      const { reserve, condition } = await networkHelpers.loadFixture(neededFixture);

      await expect(reserve.removeCondition(condition))
        .to.emit(reserve, "ConditionSet")
        .withArgs(condition, KIND, false);

      expect([...(await reserve.watchOf(condition))]).to.deep.equal([false, 0n, 0n]);
      await expect(reserve.removeCondition(condition))
        .to.be.revertedWithCustomError(reserve, "SystemReserveUnknownCondition")
        .withArgs(condition);
      await reserve.addCondition(condition);
      await reserve.observe(condition);
      expect((await reserve.watchOf(condition)).since).to.equal(await time.latest());
    });
  });

  describe("observe", function () {
    it("reverts for a condition that is not registered", async function () {
      const { reserve, stranger } = await networkHelpers.loadFixture(fixture);
      const other = await ethers.deployContract("NecessityMock");

      await expect(reserve.connect(stranger).observe(other))
        .to.be.revertedWithCustomError(reserve, "SystemReserveUnknownCondition")
        .withArgs(other);
    });

    it("begins a need, by anyone, once", async function () {
      const { reserve, condition, stranger } = await networkHelpers.loadFixture(fixture);
      await setNecessary(condition, true);
      const since = BigInt(await time.latest()) + 10n;

      await time.setNextBlockTimestamp(since);
      await expect(reserve.connect(stranger).observe(condition))
        .to.emit(reserve, "NecessityObserved")
        .withArgs(condition, since);

      expect([...(await reserve.watchOf(condition))]).to.deep.equal([true, since, since]);
      await expect(reserve.observe(condition)).not.to.emit(reserve, "NecessityObserved");
      expect([...(await reserve.watchOf(condition))]).to.deep.equal([true, since, since + 1n]);
    });

    it("notes an observation that finds nothing, without an event", async function () {
      const { reserve, condition } = await networkHelpers.loadFixture(fixture);

      await expect(reserve.observe(condition)).not.to.emit(reserve, "NecessityObserved");

      const seenAt = BigInt(await time.latest());
      expect([...(await reserve.watchOf(condition))]).to.deep.equal([true, 0n, seenAt]);
      expect(await reserve.observe.staticCall(condition)).to.equal(0n);
    });

    it("continues a need that was seen exactly 12 hours ago", async function () {
      const { reserve, condition, since } = await networkHelpers.loadFixture(beginningFixture);

      for (const seenAt of [since + MAX_GAP, since + 2n * MAX_GAP]) {
        await time.setNextBlockTimestamp(seenAt);
        await expect(reserve.observe(condition)).not.to.emit(reserve, "NecessityObserved");
        expect([...(await reserve.watchOf(condition))]).to.deep.equal([true, since, seenAt]);
      }
    });

    it("begins anew after a gap of 12 hours and a second", async function () {
      const { reserve, condition, since } = await networkHelpers.loadFixture(beginningFixture);
      const again = since + MAX_GAP + 1n;

      await time.setNextBlockTimestamp(again);
      await expect(reserve.observe(condition))
        .to.emit(reserve, "NecessityObserved")
        .withArgs(condition, again);

      expect([...(await reserve.watchOf(condition))]).to.deep.equal([true, again, again]);
    });

    it("ends a need that is over, and begins the next one at its own time", async function () {
      const { reserve, condition, since } = await networkHelpers.loadFixture(beginningFixture);

      await setNecessary(condition, false);
      await expect(reserve.observe(condition))
        .to.emit(reserve, "NecessityObserved")
        .withArgs(condition, 0n);
      expect((await reserve.watchOf(condition)).since).to.equal(0n);
      await setNecessary(condition, true);
      await time.setNextBlockTimestamp(since + 100n);
      await expect(reserve.observe(condition))
        .to.emit(reserve, "NecessityObserved")
        .withArgs(condition, since + 100n);
    });

    for (const [what, misbehave] of [
      ["reverts with a word that says true", ["fail", true]],
      ["burns its gas", ["burnGas", 10n ** 12n]],
      ["answers nothing", ["answer", "0x"]],
      ["answers 31 bytes", ["answer", `0x${"00".repeat(30)}01`]],
      ["answers a number that is no bool", ["answer", `0x${"2".padStart(64, "0")}`]],
      ["answers words of ones", ["answer", `0x${"f".repeat(128)}`]],
    ] as const)
      it(`takes a condition that ${what} for not true`, async function () {
        const { reserve, condition } = await networkHelpers.loadFixture(beginningFixture);
        const [method, argument] = misbehave;
        await send(condition, method, argument);

        await expect(reserve.observe(condition, { gasLimit: 2_000_000n }))
          .to.emit(reserve, "NecessityObserved")
          .withArgs(condition, 0n);

        expect((await reserve.watchOf(condition)).since).to.equal(0n);
      });

    it("cannot be made to break a need by starving it of gas", async function () {
      const { reserve, condition, since, stranger } =
        await networkHelpers.loadFixture(beginningFixture);
      await send(condition, "burnGas", 480_000n);
      const outcomes = new Set<string>();

      for (let gasLimit = 60_000n; gasLimit <= 1_000_000n; gasLimit += 20_000n) {
        const seen = reserve.connect(stranger).observe(condition, { gasLimit });
        outcomes.add(await seen.then(() => "seen").catch(() => "reverted"));
        expect((await reserve.watchOf(condition)).since).to.equal(since);
      }

      expect([...outcomes]).to.deep.equal(["reverted", "seen"]);
      await expect(reserve.observe(condition, { gasLimit: 600_000n }))
        .to.be.revertedWithCustomError(reserve, "SystemReserveGasTooLow")
        .withArgs(GAS_REQUIRED);
    });

    it("sees each condition apart", async function () {
      const { reserve, condition, since } = await networkHelpers.loadFixture(beginningFixture);
      const other = await ethers.deployContract("NecessityMock");
      await reserve.addCondition(other);

      await reserve.observe(other);

      expect((await reserve.watchOf(condition)).since).to.equal(since);
      expect((await reserve.watchOf(other)).since).to.equal(0n);
    });
  });

  describe("request", function () {
    it("reverts for anyone but governance", async function () {
      const { reserve, stranger, client, condition } =
        await networkHelpers.loadFixture(neededFixture);

      await expect(reserve.connect(stranger).request(client, 1n, condition, REASON, FAR))
        .to.be.revertedWithCustomError(reserve, "AccessManagedUnauthorized")
        .withArgs(stranger);
    });

    it("reverts for who is no module, was one, or cannot give back what it does not use", async function () {
      const { reserve, directory, stranger, client, condition } =
        await networkHelpers.loadFixture(neededFixture);
      const unlisted = await ethers.deployContract("ReserveClientMock", [reserve]);
      const successor = await ethers.deployContract("ReserveClientMock", [reserve]);
      const clientId = await interfaceIdOf(connection, "IReserveClient");
      const directoryId = await interfaceIdOf(connection, "ISystemDirectory");
      await directory.register(CLIENT, successor, clientId);
      await directory.register(encodeBytes32String("directory"), directory, directoryId);

      for (const module of [stranger, ZeroAddress, unlisted, client, directory, reserve])
        await expect(reserve.request(module, 0n, ZeroAddress, "", FAR))
          .to.be.revertedWithCustomError(reserve, "SystemReserveNotModule")
          .withArgs(module);
      await expect(reserve.request(successor, 1n, condition, REASON, FAR)).to.emit(
        reserve,
        "DrawRequested",
      );
    });

    it("reverts after the latest time of the decision, to the second (B5)", async function () {
      const { reserve, client, condition, since } = await networkHelpers.loadFixture(neededFixture);
      const latest = since + NECESSITY_PERIOD + 10n;

      await time.setNextBlockTimestamp(latest + 1n);
      await expect(reserve.request(client, 1n, condition, REASON, latest))
        .to.be.revertedWithCustomError(reserve, "SystemReserveTooLate")
        .withArgs(latest);
      await time.setNextBlockTimestamp(latest);
      await reserve.request(client, 1n, condition, REASON, latest);
    });

    it("reverts without a reason", async function () {
      const { reserve, client } = await networkHelpers.loadFixture(neededFixture);

      await expect(reserve.request(client, 0n, ZeroAddress, "", FAR)).to.be.revertedWithCustomError(
        reserve,
        "SystemReserveNoReason",
      );
    });

    it("reverts for nothing, and for over 1% of the reserve", async function () {
      const { reserve, client } = await networkHelpers.loadFixture(neededFixture);

      for (const amount of [0n, DRAW_CAP + 1n, 2n ** 96n - 1n])
        await expect(reserve.request(client, amount, ZeroAddress, REASON, FAR))
          .to.be.revertedWithCustomError(reserve, "SystemReserveInvalidAmount")
          .withArgs(amount, DRAW_CAP);
    });

    it("reverts for a condition that is not registered", async function () {
      const { reserve, client } = await networkHelpers.loadFixture(neededFixture);
      const other = await ethers.deployContract("NecessityMock");

      await expect(reserve.request(client, DRAW_CAP, other, REASON, FAR))
        .to.be.revertedWithCustomError(reserve, "SystemReserveUnknownCondition")
        .withArgs(other);
    });

    it("reverts for a condition that was never true", async function () {
      const { reserve, client, condition } = await networkHelpers.loadFixture(fixture);
      const present = BigInt(await time.latest()) + 10n;

      await time.setNextBlockTimestamp(present);
      await expect(reserve.request(client, 1n, condition, REASON, FAR))
        .to.be.revertedWithCustomError(reserve, "SystemReserveNotNecessary")
        .withArgs(condition, 0n, present - NECESSITY_PERIOD);
    });

    for (const [what, period] of [
      ["two days", 2n * DAY],
      ["a second less than three days", NECESSITY_PERIOD - 1n],
    ] as const)
      it(`reverts for a condition that was true for ${what} only (RSV-I3)`, async function () {
        const { reserve, client, condition, since } =
          await networkHelpers.loadFixture(beginningFixture);
        await observeUntil(connection, reserve, condition, since + period - 1n);

        await time.setNextBlockTimestamp(since + period);
        await expect(reserve.request(client, 1n, condition, REASON, FAR))
          .to.be.revertedWithCustomError(reserve, "SystemReserveNotNecessary")
          .withArgs(condition, since, since + period - NECESSITY_PERIOD);
      });

    it("decides on exactly 1% when the condition was true for exactly three days", async function () {
      const { reserve, token, client, condition, since } =
        await networkHelpers.loadFixture(beginningFixture);
      const present = since + NECESSITY_PERIOD;
      await observeUntil(connection, reserve, condition, present - 1n);

      await time.setNextBlockTimestamp(present);
      const sent = reserve.request(client, DRAW_CAP, condition, REASON, FAR);

      await expect(sent)
        .to.emit(reserve, "DrawRequested")
        .withArgs(1n, client, condition, KIND, DRAW_CAP, REASON, present + DRAW_DELAY);
      await expect(sent).to.changeTokenBalance(ethers, token, reserve, 0n);
      expect(await reserve.drawCount()).to.equal(1n);
      expect([...(await reserve.drawOf(1n))]).to.deep.equal([
        await client.getAddress(),
        DRAW_CAP,
        await condition.getAddress(),
        present + DRAW_DELAY,
        PENDING,
      ]);
      expect((await reserve.drawOf(2n)).status).to.equal(NONE);
      expect([...(await reserve.watchOf(condition))]).to.deep.equal([true, since, present]);
    });

    it("reverts when the need was broken in between (RSV-I3)", async function () {
      const { reserve, client, condition, since } =
        await networkHelpers.loadFixture(beginningFixture);
      await observeUntil(connection, reserve, condition, since + DAY);
      await setNecessary(condition, false);
      await reserve.observe(condition);
      await setNecessary(condition, true);
      await reserve.observe(condition);
      const again = BigInt(await time.latest());
      await observeUntil(connection, reserve, condition, again + NECESSITY_PERIOD - 2n);

      await time.setNextBlockTimestamp(again + NECESSITY_PERIOD - 1n);
      await expect(reserve.request(client, 1n, condition, REASON, FAR))
        .to.be.revertedWithCustomError(reserve, "SystemReserveNotNecessary")
        .withArgs(condition, again, again - 1n);
      await time.setNextBlockTimestamp(again + NECESSITY_PERIOD);
      await expect(reserve.request(client, 1n, condition, REASON, FAR)).to.emit(
        reserve,
        "DrawRequested",
      );
    });

    it("reverts when nobody looked for over 12 hours (RSV-I3)", async function () {
      const { reserve, client, condition, since } = await networkHelpers.loadFixture(neededFixture);
      const present = since + NECESSITY_PERIOD + MAX_GAP + 1n;

      await time.setNextBlockTimestamp(present);
      await expect(reserve.request(client, 1n, condition, REASON, FAR))
        .to.be.revertedWithCustomError(reserve, "SystemReserveNotNecessary")
        .withArgs(condition, present, present - NECESSITY_PERIOD);
      await time.setNextBlockTimestamp(present + 1n);
      await reserve.observe(condition);
      expect((await reserve.watchOf(condition)).since).to.equal(present + 1n);
    });

    it("reverts when the condition is not true now, and needs the gas to ask it (RSV-I3)", async function () {
      const { reserve, client, condition, since } = await networkHelpers.loadFixture(neededFixture);
      const present = since + NECESSITY_PERIOD + 10n;

      await expect(reserve.request(client, 1n, condition, REASON, FAR, { gasLimit: 650_000n }))
        .to.be.revertedWithCustomError(reserve, "SystemReserveGasTooLow")
        .withArgs(GAS_REQUIRED);
      await setNecessary(condition, false);
      await time.setNextBlockTimestamp(present);
      await expect(reserve.request(client, 1n, condition, REASON, FAR))
        .to.be.revertedWithCustomError(reserve, "SystemReserveNotNecessary")
        .withArgs(condition, 0n, present - NECESSITY_PERIOD);
    });
  });

  describe("withdrawRequest", function () {
    it("reverts for anyone but governance, and for what is not pending", async function () {
      const { reserve, stranger } = await networkHelpers.loadFixture(requestedFixture);

      await expect(reserve.connect(stranger).withdrawRequest(1n))
        .to.be.revertedWithCustomError(reserve, "AccessManagedUnauthorized")
        .withArgs(stranger);
      for (const id of [0n, 2n])
        await expect(reserve.withdrawRequest(id))
          .to.be.revertedWithCustomError(reserve, "SystemReserveNotPending")
          .withArgs(id, NONE);
    });

    it("takes a decision back for good", async function () {
      const { reserve } = await networkHelpers.loadFixture(executableFixture);

      await expect(reserve.withdrawRequest(1n)).to.emit(reserve, "DrawWithdrawn").withArgs(1n);

      expect((await reserve.drawOf(1n)).status).to.equal(WITHDRAWN);
      for (const call of [() => reserve.execute(1n), () => reserve.withdrawRequest(1n)])
        await expect(call())
          .to.be.revertedWithCustomError(reserve, "SystemReserveNotPending")
          .withArgs(1n, WITHDRAWN);
    });
  });

  describe("execute", function () {
    it("reverts for what is not pending", async function () {
      const { reserve } = await networkHelpers.loadFixture(executableFixture);

      for (const id of [0n, 2n])
        await expect(reserve.execute(id))
          .to.be.revertedWithCustomError(reserve, "SystemReserveNotPending")
          .withArgs(id, NONE);
      await reserve.withdrawRequest(1n);
      await expect(reserve.execute(1n))
        .to.be.revertedWithCustomError(reserve, "SystemReserveNotPending")
        .withArgs(1n, WITHDRAWN);
    });

    it("reverts until the second before two days, and pays at two days (RSV-I3)", async function () {
      const { reserve, condition, executableAt } =
        await networkHelpers.loadFixture(requestedFixture);
      await observeUntil(connection, reserve, condition, executableAt - 2n);

      await time.setNextBlockTimestamp(executableAt - 1n);
      await expect(reserve.execute(1n))
        .to.be.revertedWithCustomError(reserve, "SystemReserveWrongTime")
        .withArgs(1n, executableAt, executableAt + DRAW_PERIOD);
      await time.setNextBlockTimestamp(executableAt);
      await expect(reserve.execute(1n)).to.emit(reserve, "DrawExecuted");
    });

    it("pays until the second before 30 days more, and reverts from then on", async function () {
      const { reserve, client, condition, executableAt } =
        await networkHelpers.loadFixture(requestedFixture);
      await reserve.request(client, 1n, condition, REASON, FAR);
      const expiresAt = executableAt + DRAW_PERIOD;
      await observeUntil(connection, reserve, condition, expiresAt - 1n);

      await time.setNextBlockTimestamp(expiresAt);
      await expect(reserve.execute(1n))
        .to.be.revertedWithCustomError(reserve, "SystemReserveWrongTime")
        .withArgs(1n, executableAt, expiresAt);
      await time.setNextBlockTimestamp(expiresAt);
      await expect(reserve.execute(2n)).to.emit(reserve, "DrawExecuted").withArgs(2n, client, 1n);
      expect((await reserve.drawOf(1n)).status).to.equal(PENDING);
      await reserve.withdrawRequest(1n);
    });

    it("reverts when the module was replaced, and pays it if it is current again", async function () {
      const { reserve, directory, client } = await networkHelpers.loadFixture(executableFixture);
      const successor = await ethers.deployContract("ReserveClientMock", [reserve]);
      const clientId = await interfaceIdOf(connection, "IReserveClient");

      await directory.register(CLIENT, successor, clientId);
      await expect(reserve.execute(1n))
        .to.be.revertedWithCustomError(reserve, "SystemReserveNotModule")
        .withArgs(client);
      await directory.register(CLIENT, client, clientId);
      await expect(reserve.execute(1n)).to.emit(reserve, "DrawExecuted");
    });

    it("reverts when the condition was removed, until it was true for three days again (RSV-I3)", async function () {
      const { reserve, condition } = await networkHelpers.loadFixture(executableFixture);

      await reserve.removeCondition(condition);
      await expect(reserve.execute(1n))
        .to.be.revertedWithCustomError(reserve, "SystemReserveUnknownCondition")
        .withArgs(condition);
      await reserve.addCondition(condition);
      await reserve.observe(condition);
      const again = BigInt(await time.latest());
      await time.setNextBlockTimestamp(again + 1n);
      await expect(reserve.execute(1n))
        .to.be.revertedWithCustomError(reserve, "SystemReserveNotNecessary")
        .withArgs(condition, again, again + 1n - NECESSITY_PERIOD);
      await observeUntil(connection, reserve, condition, again + NECESSITY_PERIOD);
      await expect(reserve.execute(1n)).to.emit(reserve, "DrawExecuted");
    });

    it("reverts when the condition is not true any more, or fails (RSV-I3)", async function () {
      const { reserve, condition, executableAt } =
        await networkHelpers.loadFixture(executableFixture);
      const present = executableAt + 100n;

      await setNecessary(condition, false);
      await time.setNextBlockTimestamp(present);
      await expect(reserve.execute(1n))
        .to.be.revertedWithCustomError(reserve, "SystemReserveNotNecessary")
        .withArgs(condition, 0n, present - NECESSITY_PERIOD);
      await setNecessary(condition, true);
      await send(condition, "fail", true);
      await time.setNextBlockTimestamp(present + 100n);
      await expect(reserve.execute(1n))
        .to.be.revertedWithCustomError(reserve, "SystemReserveNotNecessary")
        .withArgs(condition, 0n, present + 100n - NECESSITY_PERIOD);
      await send(condition, "fail", false);
      await expect(reserve.execute(1n, { gasLimit: 640_000n }))
        .to.be.revertedWithCustomError(reserve, "SystemReserveGasTooLow")
        .withArgs(GAS_REQUIRED);
      await expect(reserve.execute(1n)).to.emit(reserve, "DrawExecuted");
    });

    for (let step = 0n; step < 4n; ++step)
      it(`survives a need that ended ${12n * step} h into the delay, once the next one lasts three days (D2, RSV-I3)`, async function () {
        const { reserve, condition, executableAt } =
          await networkHelpers.loadFixture(requestedFixture);
        await observeUntil(
          connection,
          reserve,
          condition,
          executableAt - DRAW_DELAY + step * MAX_GAP,
        );
        await setNecessary(condition, false);
        await reserve.observe(condition);
        await setNecessary(condition, true);
        const again = BigInt(await time.latest()) + 10n;
        await time.setNextBlockTimestamp(again);
        await reserve.observe(condition);
        await observeUntil(connection, reserve, condition, again + NECESSITY_PERIOD - 2n);

        await time.setNextBlockTimestamp(again + NECESSITY_PERIOD - 1n);
        await expect(reserve.execute(1n))
          .to.be.revertedWithCustomError(reserve, "SystemReserveNotNecessary")
          .withArgs(condition, again, again - 1n);
        await time.setNextBlockTimestamp(again + NECESSITY_PERIOD);
        await expect(reserve.execute(1n)).to.emit(reserve, "DrawExecuted");
      });

    it("reverts after a gap of 12 hours and a second in the delay, and pays after one of 12 hours (RSV-I3)", async function () {
      const { reserve, condition, executableAt } =
        await networkHelpers.loadFixture(requestedFixture);
      await observeUntil(connection, reserve, condition, executableAt);
      const present = executableAt + MAX_GAP + 1n;

      await time.setNextBlockTimestamp(present);
      await expect(reserve.execute(1n))
        .to.be.revertedWithCustomError(reserve, "SystemReserveNotNecessary")
        .withArgs(condition, present, present - NECESSITY_PERIOD);
      await time.setNextBlockTimestamp(present - 1n);
      await expect(reserve.execute(1n)).to.emit(reserve, "DrawExecuted");
    });

    it("succeeds without an effect for a draw that is paid", async function () {
      const { reserve, token, stranger } = await networkHelpers.loadFixture(executableFixture);
      await reserve.connect(stranger).execute(1n);

      expect(await reserve.execute.staticCall(1n)).to.equal(true);
      const again = reserve.execute(1n);
      await expect(again).to.changeTokenBalance(ethers, token, reserve, 0n);
      expect((await (await again).wait())?.logs).to.have.length(0);
    });

    it("pays exactly once, by anyone, and tells the module after", async function () {
      const { reserve, token, client, stranger } =
        await networkHelpers.loadFixture(executableFixture);

      expect(await reserve.connect(stranger).execute.staticCall(1n)).to.equal(true);
      const sent = reserve.connect(stranger).execute(1n);

      await expect(sent).to.emit(reserve, "DrawExecuted").withArgs(1n, client, DRAW_CAP);
      await expect(sent).to.emit(client, "DrawReceived").withArgs(1n, DRAW_CAP, 0n);
      await expect(sent).to.changeTokenBalances(
        ethers,
        token,
        [reserve, client, stranger],
        [-DRAW_CAP, DRAW_CAP, 0n],
      );
      await expect(sent).not.to.emit(reserve, "DrawDeferred");
      expect(await client.getFunction("balanceWhenCalled")()).to.equal(DRAW_CAP);
      expect((await reserve.drawOf(1n)).status).to.equal(EXECUTED);
    });

    it("pays nothing when the module refuses, and can be tried again", async function () {
      const { reserve, token, client } = await networkHelpers.loadFixture(executableFixture);

      await send(client, "refuse", true);
      await expect(reserve.execute(1n)).to.be.revertedWith("no draw today");
      expect(await token.balanceOf(reserve)).to.equal(RESERVE_FUNDS);
      expect(await reserve.periodCap()).to.equal(PERIOD_CAP);
      await send(client, "refuse", false);
      await reserve.execute(1n);
      expect(await token.balanceOf(reserve)).to.equal(RESERVE_FUNDS - DRAW_CAP);
    });

    it("pays a module that calls back once (abuse case 76)", async function () {
      const { reserve, token, client } = await networkHelpers.loadFixture(executableFixture);
      const again = reserve.interface.encodeFunctionData("execute", [1n]);
      await send(client, "setCallBack", again);

      await expect(reserve.execute(1n)).to.changeTokenBalances(
        ethers,
        token,
        [reserve, client],
        [-DRAW_CAP, DRAW_CAP],
      );

      // The second call finds the draw paid.
      expect(await client.getFunction("callBackResult")()).to.equal(ethers.toBeHex(1n, 32));
      expect(await client.getFunction("drawn")()).to.equal(DRAW_CAP);
    });
  });

  describe("caps", function () {
    it("let five draws of 1% pass in 30 days and have the sixth wait (RSV-I1)", async function () {
      const { reserve, token, client, stranger } = await withDraws(6n);
      for (let id = 1n; id <= 5n; ++id) {
        expect(await reserve.periodCap()).to.equal(PERIOD_CAP - (id - 1n) * DRAW_CAP);
        await reserve.execute(id);
      }
      const present = BigInt(await time.latest()) + 10n;
      expect(await reserve.isRestricted(LIMIT)).to.equal(false);

      expect(await reserve.execute.staticCall(6n)).to.equal(false);
      await time.setNextBlockTimestamp(present);
      const sent = reserve.connect(stranger).execute(6n);

      await expect(sent).to.emit(reserve, "DrawDeferred").withArgs(6n, DRAW_CAP, 0n);
      await expect(sent)
        .to.emit(reserve, "LimitTripped")
        .withArgs(LIMIT, client, DRAW_CAP, 0n, present + CAP_PERIOD);
      await expect(sent).not.to.emit(reserve, "DrawExecuted");
      await expect(sent).to.changeTokenBalance(ethers, token, reserve, 0n);
      expect((await reserve.drawOf(6n)).status).to.equal(PENDING);
      expect([...(await reserve.restrictionOf(LIMIT))]).to.deep.equal([
        present,
        present + CAP_PERIOD,
      ]);
      expect(await reserve.isRestricted(LIMIT)).to.equal(true);
      expect(await token.balanceOf(reserve)).to.equal(RESERVE_FUNDS - PERIOD_CAP);
      expect(await reserve.periodCap()).to.equal(0n);
    });

    it("say how much would pass when only a part of a draw would", async function () {
      const { reserve, client, condition } = await withDraws(4n);
      await reserve.request(client, 1n, condition, REASON, FAR);
      await reserve.request(client, DRAW_CAP, condition, REASON, FAR);
      const { executableAt } = await reserve.drawOf(6n);
      await observeUntil(connection, reserve, condition, executableAt);
      for (let id = 1n; id <= 5n; ++id) await reserve.execute(id);

      await expect(reserve.execute(6n))
        .to.emit(reserve, "DrawDeferred")
        .withArgs(6n, DRAW_CAP, DRAW_CAP - 1n);
    });

    it("pay what had to wait once 30 days have passed since the first payment, to the second (RSV-I1)", async function () {
      const { reserve, client, condition } = await withDraws(5n);
      for (let id = 1n; id <= 5n; ++id) await reserve.execute(id);
      const outflows = await outflowsOf(reserve);
      const movesAt = (outflows[0]?.paidAt ?? 0n) + CAP_PERIOD;
      await observeUntil(connection, reserve, condition, movesAt - 10n * DAY);
      await reserve.request(client, REST, condition, REASON, FAR);
      await observeUntil(connection, reserve, condition, movesAt - 2n);

      await time.setNextBlockTimestamp(movesAt - 1n);
      await expect(reserve.execute(6n)).to.emit(reserve, "DrawDeferred").withArgs(6n, REST, 0n);
      await time.setNextBlockTimestamp(movesAt);
      await expect(reserve.execute(6n)).to.emit(reserve, "DrawExecuted").withArgs(6n, client, REST);
      expect(largestWindow(await outflowsOf(reserve))).to.equal(PERIOD_CAP);
    });

    it("count what was drawn in the period as if it still were there", async function () {
      const { reserve, give } = await withDraws(5n);

      for (let id = 1n; id <= 5n; ++id) {
        await reserve.execute(id);
        expect(await reserve.drawCap()).to.equal(DRAW_CAP);
        expect(await reserve.periodCap()).to.equal(PERIOD_CAP - id * DRAW_CAP);
      }
      await give(reserve, 100n * OPA);
      expect(await reserve.drawCap()).to.equal(DRAW_CAP + OPA);
      expect(await reserve.periodCap()).to.equal(5n * OPA);
      await time.increase(CAP_PERIOD);
      const held = RESERVE_FUNDS - PERIOD_CAP + 100n * OPA;
      expect(await reserve.drawCap()).to.equal(held / 100n);
      expect(await reserve.periodCap()).to.equal(held / 20n);
    });

    it("do not pay twice the limit around the edge of a window (RSV-I1, abuse case 76)", async function () {
      const { reserve, client, condition } = await withDraws(1n);
      await reserve.execute(1n);
      const edge = BigInt(await time.latest()) + CAP_PERIOD;
      await observeUntil(connection, reserve, condition, edge - 5n * DAY);
      for (let id = 2n; id <= 10n; ++id)
        await reserve.request(client, id < 6n ? DRAW_CAP : REST, condition, REASON, FAR);
      await observeUntil(connection, reserve, condition, edge - 100n);

      for (let id = 2n; id <= 10n; ++id) await reserve.execute(id);
      expect(await outflowsOf(reserve)).to.have.lengthOf(5);
      await time.setNextBlockTimestamp(edge);
      for (let id = 6n; id <= 10n; ++id) await reserve.execute(id);

      const outflows = await outflowsOf(reserve);
      expect(outflows.map(({ id }) => id)).to.deep.equal([1n, 2n, 3n, 4n, 5n, 6n]);
      expect(largestWindow(outflows)).to.equal(PERIOD_CAP);
    });

    it("hold in every window of 65 days, with a decision for every payment (RSV-I1)", async function () {
      const { reserve, token, client, condition } = await networkHelpers.loadFixture(neededFixture);
      const waiting = new Map<bigint, bigint>();

      for (let day = 0n; day < 65n; ++day) {
        const share = [3n, 10n, 7n, 9n][Number(day % 4n)] ?? 1n;
        await reserve.request(
          client,
          ((await reserve.drawCap()) * share) / 10n,
          condition,
          REASON,
          FAR,
        );
        waiting.set(day + 1n, BigInt(await time.latest()) + DRAW_DELAY);
        await observeUntil(connection, reserve, condition, BigInt(await time.latest()) + DAY);
        const present = BigInt(await time.latest());
        for (const [id, executableAt] of waiting) {
          if (present < executableAt) break;
          await reserve.execute(id);
          const { status } = await reserve.drawOf(id);
          const isLast = present + DAY >= executableAt + DRAW_PERIOD - 100n;
          if (status === EXECUTED || isLast) waiting.delete(id);
        }
      }

      const outflows = await outflowsOf(reserve);
      const decisions = await reserve.queryFilter(reserve.filters.DrawRequested());
      expect(outflows.length).to.be.greaterThan(15).and.lessThan(decisions.length);
      expect(new Set(outflows.map(({ id }) => id)).size).to.equal(outflows.length);
      for (const { id, amount } of outflows)
        expect(decisions.find(({ args }) => args.id === id)?.args.amount).to.equal(amount);
      const paid = outflows.reduce((sum, { amount }) => sum + amount, 0n);
      expect(await token.balanceOf(reserve)).to.equal(RESERVE_FUNDS - paid);
      expect(await token.balanceOf(client)).to.equal(paid);
      expect(largestWindow(outflows)).to.be.lessThanOrEqual(PERIOD_CAP);
      expect(largestWindow(outflows)).to.be.greaterThan(PERIOD_CAP / 2n);
    });
  });

  describe("transfers", function () {
    it("are taken in as they come: slashes, revoked schedules, what modules give back", async function () {
      const { reserve, token, client, give } = await networkHelpers.loadFixture(executableFixture);
      await reserve.execute(1n);

      await send(client, "returnUnused");
      await give(reserve, 5n * OPA);

      expect(await token.balanceOf(reserve)).to.equal(RESERVE_FUNDS + 5n * OPA);
    });

    it("never leave an allowance behind (abuse case 76)", async function () {
      const { reserve, token, client } = await networkHelpers.loadFixture(executableFixture);

      await reserve.execute(1n);

      expect(await token.allowance(reserve, client)).to.equal(0n);
      expect(await token.queryFilter(token.filters.Approval(reserve))).to.have.lengthOf(0);
    });

    it("of ETH are refused (abuse case 76)", async function () {
      const { reserve, stranger } = await networkHelpers.loadFixture(fixture);

      await expect(stranger.sendTransaction({ to: reserve, value: 1n })).to.be.revert(ethers);
    });
  });

  describe("pause", function () {
    it("stops decisions and payments, and nothing else", async function () {
      const { reserve, guardian, condition, give } =
        await networkHelpers.loadFixture(executableFixture);
      const reason = `0x${"ab".repeat(20)}`;
      const until = BigInt(await time.latest()) + DAY / 4n;
      const other = await ethers.deployContract("NecessityMock");

      await reserve.connect(guardian).pause(reason, until);

      for (const call of [
        () => reserve.request(ZeroAddress, 0n, ZeroAddress, "", FAR),
        () => reserve.execute(1n),
        () => reserve.execute(9n),
      ])
        await expect(call())
          .to.be.revertedWithCustomError(reserve, "GuardedPauseActive")
          .withArgs(reason, until);
      await reserve.observe(condition);
      await reserve.addCondition(other);
      await reserve.removeCondition(other);
      await give(reserve, OPA);
      await time.setNextBlockTimestamp(until);
      await expect(reserve.execute(1n)).to.emit(reserve, "DrawExecuted");
    });

    it("lets governance take a decision back meanwhile", async function () {
      const { reserve, guardian } = await networkHelpers.loadFixture(requestedFixture);
      await reserve
        .connect(guardian)
        .pause(`0x${"ab".repeat(20)}`, BigInt(await time.latest()) + DAY);

      await expect(reserve.withdrawRequest(1n)).to.emit(reserve, "DrawWithdrawn").withArgs(1n);
    });

    it("is begun by guardians and ended by governance alone", async function () {
      const { reserve, guardian, stranger } = await networkHelpers.loadFixture(fixture);
      const until = BigInt(await time.latest()) + DAY;

      await expect(reserve.connect(stranger).pause(`0x${"ab".repeat(20)}`, until))
        .to.be.revertedWithCustomError(reserve, "AccessManagedUnauthorized")
        .withArgs(stranger);
      await reserve.connect(guardian).pause(`0x${"ab".repeat(20)}`, until);
      await expect(reserve.connect(guardian).movePause(0n))
        .to.be.revertedWithCustomError(reserve, "AccessManagedUnauthorized")
        .withArgs(guardian);
      await reserve.movePause(0n);
      expect(await reserve.isPaused()).to.equal(false);
    });
  });
});
