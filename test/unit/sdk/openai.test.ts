import { expect } from "chai";

import { UsageError, usesOf, type OpenAiUsage } from "../../../sdk/index.js";

const USAGE: OpenAiUsage = {
  prompt_tokens: 100,
  completion_tokens: 40,
  prompt_tokens_details: { cached_tokens: 30 },
  completion_tokens_details: { reasoning_tokens: 15 },
};

describe("usesOf (INT-3)", function () {
  it("counts every token once when each kind has a resource", function () {
    expect(usesOf(USAGE, { input: 1n, cachedInput: 5n, output: 2n, reasoning: 6n })).to.deep.equal([
      { resource: 1n, units: 70n },
      { resource: 2n, units: 25n },
      { resource: 5n, units: 30n },
      { resource: 6n, units: 15n },
    ]);
  });

  it("counts cached tokens as input and reasoning as output unless the table says otherwise", function () {
    expect(usesOf(USAGE, { input: 1n, output: 2n })).to.deep.equal([
      { resource: 1n, units: 100n },
      { resource: 2n, units: 40n },
    ]);
  });

  it("adds up kinds of the same resource and leaves out resources without a token", function () {
    expect(usesOf(USAGE, { input: 7n, output: 7n })).to.deep.equal([{ resource: 7n, units: 140n }]);
    const cachedOnly = {
      ...USAGE,
      prompt_tokens: 30,
      completion_tokens: 0,
      completion_tokens_details: null,
    };
    expect(usesOf(cachedOnly, { input: 1n, cachedInput: 3n, output: 2n })).to.deep.equal([
      { resource: 3n, units: 30n },
    ]);
    expect(
      usesOf({ prompt_tokens: 0, completion_tokens: 0 }, { input: 1n, output: 2n }),
    ).to.deep.equal([]);
  });

  it("takes details that are missing or null for none", function () {
    for (const details of [undefined, null, {}, { cached_tokens: null }])
      expect(
        usesOf(
          {
            prompt_tokens: 3,
            completion_tokens: 1,
            ...(details !== undefined && { prompt_tokens_details: details }),
          },
          { input: 1n, cachedInput: 3n, output: 2n },
        ),
      ).to.deep.equal([
        { resource: 1n, units: 3n },
        { resource: 2n, units: 1n },
      ]);
  });

  it("counts up to the largest safe integer", function () {
    expect(
      usesOf(
        { prompt_tokens: Number.MAX_SAFE_INTEGER, completion_tokens: 0 },
        { input: 1n, output: 2n },
      ),
    ).to.deep.equal([{ resource: 1n, units: 9_007_199_254_740_991n }]);
  });

  const WRONG: [string, object, string][] = [
    ["a negative count", { prompt_tokens: -1 }, "-1 as prompt_tokens"],
    ["a fraction", { completion_tokens: 0.5 }, "0.5 as completion_tokens"],
    ["an unsafe count", { prompt_tokens: 2 ** 53 }, "9007199254740992 as prompt_tokens"],
    ["a missing count", { prompt_tokens: undefined }, "undefined as prompt_tokens"],
    ["a count that is no number", { completion_tokens: "40" }, "40 as completion_tokens"],
    ["no number at all", { prompt_tokens: Number.NaN }, "NaN as prompt_tokens"],
    [
      "more cached than prompt tokens",
      { prompt_tokens_details: { cached_tokens: 101 } },
      "101 cached_tokens among 100 prompt_tokens",
    ],
    [
      "more reasoning than completion tokens",
      { completion_tokens_details: { reasoning_tokens: 41 } },
      "41 reasoning_tokens among 40 completion_tokens",
    ],
    [
      "a negative part",
      { prompt_tokens_details: { cached_tokens: -1 } },
      "-1 as prompt_tokens_details.cached_tokens",
    ],
  ];
  for (const [what, change, message] of WRONG)
    it(`refuses ${what}`, function () {
      const usage = { ...USAGE, ...change };

      expect(() => usesOf(usage, { input: 1n, output: 2n })).to.throw(UsageError, message);
    });
});
