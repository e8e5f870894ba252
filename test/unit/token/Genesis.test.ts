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

/** A genesis that holds the supply, one curve, and allocations that add up: 500M + 100M direct, 150M + 50M scheduled. */
async function fixture() {
  const suite = await deployGenesis(connection);
  const { vault, treasury, reserve, alice, bob } = suite;
  await vault.createCurve(CURVES["line"] ?? []);
  const start = BigInt(await networkHelpers.time.latest());

  const transfers = [
    { label: ECOSYSTEM, recipient: treasury, amount: 500_000_000n * OPA },
    { label: POOL, recipient: reserve, amount: 100_000_000n * OPA },
  ] as const;
  const grant = { label: CONTRIBUTORS, start, curveId: 1n, revocable: true };
  const grants = [
    { ...grant, beneficiary: alice.address, amount: 150_000_000n * OPA },
    { ...grant, beneficiary: bob.address, amount: 50_000_000n * OPA, revocable: false },
  ] as const;

  return { ...suite, start, transfers, grants };
}

describe("Genesis", function () {
  describe("constructor", function () {
    it("reverts without a distributor", async function () {
      const { genesis } = await networkHelpers.loadFixture(fixture);

      await expect(ethers.deployContract("Genesis", [ethers.ZeroAddress]))
        .to.be.revertedWithCustomError(genesis, "GenesisInvalidDistributor")
        .withArgs(ethers.ZeroAddress);
    });

    it("names the distributor", async function () {
      const { genesis, distributor } = await networkHelpers.loadFixture(fixture);

      await expect(genesis.deploymentTransaction())
        .to.emit(genesis, "GenesisOpened")
        .withArgs(distributor);
      expect(await genesis.DISTRIBUTOR()).to.equal(distributor);
    });
  });

  describe("distribute (TOK-5; SYS-I1)", function () {
    it("reverts for anyone but the distributor", async function () {
      const { genesis, token, vault, transfers, grants, stranger, distributor } =
        await networkHelpers.loadFixture(fixture);

      await expect(genesis.connect(stranger).distribute(token, vault, [...transfers], [...grants]))
        .to.be.revertedWithCustomError(genesis, "GenesisUnauthorized")
        .withArgs(stranger, distributor);
    });

    it("reverts when the vault releases another token", async function () {
      const { genesis, token, authority, reserve, transfers, grants } =
        await networkHelpers.loadFixture(fixture);
      const other = await ethers.deployContract("OPAToken", [genesis]);
      const vault = await deployVault(connection, other, authority, reserve);

      await expect(genesis.distribute(token, vault, [...transfers], [...grants]))
        .to.be.revertedWithCustomError(genesis, "GenesisVaultMismatch")
        .withArgs(vault, other, token);
    });

    it("reverts when it does not hold the whole supply", async function () {
      const { token, vault, distributor, transfers, grants } =
        await networkHelpers.loadFixture(fixture);
      const other = await ethers.deployContract("Genesis", [distributor]);

      await expect(other.distribute(token, vault, [...transfers], [...grants]))
        .to.be.revertedWithCustomError(other, "GenesisIncompleteBalance")
        .withArgs(0n, INITIAL_SUPPLY);
    });

    it("reverts when a direct allocation is zero", async function () {
      const { genesis, token, vault, transfers, grants } =
        await networkHelpers.loadFixture(fixture);
      const empty = { ...transfers[0], amount: 0n };

      await expect(genesis.distribute(token, vault, [empty, ...transfers], [...grants]))
        .to.be.revertedWithCustomError(genesis, "GenesisEmptyAllocation")
        .withArgs(ECOSYSTEM);
    });

    it("reverts when a direct recipient is not a contract", async function () {
      const { genesis, token, vault, transfers, grants, alice } =
        await networkHelpers.loadFixture(fixture);
      const [first, second] = transfers;

      await expect(
        genesis.distribute(token, vault, [first, { ...second, recipient: alice }], [...grants]),
      )
        .to.be.revertedWithCustomError(genesis, "GenesisInvalidRecipient")
        .withArgs(POOL, alice);
    });

    it("reverts when a direct recipient is an account that delegates to code", async function () {
      const { genesis, token, vault, transfers, grants, alice, treasury } =
        await networkHelpers.loadFixture(fixture);
      const [first, second] = transfers;
      const delegate = await treasury.getAddress();
      await networkHelpers.setCode(alice.address, ethers.concat(["0xef0100", delegate]));

      await expect(
        genesis.distribute(token, vault, [first, { ...second, recipient: alice }], [...grants]),
      )
        .to.be.revertedWithCustomError(genesis, "GenesisInvalidRecipient")
        .withArgs(POOL, alice);
    });

    for (const name of ["token", "vault", "genesis"] as const) {
      it(`reverts when a direct recipient is the ${name}, which would lock it`, async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { genesis, token, vault, transfers, grants } = suite;
        const [first, second] = transfers;
        const recipient = suite[name];

        await expect(
          genesis.distribute(token, vault, [first, { ...second, recipient }], [...grants]),
        )
          .to.be.revertedWithCustomError(genesis, "GenesisInvalidRecipient")
          .withArgs(POOL, recipient);
      });
    }

    it("reverts when a schedule would pay the genesis", async function () {
      const { genesis, token, vault, transfers, grants } =
        await networkHelpers.loadFixture(fixture);
      const [first, second] = grants;
      const wrong = { ...second, beneficiary: genesis };

      await expect(genesis.distribute(token, vault, [...transfers], [first, wrong]))
        .to.be.revertedWithCustomError(genesis, "GenesisInvalidRecipient")
        .withArgs(CONTRIBUTORS, genesis);
    });

    for (const [name, change] of [
      ["one wei too little", -1n],
      ["one wei too much", 1n],
    ] as const) {
      it(`reverts when the allocations add up to ${name}`, async function () {
        const { genesis, token, vault, transfers, grants } =
          await networkHelpers.loadFixture(fixture);
        const [first, second] = grants;
        const wrong = { ...second, amount: second.amount + change };

        await expect(genesis.distribute(token, vault, [...transfers], [first, wrong]))
          .to.be.revertedWithCustomError(genesis, "GenesisWrongSum")
          .withArgs(INITIAL_SUPPLY + change, INITIAL_SUPPLY);
      });
    }

    it("reverts with the vault's error when a grant cannot be a schedule", async function () {
      const { genesis, token, vault, transfers, grants } =
        await networkHelpers.loadFixture(fixture);
      const [first, second] = grants;

      await expect(
        genesis.distribute(token, vault, [...transfers], [first, { ...second, curveId: 2n }]),
      )
        .to.be.revertedWithCustomError(vault, "ReleaseVaultUnknownCurve")
        .withArgs(2n, 1n);
    });

    it("reverts when a grant is zero, even if nothing else is scheduled", async function () {
      const { genesis, token, vault, transfers, grants } =
        await networkHelpers.loadFixture(fixture);
      const all = [{ ...transfers[0], amount: INITIAL_SUPPLY }];

      await expect(genesis.distribute(token, vault, all, [{ ...grants[0], amount: 0n }]))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultInvalidTotal")
        .withArgs(0n, 2n ** 96n - 1n);
    });

    it("reverts when the vault leaves something behind", async function () {
      const { genesis, token, transfers, grants } = await networkHelpers.loadFixture(fixture);
      const lazy = await ethers.deployContract("LazyVaultMock", [token]);

      await expect(genesis.distribute(token, lazy, [...transfers], [...grants]))
        .to.be.revertedWithCustomError(genesis, "GenesisNotEmptied")
        .withArgs(1n);
      expect(await genesis.isDistributed(token)).to.equal(false);
    });

    it("hands out the whole supply at once and is empty afterwards", async function () {
      const { genesis, token, vault, transfers, grants, treasury, reserve, start, alice, bob } =
        await networkHelpers.loadFixture(fixture);

      const tx = genesis.distribute(token, vault, [...transfers], [...grants]);

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
      expect(await genesis.isDistributed(token)).to.equal(true);

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
      const { genesis, token, vault, transfers, treasury } =
        await networkHelpers.loadFixture(fixture);

      await genesis.distribute(token, vault, [{ ...transfers[0], amount: INITIAL_SUPPLY }], []);

      expect(await token.balanceOf(treasury)).to.equal(INITIAL_SUPPLY);
      expect(await vault.scheduleCount()).to.equal(0n);
    });

    it("reports the right ids when strangers created schedules first", async function () {
      const { genesis, authority, reserve, transfers, grants, alice, bob, start } =
        await networkHelpers.loadFixture(fixture);
      const token = await ethers.deployContract("HostileTokenMock", [genesis]);
      const vault = await deployVault(connection, token, authority, reserve);
      await vault.createCurve(CURVES["line"] ?? []);
      await networkHelpers.impersonateAccount(await genesis.getAddress());
      await networkHelpers.setBalance(await genesis.getAddress(), OPA);
      const self = await ethers.getSigner(await genesis.getAddress());
      await send(token.connect(self), "approve", vault, 1n);
      await vault
        .connect(self)
        .createSchedule({ beneficiary: bob, start, curveId: 1n, revocable: false, total: 1n });
      await networkHelpers.time.increase(1_000);
      await vault.claim(1n);
      await send(token.connect(bob), "transfer", genesis, 1n);

      const tx = genesis.distribute(await token.getAddress(), vault, [...transfers], [...grants]);

      await expect(tx)
        .to.emit(genesis, "AllocationScheduled")
        .withArgs(CONTRIBUTORS, alice, 2n, 150_000_000n * OPA);
    });

    it("reverts the second time, also when the whole supply came back", async function () {
      const { genesis, token, vault, transfers, grants, treasury } =
        await networkHelpers.loadFixture(fixture);
      const all = [{ ...transfers[0], amount: INITIAL_SUPPLY }];
      await genesis.distribute(token, vault, all, []);
      const back = token.interface.encodeFunctionData("transfer", [
        await genesis.getAddress(),
        INITIAL_SUPPLY,
      ]);
      await send(treasury, "execute", token, back);

      await expect(genesis.distribute(token, vault, [...transfers], [...grants]))
        .to.be.revertedWithCustomError(genesis, "GenesisAlreadyDistributed")
        .withArgs(token);
    });

    it("stays usable for the real supply when a wrong token was named first", async function () {
      const { genesis, token, vault, authority, reserve, transfers, grants } =
        await networkHelpers.loadFixture(fixture);
      const wrong = await ethers.deployContract("OPAToken", [genesis]);
      const wrongVault = await deployVault(connection, wrong, authority, reserve);
      const all = [{ ...transfers[0], amount: INITIAL_SUPPLY }];
      await genesis.distribute(wrong, wrongVault, all, []);

      await genesis.distribute(token, vault, [...transfers], [...grants]);

      expect(await token.balanceOf(genesis)).to.equal(0n);
    });
  });
});
