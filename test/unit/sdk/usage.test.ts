import { expect } from "chai";

import { mix32 } from "../../../scripts/loop/random.js";
import {
  kindsOf,
  readUsage,
  StreamUsage,
  tokensOf,
  USAGE_KINDS,
  UsageError,
  usageIn,
  UsageUnknownError,
  usesOf,
  usesOfKinds,
  usesOfReading,
  type KnownUsage,
  type UsageTable,
} from "../../../sdk/index.js";
import { USAGE_SHAPES } from "../../support/usage-shapes.js";

const USAGE = {
  ...{ prompt_tokens: 100, completion_tokens: 40, total_tokens: 140 },
  prompt_tokens_details: { cached_tokens: 30 },
  completion_tokens_details: { reasoning_tokens: 15 },
};

const TABLE: UsageTable = { input: 1n, cacheRead: 5n, output: 2n, reasoning: 6n };

/** The kinds of a usage object that has to be known. */
function kindsIn(usage: unknown): KnownUsage["kinds"] {
  const reading = readUsage(usage);
  if (!reading.isKnown) throw new Error(reading.why);
  return reading.kinds;
}

describe("sdk/usage (INT-3)", function () {
  describe("readUsage", function () {
    for (const { name, usage, options, right } of USAGE_SHAPES)
      it(`reads ${name}`, function () {
        if ("refused" in right)
          expect(() => readUsage(usage, options)).to.throw(UsageError, right.refused);
        else if ("unknown" in right) {
          const reading = readUsage(usage, options);
          expect(reading).to.deep.include({ isKnown: false, atLeast: kindsOf(right.atLeast) });
          expect(reading).to.have.property("why").that.matches(right.unknown);
        } else {
          const kinds = kindsOf(right.kinds);
          expect(readUsage(usage, options)).to.deep.equal({
            ...{ isKnown: true, kinds, tokens: tokensOf(kinds) },
          });
        }
      });

    const OTHER: [string, unknown, RegExp][] = [
      ["text in place of an object", "40", /^The usage of the answer is not an object/],
      ["a list", [1, 2], /^The usage of the answer is not an object/],
      ["a negative count", { ...USAGE, prompt_tokens: -1 }, /has -1 as prompt_tokens/],
      ["a fraction", { ...USAGE, completion_tokens: 0.5 }, /has 0.5 as completion_tokens/],
      ["an unsafe count", { ...USAGE, prompt_tokens: 2 ** 53 }, /has 9007199254740992 as prompt/],
      ["an endless count", { ...USAGE, prompt_tokens: Infinity }, /has Infinity as prompt_tokens/],
      ["a count that is text", { ...USAGE, prompt_tokens: "40" }, /has "40" as prompt_tokens/],
      ["a count that is an object", { prompt_tokens: { a: 1 } }, /has an object as prompt_tokens/],
      [
        "a negative part",
        { ...USAGE, prompt_tokens_details: { cached_tokens: -1 } },
        /has -1 as prompt_tokens_details.cached_tokens/,
      ],
      [
        "two spellings that disagree",
        { ...USAGE, input_tokens: 99 },
        /^The usage object has 100 as prompt_tokens and 99 as input_tokens/,
      ],
      [
        "a zero beside a count of the same kind",
        { ...USAGE, cached_tokens: 0 },
        /^The usage object has 30 as prompt_tokens_details.cached_tokens and 0 as cached_tokens/,
      ],
      [
        "more cached than prompt tokens that no sum explains",
        { ...USAGE, prompt_tokens_details: { cached_tokens: 101 } },
        /has 101 cacheRead among 100 prompt tokens/,
      ],
      [
        "more reasoning than completion tokens that no sum explains",
        { ...USAGE, completion_tokens_details: { reasoning_tokens: 41 } },
        /has 41 reasoning among 40 completion tokens/,
      ],
      [
        "a total that two parts of the same size explain",
        {
          ...{ prompt_tokens: 100, completion_tokens: 40, total_tokens: 155 },
          prompt_tokens_details: { cached_tokens: 15 },
          completion_tokens_details: { reasoning_tokens: 15 },
        },
        /does not say which of cacheRead and reasoning are in the prompt or the completion/,
      ],
      [
        "a cache count at the top without a total",
        { prompt_tokens: 100, completion_tokens: 40, cached_tokens: 30 },
        /does not say which of cacheRead are in the prompt/,
      ],
      [
        "hits and misses of a cache that are not the prompt",
        { ...USAGE, prompt_cache_hit_tokens: 30, prompt_cache_miss_tokens: 71 },
        /has 71 tokens missed by a cache, and 70 fresh/,
      ],
      [
        "more audio than prompt tokens",
        { ...USAGE, prompt_tokens_details: { audio_tokens: 101 } },
        /has 101 tokens of media among 100 fresh ones/,
      ],
      [
        "text and media that are not the prompt",
        { ...USAGE, prompt_tokens_details: { text_tokens: 60, audio_tokens: 30 } },
        /has 60 tokens of text and 30 of media among 100 prompt tokens/,
      ],
      [
        "text and audio that are not the completion",
        { ...USAGE, completion_tokens_details: { text_tokens: 10, audio_tokens: 12 } },
        /has 10 tokens of text and 12 of media among 40 completion tokens/,
      ],
      [
        "more predicted than completion tokens",
        { ...USAGE, completion_tokens_details: { rejected_prediction_tokens: 41 } },
        /has more parts than 40 completion tokens/,
      ],
      [
        "cached media that are not told apart",
        {
          ...USAGE,
          prompt_tokens_details: { cached_tokens: 90, audio_tokens: 50, image_tokens: 40 },
        },
        /does not say which medium was cached/,
      ],
      [
        "more cached media than were cached",
        {
          ...USAGE,
          prompt_tokens_details: {
            ...{ cached_tokens: 5, audio_tokens: 50 },
            cached_tokens_details: { audio_tokens: 6 },
          },
        },
        /has 5 cached tokens, and others by medium/,
      ],
      [
        "tokens written to a cache that are not the sum of their durations",
        {
          ...{ input_tokens: 1, output_tokens: 1, cache_creation_input_tokens: 5 },
          cache_creation: { ephemeral_1h_input_tokens: 4 },
        },
        /has 5 tokens written to a cache, and 0 \+ 4 by duration/,
      ],
      [
        "tokens under a name that is not known",
        { ...USAGE, completion_tokens_details: { dream_tokens: 3 } },
        /has 3 as completion_tokens_details.dream_tokens, which is not a known count/,
      ],
      [
        "requests under a name that is not known",
        { ...USAGE, map_requests: 3 },
        /has 3 as map_requests, which is not a known count/,
      ],
      [
        "a medium without a name",
        { promptTokenCount: 3, totalTokenCount: 3, promptTokensDetails: [null] },
        /has an entry without a modality in promptTokensDetails/,
      ],
      [
        "an object without end",
        { a: { b: { c: { d: { e: { f: 1 } } } } } },
        /is nested too deeply at a\.b\.c\.d\.e/,
      ],
    ];
    for (const [what, usage, message] of OTHER)
      it(`refuses ${what}`, function () {
        expect(() => readUsage(usage)).to.throw(UsageError, message);
      });

    it("passes names over that count nothing, and unknown counts of nothing", function () {
      const usage = { ...USAGE, total_time: 3.2, queue_time: 1, dream_tokens: 0, note: "5 tokens" };

      expect(kindsIn(usage)).to.deep.equal(kindsIn(USAGE));
    });

    it("takes the only arrangement of hits and misses for granted without a total", function () {
      const usage = {
        ...{ prompt_tokens: 100, completion_tokens: 40 },
        ...{ prompt_cache_hit_tokens: 30, prompt_cache_miss_tokens: 70 },
      };

      expect(kindsIn(usage)).to.deep.equal(kindsOf({ input: 70n, cacheRead: 30n, output: 40n }));
    });

    it("takes cached tokens from text first, then from the only medium there is", function () {
      const usage = {
        ...USAGE,
        prompt_tokens_details: { cached_tokens: 80, audio_tokens: 50 },
      };

      expect(kindsIn(usage)).to.deep.include({ input: 0n, audioInput: 20n, cacheRead: 80n });
    });

    it("reads text that leaves cached tokens out", function () {
      const usage = {
        ...USAGE,
        prompt_tokens_details: { cached_tokens: 80, text_tokens: 15, audio_tokens: 5 },
      };

      expect(kindsIn(usage)).to.deep.include({ input: 15n, audioInput: 5n, cacheRead: 80n });
    });

    it("counts up to the largest safe integer, as a number and as a bigint", function () {
      for (const prompt of [Number.MAX_SAFE_INTEGER, BigInt(Number.MAX_SAFE_INTEGER)])
        expect(kindsIn({ prompt_tokens: prompt, completion_tokens: 0 })).to.deep.equal(
          kindsOf({ input: 9_007_199_254_740_991n }),
        );
    });

    const PARTIAL: [string, object, object][] = [
      ["a prompt only", { prompt_tokens: 9 }, { input: 9n }],
      ["a completion only", { completion_tokens: 9 }, { output: 9n }],
      ["the last event of a stream of Anthropic", { output_tokens: 15 }, { output: 15n }],
    ];
    for (const [what, usage, atLeast] of PARTIAL)
      it(`does not take ${what} for all of the use`, function () {
        expect(readUsage(usage)).to.deep.include({ isKnown: false, atLeast: kindsOf(atLeast) });
      });
  });

  describe("readUsage of objects made up", function () {
    const ROUNDS = 4_000;

    it("gives back the kinds that an object was made of, however it is spelled and arranged", function () {
      for (let seed = 1; seed <= ROUNDS; seed += 1) {
        const { usage, kinds } = makeUsage(seed);
        const reading = tryRead(usage);
        // Two arrangements with the same total cannot be told apart, and are refused.
        if (reading instanceof UsageError) expect(reading.message).to.match(/does not say which/);
        else expect(reading, JSON.stringify(usage)).to.deep.include({ isKnown: true, kinds });
      }
    });

    it("accepts no object whose kinds do not add up to its total", function () {
      let accepted = 0;
      for (let seed = 1; seed <= ROUNDS; seed += 1) {
        const usage = scramble(makeUsage(seed).usage, seed);
        const reading = tryRead(usage);
        if (reading instanceof UsageError || !reading.isKnown) continue;
        accepted += 1;
        const { total, isStated } = statedTotal(usage);
        if (isStated) expect(reading.tokens, JSON.stringify(usage)).to.equal(total);
        else expect(reading.tokens >= total, JSON.stringify(usage)).to.equal(true);
        expect(tokensOf(reading.kinds)).to.equal(reading.tokens);
        for (const kind of USAGE_KINDS) expect(reading.kinds[kind] >= 0n).to.equal(true);
      }
      expect(accepted).to.be.above(ROUNDS / 20);
    });

    it("throws nothing but usage errors, whatever JSON it is given", function () {
      for (let seed = 1; seed <= ROUNDS; seed += 1) {
        const value = makeJson(seed, 3);
        try {
          readUsage(value);
        } catch (error) {
          expect(error, JSON.stringify(value)).to.be.instanceOf(UsageError);
        }
      }
    });
  });

  describe("usesOf", function () {
    it("counts every token once when each kind has a resource", function () {
      expect(usesOf(USAGE, TABLE)).to.deep.equal([
        { resource: 1n, units: 70n },
        { resource: 2n, units: 25n },
        { resource: 5n, units: 30n },
        { resource: 6n, units: 15n },
      ]);
    });

    it("adds up kinds of the same resource and leaves out resources without a token", function () {
      const all = { input: 7n, cacheRead: 7n, output: 7n, reasoning: 7n, seconds: 9n };

      expect(usesOf(USAGE, all)).to.deep.equal([{ resource: 7n, units: 140n }]);
    });

    it("refuses a kind without a resource unless the table ignores it", function () {
      expect(() => usesOf(USAGE, { ...TABLE, reasoning: undefined } as never)).to.throw(
        UsageError,
        "There are 15 units of reasoning, for which there is no resource.",
      );
      expect(usesOf(USAGE, { ...TABLE, reasoning: "ignore" })).to.deep.equal([
        { resource: 1n, units: 70n },
        { resource: 2n, units: 25n },
        { resource: 5n, units: 30n },
      ]);
    });

    it("tells use that is not known apart from none, with the units that are certain", function () {
      for (const usage of [null, undefined, {}, { prompt_tokens: 0, completion_tokens: 7 }]) {
        const failure = failureOf(() => usesOf(usage, TABLE));
        expect(failure).to.be.instanceOf(UsageUnknownError);
        expect((failure as UsageUnknownError).atLeast.output).to.equal(
          usage && "completion_tokens" in usage ? 7n : 0n,
        );
      }
    });

    it("makes uses of a reading and of kinds as of the object", function () {
      const reading = readUsage(USAGE);

      expect(usesOfReading(reading, TABLE)).to.deep.equal(usesOf(USAGE, TABLE));
      expect(usesOfKinds(kindsIn(USAGE), TABLE)).to.deep.equal(usesOf(USAGE, TABLE));
    });
  });

  describe("StreamUsage", function () {
    it("keeps the largest of cumulative readings (F12)", function () {
      const stream = new StreamUsage();
      for (const completion of [10, 50, 100, 100])
        stream.add({ prompt_tokens: 7, completion_tokens: completion });

      expect(usesOfReading(stream.close(), TABLE)).to.deep.equal([
        { resource: 1n, units: 7n },
        { resource: 2n, units: 100n },
      ]);
    });

    it("joins the events of a stream of Anthropic", function () {
      const stream = new StreamUsage();
      for (const event of [
        { type: "message_start", message: { usage: { input_tokens: 25, output_tokens: 1 } } },
        { type: "content_block_delta", delta: { text: "Hello" } },
        { type: "message_delta", usage: { output_tokens: 15 } },
      ])
        stream.add(usageIn(event));

      expect(stream.close()).to.deep.include({
        ...{ isKnown: true, kinds: kindsOf({ input: 25n, output: 15n }) },
      });
    });

    it("takes chunks without usage, and placeholders before the last one", function () {
      const stream = new StreamUsage();
      stream.add(null);
      stream.add({ prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 });
      stream.add(undefined);
      stream.add(USAGE);

      expect(stream.close()).to.deep.equal(readUsage(USAGE));
    });

    it("knows nothing of a stream that never said its use", function () {
      const stream = new StreamUsage();
      stream.add(null);

      expect(stream.close()).to.deep.include({ isKnown: false, atLeast: kindsOf() });
    });

    it("knows a floor of a stream that was cut off", function () {
      const stream = new StreamUsage();
      stream.add({ input_tokens: 25, output_tokens: 1 });

      expect(stream.abort()).to.deep.equal({
        isKnown: false,
        why: "The stream was cut off before its use was stated.",
        atLeast: kindsOf({ input: 25n, output: 1n }),
      });
    });

    it("has no floor for a stream that was cut off while it contradicted itself", function () {
      for (const usage of ["none", { ...USAGE, total_tokens: 1 }]) {
        const stream = new StreamUsage();
        stream.add(usage);

        expect(stream.abort()).to.deep.include({ isKnown: false, atLeast: kindsOf() });
      }
    });

    it("reports an event that cannot be read at the end, and lets the stream go on", function () {
      const stream = new StreamUsage();
      stream.add({ prompt_tokens: -1 });
      stream.add(USAGE);

      expect(() => stream.close()).to.throw(UsageError, "has -1 as prompt_tokens");
    });

    it("is read once", function () {
      const [closed, aborted] = [new StreamUsage(), new StreamUsage()];
      closed.add(USAGE);
      closed.close();
      aborted.abort();

      for (const stream of [closed, aborted])
        for (const again of [
          () => stream.close(),
          () => stream.abort(),
          () => {
            stream.add(USAGE);
          },
        ])
          expect(again).to.throw(UsageError, "was read already");
    });
  });

  describe("usageIn", function () {
    it("finds the usage object where vendors put it", function () {
      for (const answer of [
        { usage: USAGE },
        { usage: null, x_groq: { usage: USAGE } },
        { usageMetadata: USAGE },
        { type: "response.done", response: { usage: USAGE } },
        { message: { usage: USAGE } },
        { choices: [{ usage: USAGE }] },
      ])
        expect(usageIn(answer)).to.equal(USAGE);
    });

    it("finds nothing in anything else", function () {
      for (const answer of [undefined, null, 5, "usage", [], { usage: null }, { choices: [] }])
        expect(usageIn(answer)).to.equal(undefined);
    });
  });
});

