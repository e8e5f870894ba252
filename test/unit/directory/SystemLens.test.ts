import { expect } from "chai";
import { encodeBytes32String, ZeroAddress } from "ethers";
import { network } from "hardhat";

import { INITIAL_SUPPLY, OPA, send } from "../../support/release.js";
import { deployDouble, interfaceIdOf } from "../../support/reserve.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const ERC165 = "0x01ffc9a7";
const ERC1363 = "0xb0202a11"; // of the token; doubles support everything
const EPOCH = 86_400n;
const RUNNING = 120n;
const MAX_EPOCHS = 100n;

/** Ids of the modules that hold OPA, by the part of the supply that they hold. */
const HOLDERS = {
  unvested: "release-vault",
  pool: "incentive-pool",
  reserve: "system-reserve",
  credit: "meter",
  staked: "node-registry",
  locked: "governance-lock",
} as const;

type Part = keyof typeof HOLDERS;

/** Balance of the first incentive vault in tests: twice the balance of the version before it. */
const VAULTS = OPA << 12n;

/** A directory with the token alone, all of which a treasury holds. */
async function fixture() {
  const [admin, alice] = await ethers.getSigners();
  if (!admin || !alice) throw new Error("two signers expected");
  const treasury = await ethers.deployContract("WalletMock", [admin]);
  const token = await ethers.deployContract("OPAToken", [treasury]);
  const authority = await ethers.deployContract("AuthorityMock", [admin]);
  const directory = await ethers.deployContract("SystemDirectory", [authority]);
  const lens = await ethers.deployContract("SystemLens", [directory]);
  const list = async (id: string, module: string) =>
    directory.register(encodeBytes32String(id), module, ERC1363);
  await list("token", await token.getAddress());

  const give = async (to: string, amount: bigint) => {
    const data = token.interface.encodeFunctionData("transfer", [to, amount]);
    await send(treasury, "execute", token, data);
  };
  const burn = async (amount: bigint) => {
    const data = token.interface.encodeFunctionData("burn", [amount]);
    await send(treasury, "execute", token, data);
  };
  return { admin, alice, token, directory, lens, list, give, burn };
}

/** Closing of an epoch without use: burned, κ, allotment, released and stage cap. */
const NOTHING = [0n, 0n, 0n, 0n, 0n];

/** The same with doubles of the modules that are read, in epoch 120, whose first second is `begin`. */
async function readFixture() {
  const suite = await fixture();
  const meter = await deployDouble(connection, "IMeter");
  const registry = await deployDouble(connection, "IResourceRegistry");
  const lock = await deployDouble(connection, "IGovernanceLock");
  const nodes = await deployDouble(connection, "INodeRegistry");
  const vault = await deployDouble(connection, "IIncentiveVault");
  const pool = await deployDouble(connection, "IIncentivePool");
  const oldPool = await deployDouble(connection, "IIncentivePool");
  await suite.list("meter", meter.target);
  await suite.list("governance-lock", lock.target);
  await suite.list("node-registry", nodes.target);
  await suite.list("incentive-vault", vault.target);
  await suite.list("incentive-pool", oldPool.target);
  await suite.list("incentive-pool", pool.target);

  const begin = BigInt(await time.latest()) + 10_000n;
  await meter.answer("REGISTRY", [registry.target]);
  await meter.answer("GENESIS", [begin - RUNNING * EPOCH]);
  await meter.answer("EPOCH_DURATION", [EPOCH]);
  await meter.answer("currentEpoch", [RUNNING]);
  await meter.answer("burnedInEpoch", [77n]);
  await nodes.answer("totalStake", [5_000n * OPA]);
  await meter.answer("bookOf", [pool.target]);
  await vault.answer("METER", [meter.target]);
  await vault.answer("closingOf", [NOTHING]);
  for (const double of [pool, oldPool]) await double.answer("categoryOf", [0n, 0n]);
  await lock.answer("getPastLocked", [3n]);
  await lock.answer("getPastTotalSupply", [2n]);
  return { ...suite, meter, registry, lock, nodes, vault, pool, oldPool, begin };
}

