import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { encodeBytes32String, type BaseContract } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import { DAY } from "../release.js";

const HOUR = 3_600n;
const [LONGEST_BY_GUARDIAN, COOLDOWN, LONGEST] = [72n * HOUR, 7n * DAY, 30n * DAY];

/** Reason code of the tests, 20 bytes. */
export const REASON = encodeBytes32String("odd votes").slice(0, 42);
const OTHER_REASON = encodeBytes32String("odd again").slice(0, 42);
const NO_REASON = `0x${"00".repeat(20)}`;

/** A call by its name; it is sent only when the thunk is called. */
export interface NamedCall {
  name: string;
  send: () => Promise<unknown>;
}

/** A module that can be paused, and the inputs of the properties. */
export interface PauseSubject {
  connection: NetworkConnection;
  /** The module, never paused before. */
  module: BaseContract;
  /** Who may pause. */
  guardian: HardhatEthersSigner;
  /** Who may move and end a pause. */
  governance: HardhatEthersSigner;
  /** Who may do nothing. */
  stranger: HardhatEthersSigner;
  /** Calls that a pause stops, and that succeed once it is over: each alone, and all in this order. */
  stopped: NamedCall[];
  /** Calls that succeed in this order, paused or not: the exits among them. */
  running: NamedCall[];
}

/** The subject with the module as each of its people sees it. */
async function prepare(getSubject: () => Promise<PauseSubject>) {
  const subject = await getSubject();
  const { connection, module, guardian, governance, stranger } = subject;
  const { ethers, networkHelpers } = connection;
  const view = await ethers.getContractAt("IGuardedPause", module);
  const now = BigInt(await networkHelpers.time.latest()) + HOUR;
  const at = async (timestamp: bigint) => {
    await networkHelpers.time.setNextBlockTimestamp(timestamp);
  };
  const byGuardian = view.connect(guardian);
  const byGovernance = view.connect(governance);
  return {
    ...subject,
    view,
    byGuardian,
    byGovernance,
    byStranger: view.connect(stranger),
    now,
    at,
  };
}

/** The same, paused by the guardian at `now` until `until`. */
async function paused(getSubject: () => Promise<PauseSubject>, length = LONGEST_BY_GUARDIAN) {
  const subject = await prepare(getSubject);
  const until = subject.now + length;
  await subject.at(subject.now);
  await subject.byGuardian.pause(REASON, until);
  return { ...subject, until };
}

/**
 * Properties of every module with a guarded pause. `getSubject` is called once in each test and
 * gives a module that was never paused, in the same state each time.
 */
export function shouldBehaveLikeGuardedPause(getSubject: () => Promise<PauseSubject>): void {
  describe("guarded pause", function () {
    it("has the bounds of the suite, and begins running", async function () {
      const { view } = await prepare(getSubject);

      expect(await view.MAX_GUARDIAN_PAUSE()).to.equal(LONGEST_BY_GUARDIAN);
      expect(await view.PAUSE_COOLDOWN()).to.equal(COOLDOWN);
      expect(await view.MAX_PAUSE()).to.equal(LONGEST);
      expect(await view.isPaused()).to.equal(false);
      expect([...(await view.pauseState())]).to.deep.equal([0n, 0n, NO_REASON]);
    });

    describePause(getSubject);
    describeMovePause(getSubject);
    describeEffect(getSubject);
  });
}

