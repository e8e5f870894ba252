import { expect } from "chai";
import { MaxUint256, ZeroAddress } from "ethers";
import { network } from "hardhat";

import {
  REASON,
  shouldBehaveLikeGuardedPause,
  type PauseSubject,
} from "../../support/behaviours/guarded-pause.js";
import { assignRoles, deployAuthority, GovernanceRole, pay } from "../../support/governance.js";
import { DAY, OPA, send } from "../../support/release.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const TERM = 365n * DAY;
const INFERENCE = 2n;
const STAKE = 10n * OPA;

/** A node registry: Alice serves, Bob has left and can be paid out, the holder has stopped, Carol has not registered. */
async function nodesFixture() {
  const suite = await deployAuthority(connection);
  const { token, manager, alice, bob, carol, holder } = suite;
  const genesis = BigInt(await networkHelpers.time.latest()) - DAY;
  const nodes = await ethers.deployContract("NodeRegistry", [
    ...[token, manager, genesis, DAY, manager],
    Array.from({ length: 5 }, () => OPA),
  ]);
  await assignRoles(manager, nodes, {
    pause: GovernanceRole.PauseGuardian,
    movePause: GovernanceRole.Governance,
  });
  for (const person of [alice, bob, carol, holder]) {
    await pay(suite, person, 3n * STAKE);
    await token.connect(person).approve(nodes, MaxUint256);
    if (person !== carol) await nodes.connect(person).register(STAKE, INFERENCE, ZeroAddress, "");
  }
  await nodes.connect(holder).deactivate(holder);
  await nodes.connect(bob).exit();
  await networkHelpers.time.increase(21n * DAY);
  return { ...suite, nodes };
}

/** The node registry as a module that can be paused. */
async function nodesSubject(): Promise<PauseSubject> {
  const suite = await networkHelpers.loadFixture(nodesFixture);
  const { nodes, alice, bob, carol, holder, stranger } = suite;
  return {
    ...suite,
    connection,
    module: nodes,
    stopped: [
      {
        name: "register",
        send: () => nodes.connect(carol).register(STAKE, INFERENCE, ZeroAddress, ""),
      },
      { name: "stake", send: () => nodes.connect(alice).stake(alice, OPA) },
      { name: "activate", send: () => nodes.connect(holder).activate(holder) },
    ],
    running: [
      { name: "requestUnbonding", send: () => nodes.connect(alice).requestUnbonding(OPA) },
      { name: "setMetadata", send: () => nodes.connect(alice).setMetadata("ipfs://node") },
      { name: "nominateOperator", send: () => nodes.connect(alice).nominateOperator(stranger) },
      { name: "acceptOperator", send: () => nodes.connect(stranger).acceptOperator(alice) },
      {
        name: "publishCapacity",
        send: () => nodes.connect(stranger).publishCapacity(alice, [1n], [5n]),
      },
      { name: "exit", send: () => nodes.connect(alice).exit() },
      { name: "deactivate", send: () => nodes.connect(alice).deactivate(alice) },
      { name: "withdraw", send: () => nodes.connect(stranger).withdraw(bob) },
    ],
  };
}

describe("GuardedPause", function () {
  describe("NodeRegistry", function () {
    shouldBehaveLikeGuardedPause(nodesSubject);

    it("stops a call before it looks at its arguments", async function () {
      const { nodes, stranger, guardian } = await networkHelpers.loadFixture(nodesFixture);
      const until = BigInt(await networkHelpers.time.latest()) + DAY;
      await nodes.connect(guardian).pause(REASON, until);

      for (const call of [
        () => nodes.connect(stranger).register(0n, 0n, ZeroAddress, ""),
        () => nodes.connect(stranger).stake(stranger, 0n),
        () => nodes.connect(stranger).activate(stranger),
      ])
        await expect(call())
          .to.be.revertedWithCustomError(nodes, "GuardedPauseActive")
          .withArgs(REASON, until);
    });
  });

  describe("term of a guardian", function () {
    it("lets a guardian pause until its last second, and in no later one", async function () {
      const { nodes, manager, guardian } = await networkHelpers.loadFixture(nodesFixture);
      const { since } = await manager.getAccess(GovernanceRole.PauseGuardian, guardian);
      const expiry = since + TERM;
      expect(await nodes.PAUSE_GUARDIAN_TERM()).to.equal(TERM);
      expect(await nodes.pauseGuardianExpiryOf(guardian)).to.equal(expiry);

      await networkHelpers.time.setNextBlockTimestamp(expiry - 1n);
      await nodes.connect(guardian).pause(REASON, expiry + DAY);
      await networkHelpers.time.setNextBlockTimestamp(expiry);
      await expect(nodes.connect(guardian).pause(REASON, expiry + DAY))
        .to.be.revertedWithCustomError(nodes, "GuardedPauseTermEnded")
        .withArgs(guardian, expiry);
    });

    it("begins anew when the role is revoked and granted again, and not by a second grant", async function () {
      const { nodes, manager, guardian } = await networkHelpers.loadFixture(nodesFixture);
      const role = GovernanceRole.PauseGuardian;
      const expiry = await nodes.pauseGuardianExpiryOf(guardian);

      await send(manager, "grantRole", role, guardian, 0n);
      expect(await nodes.pauseGuardianExpiryOf(guardian)).to.equal(expiry);
      await send(manager, "revokeRole", role, guardian);
      expect(await nodes.pauseGuardianExpiryOf(guardian)).to.equal(0n);
      await send(manager, "grantRole", role, guardian, 0n);

      const now = BigInt(await networkHelpers.time.latest());
      expect(await nodes.pauseGuardianExpiryOf(guardian)).to.equal(now + TERM);
    });

    it("gives nobody a pause by the AccessManager's own call, which has no term", async function () {
      const { nodes, manager, guardian } = await networkHelpers.loadFixture(nodesFixture);
      const until = BigInt(await networkHelpers.time.latest()) + DAY;
      const data = nodes.interface.encodeFunctionData("pause", [REASON, until]);

      await expect(manager.connect(guardian).getFunction("execute")(nodes, data))
        .to.be.revertedWithCustomError(nodes, "GuardedPauseTermEnded")
        .withArgs(manager, 0n);
    });
  });
});
