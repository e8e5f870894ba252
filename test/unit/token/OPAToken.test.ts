import { expect } from "chai";
import { network } from "hardhat";

import type { Authorization } from "../../support/release.js";
import { deployRelease, INITIAL_SUPPLY, OPA, send, TOKEN_TYPES } from "../../support/release.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const NONCE = ethers.id("a random nonce");
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;
const ORDER = 2n * HALF_ORDER + 1n;

enum Behaviour {
  Honest,
  AcceptsAll,
  WrongMagic,
  ShortReturn,
  LongReturn,
  Reverts,
  BurnsAllGas,
  ReturnBomb,
}

/** Alice holds 100 OPA; so does a contract wallet whose signer is Bob. */
async function fixture() {
  const suite = await deployRelease(connection);
  const { token, funder, alice, bob } = suite;
  const wallet = await ethers.deployContract("WalletMock", [bob]);
  await token.connect(funder).transfer(alice, 100n * OPA);
  await token.connect(funder).transfer(wallet, 100n * OPA);
  const { name, version, chainId, verifyingContract } = await token.eip712Domain();
  const now = BigInt(await networkHelpers.time.latest());

  return { ...suite, wallet, domain: { name, version, chainId, verifyingContract }, now };
}

type Fixture = Awaited<ReturnType<typeof fixture>>;

/** An authorisation of 10 OPA from Alice to Bob, valid for an hour. */
function authorization({ alice, bob, now }: Fixture, changes: Partial<Authorization> = {}) {
  return {
    from: alice.address,
    to: bob.address,
    value: 10n * OPA,
    validAfter: 0n,
    validBefore: now + 3_600n,
    nonce: NONCE,
    ...changes,
  };
}

/** The first six arguments of both forms of the call. */
function terms({ from, to, value, validAfter, validBefore, nonce }: Authorization) {
  return [from, to, value, validAfter, validBefore, nonce] as const;
}

const bytesForm = {
  transfer:
    "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)" as const,
  receive:
    "receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)" as const,
  cancel: "cancelAuthorization(address,bytes32,bytes)" as const,
};
const vrsForm = {
  transfer:
    "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)" as const,
  receive:
    "receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)" as const,
  cancel: "cancelAuthorization(address,bytes32,uint8,bytes32,bytes32)" as const,
};

