import { expect } from "chai";
import { encodeBytes32String } from "ethers";
import { network } from "hardhat";

import { deployMetering, EPOCH, GRACE, GWEI, TOKENS } from "../../support/metering.js";
import { OPA } from "../../support/release.js";
import { packed, Reason, signStatement, type SignedStatement } from "../../support/statements.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const LIMITS = { account: 100n * OPA, total: 250n * OPA };
const FUNDS = 10_000n * OPA;
const DAY = 86_400n;
const ACCOUNT = encodeBytes32String("account-burns");
const TOTAL = encodeBytes32String("total-burns");

/** A Meter with small limits, and three accounts with more credit than these allow. */
async function fixture() {
  const suite = await deployMetering(connection, 10n, LIMITS);
  const { registry, meter, settlement: limited, token, alice, bob, stranger, admin } = suite;
  for (const owner of [alice, bob, stranger]) {
    await networkHelpers.impersonateAccount(await suite.genesis.getAddress());
    await networkHelpers.setBalance(await suite.genesis.getAddress(), OPA);
    const genesis = await ethers.getSigner(await suite.genesis.getAddress());
    await token.connect(genesis).transfer(owner, FUNDS);
    await token.connect(owner).approve(meter, FUNDS);
    await meter.connect(owner).deposit(owner, FUNDS);
  }
  const price = await registry.unitPriceOf(TOKENS, await registry.currentEpoch());
  const next = (await registry.GENESIS()) + ((await registry.currentEpoch()) + 1n) * EPOCH;
  await time.increaseTo(next);
  return { ...suite, limited, price, admin, next };
}

type Suite = Awaited<ReturnType<typeof fixture>>;
type Owner = Suite["alice"];

/** A statement that adds use worth an amount to the settled totals. */
async function use(
  { limited, meter, registry, provider, price }: Suite,
  owner: Owner,
  amount: bigint,
): Promise<SignedStatement> {
  const { cumulativeUnits } = await meter.lineOf(owner, provider, TOKENS);
  const { chainId } = await ethers.provider.getNetwork();
  const verifyingContract = await limited.getAddress();
  const domain = { name: "OPA Settlement", version: "1", chainId, verifyingContract };
  const statement = {
    account: owner.address,
    priceEpoch: await registry.currentEpoch(),
    deadline: 2n ** 48n - 1n,
    lines: [
      {
        provider: provider.address,
        resource: TOKENS,
        cumulativeUnits: cumulativeUnits + amount / price,
      },
    ],
  };
  return signStatement(domain, statement, owner);
}

/** Settles uses in one call and returns each outcome. */
async function settle({ limited }: Suite, signed: SignedStatement[]) {
  const results = await limited.settle.staticCall(packed(signed));
  await limited.settle(packed(signed));
  return results.map(({ burned, reasons }) => [reasons.at(0) ?? Reason.None, burned]);
}

/** Result of `authorize` for a use worth an amount. */
async function foretold({ meter, provider, price }: Suite, owner: Owner, amount: bigint) {
  const [reason] = await meter.authorize(owner, owner, provider, TOKENS, amount / price);
  return reason;
}