/** Rights of a guardian. */
function describePause(getSubject: () => Promise<PauseSubject>): void {
  describe("pause", function () {
    it("reverts for everyone but a guardian, governance too", async function () {
      const { module, governance, stranger, byGovernance, byStranger } = await prepare(getSubject);

      for (const [caller, connected] of [
        [governance, byGovernance],
        [stranger, byStranger],
      ] as const)
        await expect(connected.pause(NO_REASON, 0n))
          .to.be.revertedWithCustomError(module, "AccessManagedUnauthorized")
          .withArgs(caller);
    });

    it("reverts without a reason", async function () {
      const { module, byGuardian, until } = await paused(getSubject);

      await expect(byGuardian.pause(NO_REASON, until)).to.be.revertedWithCustomError(
        module,
        "GuardedPauseNoReason",
      );
    });

    it("reverts at once and until seven days after the end of the last, to the second", async function () {
      const { module, guardian, byGuardian, until, at } = await paused(getSubject);
      const pausableAt = until + COOLDOWN;

      await expect(byGuardian.pause(OTHER_REASON, 0n))
        .to.be.revertedWithCustomError(module, "GuardedPauseTooSoon")
        .withArgs(pausableAt);
      for (const second of [until - 1n, until, pausableAt - 1n]) {
        await at(second);
        await expect(byGuardian.pause(OTHER_REASON, second + HOUR))
          .to.be.revertedWithCustomError(module, "GuardedPauseTooSoon")
          .withArgs(pausableAt);
      }
      await at(pausableAt);
      await expect(byGuardian.pause(OTHER_REASON, pausableAt + HOUR))
        .to.emit(module, "Paused")
        .withArgs(guardian, OTHER_REASON, pausableAt + HOUR);
    });

    it("reverts when the end is past, now, or more than 72 hours ahead", async function () {
      const { module, byGuardian, now, at } = await prepare(getSubject);
      const latest = now + LONGEST_BY_GUARDIAN;

      for (const until of [0n, now - 1n, now, latest + 1n, now + LONGEST, 2n ** 48n - 1n]) {
        await at(now);
        await expect(byGuardian.pause(REASON, until))
          .to.be.revertedWithCustomError(module, "GuardedPauseInvalidEnd")
          .withArgs(until, latest);
      }
    });

    for (const [name, length] of [
      ["one second", 1n],
      ["exactly 72 hours", LONGEST_BY_GUARDIAN],
    ] as const) {
      it(`stops the module for ${name}, and says why`, async function () {
        const { module, view, guardian, byGuardian, now, at } = await prepare(getSubject);
        const until = now + length;

        await at(now);
        const sent = byGuardian.pause(REASON, until);

        await expect(sent).to.emit(module, "Paused").withArgs(guardian, REASON, until);
        expect((await (await sent).wait())?.logs).to.have.length(1);
        expect(await view.isPaused()).to.equal(true);
        expect([...(await view.pauseState())]).to.deep.equal([until, until + COOLDOWN, REASON]);
      });
    }
  });
}

/** Rights of governance. */
function describeMovePause(getSubject: () => Promise<PauseSubject>): void {
  describe("movePause", function () {
    it("reverts for everyone but governance, the guardian who paused too", async function () {
      const { module, guardian, stranger, byGuardian, byStranger, until } =
        await paused(getSubject);

      for (const [caller, connected] of [
        [guardian, byGuardian],
        [stranger, byStranger],
      ] as const)
        for (const newUntil of [0n, until - HOUR, until + HOUR])
          await expect(connected.movePause(newUntil))
            .to.be.revertedWithCustomError(module, "AccessManagedUnauthorized")
            .withArgs(caller);
    });

    it("reverts when the module is not paused, never was or is not any more", async function () {
      const { module, byGuardian, byGovernance, now, at } = await prepare(getSubject);
      for (const newUntil of [0n, now - 1n, now + DAY])
        await expect(byGovernance.movePause(newUntil)).to.be.revertedWithCustomError(
          module,
          "GuardedPauseInactive",
        );
      await at(now);
      await byGuardian.pause(REASON, now + HOUR);

      for (const newUntil of [0n, now + DAY]) {
        await at(now + HOUR);
        await expect(byGovernance.movePause(newUntil)).to.be.revertedWithCustomError(
          module,
          "GuardedPauseInactive",
        );
      }
    });

    it("reverts when the end is past, now, or more than 30 days after the pause began", async function () {
      const { module, byGovernance, now, at } = await paused(getSubject);
      const moved = now + HOUR;

      for (const newUntil of [1n, moved - 1n, moved, now + LONGEST + 1n, 2n ** 48n - 1n]) {
        await at(moved);
        await expect(byGovernance.movePause(newUntil))
          .to.be.revertedWithCustomError(module, "GuardedPauseInvalidEnd")
          .withArgs(newUntil, now + LONGEST);
      }
    });

    for (const [name, distance] of [
      ["to the next second", 1n],
      ["to an earlier time", HOUR],
      ["to a later time", 10n * DAY],
      ["to exactly 30 days after it began", LONGEST - HOUR],
    ] as const) {
      it(`moves the end ${name}, and the time of the next pause with it`, async function () {
        const { module, view, byGuardian, byGovernance, until, now, at } = await paused(getSubject);
        const moved = now + HOUR;
        const newUntil = moved + distance;

        await at(moved);
        const sent = byGovernance.movePause(newUntil);

        await expect(sent).to.emit(module, "PauseMoved").withArgs(until, newUntil);
        expect((await (await sent).wait())?.logs).to.have.length(1);
        expect(await view.isPaused()).to.equal(true);
        const pausableAt = newUntil + COOLDOWN;
        expect([...(await view.pauseState())]).to.deep.equal([newUntil, pausableAt, REASON]);
        await at(pausableAt - 1n);
        await expect(byGuardian.pause(REASON, pausableAt))
          .to.be.revertedWithCustomError(module, "GuardedPauseTooSoon")
          .withArgs(pausableAt);
        await at(pausableAt);
        await byGuardian.pause(REASON, pausableAt + 1n);
      });
    }

    it("ends a pause at once with zero, and the seven days begin", async function () {
      const { module, view, byGuardian, byGovernance, until, now, at } = await paused(getSubject);
      const moved = now + HOUR;

      await at(moved);
      const sent = byGovernance.movePause(0n);

      await expect(sent).to.emit(module, "PauseMoved").withArgs(until, moved);
      expect(await view.isPaused()).to.equal(false);
      expect([...(await view.pauseState())]).to.deep.equal([moved, moved + COOLDOWN, REASON]);
      await expect(byGuardian.pause(OTHER_REASON, until))
        .to.be.revertedWithCustomError(module, "GuardedPauseTooSoon")
        .withArgs(moved + COOLDOWN);
      await expect(byGovernance.movePause(0n)).to.be.revertedWithCustomError(
        module,
        "GuardedPauseInactive",
      );
    });

    it("extends again and again, never beyond 30 days after the pause began", async function () {
      const { module, view, byGovernance, until, now, at } = await paused(getSubject);
      const last = now + LONGEST;

      await at(now + HOUR);
      await byGovernance.movePause(now + 20n * DAY);
      await at(now + 19n * DAY);
      await expect(byGovernance.movePause(last + 1n))
        .to.be.revertedWithCustomError(module, "GuardedPauseInvalidEnd")
        .withArgs(last + 1n, last);
      await at(now + 19n * DAY);
      await expect(byGovernance.movePause(last))
        .to.emit(module, "PauseMoved")
        .withArgs(now + 20n * DAY, last);

      expect(until < last).to.equal(true);
      expect((await view.pauseState()).until).to.equal(last);
    });
  });
}

