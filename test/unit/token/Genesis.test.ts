import { expect } from "chai";
import { network } from "hardhat";

import {
  CURVES,
  deployGenesis,
  deployVault,
  INITIAL_SUPPLY,
  OPA,
  send,
} from "../../support/release.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const ECOSYSTEM = ethers.encodeBytes32String("ecosystem");
const POOL = ethers.encodeBytes32String("pool");
const CONTRIBUTORS = ethers.encodeBytes32String("contributors");

const LINE = CURVES["line"] ?? [];

/** The supply at the genesis to be, one curve, and allocations that add up: 500M + 100M direct, 150M + 50M scheduled. */
async function fixture() {
  const suite = await deployGenesis(connection);
  const { treasury, reserve, alice, bob } = suite;
  const start = BigInt(await networkHelpers.time.latest());

  const transfers = [
    { label: ECOSYSTEM, recipient: treasury, amount: 500_000_000n * OPA },
    { label: POOL, recipient: reserve, amount: 100_000_000n * OPA },
  ] as const;
  const grant = { label: CONTRIBUTORS, start, curve: 0n, revocable: true };
  const grants = [
    { ...grant, beneficiary: alice.address, amount: 150_000_000n * OPA },
    { ...grant, beneficiary: bob.address, amount: 50_000_000n * OPA, revocable: false },
  ] as const;

  return { ...suite, start, transfers, grants };
}