describe("Limits of burning (SAF-2, abuse case 74)", function () {
  it("constructor reverts if a burn limit is zero or not whole gwei, or the account limit exceeds the total (MeterInvalidLimits)", async function () {
    const { authority, extension, meter, policy, registry, token } =
      await networkHelpers.loadFixture(fixture);
    const build = async (limits: { account: bigint; total: bigint }) =>
      ethers.deployContract("MeterExtension", [token, registry, authority, GRACE, policy, limits]);

    for (const [account, total] of [
      [0n, 0n],
      [0n, GWEI],
      [2n * GWEI, GWEI],
      [GWEI + 1n, 2n * GWEI],
      [GWEI, 2n * GWEI + 1n],
    ] as const)
      await expect(build({ account, total }))
        .to.be.revertedWithCustomError(extension, "MeterInvalidLimits")
        .withArgs([account, total]);
    const smallest = { account: GWEI, total: GWEI };
    expect(await (await build(smallest)).limits()).to.deep.equal([GWEI, GWEI]);
    expect(await meter.limits()).to.deep.equal([LIMITS.account, LIMITS.total]);
  });

  it("burn limits let an account burn its limit and its bucket, to the unit, and defer the rest", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { meter, price, alice, bob } = suite;
    const most = 2n * LIMITS.account;
    expect(await meter.burnable(alice)).to.equal(most);

    expect(await foretold(suite, alice, most + price)).to.equal(Reason.AccountRateLimited);
    const [tooMuch] = await settle(suite, [await use(suite, alice, most + price)]);
    expect(tooMuch).to.deep.equal([Reason.AccountRateLimited, 0n]);
    expect(await meter.creditOf(alice)).to.equal(FUNDS);
    expect(await foretold(suite, alice, most)).to.equal(Reason.None);
    expect(await settle(suite, [await use(suite, alice, most)])).to.deep.equal([
      [Reason.None, most],
    ]);
    expect(await settle(suite, [await use(suite, alice, price)])).to.deep.equal([
      [Reason.AccountRateLimited, 0n],
    ]);
    expect(await settle(suite, [await use(suite, bob, 40n * OPA)])).to.deep.equal([
      [Reason.None, 40n * OPA],
    ]);
  });

  it("fill again: half of the bucket in half a day, all of the limit in the next epoch", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { meter, alice, next } = suite;
    await settle(suite, [await use(suite, alice, 2n * LIMITS.account)]);
    const emptied = BigInt(await time.latest());

    await time.increaseTo(emptied + DAY / 2n);
    expect(await meter.burnable(alice)).to.equal(LIMITS.account / 2n);
    await time.increaseTo(next + EPOCH + 60n);
    expect(await meter.burnable(alice)).to.equal(2n * LIMITS.account);
  });

  it("burn limits hold for all accounts together, in one call and over several (SystemRateLimited)", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { meter, alice, bob, stranger, price } = suite;
    const [first, second] = [
      await use(suite, alice, 150n * OPA),
      await use(suite, bob, 150n * OPA),
    ];

    expect(await settle(suite, [first, second])).to.deep.equal([
      [Reason.None, 150n * OPA],
      [Reason.None, 150n * OPA],
    ]);
    expect(await meter.isRestricted(TOTAL)).to.equal(false);
    // 300 are burned: 50 of the bucket of 250.
    expect(await settle(suite, [await use(suite, stranger, 190n * OPA)])).to.deep.equal([
      [Reason.None, 190n * OPA],
    ]);
    const left = await meter.burnable(bob);
    expect(left < 11n * OPA && left >= 10n * OPA).to.equal(true);
    expect(await foretold(suite, bob, left + 10n * price)).to.equal(Reason.SystemRateLimited);
    expect(await settle(suite, [await use(suite, bob, 12n * OPA)])).to.deep.equal([
      [Reason.SystemRateLimited, 0n],
    ]);
  });

  it("trip visibly, with an event, and clear by themselves a day later", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { limited, meter, alice } = suite;
    await settle(suite, [await use(suite, alice, 190n * OPA)]);
    expect(await meter.isRestricted(ACCOUNT)).to.equal(false);
    const signed = await use(suite, alice, 50n * OPA);
    const tripped = BigInt(await time.latest()) + 600n;

    await time.setNextBlockTimestamp(tripped);
    const sent = limited.settle(packed([signed]));

    const regained = (LIMITS.account * 601n) / DAY; // at most, since the first settlement
    await expect(sent).to.emit(meter, "LimitTripped");
    const [event] = await meter.queryFilter(meter.filters.LimitTripped(ACCOUNT, alice));
    expect(event?.args.demanded).to.equal(0n);
    expect(event?.args.available).to.be.lessThanOrEqual(10n * OPA + regained);
    expect(event?.args.clearsAt).to.equal(tripped + DAY);
    expect(await meter.restrictionOf(ACCOUNT)).to.deep.equal([tripped, tripped + DAY]);
    expect(await meter.isRestricted(TOTAL)).to.equal(false);

    await time.setNextBlockTimestamp(tripped + 3_600n);
    await limited.settle(packed([signed]));
    const clearsAt = tripped + 3_600n + DAY;
    expect(await meter.restrictionOf(ACCOUNT)).to.deep.equal([tripped, clearsAt]);
    await time.increaseTo(tripped + 3_600n + DAY - 1n);
    expect(await meter.isRestricted(ACCOUNT)).to.equal(true);
    await time.increaseTo(tripped + 3_600n + DAY);
    expect(await meter.isRestricted(ACCOUNT)).to.equal(false);
    expect(await settle(suite, [signed])).to.deep.equal([[Reason.None, 50n * OPA]]);
  });

  it("burn limits are not tripped by a line without credit, nor by a replay", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { meter, alice, bob } = suite;

    expect(await settle(suite, [await use(suite, alice, FUNDS + OPA)])).to.deep.equal([
      [Reason.InsufficientCredit, 0n],
    ]);
    const settled = await use(suite, bob, 190n * OPA);
    await settle(suite, [settled]);
    expect(await settle(suite, [settled])).to.deep.equal([[Reason.NothingNew, 0n]]);
    expect(await meter.isRestricted(ACCOUNT)).to.equal(false);
  });

  it("count reservations like free credit, and several statements of an account in one call", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { meter, alice, provider } = suite;
    const until = BigInt(await time.latest()) + 10n * DAY;
    await meter.connect(alice).reserve(alice, provider, alice, FUNDS - OPA, until);

    expect(await foretold(suite, alice, 201n * OPA)).to.equal(Reason.AccountRateLimited);
    const first = await use(suite, alice, 150n * OPA);
    const later = await use(suite, alice, 210n * OPA); // 60 more than the first
    expect(await settle(suite, [first, later])).to.deep.equal([
      [Reason.None, 150n * OPA],
      [Reason.AccountRateLimited, 0n],
    ]);
    expect(await meter.burnable(alice)).to.be.lessThan(51n * OPA);
  });
});

