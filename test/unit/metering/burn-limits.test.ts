import { expect } from "chai";
import { encodeBytes32String } from "ethers";
import { network } from "hardhat";

import { deployMetering, EPOCH, grantMeter, TOKENS, WINDOW } from "../../support/metering.js";
import { OPA } from "../../support/release.js";
import { Reason, signStatement, type SignedStatement } from "../../support/statements.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const LIMITS = { account: 100n * OPA, total: 250n * OPA };
const FUNDS = 10_000n * OPA;
const DAY = 86_400n;
const ACCOUNT = encodeBytes32String("account-burns");
const TOTAL = encodeBytes32String("total-burns");

/** A second settlement with small limits, and three accounts with more credit than these allow. */
async function fixture() {
  const suite = await deployMetering(connection);
  const { registry, accounts, nodes, authority, token, alice, bob, stranger, admin } = suite;
  const limited = await ethers.deployContract("Settlement", [
    registry,
    accounts,
    nodes,
    WINDOW,
    authority,
    LIMITS,
  ]);
  await grantMeter(authority, [registry, accounts], limited);
  for (const owner of [alice, bob, stranger]) {
    await networkHelpers.impersonateAccount(await suite.genesis.getAddress());
    await networkHelpers.setBalance(await suite.genesis.getAddress(), OPA);
    const genesis = await ethers.getSigner(await suite.genesis.getAddress());
    await token.connect(genesis).transfer(owner, FUNDS);
    await token.connect(owner).approve(accounts, FUNDS);
    await accounts.connect(owner).deposit(owner, FUNDS);
  }
  const price = await registry.unitPriceOf(TOKENS, await registry.currentEpoch());
  const next = (await registry.GENESIS()) + ((await registry.currentEpoch()) + 1n) * EPOCH;
  await time.increaseTo(next);
  return { ...suite, limited, price, admin, next };
}

type Suite = Awaited<ReturnType<typeof fixture>>;
type Owner = Suite["alice"];

