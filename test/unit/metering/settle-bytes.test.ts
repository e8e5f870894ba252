import { expect } from "chai";
import { network } from "hardhat";

import { MAX_RATE, resourceParams, limits, Role } from "../../support/metering.js";
import { allowCharging, deployMetered } from "../../support/meter.js";
import { OPA } from "../../support/release.js";
import { Reason } from "../../support/statements.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const GWEI = 10n ** 9n;
const PRICE = 10n * GWEI; // of a unit of resource 1
const WORD = 64; // digits of a word

async function fixture() {
  return deployMetered(connection, { account: 400_000_000n * OPA, total: 800_000_000n * OPA });
}

/** A call of `settle` with one signed line of 100 units. */
async function encoded() {
  const suite = await networkHelpers.loadFixture(fixture);
  const { verifier, line, sign } = suite;
  const data = verifier.interface.encodeFunctionData("settle", [[await sign([line(100n)])]]);
  return { ...suite, data, body: data.slice(10) };
}

/** The word at an index of a body, and the body with another one there. */
const wordAt = (body: string, index: number) => body.slice(index * WORD, (index + 1) * WORD);
const withWord = (body: string, index: number, value: bigint) =>
  body.slice(0, index * WORD) +
  ethers.toBeHex(BigInt.asUintN(256, value), 32).slice(2) +
  body.slice((index + 1) * WORD);

describe("Settlement hands its call data to the Meter (SET-2)", function () {
  it("settles a call with bytes after its arguments", async function () {
    const { verifier, meter, bob, alice, provider, data } = await encoded();

    await bob.sendTransaction({ to: verifier, data: `${data}${"ff".repeat(77)}` });

    expect((await meter.lineOf(alice, provider, 1n)).cumulativeUnits).to.equal(100n);
  });

  it("settles a call whose list stands elsewhere than encoders put it", async function () {
    const { verifier, meter, bob, alice, provider, body } = await encoded();
    const { selector } = verifier.getFunction("settle").fragment;
    const moved = withWord(body, 0, 96n).slice(0, WORD) + "11".repeat(64) + body.slice(WORD);

    await bob.sendTransaction({ to: verifier, data: `${selector}${moved}` });

    expect((await meter.lineOf(alice, provider, 1n)).cumulativeUnits).to.equal(100n);
  });

  it("settles a call whose lines stand before their statement", async function () {
    const { verifier, meter, bob, alice, provider, body } = await encoded();
    const { selector } = verifier.getFunction("settle").fragment;
    // Words: list, length, statement, and the statement, whose fifth word points to its lines: length and one line.
    const lines = wordAt(body, 9) + wordAt(body, 10);
    expect(BigInt(`0x${wordAt(body, 9)}`)).to.equal(1n);
    const pointing = withWord(withWord(body, 0, 96n), 7, -128n);
    const moved = pointing.slice(0, WORD) + lines + pointing.slice(WORD);

    await bob.sendTransaction({ to: verifier, data: `${selector}${moved}` });

    expect((await meter.lineOf(alice, provider, 1n)).cumulativeUnits).to.equal(100n);
  });

  it("gives the same results and events for a statement beside a refused one as alone", async function () {
    const { line, sign, settle } = await networkHelpers.loadFixture(fixture);
    const good = await sign([line(100n), line(7n, 2n)]);
    const bad = { ...(await sign([line(9n, 3n)])), signature: "0x" };
    const snapshot = await networkHelpers.takeSnapshot();
    const alone = await settle([good]);
    await snapshot.restore();

    const { results } = await settle([bad, good, bad]);

    const refused = { reason: Reason.InvalidSignature, burned: 0n, reasons: [] };
    expect(results).to.deep.equal([refused, alone.results[0], refused]);
  });

  it("charges some statements for holders of METER only, with a verdict for each", async function () {
    const { authority, core, meter, alice, line, sign } = await networkHelpers.loadFixture(fixture);
    const signed = await sign([line(100n)]);

    await expect(core.connect(alice).chargeSome([signed], [Reason.None]))
      .to.be.revertedWithCustomError(core, "AccessManagedUnauthorized")
      .withArgs(alice);
    await allowCharging(authority, core, alice);
    for (const verdicts of [[], [Reason.None, Reason.None]])
      await expect(core.connect(alice).chargeSome([signed], verdicts))
        .to.be.revertedWithCustomError(core, "MeterLengthMismatch")
        .withArgs(1n, BigInt(verdicts.length));
    await core.connect(alice).chargeSome([signed, signed], [Reason.DeadlineExpired, Reason.None]);
    expect((await meter.totals())[0]).to.equal(100n * OPA - 100n * PRICE);
  });
});

