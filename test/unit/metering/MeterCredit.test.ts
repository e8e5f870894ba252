import { expect } from "chai";
import type { AddressLike, Signer } from "ethers";
import { network } from "hardhat";

import {
  deployMetering,
  fund,
  FUNDS,
  GRACE,
  GWEI,
  NO_LIMITS,
  Role,
  setKey,
} from "../../support/metering.js";
import { OPA, TOKEN_TYPES } from "../../support/release.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const MAX_UINT = 2n ** 256n - 1n;
const YEAR = 365n * 86_400n;
const { ZeroAddress: ZERO } = ethers;

/** Alice has 100 OPA of free credit. */
async function fixture() {
  const suite = await deployMetering(connection);
  const { meter, alice, token } = suite;
  await meter.connect(alice).deposit(alice, 100n * OPA);

  const { chainId } = await ethers.provider.getNetwork();
  const verifyingContract = await token.getAddress();
  const tokenDomain = { name: "OPA Token", version: "1", chainId, verifyingContract };
  const soon = async (seconds: bigint) => BigInt(await time.latest()) + seconds;
  return { ...suite, tokenDomain, soon };
}

type Fixture = Awaited<ReturnType<typeof fixture>>;

/** Permit of alice over 3 OPA towards the meter. */
async function permit({ token, meter, tokenDomain, alice }: Fixture, deadline: bigint) {
  const message = {
    owner: alice.address,
    spender: await meter.getAddress(),
    value: 3n * OPA,
    nonce: await token.nonces(alice),
    deadline,
  };
  return ethers.Signature.from(await alice.signTypedData(tokenDomain, TOKEN_TYPES.Permit, message));
}

/** Authorisation of `payer`, signed by `signer`, that credits `account` with 3 OPA. */
async function authorization(
  { meter, tokenDomain }: Fixture,
  payer: AddressLike,
  signer: Signer,
  account: AddressLike,
  validBefore: bigint,
) {
  const salt = ethers.id("salt");
  const message = {
    from: await ethers.resolveAddress(payer),
    to: await meter.getAddress(),
    value: 3n * OPA,
    validAfter: 0n,
    validBefore,
    nonce: await meter.authorizationNonce(account, salt),
  };
  const types = TOKEN_TYPES.ReceiveWithAuthorization;
  const signature = await signer.signTypedData(tokenDomain, types, message);
  return { salt, signature };
}

