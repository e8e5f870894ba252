import { expect } from "chai";
import { Signature } from "ethers";
import { network } from "hardhat";

import {
  REASON,
  shouldBehaveLikeGuardedPause,
  type PauseSubject,
} from "../../support/behaviours/guarded-pause.js";
import { DELEGATION_TYPES, deployLock, fundLockers, powerAt } from "../../support/governance.js";
import { DAY, OPA } from "../../support/release.js";

const connection = await network.create();
const { networkHelpers } = connection;

const ECDSA_FORM = "delegateBySig(address,uint256,uint256,uint8,bytes32,bytes32)" as const;
const BYTES_FORM = "delegateBySig(address,address,uint256,uint256,bytes)" as const;

/** Alice has a lock that runs for a year, Bob one that has ended, Carol none. */
async function lockFixture() {
  const suite = await deployLock(connection);
  const { lock, alice, bob, carol, endIn, startedAt } = suite;
  await fundLockers(suite, [alice, bob, carol]);
  await lock.connect(bob).lock(OPA, endIn(2n));
  await networkHelpers.time.increaseTo(endIn(2n));
  await lock.connect(alice).lock(OPA, endIn(54n));
  const { name, version, chainId, verifyingContract } = await lock.eip712Domain();
  const domain = { name, version, chainId, verifyingContract };
  return { ...suite, domain, expiry: startedAt + 300n * DAY };
}

/** The lock as a module that can be paused. */
async function lockSubject(): Promise<PauseSubject> {
  const suite = await networkHelpers.loadFixture(lockFixture);
  const { lock, alice, bob, carol, holder, stranger, domain, expiry, startedAt, endIn } = suite;
  const terms = { delegatee: carol.address, expiry };
  return {
    ...suite,
    connection,
    module: lock,
    stopped: [
      { name: "lock", send: () => lock.connect(carol).lock(OPA, endIn(60n)) },
      { name: "increase", send: () => lock.connect(bob).increase(alice, OPA) },
      { name: "extend", send: () => lock.connect(alice).extend(endIn(80n)) },
    ],
    running: [
      { name: "withdraw", send: () => lock.connect(bob).withdraw() },
      { name: "delegate", send: () => lock.connect(alice).delegate(stranger) },
      {
        name: "delegateBySig, ERC-5805",
        send: async () => {
          const message = { ...terms, nonce: 0n };
          const signature = await alice.signTypedData(domain, DELEGATION_TYPES.Delegation, message);
          const { v, r, s } = Signature.from(signature);
          return lock[ECDSA_FORM](carol, 0n, expiry, v, r, s);
        },
      },
      {
        name: "delegateBySig, naming the account",
        send: async () => {
          const message = { ...terms, account: alice.address, nonce: 1n };
          const types = DELEGATION_TYPES.AccountDelegation;
          const signature = await alice.signTypedData(domain, types, message);
          return lock[BYTES_FORM](alice, carol, 1n, expiry, signature);
        },
      },
      { name: "hold", send: () => lock.connect(holder).hold(alice, startedAt + 30n * DAY) },
      { name: "syncHolder", send: () => lock.syncHolder(stranger) },
    ],
  };
}

describe("GuardedPause", function () {
  describe("GovernanceLock", function () {
    shouldBehaveLikeGuardedPause(lockSubject);

    it("keeps the votes and their decay while it is paused", async function () {
      const { lock, alice, guardian, endIn } = await networkHelpers.loadFixture(lockFixture);
      const now = endIn(3n);
      await networkHelpers.time.setNextBlockTimestamp(now - DAY);
      await lock.connect(guardian).pause(REASON, now + DAY);

      await networkHelpers.time.increaseTo(now);

      const power = powerAt(OPA, endIn(54n), now);
      expect(await lock.isPaused()).to.equal(true);
      expect([await lock.getVotes(alice), await lock.totalVotes()]).to.deep.equal([power, power]);
      expect(await lock.getPastVotes(alice, now - 1n)).to.equal(powerAt(OPA, endIn(54n), now - 1n));
    });

    it("stops a call before it looks at its arguments", async function () {
      const { lock, stranger, guardian, endIn } = await networkHelpers.loadFixture(lockFixture);
      const until = endIn(2n) + DAY;
      await lock.connect(guardian).pause(REASON, until);

      for (const call of [
        () => lock.connect(stranger).lock(0n, 0n),
        () => lock.connect(stranger).increase(stranger, 0n),
        () => lock.connect(stranger).extend(0n),
      ])
        await expect(call())
          .to.be.revertedWithCustomError(lock, "GuardedPauseActive")
          .withArgs(REASON, until);
    });
  });
});