/** A statement that adds use worth an amount to what the account has settled. */
async function use(
  { limited, registry, provider, price }: Suite,
  owner: Owner,
  amount: bigint,
): Promise<SignedStatement> {
  const { cumulativeUnits } = await limited.lineOf(owner, provider, TOKENS);
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

/** Settles uses in one call, and says what became of each. */
async function settle({ limited }: Suite, signed: SignedStatement[]) {
  const results = await limited.settle.staticCall(signed);
  await limited.settle(signed);
  return results.map(({ burned, reasons }) => [reasons[0], burned]);
}

/** What `authorize` says of a use worth an amount. */
async function foretold({ limited, provider, price }: Suite, owner: Owner, amount: bigint) {
  const [reason] = await limited.authorize(owner, owner, provider, TOKENS, amount / price);
  return reason;
}

describe("Limits of burning (SAF-2, abuse case 74)", function () {
  it("must be there, and that of an account within that of all", async function () {
    const { limited, registry, accounts, nodes, authority } =
      await networkHelpers.loadFixture(fixture);
    const build = async (limits: { account: bigint; total: bigint }) =>
      ethers.deployContract("Settlement", [registry, accounts, nodes, WINDOW, authority, limits]);

    for (const [account, total] of [
      [0n, 0n],
      [0n, 1n],
      [2n, 1n],
    ] as const)
      await expect(build({ account, total }))
        .to.be.revertedWithCustomError(limited, "SettlementInvalidLimits")
        .withArgs([account, total]);
    expect(await (await build({ account: 1n, total: 1n })).limits()).to.deep.equal([1n, 1n]);
    expect(await limited.limits()).to.deep.equal([LIMITS.account, LIMITS.total]);
  });

  it("let an account burn its limit and its bucket, to the unit, and hold back what is more", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { accounts, limited, price, alice, bob } = suite;
    const most = 2n * LIMITS.account;
    expect(await limited.burnable(alice)).to.equal(most);

    expect(await foretold(suite, alice, most + price)).to.equal(Reason.AccountRateLimited);
    const [tooMuch] = await settle(suite, [await use(suite, alice, most + price)]);
    expect(tooMuch).to.deep.equal([Reason.AccountRateLimited, 0n]);
    expect(await accounts.creditOf(alice)).to.equal(FUNDS);
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
    const { limited, alice, next } = suite;
    await settle(suite, [await use(suite, alice, 2n * LIMITS.account)]);
    const emptied = BigInt(await time.latest());

    await time.increaseTo(emptied + DAY / 2n);
    expect(await limited.burnable(alice)).to.equal(LIMITS.account / 2n);
    await time.increaseTo(next + EPOCH + 60n);
    expect(await limited.burnable(alice)).to.equal(2n * LIMITS.account);
  });

  it("hold all accounts together too, in one call and over several (SystemRateLimited)", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { limited, alice, bob, stranger, price } = suite;
    const [first, second] = [
      await use(suite, alice, 150n * OPA),
      await use(suite, bob, 150n * OPA),
    ];

    expect(await settle(suite, [first, second])).to.deep.equal([
      [Reason.None, 150n * OPA],
      [Reason.None, 150n * OPA],
    ]);
    expect(await limited.isRestricted(TOTAL)).to.equal(false);
    // 300 are burned: 50 of the bucket of 250.
    expect(await settle(suite, [await use(suite, stranger, 190n * OPA)])).to.deep.equal([
      [Reason.None, 190n * OPA],
    ]);
    const left = await limited.burnable(bob);
    expect(left < 11n * OPA && left >= 10n * OPA).to.equal(true);
    expect(await foretold(suite, bob, left + 10n * price)).to.equal(Reason.SystemRateLimited);
    expect(await settle(suite, [await use(suite, bob, 12n * OPA)])).to.deep.equal([
      [Reason.SystemRateLimited, 0n],
    ]);
  });

  it("trip visibly, with an event, and clear by themselves a day later", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { limited, alice } = suite;
    await settle(suite, [await use(suite, alice, 190n * OPA)]);
    expect(await limited.isRestricted(ACCOUNT)).to.equal(false);
    const signed = await use(suite, alice, 50n * OPA);
    const tripped = BigInt(await time.latest()) + 600n;

    await time.setNextBlockTimestamp(tripped);
    const sent = limited.settle([signed]);

    const regained = (LIMITS.account * 601n) / DAY; // at most, since the first settlement
    await expect(sent).to.emit(limited, "LimitTripped");
    const [event] = await limited.queryFilter(limited.filters.LimitTripped(ACCOUNT, alice));
    expect(event?.args.demanded).to.equal(0n);
    expect(event?.args.available).to.be.lessThanOrEqual(10n * OPA + regained);
    expect(event?.args.clearsAt).to.equal(tripped + DAY);
    expect(await limited.restrictionOf(ACCOUNT)).to.deep.equal([
      tripped,
      tripped + DAY,
      tripped + DAY,
    ]);
    expect(await limited.isRestricted(TOTAL)).to.equal(false);

    await time.setNextBlockTimestamp(tripped + 3_600n);
    await limited.settle([signed]);
    const clearsAt = tripped + 3_600n + DAY;
    expect(await limited.restrictionOf(ACCOUNT)).to.deep.equal([tripped, clearsAt, clearsAt]);
    await time.increaseTo(tripped + 3_600n + DAY - 1n);
    expect(await limited.isRestricted(ACCOUNT)).to.equal(true);
    await time.increaseTo(tripped + 3_600n + DAY);
    expect(await limited.isRestricted(ACCOUNT)).to.equal(false);
    expect(await settle(suite, [signed])).to.deep.equal([[Reason.None, 50n * OPA]]);
  });

  it("are not tripped by who has not got the credit, nor by a replay", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { limited, alice, bob } = suite;

    expect(await settle(suite, [await use(suite, alice, FUNDS + OPA)])).to.deep.equal([
      [Reason.InsufficientCredit, 0n],
    ]);
    const settled = await use(suite, bob, 190n * OPA);
    await settle(suite, [settled]);
    expect(await settle(suite, [settled])).to.deep.equal([[Reason.NothingNew, 0n]]);
    expect(await limited.isRestricted(ACCOUNT)).to.equal(false);
  });

  it("count reservations like free credit, and several statements of an account in one call", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { accounts, alice, provider, limited } = suite;
    const until = BigInt(await time.latest()) + 10n * DAY;
    await accounts.connect(alice).reserve(alice, provider, FUNDS - OPA, until);

    expect(await foretold(suite, alice, 201n * OPA)).to.equal(Reason.AccountRateLimited);
    const first = await use(suite, alice, 150n * OPA);
    const later = await use(suite, alice, 210n * OPA); // 60 more than the first
    expect(await settle(suite, [first, later])).to.deep.equal([
      [Reason.None, 150n * OPA],
      [Reason.AccountRateLimited, 0n],
    ]);
    expect(await limited.burnable(alice)).to.be.lessThan(51n * OPA);
  });
});

