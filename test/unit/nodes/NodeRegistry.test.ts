import { expect } from "chai";
import { network } from "hardhat";

import { Category } from "../../support/metering.js";
import { Reason } from "../../support/statements.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const [UNKNOWN, ACTIVE, INACTIVE] = [0n, 1n, 2n];
const INFERENCE = 1n << Category.Inference;

async function fixture() {
  const [deployer, alice, bob, carol] = await ethers.getSigners();
  if (!deployer || !alice || !bob || !carol) throw new Error("four signers expected");
  const nodes = await ethers.deployContract("NodeRegistry");
  return { nodes, alice, bob, carol };
}

/** Alice serves inference. */
async function registered() {
  const suite = await fixture();
  await suite.nodes.connect(suite.alice).register(INFERENCE, "ipfs://a");
  return suite;
}

describe("NodeRegistry", function () {
  describe("register", function () {
    it("reverts when the caller has registered, also once it is inactive", async function () {
      const { nodes, alice } = await networkHelpers.loadFixture(registered);

      await expect(nodes.connect(alice).register(INFERENCE, ""))
        .to.be.revertedWithCustomError(nodes, "NodeRegistryAlreadyRegistered")
        .withArgs(alice.address);
      await nodes.connect(alice).deactivate();
      await expect(nodes.connect(alice).register(INFERENCE, ""))
        .to.be.revertedWithCustomError(nodes, "NodeRegistryAlreadyRegistered")
        .withArgs(alice.address);
    });

    it("reverts when no category or an unknown one is named", async function () {
      const { nodes, alice } = await networkHelpers.loadFixture(fixture);

      for (const categories of [0n, 32n, 33n, 2n ** 32n - 1n])
        await expect(nodes.connect(alice).register(categories, ""))
          .to.be.revertedWithCustomError(nodes, "NodeRegistryInvalidCategories")
          .withArgs(categories);
    });

    it("reverts when the metadata is longer than 256 bytes", async function () {
      const { nodes, alice } = await networkHelpers.loadFixture(fixture);

      await expect(nodes.connect(alice).register(INFERENCE, "x".repeat(257)))
        .to.be.revertedWithCustomError(nodes, "NodeRegistryMetadataTooLong")
        .withArgs(257n, 256n);
      await expect(nodes.connect(alice).register(INFERENCE, "é".repeat(129)))
        .to.be.revertedWithCustomError(nodes, "NodeRegistryMetadataTooLong")
        .withArgs(258n, 256n);
    });

    it("makes the caller an active provider", async function () {
      const { nodes, alice } = await networkHelpers.loadFixture(fixture);
      const metadata = "x".repeat(256);

      await expect(nodes.connect(alice).register(31n, metadata))
        .to.emit(nodes, "NodeRegistered")
        .withArgs(alice.address, 31n, metadata);

      const now = BigInt(await time.latest());
      expect(await nodes.nodeOf(alice)).to.deep.equal([ACTIVE, 31n, now, metadata]);
      expect(await nodes.isActive(alice)).to.equal(true);
      expect(await nodes.serviceTerms(alice)).to.deep.equal([Reason.None, 31n]);
      expect(await nodes.MAX_METADATA_LENGTH()).to.equal(256n);
    });
  });

  describe("deactivate", function () {
    it("reverts when the caller has not registered or is inactive", async function () {
      const { nodes, alice, bob } = await networkHelpers.loadFixture(registered);

      await expect(nodes.connect(bob).deactivate())
        .to.be.revertedWithCustomError(nodes, "NodeRegistryUnknownNode")
        .withArgs(bob.address);
      await nodes.connect(alice).deactivate();
      await expect(nodes.connect(alice).deactivate())
        .to.be.revertedWithCustomError(nodes, "NodeRegistryStatusUnchanged")
        .withArgs(alice.address, INACTIVE);
    });

    it("stops serving and keeps the record", async function () {
      const { nodes, alice } = await networkHelpers.loadFixture(registered);
      const { registeredAt } = await nodes.nodeOf(alice);

      await expect(nodes.connect(alice).deactivate())
        .to.emit(nodes, "NodeStatusChanged")
        .withArgs(alice.address, ACTIVE, INACTIVE);

      expect(await nodes.isActive(alice)).to.equal(false);
      expect(await nodes.serviceTerms(alice)).to.deep.equal([Reason.ProviderInactive, INFERENCE]);
      expect(await nodes.nodeOf(alice)).to.deep.equal([
        INACTIVE,
        INFERENCE,
        registeredAt,
        "ipfs://a",
      ]);
    });
  });

  describe("activate", function () {
    it("reverts when the caller has not registered or is active", async function () {
      const { nodes, alice, bob } = await networkHelpers.loadFixture(registered);

      await expect(nodes.connect(bob).activate())
        .to.be.revertedWithCustomError(nodes, "NodeRegistryUnknownNode")
        .withArgs(bob.address);
      await expect(nodes.connect(alice).activate())
        .to.be.revertedWithCustomError(nodes, "NodeRegistryStatusUnchanged")
        .withArgs(alice.address, ACTIVE);
    });

    it("serves again", async function () {
      const { nodes, alice } = await networkHelpers.loadFixture(registered);
      await nodes.connect(alice).deactivate();

      await expect(nodes.connect(alice).activate())
        .to.emit(nodes, "NodeStatusChanged")
        .withArgs(alice.address, INACTIVE, ACTIVE);

      expect(await nodes.serviceTerms(alice)).to.deep.equal([Reason.None, INFERENCE]);
    });
  });

  describe("setCategories", function () {
    it("reverts when the caller has not registered or the categories are wrong", async function () {
      const { nodes, alice, bob } = await networkHelpers.loadFixture(registered);

      await expect(nodes.connect(bob).setCategories(INFERENCE))
        .to.be.revertedWithCustomError(nodes, "NodeRegistryUnknownNode")
        .withArgs(bob.address);
      for (const categories of [0n, 32n])
        await expect(nodes.connect(alice).setCategories(categories))
          .to.be.revertedWithCustomError(nodes, "NodeRegistryInvalidCategories")
          .withArgs(categories);
    });

    it("changes what is served and nothing else, in any status", async function () {
      const { nodes, alice } = await networkHelpers.loadFixture(registered);
      await nodes.connect(alice).deactivate();

      await expect(nodes.connect(alice).setCategories(21n))
        .to.emit(nodes, "NodeCategoriesChanged")
        .withArgs(alice.address, INFERENCE, 21n);

      expect(await nodes.serviceTerms(alice)).to.deep.equal([Reason.ProviderInactive, 21n]);
    });
  });

  describe("setMetadata", function () {
    it("reverts when the caller has not registered or it is too long", async function () {
      const { nodes, alice, bob } = await networkHelpers.loadFixture(registered);

      await expect(nodes.connect(bob).setMetadata(""))
        .to.be.revertedWithCustomError(nodes, "NodeRegistryUnknownNode")
        .withArgs(bob.address);
      await expect(nodes.connect(alice).setMetadata("x".repeat(257)))
        .to.be.revertedWithCustomError(nodes, "NodeRegistryMetadataTooLong")
        .withArgs(257n, 256n);
    });

    it("moves the description", async function () {
      const { nodes, alice } = await networkHelpers.loadFixture(registered);

      await expect(nodes.connect(alice).setMetadata("ipfs://b"))
        .to.emit(nodes, "NodeMetadataChanged")
        .withArgs(alice.address, "ipfs://a", "ipfs://b");

      expect((await nodes.nodeOf(alice)).metadataURI).to.equal("ipfs://b");
    });
  });

  describe("views (NOD-I6)", function () {
    it("knows nothing of who never registered", async function () {
      const { nodes, bob } = await networkHelpers.loadFixture(registered);

      expect(await nodes.nodeOf(bob)).to.deep.equal([UNKNOWN, 0n, 0n, ""]);
      expect(await nodes.serviceTerms(bob)).to.deep.equal([Reason.ProviderUnknown, 0n]);
      expect(await nodes.isActive(bob)).to.equal(false);
    });

    it("lists providers in order of registration, page by page", async function () {
      const { nodes, alice, bob, carol } = await networkHelpers.loadFixture(registered);
      for (const provider of [carol, bob]) await nodes.connect(provider).register(1n, "");
      await nodes.connect(carol).deactivate();
      const all = [alice.address, carol.address, bob.address];

      expect(await nodes.nodeCount()).to.equal(3n);
      for (const [from, maxCount, listed] of [
        [0n, 3n, all],
        [0n, 2n ** 256n - 1n, all],
        [0n, 2n, all.slice(0, 2)],
        [1n, 5n, all.slice(1)],
        [2n, 1n, all.slice(2)],
        [0n, 0n, []],
        [3n, 1n, []],
        [2n ** 256n - 1n, 2n ** 256n - 1n, []],
      ] as const)
        expect(await nodes.nodesFrom(from, maxCount)).to.deep.equal(listed);
    });
  });
});
