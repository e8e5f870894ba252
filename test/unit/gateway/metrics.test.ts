import { expect } from "chai";

import { Metrics } from "../../../examples/gateway/metrics.js";
import type { LineView } from "../../../sdk/node/index.js";

const LINE: LineView = {
  ...{ account: "0xA", provider: "0xB", resource: 1n, signed: 0n, seen: 0n, final: 0n },
  ...{ open: 7n, writtenOff: 0n, isOvertaken: false },
};

describe("gateway example: metrics", function () {
  it("reads the store once for many looks, and again when the reading is old or has failed, or something was settled", async function () {
    const metrics = new Metrics();
    let reads = 0;
    let isAway = true;
    const lines = () => {
      reads += 1;
      return isAway ? Promise.reject(new Error("away")) : Promise.resolve([LINE]);
    };
    const nothing = () => Promise.resolve([]);
    const chain = { epoch: 10n, prices: new Map([[1n, 3n]]) };
    metrics.watch({ lines, due: nothing, pending: nothing }, chain, 200);
    const look = () => metrics.registry.metrics();

    const failed = await look().catch((error: unknown) => (error as Error).message);
    isAway = false;
    const texts = [await look(), await look(), await look()];
    const before = reads;
    await new Promise((resolve) => setTimeout(resolve, 220));
    await look();
    metrics.settled(1, 1n);
    await look();

    expect(failed).to.equal("away");
    for (const text of texts) expect(text).to.include('opa_unsettled_wei{account="0xA"} 21');
    expect([before, reads]).to.deep.equal([2, 4]);
  });
});