describe("MeterCredit", function () {
  describe("deposit (ACC-1)", function () {
    it("reverts when the account is zero or the contract itself", async function () {
      const { meter, alice } = await networkHelpers.loadFixture(fixture);

      for (const account of [ZERO, await meter.getAddress()])
        await expect(meter.connect(alice).deposit(account, 1n))
          .to.be.revertedWithCustomError(meter, "MeterInvalidAccount")
          .withArgs(account);
    });

    it("reverts when the amount is zero", async function () {
      const { meter, alice } = await networkHelpers.loadFixture(fixture);

      await expect(meter.connect(alice).deposit(alice, 0n)).to.be.revertedWithCustomError(
        meter,
        "MeterZeroAmount",
      );
    });

    it("reverts when the amount does not fit or the allowance is short", async function () {
      const { extension, meter, token, bob, provider } = await networkHelpers.loadFixture(fixture);

      await expect(meter.connect(bob).deposit(provider, 2n ** 96n))
        .to.be.revertedWithCustomError(extension, "SafeCastOverflowedUintDowncast")
        .withArgs(96n, 2n ** 96n);
      await expect(meter.connect(bob).deposit(provider, FUNDS + 1n))
        .to.be.revertedWithCustomError(token, "ERC20InsufficientAllowance")
        .withArgs(await meter.getAddress(), FUNDS, FUNDS + 1n);
    });

    it("credits the caller or anybody else", async function () {
      const { meter, token, alice, bob } = await networkHelpers.loadFixture(fixture);

      const tx = await meter.connect(bob).deposit(alice, 7n);
      await meter.connect(bob).deposit(bob, 5n);

      await expect(tx).to.emit(meter, "CreditDeposited").withArgs(alice.address, bob.address, 7n);
      await expect(tx).to.changeTokenBalances(ethers, token, [bob, meter], [-7n, 7n]);
      expect(await meter.creditOf(alice)).to.equal(100n * OPA + 7n);
      expect(await meter.creditOf(bob)).to.equal(5n);
      expect(await meter.totals()).to.deep.equal([100n * OPA + 12n, 0n]);
    });
  });

  describe("depositWithPermit (ACC-1)", function () {
    it("reverts without a valid permit or an allowance", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { meter, token, alice, soon } = suite;
      await token.connect(alice).approve(meter, 0n);
      const deadline = await soon(-1n);
      const { v, r, s } = await permit(suite, deadline);

      await expect(
        meter.connect(alice).depositWithPermit(alice, 3n * OPA, deadline, v, r, s),
      ).to.be.revertedWithCustomError(token, "ERC20InsufficientAllowance");
    });

    it("reverts for the zero amount and the zero account", async function () {
      const { meter, alice } = await networkHelpers.loadFixture(fixture);
      const word = ethers.ZeroHash;

      await expect(
        meter.connect(alice).depositWithPermit(alice, 0n, 0n, 27, word, word),
      ).to.be.revertedWithCustomError(meter, "MeterZeroAmount");
      await expect(meter.connect(alice).depositWithPermit(ZERO, 1n, 0n, 27, word, word))
        .to.be.revertedWithCustomError(meter, "MeterInvalidAccount")
        .withArgs(ZERO);
    });

    it("credits any account from the caller's permit", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { meter, token, alice, bob, soon } = suite;
      await token.connect(alice).approve(meter, 0n);
      const deadline = await soon(100n);
      const { v, r, s } = await permit(suite, deadline);

      const tx = await meter.connect(alice).depositWithPermit(bob, 3n * OPA, deadline, v, r, s);

      await expect(tx)
        .to.emit(meter, "CreditDeposited")
        .withArgs(bob.address, alice.address, 3n * OPA);
      await expect(tx).to.changeTokenBalances(ethers, token, [alice, meter], [-3n * OPA, 3n * OPA]);
    });

    it("credits when somebody else has submitted the permit before", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { meter, token, alice, stranger, soon } = suite;
      await token.connect(alice).approve(meter, 0n);
      const deadline = await soon(100n);
      const { v, r, s } = await permit(suite, deadline);
      await token.connect(stranger).permit(alice, meter, 3n * OPA, deadline, v, r, s);

      const tx = meter.connect(alice).depositWithPermit(alice, 3n * OPA, deadline, v, r, s);

      await expect(tx)
        .to.emit(meter, "CreditDeposited")
        .withArgs(alice.address, alice.address, 3n * OPA);
    });

    it("never spends a permit of somebody else", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { meter, token, alice, stranger, soon } = suite;
      const deadline = await soon(100n);
      const { v, r, s } = await permit(suite, deadline);

      const call = meter.connect(stranger).depositWithPermit(stranger, 3n * OPA, deadline, v, r, s);

      await expect(call).to.be.revertedWithCustomError(token, "ERC20InsufficientAllowance");
      expect(await token.nonces(alice)).to.equal(0n);
    });
  });

  describe("depositWithAuthorization (ACC-1)", function () {
    it("credits the account the payer named, whoever submits", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { meter, token, alice, bob, stranger, soon } = suite;
      const before = await soon(100n);
      const { salt, signature } = await authorization(suite, alice, alice, bob, before);

      const tx = await meter
        .connect(stranger)
        .depositWithAuthorization(alice, bob, 3n * OPA, 0n, before, salt, signature);

      await expect(tx)
        .to.emit(meter, "CreditDeposited")
        .withArgs(bob.address, alice.address, 3n * OPA);
      await expect(tx).to.changeTokenBalances(ethers, token, [alice, meter], [-3n * OPA, 3n * OPA]);
      expect(await meter.creditOf(bob)).to.equal(3n * OPA);
    });

    it("reverts when another account, amount or time is put in, or it is used again", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { meter, token, alice, bob, stranger, soon } = suite;
      const before = await soon(100n);
      const { salt, signature } = await authorization(suite, alice, alice, bob, before);
      const submit = meter.connect(stranger).depositWithAuthorization;

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
        .withArgs(alice.address, await meter.authorizationNonce(bob, salt));
    });

    it("reverts for the zero amount and the zero account", async function () {
      const { meter, alice } = await networkHelpers.loadFixture(fixture);
      const salt = ethers.ZeroHash;

      await expect(
        meter.depositWithAuthorization(alice, alice, 0n, 0n, 1n, salt, "0x"),
      ).to.be.revertedWithCustomError(meter, "MeterZeroAmount");
      await expect(meter.depositWithAuthorization(alice, ZERO, 1n, 0n, 1n, salt, "0x"))
        .to.be.revertedWithCustomError(meter, "MeterInvalidAccount")
        .withArgs(ZERO);
    });

    it("takes the authorisation of a wallet contract", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { meter, alice, bob, soon } = suite;
      const wallet = await ethers.deployContract("WalletMock", [alice]);
      await fund(connection, suite, wallet, 3n * OPA);
      const before = await soon(100n);
      const { salt, signature } = await authorization(suite, wallet, alice, bob, before);

      await meter.depositWithAuthorization(wallet, bob, 3n * OPA, 0n, before, salt, signature);

      expect(await meter.creditOf(bob)).to.equal(3n * OPA);
    });

    for (const [what, takesKey] of [
      ["accepts the key's signatures", true],
      ["hashes them again and refuses them", false],
    ] as const)
      for (const order of ["before", "after"])
        it(`takes the key's signature ${order} the account delegates to code that ${what} (F01)`, async function () {
          const suite = await networkHelpers.loadFixture(fixture);
          const { meter, token, alice, bob, stranger, soon } = suite;
          const code = await ethers.deployContract("WalletMock", [takesKey ? alice : stranger]);
          const before = await soon(100n);
          const sign = () => authorization(suite, alice, alice, bob, before);
          const delegation = ethers.concat(["0xef0100", await code.getAddress()]);
          const early = await sign();
          await networkHelpers.setCode(alice.address, delegation);
          const { salt, signature } = order === "before" ? early : await sign();

          const deposit = meter
            .connect(stranger)
            .depositWithAuthorization(alice, bob, 3n * OPA, 0n, before, salt, signature);

          await expect(deposit).to.changeTokenBalance(ethers, token, alice, -3n * OPA);
          expect(await meter.creditOf(bob)).to.equal(3n * OPA);
        });

    it("binds the nonce to account and salt", async function () {
      const { meter, alice } = await networkHelpers.loadFixture(fixture);
      const encoded = ethers.AbiCoder.defaultAbiCoder().encode(
        ["address", "bytes32"],
        [alice.address, ethers.id("salt")],
      );

      expect(await meter.authorizationNonce(alice, ethers.id("salt"))).to.equal(
        ethers.keccak256(encoded),
      );
    });
  });

  describe("onTransferReceived (ACC-1)", function () {
    const transferAndCall = "transferAndCall(address,uint256,bytes)";

    it("reverts when the caller is not the token", async function () {
      const { meter, alice } = await networkHelpers.loadFixture(fixture);

      await expect(meter.connect(alice).onTransferReceived(alice, alice, 1n, "0x"))
        .to.be.revertedWithCustomError(meter, "MeterNotToken")
        .withArgs(alice.address);
    });

    it("reverts when the data is neither empty nor 32 bytes", async function () {
      const { meter, token, alice } = await networkHelpers.loadFixture(fixture);

      for (const length of [1, 20, 31, 33, 64])
        await expect(
          token.connect(alice)[transferAndCall](meter, 1n, ethers.hexlify(new Uint8Array(length))),
        )
          .to.be.revertedWithCustomError(meter, "MeterInvalidData")
          .withArgs(length);
    });

    it("reverts when the data names nobody, the contract or no address, or the amount is zero", async function () {
      const { meter, token, alice } = await networkHelpers.loadFixture(fixture);
      const send3 = token.connect(alice)[transferAndCall];

      for (const account of [ZERO, await meter.getAddress()])
        await expect(send3(meter, 1n, ethers.zeroPadValue(account, 32)))
          .to.be.revertedWithCustomError(meter, "MeterInvalidAccount")
          .withArgs(account);
      await expect(send3(meter, 1n, `0x${"ff".repeat(32)}`)).to.be.revert(ethers);
      await expect(send3(meter, 0n, "0x")).to.be.revertedWithCustomError(meter, "MeterZeroAmount");
    });

    it("credits the sender without data and the account named with data", async function () {
      const { meter, token, alice, bob } = await networkHelpers.loadFixture(fixture);

      const own = await token
        .connect(bob)
        .getFunction("transferAndCall(address,uint256)")
        .send(meter, 5n);
      const others = await token
        .connect(bob)
        [transferAndCall](meter, 7n, ethers.zeroPadValue(alice.address, 32));

      await expect(own).to.emit(meter, "CreditDeposited").withArgs(bob.address, bob.address, 5n);
      await expect(others)
        .to.emit(meter, "CreditDeposited")
        .withArgs(alice.address, bob.address, 7n);
      await expect(others).to.changeTokenBalances(ethers, token, [bob, meter], [-7n, 7n]);
    });

    it("credits the owner when a spender transfers and calls", async function () {
      const { meter, token, alice, bob } = await networkHelpers.loadFixture(fixture);
      await token.connect(bob).approve(alice, 5n);

      const tx = await token
        .connect(alice)
        .getFunction("transferFromAndCall(address,address,uint256)")
        .send(bob, meter, 5n);

      await expect(tx).to.emit(meter, "CreditDeposited").withArgs(bob.address, bob.address, 5n);
    });
  });

  describe("withdraw (ACC-1)", function () {
    it("reverts when the caller is no admin of the account", async function () {
      const { meter, alice, bob, key } = await networkHelpers.loadFixture(fixture);
      await setKey(meter, alice, key);

      for (const caller of [bob, key])
        await expect(meter.connect(caller).withdraw(alice, caller, 1n))
          .to.be.revertedWithCustomError(meter, "OrganisationsNotAdmin")
          .withArgs(alice.address, caller.address);
    });

    it("reverts when the recipient is zero or the contract itself", async function () {
      const { meter, alice } = await networkHelpers.loadFixture(fixture);

      for (const recipient of [ZERO, await meter.getAddress()])
        await expect(meter.connect(alice).withdraw(alice, recipient, 0n))
          .to.be.revertedWithCustomError(meter, "MeterInvalidRecipient")
          .withArgs(recipient);
    });

    it("reverts when the amount is zero or more than the free credit", async function () {
      const { meter, alice, provider, soon } = await networkHelpers.loadFixture(fixture);
      await meter.connect(alice).reserve(alice, provider, alice, 40n * OPA, await soon(100n));

      await expect(meter.connect(alice).withdraw(alice, alice, 0n)).to.be.revertedWithCustomError(
        meter,
        "MeterZeroAmount",
      );
      for (const amount of [60n * OPA + 1n, MAX_UINT])
        await expect(meter.connect(alice).withdraw(alice, alice, amount))
          .to.be.revertedWithCustomError(meter, "MeterInsufficientCredit")
          .withArgs(alice.address, amount, 60n * OPA);
    });

    it("sends all free credit to anybody", async function () {
      const { meter, token, alice, bob } = await networkHelpers.loadFixture(fixture);

      const tx = await meter.connect(alice).withdraw(alice, bob, 100n * OPA);

      await expect(tx)
        .to.emit(meter, "CreditWithdrawn")
        .withArgs(alice.address, bob.address, 100n * OPA);
      await expect(tx).to.changeTokenBalances(
        ethers,
        token,
        [meter, bob],
        [-100n * OPA, 100n * OPA],
      );
      expect(await meter.totals()).to.deep.equal([0n, 0n]);
    });
  });

  describe("reserve (ACC-2)", function () {
    it("reverts when the caller is no admin of the account", async function () {
      const { meter, alice, bob, key, provider, soon } = await networkHelpers.loadFixture(fixture);
      await setKey(meter, alice, key);

      for (const caller of [bob, key, provider])
        await expect(
          meter.connect(caller).reserve(alice, provider, alice, 1n * GWEI, await soon(100n)),
        )
          .to.be.revertedWithCustomError(meter, "OrganisationsNotAdmin")
          .withArgs(alice.address, caller.address);
    });

    it("reverts when the provider is zero or nothing would be set aside", async function () {
      const { meter, alice, provider, soon } = await networkHelpers.loadFixture(fixture);
      const until = await soon(100n);

      await expect(
        meter.connect(alice).reserve(alice, ZERO, alice, 1n * GWEI, until),
      ).to.be.revertedWithCustomError(meter, "MeterZeroAddress");
      await expect(
        meter.connect(alice).reserve(alice, provider, alice, 0n, until),
      ).to.be.revertedWithCustomError(meter, "MeterZeroAmount");
    });

    it("reverts when the end is not in the future or more than a year ahead", async function () {
      const { meter, alice, provider, soon } = await networkHelpers.loadFixture(fixture);
      const now = await soon(100n);

      for (const until of [now, now + YEAR + 1n]) {
        const snapshot = await networkHelpers.takeSnapshot();
        await time.setNextBlockTimestamp(now);
        await expect(meter.connect(alice).reserve(alice, provider, alice, 1n * GWEI, until))
          .to.be.revertedWithCustomError(meter, "MeterInvalidReservationEnd")
          .withArgs(until, now + 1n, now + YEAR);
        await snapshot.restore();
      }
      for (const until of [now + 1n, now + YEAR]) {
        const snapshot = await networkHelpers.takeSnapshot();
        await time.setNextBlockTimestamp(now);
        await meter.connect(alice).reserve(alice, provider, alice, 1n * GWEI, until);
        expect((await meter.reservationOf(alice, provider)).until).to.equal(until);
        await snapshot.restore();
      }
    });

    it("reverts when the end would come earlier than before", async function () {
      const { meter, alice, provider, soon } = await networkHelpers.loadFixture(fixture);
      const until = await soon(1_000n);
      await meter.connect(alice).reserve(alice, provider, alice, 1n * GWEI, until);
      const now = await soon(10n);
      await time.setNextBlockTimestamp(now);

      await expect(meter.connect(alice).reserve(alice, provider, alice, 5n * GWEI, until - 1n))
        .to.be.revertedWithCustomError(meter, "MeterInvalidReservationEnd")
        .withArgs(until - 1n, until, now + YEAR);
    });

    it("reverts when the free credit is less", async function () {
      const { meter, alice, provider, soon } = await networkHelpers.loadFixture(fixture);

      for (const amount of [100n * OPA + GWEI, (MAX_UINT / GWEI) * GWEI])
        await expect(meter.connect(alice).reserve(alice, provider, alice, amount, await soon(100n)))
          .to.be.revertedWithCustomError(meter, "MeterInsufficientCredit")
          .withArgs(alice.address, amount, 100n * OPA);
    });

    it("sets credit aside, adds to it, and extends it", async function () {
      const { meter, token, alice, provider, soon } = await networkHelpers.loadFixture(fixture);
      const until = await soon(1_000n);
      const held = await token.balanceOf(meter);

      for (const [added, sum, end] of [
        [40n * GWEI, 40n * GWEI, until],
        [2n * GWEI, 42n * GWEI, until],
        [0n, 42n * GWEI, until + 1n],
        [100n * OPA - 42n * GWEI, 100n * OPA, until + 2n],
      ] as const)
        await expect(meter.connect(alice).reserve(alice, provider, alice, added, end))
          .to.emit(meter, "CreditReserved")
          .withArgs(alice.address, provider.address, alice.address, added, sum, end, 0n);

      expect(await meter.reservationOf(alice, provider)).to.deep.equal([
        100n * OPA,
        until + 2n,
        0n,
        await meter.currentEpoch(),
        alice.address,
      ]);
      expect(await meter.creditOf(alice)).to.equal(0n);
      expect(await meter.reservationCountOf(alice)).to.equal(1n);
      expect(await meter.totals()).to.deep.equal([0n, 100n * OPA]);
      expect(await token.balanceOf(meter)).to.equal(held);
    });

    it("takes a reservation up again after its end", async function () {
      const { meter, alice, provider, soon } = await networkHelpers.loadFixture(fixture);
      await meter.connect(alice).reserve(alice, provider, alice, 1n * GWEI, await soon(10n));
      await time.increase(1_000n);
      const until = await soon(50n);

      await meter.connect(alice).reserve(alice, provider, alice, 1n * GWEI, until);

      expect(await meter.reservationOf(alice, provider)).to.deep.equal([
        2n * GWEI,
        until,
        0n,
        await meter.currentEpoch(),
        alice.address,
      ]);
    });

    it("reverts at the 256th provider, and a release makes room", async function () {
      const { meter, alice, provider, soon } = await networkHelpers.loadFixture(fixture);
      const until = await soon(10_000n);
      await meter.connect(alice).reserve(alice, provider, alice, 1n * GWEI, until);
      for (let i = 1n; i < 255n; i++)
        await meter.connect(alice).reserve(alice, ethers.toBeHex(i, 20), alice, 1n * GWEI, until);
      const one = ethers.toBeHex(1_000n, 20);

      expect(await meter.reservationCountOf(alice)).to.equal(255n);
      await expect(meter.connect(alice).reserve(alice, one, alice, 1n * GWEI, until))
        .to.be.revertedWithCustomError(meter, "MeterTooManyReservations")
        .withArgs(alice.address, 255n);
      await meter.connect(alice).reserve(alice, provider, alice, 1n * GWEI, until);
      await meter.connect(provider).releaseReservation(alice, provider);
      await meter.connect(alice).reserve(alice, one, alice, 1n * GWEI, until);
      expect(await meter.reservationCountOf(alice)).to.equal(255n);
    });
  });

  describe("releaseReservation (ACC-2)", function () {
    it("reverts when nothing is reserved", async function () {
      const { meter, alice, provider } = await networkHelpers.loadFixture(fixture);

      await expect(meter.connect(provider).releaseReservation(alice, provider))
        .to.be.revertedWithCustomError(meter, "MeterNoReservation")
        .withArgs(alice.address, provider.address);
    });

    it("is closed to all but the provider up to the end of the grace and open to anyone after", async function () {
      const { meter, alice, bob, provider, other, soon } =
        await networkHelpers.loadFixture(fixture);
      const until = await soon(100n);
      await meter.connect(alice).reserve(alice, provider, alice, 5n * GWEI, until);

      for (const [caller, at] of [
        [bob, until],
        [alice, until + GRACE - 1n],
        [other, until + GRACE],
      ] as const) {
        await time.setNextBlockTimestamp(at);
        await expect(meter.connect(caller).releaseReservation(alice, provider))
          .to.be.revertedWithCustomError(meter, "MeterReservationActive")
          .withArgs(alice.address, provider.address, until + GRACE + 1n);
      }
      await time.setNextBlockTimestamp(until + GRACE + 1n);
      await expect(meter.connect(bob).releaseReservation(alice, provider))
        .to.emit(meter, "ReservationReleased")
        .withArgs(alice.address, provider.address, 5n * GWEI);
    });

    it("lets the provider release at once", async function () {
      const { meter, alice, provider, other, soon } = await networkHelpers.loadFixture(fixture);
      await meter.connect(alice).reserve(alice, provider, alice, 5n * GWEI, await soon(YEAR / 2n));
      await meter.connect(alice).reserve(alice, other, alice, 6n * GWEI, await soon(YEAR / 2n));

      const tx = await meter.connect(provider).releaseReservation(alice, provider);

      await expect(tx)
        .to.emit(meter, "ReservationReleased")
        .withArgs(alice.address, provider.address, 5n * GWEI);
      expect(await meter.reservationOf(alice, provider)).to.deep.equal([0n, 0n, 0n, 0n, ZERO]);
      expect(await meter.creditOf(alice)).to.equal(100n * OPA - 6n * GWEI);
      expect(await meter.reservationCountOf(alice)).to.equal(1n);
      expect(await meter.totals()).to.deep.equal([100n * OPA - 6n * GWEI, 6n * GWEI]);
    });
  });

  describe("views (ACC-2)", function () {
    it("knows nothing of an address that never came", async function () {
      const { meter, other, key } = await networkHelpers.loadFixture(fixture);

      expect(await meter.creditOf(other)).to.equal(0n);
      expect(await meter.keyOf(other, key)).to.deep.equal([Role.None, 0n, 0n, NO_LIMITS]);
      expect(await meter.reservationOf(other, key)).to.deep.equal([0n, 0n, 0n, 0n, ZERO]);
      expect(await meter.burnedOf(other)).to.deep.equal([0n, 0n]);
    });

    it("does not count a donation as credit", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { meter, token, bob } = suite;
      const before = await meter.totals();

      await token.connect(bob).transfer(meter, 5n * OPA);

      expect(await meter.totals()).to.deep.equal(before);
      expect(await token.balanceOf(meter)).to.equal(105n * OPA);
    });
  });
});
