import { expect } from "chai";
import type { AddressLike, Signer } from "ethers";
import { network } from "hardhat";

import {
  ALL_CATEGORIES,
  chargeWord,
  deployMetering,
  EPOCH,
  fund,
  FUNDS,
  GRACE,
  grantMeter,
  GWEI,
  MAX_LIMIT,
  NO_LIMITS,
  Role,
  setKey,
  stateOf,
} from "../../support/metering.js";
import { OPA, send, TOKEN_TYPES } from "../../support/release.js";
import { Reason } from "../../support/statements.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const MAX_UINT = 2n ** 256n - 1n;
const YEAR = 365n * 86_400n;
const { ZeroAddress: ZERO } = ethers;

/** Alice has 100 OPA of free credit; the stranger plays the settlement contract. */
async function fixture() {
  const suite = await deployMetering(connection);
  const { accounts, authority, alice, token, stranger } = suite;
  await accounts.connect(alice).deposit(alice, 100n * OPA);
  const meter = stranger;
  await grantMeter(authority, [accounts], meter);

  const { chainId } = await ethers.provider.getNetwork();
  const verifyingContract = await token.getAddress();
  const tokenDomain = { name: "OPA Token", version: "1", chainId, verifyingContract };
  const soon = async (seconds: bigint) => BigInt(await time.latest()) + seconds;
  const charge = (account: AddressLike, signer: AddressLike, charges: [AddressLike, bigint][]) =>
    Promise.all(
      charges.map(async ([node, amount]) => chargeWord(await ethers.resolveAddress(node), amount)),
    ).then((words) => accounts.connect(meter).chargeCredit(account, signer, words));
  return { ...suite, meter, tokenDomain, soon, charge };
}

type Fixture = Awaited<ReturnType<typeof fixture>>;

/** Permit of alice over 3 OPA towards the accounts. */
async function permit({ token, accounts, tokenDomain, alice }: Fixture, deadline: bigint) {
  const message = {
    owner: alice.address,
    spender: await accounts.getAddress(),
    value: 3n * OPA,
    nonce: await token.nonces(alice),
    deadline,
  };
  return ethers.Signature.from(await alice.signTypedData(tokenDomain, TOKEN_TYPES.Permit, message));
}

/** Authorisation of `payer`, signed by `signer`, that credits `account` with 3 OPA. */
async function authorization(
  { accounts, tokenDomain }: Fixture,
  payer: AddressLike,
  signer: Signer,
  account: AddressLike,
  validBefore: bigint,
) {
  const salt = ethers.id("salt");
  const message = {
    from: await ethers.resolveAddress(payer),
    to: await accounts.getAddress(),
    value: 3n * OPA,
    validAfter: 0n,
    validBefore,
    nonce: await accounts.authorizationNonce(account, salt),
  };
  const types = TOKEN_TYPES.ReceiveWithAuthorization;
  const signature = await signer.signTypedData(tokenDomain, types, message);
  return { salt, signature };
}