describe("SystemLens (OBS-1, OBS-2)", function () {
  it("needs a directory", async function () {
    const { lens, directory } = await networkHelpers.loadFixture(fixture);

    await expect(ethers.deployContract("SystemLens", [ZeroAddress])).to.be.revertedWithCustomError(
      lens,
      "SystemLensZeroAddress",
    );
    expect(await lens.DIRECTORY()).to.equal(directory);
    expect(await lens.MAX_EPOCHS()).to.equal(MAX_EPOCHS);
  });

  it("says what it is (ERC-165)", async function () {
    const { lens } = await networkHelpers.loadFixture(fixture);

    const own = await interfaceIdOf(connection, "ISystemLens");
    expect(await lens.supportsInterface(own)).to.equal(true);
    expect(await lens.supportsInterface(ERC165)).to.equal(true);
    expect(await lens.supportsInterface("0xffffffff")).to.equal(false);
  });

  describe("supply (SYS-I7)", function () {
    /** Two versions of every module that holds OPA, in the order of the parts. */
    async function holdersFixture() {
      const suite = await fixture();
      const versions: { part: Part; module: string }[] = [];
      const holders = Object.entries(HOLDERS) as [Part, string][];
      for (const [part, id] of [...holders, ["pool", "incentive-vault"] as const])
        for (let version = 1; version <= 2; ++version) {
          const module = await (await ethers.deployContract("AnswerMock")).getAddress();
          await suite.list(id, module);
          versions.push({ part, module });
        }
      return { ...suite, versions };
    }

    /** Result of the lens, after checking that it adds up to the wei. */
    async function partsOf({ lens, token }: Awaited<ReturnType<typeof fixture>>) {
      const supply = await lens.supply();
      const { burned, unvested, pool, reserve, credit, staked, locked, circulating } = supply;
      const parts = { burned, unvested, pool, reserve, credit, staked, locked, circulating };
      expect(supply.initial).to.equal(INITIAL_SUPPLY);
      expect(supply.total).to.equal(await token.totalSupply());
      expect(burned).to.equal(await token.totalBurned());
      expect(Object.values(parts).reduce((sum, part) => sum + part)).to.equal(INITIAL_SUPPLY);
      return parts;
    }

    it("circulates whole while no module is listed", async function () {
      const suite = await networkHelpers.loadFixture(fixture);

      const { circulating, ...others } = await partsOf(suite);

      expect(circulating).to.equal(800_000_000n * OPA);
      expect(Object.values(others)).to.deep.equal(Array<bigint>(7).fill(0n));
    });

    it("counts both versions of every module, each in its own part", async function () {
      const suite = await networkHelpers.loadFixture(holdersFixture);
      for (const [i, { module }] of suite.versions.entries())
        await suite.give(module, OPA << BigInt(i));

      const parts = await partsOf(suite);

      // The vault and the pools of the incentives are one part.
      for (const [i, part] of (Object.keys(HOLDERS) as Part[]).entries())
        expect(parts[part]).to.equal(
          3n * ((OPA << BigInt(2 * i)) + (part === "pool" ? VAULTS : 0n)),
        );
      expect(parts.burned).to.equal(0n);
      expect(parts.circulating).to.equal(INITIAL_SUPPLY - 16_383n * OPA);
    });

    it("takes burned OPA out of what circulates, and a donation into its module's part", async function () {
      const suite = await networkHelpers.loadFixture(holdersFixture);
      const { token, alice, versions, give, burn } = suite;
      const lock = versions.find(({ part }) => part === "locked")?.module ?? ZeroAddress;
      await give(alice.address, 10n * OPA);

      await burn(123n * OPA + 1n);
      await token.connect(alice).transfer(lock, 4n * OPA);
      await token.connect(alice).burn(OPA);

      const parts = await partsOf(suite);
      expect(parts.burned).to.equal(124n * OPA + 1n);
      expect(parts.locked).to.equal(4n * OPA);
      expect(parts.circulating).to.equal(INITIAL_SUPPLY - 128n * OPA - 1n);
    });

    it("still counts what a version holds that is not current any more", async function () {
      const suite = await networkHelpers.loadFixture(holdersFixture);
      const [first, second] = suite.versions;
      await suite.give(first?.module ?? ZeroAddress, 7n);
      await suite.give(second?.module ?? ZeroAddress, 8n);

      await suite.list(HOLDERS.unvested, first?.module ?? ZeroAddress);

      expect((await partsOf(suite)).unvested).to.equal(15n);
    });

    it("adds up to 800,000,000 OPA after each of many transfers and burns, down to nothing", async function () {
      const suite = await networkHelpers.loadFixture(holdersFixture);
      let seed = 7n;
      const next = (limit: bigint) => (seed = (seed * 48_271n) % 2_147_483_647n) % limit;

      for (let i = 0; i < 30; ++i) {
        const { module } = suite.versions[Number(next(12n))] ?? { module: ZeroAddress };
        await suite.give(module, next(10n ** 9n) * (OPA / 1_000n) + next(1_000n));
        await suite.burn(next(10n ** 9n) * 1_000_000_007n);
        await partsOf(suite);
      }

      await suite.burn((await partsOf(suite)).circulating);
      expect((await partsOf(suite)).circulating).to.equal(0n);
    });
  });

  describe("loop", function () {
    it("reverts for a range that is backwards, in the future or longer than 100 epochs", async function () {
      const { lens } = await networkHelpers.loadFixture(readFixture);

      for (const [first, last] of [
        [5n, 4n],
        [RUNNING, RUNNING + 1n],
        [RUNNING + 1n, RUNNING + 1n],
        [RUNNING - MAX_EPOCHS, RUNNING],
        [0n, MAX_EPOCHS],
        [0n, 2n ** 32n - 1n],
      ] as const)
        await expect(lens.loop(first, last, []))
          .to.be.revertedWithCustomError(lens, "SystemLensInvalidRange")
          .withArgs(first, last, RUNNING);
    });

    it("gives up to 100 epochs, each under its number", async function () {
      const { lens, begin } = await networkHelpers.loadFixture(readFixture);
      await time.increaseTo(begin);

      for (const [first, last] of [
        [RUNNING - MAX_EPOCHS + 1n, RUNNING],
        [0n, MAX_EPOCHS - 1n],
        [0n, 0n],
        [RUNNING, RUNNING],
      ] as const) {
        const { epochs } = await lens.loop(first, last, []);
        expect(epochs.map(({ epoch }) => epoch)).to.deep.equal(
          Array.from({ length: Number(last - first) + 1 }, (_, i) => first + BigInt(i)),
        );
      }
    });

    it("reads an epoch from the vault, and its points from the pool that divided it", async function () {
      const { lens, meter, vault, pool, oldPool, begin } =
        await networkHelpers.loadFixture(readFixture);
      const epoch = RUNNING - 2n;
      await vault.answer("closingOf", [[1_000n, 5_000n, 90n, 60n, 80n]], [epoch]);
      await meter.answer("bookOf", [oldPool.target], [epoch]);
      for (let category = 0n; category < 5n; ++category) {
        await oldPool.answer("categoryOf", [category, 9n], [epoch, category]);
        await pool.answer("categoryOf", [4n - category, 9n], [epoch, category]);
      }
      await time.increaseTo(begin);

      const {
        epochs: [before, record, after],
      } = await lens.loop(epoch - 1n, epoch + 1n, []);

      expect([record?.burned, record?.allotment, record?.released]).to.deep.equal([
        1_000n,
        90n,
        60n,
      ]);
      expect([...(record?.points ?? [])]).to.deep.equal([0n, 1n, 2n, 3n, 4n]);
      for (const other of [before, after]) {
        expect([other?.burned, other?.allotment, other?.released]).to.deep.equal([0n, 0n, 0n]);
        expect([...(other?.points ?? [])]).to.deep.equal([0n, 0n, 0n, 0n, 0n]);
      }
    });

    it("has no points where no pool divided the epoch, or its pool fails", async function () {
      const { lens, meter, alice, begin } = await networkHelpers.loadFixture(readFixture);
      const failing = await ethers.deployContract("DistributorMock");
      for (const [book, epoch] of [
        [ZeroAddress, RUNNING - 3n],
        [alice.address, RUNNING - 2n],
        [await failing.getAddress(), RUNNING - 1n],
      ] as const)
        await meter.answer("bookOf", [book], [epoch]);
      await time.increaseTo(begin);

      const { epochs } = await lens.loop(RUNNING - 3n, RUNNING - 1n, []);

      for (const { points } of epochs) expect([...points]).to.deep.equal([0n, 0n, 0n, 0n, 0n]);
    });

    it("costs the same however many pools there were (C1)", async function () {
      const { lens, pool, list, begin } = await networkHelpers.loadFixture(readFixture);
      await time.increaseTo(begin);
      const few = await lens.loop.estimateGas(RUNNING - 9n, RUNNING, []);
      for (let i = 0; i < 20; i += 1)
        await list("incentive-pool", (await deployDouble(connection, "IIncentivePool")).target);

      expect(await lens.loop.estimateGas(RUNNING - 9n, RUNNING, [])).to.equal(few);
      expect(pool.target).not.to.equal(ZeroAddress);
    });

    it("takes what the running epoch burned from the registry, and nothing else from it", async function () {
      const { lens, vault, begin } = await networkHelpers.loadFixture(readFixture);
      await vault.answer("closingOf", [[55n, 1n, 5n, 4n, 9n]], [RUNNING - 1n]);
      await time.increaseTo(begin + 10n);

      const {
        epochs: [finished, running],
      } = await lens.loop(RUNNING - 1n, RUNNING, []);

      expect([finished?.burned, running?.burned]).to.deep.equal([55n, 77n]);
      expect([running?.allotment, running?.released]).to.deep.equal([0n, 0n]);
    });

    it("reads locks at the last second of an epoch, and of the running one at the second before", async function () {
      const { lens, lock, begin } = await networkHelpers.loadFixture(readFixture);
      const present = begin + 500n;
      for (const [second, locked, votes] of [
        [begin - EPOCH - 1n, 100n, 10n],
        [begin - 1n, 200n, 20n],
        [present - 1n, 300n, 30n],
      ] as const) {
        await lock.answer("getPastLocked", [locked], [second]);
        await lock.answer("getPastTotalSupply", [votes], [second]);
      }
      await time.increaseTo(present);

      const { epochs } = await lens.loop(RUNNING - 2n, RUNNING, []);

      expect(epochs.map(({ locked, votes }) => [locked, votes])).to.deep.equal([
        [100n, 10n],
        [200n, 20n],
        [300n, 30n],
      ]);
    });

    it("reads a finished epoch's locks in the second after it, when that is the last one known", async function () {
      const { lens, lock, begin } = await networkHelpers.loadFixture(readFixture);
      await lock.answer("getPastLocked", [200n], [begin - 1n]);
      await time.increaseTo(begin);

      const { epochs } = await lens.loop(RUNNING - 1n, RUNNING, []);

      expect(epochs.map(({ locked }) => locked)).to.deep.equal([200n, 200n]);
    });

    it("gives prices in the order asked for, zero where none is known", async function () {
      const { lens, registry, begin } = await networkHelpers.loadFixture(readFixture);
      await registry.answer("unitPriceOf", [500n], [1n, RUNNING - 1n]);
      await registry.answer("unitPriceOf", [600n], [1n, RUNNING]);
      await registry.answer("unitPriceOf", [900n], [2n, RUNNING]);
      await time.increaseTo(begin);

      const { epochs } = await lens.loop(RUNNING - 2n, RUNNING, [2n, 1n, 3n, 1n]);
      const {
        epochs: [none],
      } = await lens.loop(RUNNING, RUNNING, []);

      expect(epochs.map(({ prices }) => [...prices])).to.deep.equal([
        [0n, 0n, 0n, 0n],
        [0n, 500n, 0n, 500n],
        [900n, 600n, 0n, 600n],
      ]);
      expect([...(none?.prices ?? [1n])]).to.deep.equal([]);
    });
  });

  describe("present", function () {
    it("reads the running epoch, stake and locks of the second before", async function () {
      const { lens, lock, begin } = await networkHelpers.loadFixture(readFixture);
      await lock.answer("getPastLocked", [200_000_000n * OPA], [begin + 4n]);
      await lock.answer("getPastTotalSupply", [60_000_000n * OPA], [begin + 4n]);
      await time.increaseTo(begin + 5n);

      expect([...(await lens.present())]).to.deep.equal([
        RUNNING,
        77n,
        5_000n * OPA,
        200_000_000n * OPA,
        60_000_000n * OPA,
        2_500n,
      ]);
      const { state } = await lens.loop(RUNNING, RUNNING, []);
      expect([...state]).to.deep.equal([...(await lens.present())]);
    });

    it("rounds the locked share down, and takes it of what is left after burns", async function () {
      const { lens, lock, burn } = await networkHelpers.loadFixture(readFixture);
      const ratio = async (locked: bigint) => {
        await lock.answer("getPastLocked", [locked]);
        return (await lens.present()).lockRatioBps;
      };

      expect(await ratio(80_000n * OPA)).to.equal(1n);
      expect(await ratio(80_000n * OPA - 1n)).to.equal(0n);
      await burn(INITIAL_SUPPLY / 2n);
      expect(await ratio(80_000n * OPA)).to.equal(2n);
      expect(await ratio(INITIAL_SUPPLY / 2n)).to.equal(10_000n);
    });
  });
});
