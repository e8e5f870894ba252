import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { network } from "hardhat";

import {
  authorize,
  connectContracts,
  createDomain,
  estimateGas,
  PlannerError,
  quote,
  readEpoch,
  readPrices,
  readProviderUse,
  readSupply,
  readUse,
  runway,
  SettlementPlanner,
  type SignedStatement,
} from "../../sdk/index.js";
import { connectFaulty, type FaultSide } from "../support/faults.js";
import {
  deploySettling,
  EPOCH,
  limits,
  PRICE,
  Role,
  SECONDS,
  TOKENS,
} from "../support/metering.js";
import { OPA } from "../support/release.js";
import { packed } from "../support/statements.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const TOKEN_PRICE = PRICE["1"] ?? 0n;
const SECOND_PRICE = PRICE["2"] ?? 0n;
const noWait = () => Promise.resolve();

async function fixture() {
  const deployed = await deploySettling(connection);
  const { meter, alice, bob, settlement, stranger } = deployed;
  await meter.connect(bob).deposit(bob, 50n * OPA);
  const contracts = await connectContracts(await settlement.getAddress(), stranger);
  const domain = createDomain(31_337n, await settlement.getAddress());
  const key = deployed.key;
  await meter.connect(alice).setKey(alice, key, 0n, Role.Spender, limits());
  const planner = (options: Partial<ConstructorParameters<typeof SettlementPlanner>[0]> = {}) =>
    new SettlementPlanner({ contracts, sender: stranger, wait: noWait, ...options });
  return { ...deployed, contracts, domain, planner };
}

