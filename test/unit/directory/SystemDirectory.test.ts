import { expect } from "chai";
import { encodeBytes32String, toBeHex, ZeroAddress, ZeroHash, zeroPadValue } from "ethers";
import { network } from "hardhat";

import { interfaceIdOf } from "../../support/reserve.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const [POOL, RESERVE] = [encodeBytes32String("pool"), encodeBytes32String("reserve")];
const MAX_IDS = 64n;
const MAX_VERSIONS = 32n;
const NEEDED = "0x12345678";
const OTHER = "0x9abcdef0";
const ERC165 = "0x01ffc9a7";
const NEVER = "0xffffffff";

/** A directory without modules, and contracts that say they support everything. */
async function fixture() {
  const [admin, stranger] = await ethers.getSigners();
  if (!admin || !stranger) throw new Error("two signers expected");
  const authority = await ethers.deployContract("AuthorityMock", [admin]);
  const directory = await ethers.deployContract("SystemDirectory", [authority]);
  const [first, second, third] = [await deploy(), await deploy(), await deploy()];
  return { admin, stranger, authority, directory, first, second, third };
}

/** The pool is there in two versions, of which the second is current. */
async function twoVersionsFixture() {
  const suite = await fixture();
  const { directory, first, second } = suite;
  await directory.register(POOL, first, NEEDED);
  await directory.register(POOL, second, OTHER);
  return suite;
}

async function deploy(): Promise<string> {
  return (await ethers.deployContract("AnswerMock")).getAddress();
}

function idOf(number: bigint): string {
  return zeroPadValue(toBeHex(number), 32);
}