describe("Meter at its edges", function () {
  it("settles a statement of a revoked key once the key is set again, also in another project (E1)", async function () {
    const { meter, alice, key, line, sign, verifier } = await networkHelpers.loadFixture(fixture);
    const owner = meter.connect(alice);
    await owner.openProject(alice, limits());
    await owner.openProject(alice, limits());
    await owner.setKey(alice, key, 1n, Role.Spender, limits());
    const signed = await sign([line(1_000n)], { key });
    const outcome = async () => {
      const [result] = await verifier.settle.staticCall([signed]);
      return [result?.reason, result?.burned];
    };
    const burned = [Reason.None, 1_000n * PRICE];

    await owner.revokeProjectKeys(alice, 1n);
    expect(await outcome()).to.deep.equal([Reason.KeyUnknown, 0n]);
    await owner.setKey(alice, key, 2n, Role.Spender, limits());
    expect(await outcome()).to.deep.equal(burned);
    await owner.revokeAllKeys(alice);
    expect(await outcome()).to.deep.equal([Reason.KeyUnknown, 0n]);
    await owner.setKey(alice, key, 0n, Role.Spender, limits());
    expect(await outcome()).to.deep.equal(burned);
  });

  it("neither overflows nor disagrees with authorize at the largest units, weights and rates (E2)", async function () {
    const { prices, meter, alice, provider, line, sign, settle } =
      await networkHelpers.loadFixture(fixture);
    await prices.register(resourceParams({ name: "one", weight: 1n, rate: GWEI, floor: GWEI }));
    const weight = 2n ** 32n - 1n;
    await prices.register(resourceParams({ name: "most", weight, rate: MAX_RATE, floor: GWEI }));
    const most = await meter.MAX_TOTAL();
    const unit = weight * MAX_RATE;

    for (const [resource, total, reason] of [
      [5n, most, Reason.InsufficientCredit],
      [5n, most + 1n, Reason.TotalFull],
      [5n, 2n ** 64n - 1n, Reason.TotalFull],
      [5n, (100n * OPA) / GWEI + 1n, Reason.InsufficientCredit],
      [6n, 1n, unit > 100n * OPA ? Reason.InsufficientCredit : Reason.None],
      // Charges that would fit 64 bits of gwei if their upper bits were lost.
      [6n, 2n ** 32n, Reason.InsufficientCredit],
      [6n, 2n ** 56n, Reason.InsufficientCredit],
      [6n, most, Reason.InsufficientCredit],
    ] as const) {
      const { results } = await settle([await sign([line(total, resource)])]);
      expect(results[0]?.reasons, `${resource}: ${total}`).to.deep.equal([reason]);
      const [asked] = await meter.authorize(alice, alice, provider, resource, total);
      expect(asked, `${resource}: ${total}`).to.equal(reason);
    }
    const all = (100n * OPA) / GWEI;
    expect(await meter.authorize(alice, alice, provider, 5n, all)).to.deep.equal([0n, 100n * OPA]);
    const { results } = await settle([await sign([line(all, 5n)])]);
    expect(results[0]?.burned).to.equal(100n * OPA);
    expect(await meter.creditOf(alice)).to.equal(0n);
  });
});
