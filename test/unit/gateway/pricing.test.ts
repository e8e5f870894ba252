import { expect } from "chai";

import type { Made } from "../../../examples/gateway/models/model.js";
import { mostOf, usedBy } from "../../../examples/gateway/pricing.js";
import { kindsOf, tokensOf, type UsageKinds } from "../../../sdk/index.js";

const TABLE = { input: 1n, cacheRead: 3n, output: 2n, reasoning: 2n, audioInput: 4n };
const MOST = { prompt: 100, completion: 20 };

/** An answer of eight and five tokens by the gateway's count. */
function made(kinds: Partial<UsageKinds>, isKnown = true): Made {
  const stated = kindsOf(kinds);
  return {
    ...{ text: "text", finishReason: "stop", embeddings: [], isBroken: false },
    counted: { prompt: 8, completion: 5 },
    usage: isKnown
      ? { isKnown, kinds: stated, tokens: tokensOf(stated) }
      : { isKnown: false, why: "It was broken off.", atLeast: stated },
  };
}

const OWN = [
  { resource: 1n, units: 8n },
  { resource: 2n, units: 5n },
];

describe("gateway example: pricing", function () {
  it("charges the stated use up to the most that was admitted, and the gateway's count beyond it", function () {
    const full = usedBy(
      made({ input: 60n, cacheRead: 40n, output: 15n, reasoning: 5n }),
      TABLE,
      MOST,
    );
    const beyond = [
      made({ input: 61n, cacheRead: 40n, output: 20n }),
      made({ input: 1n, output: 16n, reasoning: 5n }),
      made({ input: 1n, output: 1n, audioInput: 1n }),
      made({ input: 101n }, false),
    ].map((answer) => usedBy(answer, TABLE, MOST));

    expect(full).to.include({ isEstimated: false, isOverstated: false });
    expect(full.uses.map(({ units }) => units)).to.deep.equal([60n, 20n, 40n]);
    for (const use of beyond) {
      expect(use.uses).to.deep.equal(OWN);
      expect(use).to.include({ isEstimated: true, isOverstated: true });
      expect(use.usage).to.include({ prompt_tokens: 8, completion_tokens: 5 });
    }
  });

  it("counts no more by itself than was admitted", function () {
    const use = usedBy(made({ output: 500n }), TABLE, { prompt: 6, completion: 4 });

    expect(use.uses.map(({ units }) => units)).to.deep.equal([6n, 4n]);
  });

  it("holds a kind without a price before all others, so that the request is refused", function () {
    const prices = new Map([
      [1n, 10n],
      [2n, 1n],
    ]);

    const most = mostOf(MOST, TABLE, prices);

    expect(most).to.deep.equal([
      { resource: 3n, units: 100n },
      { resource: 2n, units: 20n },
    ]);
  });
});