describe("library on a chain (INT-3)", function () {
  describe("connectContracts", function () {
    it("finds every contract from the address of the settlement", async function () {
      const { meter, registry, contracts, token } = await networkHelpers.loadFixture(fixture);

      for (const [found, expected] of [
        [contracts.meter, meter],
        [contracts.registry, registry],
        [contracts.token, token],
      ] as const)
        expect(await found.getAddress()).to.equal(await expected.getAddress());
    });

    it("says that there is no contract, or no chain", async function () {
      const { stranger, contracts } = await networkHelpers.loadFixture(fixture);

      expect(await messageOf(connectContracts(ZeroAddress, stranger))).to.equal(
        `There is no contract at ${ZeroAddress}.`,
      );
      const address = await contracts.settlement.getAddress();
      expect(await messageOf(connectContracts(address, ethers.Wallet.createRandom()))).to.equal(
        "The contracts cannot be read without a connection to a chain.",
      );
    });
  });

  describe("quote, authorize and runway (ACC-5)", function () {
    it("quotes what settlement charges", async function () {
      const { registry, contracts } = await networkHelpers.loadFixture(fixture);

      expect(
        await quote(contracts, [
          { resource: TOKENS, units: 7n },
          { resource: SECONDS, units: 2n },
        ]),
      ).to.deep.equal({
        computeUnits: 7n * 2n + 2n,
        charge: 7n * TOKEN_PRICE + 2n * SECOND_PRICE,
        priceEpoch: await registry.currentEpoch(),
      });
    });

    it("counts what is unsettled with what is asked for", async function () {
      const { meter, alice, key, provider, contracts } = await networkHelpers.loadFixture(fixture);
      const limit = 10n * TOKEN_PRICE;
      await meter
        .connect(alice)
        .setKey(alice, key, 0n, Role.Spender, limits({ epochLimit: limit }));
      const intent = { account: alice.address, key: key.address, provider: provider.address };
      const unsettled = [{ resource: TOKENS, units: 6n }];

      const fits = await authorize(contracts, {
        ...intent,
        unsettled,
        uses: [{ resource: TOKENS, units: 4n }],
      });
      expect([fits.reason.name, fits.charge]).to.deep.equal(["None", limit]);
      const exceeds = await authorize(contracts, {
        ...intent,
        unsettled,
        uses: [{ resource: TOKENS, units: 5n }],
      });
      expect([exceeds.reason.name, exceeds.charge]).to.deep.equal(["KeyLimitExceeded", 0n]);
    });

    it("says which resource of a call would not settle", async function () {
      const { alice, key, provider, contracts } = await networkHelpers.loadFixture(fixture);
      const uses = [
        { resource: 99n, units: 1n },
        { resource: TOKENS, units: 3n },
      ];

      const { reason, reasons, charge } = await authorize(contracts, {
        account: alice.address,
        key: key.address,
        provider: provider.address,
        uses,
      });
      expect(reason.name).to.equal("ResourceUnknown");
      expect([...reasons].map(([id, { name }]) => [id, name])).to.deep.equal([
        [TOKENS, "None"],
        [99n, "ResourceUnknown"],
      ]);
      expect(charge).to.equal(3n * TOKEN_PRICE);
    });

    it("refuses to ask about nothing", async function () {
      const { alice, provider, contracts } = await networkHelpers.loadFixture(fixture);
      const intent = { account: alice.address, key: alice.address, provider: provider.address };

      expect(
        await messageOf(
          authorize(contracts, { ...intent, uses: [{ resource: TOKENS, units: 0n }] }),
        ),
      ).to.equal("A call that uses nothing needs no authorization.");
    });

    it("says how long credit lasts, once any was burned", async function () {
      const { meter, alice, line, settle, sign, contracts } =
        await networkHelpers.loadFixture(fixture);
      expect(await runway(contracts, alice.address)).to.equal(undefined);

      await settle([await sign([line(1_000n)])]);
      expect(await runway(contracts, alice.address)).to.equal(await meter.runway(alice));
    });
  });

  describe("reads", function () {
    it("reads supply, epoch, prices and use", async function () {
      const { line, provider, registry, settle, sign, startedAt, contracts } =
        await networkHelpers.loadFixture(fixture);
      await settle([await sign([line(1_000n)])]);
      const burned = 1_000n * TOKEN_PRICE;
      const number = await registry.currentEpoch();

      expect(await readSupply(contracts)).to.deep.equal({
        initial: 800_000_000n * OPA,
        burned,
        total: 800_000_000n * OPA - burned,
        credit: 150n * OPA - burned,
      });
      expect(await readEpoch(contracts)).to.deep.equal({
        number,
        start: startedAt + number * EPOCH,
        end: startedAt + (number + 1n) * EPOCH,
        oldestSettleable: number - 3n,
      });
      expect(await readPrices(contracts, TOKENS)).to.deep.equal(new Map([[number, TOKEN_PRICE]]));
      const use = { units: 1_000n, computeUnits: 2_000n, burned };
      const none = { units: 0n, computeUnits: 0n, burned: 0n };
      expect(await readUse(contracts, TOKENS)).to.deep.equal({
        current: use,
        previous: none,
        allTime: use,
      });
      expect(await readProviderUse(contracts, provider.address)).to.deep.equal({
        current: use,
        previous: none,
        allTime: use,
      });
    });
  });

  describe("SettlementPlanner", function () {
    it("settles statements once, and says of each what became of it", async function () {
      const { bob, line, meter, planner, sign } = await networkHelpers.loadFixture(fixture);
      const good = await sign([line(10n)]);
      const replayed = await sign([line(10n)], { deadline: 2n ** 40n });
      const poor = await sign([line(10n ** 12n)], { account: bob.address, key: bob });
      const late = await sign([line(5n)], { account: bob.address, key: bob, deadline: 1n });
      const subject = planner();
      subject.add([good, good, replayed, poor, late]);
      expect(subject.waiting().length).to.equal(4);

      const outcome = await subject.settle();

      expect(outcome.transactions.length).to.equal(1);
      expect(outcome.done.map(({ signed }) => signed)).to.deep.equal([good, replayed]);
      expect(outcome.later.map(({ reasons }) => reasons.map(({ name }) => name))).to.deep.equal([
        ["InsufficientCredit"],
      ]);
      expect(outcome.never.map(({ reason }) => reason.name)).to.deep.equal(["DeadlineExpired"]);
      expect(subject.waiting()).to.deep.equal([poor]);
      const account = good.statement.account;
      const { provider, resource } = line(0n);
      expect((await meter.lineOf(account, provider, resource)).cumulativeUnits).to.equal(10n);
    });

    it("settles later what was refused, once the reason is gone", async function () {
      const { meter, alice, bob, line, planner, sign, token } =
        await networkHelpers.loadFixture(fixture);
      const subject = planner();
      subject.add([await sign([line(10n ** 10n)], { account: bob.address, key: bob })]);
      expect((await subject.settle()).later.length).to.equal(1);

      await token.connect(alice).approve(meter, 1_000n * OPA);
      await meter.connect(alice).deposit(bob, 100n * OPA);
      const { done, later } = await subject.settle();
      expect([done.length, later.length]).to.deep.equal([1, 0]);
    });

    it("does nothing without statements, and sends nothing for what is settled", async function () {
      const { line, planner, settle, sign } = await networkHelpers.loadFixture(fixture);
      const subject = planner();
      expect(await subject.settle()).to.deep.equal({
        done: [],
        later: [],
        never: [],
        transactions: [],
      });

      const signed = await sign([line(10n)]);
      await settle([signed]);
      subject.add([signed]);
      const { done, transactions } = await subject.settle();
      expect([done.length, transactions.length]).to.deep.equal([1, 0]);
    });

    it("takes the price epochs of an account in order, whatever the order they came in", async function () {
      const { line, meter, planner, sign, startedAt } = await networkHelpers.loadFixture(fixture);
      const older = await sign([line(10n)]);
      await time.increaseTo(startedAt + 11n * EPOCH);
      const newer = await sign([line(15n)]);
      const subject = planner();
      subject.add([newer, older]);
      expect(subject.waiting()).to.deep.equal([older, newer]);

      await subject.settle();
      const settled = await meter.queryFilter(meter.filters.LineSettled());
      expect(settled.map(({ args }) => [args.priceEpoch, args.cumulativeUnits])).to.deep.equal([
        [10n, 10n],
        [11n, 15n],
      ]);
    });

    it("never settles a line ahead of an earlier price epoch that waits for it", async function () {
      const { meter, alice, key, line, planner, sign, startedAt } =
        await networkHelpers.loadFixture(fixture);
      const older = await sign([line(10n)], { key, account: alice.address });
      await time.increaseTo(startedAt + 11n * EPOCH);
      const newer = await sign([line(15n)]); // by the account itself, which has no limit
      await meter.connect(alice).revokeKey(alice, key);
      const subject = planner();
      subject.add([older, newer]);

      const { later, transactions } = await subject.settle();
      expect(later.map(({ isHeld }) => isHeld)).to.deep.equal([false, true]);
      expect(transactions).to.deep.equal([]);

      await meter.connect(alice).setKey(alice, key, 0n, Role.Spender, limits());
      expect((await subject.settle()).done.length).to.equal(2);
      const { provider, resource } = line(0n);
      expect((await meter.lineOf(alice, provider, resource)).cumulativeUnits).to.equal(15n);
    });

    it("does not hold what would be lost by waiting", async function () {
      const { meter, alice, key, line, planner, sign, startedAt } =
        await networkHelpers.loadFixture(fixture);
      const older = await sign([line(10n)], { key, account: alice.address });
      const newer = await sign([line(15n)]);
      await meter.connect(alice).revokeKey(alice, key);
      const subject = planner();
      subject.add([older, newer]);
      expect((await subject.settle()).later.map(({ isHeld }) => isHeld)).to.deep.equal([
        false,
        true,
      ]);

      await time.increaseTo(startedAt + 13n * EPOCH); // the last epoch of their window
      expect((await subject.settle()).done.map(({ signed }) => signed)).to.deep.equal([newer]);
      const { provider, resource } = line(0n);
      const burns = await meter.queryFilter(meter.filters.LineSettled(alice, provider, resource));
      expect(burns.map(({ args }) => args.amount)).to.deep.equal([15n * TOKEN_PRICE]);
    });

    it("cuts a batch in half that does not fit a transaction", async function () {
      const { line, other, planner, provider, sign, contracts } =
        await networkHelpers.loadFixture(fixture);
      const statements: SignedStatement[] = [];
      for (const [i, node] of [provider, other, provider, other].entries())
        statements.push(await sign([line(10n + BigInt(i), TOKENS, node)]));
      const all = await contracts.settlement.settle.estimateGas(packed(statements));
      const subject = planner({ gasCap: (all * 3n) / 4n, model: flatModel(1n) });
      subject.add(statements);

      const { done, transactions } = await subject.settle();
      expect(done.length).to.equal(4);
      expect(transactions.length).to.be.greaterThan(1);
    });

    it("keeps what a contract wallet signs alike apart", async function () {
      const { line, planner, sign } = await networkHelpers.loadFixture(fixture);
      const subject = planner();
      const [one, two] = [await sign([line(10n)]), await sign([line(20n)])];
      subject.add([one, two].map((signed) => ({ ...signed, signature: "0x" })));

      expect(subject.waiting().length).to.equal(2);
    });

    it("says why nothing could be sent", async function () {
      const { line, settlement, sign, stranger } = await networkHelpers.loadFixture(fixture);
      const chain = await connectFaulty(connection, stranger.address);
      const contracts = await connectContracts(await settlement.getAddress(), chain.signer);
      const subject = new SettlementPlanner({ contracts, sender: chain.signer, wait: noWait });
      subject.add([await sign([line(10n)])]);

      chain.failAlways("eth_sendTransaction");
      const error: unknown = await subject.settle().catch((reason: unknown) => reason);
      expect(String(error)).to.include("the connection was lost");
      chain.close();
    });

    it("says how much one statement takes that fits no transaction", async function () {
      const { line, planner, sign } = await networkHelpers.loadFixture(fixture);
      const subject = planner({ gasCap: 30_000n, model: flatModel(1n) });
      subject.add([await sign([line(10n)])]);

      const error: unknown = await subject.settle().catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(PlannerError);
      expect(String(error)).to.match(/One statement takes \d+ gas, and a transaction has 30000\./);
      expect(subject.waiting().length).to.equal(1);
    });

    it("counts a contract wallet's 65 bytes as a wallet", async function () {
      const { domain, line, sign, stranger } = await networkHelpers.loadFixture(fixture);
      const plain = await sign([line(10n)]);
      const wallet = { ...plain, signer: stranger.address };

      expect(
        estimateGas([wallet], undefined, domain) - estimateGas([plain], undefined, domain),
      ).to.equal(300_000n);
      expect(estimateGas([wallet])).to.equal(estimateGas([plain]));
    });

    it("keeps the value at risk of each provider under the limit", async function () {
      const { line, other, planner, provider, sign } = await networkHelpers.loadFixture(fixture);
      const subject = planner({ limit: 25n * TOKEN_PRICE });
      subject.serve(provider.address, 20n * TOKEN_PRICE);

      expect(subject.canServe(provider.address, 5n * TOKEN_PRICE)).to.equal(true);
      expect(subject.canServe(provider.address, 5n * TOKEN_PRICE + 1n)).to.equal(false);
      expect(subject.canServe(other.address, 25n * TOKEN_PRICE)).to.equal(true);

      subject.add([await sign([line(12n)])]);
      await subject.settle();
      expect(subject.exposureOf(provider.address)).to.equal(8n * TOKEN_PRICE);
      subject.setExposure(provider.address, 3n);
      expect(subject.exposureOf(provider.address)).to.equal(3n);
    });

    it("names statements whose deadline or settlement window is about to end", async function () {
      const { line, planner, sign, startedAt } = await networkHelpers.loadFixture(fixture);
      const now = BigInt(await time.latest());
      const soon = await sign([line(10n)], { deadline: now + 50n });
      const open = await sign([line(11n)]);
      const subject = planner();
      subject.add([soon, open]);

      expect(await subject.urgent(100n)).to.deep.equal([soon]);
      await time.increaseTo(startedAt + 14n * EPOCH - 100n);
      expect(await subject.urgent(100n)).to.deep.equal([soon, open]);
      expect(await subject.urgent(99n)).to.deep.equal([soon]);
    });

    it("replaces what is stuck before its nonce", async function () {
      const { line, planner, sign, stranger } = await networkHelpers.loadFixture(fixture);
      const signed = await sign([line(10n)]);
      await ethers.provider.send("evm_setAutomine", [false]);
      await stranger.sendTransaction({ to: stranger.address, value: 1n });
      const subject = planner({ confirmWithin: 50, wait: () => connection.networkHelpers.mine() });
      subject.add([signed]);
      try {
        const { done } = await subject.settle();
        expect(done.length).to.equal(1);
      } finally {
        await ethers.provider.send("evm_setAutomine", [true]);
        await networkHelpers.mine();
      }
    });

    it("gives up with a clear error when the chain cannot be reached, and can go on later", async function () {
      const { line, settlement, sign, stranger } = await networkHelpers.loadFixture(fixture);
      const chain = await connectFaulty(connection, stranger.address);
      const contracts = await connectContracts(await settlement.getAddress(), chain.signer);
      const subject = new SettlementPlanner({ contracts, sender: chain.signer, wait: noWait });
      subject.add([await sign([line(10n)])]);

      chain.failAlways("eth_call");
      const error: unknown = await subject.settle().catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(PlannerError);
      expect(String(error)).to.include("could not read the chain's clock");
      chain.failAlways("eth_sendTransaction");
      expect(await subject.settle().catch((reason: unknown) => reason)).to.be.instanceOf(
        PlannerError,
      );
      expect(subject.waiting().length).to.equal(1);

      chain.failAlways(undefined);
      expect((await subject.settle()).done.length).to.equal(1);
      chain.close();
    });

    for (const side of ["before", "after"] as const)
      it(`loses nothing and settles nothing twice when any one request fails ${side} the node`, async function () {
        this.timeout(120_000);
        for (let n = 0; ; n += 1) if (!(await settleWithFault(n, side))) break;
      });
  });
});