/** Effect of a pause. */
function describeEffect(getSubject: () => Promise<PauseSubject>): void {
  it("stops what it names, from its first to its last second, and nothing else", async function () {
    const { module, view, stopped, running, until, now, at } = await paused(getSubject);
    expect(stopped).to.not.have.length(0);

    for (const second of [now + 1n, until - 1n])
      for (const { name, send } of stopped) {
        await at(second);
        await expect(send(), name)
          .to.be.revertedWithCustomError(module, "GuardedPauseActive")
          .withArgs(REASON, until);
      }
    await at(until - HOUR);
    for (const { send } of running) await send();
    expect(await view.isPaused()).to.equal(true);
  });

  it("lets each call succeed again by itself, at exactly the end", async function () {
    const { connection, view, stopped, until, at } = await paused(getSubject);
    const { networkHelpers } = connection;

    for (const { send } of stopped) {
      const snapshot = await networkHelpers.takeSnapshot();
      await at(until);
      await send();

      expect(await networkHelpers.time.latest()).to.equal(Number(until));
      expect(await view.isPaused()).to.equal(false);
      expect([...(await view.pauseState())]).to.deep.equal([until, until + COOLDOWN, REASON]);
      await snapshot.restore();
    }
  });

  it("lets the module run again at once when governance ends it", async function () {
    const { stopped, byGovernance, now, at } = await paused(getSubject);
    await at(now + HOUR);
    await byGovernance.movePause(0n);

    for (const { send } of stopped) await send();
  });

  it("stops the module beyond its first end when governance has extended it", async function () {
    const { module, stopped, byGovernance, until, now, at } = await paused(getSubject);
    const newUntil = now + LONGEST;
    await byGovernance.movePause(newUntil);

    for (const second of [until, newUntil - 1n])
      for (const { name, send } of stopped) {
        await at(second);
        await expect(send(), name)
          .to.be.revertedWithCustomError(module, "GuardedPauseActive")
          .withArgs(REASON, newUntil);
      }
    await at(newUntil);
    for (const { send } of stopped) await send();
  });

  it("stops nothing while there is no pause", async function () {
    const { stopped, running } = await prepare(getSubject);

    for (const { send } of running) await send();

    for (const { send } of stopped) await send();
  });
}
