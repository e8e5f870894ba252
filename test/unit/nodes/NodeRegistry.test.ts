import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { network } from "hardhat";

import {
  Category,
  deployModules,
  ENROLLER_ROLE,
  EPOCH,
  fund,
  MINIMUM_STAKE,
} from "../../support/metering.js";
import { send } from "../../support/release.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const [UNKNOWN, ACTIVE, INACTIVE, EXITING] = [0n, 1n, 2n, 3n];
const INFERENCE = 1n << Category.Inference;
const COMPUTE = 1n << Category.Compute;
/** An end of service that never comes. */
const FOREVER = 2n ** 48n - 1n;
const ROTATION_DELAY = 2n * 86_400n;

/** People who have OPA and allow the registry to take it. */
async function fixture() {
  const suite = await deployModules(connection);
  const { nodes, token, alice, bob } = suite;
  for (const person of [alice, bob]) {
    await fund(connection, suite, person, 100n * MINIMUM_STAKE);
    await token.connect(person).approve(nodes, ethers.MaxUint256);
  }
  const register = (
    provider: HardhatEthersSigner,
    { amount = MINIMUM_STAKE, categories = INFERENCE, operator = ZeroAddress, uri = "" } = {},
  ) => nodes.connect(provider).register(amount, categories, operator, uri);
  return { ...suite, register };
}

/** Alice serves inference with the key of `key`. */
async function registered() {
  const suite = await fixture();
  const { nodes, register, alice, key } = suite;
  await register(alice, { operator: key.address, uri: "ipfs://a" });
  await nodes.connect(key).acceptOperator(alice);
  return suite;
}