describe("OPAToken", function () {
  describe("constructor (TOK-1, TOK-4)", function () {
    it("creates 800,000,000 OPA once, at the genesis contract", async function () {
      const genesis = await ethers.deployContract("WalletMock", [ethers.ZeroAddress]);

      const token = await ethers.deployContract("OPAToken", [genesis]);

      await expect(token.deploymentTransaction())
        .to.emit(token, "Transfer")
        .withArgs(ethers.ZeroAddress, genesis, INITIAL_SUPPLY);
      expect(await token.totalSupply()).to.equal(800_000_000n * 10n ** 18n);
      expect(await token.INITIAL_SUPPLY()).to.equal(INITIAL_SUPPLY);
      expect(await token.balanceOf(genesis)).to.equal(INITIAL_SUPPLY);
      expect(await token.totalBurned()).to.equal(0n);
    });

    it("has no function beyond its standards, burning and four reads", async function () {
      const { token } = await networkHelpers.loadFixture(fixture);

      const names = new Set<string>();
      token.interface.forEachFunction(({ name }) => names.add(name));

      expect([...names].sort()).to.deep.equal(
        [
          ...["name", "symbol", "decimals", "totalSupply", "balanceOf", "allowance"],
          ...["transfer", "approve", "transferFrom"],
          ...["permit", "nonces", "DOMAIN_SEPARATOR", "eip712Domain"],
          ...["transferWithAuthorization", "receiveWithAuthorization", "cancelAuthorization"],
          ...["authorizationState", "supportsInterface"],
          ...["TRANSFER", "RECEIVE"].map((kind) => `${kind}_WITH_AUTHORIZATION_TYPEHASH`),
          "CANCEL_AUTHORIZATION_TYPEHASH",
          ...["transferAndCall", "transferFromAndCall", "approveAndCall"],
          ...["burn", "burnFrom", "INITIAL_SUPPLY", "totalBurned", "version"],
        ].sort(),
      );
    });
  });

  describe("names (abuse case 15)", function () {
    it("is called OPA Token, OPA, with 18 decimals", async function () {
      const { token } = await networkHelpers.loadFixture(fixture);

      expect(await token.name()).to.equal("OPA Token");
      expect(await token.symbol()).to.equal("OPA");
      expect(await token.decimals()).to.equal(18n);
    });

    it("signs in a domain of its name, version 1, this chain and this contract", async function () {
      const { token, domain } = await networkHelpers.loadFixture(fixture);
      const { chainId } = await ethers.provider.getNetwork();

      expect(domain).to.deep.equal({
        name: "OPA Token",
        version: "1",
        chainId,
        verifyingContract: await token.getAddress(),
      });
      expect(await token.version()).to.equal("1");
      expect(await token.DOMAIN_SEPARATOR()).to.equal(ethers.TypedDataEncoder.hashDomain(domain));
    });
  });

  describe("burn (TOK-2)", function () {
    it("reverts when the caller holds less", async function () {
      const { token, alice } = await networkHelpers.loadFixture(fixture);

      await expect(token.connect(alice).burn(100n * OPA + 1n))
        .to.be.revertedWithCustomError(token, "ERC20InsufficientBalance")
        .withArgs(alice, 100n * OPA, 100n * OPA + 1n);
    });

    it("reduces the total supply and counts what was burned", async function () {
      const { token, alice } = await networkHelpers.loadFixture(fixture);

      const tx = token.connect(alice).burn(40n * OPA);

      await expect(tx)
        .to.emit(token, "Transfer")
        .withArgs(alice, ethers.ZeroAddress, 40n * OPA);
      expect(await token.balanceOf(alice)).to.equal(60n * OPA);
      expect(await token.totalSupply()).to.equal(INITIAL_SUPPLY - 40n * OPA);
      expect(await token.totalBurned()).to.equal(40n * OPA);
    });
  });

  describe("burnFrom (TOK-2)", function () {
    it("reverts when the allowance is less", async function () {
      const { token, alice, bob } = await networkHelpers.loadFixture(fixture);
      await token.connect(alice).approve(bob, 5n);

      await expect(token.connect(bob).burnFrom(alice, 6n))
        .to.be.revertedWithCustomError(token, "ERC20InsufficientAllowance")
        .withArgs(bob, 5n, 6n);
    });

    it("reverts when the account holds less", async function () {
      const { token, alice, bob } = await networkHelpers.loadFixture(fixture);
      await token.connect(alice).approve(bob, ethers.MaxUint256);

      await expect(token.connect(bob).burnFrom(alice, 101n * OPA))
        .to.be.revertedWithCustomError(token, "ERC20InsufficientBalance")
        .withArgs(alice, 100n * OPA, 101n * OPA);
    });

    it("burns and reduces the allowance by the same amount", async function () {
      const { token, alice, bob } = await networkHelpers.loadFixture(fixture);
      await token.connect(alice).approve(bob, 50n * OPA);

      const tx = token.connect(bob).burnFrom(alice, 20n * OPA);

      await expect(tx).to.changeTokenBalance(ethers, token, alice, -20n * OPA);
      expect(await token.allowance(alice, bob)).to.equal(30n * OPA);
      expect(await token.totalBurned()).to.equal(20n * OPA);
    });

    it("leaves an unlimited allowance as it is", async function () {
      const { token, alice, bob } = await networkHelpers.loadFixture(fixture);
      await token.connect(alice).approve(bob, ethers.MaxUint256);

      await token.connect(bob).burnFrom(alice, 20n * OPA);

      expect(await token.allowance(alice, bob)).to.equal(ethers.MaxUint256);
    });
  });

  describe("Transfer events", function () {
    it("give every balance and the supply, from the first block on (F16)", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { token, alice, bob, stranger, domain } = suite;
      const message = authorization(suite);
      const signature = await alice.signTypedData(
        domain,
        TOKEN_TYPES.TransferWithAuthorization,
        message,
      );
      await token[bytesForm.transfer](...terms(message), signature);
      await token.connect(bob).burn(OPA);
      await token.connect(alice).approve(stranger, 5n * OPA);
      await token.connect(stranger).transferFrom(alice, stranger, 3n * OPA);
      await token.connect(stranger).burnFrom(alice, 2n * OPA);
      await token.connect(alice).transfer(alice, OPA);

      const balances = new Map<string, bigint>();
      const add = (account: string, amount: bigint) =>
        balances.set(account, (balances.get(account) ?? 0n) + amount);
      for (const { args } of await token.queryFilter(token.filters.Transfer(), 0)) {
        add(args.from, -args.value);
        add(args.to, args.value);
      }

      const { ZeroAddress: zero } = ethers;
      for (const [account, balance] of balances)
        if (account !== zero) expect(await token.balanceOf(account), account).to.equal(balance);
      expect(-(balances.get(zero) ?? 0n)).to.equal(await token.totalSupply());
      expect(balances.size).to.be.above(6);
    });
  });

  describe("permit (TOK-3; abuse cases 2, 3 and 4)", function () {
    async function permit(suite: Fixture, nonce: bigint, deadline: bigint, value = 7n) {
      const { alice, bob, domain } = suite;
      const message = { owner: alice.address, spender: bob.address, value, nonce, deadline };
      const signature = await alice.signTypedData(domain, TOKEN_TYPES.Permit, message);
      const { v, r, s } = ethers.Signature.from(signature);
      return [alice, bob, value, deadline, v, r, s] as const;
    }

    it("reverts one second after the deadline", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { token, stranger, now } = suite;
      const call = await permit(suite, 0n, now + 9n);
      await networkHelpers.time.setNextBlockTimestamp(now + 10n);

      await expect(token.connect(stranger).permit(...call))
        .to.be.revertedWithCustomError(token, "ERC2612ExpiredSignature")
        .withArgs(now + 9n);
    });

    for (const [name, extra] of [
      ["a second before the deadline", 11n],
      ["at the deadline", 10n],
    ] as const) {
      it(`sets the allowance ${name}, whoever sends it`, async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { token, stranger, alice, bob, now } = suite;
        const call = await permit(suite, 0n, now + extra);
        await networkHelpers.time.setNextBlockTimestamp(now + 10n);

        const tx = token.connect(stranger).permit(...call);

        await expect(tx).to.emit(token, "Approval").withArgs(alice, bob, 7n);
        expect(await token.allowance(alice, bob)).to.equal(7n);
        expect(await token.nonces(alice)).to.equal(1n);
      });
    }

    it("reverts with deadline 0 and accepts the largest deadline", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { token, alice, bob } = suite;

      await expect(token.permit(...(await permit(suite, 0n, 0n))))
        .to.be.revertedWithCustomError(token, "ERC2612ExpiredSignature")
        .withArgs(0n);
      await token.permit(...(await permit(suite, 0n, ethers.MaxUint256)));

      expect(await token.allowance(alice, bob)).to.equal(7n);
    });

    it("reverts when replayed, also after the allowance went back to 0", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { token, alice, bob } = suite;
      const call = await permit(suite, 0n, ethers.MaxUint256);
      await token.permit(...call);
      await token.connect(alice).approve(bob, 0n);

      await expect(token.permit(...call)).to.be.revertedWithCustomError(
        token,
        "ERC2612InvalidSigner",
      );
      expect(await token.allowance(alice, bob)).to.equal(0n);
      expect(await token.nonces(alice)).to.equal(1n);
    });

    it("reverts when the nonce leaves a gap", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const call = await permit(suite, 1n, ethers.MaxUint256);

      await expect(suite.token.permit(...call)).to.be.revertedWithCustomError(
        suite.token,
        "ERC2612InvalidSigner",
      );
    });

    it("reverts for the zero owner, whom no signature recovers to", async function () {
      const { token, bob } = await networkHelpers.loadFixture(fixture);
      const zero = ethers.ZeroHash;

      await expect(
        token.permit(ethers.ZeroAddress, bob, 1n, ethers.MaxUint256, 27, zero, zero),
      ).to.be.revertedWithCustomError(token, "ECDSAInvalidSignature");
    });

    it("reverts for the high-s twin and for every v but 27 and 28", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { token } = suite;
      const [owner, spender, value, deadline, v, r, s] = await permit(suite, 0n, ethers.MaxUint256);
      const twin = ethers.toBeHex(ORDER - BigInt(s), 32);

      await expect(token.permit(owner, spender, value, deadline, 55 - v, r, twin))
        .to.be.revertedWithCustomError(token, "ECDSAInvalidSignatureS")
        .withArgs(twin);
      for (const wrong of [0, 1, 26, 29]) {
        await expect(
          token.permit(owner, spender, value, deadline, wrong, r, s),
        ).to.be.revertedWithCustomError(token, "ECDSAInvalidSignature");
      }
    });

    it("keeps its nonces apart from those of authorisations", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { token, alice, bob, domain } = suite;
      const message = authorization(suite, { nonce: ethers.ZeroHash });
      const signature = await alice.signTypedData(
        domain,
        TOKEN_TYPES.TransferWithAuthorization,
        message,
      );

      await token[bytesForm.transfer](...terms(message), signature);
      expect(await token.nonces(alice)).to.equal(0n);
      await token.permit(...(await permit(suite, 0n, ethers.MaxUint256)));

      expect(await token.nonces(alice)).to.equal(1n);
      expect(await token.allowance(alice, bob)).to.equal(7n);
    });
  });

  for (const form of ["bytes", "v, r, s"] as const) {
    /** Sends the signed call in the form under test. */
    const submit = (
      { token, stranger }: Fixture,
      kind: "transfer" | "receive",
      message: Authorization,
      signature: string,
      sender = stranger,
    ) => {
      const connected = token.connect(sender);
      if (form === "bytes") return connected[bytesForm[kind]](...terms(message), signature);
      const { v, r, s } = ethers.Signature.from(signature);
      return connected[vrsForm[kind]](...terms(message), v, r, s);
    };

    describe(`transferWithAuthorization (${form})`, function () {
      const types = TOKEN_TYPES.TransferWithAuthorization;

      it("reverts when somebody else signed", async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const message = authorization(suite);
        const signature = await suite.bob.signTypedData(suite.domain, types, message);

        await expect(submit(suite, "transfer", message, signature)).to.be.revertedWithCustomError(
          suite.token,
          "ERC3009InvalidSignature",
        );
      });

      for (const field of ["from", "to", "value", "validAfter", "validBefore", "nonce"] as const) {
        it(`reverts when ${field} is not what was signed`, async function () {
          const suite = await networkHelpers.loadFixture(fixture);
          const { alice, stranger, token, domain, now } = suite;
          const message = authorization(suite);
          const signature = await alice.signTypedData(domain, types, message);
          const other = {
            from: stranger.address,
            to: stranger.address,
            value: 11n * OPA,
            validAfter: 1n,
            validBefore: now + 3_601n,
            nonce: ethers.id("another"),
          };

          await expect(
            submit(suite, "transfer", { ...message, [field]: other[field] }, signature),
          ).to.be.revertedWithCustomError(token, "ERC3009InvalidSignature");
        });
      }

      for (const [name, change] of [
        ["name", { name: "OPA" }],
        ["version", { version: "2" }],
        ["chain", { chainId: 1n }],
        ["contract", { verifyingContract: ethers.ZeroAddress }],
      ] as const) {
        it(`reverts when signed in the domain of another ${name}`, async function () {
          const suite = await networkHelpers.loadFixture(fixture);
          const message = authorization(suite);
          const domain = { ...suite.domain, ...change };
          const signature = await suite.alice.signTypedData(domain, types, message);

          await expect(submit(suite, "transfer", message, signature)).to.be.revertedWithCustomError(
            suite.token,
            "ERC3009InvalidSignature",
          );
        });
      }

      for (const [validAfter, validBefore] of [
        [2n ** 47n, 2n ** 256n - 1n],
        [2n ** 47n, 2n ** 48n - 1n],
        [2n ** 47n + 1n, 2n ** 47n + 10_000_000n],
      ] as const)
        it(`reads the bounds ${validAfter} and ${validBefore} as seconds`, async function () {
          const suite = await networkHelpers.loadFixture(fixture);
          const message = { ...authorization(suite), validAfter, validBefore };
          const signature = await suite.alice.signTypedData(suite.domain, types, message);

          await expect(submit(suite, "transfer", message, signature))
            .to.be.revertedWithCustomError(suite.token, "ERC3009InvalidAuthorizationTime")
            .withArgs(validAfter, validBefore);
        });

      it("reverts when signed as a receipt", async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const message = authorization(suite);
        const signature = await suite.alice.signTypedData(
          suite.domain,
          TOKEN_TYPES.ReceiveWithAuthorization,
          message,
        );

        await expect(submit(suite, "transfer", message, signature)).to.be.revertedWithCustomError(
          suite.token,
          "ERC3009InvalidSignature",
        );
      });

      for (const [name, after, before] of [
        ["at validAfter", 10n, 99n],
        ["at validBefore", 0n, 10n],
        ["when the window is empty", 10n, 10n],
        ["when validBefore is 0", 0n, 0n],
      ] as const) {
        it(`reverts ${name}`, async function () {
          const suite = await networkHelpers.loadFixture(fixture);
          const { alice, token, domain, now } = suite;
          const validAfter = after && now + after;
          const validBefore = before && now + before;
          const message = authorization(suite, { validAfter, validBefore });
          const signature = await alice.signTypedData(domain, types, message);
          await networkHelpers.time.setNextBlockTimestamp(now + 10n);

          await expect(submit(suite, "transfer", message, signature))
            .to.be.revertedWithCustomError(token, "ERC3009InvalidAuthorizationTime")
            .withArgs(validAfter, validBefore);
        });
      }

      for (const [name, after, before] of [
        ["one second inside the window", 9n, 11n],
        ["when the window never closes", 9n, ethers.MaxUint256],
      ] as const) {
        it(`moves the tokens ${name}`, async function () {
          const suite = await networkHelpers.loadFixture(fixture);
          const { alice, bob, token, domain, now } = suite;
          const validBefore = before === ethers.MaxUint256 ? before : now + before;
          const message = authorization(suite, { validAfter: now + after, validBefore });
          const signature = await alice.signTypedData(domain, types, message);
          await networkHelpers.time.setNextBlockTimestamp(now + 10n);

          const tx = submit(suite, "transfer", message, signature);

          await expect(tx).to.emit(token, "AuthorizationUsed").withArgs(alice, NONCE);
          await expect(tx)
            .to.emit(token, "Transfer")
            .withArgs(alice, bob, 10n * OPA);
          expect(await token.balanceOf(bob)).to.equal(10n * OPA);
        });
      }

      it("reverts when replayed", async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { alice, token, domain } = suite;
        const message = authorization(suite);
        const signature = await alice.signTypedData(domain, types, message);
        await submit(suite, "transfer", message, signature);

        await expect(submit(suite, "transfer", message, signature))
          .to.be.revertedWithCustomError(token, "ERC3009UsedAuthorization")
          .withArgs(alice, NONCE);
      });

      it("reverts when used through the other form before", async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { alice, token, domain } = suite;
        const message = authorization(suite);
        const signature = await alice.signTypedData(domain, types, message);
        const { v, r, s } = ethers.Signature.from(signature);
        if (form === "bytes") await token[vrsForm.transfer](...terms(message), v, r, s);
        else await token[bytesForm.transfer](...terms(message), signature);

        await expect(submit(suite, "transfer", message, signature))
          .to.be.revertedWithCustomError(token, "ERC3009UsedAuthorization")
          .withArgs(alice, NONCE);
      });

      it("reverts when the holder has less, and the nonce stays good", async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { alice, token, domain } = suite;
        const message = authorization(suite, { value: 101n * OPA });
        const signature = await alice.signTypedData(domain, types, message);

        await expect(submit(suite, "transfer", message, signature))
          .to.be.revertedWithCustomError(token, "ERC20InsufficientBalance")
          .withArgs(alice, 100n * OPA, 101n * OPA);
        expect(await token.authorizationState(alice, NONCE)).to.equal(false);
      });

      it("reverts for the zero holder, whom no signature recovers to", async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { token } = suite;
        const message = terms(authorization(suite, { from: ethers.ZeroAddress }));
        const zero = ethers.ZeroHash;

        if (form === "bytes") {
          const signature = ethers.concat([zero, zero, "0x1b"]);
          await expect(
            token[bytesForm.transfer](...message, signature),
          ).to.be.revertedWithCustomError(token, "ERC3009InvalidSignature");
        } else {
          await expect(
            token[vrsForm.transfer](...message, 27, zero, zero),
          ).to.be.revertedWithCustomError(token, "ECDSAInvalidSignature");
        }
      });

      it("takes nonces in any order", async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { alice, bob, token, domain } = suite;

        for (const nonce of [ethers.MaxUint256, 0n, 77n].map((n) => ethers.toBeHex(n, 32))) {
          const message = authorization(suite, { nonce, value: 1n });
          await submit(
            suite,
            "transfer",
            message,
            await alice.signTypedData(domain, types, message),
          );
          expect(await token.authorizationState(alice, nonce)).to.equal(true);
        }

        expect(await token.balanceOf(bob)).to.equal(3n);
      });
    });

    describe(`receiveWithAuthorization (${form})`, function () {
      const types = TOKEN_TYPES.ReceiveWithAuthorization;

      it("reverts when somebody else signed", async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { stranger, bob, token, domain } = suite;
        const message = authorization(suite);
        const signature = await stranger.signTypedData(domain, types, message);

        await expect(
          submit(suite, "receive", message, signature, bob),
        ).to.be.revertedWithCustomError(token, "ERC3009InvalidSignature");
      });

      it("reverts when anyone but the recipient sends it", async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { alice, bob, token, domain } = suite;
        const message = authorization(suite);
        const signature = await alice.signTypedData(domain, types, message);

        await expect(submit(suite, "receive", message, signature))
          .to.be.revertedWithCustomError(token, "ERC20InvalidReceiver")
          .withArgs(bob);
      });

      it("moves the tokens to the caller, once", async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { alice, bob, token, domain } = suite;
        const message = authorization(suite);
        const signature = await alice.signTypedData(domain, types, message);

        const tx = submit(suite, "receive", message, signature, bob);

        await expect(tx).to.emit(token, "AuthorizationUsed").withArgs(alice, NONCE);
        await expect(tx).to.changeTokenBalances(
          ethers,
          token,
          [alice, bob],
          [-10n * OPA, 10n * OPA],
        );
        await expect(submit(suite, "receive", message, signature, bob))
          .to.be.revertedWithCustomError(token, "ERC3009UsedAuthorization")
          .withArgs(alice, NONCE);
      });
    });

    describe(`cancelAuthorization (${form})`, function () {
      const cancel = ({ token, alice }: Fixture, signature: string) => {
        if (form === "bytes") return token[bytesForm.cancel](alice, NONCE, signature);
        const { v, r, s } = ethers.Signature.from(signature);
        return token[vrsForm.cancel](alice, NONCE, v, r, s);
      };
      const types = TOKEN_TYPES.CancelAuthorization;

      it("reverts when somebody else signed", async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { alice, bob, token, domain } = suite;
        const message = { authorizer: alice.address, nonce: NONCE };

        await expect(
          cancel(suite, await bob.signTypedData(domain, types, message)),
        ).to.be.revertedWithCustomError(token, "ERC3009InvalidSignature");
      });

      it("makes the authorisation unusable, once", async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { alice, token, domain } = suite;
        const message = authorization(suite);
        const transfer = await alice.signTypedData(
          domain,
          TOKEN_TYPES.TransferWithAuthorization,
          message,
        );
        const signature = await alice.signTypedData(domain, types, {
          authorizer: alice.address,
          nonce: NONCE,
        });

        const tx = cancel(suite, signature);

        await expect(tx).to.emit(token, "AuthorizationCanceled").withArgs(alice, NONCE);
        expect(await token.authorizationState(alice, NONCE)).to.equal(true);
        await expect(submit(suite, "transfer", message, transfer))
          .to.be.revertedWithCustomError(token, "ERC3009UsedAuthorization")
          .withArgs(alice, NONCE);
        await expect(cancel(suite, signature))
          .to.be.revertedWithCustomError(token, "ERC3009UsedAuthorization")
          .withArgs(alice, NONCE);
      });
    });
  }

  describe("malformed signatures (abuse cases 1 and 13)", function () {
    for (const [name, change] of [
      ["the high-s twin", twin],
      ["v = 0", (signature: string) => withV(signature, 0)],
      ["v = 1", (signature: string) => withV(signature, 1)],
      ["v = 26", (signature: string) => withV(signature, 26)],
      ["v = 29", (signature: string) => withV(signature, 29)],
      ["the compact 64 bytes", (s: string) => ethers.Signature.from(s).compactSerialized],
      ["no bytes", () => "0x"],
      ["one byte", () => "0x01"],
      ["10 kB", (signature: string) => ethers.concat([signature, new Uint8Array(10_000)])],
      ["a wrapped signature of a wallet not yet deployed", wrapped],
    ] as const) {
      it(`refuses ${name}`, async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { alice, token, domain } = suite;
        const message = authorization(suite);
        const signature = await alice.signTypedData(
          domain,
          TOKEN_TYPES.TransferWithAuthorization,
          message,
        );

        await expect(
          token[bytesForm.transfer](...terms(message), change(signature)),
        ).to.be.revertedWithCustomError(token, "ERC3009InvalidSignature");
      });
    }

    function twin(signature: string) {
      const { v, r, s } = ethers.Signature.from(signature);
      return ethers.concat([r, ethers.toBeHex(ORDER - BigInt(s), 32), ethers.toBeHex(55 - v)]);
    }

    function withV(signature: string, v: number) {
      return ethers.concat([ethers.dataSlice(signature, 0, 64), ethers.toBeHex(v, 1)]);
    }

    function wrapped(signature: string) {
      const content = ethers.AbiCoder.defaultAbiCoder().encode(
        ["address", "bytes", "bytes"],
        [ethers.ZeroAddress, "0x", signature],
      );
      return ethers.concat([content, `0x${"6492".repeat(16)}`]);
    }
  });

  describe("contract wallets (abuse cases 11 and 12)", function () {
    const types = TOKEN_TYPES.TransferWithAuthorization;

    async function signedBy(suite: Fixture, signer: "bob" | "stranger") {
      const { wallet, alice, domain } = suite;
      const from = await wallet.getAddress();
      const message = authorization(suite, { from, to: alice.address });
      const signature = await suite[signer].signTypedData(domain, types, message);
      return { message, signature };
    }

    for (const behaviour of [Behaviour.Honest, Behaviour.LongReturn]) {
      it(`moves the tokens when the wallet is ${Behaviour[behaviour]}`, async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { token, wallet, alice } = suite;
        const { message, signature } = await signedBy(suite, "bob");
        await send(wallet, "behave", behaviour);

        const tx = token[bytesForm.transfer](...terms(message), signature);

        await expect(tx).to.changeTokenBalances(
          ethers,
          token,
          [await wallet.getAddress(), alice],
          [-10n * OPA, 10n * OPA],
        );
      });
    }

    for (const behaviour of [
      Behaviour.WrongMagic,
      Behaviour.ShortReturn,
      Behaviour.Reverts,
      Behaviour.BurnsAllGas,
      Behaviour.ReturnBomb,
    ]) {
      it(`reverts when the wallet's answer is ${Behaviour[behaviour]}`, async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { token, wallet } = suite;
        const { message, signature } = await signedBy(suite, "bob");
        await send(wallet, "behave", behaviour);

        await expect(
          token[bytesForm.transfer](...terms(message), signature, { gasLimit: 5_000_000n }),
        ).to.be.revertedWithCustomError(token, "ERC3009InvalidSignature");
      });
    }

    it("reverts when somebody else signed for the wallet", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { message, signature } = await signedBy(suite, "stranger");

      await expect(
        suite.token[bytesForm.transfer](...terms(message), signature),
      ).to.be.revertedWithCustomError(suite.token, "ERC3009InvalidSignature");
    });

    it("lets a wallet that accepts everything lose only its own tokens", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { token, wallet, alice, bob } = suite;
      const { message } = await signedBy(suite, "bob");
      await send(wallet, "behave", Behaviour.AcceptsAll);

      await token[bytesForm.transfer](...terms(message), "0x");

      expect(await token.balanceOf(wallet)).to.equal(90n * OPA);
      await expect(
        token[bytesForm.transfer](
          ...terms(authorization(suite, { from: alice.address, to: bob.address })),
          "0x",
        ),
      ).to.be.revertedWithCustomError(token, "ERC3009InvalidSignature");
    });

    it("cancels and receives for a wallet too", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { token, wallet, alice, bob, domain } = suite;
      const from = await wallet.getAddress();
      const message = authorization(suite, { from, to: alice.address });
      const receipt = await bob.signTypedData(
        domain,
        TOKEN_TYPES.ReceiveWithAuthorization,
        message,
      );
      const second = ethers.id("second");
      const cancellation = await bob.signTypedData(domain, TOKEN_TYPES.CancelAuthorization, {
        authorizer: from,
        nonce: second,
      });

      await token.connect(alice)[bytesForm.receive](...terms(message), receipt);
      await token[bytesForm.cancel](from, second, cancellation);

      expect(await token.balanceOf(alice)).to.equal(110n * OPA);
      expect(await token.authorizationState(from, NONCE)).to.equal(true);
      expect(await token.authorizationState(from, second)).to.equal(true);
    });

    it("publishes the type hashes of its authorisations", async function () {
      const { token } = await networkHelpers.loadFixture(fixture);
      const bounds = "uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce";

      for (const [kind, hash] of [
        ["Transfer", await token.TRANSFER_WITH_AUTHORIZATION_TYPEHASH()],
        ["Receive", await token.RECEIVE_WITH_AUTHORIZATION_TYPEHASH()],
      ] as const)
        expect(hash).to.equal(
          ethers.id(`${kind}WithAuthorization(address from,address to,${bounds})`),
        );
      expect(await token.CANCEL_AUTHORIZATION_TYPEHASH()).to.equal(
        ethers.id("CancelAuthorization(address authorizer,bytes32 nonce)"),
      );
    });

    it("takes the key of an account that delegates its code, in either form", async function () {
      for (const form of ["bytes", "v, r, s"]) {
        const suite = await networkHelpers.loadFixture(fixture);
        const { token, alice, bob, treasury, domain } = suite;
        const message = authorization(suite);
        const signature = await alice.signTypedData(domain, types, message);
        const { v, r, s } = ethers.Signature.from(signature);
        const delegate = await treasury.getAddress();
        await networkHelpers.setCode(alice.address, ethers.concat(["0xef0100", delegate]));

        if (form === "bytes") await token[bytesForm.transfer](...terms(message), signature);
        else await token[vrsForm.transfer](...terms(message), v, r, s);

        expect(await token.balanceOf(bob), form).to.equal(10n * OPA);
      }
    });
  });

  describe("a payment header as x402 clients make it (TOK-3)", function () {
    it("settles from the JSON alone, in either form", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { token, alice, bob, now } = suite;
      const [, name, version, chainId, verifyingContract] = await token.eip712Domain();
      const header = async (nonce: string) => {
        const message = {
          from: alice.address,
          to: bob.address,
          value: "2500000000000000000",
          validAfter: (now - 600n).toString(),
          validBefore: (now + 60n).toString(),
          nonce,
        };
        const signature = await alice.signTypedData(
          { name, version, chainId, verifyingContract },
          {
            TransferWithAuthorization: [
              { name: "from", type: "address" },
              { name: "to", type: "address" },
              { name: "value", type: "uint256" },
              { name: "validAfter", type: "uint256" },
              { name: "validBefore", type: "uint256" },
              { name: "nonce", type: "bytes32" },
            ],
          },
          message,
        );
        return JSON.stringify({ signature, authorization: message });
      };

      for (const [index, form] of (["v, r, s", "bytes"] as const).entries()) {
        const payload = JSON.parse(await header(ethers.id(`payment ${index}`))) as {
          signature: string;
          authorization: Record<keyof Authorization, string>;
        };
        const { from, to, value, validAfter, validBefore, nonce } = payload.authorization;
        const { v, r, s } = ethers.Signature.from(payload.signature);
        expect(await token.authorizationState(from, nonce)).to.equal(false);

        if (form === "bytes")
          await token[bytesForm.transfer](
            ...([from, to, value, validAfter, validBefore, nonce] as const),
            payload.signature,
          );
        else
          await token[vrsForm.transfer](
            ...([from, to, value, validAfter, validBefore, nonce] as const),
            ...([v, r, s] as const),
          );

        expect(await token.authorizationState(from, nonce)).to.equal(true);
      }
      expect(await token.balanceOf(bob)).to.equal(5n * OPA);
    });

    it("answers at the selectors the clients call", async function () {
      const { token } = await networkHelpers.loadFixture(fixture);

      expect(token.interface.getFunction(vrsForm.transfer).selector).to.equal("0xe3ee160e");
      expect(token.interface.getFunction(bytesForm.transfer).selector).to.equal("0xcf092995");
      expect(token.interface.getFunction("authorizationState").selector).to.equal("0xe94a0102");
    });
  });

  describe("calls after transfer and approval (TOK-3)", function () {
    it("declares ERC-1363 and ERC-165", async function () {
      const { token } = await networkHelpers.loadFixture(fixture);

      expect(await token.supportsInterface("0xb0202a11")).to.equal(true);
      expect(await token.supportsInterface("0x01ffc9a7")).to.equal(true);
      expect(await token.supportsInterface("0xffffffff")).to.equal(false);
    });

    it("tells the receiver what it got, in all three ways", async function () {
      const { token, alice, bob } = await networkHelpers.loadFixture(fixture);
      const receiver = await ethers.deployContract("ReceiverMock");
      await token.connect(alice).approve(bob, 2n);

      await expect(
        token.connect(alice)["transferAndCall(address,uint256,bytes)"](receiver, 1n, "0x1234"),
      )
        .to.emit(receiver, "Received")
        .withArgs(alice, alice, 1n, "0x1234");
      await expect(
        token
          .connect(bob)
          ["transferFromAndCall(address,address,uint256,bytes)"](alice, receiver, 2n, "0x"),
      )
        .to.emit(receiver, "Received")
        .withArgs(bob, alice, 2n, "0x");
      await expect(
        token.connect(alice)["approveAndCall(address,uint256,bytes)"](receiver, 3n, "0xff"),
      )
        .to.emit(receiver, "Approved")
        .withArgs(alice, 3n, "0xff");

      expect(await token.balanceOf(receiver)).to.equal(3n);
      expect(await token.allowance(alice, receiver)).to.equal(3n);
    });

    it("reverts when the receiver refuses or is no contract", async function () {
      const { token, alice, bob } = await networkHelpers.loadFixture(fixture);
      const receiver = await ethers.deployContract("ReceiverMock");
      await send(receiver, "refuse");
      const connected = token.connect(alice);

      await expect(connected["transferAndCall(address,uint256)"](receiver, 1n))
        .to.be.revertedWithCustomError(token, "ERC1363InvalidReceiver")
        .withArgs(receiver);
      await expect(connected["approveAndCall(address,uint256)"](receiver, 1n))
        .to.be.revertedWithCustomError(token, "ERC1363InvalidSpender")
        .withArgs(receiver);
      await expect(connected["transferAndCall(address,uint256)"](bob, 1n))
        .to.be.revertedWithCustomError(token, "ERC1363InvalidReceiver")
        .withArgs(bob);
    });
  });
});
