import { expect } from "chai";
import type { BytesLike } from "ethers";
import { network } from "hardhat";

import {
  ALL_CATEGORIES,
  Category,
  deployModules,
  deploySettling,
  EPOCH,
  fund,
  GATED,
  GIGABYTES,
  GRACE,
  GWEI,
  limits,
  PRICE,
  resourceParams,
  Role,
  registerNode,
  SECONDS,
  setKey,
  stateOf,
  TOKENS,
  usage,
  useOf,
  WINDOW,
} from "../../support/metering.js";
import { OPA, send } from "../../support/release.js";
import type { Line, SignedStatement } from "../../support/statements.js";
import {
  packed,
  hashStatement,
  inOrder,
  plainResults,
  Reason,
  signStatement,
  STATEMENT_TYPES,
} from "../../support/statements.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const MAX_UNITS = 2n ** 64n - 1n;
const TX_GAS_CAP = 16_777_216n;
const Wallet = {
  Honest: 0,
  WrongMagic: 2,
  ShortReturn: 3,
  LongReturn: 4,
  Reverts: 5,
  BurnsAllGas: 6,
  ReturnBomb: 7,
};

async function fixture() {
  return deploySettling(connection);
}

/** A key with a day and 1,000 tokens per epoch, and a thousand prompt tokens' worth of line. */
async function keyedFixture() {
  const suite = await deploySettling(connection);
  const { meter, alice, key, startedAt } = suite;
  const expiresAt = startedAt + 11n * EPOCH + EPOCH / 2n;
  await setKey(meter, alice, key, { expiresAt, epochLimit: 1_000n * price(TOKENS) });
  return { ...suite, expiresAt };
}

/** A wallet contract of bob's with 100 OPA of credit of its own, which is also a key of alice's. */
async function walletFixture() {
  const suite = await deploySettling(connection);
  const { meter, alice, bob, startedAt } = suite;
  const wallet = await ethers.deployContract("WalletMock", [bob]);
  const walletAddress = await wallet.getAddress();
  await meter.connect(bob).deposit(wallet, 100n * OPA);
  await setKey(meter, alice, wallet, { expiresAt: startedAt + 100n * EPOCH, epochLimit: OPA });
  return { ...suite, wallet, walletAddress };
}

/** Price of one unit. */
function price(resource: bigint): bigint {
  return PRICE[String(resource)] ?? 0n;
}

/** A result none of whose lines was looked at. */
function refused(reason: bigint) {
  return { reason, burned: 0n, reasons: [] };
}

/** A result of lines that were looked at. */
function looked(burned: bigint, ...reasons: bigint[]) {
  return { reason: Reason.None, burned, reasons };
}

/** The same statement under another signature. */
function resigned(signed: SignedStatement, signature: string): SignedStatement {
  return { ...signed, signature };
}

/** Moves into the epoch that begins `epochs` after the running one. */
async function skipEpochs(startedAt: bigint, epochs: bigint) {
  const now = BigInt(await time.latest());
  await time.increaseTo(startedAt + ((now - startedAt) / EPOCH + epochs) * EPOCH);
}