describe("NodeRegistry", function () {
  describe("register (NOD-1)", function () {
    it("reverts when the caller has registered, also once it is inactive (abuse case 57)", async function () {
      const { nodes, register, alice } = await networkHelpers.loadFixture(registered);

      await expect(register(alice))
        .to.be.revertedWithCustomError(nodes, "NodeRegistryAlreadyRegistered")
        .withArgs(alice);
      await nodes.connect(alice).deactivate(alice);
      await expect(register(alice))
        .to.be.revertedWithCustomError(nodes, "NodeRegistryAlreadyRegistered")
        .withArgs(alice);
    });

    it("reverts for somebody's operator, and for an operator key in use (abuse case 57)", async function () {
      const { nodes, register, alice, bob, key } = await networkHelpers.loadFixture(registered);

      await expect(register(key))
        .to.be.revertedWithCustomError(nodes, "NodeRegistryOperatorInUse")
        .withArgs(key, alice);
      await expect(register(bob, { operator: key.address }))
        .to.be.revertedWithCustomError(nodes, "NodeRegistryOperatorInUse")
        .withArgs(key, alice);
      await expect(register(bob, { operator: alice.address }))
        .to.be.revertedWithCustomError(nodes, "NodeRegistryOperatorInUse")
        .withArgs(alice, alice);
    });

    it("reverts when no category or an unknown one is named", async function () {
      const { nodes, register, alice } = await networkHelpers.loadFixture(fixture);

      for (const categories of [0n, 32n, 33n, 2n ** 32n - 1n])
        await expect(register(alice, { categories }))
          .to.be.revertedWithCustomError(nodes, "NodeRegistryInvalidCategories")
          .withArgs(categories);
    });

    it("reverts when the metadata is longer than 256 bytes", async function () {
      const { nodes, register, alice } = await networkHelpers.loadFixture(fixture);

      await expect(register(alice, { uri: "x".repeat(257) }))
        .to.be.revertedWithCustomError(nodes, "NodeRegistryMetadataTooLong")
        .withArgs(257n, 256n);
      await expect(register(alice, { uri: "é".repeat(129) }))
        .to.be.revertedWithCustomError(nodes, "NodeRegistryMetadataTooLong")
        .withArgs(258n, 256n);
      await register(alice, { uri: "x".repeat(256) });
    });

    it("reverts when the stake is less than the categories ask for together (NOD-I4)", async function () {
      const { nodes, register, alice } = await networkHelpers.loadFixture(fixture);
      const both = { categories: INFERENCE | COMPUTE, amount: 2n * MINIMUM_STAKE };

      for (const amount of [0n, both.amount - 1n])
        await expect(register(alice, { ...both, amount }))
          .to.be.revertedWithCustomError(nodes, "NodeStakingBelowMinimum")
          .withArgs(alice, amount, both.amount);
      await register(alice, both);
    });

    it("registers an active provider with its stake, and nominates its operator", async function () {
      const { meter, nodes, register, token, alice, key } =
        await networkHelpers.loadFixture(fixture);

      const sent = register(alice, { operator: key.address, uri: "ipfs://a" });

      await expect(sent).to.emit(nodes, "NodeRegistered").withArgs(alice, INFERENCE, "ipfs://a");
      const now = BigInt(await time.latest());
      await expect(sent).to.emit(nodes, "OperatorNominated").withArgs(alice, key, now);
      await expect(sent)
        .to.emit(nodes, "StakeAdded")
        .withArgs(alice, alice, MINIMUM_STAKE, MINIMUM_STAKE);
      expect([...(await nodes.nodeOf(alice))]).to.deep.equal([
        ACTIVE,
        INFERENCE,
        now,
        0n,
        MINIMUM_STAKE,
        0n,
        ZeroAddress,
        "ipfs://a",
      ]);
      expect(await token.balanceOf(nodes)).to.equal(MINIMUM_STAKE);
      expect(await nodes.isActive(alice)).to.equal(true);
      expect([...(await meter.providerOf(alice))]).to.deep.equal([INFERENCE, FOREVER]);
    });
  });

  describe("what the Meter is told", function () {
    const METER_SET = "NodeRegistryMeterSet";

    /** A registry without a Meter, where alice is registered. */
    async function unconnected() {
      const suite = await fixture();
      const { authority, token, startedAt, admin, alice } = suite;
      const minimums = Array.from({ length: 5 }, () => MINIMUM_STAKE);
      const parts = [token, authority, startedAt, EPOCH, admin, minimums] as const;
      const nodes = await ethers.deployContract("NodeRegistry", [...parts]);
      await token.connect(alice).approve(nodes, ethers.MaxUint256);
      await nodes.connect(alice).register(MINIMUM_STAKE, INFERENCE, ZeroAddress, "");
      await send(authority, "grantRole", ENROLLER_ROLE, nodes, 0);
      return { ...suite, nodes };
    }

    it("follows every change of categories, status and exit", async function () {
      const { meter, nodes, alice } = await networkHelpers.loadFixture(registered);
      const own = nodes.connect(alice);
      await own.stake(alice, MINIMUM_STAKE);

      await own.setCategories(INFERENCE | COMPUTE);
      expect([...(await meter.providerOf(alice))]).to.deep.equal([INFERENCE | COMPUTE, FOREVER]);
      await own.deactivate(alice);
      expect([...(await meter.providerOf(alice))]).to.deep.equal([INFERENCE | COMPUTE, 0n]);
      await own.setCategories(COMPUTE);
      expect([...(await meter.providerOf(alice))]).to.deep.equal([COMPUTE, 0n]);
      await own.activate(alice);
      await expect(own.exit()).to.emit(meter, "ProviderSet");
      const { exitAt } = await nodes.nodeOf(alice);
      expect([...(await meter.providerOf(alice))]).to.deep.equal([COMPUTE, exitAt]);
    });

    it("comes from the registry alone", async function () {
      const { core, meter, alice, stranger } = await networkHelpers.loadFixture(registered);

      for (const caller of [alice, stranger])
        await expect(meter.connect(caller).setProvider(caller, 31n, FOREVER))
          .to.be.revertedWithCustomError(core, "AccessManagedUnauthorized")
          .withArgs(caller);
    });

    it("connects one Meter, once", async function () {
      const { meter, nodes, alice } = await networkHelpers.loadFixture(unconnected);

      await expect(nodes.connect(alice).setMeter(meter)).to.be.revertedWithCustomError(
        nodes,
        "AccessManagedUnauthorized",
      );
      await expect(nodes.setMeter(alice))
        .to.be.revertedWithCustomError(nodes, "NodeRegistryInvalidMeter")
        .withArgs(alice);
      await expect(nodes.setMeter(meter)).to.emit(nodes, "MeterSet").withArgs(meter);
      expect(await nodes.meter()).to.equal(meter);
      await expect(nodes.setMeter(meter))
        .to.be.revertedWithCustomError(nodes, METER_SET)
        .withArgs(meter);
    });

    it("catches up for a provider that was there before, whoever asks", async function () {
      const { meter, nodes, alice, bob, stranger } = await networkHelpers.loadFixture(unconnected);
      await nodes.setMeter(meter);
      expect([...(await meter.providerOf(alice))]).to.deep.equal([0n, 0n]);

      await nodes.connect(stranger).syncProvider(alice);

      expect([...(await meter.providerOf(alice))]).to.deep.equal([INFERENCE, FOREVER]);
      await expect(nodes.syncProvider(bob))
        .to.be.revertedWithCustomError(nodes, "NodeRegistryUnknownNode")
        .withArgs(bob);
    });

    it("stops nobody from leaving when the Meter refuses, and is repeated later", async function () {
      const { authority, meter, nodes, alice } = await networkHelpers.loadFixture(registered);
      await send(authority, "revokeRole", ENROLLER_ROLE, nodes);

      await expect(nodes.connect(alice).exit())
        .to.emit(nodes, "ProviderPushFailed")
        .withArgs(alice);

      expect([...(await meter.providerOf(alice))]).to.deep.equal([INFERENCE, FOREVER]);
      await expect(nodes.syncProvider(alice)).to.be.revertedWithCustomError(
        nodes,
        "AccessManagedUnauthorized",
      );
      await send(authority, "grantRole", ENROLLER_ROLE, nodes, 0);
      await nodes.syncProvider(alice);
      const { exitAt } = await nodes.nodeOf(alice);
      expect([...(await meter.providerOf(alice))]).to.deep.equal([INFERENCE, exitAt]);
    });

    it("cannot be kept from the Meter by a caller with little gas", async function () {
      const { meter, nodes, alice } = await networkHelpers.loadFixture(registered);

      for (let gasLimit = 60_000n; gasLimit <= 260_000n; gasLimit += 10_000n) {
        const snapshot = await networkHelpers.takeSnapshot();
        const sent = nodes.connect(alice).deactivate(alice, { gasLimit });
        const isMined = await sent.then(
          (tx) => tx.wait().then(() => true),
          () => false,
        );
        const [, endsAt] = await meter.providerOf(alice);
        expect(endsAt, String(gasLimit)).to.equal(isMined ? 0n : FOREVER);
        await snapshot.restore();
      }
    });
  });

  describe("status", function () {
    it("is for the provider and its operator alone", async function () {
      const { nodes, alice, bob } = await networkHelpers.loadFixture(registered);

      for (const call of [
        () => nodes.connect(bob).deactivate(alice),
        () => nodes.connect(bob).activate(alice),
        () => nodes.connect(bob).publishCapacity(alice, [1n], [1n]),
      ])
        await expect(call())
          .to.be.revertedWithCustomError(nodes, "NodeRegistryUnauthorized")
          .withArgs(alice, bob);
      for (const call of [
        () => nodes.deactivate(bob),
        () => nodes.activate(bob),
        () => nodes.publishCapacity(bob, [], []),
        () => nodes.connect(bob).exit(),
        () => nodes.connect(bob).setCategories(1n),
        () => nodes.connect(bob).setMetadata(""),
        () => nodes.connect(bob).nominateOperator(bob),
        () => nodes.connect(bob).requestUnbonding(1n),
        () => nodes.stake(bob, 1n),
      ])
        await expect(call())
          .to.be.revertedWithCustomError(nodes, "NodeRegistryUnknownNode")
          .withArgs(bob);
    });

    it("changes once and back, by the operator too", async function () {
      const { meter, nodes, alice, key } = await networkHelpers.loadFixture(registered);

      await expect(nodes.connect(key).activate(alice))
        .to.be.revertedWithCustomError(nodes, "NodeRegistryStatusUnchanged")
        .withArgs(alice, ACTIVE);
      await expect(nodes.connect(key).deactivate(alice))
        .to.emit(nodes, "NodeStatusChanged")
        .withArgs(alice, ACTIVE, INACTIVE);
      await expect(nodes.connect(alice).deactivate(alice))
        .to.be.revertedWithCustomError(nodes, "NodeRegistryStatusUnchanged")
        .withArgs(alice, INACTIVE);
      expect([...(await meter.providerOf(alice))]).to.deep.equal([INFERENCE, 0n]);
      await expect(nodes.connect(alice).activate(alice))
        .to.emit(nodes, "NodeStatusChanged")
        .withArgs(alice, INACTIVE, ACTIVE);
      expect([...(await meter.providerOf(alice))]).to.deep.equal([INFERENCE, FOREVER]);
    });

    it("ends an exit by itself, in the second in which the stake is ready", async function () {
      const { meter, nodes, alice } = await networkHelpers.loadFixture(registered);

      await expect(nodes.connect(alice).exit())
        .to.emit(nodes, "NodeStatusChanged")
        .withArgs(alice, ACTIVE, EXITING);

      const { exitAt } = await nodes.nodeOf(alice);
      expect(exitAt).to.equal(BigInt(await time.latest()) + 21n * EPOCH);
      expect(await nodes.isActive(alice)).to.equal(false);
      expect([...(await meter.providerOf(alice))]).to.deep.equal([INFERENCE, exitAt]);
      await time.increaseTo(exitAt);
      expect((await nodes.nodeOf(alice)).status).to.equal(INACTIVE);
    });

    it("reverts when one that is not active exits, and when one that exits changes its categories", async function () {
      const { nodes, alice } = await networkHelpers.loadFixture(registered);
      await nodes.connect(alice).exit();

      await expect(nodes.connect(alice).setCategories(31n))
        .to.be.revertedWithCustomError(nodes, "NodeRegistryNotActive")
        .withArgs(alice, EXITING);
      await expect(nodes.connect(alice).exit())
        .to.be.revertedWithCustomError(nodes, "NodeRegistryNotActive")
        .withArgs(alice, EXITING);
      await nodes.connect(alice).deactivate(alice);
      await expect(nodes.connect(alice).exit())
        .to.be.revertedWithCustomError(nodes, "NodeRegistryNotActive")
        .withArgs(alice, INACTIVE);
    });

    it("returns from an exit with a new stake only", async function () {
      const { nodes, alice } = await networkHelpers.loadFixture(registered);
      await nodes.connect(alice).exit();

      await expect(nodes.connect(alice).activate(alice))
        .to.be.revertedWithCustomError(nodes, "NodeStakingBelowMinimum")
        .withArgs(alice, 0n, MINIMUM_STAKE);
      await nodes.connect(alice).stake(alice, MINIMUM_STAKE);
      await expect(nodes.connect(alice).activate(alice))
        .to.emit(nodes, "NodeStatusChanged")
        .withArgs(alice, EXITING, ACTIVE);
    });
  });

  describe("description", function () {
    it("changes categories within the stake, and freely while inactive", async function () {
      const { nodes, alice } = await networkHelpers.loadFixture(registered);

      await expect(nodes.connect(alice).setCategories(INFERENCE | COMPUTE))
        .to.be.revertedWithCustomError(nodes, "NodeStakingBelowMinimum")
        .withArgs(alice, MINIMUM_STAKE, 2n * MINIMUM_STAKE);
      await expect(nodes.connect(alice).setCategories(0n))
        .to.be.revertedWithCustomError(nodes, "NodeRegistryInvalidCategories")
        .withArgs(0n);
      await expect(nodes.connect(alice).setCategories(COMPUTE))
        .to.emit(nodes, "NodeCategoriesChanged")
        .withArgs(alice, INFERENCE, COMPUTE);
      await nodes.connect(alice).deactivate(alice);
      await nodes.connect(alice).setCategories(31n);
      await expect(nodes.connect(alice).activate(alice))
        .to.be.revertedWithCustomError(nodes, "NodeStakingBelowMinimum")
        .withArgs(alice, MINIMUM_STAKE, 5n * MINIMUM_STAKE);
    });

    it("moves the metadata", async function () {
      const { nodes, alice } = await networkHelpers.loadFixture(registered);

      await expect(nodes.connect(alice).setMetadata("x".repeat(257)))
        .to.be.revertedWithCustomError(nodes, "NodeRegistryMetadataTooLong")
        .withArgs(257n, 256n);
      await expect(nodes.connect(alice).setMetadata("ipfs://b"))
        .to.emit(nodes, "NodeMetadataChanged")
        .withArgs(alice, "ipfs://a", "ipfs://b");
      expect((await nodes.nodeOf(alice)).metadataURI).to.equal("ipfs://b");
    });

    it("publishes capacity, event by event, only where it changes (NOD-5)", async function () {
      const { nodes, alice, key } = await networkHelpers.loadFixture(registered);
      const most = 2n ** 64n - 1n;

      await expect(nodes.connect(key).publishCapacity(alice, [1n, 2n], [5n]))
        .to.be.revertedWithCustomError(nodes, "NodeRegistryLengthMismatch")
        .withArgs(2n, 1n);
      await nodes.connect(key).publishCapacity(alice, [1n, 2n], [5n, 7n]);
      const sent = nodes.connect(alice).publishCapacity(alice, [1n, 2n], [5n, most]);
      await expect(sent).to.emit(nodes, "CapacityPublished").withArgs(alice, 2n, 7n, most);
      expect((await (await sent).wait())?.logs).to.have.length(1);
      expect([
        await nodes.capacityOf(alice, 1n),
        await nodes.capacityOf(alice, 2n),
        await nodes.capacityOf(alice, 3n),
      ]).to.deep.equal([5n, most, 0n]);
    });
  });

  describe("operator (NOD-1, NOD-I7)", function () {
    it("takes over only when nominated, by its own call", async function () {
      const { nodes, alice, bob, key } = await networkHelpers.loadFixture(registered);

      await expect(nodes.connect(bob).acceptOperator(alice))
        .to.be.revertedWithCustomError(nodes, "NodeRegistryNotNominated")
        .withArgs(alice, bob);
      expect([...(await nodes.operatorsOf(alice))]).to.deep.equal([key.address, ZeroAddress, 0n]);
      expect([...(await nodes.providerOf(key))]).to.deep.equal([alice.address, 0n]);
    });

    it("is nominated by a provider that is a contract, whoever sends the transaction", async function () {
      const { nodes, token, alice, key, stranger } = await networkHelpers.loadFixture(fixture);
      const wallet = await ethers.deployContract("WalletMock", [alice]);
      await token.connect(alice).transfer(wallet, MINIMUM_STAKE);
      const act = (target: { getAddress(): Promise<string> }, data: string) =>
        target.getAddress().then((to) => wallet.connect(stranger).execute(to, data));
      const { interface: calls } = nodes;
      await act(
        token,
        token.interface.encodeFunctionData("approve", [nodes.target, MINIMUM_STAKE]),
      );

      await act(
        nodes,
        calls.encodeFunctionData("register", [MINIMUM_STAKE, INFERENCE, ZeroAddress, ""]),
      );
      await act(nodes, calls.encodeFunctionData("nominateOperator", [key.address]));
      await nodes.connect(key).acceptOperator(wallet);

      expect((await nodes.operatorsOf(wallet)).current).to.equal(key.address);
      expect((await nodes.operatorsOf(stranger)).nominated).to.equal(ZeroAddress);
      expect([...(await nodes.providerOf(key))]).to.deep.equal([wallet.target, 0n]);
    });

    it("waits two days if it is not the first, to the second", async function () {
      const { nodes, alice, key, stranger } = await networkHelpers.loadFixture(registered);

      const sent = nodes.connect(alice).nominateOperator(stranger);
      await sent;
      const acceptableAt = BigInt(await time.latest()) + ROTATION_DELAY;
      await expect(sent)
        .to.emit(nodes, "OperatorNominated")
        .withArgs(alice, stranger, acceptableAt);
      await time.setNextBlockTimestamp(acceptableAt - 1n);
      await expect(nodes.connect(stranger).acceptOperator(alice))
        .to.be.revertedWithCustomError(nodes, "NodeRegistryTooEarly")
        .withArgs(alice, acceptableAt);
      await time.setNextBlockTimestamp(acceptableAt);
      await expect(nodes.connect(stranger).acceptOperator(alice))
        .to.emit(nodes, "OperatorChanged")
        .withArgs(alice, key, stranger);
      expect([...(await nodes.providerOf(key))]).to.deep.equal([alice.address, acceptableAt]);
      await expect(nodes.connect(key).deactivate(alice))
        .to.be.revertedWithCustomError(nodes, "NodeRegistryUnauthorized")
        .withArgs(alice, key);
    });

    it("cannot be a key in use: its own, a former one, another's, another provider (abuse case 57)", async function () {
      const { nodes, register, alice, bob, key, stranger } =
        await networkHelpers.loadFixture(registered);
      await nodes.connect(alice).nominateOperator(stranger);
      await time.increase(ROTATION_DELAY);
      await nodes.connect(stranger).acceptOperator(alice);
      await register(bob);

      for (const [provider, operator, owner] of [
        [alice, stranger, alice],
        [alice, key, alice],
        [bob, key, alice],
        [bob, stranger, alice],
        [alice, bob, bob],
      ] as const)
        await expect(nodes.connect(provider).nominateOperator(operator))
          .to.be.revertedWithCustomError(nodes, "NodeRegistryOperatorInUse")
          .withArgs(operator, owner);
    });

    it("cannot take over once it is used elsewhere, and a nomination can be taken back", async function () {
      const { nodes, register, alice, bob, stranger } =
        await networkHelpers.loadFixture(registered);
      await register(bob);
      await nodes.connect(alice).nominateOperator(stranger);
      await nodes.connect(bob).nominateOperator(stranger);
      await nodes.connect(stranger).acceptOperator(bob);
      await time.increase(ROTATION_DELAY);

      await expect(nodes.connect(stranger).acceptOperator(alice))
        .to.be.revertedWithCustomError(nodes, "NodeRegistryOperatorInUse")
        .withArgs(stranger, bob);
      await expect(nodes.connect(alice).nominateOperator(ZeroAddress))
        .to.emit(nodes, "OperatorNominated")
        .withArgs(alice, ZeroAddress, 0n);
      expect((await nodes.operatorsOf(alice)).nominated).to.equal(ZeroAddress);
    });

    it("takes over within a week, to the second: an old nomination does not make a rotation immediate", async function () {
      const { nodes, alice, key, stranger } = await networkHelpers.loadFixture(registered);
      await nodes.connect(alice).nominateOperator(stranger);
      const { acceptableAt } = await nodes.operatorsOf(alice);
      const expiry = acceptableAt + (await nodes.NOMINATION_PERIOD());

      await time.setNextBlockTimestamp(expiry);
      await expect(nodes.connect(stranger).acceptOperator(alice))
        .to.be.revertedWithCustomError(nodes, "NodeRegistryNominationExpired")
        .withArgs(alice, expiry);
      expect((await nodes.operatorsOf(alice)).current).to.equal(key);
      await nodes.connect(alice).nominateOperator(stranger);
      const again = await nodes.operatorsOf(alice);
      await time.setNextBlockTimestamp(again.acceptableAt + 7n * 86_400n - 1n);
      await nodes.connect(stranger).acceptOperator(alice);
      expect((await nodes.operatorsOf(alice)).current).to.equal(stranger);
    });

    it("cannot shut out a provider that is leaving, which the provider itself can", async function () {
      const { nodes, alice, key } = await networkHelpers.loadFixture(registered);
      await nodes.connect(alice).exit();
      const { exitAt } = await nodes.nodeOf(alice);

      await expect(nodes.connect(key).deactivate(alice))
        .to.be.revertedWithCustomError(nodes, "NodeRegistryUnauthorized")
        .withArgs(alice, key);
      await time.setNextBlockTimestamp(exitAt - 1n);
      await expect(nodes.connect(alice).deactivate(alice))
        .to.emit(nodes, "NodeStatusChanged")
        .withArgs(alice, EXITING, INACTIVE);
    });

    it("may be the provider itself", async function () {
      const { nodes, register, bob } = await networkHelpers.loadFixture(fixture);
      await register(bob, { operator: bob.address });

      await nodes.connect(bob).acceptOperator(bob);

      expect((await nodes.nodeOf(bob)).operator).to.equal(bob);
    });
  });

  describe("reads", function () {
    it("know nothing of who never registered", async function () {
      const { meter, nodes, alice } = await networkHelpers.loadFixture(fixture);

      expect((await nodes.nodeOf(alice)).status).to.equal(UNKNOWN);
      expect([...(await meter.providerOf(alice))]).to.deep.equal([0n, 0n]);
      expect(await nodes.isActive(alice)).to.equal(false);
      expect([...(await nodes.providerOf(alice))]).to.deep.equal([ZeroAddress, 0n]);
    });

    it("lists providers in order of registration, page by page (NOD-I6)", async function () {
      const { nodes, register, alice, bob } = await networkHelpers.loadFixture(registered);
      await register(bob);
      await nodes.connect(alice).exit();

      expect(await nodes.nodeCount()).to.equal(2n);
      expect(await nodes.nodesFrom(0n, 10n)).to.deep.equal([alice.address, bob.address]);
      expect(await nodes.nodesFrom(1n, 1n)).to.deep.equal([bob.address]);
      expect(await nodes.nodesFrom(2n, 1n)).to.deep.equal([]);
      expect(await nodes.nodesFrom(0n, 0n)).to.deep.equal([]);
      expect(await nodes.nodesFrom(0n, ethers.MaxUint256)).to.have.length(2);
    });
  });
});