describe("Genesis", function () {
  describe("factory (TOK-5)", function () {
    it("names the address of the genesis before it exists, and the account that makes it", async function () {
      const { factory, genesis, distributor, token, vault, transfers, grants } =
        await networkHelpers.loadFixture(fixture);

      expect(await factory.DEPLOYER()).to.equal(distributor);
      expect(await ethers.provider.getCode(genesis)).to.equal("0x");
      await factory.create(token, vault, [LINE], [...transfers], [...grants]);
      expect(await ethers.provider.getCode(genesis)).to.not.equal("0x");
    });

    it("reverts when the account that makes it delegates to code", async function () {
      const { factory, stranger, treasury } = await networkHelpers.loadFixture(fixture);
      const delegate = await treasury.getAddress();
      await networkHelpers.setCode(stranger.address, ethers.concat(["0xef0100", delegate]));

      await expect(ethers.deployContract("GenesisFactory", stranger))
        .to.be.revertedWithCustomError(factory, "GenesisFactoryDelegatedDeployer")
        .withArgs(stranger);
    });

    it("reverts for anyone but the deployer", async function () {
      const { factory, token, vault, transfers, grants, stranger, distributor } =
        await networkHelpers.loadFixture(fixture);

      await expect(
        factory.connect(stranger).create(token, vault, [LINE], [...transfers], [...grants]),
      )
        .to.be.revertedWithCustomError(factory, "GenesisFactoryUnauthorized")
        .withArgs(stranger, distributor);
    });

    it("reverts the second time, also when the whole supply came back", async function () {
      const { factory, genesis, token, vault, transfers, grants, treasury } =
        await networkHelpers.loadFixture(fixture);
      const all = [{ ...transfers[0], amount: INITIAL_SUPPLY }];
      await factory.create(token, vault, [], all, []);
      const back = token.interface.encodeFunctionData("transfer", [
        await genesis.getAddress(),
        INITIAL_SUPPLY,
      ]);
      await send(treasury, "execute", token, back);

      await expect(factory.create(token, vault, [LINE], [...transfers], [...grants]))
        .to.be.revertedWithCustomError(factory, "GenesisFactoryAlreadyCreated")
        .withArgs(genesis);
    });
  });

  describe("constructor (TOK-5; SYS-I1)", function () {
    it("reverts when the vault releases another token", async function () {
      const { factory, genesis, token, authority, reserve, transfers, grants } =
        await networkHelpers.loadFixture(fixture);
      const other = await ethers.deployContract("OPAToken", [genesis]);
      const vault = await deployVault(connection, other, authority, reserve);

      await expect(factory.create(token, vault, [LINE], [...transfers], [...grants]))
        .to.be.revertedWithCustomError(genesis, "GenesisVaultMismatch")
        .withArgs(vault, other, token);
    });

    it("reverts when it does not hold the whole supply", async function () {
      const { genesis, token, vault, transfers, grants } =
        await networkHelpers.loadFixture(fixture);
      const other = await ethers.deployContract("GenesisFactory");

      await expect(other.create(token, vault, [LINE], [...transfers], [...grants]))
        .to.be.revertedWithCustomError(genesis, "GenesisIncompleteBalance")
        .withArgs(0n, INITIAL_SUPPLY);
    });

    it("reverts when a direct allocation is zero", async function () {
      const { factory, genesis, token, vault, transfers, grants } =
        await networkHelpers.loadFixture(fixture);
      const empty = { ...transfers[0], amount: 0n };

      await expect(factory.create(token, vault, [LINE], [empty, ...transfers], [...grants]))
        .to.be.revertedWithCustomError(genesis, "GenesisEmptyAllocation")
        .withArgs(ECOSYSTEM);
    });

    it("reverts when a direct recipient is not a contract", async function () {
      const { factory, genesis, token, vault, transfers, grants, alice } =
        await networkHelpers.loadFixture(fixture);
      const [first, second] = transfers;

      await expect(
        factory.create(token, vault, [LINE], [first, { ...second, recipient: alice }], [...grants]),
      )
        .to.be.revertedWithCustomError(genesis, "GenesisInvalidRecipient")
        .withArgs(POOL, alice);
    });

    it("reverts when a direct recipient is an account that delegates to code", async function () {
      const { factory, genesis, token, vault, transfers, grants, alice, treasury } =
        await networkHelpers.loadFixture(fixture);
      const [first, second] = transfers;
      const delegate = await treasury.getAddress();
      await networkHelpers.setCode(alice.address, ethers.concat(["0xef0100", delegate]));

      await expect(
        factory.create(token, vault, [LINE], [first, { ...second, recipient: alice }], [...grants]),
      )
        .to.be.revertedWithCustomError(genesis, "GenesisInvalidRecipient")
        .withArgs(POOL, alice);
    });

    for (const name of ["token", "vault", "genesis"] as const) {
      it(`reverts when a direct recipient is the ${name}, which would lock it`, async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { factory, genesis, token, vault, transfers, grants } = suite;
        const [first, second] = transfers;
        const recipient = suite[name];

        await expect(
          factory.create(token, vault, [LINE], [first, { ...second, recipient }], [...grants]),
        )
          .to.be.revertedWithCustomError(genesis, "GenesisInvalidRecipient")
          .withArgs(POOL, recipient);
      });
    }

    it("reverts when a schedule would pay the genesis", async function () {
      const { factory, genesis, token, vault, transfers, grants } =
        await networkHelpers.loadFixture(fixture);
      const [first, second] = grants;
      const wrong = { ...second, beneficiary: genesis };

      await expect(factory.create(token, vault, [LINE], [...transfers], [first, wrong]))
        .to.be.revertedWithCustomError(genesis, "GenesisInvalidRecipient")
        .withArgs(CONTRIBUTORS, genesis);
    });

    for (const [name, change] of [
      ["one wei too little", -1n],
      ["one wei too much", 1n],
    ] as const) {
      it(`reverts when the allocations add up to ${name}`, async function () {
        const { factory, genesis, token, vault, transfers, grants } =
          await networkHelpers.loadFixture(fixture);
        const [first, second] = grants;
        const wrong = { ...second, amount: second.amount + change };

        await expect(factory.create(token, vault, [LINE], [...transfers], [first, wrong]))
          .to.be.revertedWithCustomError(genesis, "GenesisWrongSum")
          .withArgs(INITIAL_SUPPLY + change, INITIAL_SUPPLY);
      });
    }

    it("reverts when a grant names a curve that is not given", async function () {
      const { factory, genesis, token, vault, transfers, grants } =
        await networkHelpers.loadFixture(fixture);
      const [first, second] = grants;

      await expect(
        factory.create(token, vault, [LINE], [...transfers], [first, { ...second, curve: 1n }]),
      )
        .to.be.revertedWithCustomError(genesis, "GenesisUnknownCurve")
        .withArgs(CONTRIBUTORS, 1n, 1n);
    });

    it("reverts when a grant is zero, even if nothing else is scheduled", async function () {
      const { factory, token, vault, transfers, grants } =
        await networkHelpers.loadFixture(fixture);
      const all = [{ ...transfers[0], amount: INITIAL_SUPPLY }];

      await expect(factory.create(token, vault, [LINE], all, [{ ...grants[0], amount: 0n }]))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultInvalidTotal")
        .withArgs(0n, 2n ** 96n - 1n);
    });

    it("reverts when the vault leaves something behind", async function () {
      const { factory, genesis, token, transfers, grants } =
        await networkHelpers.loadFixture(fixture);
      const lazy = await ethers.deployContract("LazyVaultMock", [token]);

      await expect(factory.create(token, lazy, [LINE], [...transfers], [...grants]))
        .to.be.revertedWithCustomError(genesis, "GenesisNotEmptied")
        .withArgs(1n);
      expect(await token.balanceOf(genesis)).to.equal(INITIAL_SUPPLY);
    });

    it("hands out the whole supply at once and is empty afterwards", async function () {
      const {
        factory,
        genesis,
        token,
        vault,
        transfers,
        grants,
        treasury,
        reserve,
        start,
        alice,
        bob,
      } = await networkHelpers.loadFixture(fixture);

      const tx = factory.create(token, vault, [LINE], [...transfers], [...grants]);

      await expect(tx).to.changeTokenBalances(
        ethers,
        token,
        [
          await genesis.getAddress(),
          await treasury.getAddress(),
          await reserve.getAddress(),
          await vault.getAddress(),
        ],
        [-INITIAL_SUPPLY, transfers[0].amount, transfers[1].amount, 200_000_000n * OPA],
      );
      await expect(tx)
        .to.emit(genesis, "AllocationTransferred")
        .withArgs(ECOSYSTEM, treasury, 500_000_000n * OPA);
      await expect(tx)
        .to.emit(genesis, "AllocationTransferred")
        .withArgs(POOL, reserve, 100_000_000n * OPA);
      await expect(tx)
        .to.emit(genesis, "AllocationScheduled")
        .withArgs(CONTRIBUTORS, alice, 1n, 150_000_000n * OPA);
      await expect(tx)
        .to.emit(genesis, "AllocationScheduled")
        .withArgs(CONTRIBUTORS, bob, 2n, 50_000_000n * OPA);
      await expect(tx)
        .to.emit(genesis, "SupplyDistributed")
        .withArgs(token, vault, 600_000_000n * OPA, 200_000_000n * OPA);
      expect(await token.balanceOf(genesis)).to.equal(0n);
      expect(await token.allowance(genesis, vault)).to.equal(0n);

      const first = await vault.scheduleOf(1n);
      expect([first.beneficiary, first.total, first.start, first.curveId]).to.deep.equal([
        alice.address,
        150_000_000n * OPA,
        start,
        1n,
      ]);
      expect([first.revocable, (await vault.scheduleOf(2n)).revocable]).to.deep.equal([
        true,
        false,
      ]);
    });

    it("needs no grants when everything goes to contracts", async function () {
      const { factory, token, vault, transfers, treasury } =
        await networkHelpers.loadFixture(fixture);

      await factory.create(token, vault, [LINE], [{ ...transfers[0], amount: INITIAL_SUPPLY }], []);

      expect(await token.balanceOf(treasury)).to.equal(INITIAL_SUPPLY);
      expect(await vault.scheduleCount()).to.equal(0n);
    });

    it("uses the curve that a stranger stored first, and finds it by content", async function () {
      const { factory, token, vault, transfers, grants, stranger } =
        await networkHelpers.loadFixture(fixture);
      const step = [{ offset: 0n, share: 1_000_000_000n, linear: false }];
      await vault.connect(stranger).createCurve(step);
      await vault.connect(stranger).createCurve(LINE);

      await factory.create(token, vault, [LINE], [...transfers], [...grants]);

      expect(await vault.curveCount()).to.equal(2n);
      expect((await vault.scheduleOf(1n)).curveId).to.equal(2n);
    });

    it("keeps token, vault and the hash of the allocations, and no function besides", async function () {
      const { factory, genesis, token, vault, transfers, grants } =
        await networkHelpers.loadFixture(fixture);

      await factory.create(token, vault, [LINE], [...transfers], [...grants]);

      const call = factory.interface.encodeFunctionData("create", [
        await token.getAddress(),
        await vault.getAddress(),
        [LINE],
        await Promise.all(
          transfers.map(async (entry) => ({
            ...entry,
            recipient: await entry.recipient.getAddress(),
          })),
        ),
        [...grants],
      ]);
      const types = factory.interface.getFunction("create").inputs.slice(2);
      const values = factory.interface.decodeFunctionData("create", call).slice(2);
      const encoded = ethers.AbiCoder.defaultAbiCoder().encode(types, values);
      expect(await genesis.TOKEN()).to.equal(token);
      expect(await genesis.VAULT()).to.equal(vault);
      expect(await genesis.ALLOCATIONS()).to.equal(ethers.keccak256(encoded));
      const names: string[] = [];
      genesis.interface.forEachFunction(({ name }) => names.push(name));
      expect(names.sort()).to.deep.equal(["ALLOCATIONS", "TOKEN", "VAULT"]);
    });
  });
});