/** One round with a fault at the n-th request; whether there was such a request. */
async function settleWithFault(n: number, side: FaultSide): Promise<boolean> {
  const { alice, line, meter, other, provider, settlement, sign, stranger, token } =
    await networkHelpers.loadFixture(fixture);
  const chain = await connectFaulty(connection, stranger.address);
  const contracts = await connectContracts(await settlement.getAddress(), chain.signer);
  const subject = new SettlementPlanner({
    contracts,
    sender: chain.signer,
    wait: noWait,
    confirmWithin: 2_000,
  });
  subject.add([
    await sign([line(10n)]),
    await sign([line(4n, SECONDS, other)]),
    await sign([line(12n)]),
  ]);
  const supply = await token.totalSupply();

  chain.failAt(n, side);
  const { done } = await subject.settle();
  const wasHit = chain.requests() > n;
  chain.close();

  expect(done.length, `fault ${side} request ${n}`).to.equal(3);
  expect((await meter.lineOf(alice, provider, TOKENS)).cumulativeUnits).to.equal(12n);
  expect((await meter.lineOf(alice, other, SECONDS)).cumulativeUnits).to.equal(4n);
  expect(supply - (await token.totalSupply())).to.equal(12n * TOKEN_PRICE + 4n * SECOND_PRICE);
  return wasHit;
}

/** A model that lets everything into one batch, so that only measured gas cuts it. */
function flatModel(gas: bigint) {
  return {
    perBatch: gas,
    perStatement: gas,
    perLine: gas,
    perProvider: gas,
    perResource: gas,
    perWallet: gas,
  };
}

async function messageOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error("an error expected");
}
