import { expect } from "chai";
import { id, Wallet } from "ethers";
import hre, { network } from "hardhat";

import {
  buildStatement,
  domainOf,
  estimateGas,
  planBatches,
  signStatement,
  type SignedStatement,
} from "../../sdk/index.js";
import { setKey } from "../support/metering.js";
import { deploySuite, registerProviders } from "../support/suite.js";
import { packed } from "../support/statements.js";

const PROVIDERS = 64;
const FAR = 2n ** 40n;
const CREDIT = 1_000n * 10n ** 18n;
const TRANSACTION_GAS = 16_777_216n;
const connection = await network.create();
const { ethers, networkHelpers } = connection;

/** The suite with providers, and credit with the onboarding beneficiary for new accounts. */
async function market() {
  const suite = await deploySuite(connection);
  const { meter, genesis, registry, settlement, token, vault } = suite;
  const [granted] = await genesis.queryFilter(
    genesis.filters.AllocationScheduled(ethers.encodeBytes32String("onboarding")),
  );
  if (!granted) throw new Error("an onboarding schedule expected");
  const sponsor = await ethers.getSigner(granted.args.beneficiary);
  await vault.claim(granted.args.scheduleId);
  await token.connect(sponsor).approve(meter, ethers.MaxUint256);

  const providers: string[] = [];
  for (let i = 0; i < PROVIDERS; i += 1) {
    const provider = await wallet(`provider ${i}`);
    await registerProviders(suite, sponsor, [provider]);
    providers.push(provider.address);
  }
  const domain = await domainOf(settlement);
  let priceEpoch = await registry.currentEpoch();

  /** New accounts, each with a statement over so many providers and resources, signed by a key. */
  async function signAll(count: number, served: number, resources: number, reserved: number) {
    const statements: SignedStatement[] = [];
    for (let i = 0; i < count; i += 1) {
      const owner = await wallet(`account ${i}`);
      const key = new Wallet(id(`key ${i}`));
      await meter.connect(sponsor).deposit(owner.address, CREDIT);
      await setKey(meter, owner, key.address, { epochLimit: CREDIT });
      const until = (await networkHelpers.time.latest()) + 1_000;
      for (const provider of providers.slice(0, reserved))
        await meter.connect(owner).reserve(owner, provider, key, 10n ** 12n, until);
      const lines = providers.slice(0, served).flatMap((provider) =>
        Array.from({ length: resources }, (_, k) => ({
          provider,
          resource: BigInt(k + 1),
          cumulativeUnits: 1n,
        })),
      );
      const draft = { account: owner.address, priceEpoch, deadline: FAR, lines };
      statements.push(await signStatement(key, domain, buildStatement(draft)));
    }
    return statements;
  }
  /** Enters the next epoch; later statements name it. */
  async function enterNextEpoch() {
    const next = (await registry.currentEpoch()) + 1n;
    const duration = await registry.EPOCH_DURATION();
    await networkHelpers.time.increaseTo((await registry.GENESIS()) + next * duration);
    priceEpoch = next;
  }
  return { meter, settlement, signAll, enterNextEpoch };
}

async function wallet(name: string): Promise<Wallet> {
  const created = new Wallet(id(name)).connect(ethers.provider);
  await networkHelpers.setBalance(created.address, CREDIT);
  return created;
}

/** Gas of a batch: the estimate, except under coverage, which costs gas of its own. */
function limitOf(batch: readonly SignedStatement[]): bigint {
  return hre.globalOptions.coverage ? TRANSACTION_GAS : estimateGas(batch);
}

describe("Settlement planned by the library", function () {
  const shapes: [string, number, number, number, number][] = [
    ["one statement of one line", 1, 1, 1, 0],
    ["one provider for every line", 1, PROVIDERS, 1, 0],
    ["as many lines as a statement has", 1, PROVIDERS, 2, 0],
    ["as many lines, all reserved for", 1, PROVIDERS, 2, PROVIDERS],
    ["many short statements", 40, 1, 1, 1],
    ["many long statements", 12, 8, 2, 8],
  ];
  for (const [what, count, served, resources, reserved] of shapes)
    it(`needs no more than the estimate for ${what}, first settlements all`, async function () {
      const { meter, settlement, signAll } = await networkHelpers.loadFixture(market);
      const statements = await signAll(count, served, resources, reserved);
      const batches = planBatches(statements);

      for (const batch of batches) {
        const sent = await settlement.settle(packed(batch), { gasLimit: limitOf(batch) });
        const receipt = await sent.wait();

        const settled = meter.interface.getEvent("LineSettled").topicHash;
        const lines = receipt?.logs.filter(({ topics }) => topics[0] === settled) ?? [];
        expect(lines).to.have.length(batch.length * served * resources);
      }
      expect(batches.flat()).to.have.length(count);
    });

  it("needs no more than the estimate when every provider and the pool have an epoch to book", async function () {
    const { meter, settlement, signAll, enterNextEpoch } = await networkHelpers.loadFixture(market);
    await enterNextEpoch(); // that of the deployment releases nothing
    for (const batch of planBatches(await signAll(1, PROVIDERS, 1, 0)))
      await settlement.settle(packed(batch), { gasLimit: TRANSACTION_GAS });
    await enterNextEpoch();

    const statements = (await signAll(2, PROVIDERS, 2, 0)).slice(1); // a new account
    for (const batch of planBatches(statements)) {
      const receipt = await (
        await settlement.settle(packed(batch), { gasLimit: limitOf(batch) })
      ).wait();

      const topicOf = (event: "LineSettled" | "BookingFailed") =>
        meter.interface.getEvent(event).topicHash;
      const topics = receipt?.logs.map((log) => log.topics[0]) ?? [];
      expect(topics.filter((topic) => topic === topicOf("LineSettled"))).to.have.length(
        2 * PROVIDERS,
      );
      expect(topics).to.not.include(topicOf("BookingFailed"));
    }
  });
});