describe("SystemDirectory", function () {
  it("knows no module at first, and its own limits", async function () {
    const { directory, authority, first } = await networkHelpers.loadFixture(fixture);

    expect(await directory.authority()).to.equal(authority);
    expect(await directory.ids()).to.deep.equal([]);
    expect(await directory.versionsOf(POOL)).to.deep.equal([]);
    expect(await directory.currentOf(POOL)).to.equal(ZeroAddress);
    expect([...(await directory.moduleOf(first))]).to.deep.equal([ZeroHash, 0n, "0x00000000", 0n]);
    for (const nobody of [first, ZeroAddress]) {
      expect(await directory.isModule(nobody)).to.equal(false);
      expect(await directory.isCurrent(nobody)).to.equal(false);
    }
    expect(await directory.MAX_IDS()).to.equal(MAX_IDS);
    expect(await directory.MAX_VERSIONS()).to.equal(MAX_VERSIONS);
  });

  it("says what it is (ERC-165)", async function () {
    const { directory } = await networkHelpers.loadFixture(fixture);

    const own = await interfaceIdOf(connection, "ISystemDirectory");
    expect(await directory.supportsInterface(own)).to.equal(true);
    expect(await directory.supportsInterface(ERC165)).to.equal(true);
    expect(await directory.supportsInterface(NEVER)).to.equal(false);
  });

  describe("register", function () {
    it("reverts for anyone but governance", async function () {
      const { directory, stranger, first } = await networkHelpers.loadFixture(fixture);

      await expect(directory.connect(stranger).register(POOL, first, NEEDED))
        .to.be.revertedWithCustomError(directory, "AccessManagedUnauthorized")
        .withArgs(stranger);
    });

    it("reverts without an id", async function () {
      const { directory, stranger } = await networkHelpers.loadFixture(fixture);

      await expect(directory.register(ZeroHash, stranger, NEEDED)).to.be.revertedWithCustomError(
        directory,
        "SystemDirectoryZeroId",
      );
    });

    it("reverts for what does not say that it supports the interface", async function () {
      const { directory, authority, first, stranger } = await networkHelpers.loadFixture(fixture);

      for (const [module, interfaceId] of [
        [stranger, NEEDED],
        [ZeroAddress, NEEDED],
        [authority, NEEDED],
        [first, ERC165],
        [first, NEVER],
        [directory, NEEDED],
      ] as const)
        await expect(directory.register(POOL, module, interfaceId))
          .to.be.revertedWithCustomError(directory, "SystemDirectoryUnsupported")
          .withArgs(module, interfaceId);
    });

    it("reverts for the current module, and for one of another id", async function () {
      const { directory, first, second } = await networkHelpers.loadFixture(twoVersionsFixture);

      for (const [id, module] of [
        [POOL, second],
        [RESERVE, first],
        [RESERVE, second],
      ] as const)
        await expect(directory.register(id, module, NEEDED))
          .to.be.revertedWithCustomError(directory, "SystemDirectoryListed")
          .withArgs(module, POOL);
    });

    it("lists a first module as current", async function () {
      const { directory, first } = await networkHelpers.loadFixture(fixture);

      await expect(directory.register(POOL, first, NEEDED))
        .to.emit(directory, "ModuleRegistered")
        .withArgs(POOL, first, 1n, ZeroAddress, NEEDED);

      const registeredAt = BigInt(await time.latest());
      expect([...(await directory.moduleOf(first))]).to.deep.equal([
        POOL,
        1n,
        NEEDED,
        registeredAt,
      ]);
      expect(await directory.ids()).to.deep.equal([POOL]);
      expect(await directory.versionsOf(POOL)).to.deep.equal([first]);
      expect(await directory.currentOf(POOL)).to.equal(first);
      expect(await directory.isModule(first)).to.equal(true);
      expect(await directory.isCurrent(first)).to.equal(true);
    });

    it("replaces a module with a new version and keeps the old one listed", async function () {
      const { directory, first, second } = await networkHelpers.loadFixture(fixture);
      await directory.register(POOL, first, NEEDED);

      await expect(directory.register(POOL, second, OTHER))
        .to.emit(directory, "ModuleRegistered")
        .withArgs(POOL, second, 2n, first, OTHER);

      expect(await directory.ids()).to.deep.equal([POOL]);
      expect(await directory.versionsOf(POOL)).to.deep.equal([first, second]);
      expect(await directory.currentOf(POOL)).to.equal(second);
      expect(await directory.isModule(first)).to.equal(true);
      expect(await directory.isCurrent(first)).to.equal(false);
      expect(await directory.isCurrent(second)).to.equal(true);
      expect((await directory.moduleOf(first)).version).to.equal(1n);
    });

    it("makes an earlier version current again, as it was registered, from now on", async function () {
      const { directory, first, second, third } =
        await networkHelpers.loadFixture(twoVersionsFixture);

      await expect(directory.register(POOL, first, OTHER))
        .to.emit(directory, "ModuleRegistered")
        .withArgs(POOL, first, 1n, second, NEEDED);

      const present = BigInt(await time.latest());
      expect([...(await directory.moduleOf(first))]).to.deep.equal([POOL, 1n, NEEDED, present]);
      expect(await directory.versionsOf(POOL)).to.deep.equal([first, second]);
      expect(await directory.isCurrent(first)).to.equal(true);
      expect(await directory.isCurrent(second)).to.equal(false);
      await expect(directory.register(POOL, third, NEEDED))
        .to.emit(directory, "ModuleRegistered")
        .withArgs(POOL, third, 3n, first, NEEDED);
    });

    it("keeps modules of different ids apart", async function () {
      const { directory, second, third } = await networkHelpers.loadFixture(twoVersionsFixture);

      await directory.register(RESERVE, third, NEEDED);

      expect(await directory.ids()).to.deep.equal([POOL, RESERVE]);
      expect(await directory.currentOf(POOL)).to.equal(second);
      expect(await directory.currentOf(RESERVE)).to.equal(third);
      expect((await directory.moduleOf(third)).version).to.equal(1n);
    });

    it("takes 64 ids and no more, and still versions of those", async function () {
      const { directory, first, second } = await networkHelpers.loadFixture(fixture);
      for (let i = 1n; i <= MAX_IDS; ++i) await directory.register(idOf(i), await deploy(), NEEDED);

      await expect(directory.register(idOf(MAX_IDS + 1n), first, NEEDED))
        .to.be.revertedWithCustomError(directory, "SystemDirectoryFull")
        .withArgs(idOf(MAX_IDS + 1n), MAX_IDS);
      await directory.register(idOf(MAX_IDS), second, NEEDED);
      expect(await directory.ids()).to.have.lengthOf(Number(MAX_IDS));
    });

    it("takes 32 versions of a module and no more, and still goes back to one", async function () {
      const { directory, first, second } = await networkHelpers.loadFixture(twoVersionsFixture);
      for (let i = 3n; i <= MAX_VERSIONS; ++i)
        await directory.register(POOL, await deploy(), NEEDED);
      const other = await deploy();

      await expect(directory.register(POOL, other, NEEDED))
        .to.be.revertedWithCustomError(directory, "SystemDirectoryFull")
        .withArgs(POOL, MAX_VERSIONS);
      await directory.register(POOL, first, NEEDED);
      await directory.register(POOL, second, NEEDED);
      await directory.register(RESERVE, other, NEEDED);
      expect(await directory.versionsOf(POOL)).to.have.lengthOf(Number(MAX_VERSIONS));
      expect(await directory.currentOf(POOL)).to.equal(second);
    });
  });
});