describe("A paused Meter (SAF-1, SAF-I1)", function () {
  /** The Meter paused for a day by the admin, which has every right in the mock authority. */
  async function paused() {
    const suite = await fixture();
    const until = BigInt(await time.latest()) + DAY;
    await suite.meter.pause(ethers.dataSlice(ACCOUNT, 0, 20), until);
    return { ...suite, until };
  }

  it("leaves every statement out with a reason, counts nothing, and settles it afterwards", async function () {
    const suite = await networkHelpers.loadFixture(paused);
    const { limited, meter, alice, provider, until } = suite;
    const signed = await use(suite, alice, OPA);
    const before = [await meter.creditOf(alice), await meter.burnedInEpoch()];

    const [result] = await limited.settle.staticCall(packed([signed]));
    await expect(limited.settle(packed([signed])))
      .to.emit(meter, "StatementSkipped")
      .withArgs(alice, alice, Reason.SettlementPaused);

    expect(result?.reason).to.equal(Reason.SettlementPaused);
    const [previewed] = await limited.preview.staticCall(packed([signed]));
    expect(previewed?.reason).to.equal(Reason.SettlementPaused);
    expect(await foretold(suite, alice, OPA)).to.equal(Reason.SettlementPaused);
    expect([await meter.creditOf(alice), await meter.burnedInEpoch()]).to.deep.equal(before);
    expect((await meter.lineOf(alice, provider, TOKENS)).cumulativeUnits).to.equal(0n);
    await time.increaseTo(until);
    expect(await settle(suite, [signed])).to.deep.equal([[Reason.None, OPA]]);
  });

  it("refuses deposits and reservations too, and no withdrawal", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { meter, token, alice, provider } = suite;
    const until = BigInt(await time.latest()) + DAY;
    const reason = ethers.dataSlice(ACCOUNT, 0, 20);
    await meter.pause(reason, until);
    const refused: [string, () => Promise<unknown>][] = [
      ["deposit", () => meter.connect(alice).deposit(alice, 1n)],
      [
        "transferAndCall",
        () => token.connect(alice)["transferAndCall(address,uint256)"](meter, 1n),
      ],
      ["reserve", () => meter.connect(alice).reserve(alice, provider, alice, GWEI, until)],
    ];

    for (const [name, act] of refused)
      await expect(act(), name)
        .to.be.revertedWithCustomError(meter, "GuardedPauseActive")
        .withArgs(reason, until);
    await meter.connect(alice).withdraw(alice, alice, OPA);
  });
});
