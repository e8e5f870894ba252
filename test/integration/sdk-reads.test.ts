import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { network } from "hardhat";

import {
  authorize,
  connectContracts,
  quote,
  readEpoch,
  readKey,
  readMandate,
  readPrices,
  readProviderUse,
  readSupply,
  readUse,
  runway,
} from "../../sdk/index.js";
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

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const TOKEN_PRICE = PRICE["1"] ?? 0n;
const SECOND_PRICE = PRICE["2"] ?? 0n;

async function fixture() {
  const deployed = await deploySettling(connection);
  const { meter, alice, bob, settlement, stranger } = deployed;
  await meter.connect(bob).deposit(bob, 50n * OPA);
  const contracts = await connectContracts(await settlement.getAddress(), stranger);
  const key = deployed.key;
  await meter.connect(alice).setKey(alice, key, 0n, Role.Spender, limits());
  return { ...deployed, contracts };
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

  describe("readKey and readMandate (ACC-2, ACC-3)", function () {
    it("give limits that setKey takes as they are (F10)", async function () {
      const { meter, alice, key, contracts } = await networkHelpers.loadFixture(fixture);
      const before = await readKey(contracts, alice.address, key.address);
      if (!before) throw new Error("a key expected");

      await meter.connect(alice).setKey(alice, key, before.project, before.role, before.limits);
      const lower = { ...before.limits, epochLimit: OPA };
      await meter.connect(alice).setKey(alice, key, before.project, before.role, lower);

      expect(before).to.deep.equal({
        role: Role.Spender,
        project: 0n,
        spent: 0n,
        limits: limits(),
      });
      expect((await readKey(contracts, alice.address, key.address))?.limits).to.deep.equal(lower);
    });

    it("tell that there is no key and no mandate", async function () {
      const { alice, bob, provider, contracts } = await networkHelpers.loadFixture(fixture);

      expect(await readKey(contracts, alice.address, bob.address)).to.equal(undefined);
      expect(await readMandate(contracts, alice.address, provider.address)).to.equal(undefined);
    });

    it("give a mandate with its signer and what is left of it", async function () {
      const { meter, alice, stranger, provider, contracts } =
        await networkHelpers.loadFixture(fixture);
      const until = BigInt(await networkHelpers.time.latest()) + EPOCH;

      await meter.connect(alice).reserve(alice, provider, stranger, OPA, until);

      expect(await readMandate(contracts, alice.address, provider.address)).to.deep.equal({
        amount: OPA,
        until,
        tier: 0n,
        priceEpoch: await meter.currentEpoch(),
        signer: stranger.address,
      });
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
});

async function messageOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error("an error expected");
}