describe("ServiceAccounts", function () {
  describe("constructor", function () {
    it("reverts when the token is zero", async function () {
      const { accounts, authority, policy, startedAt } = await networkHelpers.loadFixture(fixture);

      await expect(
        ethers.deployContract("ServiceAccounts", [
          ZERO,
          authority,
          startedAt,
          EPOCH,
          GRACE,
          policy,
        ]),
      ).to.be.revertedWithCustomError(accounts, "ServiceAccountsZeroAddress");
    });

    it("reverts when the grace is below an hour or above 30 days", async function () {
      const { accounts, token, authority, policy, startedAt } =
        await networkHelpers.loadFixture(fixture);

      for (const grace of [0n, 3_599n, 2_592_001n])
        await expect(
          ethers.deployContract("ServiceAccounts", [
            token,
            authority,
            startedAt,
            EPOCH,
            grace,
            policy,
          ]),
        )
          .to.be.revertedWithCustomError(accounts, "ServiceAccountsInvalidGrace")
          .withArgs(grace, 3_600n, 2_592_000n);
    });

    it("accepts both bounds of the grace and names its terms", async function () {
      const { token, authority, policy, startedAt } = await networkHelpers.loadFixture(fixture);

      for (const grace of [3_600n, 2_592_000n]) {
        const args = [token, authority, startedAt, EPOCH, grace, policy] as const;
        const accounts = await ethers.deployContract("ServiceAccounts", [...args]);
        expect(await accounts.CLAIM_GRACE()).to.equal(grace);
        expect(await accounts.TOKEN()).to.equal(await token.getAddress());
        expect(await accounts.MAX_RESERVATION()).to.equal(YEAR);
        expect(await accounts.MAX_RESERVATIONS()).to.equal(255n);
      }
    });
  });

  describe("deposit (ACC-1)", function () {
    it("reverts when the account is zero or the contract itself", async function () {
      const { accounts, alice } = await networkHelpers.loadFixture(fixture);

      for (const account of [ZERO, await accounts.getAddress()])
        await expect(accounts.connect(alice).deposit(account, 1n))
          .to.be.revertedWithCustomError(accounts, "ServiceAccountsInvalidAccount")
          .withArgs(account);
    });

    it("reverts when the amount is zero", async function () {
      const { accounts, alice } = await networkHelpers.loadFixture(fixture);

      await expect(accounts.connect(alice).deposit(alice, 0n)).to.be.revertedWithCustomError(
        accounts,
        "ServiceAccountsZeroAmount",
      );
    });

    it("reverts when the amount does not fit or the allowance is short", async function () {
      const { accounts, token, bob, provider } = await networkHelpers.loadFixture(fixture);

      await expect(accounts.connect(bob).deposit(provider, 2n ** 96n))
        .to.be.revertedWithCustomError(accounts, "SafeCastOverflowedUintDowncast")
        .withArgs(96n, 2n ** 96n);
      await expect(accounts.connect(bob).deposit(provider, FUNDS + 1n))
        .to.be.revertedWithCustomError(token, "ERC20InsufficientAllowance")
        .withArgs(await accounts.getAddress(), FUNDS, FUNDS + 1n);
    });

    it("credits the caller or anybody else", async function () {
      const { accounts, token, alice, bob } = await networkHelpers.loadFixture(fixture);

      const tx = await accounts.connect(bob).deposit(alice, 7n);
      await accounts.connect(bob).deposit(bob, 5n);

      await expect(tx)
        .to.emit(accounts, "CreditDeposited")
        .withArgs(alice.address, bob.address, 7n);
      await expect(tx).to.changeTokenBalances(ethers, token, [bob, accounts], [-7n, 7n]);
      expect(await accounts.creditOf(alice)).to.equal(100n * OPA + 7n);
      expect(await accounts.creditOf(bob)).to.equal(5n);
      expect(await accounts.totals()).to.deep.equal([100n * OPA + 12n, 0n, 0n]);
    });
  });

  describe("depositWithPermit (ACC-1)", function () {
    it("reverts without a valid permit or an allowance", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { accounts, token, alice, soon } = suite;
      await token.connect(alice).approve(accounts, 0n);
      const deadline = await soon(-1n);
      const { v, r, s } = await permit(suite, deadline);

      await expect(
        accounts.connect(alice).depositWithPermit(alice, 3n * OPA, deadline, v, r, s),
      ).to.be.revertedWithCustomError(token, "ERC20InsufficientAllowance");
    });

    it("reverts for the zero amount and the zero account", async function () {
      const { accounts, alice } = await networkHelpers.loadFixture(fixture);
      const word = ethers.ZeroHash;

      await expect(
        accounts.connect(alice).depositWithPermit(alice, 0n, 0n, 27, word, word),
      ).to.be.revertedWithCustomError(accounts, "ServiceAccountsZeroAmount");
      await expect(accounts.connect(alice).depositWithPermit(ZERO, 1n, 0n, 27, word, word))
        .to.be.revertedWithCustomError(accounts, "ServiceAccountsInvalidAccount")
        .withArgs(ZERO);
    });

    it("credits any account from the caller's permit", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { accounts, token, alice, bob, soon } = suite;
      await token.connect(alice).approve(accounts, 0n);
      const deadline = await soon(100n);
      const { v, r, s } = await permit(suite, deadline);

      const tx = await accounts.connect(alice).depositWithPermit(bob, 3n * OPA, deadline, v, r, s);

      await expect(tx)
        .to.emit(accounts, "CreditDeposited")
        .withArgs(bob.address, alice.address, 3n * OPA);
      await expect(tx).to.changeTokenBalances(
        ethers,
        token,
        [alice, accounts],
        [-3n * OPA, 3n * OPA],
      );
    });

    it("credits when somebody else has submitted the permit before", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { accounts, token, alice, stranger, soon } = suite;
      await token.connect(alice).approve(accounts, 0n);
      const deadline = await soon(100n);
      const { v, r, s } = await permit(suite, deadline);
      await token.connect(stranger).permit(alice, accounts, 3n * OPA, deadline, v, r, s);

      const tx = accounts.connect(alice).depositWithPermit(alice, 3n * OPA, deadline, v, r, s);

      await expect(tx)
        .to.emit(accounts, "CreditDeposited")
        .withArgs(alice.address, alice.address, 3n * OPA);
    });

    it("never spends a permit of somebody else", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { accounts, token, alice, stranger, soon } = suite;
      const deadline = await soon(100n);
      const { v, r, s } = await permit(suite, deadline);

      const call = accounts
        .connect(stranger)
        .depositWithPermit(stranger, 3n * OPA, deadline, v, r, s);

      await expect(call).to.be.revertedWithCustomError(token, "ERC20InsufficientAllowance");
      expect(await token.nonces(alice)).to.equal(0n);
    });
  });

  describe("depositWithAuthorization (ACC-1)", function () {
    it("credits the account the payer named, whoever submits", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { accounts, token, alice, bob, stranger, soon } = suite;
      const before = await soon(100n);
      const { salt, signature } = await authorization(suite, alice, alice, bob, before);

      const tx = await accounts
        .connect(stranger)
        .depositWithAuthorization(alice, bob, 3n * OPA, 0n, before, salt, signature);

      await expect(tx)
        .to.emit(accounts, "CreditDeposited")
        .withArgs(bob.address, alice.address, 3n * OPA);
      await expect(tx).to.changeTokenBalances(
        ethers,
        token,
        [alice, accounts],
        [-3n * OPA, 3n * OPA],
      );
      expect(await accounts.creditOf(bob)).to.equal(3n * OPA);
    });

    it("reverts when another account, amount or time is put in, or it is used again", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { accounts, token, alice, bob, stranger, soon } = suite;
      const before = await soon(100n);
      const { salt, signature } = await authorization(suite, alice, alice, bob, before);
      const submit = accounts.connect(stranger).depositWithAuthorization;

      for (const call of [
        submit(alice, stranger, 3n * OPA, 0n, before, salt, signature),
        submit(alice, bob, 4n * OPA, 0n, before, salt, signature),
        submit(alice, bob, 3n * OPA, 0n, before + 1n, salt, signature),
        submit(alice, bob, 3n * OPA, 0n, before, ethers.id("other"), signature),
      ])
        await expect(call).to.be.revertedWithCustomError(token, "ERC3009InvalidSignature");
      await submit(alice, bob, 3n * OPA, 0n, before, salt, signature);
      await expect(submit(alice, bob, 3n * OPA, 0n, before, salt, signature))
        .to.be.revertedWithCustomError(token, "ERC3009UsedAuthorization")
        .withArgs(alice.address, await accounts.authorizationNonce(bob, salt));
    });

    it("reverts for the zero amount and the zero account", async function () {
      const { accounts, alice } = await networkHelpers.loadFixture(fixture);
      const salt = ethers.ZeroHash;

      await expect(
        accounts.depositWithAuthorization(alice, alice, 0n, 0n, 1n, salt, "0x"),
      ).to.be.revertedWithCustomError(accounts, "ServiceAccountsZeroAmount");
      await expect(accounts.depositWithAuthorization(alice, ZERO, 1n, 0n, 1n, salt, "0x"))
        .to.be.revertedWithCustomError(accounts, "ServiceAccountsInvalidAccount")
        .withArgs(ZERO);
    });

    it("takes the authorisation of a wallet contract", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { accounts, alice, bob, soon } = suite;
      const wallet = await ethers.deployContract("WalletMock", [alice]);
      await fund(connection, suite, wallet, 3n * OPA);
      const before = await soon(100n);
      const { salt, signature } = await authorization(suite, wallet, alice, bob, before);

      await accounts.depositWithAuthorization(wallet, bob, 3n * OPA, 0n, before, salt, signature);

      expect(await accounts.creditOf(bob)).to.equal(3n * OPA);
    });

    it("binds the nonce to account and salt", async function () {
      const { accounts, alice } = await networkHelpers.loadFixture(fixture);
      const encoded = ethers.AbiCoder.defaultAbiCoder().encode(
        ["address", "bytes32"],
        [alice.address, ethers.id("salt")],
      );

      expect(await accounts.authorizationNonce(alice, ethers.id("salt"))).to.equal(
        ethers.keccak256(encoded),
      );
    });
  });

  describe("onTransferReceived (ACC-1)", function () {
    const transferAndCall = "transferAndCall(address,uint256,bytes)";

    it("reverts when the caller is not the token", async function () {
      const { accounts, alice } = await networkHelpers.loadFixture(fixture);

      await expect(accounts.connect(alice).onTransferReceived(alice, alice, 1n, "0x"))
        .to.be.revertedWithCustomError(accounts, "ServiceAccountsNotToken")
        .withArgs(alice.address);
    });

    it("reverts when the data is neither empty nor 32 bytes", async function () {
      const { accounts, token, alice } = await networkHelpers.loadFixture(fixture);

      for (const length of [1, 20, 31, 33, 64])
        await expect(
          token
            .connect(alice)
            [transferAndCall](accounts, 1n, ethers.hexlify(new Uint8Array(length))),
        )
          .to.be.revertedWithCustomError(accounts, "ServiceAccountsInvalidData")
          .withArgs(length);
    });

    it("reverts when the data names nobody, the contract or no address, or the amount is zero", async function () {
      const { accounts, token, alice } = await networkHelpers.loadFixture(fixture);
      const send3 = token.connect(alice)[transferAndCall];

      for (const account of [ZERO, await accounts.getAddress()])
        await expect(send3(accounts, 1n, ethers.zeroPadValue(account, 32)))
          .to.be.revertedWithCustomError(accounts, "ServiceAccountsInvalidAccount")
          .withArgs(account);
      await expect(send3(accounts, 1n, `0x${"ff".repeat(32)}`)).to.be.revert(ethers);
      await expect(send3(accounts, 0n, "0x")).to.be.revertedWithCustomError(
        accounts,
        "ServiceAccountsZeroAmount",
      );
    });

    it("credits the sender without data and the account named with data", async function () {
      const { accounts, token, alice, bob } = await networkHelpers.loadFixture(fixture);

      const own = await token
        .connect(bob)
        .getFunction("transferAndCall(address,uint256)")
        .send(accounts, 5n);
      const others = await token
        .connect(bob)
        [transferAndCall](accounts, 7n, ethers.zeroPadValue(alice.address, 32));

      await expect(own).to.emit(accounts, "CreditDeposited").withArgs(bob.address, bob.address, 5n);
      await expect(others)
        .to.emit(accounts, "CreditDeposited")
        .withArgs(alice.address, bob.address, 7n);
      await expect(others).to.changeTokenBalances(ethers, token, [bob, accounts], [-7n, 7n]);
    });

    it("credits the owner when a spender transfers and calls", async function () {
      const { accounts, token, alice, bob } = await networkHelpers.loadFixture(fixture);
      await token.connect(bob).approve(alice, 5n);

      const tx = await token
        .connect(alice)
        .getFunction("transferFromAndCall(address,address,uint256)")
        .send(bob, accounts, 5n);

      await expect(tx).to.emit(accounts, "CreditDeposited").withArgs(bob.address, bob.address, 5n);
    });
  });

  describe("withdraw (ACC-1)", function () {
    it("reverts when the caller is no admin of the account", async function () {
      const { accounts, alice, bob, key } = await networkHelpers.loadFixture(fixture);
      await setKey(accounts, alice, key);

      for (const caller of [bob, key])
        await expect(accounts.connect(caller).withdraw(alice, caller, 1n))
          .to.be.revertedWithCustomError(accounts, "OrganisationsNotAdmin")
          .withArgs(alice.address, caller.address);
    });

    it("reverts when the recipient is zero or the contract itself", async function () {
      const { accounts, alice } = await networkHelpers.loadFixture(fixture);

      for (const recipient of [ZERO, await accounts.getAddress()])
        await expect(accounts.connect(alice).withdraw(alice, recipient, 0n))
          .to.be.revertedWithCustomError(accounts, "ServiceAccountsInvalidRecipient")
          .withArgs(recipient);
    });

    it("reverts when the amount is zero or more than the free credit", async function () {
      const { accounts, alice, provider, soon } = await networkHelpers.loadFixture(fixture);
      await accounts.connect(alice).reserve(alice, provider, 40n * OPA, await soon(100n));

      await expect(
        accounts.connect(alice).withdraw(alice, alice, 0n),
      ).to.be.revertedWithCustomError(accounts, "ServiceAccountsZeroAmount");
      for (const amount of [60n * OPA + 1n, MAX_UINT])
        await expect(accounts.connect(alice).withdraw(alice, alice, amount))
          .to.be.revertedWithCustomError(accounts, "ServiceAccountsInsufficientCredit")
          .withArgs(alice.address, amount, 60n * OPA);
    });

    it("sends all free credit to anybody", async function () {
      const { accounts, token, alice, bob } = await networkHelpers.loadFixture(fixture);

      const tx = await accounts.connect(alice).withdraw(alice, bob, 100n * OPA);

      await expect(tx)
        .to.emit(accounts, "CreditWithdrawn")
        .withArgs(alice.address, bob.address, 100n * OPA);
      await expect(tx).to.changeTokenBalances(
        ethers,
        token,
        [accounts, bob],
        [-100n * OPA, 100n * OPA],
      );
      expect(await accounts.totals()).to.deep.equal([0n, 0n, 0n]);
    });
  });

  describe("reserve (ACC-2)", function () {
    it("reverts when the caller is no admin of the account", async function () {
      const { accounts, alice, bob, key, provider, soon } =
        await networkHelpers.loadFixture(fixture);
      await setKey(accounts, alice, key);

      for (const caller of [bob, key, provider])
        await expect(accounts.connect(caller).reserve(alice, provider, 1n, await soon(100n)))
          .to.be.revertedWithCustomError(accounts, "OrganisationsNotAdmin")
          .withArgs(alice.address, caller.address);
    });

    it("reverts when the provider is zero or nothing would be set aside", async function () {
      const { accounts, alice, provider, soon } = await networkHelpers.loadFixture(fixture);
      const until = await soon(100n);

      await expect(
        accounts.connect(alice).reserve(alice, ZERO, 1n, until),
      ).to.be.revertedWithCustomError(accounts, "ServiceAccountsZeroAddress");
      await expect(
        accounts.connect(alice).reserve(alice, provider, 0n, until),
      ).to.be.revertedWithCustomError(accounts, "ServiceAccountsZeroAmount");
    });

    it("reverts when the end is not in the future or more than a year ahead", async function () {
      const { accounts, alice, provider, soon } = await networkHelpers.loadFixture(fixture);
      const now = await soon(100n);

      for (const until of [now, now + YEAR + 1n]) {
        const snapshot = await networkHelpers.takeSnapshot();
        await time.setNextBlockTimestamp(now);
        await expect(accounts.connect(alice).reserve(alice, provider, 1n, until))
          .to.be.revertedWithCustomError(accounts, "ServiceAccountsInvalidReservationEnd")
          .withArgs(until, now + 1n, now + YEAR);
        await snapshot.restore();
      }
      for (const until of [now + 1n, now + YEAR]) {
        const snapshot = await networkHelpers.takeSnapshot();
        await time.setNextBlockTimestamp(now);
        await accounts.connect(alice).reserve(alice, provider, 1n, until);
        expect((await accounts.reservationOf(alice, provider)).until).to.equal(until);
        await snapshot.restore();
      }
    });

    it("reverts when the end would come earlier than before", async function () {
      const { accounts, alice, provider, soon } = await networkHelpers.loadFixture(fixture);
      const until = await soon(1_000n);
      await accounts.connect(alice).reserve(alice, provider, 1n, until);
      const now = await soon(10n);
      await time.setNextBlockTimestamp(now);

      await expect(accounts.connect(alice).reserve(alice, provider, 5n, until - 1n))
        .to.be.revertedWithCustomError(accounts, "ServiceAccountsInvalidReservationEnd")
        .withArgs(until - 1n, until, now + YEAR);
    });

    it("reverts when the free credit is less", async function () {
      const { accounts, alice, provider, soon } = await networkHelpers.loadFixture(fixture);

      for (const amount of [100n * OPA + 1n, MAX_UINT])
        await expect(accounts.connect(alice).reserve(alice, provider, amount, await soon(100n)))
          .to.be.revertedWithCustomError(accounts, "ServiceAccountsInsufficientCredit")
          .withArgs(alice.address, amount, 100n * OPA);
    });

    it("sets credit aside, adds to it, and extends it", async function () {
      const { accounts, token, alice, provider, soon } = await networkHelpers.loadFixture(fixture);
      const until = await soon(1_000n);
      const held = await token.balanceOf(accounts);

      for (const [added, sum, end] of [
        [40n, 40n, until],
        [2n, 42n, until],
        [0n, 42n, until + 1n],
        [100n * OPA - 42n, 100n * OPA, until + 2n],
      ] as const)
        await expect(accounts.connect(alice).reserve(alice, provider, added, end))
          .to.emit(accounts, "CreditReserved")
          .withArgs(alice.address, provider.address, added, sum, end);

      expect(await accounts.reservationOf(alice, provider)).to.deep.equal([100n * OPA, until + 2n]);
      expect(await accounts.creditOf(alice)).to.equal(0n);
      expect(await accounts.reservationCountOf(alice)).to.equal(1n);
      expect(await accounts.totals()).to.deep.equal([0n, 100n * OPA, 0n]);
      expect(await token.balanceOf(accounts)).to.equal(held);
    });

    it("takes a reservation up again after its end", async function () {
      const { accounts, alice, provider, soon } = await networkHelpers.loadFixture(fixture);
      await accounts.connect(alice).reserve(alice, provider, 1n, await soon(10n));
      await time.increase(1_000n);
      const until = await soon(50n);

      await accounts.connect(alice).reserve(alice, provider, 1n, until);

      expect(await accounts.reservationOf(alice, provider)).to.deep.equal([2n, until]);
    });

    it("reverts at the 256th provider, and a release makes room", async function () {
      const { accounts, alice, provider, soon } = await networkHelpers.loadFixture(fixture);
      const until = await soon(10_000n);
      await accounts.connect(alice).reserve(alice, provider, 1n, until);
      for (let i = 1n; i < 255n; i++)
        await accounts.connect(alice).reserve(alice, ethers.toBeHex(i, 20), 1n, until);
      const one = ethers.toBeHex(1_000n, 20);

      expect(await accounts.reservationCountOf(alice)).to.equal(255n);
      await expect(accounts.connect(alice).reserve(alice, one, 1n, until))
        .to.be.revertedWithCustomError(accounts, "ServiceAccountsTooManyReservations")
        .withArgs(alice.address, 255n);
      await accounts.connect(alice).reserve(alice, provider, 1n, until);
      await accounts.connect(provider).releaseReservation(alice, provider);
      await accounts.connect(alice).reserve(alice, one, 1n, until);
      expect(await accounts.reservationCountOf(alice)).to.equal(255n);
    });
  });

  describe("releaseReservation (ACC-2)", function () {
    it("reverts when nothing is reserved", async function () {
      const { accounts, alice, provider } = await networkHelpers.loadFixture(fixture);

      await expect(accounts.connect(provider).releaseReservation(alice, provider))
        .to.be.revertedWithCustomError(accounts, "ServiceAccountsNoReservation")
        .withArgs(alice.address, provider.address);
    });

    it("is closed to all but the provider up to the end of the grace and open to anyone after", async function () {
      const { accounts, alice, bob, provider, other, soon } =
        await networkHelpers.loadFixture(fixture);
      const until = await soon(100n);
      await accounts.connect(alice).reserve(alice, provider, 5n, until);

      for (const [caller, at] of [
        [bob, until],
        [alice, until + GRACE - 1n],
        [other, until + GRACE],
      ] as const) {
        await time.setNextBlockTimestamp(at);
        await expect(accounts.connect(caller).releaseReservation(alice, provider))
          .to.be.revertedWithCustomError(accounts, "ServiceAccountsReservationActive")
          .withArgs(alice.address, provider.address, until + GRACE + 1n);
      }
      await time.setNextBlockTimestamp(until + GRACE + 1n);
      await expect(accounts.connect(bob).releaseReservation(alice, provider))
        .to.emit(accounts, "ReservationReleased")
        .withArgs(alice.address, provider.address, 5n);
    });

    it("lets the provider release at once", async function () {
      const { accounts, alice, provider, other, soon } = await networkHelpers.loadFixture(fixture);
      await accounts.connect(alice).reserve(alice, provider, 5n, await soon(YEAR / 2n));
      await accounts.connect(alice).reserve(alice, other, 6n, await soon(YEAR / 2n));

      const tx = await accounts.connect(provider).releaseReservation(alice, provider);

      await expect(tx)
        .to.emit(accounts, "ReservationReleased")
        .withArgs(alice.address, provider.address, 5n);
      expect(await accounts.reservationOf(alice, provider)).to.deep.equal([0n, 0n]);
      expect(await accounts.creditOf(alice)).to.equal(100n * OPA - 6n);
      expect(await accounts.reservationCountOf(alice)).to.equal(1n);
      expect(await accounts.totals()).to.deep.equal([100n * OPA - 6n, 6n, 0n]);
    });
  });

  describe("chargeCredit", function () {
    it("reverts for all who do not hold METER", async function () {
      const { accounts, admin, alice, provider } = await networkHelpers.loadFixture(fixture);

      for (const caller of [admin, alice, provider])
        await expect(accounts.connect(caller).chargeCredit(alice, alice, []))
          .to.be.revertedWithCustomError(accounts, "AccessManagedUnauthorized")
          .withArgs(caller.address);
    });

    it("reverts when a charge is not whole gwei", async function () {
      const { accounts, alice, provider, charge } = await networkHelpers.loadFixture(fixture);

      for (const amount of [1n, GWEI - 1n, GWEI + 1n])
        await expect(charge(alice, alice, [[provider, amount]]))
          .to.be.revertedWithCustomError(accounts, "ServiceAccountsFractionalCharge")
          .withArgs(amount);
    });

    it("reverts when reservation and free credit are less", async function () {
      const { accounts, alice, provider, other, charge, soon } =
        await networkHelpers.loadFixture(fixture);
      await accounts.connect(alice).reserve(alice, provider, 40n * OPA, await soon(100n));
      await accounts.connect(alice).reserve(alice, other, 50n * OPA, await soon(100n));

      await expect(charge(alice, alice, [[provider, 50n * OPA + GWEI]]))
        .to.be.revertedWithCustomError(accounts, "ServiceAccountsInsufficientCredit")
        .withArgs(alice.address, 10n * OPA + GWEI, 10n * OPA);
      await charge(alice, alice, [[provider, 50n * OPA]]);
      expect(await accounts.totals()).to.deep.equal([0n, 50n * OPA, 50n * OPA]);
    });

    it("reverts when a key is unknown, expired, revoked or over its limit", async function () {
      const { accounts, alice, key, bob, provider, charge, soon } =
        await networkHelpers.loadFixture(fixture);
      const expiresAt = await soon(1_000n);
      await setKey(accounts, alice, key, { expiresAt: expiresAt, epochLimit: 9n * GWEI });
      const rejects = async (signer: Signer, amount: bigint) =>
        expect(charge(alice, signer, [[provider, amount]]))
          .to.be.revertedWithCustomError(accounts, "OrganisationsOverLimit")
          .withArgs(alice.address, await signer.getAddress(), amount);

      await rejects(bob, GWEI);
      await rejects(key, 10n * GWEI);
      await charge(alice, key, [[provider, 4n * GWEI]]);
      await rejects(key, 6n * GWEI);
      await time.setNextBlockTimestamp(expiresAt);
      await charge(alice, key, [[provider, 5n * GWEI]]);
      await time.setNextBlockTimestamp(expiresAt + 1n);
      await rejects(key, GWEI);
      await accounts.connect(alice).revokeKey(alice, key);
      await rejects(key, GWEI);
    });

    it("takes reservations first and counts all of it for account and key", async function () {
      const { accounts, alice, key, provider, other, charge, meter, soon } =
        await networkHelpers.loadFixture(fixture);
      await setKey(accounts, alice, key, { expiresAt: await soon(1_000n), epochLimit: OPA });
      await accounts.connect(alice).reserve(alice, provider, 3n * GWEI, await soon(100n));
      await accounts.connect(alice).reserve(alice, other, 7n * GWEI, await soon(100n));
      const word = chargeWord(provider.address, 2n * GWEI);
      expect(
        await accounts.connect(meter).chargeCredit.staticCall(alice, key, [word, word]),
      ).to.equal(4n * GWEI);

      await charge(alice, key, [
        [provider, 5n * GWEI],
        [other, 6n * GWEI],
        [ZERO, 0n],
      ]);

      expect(await accounts.reservationOf(alice, provider)).to.deep.equal([0n, 0n]);
      expect((await accounts.reservationOf(alice, other)).amount).to.equal(GWEI);
      expect(await accounts.reservationCountOf(alice)).to.equal(1n);
      expect(await accounts.creditOf(alice)).to.equal(100n * OPA - 12n * GWEI);
      expect(await accounts.totals()).to.deep.equal([100n * OPA - 12n * GWEI, GWEI, 11n * GWEI]);
      expect(await accounts.burnedOf(alice)).to.deep.equal([11n * GWEI, 0n]);
      expect((await accounts.keyOf(alice, key)).spent).to.equal(11n * GWEI);
    });

    it("changes nothing for no charges or charges of zero", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { alice, provider, charge } = suite;
      const before = await stateOf(suite);

      await charge(alice, alice, []);
      await charge(alice, alice, [[provider, 0n]]);

      expect(await stateOf(suite)).to.deep.equal(before);
    });
  });

  describe("burnCharged", function () {
    it("burns what was charged, once, whoever calls", async function () {
      const { accounts, token, alice, bob, provider, charge } =
        await networkHelpers.loadFixture(fixture);
      await charge(alice, alice, [[provider, 5n * GWEI]]);
      const supply = await token.totalSupply();

      await expect(accounts.connect(bob).burnCharged())
        .to.emit(token, "Transfer")
        .withArgs(await accounts.getAddress(), ZERO, 5n * GWEI);
      await expect(accounts.connect(bob).burnCharged()).not.to.emit(token, "Transfer");

      expect(await token.totalSupply()).to.equal(supply - 5n * GWEI);
      expect(await accounts.totals()).to.deep.equal([100n * OPA - 5n * GWEI, 0n, 0n]);
      expect(await token.balanceOf(accounts)).to.equal(100n * OPA - 5n * GWEI);
    });
  });

  describe("views (ACC-2)", function () {
    it("tells what an account and its keys can charge", async function () {
      const { accounts, alice, bob, key, provider, charge, soon, startedAt } =
        await networkHelpers.loadFixture(fixture);
      const expiresAt = startedAt + 11n * EPOCH + 100n;
      await setKey(accounts, alice, key, { expiresAt: expiresAt, epochLimit: 9n * GWEI });
      await accounts.connect(alice).reserve(alice, provider, 1n, await soon(100n));
      await charge(alice, key, [[bob, 2n * GWEI]]);
      const free = 100n * OPA - 1n - 2n * GWEI;

      const funds = async (account: AddressLike, signer: AddressLike) => {
        const { reason, allowance, free, reservations } = await accounts.fundsOf(account, signer);
        return [reason, allowance, free, reservations];
      };
      expect(await funds(alice, alice)).to.deep.equal([0n, MAX_LIMIT, free, 1n]);
      expect(await funds(alice, key)).to.deep.equal([0n, 7n * GWEI, free, 1n]);
      expect(await funds(alice, bob)).to.deep.equal([Reason.KeyUnknown, 0n, free, 1n]);
      expect(await funds(bob, key)).to.deep.equal([Reason.KeyUnknown, 0n, 0n, 0n]);
      await time.increaseTo(startedAt + 11n * EPOCH);
      expect(await funds(alice, key)).to.deep.equal([0n, 9n * GWEI, free, 1n]);
      await time.increaseTo(expiresAt + 1n);
      expect(await funds(alice, key)).to.deep.equal([Reason.KeyExpired, 9n * GWEI, free, 1n]);
    });

    it("tells what besides the allowance decides", async function () {
      const { accounts, policy, alice, key, bob } = await networkHelpers.loadFixture(fixture);
      await setKey(accounts, alice, key, { totalLimit: GWEI, categories: 5n });
      await send(policy, "setTier", alice, 3n);

      const own = await accounts.fundsOf(alice, alice);
      expect([own.limitReason, own.categories, own.tier]).to.deep.equal([
        Reason.InsufficientCredit,
        ALL_CATEGORIES,
        0n,
      ]);
      await accounts.noteTier(alice);
      const keyed = await accounts.fundsOf(alice, key);
      expect([keyed.limitReason, keyed.categories, keyed.tier]).to.deep.equal([
        Reason.KeyTotalExceeded,
        5n,
        3n,
      ]);
      expect((await accounts.fundsOf(alice, bob)).categories).to.equal(0n);
    });

    it("counts what was burned by epoch: the same, the next, and after a gap", async function () {
      const { accounts, alice, provider, charge, startedAt } =
        await networkHelpers.loadFixture(fixture);
      const burnIn = async (epoch: bigint, amount: bigint) => {
        if (epoch > 10n) await time.increaseTo(startedAt + epoch * EPOCH);
        await charge(alice, alice, [[provider, amount]]);
      };

      await burnIn(10n, 2n * GWEI);
      await burnIn(10n, 3n * GWEI);
      expect(await accounts.burnedOf(alice)).to.deep.equal([5n * GWEI, 0n]);
      await burnIn(11n, 7n * GWEI);
      expect(await accounts.burnedOf(alice)).to.deep.equal([7n * GWEI, 5n * GWEI]);
      await time.increaseTo(startedAt + 12n * EPOCH);
      expect(await accounts.burnedOf(alice)).to.deep.equal([0n, 7n * GWEI]);
      await time.increaseTo(startedAt + 13n * EPOCH);
      expect(await accounts.burnedOf(alice)).to.deep.equal([0n, 0n]);
      await burnIn(15n, GWEI);
      expect(await accounts.burnedOf(alice)).to.deep.equal([GWEI, 0n]);
    });

    it("foresees how long credit lasts as the model does", async function () {
      const { accounts, alice, provider, charge, startedAt } =
        await networkHelpers.loadFixture(fixture);
      expect(await accounts.runway(alice)).to.equal(MAX_UINT);
      const burns = new Map([
        [10n, 3n * OPA],
        [11n, 7n * OPA],
      ]);

      for (const [epoch, amount] of burns) {
        await time.increaseTo(startedAt + epoch * EPOCH + 1_000n);
        await charge(alice, alice, [[provider, amount]]);
      }
      for (const at of [
        11n * EPOCH + 2_000n,
        12n * EPOCH - 1n,
        12n * EPOCH,
        13n * EPOCH - 1n,
        13n * EPOCH,
      ]) {
        await time.increaseTo(startedAt + at);
        const epoch = at / EPOCH;
        const burned = (burns.get(epoch) ?? 0n) + (burns.get(epoch - 1n) ?? 0n);
        const passed = EPOCH + (at % EPOCH);
        expect(await accounts.runway(alice)).to.equal(
          burned === 0n ? MAX_UINT : (90n * OPA * passed) / burned,
        );
      }
    });

    it("knows nothing of an address that never came", async function () {
      const { accounts, other, key } = await networkHelpers.loadFixture(fixture);

      expect(await accounts.creditOf(other)).to.equal(0n);
      expect(await accounts.keyOf(other, key)).to.deep.equal([Role.None, 0n, 0n, NO_LIMITS]);
      expect(await accounts.reservationOf(other, key)).to.deep.equal([0n, 0n]);
      expect(await accounts.burnedOf(other)).to.deep.equal([0n, 0n]);
    });

    it("does not count a donation as credit", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { accounts, token, bob } = suite;
      const before = await accounts.totals();

      await token.connect(bob).transfer(accounts, 5n * OPA);
      await send(accounts, "burnCharged");

      expect(await accounts.totals()).to.deep.equal(before);
      expect(await token.balanceOf(accounts)).to.equal(105n * OPA);
    });
  });
});
