import { expect } from "chai";
import type { ContractTransactionReceipt, ContractTransactionResponse } from "ethers";
import { network } from "hardhat";

import { gasLimitOf } from "../../../cli/frame/gas.js";
import { deployLock } from "../../support/lock.js";
import { OPA } from "../../support/release.js";

const WEEK = 604_800n;
const GAS = { gasLimit: 1_000_000n };

const connection = await network.create();
const { ethers, networkHelpers } = connection;

/** A lock whose owner delegates to another account with a lock, so that an extension changes two delegates' sums. */
async function fixture() {
  const { lock, token, fund } = await deployLock(connection);
  const [, owner, delegate] = await ethers.getSigners();
  if (!owner || !delegate) throw new Error("signers expected");
  for (const account of [owner, delegate]) {
    await fund(account, 10n * OPA);
    await token.connect(account).approve(lock, 10n * OPA);
  }
  const { earliest } = await lock.endRange();
  await lock.connect(delegate).lock(OPA, earliest);
  await lock.connect(owner).delegate(delegate);
  return { lock, owner, delegate, earliest };
}

describe("gas limits of opa", function () {
  it("suffice a second later for an extension that was estimated in the second of the lock", async function () {
    const { lock, owner, earliest } = await networkHelpers.loadFixture(fixture);
    const end = earliest + WEEK;
    const created = async () => lock.connect(owner).lock(OPA, earliest, GAS);
    const extended = async () => lock.connect(owner).extend(end, GAS);

    const start = await networkHelpers.takeSnapshot();
    const [, together] = await inOneBlock(created, extended);
    await start.restore();
    await created();
    const later = await receiptOf(await extended());

    const estimate = together?.gasUsed ?? 0n;
    expect(later.gasUsed).to.be.greaterThan((estimate * 6n) / 5n); // a fifth alone is too little
    expect(later.gasUsed).to.be.lessThan(gasLimitOf(estimate));
  });

  it("are at most the gas of any transaction, unless the estimate is above it", function () {
    const most = 16_777_216n;

    expect(gasLimitOf(100_000n)).to.equal(220_000n);
    expect(gasLimitOf(most - 1n)).to.equal(most);
    expect(gasLimitOf(most + 1n)).to.be.greaterThan(most);
  });

  /** Sends transactions that are mined in one block, hence in one second. */
  async function inOneBlock(
    ...sends: readonly (() => Promise<ContractTransactionResponse>)[]
  ): Promise<ContractTransactionReceipt[]> {
    await ethers.provider.send("evm_setAutomine", [false]);
    const sent: ContractTransactionResponse[] = [];
    for (const send of sends) sent.push(await send());
    await networkHelpers.mine();
    await ethers.provider.send("evm_setAutomine", [true]);
    return Promise.all(sent.map(receiptOf));
  }
});

async function receiptOf(sent: ContractTransactionResponse): Promise<ContractTransactionReceipt> {
  const receipt = await sent.wait();
  if (!receipt) throw new Error("a receipt expected");
  return receipt;
}
