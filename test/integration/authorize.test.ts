import { expect } from "chai";
import type { AddressLike } from "ethers";
import { network } from "hardhat";

import {
  deploySettling,
  EPOCH,
  GATED,
  GIGABYTES,
  limits,
  PRICE,
  Role,
  SECONDS,
  TOKENS,
} from "../support/metering.js";
import { OPA } from "../support/release.js";
import { Reason } from "../support/statements.js";

const connection = await network.create();
const { networkHelpers } = connection;

const [TOKEN, SECOND] = [PRICE[String(TOKENS)] ?? 0n, PRICE[String(SECONDS)] ?? 0n];

/**
 * Alice's key spends in a project with 100 prompt tokens' worth per epoch; `ask` stands for a
 * gateway.
 */
async function fixture() {
  const suite = await deploySettling(connection);
  const { meter, alice, key, provider } = suite;
  const own = meter.connect(alice);
  await own.openProject(alice, limits({ epochLimit: 100n * TOKEN }));
  await own.setKey(alice, key, 1n, Role.Spender, limits());
  const ask = async (units: bigint, resource = TOKENS, signer: AddressLike = key) => [
    ...(await meter.authorize(alice, signer, provider, resource, units)),
  ];
  return { ...suite, own, ask };
}

describe("authorize (ACC-5, ACC-I1)", function () {
  it("reverts when resources and units differ in number", async function () {
    const { meter, alice, key, provider } = await networkHelpers.loadFixture(fixture);

    await expect(meter.authorizeAll(alice, key, provider, [TOKENS, SECONDS], [1n]))
      .to.be.revertedWithCustomError(meter, "MeterLengthMismatch")
      .withArgs(2n, 1n);
  });

  it("refuses every line of more lines than a statement may have", async function () {
    const { meter, alice, key, provider } = await networkHelpers.loadFixture(fixture);
    const size = Number(await meter.MAX_LINES()) + 1;
    const resources = Array.from({ length: size }, () => TOKENS);
    const units = Array.from({ length: size }, () => 1n);

    const { reasons, amount } = await meter.authorizeAll(alice, key, provider, resources, units);
    expect(reasons).to.deep.equal(Array.from({ length: size }, () => Reason.TooManyLines));
    expect(amount).to.equal(0n);
  });

  it("says what a call would cost before it is served, and settlement agrees", async function () {
    const { settle, sign, line, key, ask } = await networkHelpers.loadFixture(fixture);

    expect(await ask(60n)).to.deep.equal([Reason.None, 60n * TOKEN]);
    const { results } = await settle([await sign([line(60n)], { key })]);
    expect(results).to.deep.equal([
      { reason: Reason.None, burned: 60n * TOKEN, reasons: [Reason.None] },
    ]);
    expect(await ask(40n)).to.deep.equal([Reason.None, 40n * TOKEN]);
    expect(await ask(41n)).to.deep.equal([Reason.ProjectLimitExceeded, 0n]);
  });

  it("asks to pay for nothing that adds nothing", async function () {
    const { ask } = await networkHelpers.loadFixture(fixture);

    expect(await ask(0n)).to.deep.equal([Reason.NothingNew, 0n]);
  });

  it("does not overflow for units that no statement can carry", async function () {
    const { settle, sign, line, alice, ask } = await networkHelpers.loadFixture(fixture);
    await settle([await sign([line(60n)])]);

    for (const units of [2n ** 128n - 61n, 2n ** 128n - 60n, 2n ** 128n - 1n])
      expect(await ask(units, TOKENS, alice)).to.deep.equal([Reason.TotalFull, 0n]);
  });

  it("changes its answer with the epoch, the credit, the key and the account", async function () {
    const { meter, own, settle, sign, line, alice, bob, key, startedAt, ask } =
      await networkHelpers.loadFixture(fixture);
    await settle([await sign([line(100n)], { key })]);
    expect(await ask(1n)).to.deep.equal([Reason.ProjectLimitExceeded, 0n]);

    await networkHelpers.time.increaseTo(startedAt + 11n * EPOCH);
    expect(await ask(1n)).to.deep.equal([Reason.None, TOKEN]);
    expect(await ask(1n, TOKENS, bob)).to.deep.equal([Reason.KeyUnknown, 0n]);
    expect(await ask(1n, GATED)).to.deep.equal([Reason.TierTooLow, 0n]);
    await own.withdraw(alice, alice, await meter.creditOf(alice));
    expect(await ask(1n)).to.deep.equal([Reason.InsufficientCredit, 0n]);
    await meter.connect(key).revokeKey(alice, key);
    expect(await ask(1n)).to.deep.equal([Reason.KeyUnknown, 0n]);
  });

  it("counts several resources against one limit, in the order given", async function () {
    const { meter, settle, sign, line, alice, key, provider } =
      await networkHelpers.loadFixture(fixture);
    const units = [90n, 40n, 33n];
    const resources = [TOKENS, SECONDS, GIGABYTES];

    const all = await meter.authorizeAll(alice, key, provider, resources, units);
    expect([[...all.reasons], all.amount]).to.deep.equal([
      [Reason.None, Reason.ProjectLimitExceeded, Reason.ProjectLimitExceeded],
      90n * TOKEN,
    ]);
    const some = await meter.authorizeAll(alice, key, provider, resources, [90n, 33n, 1n]);
    expect([[...some.reasons], some.amount]).to.deep.equal([
      [Reason.None, Reason.None, Reason.ProjectLimitExceeded],
      90n * TOKEN + 33n * SECOND,
    ]);
    const { results } = await settle([
      await sign([line(90n), line(33n, SECONDS), line(1n, GIGABYTES)], { key }),
    ]);
    expect(results[0]?.reasons).to.deep.equal([...some.reasons]);
    expect(results[0]?.burned).to.equal(some.amount);
  });

  it("says nothing about nothing", async function () {
    const { meter, alice, key, provider } = await networkHelpers.loadFixture(fixture);

    const { reasons, amount } = await meter.authorizeAll(alice, key, provider, [], []);

    expect([[...reasons], amount]).to.deep.equal([[], 0n]);
  });

  it("counts the reservation for the provider and no other's", async function () {
    const { meter, own, alice, provider, other } = await networkHelpers.loadFixture(fixture);
    const until = BigInt(await networkHelpers.time.latest()) + 1_000n;
    await own.reserve(alice, provider, alice, 60n * OPA, until);
    await own.withdraw(alice, alice, 30n * OPA);
    const units = (60n * OPA) / TOKEN;

    for (const [node, reason] of [
      [provider, Reason.None],
      [other, Reason.InsufficientCredit],
    ] as const) {
      const [found] = await meter.authorize(alice, alice, node, TOKENS, units);
      expect(found).to.equal(reason);
    }
  });
});