describe("Settlement", function () {
  describe("constructor", function () {
    it("reverts without a Meter", async function () {
      const { settlement } = await networkHelpers.loadFixture(fixture);

      await expect(
        ethers.deployContract("Settlement", [ethers.ZeroAddress]),
      ).to.be.revertedWithCustomError(settlement, "SettlementZeroAddress");
    });

    it("names its Meter, whose window is within what the registry keeps prices of", async function () {
      const { core, extension, meter, registry, settlement } =
        await networkHelpers.loadFixture(fixture);

      expect(await settlement.METER()).to.equal(meter);
      expect(await settlement.WALLET_GAS()).to.equal(300_000n);
      expect(await meter.MAX_LINES()).to.equal(128n);
      expect(await registry.PRICE_WINDOW()).to.equal(7n);
      for (const window of [0n, 8n, 2n ** 32n - 1n])
        await expect(ethers.deployContract("Meter", [extension, window]))
          .to.be.revertedWithCustomError(core, "MeterInvalidWindow")
          .withArgs(window, 7n);
      for (const window of [1n, 7n]) {
        const other = await ethers.deployContract("Meter", [extension, window]);
        expect(await other.SETTLEMENT_WINDOW()).to.equal(window);
      }
    });
  });

  describe("settle", function () {
    describe("a statement's form (SET-3)", function () {
      it("reverts when there is no statement", async function () {
        const { settlement } = await networkHelpers.loadFixture(fixture);

        await expect(settlement.settle(packed([]))).to.be.revertedWithCustomError(
          settlement,
          "SettlementEmpty",
        );
        await expect(settlement.preview(packed([]))).to.be.revertedWithCustomError(
          settlement,
          "SettlementEmpty",
        );
      });

      it("skips a statement without lines", async function () {
        const { sign, settle, alice, meter } = await networkHelpers.loadFixture(fixture);

        const { tx, results } = await settle([await sign([])]);

        expect(results).to.deep.equal([refused(Reason.NoLines)]);
        await expect(tx)
          .to.emit(meter, "StatementSkipped")
          .withArgs(alice.address, alice.address, Reason.NoLines);
      });

      it("skips a statement of 129 lines and settles one of 128", async function () {
        const { sign, settle, alice, registry, line, meter } =
          await networkHelpers.loadFixture(fixture);
        for (let i = 5; i <= 129; i++)
          await registry.register(resourceParams({ name: `model ${i}` }));
        const lines = Array.from({ length: 129 }, (_, i) => line(1n, BigInt(i + 1)));

        const long = await settle([await sign(lines)]);
        const short = await settle([await sign(lines.slice(0, 128))]);

        expect(long.results).to.deep.equal([refused(Reason.TooManyLines)]);
        await expect(long.tx)
          .to.emit(meter, "StatementSkipped")
          .withArgs(alice.address, alice.address, Reason.TooManyLines);
        const reasons = short.results[0]?.reasons ?? [];
        expect(reasons.filter((reason) => reason === Reason.None)).to.have.lengthOf(127);
        expect(reasons[3]).to.equal(Reason.TierTooLow);
      });

      it("settles in the second of the deadline and skips one second later", async function () {
        const { settlement, sign, line, alice, meter } = await networkHelpers.loadFixture(fixture);
        const deadline = BigInt(await time.latest()) + 100n;
        const first = await sign([line(1n)], { deadline });
        const second = await sign([line(2n)], { deadline });

        await time.setNextBlockTimestamp(deadline);
        await expect(settlement.settle(packed([first]))).to.emit(meter, "LineSettled");
        await time.setNextBlockTimestamp(deadline + 1n);
        await expect(settlement.settle(packed([second])))
          .to.emit(meter, "StatementSkipped")
          .withArgs(alice.address, alice.address, Reason.DeadlineExpired);
      });

      it("skips a price epoch ahead until that epoch has begun", async function () {
        const { settle, sign, line, startedAt } = await networkHelpers.loadFixture(fixture);
        const signed = await sign([line(5n)], { priceEpoch: 11n });

        const { results } = await settle([signed]);
        await skipEpochs(startedAt, 1n);
        const later = await settle([signed]);

        expect(results).to.deep.equal([refused(Reason.PriceEpochAhead)]);
        expect(later.results).to.deep.equal([looked(5n * price(TOKENS), Reason.None)]);
      });

      it("settles the oldest price epoch of the window and skips one epoch older", async function () {
        const { settle, sign, line, startedAt } = await networkHelpers.loadFixture(fixture);
        const [first, second] = [await sign([line(5n)]), await sign([line(6n)])];

        await skipEpochs(startedAt, WINDOW);
        const oldest = await settle([first]);
        await skipEpochs(startedAt, 1n);
        const older = await settle([second]);

        expect(oldest.results).to.deep.equal([looked(5n * price(TOKENS), Reason.None)]);
        expect(older.results).to.deep.equal([refused(Reason.PriceEpochTooOld)]);
      });

      it("names the first thing wrong with the form", async function () {
        const { settle, sign, line } = await networkHelpers.loadFixture(fixture);
        const many = Array.from({ length: 129 }, () => line(1n));
        const bad = "0x";

        const { results } = await settle([
          resigned(await sign([], { deadline: 0n, priceEpoch: 99n }), bad),
          resigned(await sign(many, { deadline: 0n, priceEpoch: 99n }), bad),
          resigned(await sign([line(1n)], { deadline: 0n, priceEpoch: 99n }), bad),
          resigned(await sign([line(1n)], { deadline: 0n }), bad),
          resigned(await sign([line(1n), line(1n)], { priceEpoch: 6n }), bad),
          resigned(await sign([line(1n), line(1n)]), bad),
        ]);

        expect(results).to.deep.equal(
          [
            Reason.NoLines,
            Reason.TooManyLines,
            Reason.PriceEpochAhead,
            Reason.DeadlineExpired,
            Reason.PriceEpochTooOld,
            Reason.InvalidSignature,
          ].map(refused),
        );
      });

      it("skips lines that are not in strictly ascending order", async function () {
        const { settle, sign, line, alice, key, provider, other, meter } =
          await networkHelpers.loadFixture(fixture);
        const wrong: Line[][] = [
          [line(1n, SECONDS), line(1n, TOKENS)],
          [line(1n), line(1n)],
          [line(1n), line(2n)],
          [line(1n, TOKENS, other), line(1n, SECONDS, provider)],
          [line(1n, TOKENS, provider), line(1n, TOKENS, other), line(1n, SECONDS, provider)],
        ];

        for (const lines of wrong) {
          const { tx, results } = await settle([await sign(lines, { key })]); // before the key is known or not
          expect(results).to.deep.equal([refused(Reason.LinesUnordered)]);
          await expect(tx)
            .to.emit(meter, "StatementSkipped")
            .withArgs(alice.address, key.address, Reason.LinesUnordered);
        }
      });
    });

    describe("who signed (SET-1; SET-I9, SET-I11)", function () {
      it("settles for the account itself", async function () {
        const { meter, token, settle, sign, line, alice, provider } =
          await networkHelpers.loadFixture(fixture);
        const burned = 1_000n * price(TOKENS);

        const { tx, results } = await settle([await sign([line(1_000n)])]);

        expect(results).to.deep.equal([looked(burned, Reason.None)]);
        await expect(tx)
          .to.emit(meter, "LineSettled")
          .withArgs(alice.address, provider.address, TOKENS, alice.address, 10n, 1_000n, burned);
        await expect(tx)
          .to.emit(token, "Transfer")
          .withArgs(await meter.getAddress(), ethers.ZeroAddress, burned);
        expect(await meter.lineOf(alice, provider, TOKENS)).to.deep.equal([1_000n, 10n]);
      });

      it("settles for a key of the account", async function () {
        const { meter, settle, sign, line, alice, key, provider } =
          await networkHelpers.loadFixture(keyedFixture);
        const burned = 999n * price(TOKENS);

        const { tx, results } = await settle([await sign([line(999n)], { key })]);

        expect(results).to.deep.equal([looked(burned, Reason.None)]);
        await expect(tx)
          .to.emit(meter, "LineSettled")
          .withArgs(alice.address, provider.address, TOKENS, key.address, 10n, 999n, burned);
        expect((await meter.keyOf(alice, key)).spent).to.equal(burned);
      });

      it("skips a key that the account never named", async function () {
        const { settle, sign, line, alice, stranger, meter } =
          await networkHelpers.loadFixture(keyedFixture);

        const { tx, results } = await settle([await sign([line(1n)], { key: stranger })]);

        expect(results).to.deep.equal([refused(Reason.KeyUnknown)]);
        await expect(tx)
          .to.emit(meter, "StatementSkipped")
          .withArgs(alice.address, stranger.address, Reason.KeyUnknown);
      });

      it("skips a key that another account named", async function () {
        const { meter, settle, sign, line, bob, key } =
          await networkHelpers.loadFixture(keyedFixture);
        await meter.connect(bob).deposit(bob, OPA);

        const { results } = await settle([await sign([line(1n)], { key, account: bob.address })]);

        expect(results).to.deep.equal([refused(Reason.KeyUnknown)]);
      });

      it("skips a revoked key, also for what it signed before", async function () {
        const { meter, settle, sign, line, alice, key } =
          await networkHelpers.loadFixture(keyedFixture);
        const signed = await sign([line(1n)], { key });

        await meter.connect(alice).revokeKey(alice, key);

        expect((await settle([signed])).results).to.deep.equal([refused(Reason.KeyUnknown)]);
      });

      it("settles by a key in its last second and skips it one second later", async function () {
        const { settlement, sign, line, alice, key, expiresAt, meter } =
          await networkHelpers.loadFixture(keyedFixture);
        const [first, second] = [await sign([line(1n)], { key }), await sign([line(2n)], { key })];

        await time.setNextBlockTimestamp(expiresAt);
        await expect(settlement.settle(packed([first]))).to.emit(meter, "LineSettled");
        await time.setNextBlockTimestamp(expiresAt + 1n);
        await expect(settlement.settle(packed([second])))
          .to.emit(meter, "StatementSkipped")
          .withArgs(alice.address, key.address, Reason.KeyExpired);
      });

      it("skips a key that manages a project, and spends nothing", async function () {
        const { meter, settle, sign, line, alice, stranger } =
          await networkHelpers.loadFixture(keyedFixture);
        await meter.connect(alice).openProject(alice, limits());
        await meter.connect(alice).setKey(alice, stranger, 1n, Role.Manager, limits());

        const { tx, results } = await settle([await sign([line(1n)], { key: stranger })]);

        expect(results).to.deep.equal([refused(Reason.KeyCannotSpend)]);
        await expect(tx)
          .to.emit(meter, "StatementSkipped")
          .withArgs(alice.address, stranger.address, Reason.KeyCannotSpend);
      });

      it("skips a key whose project or organisation has expired", async function () {
        const { meter, settle, sign, line, alice, key } =
          await networkHelpers.loadFixture(keyedFixture);
        const own = meter.connect(alice);
        const expiresAt = BigInt(await time.latest()) + 100n;
        await own.openProject(alice, limits({ expiresAt }));
        await own.setKey(alice, key, 1n, Role.Spender, limits());
        const signed = await sign([line(1n)], { key });
        await time.increaseTo(expiresAt + 1n);

        expect((await settle([signed])).results).to.deep.equal([refused(Reason.ProjectExpired)]);
        await own.setKey(alice, key, 0n, Role.Spender, limits());
        const soon = BigInt(await time.latest()) + 100n;
        await own.limitOrganisation(alice, limits({ expiresAt: soon }));
        await time.increaseTo(soon + 1n);
        expect((await settle([signed])).results).to.deep.equal([
          refused(Reason.OrganisationExpired),
        ]);
      });

      it("skips the account itself once it is no admin any more", async function () {
        const { meter, settle, sign, line, alice, bob } = await networkHelpers.loadFixture(fixture);
        await meter.connect(alice).nominateAdmin(alice, bob);
        await meter.connect(bob).acceptAdmin(alice);
        await meter.connect(alice).removeAdmin(alice, alice);

        const { results } = await settle([await sign([line(1n)])]);

        expect(results).to.deep.equal([refused(Reason.KeyUnknown)]);
      });

      it("settles for a wallet contract", async function () {
        const { settle, sign, line, bob, wallet, walletAddress } =
          await networkHelpers.loadFixture(walletFixture);

        const signed = await sign([line(7n)], { account: walletAddress, key: bob, signer: wallet });

        expect((await settle([signed])).results).to.deep.equal([
          looked(7n * price(TOKENS), Reason.None),
        ]);
      });

      it("settles for a key that is a wallet contract", async function () {
        const { settle, sign, line, bob, wallet } = await networkHelpers.loadFixture(walletFixture);

        const signed = await sign([line(7n)], { key: bob, signer: wallet });

        expect((await settle([signed])).results).to.deep.equal([
          looked(7n * price(TOKENS), Reason.None),
        ]);
      });

      it("accepts a wallet's magic value with data behind it", async function () {
        const { settle, sign, line, bob, wallet, walletAddress } =
          await networkHelpers.loadFixture(walletFixture);
        await send(wallet, "behave", Wallet.LongReturn);

        const signed = await sign([line(7n)], { account: walletAddress, key: bob, signer: wallet });

        expect((await settle([signed])).results).to.deep.equal([
          looked(7n * price(TOKENS), Reason.None),
        ]);
      });

      it("skips a misbehaving wallet and settles the others", async function () {
        const { settle, sign, line, alice, bob, wallet, walletAddress, meter } =
          await networkHelpers.loadFixture(walletFixture);
        const bad = await sign([line(7n)], { account: walletAddress, key: bob, signer: wallet });
        const behaviours = [
          Wallet.WrongMagic,
          Wallet.ShortReturn,
          Wallet.Reverts,
          Wallet.BurnsAllGas,
          Wallet.ReturnBomb,
        ];

        for (const [i, behaviour] of behaviours.entries()) {
          await send(wallet, "behave", behaviour);
          const good = await sign([line(BigInt(i) + 1n)]);
          const { tx, results } = await settle([bad, good]);

          expect(results).to.deep.equal([
            refused(Reason.InvalidSignature),
            looked(price(TOKENS), Reason.None),
          ]);
          await expect(tx)
            .to.emit(meter, "StatementSkipped")
            .withArgs(walletAddress, walletAddress, Reason.InvalidSignature);
          await expect(tx).to.emit(meter, "LineSettled");
          expect((await tx.wait())?.gasUsed).to.be.lessThan(900_000n);
        }
        expect(
          (await meter.lineOf(alice, bad.statement.lines[0]?.provider ?? "", TOKENS))[0],
        ).to.equal(5n);
      });

      it("settles the others beside as many return bombs as fit their gas", async function () {
        const { settle, sign, line, bob, wallet, walletAddress } =
          await networkHelpers.loadFixture(walletFixture);
        await send(wallet, "behave", Wallet.ReturnBomb);
        const bomb = await sign([line(7n)], { account: walletAddress, key: bob, signer: wallet });
        const good = await sign([line(1n)]);

        const gasOf = async (bombs: number) => {
          const { tx, results } = await settle([
            ...Array.from({ length: bombs }, () => bomb),
            await sign([line(BigInt(bombs) + 1n)]),
          ]);
          expect(results.at(-1)?.reasons).to.deep.equal(looked(0n, Reason.None).reasons);
          return (await tx.wait())?.gasUsed ?? 0n;
        };
        await settle([good]);
        const one = await gasOf(1);
        const two = await gasOf(2);
        const twenty = await gasOf(20);

        // Linear in the number of bombs: the return data of one is freed before the next call.
        expect(twenty - two).to.be.lessThan((two - one) * 20n);
        expect(twenty).to.be.lessThan(16_777_216n);
      });

      it("refuses a wallet that re-enters, and settles its statement once", async function () {
        const { settlement, meter, token, sign, line, bob } =
          await networkHelpers.loadFixture(fixture);
        const wallet = await ethers.deployContract("ReentrantWalletMock", [settlement]);
        const account = await wallet.getAddress();
        await meter.connect(bob).deposit(wallet, OPA);
        const signed = await sign([line(3n)], { account, key: bob, signer: wallet });
        await send(
          wallet,
          "callBack",
          settlement.interface.encodeFunctionData("settle", [packed([signed])]),
        );
        const supply = await token.totalSupply();

        await settlement.settle(packed([signed]));
        await settlement.settle(packed([signed]));

        expect(supply - (await token.totalSupply())).to.equal(3n * price(TOKENS));
      });

      it("settles by ECDSA for an account that delegates its code", async function () {
        const { settle, sign, line, alice, wallet } =
          await networkHelpers.loadFixture(walletFixture);
        await send(wallet, "behave", Wallet.WrongMagic);
        const delegation = ethers.concat(["0xef0100", await wallet.getAddress()]);
        await ethers.provider.send("hardhat_setCode", [alice.address, delegation]);
        expect(await ethers.provider.getCode(alice)).to.equal(delegation.toLowerCase());

        const { results } = await settle([await sign([line(2n)])]);

        expect(results).to.deep.equal([looked(2n * price(TOKENS), Reason.None)]);
      });

      it("skips malformed signatures", async function () {
        const { settle, sign, line } = await networkHelpers.loadFixture(fixture);
        const signed = await sign([line(1n)]);
        const { r, s, v, compactSerialized } = ethers.Signature.from(signed.signature);
        const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
        const twin = ethers.toBeHex(order - BigInt(s), 32);
        const malformed: BytesLike[] = [
          "0x",
          "0x01",
          new Uint8Array(10_000).fill(7),
          compactSerialized,
          ethers.concat([r, twin, ethers.toBeHex(v === 27 ? 28 : 27, 1)]),
          ethers.concat([signed.signature, "0x00"]),
          ...[0, 1, 26, 29].map((wrong) => ethers.concat([r, s, ethers.toBeHex(wrong, 1)])),
        ];

        const { results } = await settle(
          malformed.map((bytes) => resigned(signed, ethers.hexlify(bytes))),
        );

        expect(results).to.deep.equal(malformed.map(() => refused(Reason.InvalidSignature)));
      });

      it("settles nothing for the zero address, whatever is shown", async function () {
        const { meter, settle, sign, line, alice } = await networkHelpers.loadFixture(fixture);
        const zero = ethers.ZeroAddress;
        const signed = await sign([line(1n)], { account: zero });

        const { results } = await settle([
          { ...signed, signer: zero },
          { ...signed, signer: zero, signature: "0x" },
          { ...signed, signer: zero, signature: `0x${"00".repeat(64)}1b` },
          signed,
        ]);

        expect(results.map(({ reason }) => reason)).to.deep.equal([
          Reason.InvalidSignature,
          Reason.InvalidSignature,
          Reason.InvalidSignature,
          Reason.KeyUnknown,
        ]);
        expect(await meter.creditOf(alice)).to.equal(100n * OPA);
      });

      it("skips a statement any of whose fields was changed", async function () {
        const { settle, sign, line, bob, other, meter } = await networkHelpers.loadFixture(fixture);
        await meter.connect(bob).deposit(bob, OPA);
        const { statement, signer, signature } = await sign([line(1n)]);

        const { results } = await settle(
          [
            { ...statement, account: bob.address },
            { ...statement, priceEpoch: statement.priceEpoch - 1n },
            { ...statement, deadline: statement.deadline + 1n },
            { ...statement, lines: [line(2n)] },
            { ...statement, lines: [line(1n, SECONDS)] },
            { ...statement, lines: [line(1n, TOKENS, other)] },
            { ...statement, lines: [line(1n), line(1n, SECONDS)] },
          ].map((changed) => ({ statement: changed, signer, signature })),
        );

        for (const result of results.slice(1))
          expect(result).to.deep.equal(refused(Reason.InvalidSignature));
        expect(results[0]).to.deep.equal(refused(Reason.InvalidSignature));
      });

      it("skips a statement signed in another domain", async function () {
        const { settle, sign, line, alice, domain, meter } =
          await networkHelpers.loadFixture(fixture);
        const { statement } = await sign([line(1n)]);
        const domains = [
          { ...domain, chainId: 1n },
          { ...domain, verifyingContract: await meter.getAddress() },
          { ...domain, name: "OPA Token" },
          { ...domain, version: "2" },
        ];

        const signed = await Promise.all(
          domains.map((wrong) => signStatement(wrong, statement, alice)),
        );

        expect((await settle(signed)).results).to.deep.equal(
          signed.map(() => refused(Reason.InvalidSignature)),
        );
      });

      it("skips a signature over another struct with the same values", async function () {
        const { settle, sign, line, alice, domain } = await networkHelpers.loadFixture(fixture);
        const { statement, signer } = await sign([line(1n)]);
        const { Statement, Line: LineType } = STATEMENT_TYPES;
        const renamed = { Voucher: Statement, Line: LineType };
        const swapped = {
          Statement: [Statement[0], Statement[2], Statement[1], Statement[3]],
          Line: LineType,
        };

        const signatures = [
          await alice.signTypedData(domain, renamed, statement),
          await alice.signTypedData(domain, swapped as typeof STATEMENT_TYPES, statement),
          await alice.signMessage(ethers.getBytes(hashStatement(domain, statement))),
        ];
        const { results } = await settle(
          signatures.map((signature) => ({ statement, signer, signature })),
        );

        expect(results).to.deep.equal(signatures.map(() => refused(Reason.InvalidSignature)));
      });
    });

    describe("running totals (SET-2; SET-I2, SET-I3)", function () {
      it("burns nothing for a replay, a lower or an overtaken total and does not revert", async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { meter, settle, sign, line } = suite;
        const [low, high] = [await sign([line(10n)]), await sign([line(25n)])];
        await settle([high]);
        const before = await stateOf(connection, suite);

        const { tx, results } = await settle([
          high,
          low,
          await sign([line(25n)]),
          await sign([line(0n)]),
        ]);

        expect(results).to.deep.equal(
          Array.from({ length: 4 }, () => looked(0n, Reason.NothingNew)),
        );
        await expect(tx).not.to.emit(meter, "LineSkipped");
        await expect(tx).not.to.emit(meter, "LineSettled");
        expect(await stateOf(connection, suite)).to.deep.equal(before);
        expect((await tx.wait())?.logs).to.have.lengthOf(0);
      });

      it("burns once for the same statement twice in one call", async function () {
        const { settle, sign, line } = await networkHelpers.loadFixture(fixture);
        const signed = await sign([line(10n)]);

        const { results } = await settle([signed, signed]);

        expect(results).to.deep.equal([
          looked(10n * price(TOKENS), Reason.None),
          looked(0n, Reason.NothingNew),
        ]);
      });

      it("adds up two statements of one account in one call", async function () {
        const { settle, sign, line, alice, provider, meter } =
          await networkHelpers.loadFixture(fixture);

        const { results } = await settle([await sign([line(10n)]), await sign([line(25n)])]);

        expect(results).to.deep.equal([
          looked(10n * price(TOKENS), Reason.None),
          looked(15n * price(TOKENS), Reason.None),
        ]);
        expect((await meter.lineOf(alice, provider, TOKENS)).cumulativeUnits).to.equal(25n);
      });

      it("keeps totals apart by account, provider and resource", async function () {
        const { meter, settle, sign, line, alice, bob, provider, other } =
          await networkHelpers.loadFixture(fixture);
        await meter.connect(bob).deposit(bob, OPA);
        const lines = [
          line(1n),
          line(2n, SECONDS),
          line(3n, TOKENS, other),
          line(4n, SECONDS, other),
        ];

        const { results } = await settle([
          await sign(lines),
          await sign([line(5n)], { account: bob.address, key: bob }),
        ]);

        const burned = 4n * price(TOKENS) + 6n * price(SECONDS);
        expect(results[0]).to.deep.equal(looked(burned, 0n, 0n, 0n, 0n));
        expect(results[1]).to.deep.equal(looked(5n * price(TOKENS), 0n));
        expect((await meter.lineOf(alice, provider, TOKENS))[0]).to.equal(1n);
        expect((await meter.lineOf(alice, provider, SECONDS))[0]).to.equal(2n);
        expect((await meter.lineOf(alice, other, TOKENS))[0]).to.equal(3n);
        expect((await meter.lineOf(alice, other, SECONDS))[0]).to.equal(4n);
        expect((await meter.lineOf(bob, provider, TOKENS))[0]).to.equal(5n);
      });

      it("settles the rest when part of a statement is new", async function () {
        const { settle, sign, line, other } = await networkHelpers.loadFixture(fixture);
        await settle([await sign([line(10n)])]);

        const { results } = await settle([
          await sign([line(10n), line(1n, SECONDS), line(1n, TOKENS, other)]),
        ]);

        expect(results).to.deep.equal([
          looked(price(SECONDS) + price(TOKENS), Reason.NothingNew, Reason.None, Reason.None),
        ]);
      });

      it("burns the same to the wei whatever the order and the partition", async function () {
        const { settlement, token, sign, line, other } = await networkHelpers.loadFixture(fixture);
        const all = [
          line(1_234_567n),
          line(89n, SECONDS),
          line(777n, TOKENS, other),
          line(3n, GIGABYTES, other),
        ];
        const ways = [
          [await sign(all)],
          await Promise.all([...all].reverse().map((one) => sign([one]))),
          [await sign([line(1n)]), await sign([line(7n)]), await sign(all), await sign([line(9n)])],
          [await sign(all.slice(2)), await sign(all.slice(0, 2)), await sign(all.slice(1, 3))],
        ];
        const expected =
          (1_234_567n + 777n) * price(TOKENS) + 89n * price(SECONDS) + 3n * price(GIGABYTES);
        const snapshot = await networkHelpers.takeSnapshot();

        for (const way of ways) {
          await snapshot.restore();
          const supply = await token.totalSupply();
          await settlement.settle(packed(way));
          expect(supply - (await token.totalSupply())).to.equal(expected);
        }
      });

      it("does not settle a total whose amount nobody could have", async function () {
        const { settle, sign, line, alice, provider, meter } =
          await networkHelpers.loadFixture(fixture);
        const tooMany = 2n ** 96n / price(TOKENS) + 1n;
        const most = 2n ** 96n / price(TOKENS);

        const { tx, results } = await settle([
          await sign([line(MAX_UNITS), line(MAX_UNITS, SECONDS), line(1n, GIGABYTES)]),
          await sign([line(tooMany)]),
          await sign([line(most)]),
        ]);

        const { TotalFull, None } = Reason;
        expect(results).to.deep.equal([
          looked(price(GIGABYTES), TotalFull, TotalFull, None),
          looked(0n, TotalFull),
          looked(0n, TotalFull),
        ]);
        await expect(tx)
          .to.emit(meter, "LineSkipped")
          .withArgs(alice.address, provider.address, TOKENS, TotalFull);
        expect((await settle([await sign([line(5n)])])).results[0]?.burned).to.equal(
          5n * price(TOKENS),
        );
      });

      it("counts epoch 0 like any other", async function () {
        const { meter, settle, sign, line, alice, provider } = await deploySettling(connection, 0n);

        await settle([await sign([line(4n)])]);

        expect(await meter.lineOf(alice, provider, TOKENS)).to.deep.equal([4n, 0n]);
        const [current, previous] = await meter.usageOf(TOKENS);
        expect(usage(current)).to.deep.equal(useOf(4n, 2n, price(TOKENS)));
        expect(usage(previous)).to.deep.equal(useOf(0n, 0n, 0n));
      });
    });

    describe("provider and resource", function () {
      /** Settles one line that must be skipped for `reason`, with its event and without a trace. */
      async function expectSkipped(
        suite: Awaited<ReturnType<typeof fixture>>,
        one: Line,
        reason: bigint,
        priceEpoch = 10n,
      ) {
        const before = await stateOf(connection, suite);
        const signed = await suite.sign([one], { priceEpoch });
        const { tx, results } = await suite.settle([signed]);

        expect(results).to.deep.equal([looked(0n, reason)]);
        await expect(tx)
          .to.emit(suite.meter, "LineSkipped")
          .withArgs(suite.alice.address, one.provider, one.resource, reason);
        expect((await tx.wait())?.logs).to.have.lengthOf(1);
        expect(await stateOf(connection, suite)).to.deep.equal(before);
        return signed;
      }

      it("skips an unknown provider, also the zero address", async function () {
        const suite = await networkHelpers.loadFixture(fixture);

        await expectSkipped(suite, suite.line(1n, TOKENS, suite.stranger), Reason.ProviderUnknown);
        const nobody = suite.line(1n, TOKENS, { address: ethers.ZeroAddress });
        await expectSkipped(suite, nobody, Reason.ProviderUnknown);
      });

      it("skips an inactive provider and settles once it is active again", async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { nodes, provider, settle, line } = suite;
        await nodes.connect(provider).deactivate(provider);

        const signed = await expectSkipped(suite, line(3n), Reason.ProviderInactive);
        await nodes.connect(provider).activate(provider);

        expect((await settle([signed])).results).to.deep.equal([
          looked(3n * price(TOKENS), Reason.None),
        ]);
      });

      it("skips an unknown resource", async function () {
        const suite = await networkHelpers.loadFixture(fixture);

        for (const resource of [0n, 5n, 37n, 2n ** 32n - 1n])
          await expectSkipped(suite, suite.line(1n, resource), Reason.ResourceUnknown);
      });

      it("skips an unknown resource at a price epoch before the previous one", async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const epoch = (await suite.meter.currentEpoch()) - 2n;

        await expectSkipped(suite, suite.line(1n, 37n), Reason.ResourceUnknown, epoch);
      });

      it("skips a price epoch before the resource was registered", async function () {
        const suite = await networkHelpers.loadFixture(fixture);

        await expectSkipped(suite, suite.line(1n), Reason.ResourceUnpriced, 9n);
      });

      it("settles a retired resource for earlier epochs and skips later ones", async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { registry, settle, sign, line, startedAt } = suite;
        const now = await sign([line(1n)]);
        const soon = await sign([line(2n)]);
        await registry.deprecate(TOKENS);
        await registry.retire(TOKENS);

        expect((await settle([now])).results).to.deep.equal([looked(price(TOKENS), Reason.None)]);
        await skipEpochs(startedAt, 1n);
        await expectSkipped(suite, line(3n), Reason.ResourceRetired, 11n);
        expect((await settle([soon])).results).to.deep.equal([looked(price(TOKENS), Reason.None)]);
      });

      it("settles a deprecated resource", async function () {
        const { registry, settle, sign, line } = await networkHelpers.loadFixture(fixture);
        await registry.deprecate(TOKENS);

        const { results } = await settle([await sign([line(1n)])]);

        expect(results).to.deep.equal([looked(price(TOKENS), Reason.None)]);
      });

      it("skips a category that the provider does not serve, for each category", async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { registry, nodes, provider, settle, sign, line } = suite;
        for (const category of Object.values(Category)) {
          const resource = await registry.register.staticCall(resourceParams({ category }));
          await registry.register(resourceParams({ category }));
          await nodes.connect(provider).setCategories(31n ^ (1n << category));
          const signed = await expectSkipped(suite, line(1n, resource), Reason.CategoryNotServed);
          await nodes.connect(provider).setCategories(1n << category);

          expect((await settle([signed])).results).to.deep.equal([
            looked(price(TOKENS), Reason.None),
          ]);
          expect(
            (await settle([await sign([line(2n, resource)])])).results[0]?.reasons,
          ).to.deep.equal([0n]);
        }
      });

      it("skips a resource above the account's tier", async function () {
        const suite = await networkHelpers.loadFixture(fixture);

        await expectSkipped(suite, suite.line(1n, GATED), Reason.TierTooLow);
      });

      it("settles a resource for an account of its tier", async function () {
        const { policy, settle, sign, line, alice } = await networkHelpers.loadFixture(fixture);
        await send(policy, "setTier", alice, 1n);

        const { results } = await settle([await sign([line(1n), line(1n, GATED)])]);

        expect(results).to.deep.equal([looked(2n * price(TOKENS), Reason.None, Reason.None)]);
      });

      it("skips a category that the organisation does not allow", async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { meter, alice, line } = suite;
        const categories = ALL_CATEGORIES ^ (1n << Category.Storage);
        await meter.connect(alice).limitOrganisation(alice, limits({ categories }));

        await expectSkipped(suite, line(1n, GIGABYTES), Reason.CategoryNotAllowed);
        await expectSkipped(suite, line(1n, GATED), Reason.TierTooLow);
      });

      it("names the first reason that applies to a line", async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { nodes, provider, registry, line, startedAt } = suite;
        await nodes.connect(provider).setCategories(1n << Category.Compute);

        await expectSkipped(suite, line(MAX_UNITS, 99n, suite.stranger), Reason.ProviderUnknown);
        await expectSkipped(suite, line(MAX_UNITS, 99n), Reason.ResourceUnknown);
        await expectSkipped(suite, line(MAX_UNITS, GATED), Reason.CategoryNotServed);
        await expectSkipped(suite, line(MAX_UNITS, GATED), Reason.ResourceUnpriced, 9n);
        await nodes.connect(provider).setCategories(31n);
        await expectSkipped(suite, line(MAX_UNITS, GATED), Reason.TierTooLow);
        await expectSkipped(suite, line(0n, GATED), Reason.TierTooLow);
        await nodes.connect(provider).deactivate(provider);
        await expectSkipped(suite, line(MAX_UNITS, 99n), Reason.ProviderInactive);
        await nodes.connect(provider).activate(provider);
        await registry.deprecate(GATED);
        await registry.retire(GATED);
        await skipEpochs(startedAt, 1n);
        await nodes.connect(provider).setCategories(1n << Category.Compute);
        await expectSkipped(suite, line(0n, GATED), Reason.ResourceRetired, 11n);
      });

      it("settles the good lines between bad ones", async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { settle, sign, line, other, stranger } = suite;
        const lines = inOrder([
          line(1n),
          line(1n, GATED),
          line(1n, 99n),
          line(1n, TOKENS, stranger),
          line(0n, TOKENS, other),
          line(1n, SECONDS, other),
        ]);

        const { results } = await settle([await sign(lines)]);

        const reasonOf = ({ provider, resource, cumulativeUnits }: Line) => {
          if (provider === stranger.address) return Reason.ProviderUnknown;
          if (resource === GATED) return Reason.TierTooLow;
          if (resource === 99n) return Reason.ResourceUnknown;
          return cumulativeUnits === 0n ? Reason.NothingNew : Reason.None;
        };
        expect(results).to.deep.equal([
          looked(price(TOKENS) + price(SECONDS), ...lines.map(reasonOf)),
        ]);
      });

      it("tells providers apart that share a place in its index", async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { meter, settle, sign, line, alice } = suite;
        const providers = [0x1000n, 0x2000n, 0x3000n].map((place) => ethers.toBeHex(place, 20));
        for (const provider of providers) {
          await networkHelpers.impersonateAccount(provider);
          await networkHelpers.setBalance(provider, OPA);
          await registerNode(connection, suite, await ethers.getSigner(provider));
        }
        const lines = providers.map((address, i) => line(BigInt(i) + 1n, TOKENS, { address }));

        const { results } = await settle([await sign(lines), await sign(lines.slice(0, 2))]);

        expect(results).to.deep.equal([
          looked(6n * price(TOKENS), Reason.None, Reason.None, Reason.None),
          looked(0n, Reason.NothingNew, Reason.NothingNew),
        ]);
        for (const [i, provider] of providers.entries()) {
          const units = BigInt(i) + 1n;
          const [current] = await meter.providerUsageOf(provider);
          expect(usage(current)).to.deep.equal(useOf(units, 2n, price(TOKENS)));
          expect((await meter.lineOf(alice, provider, TOKENS))[0]).to.equal(units);
        }
      });

      it("tells resources apart that share a place in its index", async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { meter, registry, settle, sign, line } = suite;
        for (let id = 5; id <= 66; id++)
          await registry.register(
            resourceParams({ name: `model ${id}`, weight: BigInt(id), rate: GWEI }),
          );
        const lines = [line(1n, 2n), line(1n, 34n), line(1n, 66n)];

        const { results } = await settle([
          await sign(lines),
          await sign([line(2n, 2n), line(2n, 34n)]),
        ]);

        expect(results).to.deep.equal([
          looked(103n * GWEI, Reason.None, Reason.None, Reason.None),
          looked(37n * GWEI, Reason.None, Reason.None),
        ]);
        for (const [resource, units] of [
          [2n, 2n],
          [34n, 2n],
          [66n, 1n],
        ] as const) {
          const [current] = await meter.usageOf(resource);
          expect(usage(current)).to.deep.equal(
            useOf(units, resource === 2n ? 1n : resource, GWEI * (resource === 2n ? 3n : resource)),
          );
        }
      });

      it("counts all use of a call that names more than its index holds", async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { meter, registry, settle, sign, line } = suite;
        for (let id = 5; id <= 66; id++)
          await registry.register(resourceParams({ name: `model ${id}`, weight: 1n, rate: GWEI }));
        const providers = Array.from({ length: 30 }, (_, i) => ethers.toBeHex(0x1000 + i, 20));
        for (const provider of providers) {
          await networkHelpers.impersonateAccount(provider);
          await networkHelpers.setBalance(provider, OPA);
          await registerNode(connection, suite, await ethers.getSigner(provider));
        }
        const ids = Array.from({ length: 60 }, (_, i) => BigInt(i) + 5n);
        const address = ethers.toBeHex(0x1000, 20);

        const { results } = await settle([
          await sign(ids.map((id) => line(id, id, { address }))),
          await sign(providers.slice(1).map((other) => line(1n, 5n, { address: other }))),
          await sign(ids.map((id) => line(id + 1n, id, { address }))),
        ]);

        const sum = ids.reduce((total, id) => total + id, 0n);
        expect(results.map(({ burned }) => burned)).to.deep.equal(
          [sum, 29n, 60n].map((units) => units * GWEI),
        );
        for (const id of ids) {
          const units = id + 1n + (id === 5n ? 29n : 0n);
          const [current] = await meter.usageOf(id);
          expect(usage(current)).to.deep.equal(useOf(units, 1n, GWEI));
        }
        for (const [i, provider] of providers.entries()) {
          const [current] = await meter.providerUsageOf(provider);
          expect(usage(current)).to.deep.equal(useOf(i === 0 ? sum + 60n : 1n, 1n, GWEI));
        }
      });
    });

    describe("limits and funds (SET-5)", function () {
      it("lets a key burn exactly its limit, skips what is over, and starts anew next epoch", async function () {
        const { meter, settle, sign, line, alice, key, provider, startedAt } =
          await networkHelpers.loadFixture(keyedFixture);

        const exact = await settle([await sign([line(1_000n)], { key })]);
        const over = await sign([line(1_001n)], { key });
        const exceeded = await settle([over]);
        await skipEpochs(startedAt, 1n);
        const renewed = await settle([over]);

        expect(exact.results).to.deep.equal([looked(1_000n * price(TOKENS), Reason.None)]);
        expect(exceeded.results).to.deep.equal([looked(0n, Reason.KeyLimitExceeded)]);
        await expect(exceeded.tx)
          .to.emit(meter, "LineSkipped")
          .withArgs(alice.address, provider.address, TOKENS, Reason.KeyLimitExceeded);
        expect(renewed.results).to.deep.equal([looked(price(TOKENS), Reason.None)]);
        expect((await meter.keyOf(alice, key)).spent).to.equal(price(TOKENS));
      });

      it("lets a smaller line settle after one over the key's limit", async function () {
        const { settle, sign, line, key } = await networkHelpers.loadFixture(keyedFixture);
        const lines = [line(1_001n), line(1n, SECONDS), line(10n, GIGABYTES)];

        const { results } = await settle([await sign(lines, { key })]);

        expect(results).to.deep.equal([
          looked(price(SECONDS), Reason.KeyLimitExceeded, Reason.None, Reason.KeyLimitExceeded),
        ]);
      });

      it("names the key's limit before missing credit", async function () {
        const { meter, settle, sign, line, alice, key } =
          await networkHelpers.loadFixture(keyedFixture);
        await meter.connect(alice).withdraw(alice, alice, 100n * OPA);

        const { results } = await settle([await sign([line(1_001n), line(1n, SECONDS)], { key })]);

        expect(results).to.deep.equal([
          looked(0n, Reason.KeyLimitExceeded, Reason.InsufficientCredit),
        ]);
      });

      it("lets the lines of a statement reach one limit after the other", async function () {
        const { meter, settle, sign, line, alice, key, other } =
          await networkHelpers.loadFixture(keyedFixture);
        const own = meter.connect(alice);
        await own.openProject(alice, limits({ epochLimit: 20n * price(TOKENS) }));
        await own.limitOrganisation(alice, limits({ totalLimit: 30n * price(TOKENS) }));
        await own.setKey(
          alice,
          key,
          1n,
          Role.Spender,
          limits({ totalLimit: 10n * price(TOKENS), epochLimit: 11n * price(TOKENS) }),
        );
        const lines = [line(6n), line(5n, TOKENS, other), line(4n * 10n, SECONDS, other)];

        const { results } = await settle([
          await sign(lines, { key }),
          await sign([line(27n)]),
          await sign([line(26n)]),
        ]);

        const first = 6n * price(TOKENS);
        expect(results).to.deep.equal([
          looked(first, Reason.None, Reason.KeyTotalExceeded, Reason.KeyTotalExceeded),
          looked(21n * price(TOKENS), Reason.None),
          looked(0n, Reason.NothingNew),
        ]);
        expect((await settle([await sign([line(31n)])])).results).to.deep.equal([
          looked(0n, Reason.OrganisationTotalExceeded),
        ]);
        expect((await settle([await sign([line(30n)])])).results).to.deep.equal([
          looked(3n * price(TOKENS), Reason.None),
        ]);
      });

      it("leaves the account itself without a limit", async function () {
        const { settle, sign, line } = await networkHelpers.loadFixture(keyedFixture);

        const { results } = await settle([await sign([line(10_000n)])]);

        expect(results).to.deep.equal([looked(10_000n * price(TOKENS), Reason.None)]);
      });

      it("settles what the credit covers and the rest after a deposit", async function () {
        const { meter, token, settle, sign, line, alice, bob, provider } =
          await networkHelpers.loadFixture(fixture);
        await token.connect(bob).approve(meter, 100n * OPA);
        await meter.connect(bob).deposit(bob, 10n * price(TOKENS) + price(SECONDS) - 1n);
        const signed = await sign([line(10n), line(1n, SECONDS)], {
          account: bob.address,
          key: bob,
        });

        const { tx, results } = await settle([signed]);
        expect(results).to.deep.equal([
          looked(10n * price(TOKENS), Reason.None, Reason.InsufficientCredit),
        ]);
        await expect(tx)
          .to.emit(meter, "LineSkipped")
          .withArgs(bob.address, provider.address, SECONDS, Reason.InsufficientCredit);
        expect(await meter.lineOf(bob, provider, SECONDS)).to.deep.equal([0n, 10n]);

        await meter.connect(bob).deposit(bob, 1n);
        expect((await settle([signed])).results).to.deep.equal([
          looked(price(SECONDS), Reason.NothingNew, Reason.None),
        ]);
        expect(await meter.creditOf(bob)).to.equal(0n);
        expect(await meter.creditOf(alice)).to.equal(100n * OPA);
      });

      it("uses the provider's reservation first, then free credit", async function () {
        const { meter, settle, sign, line, alice, provider, startedAt } =
          await networkHelpers.loadFixture(fixture);
        const reserved = 10n * price(TOKENS) + 5n * GWEI;
        await meter
          .connect(alice)
          .reserve(alice, provider, alice, reserved, startedAt + 11n * EPOCH);

        await settle([await sign([line(4n)])]);
        expect(await meter.creditOf(alice)).to.equal(100n * OPA - reserved);
        expect((await meter.reservationOf(alice, provider)).amount).to.equal(
          6n * price(TOKENS) + 5n * GWEI,
        );

        await settle([await sign([line(12n)])]);
        expect((await meter.reservationOf(alice, provider)).amount).to.equal(0n);
        expect(await meter.reservationCountOf(alice)).to.equal(0n);
        expect(await meter.creditOf(alice)).to.equal(100n * OPA - 12n * price(TOKENS));
      });

      it("never pays one provider from another's reservation", async function () {
        const { meter, settle, sign, line, alice, provider, other, startedAt } =
          await networkHelpers.loadFixture(fixture);
        await meter
          .connect(alice)
          .reserve(alice, other, alice, 100n * OPA, startedAt + 11n * EPOCH);

        const { results } = await settle([await sign([line(1n), line(1n, TOKENS, other)])]);

        expect(results).to.deep.equal([
          looked(price(TOKENS), Reason.InsufficientCredit, Reason.None),
        ]);
        expect((await meter.reservationOf(alice, other)).amount).to.equal(
          100n * OPA - price(TOKENS),
        );
        expect((await meter.reservationOf(alice, provider)).amount).to.equal(0n);
      });

      it("still uses a reservation after its end until somebody releases it", async function () {
        const { meter, settle, sign, line, alice, provider, startedAt } =
          await networkHelpers.loadFixture(fixture);
        const until = startedAt + 11n * EPOCH;
        await meter.connect(alice).reserve(alice, provider, alice, 100n * OPA, until);
        await time.increaseTo(until + GRACE + 10n);

        const late = await settle([await sign([line(1n)], { priceEpoch: 10n })]);

        expect(late.results).to.deep.equal([looked(price(TOKENS), Reason.None)]);
      });

      it("takes from several reservations in one statement", async function () {
        const { meter, settle, sign, line, alice, provider, other, startedAt } =
          await networkHelpers.loadFixture(fixture);
        for (const node of [provider, other])
          await meter
            .connect(alice)
            .reserve(alice, node, alice, 3n * price(TOKENS), startedAt + 11n * EPOCH);

        await settle([
          await sign([
            line(2n),
            line(1n, SECONDS),
            line(3n, TOKENS, other),
            line(1n, SECONDS, other),
          ]),
        ]);
        expect((await meter.reservationOf(alice, provider)).amount).to.equal(
          price(TOKENS) - price(SECONDS),
        );
        expect(await meter.reservationCountOf(alice)).to.equal(1n);
      });
    });

    describe("batches (SET-4, SET-6, SET-7; SET-I12, SET-I16, SYS-I2, SYS-I5)", function () {
      /** Statements of two accounts and a key, with everything that can go well or badly. */
      async function mixed(suite: Awaited<ReturnType<typeof keyedFixture>>) {
        const { sign, line, meter, alice, bob, key, provider, other, startedAt } = suite;
        await meter.connect(bob).deposit(bob, 40n * price(TOKENS));
        await meter
          .connect(alice)
          .reserve(alice, provider, alice, 30n * price(TOKENS), startedAt + 20n * EPOCH);
        const forBob = { account: bob.address, key: bob };
        return [
          await sign([line(100n), line(7n, SECONDS), line(1n, GATED)]),
          await sign([line(30n), line(5n, TOKENS, other)], forBob),
          resigned(await sign([line(1_000n)]), "0x"),
          await sign([line(1_200n), line(300n, TOKENS, other)], { key }),
          await sign([line(50n)]),
          await sign([line(50n), line(6n, TOKENS, other)], forBob),
          await sign([line(9n, SECONDS), line(9n, GIGABYTES)], { key }),
        ];
      }

      it("ends in the same state as the same statements one by one", async function () {
        const suite = await networkHelpers.loadFixture(keyedFixture);
        const { settlement } = suite;
        const statements = await mixed(suite);
        const snapshot = await networkHelpers.takeSnapshot();

        const together = plainResults(
          await settlement.settle.staticCall(packed(statements)),
          statements,
        );
        await settlement.settle(packed(statements));
        const batched = await stateOf(connection, suite);
        await snapshot.restore();
        const apart = [];
        for (const one of statements) {
          apart.push(...plainResults(await settlement.settle.staticCall(packed([one])), [one]));
          await settlement.settle(packed([one]));
        }

        expect(apart).to.deep.equal(together);
        expect(await stateOf(connection, suite)).to.deep.equal(batched);
        expect(new Set(together.flatMap(({ reasons }) => reasons)).size).to.be.greaterThan(4);
      });

      it("does the same whoever submits, and pays nobody", async function () {
        const suite = await networkHelpers.loadFixture(keyedFixture);
        const { settlement, meter, token, provider, other, alice, bob, key, stranger } = suite;
        const statements = await mixed(suite);
        const holders = [provider, other, alice, bob, key, stranger, settlement];
        const snapshot = await networkHelpers.takeSnapshot();

        const outcomes = [];
        for (const submitter of [stranger, provider, alice]) {
          await snapshot.restore();
          const supply = await token.totalSupply();
          const results = plainResults(
            await settlement.connect(submitter).settle.staticCall(packed(statements)),
            statements,
          );
          const tx = await settlement.connect(submitter).settle(packed(statements));
          const burned = supply - (await token.totalSupply());
          expect(results.reduce((sum, result) => sum + result.burned, 0n)).to.equal(burned);
          await expect(tx).to.changeTokenBalances(
            ethers,
            token,
            holders,
            holders.map(() => 0n),
          );
          await expect(tx).to.changeTokenBalances(ethers, token, [meter], [-burned]);
          outcomes.push({ results, state: await stateOf(connection, suite) });
        }

        expect(outcomes[1]).to.deep.equal(outcomes[0]);
        expect(outcomes[2]).to.deep.equal(outcomes[0]);
      });

      it("burns all that it charges, and keeps what was donated", async function () {
        const suite = await networkHelpers.loadFixture(keyedFixture);
        const { settlement, meter, token, stranger } = suite;
        const statements = await mixed(suite);
        await fund(connection, suite, stranger, 5n);
        await token.connect(stranger).transfer(meter, 5n);

        await settlement.settle(packed(statements));

        const [free, reserved] = await meter.totals();
        expect(await token.balanceOf(meter)).to.equal(free + reserved + 5n);
      });

      it("rebuilds every counter and record from its events", async function () {
        const suite = await networkHelpers.loadFixture(keyedFixture);
        const { meter, settlement } = suite;
        const weights: Record<string, bigint> = { 1: 2n, 2: 1n, 3: 1_000n };
        const statements = await mixed(suite);
        for (const part of [statements.slice(0, 3), statements.slice(2)])
          await settlement.settle(packed(part));

        const records = new Map<
          string,
          { cumulative: bigint; burned: bigint; key: [string, string, bigint] }
        >();
        const sums = new Map<string, { units: bigint; computeUnits: bigint; burned: bigint }>();
        const events = await meter.queryFilter(meter.filters.LineSettled());
        expect(events.length).to.be.greaterThan(6);
        for (const { args } of events) {
          const { account, provider, resource, cumulativeUnits, amount } = args;
          const id = [account, provider, resource].join();
          const before = records.get(id) ?? { cumulative: 0n, burned: 0n };
          const units = cumulativeUnits - before.cumulative;
          records.set(id, {
            cumulative: cumulativeUnits,
            burned: before.burned + amount,
            key: [account, provider, resource],
          });
          for (const name of [String(resource), provider]) {
            const sum = sums.get(name) ?? { units: 0n, computeUnits: 0n, burned: 0n };
            sum.units += units;
            sum.computeUnits += units * (weights[String(resource)] ?? 0n);
            sum.burned += amount;
            sums.set(name, sum);
          }
        }

        for (const { cumulative, key } of records.values())
          expect(await meter.lineOf(...key)).to.deep.equal([cumulative, 10n]);
        for (const [name, sum] of sums) {
          const [current, , allTime] = name.startsWith("0x")
            ? await meter.providerUsageOf(name)
            : await meter.usageOf(name);
          expect(usage(current)).to.deep.equal(sum);
          expect(usage(allTime)).to.deep.equal(sum);
        }
      });

      it("charges what the registry quotes", async function () {
        const { registry, settle, sign, line, meter } = await networkHelpers.loadFixture(fixture);
        const [computeUnits, charge, priceEpoch] = await registry.quote(
          [1n, 2n, 3n],
          [11n, 22n, 33n],
        );

        const { results } = await settle([
          await sign([line(11n, 1n), line(22n, 2n), line(33n, 3n)], { priceEpoch }),
        ]);

        expect(results).to.deep.equal([looked(charge, 0n, 0n, 0n)]);
        const [current] = await meter.totalUsage();
        expect(usage(current)).to.deep.equal({ units: 66n, computeUnits, burned: charge });
      });

      it("prices one resource by each statement's epoch in one call", async function () {
        const { settle, sign, line, alice, provider, startedAt, meter } =
          await networkHelpers.loadFixture(fixture);
        await skipEpochs(startedAt, 1n);
        const statements = [
          await sign([line(5n)], { priceEpoch: 10n }),
          await sign([line(8n)], { priceEpoch: 11n }),
        ];

        const { tx, results } = await settle(statements);

        expect(results.map(({ burned }) => burned)).to.deep.equal([
          5n * price(TOKENS),
          3n * price(TOKENS),
        ]);
        for (const [epoch, units, amount] of [
          [10n, 5n, 5n * price(TOKENS)],
          [11n, 8n, 3n * price(TOKENS)],
        ] as const)
          await expect(tx)
            .to.emit(meter, "LineSettled")
            .withArgs(alice.address, provider.address, TOKENS, alice.address, epoch, units, amount);
        const [current] = await meter.usageOf(TOKENS);
        expect(usage(current)).to.deep.equal(useOf(8n, 2n, price(TOKENS)));
        expect((await meter.lineOf(alice, provider, TOKENS)).priceEpoch).to.equal(11n);
      });

      it("settles a hundred statements of one line below the transaction gas cap", async function () {
        const { settlement, meter, token, domain, line, alice, startedAt } =
          await networkHelpers.loadFixture(fixture);
        await token.connect(alice).approve(meter, 1_000n * OPA);
        const statements = [];
        for (let i = 0; i < 100; i++) {
          const consumer = new ethers.Wallet(ethers.id(`consumer ${i}`));
          await meter.connect(alice).deposit(consumer.address, OPA);
          const deadline = startedAt + 100n * EPOCH;
          const statement = {
            account: consumer.address,
            priceEpoch: 10n,
            deadline,
            lines: [line(3n)],
          };
          statements.push(await signStatement(domain, statement, consumer));
        }

        const tx = await settlement.settle(packed(statements), { gasLimit: TX_GAS_CAP });

        expect(await meter.queryFilter(meter.filters.LineSettled())).to.have.lengthOf(100);
        expect((await tx.wait())?.gasUsed).to.be.lessThan(TX_GAS_CAP);
      });

      it("settles a hundred lines of one statement below the transaction gas cap", async function () {
        const { settlement, registry, sign, line, provider, other, meter } =
          await networkHelpers.loadFixture(fixture);
        for (let id = 5; id <= 53; id++)
          await registry.register(resourceParams({ name: `model ${id}` }));
        const ids = Array.from({ length: 53 }, (_, i) => BigInt(i + 1)).filter(
          (id) => ![2n, 3n, 4n].includes(id),
        );
        const lines = [provider, other].flatMap((node) => ids.map((id) => line(3n, id, node)));

        const tx = await settlement.settle(packed([await sign(lines)]), { gasLimit: TX_GAS_CAP });

        expect(await meter.queryFilter(meter.filters.LineSettled())).to.have.lengthOf(100);
        expect((await tx.wait())?.gasUsed).to.be.lessThan(TX_GAS_CAP);
      });

      it("cannot settle without the METER role, and burns nothing then", async function () {
        const { meter, sign, line, alice } = await networkHelpers.loadFixture(fixture);
        const rogue = await ethers.deployContract("Settlement", [meter]);
        const { statement } = await sign([line(1n)]);
        const { chainId } = await ethers.provider.getNetwork();
        const verifyingContract = await rogue.getAddress();
        const domain = { name: "OPA Settlement", version: "1", chainId, verifyingContract };

        await expect(rogue.settle(packed([await signStatement(domain, statement, alice)])))
          .to.be.revertedWithCustomError(meter, "AccessManagedUnauthorized")
          .withArgs(verifyingContract);
      });
    });
  });

  describe("preview (SET-4)", function () {
    it("changes nothing when it is sent as a transaction", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { settlement, sign, line } = suite;
      const before = await stateOf(connection, suite);

      const tx = await settlement.preview(packed([await sign([line(5n)])]));

      expect((await tx.wait())?.logs).to.have.lengthOf(0);
      expect(await stateOf(connection, suite)).to.deep.equal(before);
    });
  });

  describe("views", function () {
    it("hashes a statement as wallets do", async function () {
      const { settlement, sign, line, domain } = await networkHelpers.loadFixture(fixture);
      const { statement } = await sign([line(5n), line(6n, SECONDS)]);

      expect(await settlement.hashStatement(statement)).to.equal(hashStatement(domain, statement));
      expect(await settlement.hashStatement({ ...statement, lines: [] })).to.equal(
        hashStatement(domain, { ...statement, lines: [] }),
      );
    });

    it("knows nothing of a line that never settled", async function () {
      const { alice, meter, provider } = await deployModules(connection);

      expect(await meter.lineOf(alice, provider, TOKENS)).to.deep.equal([0n, 0n]);
    });
  });
});