describe("A paused settlement (SAF-1, SAF-I1)", function () {
  /** The settlement paused for a day by the admin, whom the mock authority lets do everything. */
  async function paused() {
    const suite = await fixture();
    const until = BigInt(await time.latest()) + DAY;
    await suite.limited.pause(ethers.dataSlice(ACCOUNT, 0, 20), until);
    return { ...suite, until };
  }

  it("leaves every statement out with a reason, counts nothing, and settles it afterwards", async function () {
    const suite = await networkHelpers.loadFixture(paused);
    const { limited, registry, accounts, alice, provider, until } = suite;
    const signed = await use(suite, alice, OPA);
    const before = [await accounts.creditOf(alice), await registry.burnedInEpoch()];

    const [result] = await limited.settle.staticCall([signed]);
    await expect(limited.settle([signed]))
      .to.emit(limited, "StatementSkipped")
      .withArgs(alice, alice, Reason.SettlementPaused);

    expect(result?.reason).to.equal(Reason.SettlementPaused);
    const [previewed] = await limited.preview.staticCall([signed]);
    expect(previewed?.reason).to.equal(Reason.SettlementPaused);
    expect(await foretold(suite, alice, OPA)).to.equal(Reason.SettlementPaused);
    expect([await accounts.creditOf(alice), await registry.burnedInEpoch()]).to.deep.equal(before);
    expect((await limited.lineOf(alice, provider, TOKENS)).burned).to.equal(0n);
    await time.increaseTo(until);
    expect(await settle(suite, [signed])).to.deep.equal([[Reason.None, OPA]]);
  });

  it("does not stop the accounts, whose pause refuses deposits and reservations alone", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { accounts, token, alice, provider } = suite;
    const until = BigInt(await time.latest()) + DAY;
    const reason = ethers.dataSlice(ACCOUNT, 0, 20);
    await accounts.pause(reason, until);
    const refused: [string, () => Promise<unknown>][] = [
      ["deposit", () => accounts.connect(alice).deposit(alice, 1n)],
      [
        "transferAndCall",
        () => token.connect(alice)["transferAndCall(address,uint256)"](accounts, 1n),
      ],
      ["reserve", () => accounts.connect(alice).reserve(alice, provider, 1n, until)],
    ];

    for (const [name, act] of refused)
      await expect(act(), name)
        .to.be.revertedWithCustomError(accounts, "GuardedPauseActive")
        .withArgs(reason, until);
    expect(await settle(suite, [await use(suite, alice, OPA)])).to.deep.equal([[Reason.None, OPA]]);
    await accounts.connect(alice).withdraw(alice, alice, OPA);
  });
});
