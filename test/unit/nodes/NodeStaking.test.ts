import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { network } from "hardhat";

import {
  deployModules,
  deploySettling,
  EPOCH,
  fund,
  MINIMUM_STAKE,
} from "../../support/metering.js";
import { OPA } from "../../support/release.js";
import { Reason, packed } from "../../support/statements.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const DAY = 86_400n;
const UNBONDING = 21n * DAY;
const [ACTIVE, INACTIVE] = [1n, 2n];
const INFERENCE = 2n;
const STAKE = 1_000n * OPA;
const [ROOM, NODE_CAP, TOTAL_CAP] = [100_000n * OPA, 1_000n, 500n];

/** Alice has staked; bob has so much that the cap of all stake does not matter; the admin plays the slasher. */
async function fixture() {
  const suite = await deployModules(connection);
  const { nodes, token, alice, bob } = suite;
  for (const [person, amount] of [
    [alice, STAKE],
    [bob, ROOM],
  ] as const) {
    await fund(connection, suite, person, amount);
    await token.connect(person).approve(nodes, ethers.MaxUint256);
    await nodes.connect(person).register(amount, INFERENCE, ZeroAddress, "");
  }
  return { ...suite, slash: (bps: bigint) => nodes.slash(alice, bps) };
}

/** Only alice. */
async function alone() {
  const suite = await deployModules(connection);
  const { nodes, token, alice } = suite;
  await fund(connection, suite, alice, STAKE);
  await token.connect(alice).approve(nodes, ethers.MaxUint256);
  await nodes.connect(alice).register(STAKE, INFERENCE, ZeroAddress, "");
  return suite;
}

