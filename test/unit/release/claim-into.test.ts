import { expect } from "chai";
import { encodeBytes32String } from "ethers";
import { network } from "hardhat";

import { OPA } from "../../support/release.js";
import { deploySuite, PARAMETERS, registerProviders } from "../../support/suite.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const SCHEDULE = 1n; // ecosystem, monthly
const UNKNOWN = 99n;

/** A schedule that has released something, a provider, and a pause guardian. */
async function fixture() {
  const suite = await deploySuite(connection);
  const signers = await ethers.getSigners();
  const [provider, stranger, pauser] = [signers[10], signers[11], signers[18]];
  if (!provider || !stranger || !pauser) throw new Error("nineteen signers expected");
  const holder = await ethers.getSigner(PARAMETERS.grants[0]?.beneficiary ?? "");
  const sponsor = await ethers.getSigner(PARAMETERS.grants[6]?.beneficiary ?? "");
  await suite.vault.claim(7n);
  await registerProviders(suite, sponsor, [provider]);
  await suite.token.connect(sponsor).transfer(holder, OPA);
  await suite.token.connect(holder).approve(suite.lock, OPA);
  return { ...suite, provider, stranger, pauser, holder };
}

/** The same with a lock of one OPA. */
async function locked() {
  const suite = await fixture();
  const { earliest } = await suite.lock.endRange();
  await suite.lock.connect(suite.holder).lock(OPA, earliest);
  return { ...suite, end: earliest };
}

describe("Claims into lock and stake (REL-7)", function () {
  describe("claimToLock", function () {
    it("reverts for an unknown schedule, a stranger, and when nothing is due", async function () {
      const { vault, holder, stranger } = await networkHelpers.loadFixture(locked);
      const { released } = await vault.scheduleOf(SCHEDULE);

      await expect(vault.connect(holder).claimToLock(UNKNOWN))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultUnknownSchedule")
        .withArgs(UNKNOWN, 7n);
      await expect(vault.connect(stranger).claimToLock(SCHEDULE))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultNotBeneficiary")
        .withArgs(SCHEDULE, stranger, holder);
      const due = await vault.claimable(SCHEDULE);
      await vault.claim(SCHEDULE);
      await expect(vault.connect(holder).claimToLock(SCHEDULE))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultNothingToClaim")
        .withArgs(SCHEDULE, released + due);
    });

    it("reverts without a lock and with one that has ended; nothing is lost", async function () {
      const bare = await networkHelpers.loadFixture(fixture);
      await expect(bare.vault.connect(bare.holder).claimToLock(SCHEDULE))
        .to.be.revertedWithCustomError(bare.lock, "GovernanceLockNotRunning")
        .withArgs(bare.holder, 0n);
      const suite = await networkHelpers.loadFixture(locked);
      const { vault, lock, holder, end, token } = suite;

      await time.increaseTo(end);
      await expect(vault.connect(holder).claimToLock(SCHEDULE))
        .to.be.revertedWithCustomError(lock, "GovernanceLockNotRunning")
        .withArgs(holder, end);
      const due = await vault.claimable(SCHEDULE);
      await expect(vault.claim(SCHEDULE)).to.changeTokenBalance(ethers, token, holder, due);
    });

    it("adds all that is due to the lock, whose end stays, and leaves no allowance", async function () {
      const { vault, lock, token, holder, end } = await networkHelpers.loadFixture(locked);
      const due = await vault.claimable(SCHEDULE);

      const sent = vault.connect(holder).claimToLock(SCHEDULE);

      await expect(sent).to.emit(vault, "ScheduleClaimed").withArgs(SCHEDULE, lock, due);
      await expect(sent)
        .to.emit(lock, "LockIncreased")
        .withArgs(holder, vault, due, OPA + due);
      expect([...(await lock.lockOf(holder))]).to.deep.equal([OPA + due, end, 0n]);
      expect(await vault.claimable(SCHEDULE)).to.equal(0n);
      expect(await token.allowance(vault, lock)).to.equal(0n);
    });
  });

  describe("claimToStake", function () {
    it("reverts for a stranger, an unknown provider, and while stakes are paused", async function () {
      const { vault, nodes, holder, stranger, provider, pauser } =
        await networkHelpers.loadFixture(fixture);
      const reason = ethers.dataSlice(encodeBytes32String("drill"), 0, 20);
      const until = BigInt(await time.latest()) + 3_600n;

      await expect(vault.connect(stranger).claimToStake(SCHEDULE, provider))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultNotBeneficiary")
        .withArgs(SCHEDULE, stranger, holder);
      await expect(vault.connect(holder).claimToStake(SCHEDULE, stranger))
        .to.be.revertedWithCustomError(nodes, "NodeRegistryUnknownNode")
        .withArgs(stranger);
      await nodes.connect(pauser).pause(reason, until);
      await expect(vault.connect(holder).claimToStake(SCHEDULE, provider))
        .to.be.revertedWithCustomError(nodes, "GuardedPauseActive")
        .withArgs(reason, until);
    });

    it("adds all that is due to the stake, and leaves no allowance", async function () {
      const { vault, nodes, token, holder, provider } = await networkHelpers.loadFixture(fixture);
      const due = await vault.claimable(SCHEDULE);
      const { staked } = await nodes.stakeOf(provider);

      await expect(vault.connect(holder).claimToStake(SCHEDULE, provider))
        .to.emit(nodes, "StakeAdded")
        .withArgs(provider, vault, due, staked + due);

      expect((await nodes.stakeOf(provider)).staked).to.equal(staked + due);
      expect(await token.allowance(vault, nodes)).to.equal(0n);
    });
  });
});
