import { expect } from "chai";
import { getAddress } from "ethers";

import { MeterError, resync, UsageMeter, type ResyncOptions } from "../../../sdk/node/index.js";
import { SimulatedDisk } from "../../support/simulated-disk.js";

const address = getAddress(`0x${"5e".repeat(20)}`);
const alice = getAddress(`0x${"a1".repeat(20)}`);
const low = getAddress(`0x${"11".repeat(20)}`);
const high = getAddress(`0x${"ee".repeat(20)}`);

/** A settlement contract and its Meter, whose node gives events of at most so many blocks. */
function chain(limit: number, chainId = 31_337n) {
  const asked: [string | undefined, number, number][] = [];
  const settlement = {
    runner: {
      provider: {
        getNetwork: () => Promise.resolve({ chainId }),
        getBlock: (tag: unknown) => Promise.resolve(tag === "safe" ? null : { number: 100 }),
      },
    },
    getAddress: () => Promise.resolve(address),
    filters: { LineSettled: (_: undefined, provider?: string) => provider },
    queryFilter: (provider: string | undefined, from: number, to: number) => {
      asked.push([provider, from, to]);
      if (to - from >= limit) return Promise.reject(new Error("too many blocks"));
      const isWanted = from <= 42 && 42 <= to && provider !== low;
      const args = { account: alice, provider: high, resource: 7n };
      return Promise.resolve(isWanted ? [{ args }] : []);
    },
    lineOf: (_account: string, provider: string, _resource: bigint, overrides: unknown) => {
      expect(overrides).to.deep.equal({ blockTag: 100 });
      return Promise.resolve({ cumulativeUnits: provider === high ? 9n : 0n, priceEpoch: 4n });
    },
  } as unknown as ResyncOptions["settlement"] & ResyncOptions["meter"];
  return { contracts: { settlement, meter: settlement }, asked };
}

describe("sdk/resync", function () {
  let meter: UsageMeter;

  beforeEach(async function () {
    const disk = new SimulatedDisk();
    meter = await UsageMeter.open({ file: "j", chainId: 31_337n, settlement: address, disk });
  });

  it("refuses a contract that the meter is not for", async function () {
    const { contracts } = chain(1, 1n);

    const refused = await resync(meter, contracts).catch((error: unknown) => error);

    expect(refused).to.be.instanceOf(MeterError);
    expect((refused as Error).message).to.equal(
      `The chain has contract ${address} on chain 1, and the meter is for contract ${address} on chain 31337.`,
    );
  });

  it("refuses a block that the chain does not have", async function () {
    const { contracts } = chain(1);

    const refused = await resync(meter, { ...contracts, block: "safe" }).catch(String);

    expect(refused).to.equal("MeterError: The chain has no block safe.");
  });

  it("looks for no events without a first block, and notes nothing of lines that have none", async function () {
    const { contracts, asked } = chain(1);

    await resync(meter, { ...contracts, lines: [{ account: alice, provider: low, resource: 1n }] });

    expect(asked).to.deep.equal([]);
    expect(meter.lines()).to.deep.equal([]);
  });

  it("asks for fewer blocks when a node refuses, and misses none", async function () {
    const { contracts, asked } = chain(30);

    await resync(meter, { ...contracts, fromBlock: 1, chunk: 80 });

    expect(asked.map(([, from, to]) => [from, to])).to.deep.equal([
      [1, 80],
      [1, 40],
      [1, 20],
      [21, 40],
      [41, 60],
      [61, 80],
      [81, 100],
    ]);
    expect(meter.lines()).to.deep.equal([{ account: alice, provider: high, resource: 7n }]);
  });

  it("asks for the providers wanted only", async function () {
    const { contracts, asked } = chain(1_000);

    await resync(meter, { ...contracts, fromBlock: 0, providers: [low] });

    expect(asked).to.deep.equal([[low, 0, 100]]);
    expect(meter.lines()).to.deep.equal([]);
  });

  it("fails when the node gives no events at all, and notes nothing", async function () {
    const { contracts } = chain(0);
    const lines = [{ account: alice, provider: high, resource: 1n }];

    const failed = await resync(meter, { ...contracts, lines, fromBlock: 0 }).catch(String);

    expect(failed).to.equal("Error: too many blocks");
    expect(meter.lines()).to.deep.equal([]);
  });
});