describe("NodeStaking", function () {
  describe("constructor", function () {
    it("reverts without token or reserve, and for a minimum out of bounds", async function () {
      const { nodes, token, authority, startedAt, admin } =
        await networkHelpers.loadFixture(fixture);
      const minimums = Array.from({ length: 5 }, () => OPA);
      const build = (changes: { token?: string; reserve?: string; first?: bigint }) =>
        ethers.deployContract("NodeRegistry", [
          changes.token ?? token,
          authority,
          startedAt,
          EPOCH,
          changes.reserve ?? admin,
          [changes.first ?? OPA, ...minimums.slice(1)],
        ]);

      for (const changes of [{ token: ZeroAddress }, { reserve: ZeroAddress }])
        await expect(build(changes)).to.be.revertedWithCustomError(nodes, "NodeStakingZeroAddress");
      for (const first of [OPA - 1n, 1_000_000n * OPA + 1n])
        await expect(build({ first })).to.be.revertedWithCustomError(
          nodes,
          "BoundedParameterInvalid",
        );
      await build({ first: 1_000_000n * OPA });
    });
  });

  describe("stake", function () {
    it("takes from anyone for a provider, and refuses nothing at all", async function () {
      const { nodes, alice, bob, token } = await networkHelpers.loadFixture(fixture);

      await expect(nodes.connect(bob).stake(alice, 0n)).to.be.revertedWithCustomError(
        nodes,
        "NodeStakingZeroAmount",
      );
      await fundBob();
      await expect(nodes.connect(bob).stake(alice, 5n))
        .to.emit(nodes, "StakeAdded")
        .withArgs(alice, bob, 5n, STAKE + 5n);
      expect([...(await nodes.stakeOf(alice))]).to.deep.equal([STAKE + 5n, 0n]);
      expect(await nodes.totalStake()).to.equal(STAKE + ROOM + 5n);

      async function fundBob() {
        await fund(connection, await networkHelpers.loadFixture(fixture), bob, 5n);
        await token.connect(bob).approve(nodes, 5n);
      }
    });

    it("does not count what is donated (abuse case 41)", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { nodes, token } = suite;

      await fund(connection, suite, nodes, 7n);

      expect(await nodes.totalStake()).to.equal(STAKE + ROOM);
      expect(await token.balanceOf(nodes)).to.equal(STAKE + ROOM + 7n);
    });
  });

  describe("requestUnbonding (NOD-2)", function () {
    it("reverts for nothing, for more than is staked, and below the minimum while active", async function () {
      const { nodes, alice } = await networkHelpers.loadFixture(fixture);
      const own = nodes.connect(alice);

      await expect(own.requestUnbonding(0n)).to.be.revertedWithCustomError(
        nodes,
        "NodeStakingZeroAmount",
      );
      await expect(own.requestUnbonding(STAKE + 1n))
        .to.be.revertedWithCustomError(nodes, "NodeStakingInsufficientStake")
        .withArgs(alice, STAKE + 1n, STAKE);
      await expect(own.requestUnbonding(STAKE - MINIMUM_STAKE + 1n))
        .to.be.revertedWithCustomError(nodes, "NodeStakingBelowMinimum")
        .withArgs(alice, MINIMUM_STAKE - 1n, MINIMUM_STAKE);
      await own.requestUnbonding(STAKE - MINIMUM_STAKE);
      await own.deactivate(alice);
      await own.requestUnbonding(MINIMUM_STAKE);
      expect([...(await nodes.stakeOf(alice))]).to.deep.equal([0n, STAKE]);
    });

    it("pays out nothing before its time, and exactly in the second of it (NOD-I3)", async function () {
      const { nodes, token, alice, stranger } = await networkHelpers.loadFixture(fixture);
      await expect(nodes.withdraw(alice))
        .to.be.revertedWithCustomError(nodes, "NodeStakingNothingReady")
        .withArgs(alice, 0n);

      const sent = nodes.connect(alice).requestUnbonding(5n);
      await sent;
      const readyAt = BigInt(await time.latest()) + UNBONDING;
      await expect(sent)
        .to.emit(nodes, "UnbondingRequested")
        .withArgs(alice, 5n, STAKE - 5n, readyAt);
      await time.setNextBlockTimestamp(readyAt - 1n);
      await expect(nodes.connect(stranger).withdraw(alice))
        .to.be.revertedWithCustomError(nodes, "NodeStakingNothingReady")
        .withArgs(alice, readyAt);
      await time.setNextBlockTimestamp(readyAt);
      const paid = nodes.connect(stranger).withdraw(alice);
      await expect(paid).to.emit(nodes, "StakeWithdrawn").withArgs(alice, 5n);
      await expect(paid).to.changeTokenBalances(ethers, token, [alice, nodes], [5n, -5n]);
      expect(await nodes.totalStake()).to.equal(STAKE + ROOM - 5n);
    });

    it("is bounded to eight at once, of which those that are ready leave room", async function () {
      const { nodes, alice } = await networkHelpers.loadFixture(fixture);
      const own = nodes.connect(alice);
      await own.requestUnbonding(1n);
      await time.increase(DAY);
      for (let i = 2n; i <= 8n; i += 1n) await own.requestUnbonding(i);

      await expect(own.requestUnbonding(9n))
        .to.be.revertedWithCustomError(nodes, "NodeStakingTooManyRequests")
        .withArgs(alice, 8n);
      await time.increase(UNBONDING - DAY / 2n);
      await nodes.withdraw(alice);
      await own.requestUnbonding(9n);
      expect((await nodes.unbondingsOf(alice)).map(({ amount }) => amount)).to.deep.equal([
        2n,
        3n,
        4n,
        5n,
        6n,
        7n,
        8n,
        9n,
      ]);
    });

    it("takes out the rest of an inactive node as well, which joins the last of eight", async function () {
      const { nodes, alice } = await networkHelpers.loadFixture(fixture);
      const own = nodes.connect(alice);
      for (let i = 1n; i <= 8n; i += 1n) await own.requestUnbonding(i);
      await own.deactivate(alice);
      const rest = STAKE - 36n;

      await expect(own.requestUnbonding(rest - 1n))
        .to.be.revertedWithCustomError(nodes, "NodeStakingTooManyRequests")
        .withArgs(alice, 8n);
      await own.requestUnbonding(rest);

      const readyAt = BigInt(await time.latest()) + UNBONDING;
      expect(await nodes.stakeOf(alice)).to.deep.equal([0n, STAKE]);
      expect((await nodes.unbondingsOf(alice))[7]).to.deep.equal([8n + rest, readyAt]);
    });

    it("never keeps anyone from leaving: an exit joins the last of eight", async function () {
      const { nodes, alice } = await networkHelpers.loadFixture(fixture);
      const own = nodes.connect(alice);
      for (let i = 1n; i <= 8n; i += 1n) await own.requestUnbonding(i);

      await own.exit();

      const unbondings = await nodes.unbondingsOf(alice);
      expect(unbondings).to.have.length(8);
      expect(unbondings.at(-1)?.amount).to.equal(8n + STAKE - 36n);
      expect([...(await nodes.stakeOf(alice))]).to.deep.equal([0n, STAKE]);
    });
  });

  describe("slash (NOD-4)", function () {
    it("is for SLASHER alone, and for a share within the cap", async function () {
      const { nodes, alice, stranger, slash } = await networkHelpers.loadFixture(fixture);

      await expect(nodes.connect(stranger).slash(alice, 1n))
        .to.be.revertedWithCustomError(nodes, "AccessManagedUnauthorized")
        .withArgs(stranger);
      for (const bps of [0n, NODE_CAP + 1n])
        await expect(slash(bps))
          .to.be.revertedWithCustomError(nodes, "NodeStakingInvalidShare")
          .withArgs(bps, NODE_CAP);
      await expect(nodes.slash(stranger, 1n))
        .to.be.revertedWithCustomError(nodes, "NodeStakingNothingToSlash")
        .withArgs(stranger);
    });

    it("sends a share of all that is at stake to the reserve, to the wei (NOD-I2, abuse case 56)", async function () {
      const { nodes, token, admin, alice, slash } = await networkHelpers.loadFixture(fixture);
      await nodes.connect(alice).requestUnbonding(400n * OPA);

      const sent = slash(500n);

      await expect(sent)
        .to.emit(nodes, "StakeSlashed")
        .withArgs(alice, 50n * OPA, 50n * OPA, 50n * OPA);
      await expect(sent).to.changeTokenBalances(
        ethers,
        token,
        [admin, nodes],
        [50n * OPA, -50n * OPA],
      );
      expect([...(await nodes.stakeOf(alice))]).to.deep.equal([550n * OPA, 400n * OPA]);
      expect(await nodes.totalStake()).to.equal(STAKE + ROOM - 50n * OPA);
    });

    it("reaches what is on its way out, the last part first, until it is paid out (NOD-I3, abuse case 56)", async function () {
      const { nodes, alice, slash } = await networkHelpers.loadFixture(fixture);
      const own = nodes.connect(alice);
      await own.requestUnbonding(900n * OPA - 30n * OPA);
      await own.requestUnbonding(30n * OPA);
      await own.exit();
      const last = (await nodes.unbondingsOf(alice)).map(({ amount }) => amount);
      expect(last).to.deep.equal([870n * OPA, 30n * OPA, 100n * OPA]);
      await time.increase(UNBONDING); // ready, and not paid out

      const sent = slash(NODE_CAP);

      await expect(sent)
        .to.emit(nodes, "StakeSlashed")
        .withArgs(alice, 100n * OPA, 0n, 100n * OPA);
      expect((await nodes.unbondingsOf(alice)).map(({ amount }) => amount)).to.deep.equal([
        870n * OPA,
        30n * OPA,
      ]);
      await nodes.withdraw(alice);
      await expect(slash(1n))
        .to.be.revertedWithCustomError(nodes, "NodeStakingNothingToSlash")
        .withArgs(alice);
    });

    it("takes a part of what is on its way out, to the wei", async function () {
      const { nodes, alice, slash } = await networkHelpers.loadFixture(fixture);
      await nodes.connect(alice).requestUnbonding(900n * OPA);
      await nodes.connect(alice).exit();

      await slash(500n);

      expect((await nodes.unbondingsOf(alice)).map(({ amount }) => amount)).to.deep.equal([
        900n * OPA,
        50n * OPA,
      ]);
    });

    it("takes 10% of a node in any 7 days, and more once they are over (abuse case 59)", async function () {
      const { nodes, alice, slash } = await networkHelpers.loadFixture(fixture);
      await slash(600n);
      const first = BigInt(await time.latest());
      await time.increase(3n * DAY);

      expect(await nodes.slashableOf(alice)).to.equal(40n * OPA);
      await expect(slash(600n))
        .to.emit(nodes, "StakeSlashed")
        .withArgs(alice, 40n * OPA, 40n * OPA, (940n * OPA * 600n) / 10_000n);
      await expect(slash(1n))
        .to.be.revertedWithCustomError(nodes, "NodeStakingNothingToSlash")
        .withArgs(alice);
      await time.setNextBlockTimestamp(first + 7n * DAY - 1n);
      await expect(slash(1n)).to.be.revertedWithCustomError(nodes, "NodeStakingNothingToSlash");
      await time.setNextBlockTimestamp(first + 7n * DAY);
      await slash(1n);
      expect(await nodes.slashableOf(alice)).to.be.lessThan(60n * OPA);
    });

    it("takes 5% of all stake in any 7 days (abuse case 59)", async function () {
      const { nodes, alice } = await networkHelpers.loadFixture(alone);

      expect(await nodes.slashableOf(alice)).to.equal((STAKE * TOTAL_CAP) / 10_000n);
      await expect(nodes.slash(alice, NODE_CAP))
        .to.emit(nodes, "StakeSlashed")
        .withArgs(alice, 50n * OPA, 50n * OPA, 100n * OPA);
      expect(await nodes.slashableOf(alice)).to.equal(0n);
    });

    it("stops a node that is left with less than its categories ask for (NOD-I4, abuse case 58)", async function () {
      const { meter, nodes, alice, slash } = await networkHelpers.loadFixture(fixture);
      await nodes.connect(alice).requestUnbonding(STAKE - MINIMUM_STAKE);

      await expect(slash(1n)).to.emit(nodes, "NodeStatusChanged").withArgs(alice, ACTIVE, INACTIVE);

      expect([...(await meter.providerOf(alice))]).to.deep.equal([INFERENCE, 0n]);
      await expect(nodes.connect(alice).activate(alice))
        .to.be.revertedWithCustomError(nodes, "NodeStakingBelowMinimum")
        .withArgs(alice, MINIMUM_STAKE - STAKE / 10_000n, MINIMUM_STAKE);
    });
  });

  describe("a slash down to exactly the minimum", function () {
    it("leaves the node active (NOD-I4)", async function () {
      const { nodes, alice, slash } = await networkHelpers.loadFixture(fixture);
      await nodes.connect(alice).requestUnbonding(STAKE - STAKE / 10n - MINIMUM_STAKE);

      await slash(NODE_CAP); // a tenth of stake and unbonding, from the stake

      const { status } = await nodes.nodeOf(alice);
      const { staked } = await nodes.stakeOf(alice);
      expect([status, staked]).to.deep.equal([ACTIVE, MINIMUM_STAKE]);
    });
  });

  describe("minimum stake", function () {
    it("adds up over categories, and a raised one counts from its epoch on for who changes something (abuse case 58)", async function () {
      const { nodes, alice } = await networkHelpers.loadFixture(fixture);
      expect(await nodes.minimumStakeFor(31n)).to.equal(5n * MINIMUM_STAKE);
      expect(await nodes.minimumStakeFor(0n)).to.equal(0n);
      const parameter = await nodes.minimumStakeParameter(1n);
      await nodes.connect(alice).requestUnbonding(STAKE - MINIMUM_STAKE);

      await nodes.announce(parameter, (MINIMUM_STAKE * 3n) / 2n);
      expect(await nodes.minimumStakeFor(INFERENCE)).to.equal(MINIMUM_STAKE);
      await time.increase(3n * EPOCH);

      expect(await nodes.minimumStakeFor(INFERENCE)).to.equal((MINIMUM_STAKE * 3n) / 2n);
      expect(await nodes.isActive(alice)).to.equal(true);
      await nodes.connect(alice).deactivate(alice);
      await expect(nodes.connect(alice).activate(alice))
        .to.be.revertedWithCustomError(nodes, "NodeStakingBelowMinimum")
        .withArgs(alice, MINIMUM_STAKE, (MINIMUM_STAKE * 3n) / 2n);
    });
  });

  describe("with settlement (NOD-2)", function () {
    it("settles for a node that exits until it is gone, and not for a slashed one (abuse case 48)", async function () {
      const suite = await networkHelpers.loadFixture(settling);
      const { nodes, settlement, sign, line, provider, other } = suite;
      await nodes.connect(provider).exit();
      for (let i = 0; i < 2; i += 1) {
        await nodes.slash(other, NODE_CAP);
        await time.increase(8n * EPOCH);
      }
      expect((await nodes.nodeOf(other)).status).to.equal(INACTIVE);

      const reasonFor = async (node: { address: string }, units: bigint) => {
        const [result] = await settlement.settle.staticCall(
          packed([await sign([line(units, 1n, node)])]),
        );
        return result?.reasons.at(0) ?? Reason.None;
      };
      expect(await reasonFor(provider, 1n)).to.equal(Reason.None);
      expect(await reasonFor(other, 1n)).to.equal(Reason.ProviderInactive);
      await time.increaseTo((await nodes.nodeOf(provider)).exitAt);
      expect(await reasonFor(provider, 1n)).to.equal(Reason.ProviderInactive);
    });
  });
});

async function settling() {
  return deploySettling(connection);
}
