import { expect } from "chai";

import { Chain } from "../../../examples/gateway/chain.js";
import type { Contracts } from "../../../sdk/index.js";

const [GENESIS, DURATION] = [1_000_000, 1_000];
const YEARS = 315_360_000;

/** A chain in epoch 10 whose node, and the machine, can be given another time. */
function openChain(maxClockLead: number) {
  const world = { block: GENESIS + 10_500, machine: GENESIS + 10_500 };
  const provider = { getBlock: () => Promise.resolve({ timestamp: world.block }) };
  const contracts = {
    meter: {
      GENESIS: () => Promise.resolve(BigInt(GENESIS)),
      EPOCH_DURATION: () => Promise.resolve(BigInt(DURATION)),
      SETTLEMENT_WINDOW: () => Promise.resolve(7n),
      runner: { provider },
    },
    registry: { termsByEpoch: () => Promise.resolve({ reason: 0n, unitPrice: 5n }) },
  } as unknown as Contracts;
  const options = { resources: [1n], maxClockLead, clock: () => world.machine * 1_000 };
  return { world, open: () => Chain.open(contracts, options) };
}

async function messageOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "none",
    (error: unknown) => (error as Error).message,
  );
}

describe("gateway example: chain", function () {
  it("refuses a block that is too far ahead of the machine's clock, and takes the next right one", async function () {
    const { world, open } = openChain(60);
    const chain = await open();
    await new Promise((resolve) => setTimeout(resolve, 1_010)); // until the block is read again

    world.block += YEARS;
    const refused = await messageOf(chain.now());
    world.block -= YEARS - 60; // as far ahead as allowed
    const { epoch } = await chain.now();

    expect(refused).to.include("315360000 s ahead").and.to.include("maxClockLead allows 60 s");
    expect([epoch, chain.epoch]).to.deep.equal([10n, 10n]);
  });

  it("does not open on a node that names a far time", async function () {
    const { world, open } = openChain(60);
    world.block += 61;

    expect(await messageOf(open())).to.include("61 s ahead");
  });

  it("confirms epochs by the machine's clock, whatever the node says", async function () {
    const { world, open } = openChain(60);
    const chain = await open();

    const first = chain.latestEpoch();
    world.machine += DURATION;

    // The running epoch, and one more for clocks that differ.
    expect([first, chain.latestEpoch()]).to.deep.equal([11n, 12n]);
  });

  it("follows a local chain whose time is moved, as far as its setting goes", async function () {
    const { world, open } = openChain(YEARS);
    world.block += YEARS;

    const chain = await open();

    expect(chain.epoch).to.equal(10n + BigInt(YEARS / DURATION));
    expect(chain.latestEpoch()).to.equal(chain.epoch + 1n);
  });
});