function failureOf(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

function tryRead(usage: unknown) {
  try {
    return readUsage(usage);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
}

/** A source of numbers below a bound, the same for the same seed. */
function numbersOf(seed: number): (bound: number) => number {
  let state = 0;
  return (bound) => {
    state += 1;
    return mix32(seed, state) % bound;
  };
}

/** A usage object with a total, made of kinds that are known, in the spelling of some vendor. */
function makeUsage(seed: number) {
  const below = numbersOf(seed);
  const some = () => (below(3) === 0 ? 0 : 1 + below(5_000));
  const [fresh, audio, read, write] = [1 + below(5_000), some(), some(), some()];
  const [text, reasoning, speech] = [some(), some(), some()];
  const [isReadInside, isWriteInside, isReasoningInside] = [below(2), below(2), below(2)];
  const prompt = fresh + audio + (isReadInside ? read : 0) + (isWriteInside ? write : 0);
  const completion = text + speech + (isReasoningInside ? reasoning : 0);
  const total = fresh + audio + read + write + text + reasoning + speech;
  const cachedMedia = { cached_tokens_details: { text_tokens: read, audio_tokens: 0 } };
  const promptDetails = { cached_tokens: read, cache_creation_tokens: write, audio_tokens: audio };
  const completionDetails = { reasoning_tokens: reasoning, audio_tokens: speech };
  const isReadNested = isReadInside === 1 && below(2) === 0;
  const details = isReadNested ? { ...promptDetails, ...cachedMedia } : promptDetails;
  const spellings: Record<string, unknown>[] = [
    {
      ...{ prompt_tokens: prompt, completion_tokens: completion, total_tokens: total },
      ...{ prompt_tokens_details: details, completion_tokens_details: completionDetails },
    },
    {
      ...{ input_tokens: prompt, output_tokens: completion, total_tokens: total },
      ...{ input_tokens_details: details, output_tokens_details: completionDetails },
    },
    {
      ...{ input_tokens: prompt, output_tokens: completion, total_tokens: total },
      ...{ cache_read_input_tokens: read, cache_creation_input_tokens: write },
      ...{ input_token_details: { audio_tokens: audio }, output_token_details: completionDetails },
    },
    {
      ...{ promptTokenCount: prompt, candidatesTokenCount: completion, totalTokenCount: total },
      ...{ cachedContentTokenCount: read, thoughtsTokenCount: reasoning },
      cacheWriteInputTokens: write,
      promptTokensDetails: [{ modality: "AUDIO", tokenCount: audio }],
      candidatesTokensDetails: [{ modality: "AUDIO", tokenCount: speech }],
    },
  ];
  const kinds = kindsOf({
    ...{ input: BigInt(fresh), audioInput: BigInt(audio), cacheRead: BigInt(read) },
    ...{ cacheWrite: BigInt(write), output: BigInt(text), reasoning: BigInt(reasoning) },
    audioOutput: BigInt(speech),
  });
  return { usage: spellings[below(spellings.length)] ?? {}, kinds };
}

/** The object with some of its counts changed or left out. */
function scramble(usage: Record<string, unknown>, seed: number): Record<string, unknown> {
  const below = numbersOf(seed ^ 0x5bd1e995);
  const change = (value: unknown): unknown => {
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return Object.fromEntries(
        Object.entries(value)
          .filter(() => below(12) > 0)
          .map(([name, inner]) => [name, change(inner)]),
      );
    return typeof value === "number" && below(10) === 0 ? below(5_000) : value;
  };
  return change(usage) as Record<string, unknown>;
}

/** The total that an object states; without one, the least that it can stand for, which is prompt and completion. */
function statedTotal(usage: Record<string, unknown>): { total: bigint; isStated: boolean } {
  const number = (name: string) => (typeof usage[name] === "number" ? BigInt(usage[name]) : 0n);
  for (const name of ["total_tokens", "totalTokenCount"])
    if (name in usage) return { total: number(name), isStated: true };
  const prompts = ["prompt_tokens", "input_tokens", "promptTokenCount"];
  const completions = ["completion_tokens", "output_tokens", "candidatesTokenCount"];
  const total = [...prompts, ...completions].reduce((sum, name) => sum + number(name), 0n);
  return { total, isStated: false };
}

/** Any JSON, with the names of counts more often than by chance. */
function makeJson(seed: number, depth: number): unknown {
  const below = numbersOf(seed);
  const NAMES = [
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
    "cached_tokens",
    "__proto__",
  ];
  const DETAILS = ["prompt_tokens_details", "completionTokens", "promptTokensDetails", "seconds"];
  const VALUES = [0, 1, -1, 0.5, 1e300, "7", null, true, [], {}, [{ modality: "TEXT" }], [7]];
  const make = (left: number): unknown => {
    if (left === 0 || below(4) === 0) return VALUES[below(VALUES.length)];
    const names = [...NAMES, ...DETAILS].filter(() => below(2) === 0);
    return Object.fromEntries(
      names.map((name) => [name, below(3) === 0 ? make(left - 1) : below(50)]),
    );
  };
  return make(depth);
}
