import type { UsageKinds, UsageOptions } from "../../sdk/index.js";

/** A usage object as a vendor sends it, with the right reading. */
export interface UsageShape {
  /** Row of the findings that it answers, and the vendor. */
  readonly name: string;
  readonly usage: unknown;
  readonly options?: UsageOptions;
  /** Kinds that are not zero, or the beginning of the sentence that refuses the object, or that it is not known. */
  readonly right:
    | { readonly kinds: Partial<UsageKinds> }
    | { readonly refused: RegExp }
    | { readonly unknown: RegExp; readonly atLeast?: Partial<UsageKinds> };
}

const U3 = { prompt_tokens: 20, completion_tokens: 151, total_tokens: 553 };
const U10 = {
  ...{ prompt_tokens: 50, completion_tokens: 10, total_tokens: 460 },
  prompt_tokens_details: { cached_tokens: 400 },
};
const U27 = {
  ...{ prompt_tokens: 33, completion_tokens: 7_163, total_tokens: 7_196 },
  ...{ citation_tokens: 2_395, num_search_queries: 18, reasoning_tokens: 73_995 },
};

/** Shapes that vendors and proxies were reported to send. */
export const USAGE_SHAPES: readonly UsageShape[] = [
  {
    name: "U1: OpenAI chat, cached",
    usage: {
      ...{ prompt_tokens: 2_006, completion_tokens: 300, total_tokens: 2_306 },
      prompt_tokens_details: { cached_tokens: 1_920 },
      completion_tokens_details: { reasoning_tokens: 0 },
    },
    right: { kinds: { input: 86n, cacheRead: 1_920n, output: 300n } },
  },
  {
    name: "U2: Gemini by OpenAI's interface, thoughts beside an empty completion",
    usage: {
      ...{ prompt_tokens: 21, completion_tokens: 0, total_tokens: 81 },
      completion_tokens_details: { reasoning_tokens: 60 },
    },
    right: { kinds: { input: 21n, reasoning: 60n } },
  },
  {
    name: "U3: thoughts in the total only",
    usage: U3,
    right: {
      refused: /^The usage object has 382 tokens in its total that are in none of its parts/,
    },
  },
  {
    name: "U3: thoughts in the total only, which the caller knows to be output",
    usage: U3,
    options: { unexplained: "output" },
    right: { kinds: { input: 20n, output: 533n } },
  },
  {
    name: "U4: xAI, reasoning beside the completion",
    usage: {
      ...{ prompt_tokens: 10_120, completion_tokens: 1_499, total_tokens: 14_428 },
      prompt_tokens_details: { cached_tokens: 128 },
      completion_tokens_details: { reasoning_tokens: 2_809 },
    },
    right: { kinds: { input: 9_992n, cacheRead: 128n, output: 1_499n, reasoning: 2_809n } },
  },
  {
    name: "U6: DeepSeek, cache counts at the top",
    usage: {
      ...{ prompt_tokens: 598_661, completion_tokens: 40, total_tokens: 598_701 },
      ...{ prompt_cache_hit_tokens: 549_888, prompt_cache_miss_tokens: 48_773 },
    },
    right: { kinds: { input: 48_773n, cacheRead: 549_888n, output: 40n } },
  },
  {
    name: "U7: Kimi, cache count at the top",
    usage: {
      ...{ prompt_tokens: 2_989, completion_tokens: 12, total_tokens: 3_001 },
      cached_tokens: 1_792,
    },
    right: { kinds: { input: 1_197n, cacheRead: 1_792n, output: 12n } },
  },
  {
    name: "U8: Kimi, both spellings",
    usage: {
      ...{ prompt_tokens: 1_336, completion_tokens: 31, total_tokens: 1_367 },
      cached_tokens: 1_280,
      prompt_tokens_details: { cached_tokens: 1_280 },
    },
    right: { kinds: { input: 56n, cacheRead: 1_280n, output: 31n } },
  },
  {
    name: "U9: Anthropic through LiteLLM, cache written inside the prompt",
    usage: {
      ...{ total_tokens: 103_925, prompt_tokens: 98_805, completion_tokens: 5_120 },
      prompt_tokens_details: {
        ...{ text_tokens: null, audio_tokens: null, image_tokens: null },
        ...{ cached_tokens: 66_360, cache_creation_tokens: 32_435 },
      },
      ...{ cache_read_input_tokens: 66_360, cache_creation_input_tokens: 32_435 },
      completion_tokens_details: { reasoning_tokens: 1_710 },
    },
    right: {
      kinds: {
        ...{ input: 10n, cacheRead: 66_360n, cacheWrite: 32_435n },
        ...{ output: 3_410n, reasoning: 1_710n },
      },
    },
  },
  {
    name: "U10: Bedrock, cached tokens beside the prompt and more than it",
    usage: U10,
    right: { kinds: { input: 50n, cacheRead: 400n, output: 10n } },
  },
  {
    name: "U10 without its total",
    usage: { ...U10, total_tokens: null },
    right: { refused: /^The usage object has 400 cacheRead among 50 prompt tokens/ },
  },
  {
    name: "U12: embeddings",
    usage: { prompt_tokens: 15, total_tokens: 15 },
    right: { kinds: { input: 15n } },
  },
  {
    name: "embeddings with a total and nothing else, which the caller knows to be input",
    usage: { total_tokens: 15 },
    options: { unexplained: "input" },
    right: { kinds: { input: 15n } },
  },
  {
    name: "U13: OpenAI Responses",
    usage: {
      ...{ input_tokens: 81, input_tokens_details: { cached_tokens: 64 } },
      ...{ output_tokens: 11, output_tokens_details: { reasoning_tokens: 3 } },
      total_tokens: 92,
    },
    right: { kinds: { input: 17n, cacheRead: 64n, output: 8n, reasoning: 3n } },
  },
  {
    name: "U14: Anthropic Messages",
    usage: {
      ...{ input_tokens: 14, cache_creation_input_tokens: 8_012 },
      ...{ cache_read_input_tokens: 120_000, output_tokens: 15 },
    },
    right: { kinds: { input: 14n, cacheRead: 120_000n, cacheWrite: 8_012n, output: 15n } },
  },
  {
    name: "Anthropic Messages, with a cache kept for an hour and a search",
    usage: {
      ...{ input_tokens: 14, output_tokens: 15, cache_read_input_tokens: 0 },
      cache_creation_input_tokens: 300,
      cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
      server_tool_use: { web_search_requests: 2 },
      service_tier: "standard",
    },
    right: {
      kinds: { input: 14n, cacheWrite: 100n, cacheWriteHour: 200n, output: 15n, requests: 2n },
    },
  },
  {
    name: "U15: null in a chunk of a stream",
    usage: null,
    right: { unknown: /^The answer has no usage object/ },
  },
  {
    name: "U16: no usage at all",
    usage: undefined,
    right: { unknown: /^The answer has no usage object/ },
  },
  {
    name: "U17: Ollama, a cached prompt reported as nothing",
    usage: { prompt_tokens: 0, completion_tokens: 26, total_tokens: 26 },
    right: { unknown: /^The usage object has an empty prompt/, atLeast: { output: 26n } },
  },
  {
    name: "U18: audio in the completion",
    usage: {
      ...{ prompt_tokens: 17, completion_tokens: 592, total_tokens: 609 },
      prompt_tokens_details: { text_tokens: 17, audio_tokens: 0 },
      completion_tokens_details: { text_tokens: 110, audio_tokens: 482 },
    },
    right: { kinds: { input: 17n, output: 110n, audioOutput: 482n } },
  },
  {
    name: "U19: realtime, images in the prompt, reasoning in the text, no total",
    usage: {
      ...{ input_tokens: 346, output_tokens: 28 },
      input_token_details: { audio_tokens: 0, cached_tokens: 128, image_tokens: 194 },
      output_token_details: { text_tokens: 28, audio_tokens: 0, reasoning_tokens: 18 },
    },
    right: {
      kinds: { input: 24n, imageInput: 194n, cacheRead: 128n, output: 10n, reasoning: 18n },
    },
  },
  {
    name: "realtime, cached audio told apart",
    usage: {
      ...{ total_tokens: 253, input_tokens: 132, output_tokens: 121 },
      input_token_details: {
        ...{ text_tokens: 119, audio_tokens: 13, image_tokens: 0, cached_tokens: 70 },
        cached_tokens_details: { text_tokens: 64, audio_tokens: 6, image_tokens: 0 },
      },
      output_token_details: { text_tokens: 30, audio_tokens: 91 },
    },
    right: {
      kinds: { input: 55n, audioInput: 7n, cacheRead: 70n, output: 30n, audioOutput: 91n },
    },
  },
  {
    name: "U20: nothing but nulls",
    usage: { prompt_tokens: null, completion_tokens: null, total_tokens: null },
    right: { unknown: /^The usage object has no counts/ },
  },
  {
    name: "U21: zeros of a stream that broke off",
    usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
    right: { unknown: /^The usage object has zeros only/ },
  },
  {
    name: "U22: vLLM, details null",
    usage: {
      ...{ prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
      prompt_tokens_details: null,
    },
    right: { kinds: { input: 7n, output: 3n } },
  },
  {
    name: "U23: OpenRouter, with money",
    usage: {
      ...{ prompt_tokens: 194, completion_tokens: 2, total_tokens: 196 },
      ...{ cost: 0.00095, cost_details: { upstream_inference_cost: null } },
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0, image_tokens: 0 },
    },
    right: { kinds: { input: 194n, output: 2n } },
  },
  {
    name: "U24: transcription by duration",
    usage: { type: "duration", seconds: 27 },
    right: { kinds: { seconds: 27n } },
  },
  {
    name: "a duration that is no whole second",
    usage: { type: "duration", seconds: 26.04 },
    right: { kinds: { seconds: 27n } },
  },
  {
    name: "U25: predictions rejected inside the completion",
    usage: {
      ...{ prompt_tokens: 30, completion_tokens: 100, total_tokens: 130 },
      completion_tokens_details: {
        ...{ reasoning_tokens: 0, accepted_prediction_tokens: 40 },
        rejected_prediction_tokens: 25,
      },
    },
    right: { kinds: { input: 30n, output: 100n } },
  },
  {
    name: "U26: a total below its parts",
    usage: { prompt_tokens: 500, completion_tokens: 500, total_tokens: 700 },
    right: { refused: /^The usage object has a total of 700 for parts of 1000 tokens/ },
  },
  {
    name: "U27: Perplexity, reasoning and searches that are not in the total",
    usage: U27,
    right: { refused: /^The usage object has 2395 citation among 33 prompt tokens/ },
  },
  {
    name: "U27: Perplexity, of which the caller knows what is beyond the total",
    usage: U27,
    options: { beyondTotal: ["citation", "reasoning"] },
    right: {
      kinds: {
        ...{ input: 33n, citation: 2_395n, output: 7_163n, reasoning: 73_995n },
        requests: 18n,
      },
    },
  },
  {
    name: "Gemini's own names, thoughts and a tool's prompt beside the rest",
    usage: {
      ...{ promptTokenCount: 100, candidatesTokenCount: 20, thoughtsTokenCount: 30 },
      ...{ toolUsePromptTokenCount: 9, cachedContentTokenCount: 40, totalTokenCount: 159 },
      promptTokensDetails: [
        { modality: "TEXT", tokenCount: 70 },
        { modality: "AUDIO", tokenCount: 25 },
        { modality: "DOCUMENT", tokenCount: 5 },
      ],
      cacheTokensDetails: [
        { modality: "TEXT", tokenCount: 35 },
        { modality: "AUDIO", tokenCount: 5 },
      ],
      toolUsePromptTokensDetails: [{ modality: "TEXT", tokenCount: 9 }],
      trafficType: "ON_DEMAND",
    },
    right: {
      kinds: { input: 49n, audioInput: 20n, cacheRead: 40n, output: 20n, reasoning: 30n },
    },
  },
  {
    name: "Bedrock's own names",
    usage: {
      ...{ inputTokens: 4, outputTokens: 5, totalTokens: 309 },
      ...{ cacheReadInputTokens: 100, cacheWriteInputTokens: 200 },
    },
    right: { kinds: { input: 4n, cacheRead: 100n, cacheWrite: 200n, output: 5n } },
  },
  {
    name: "xAI, sources of a search counted",
    usage: {
      ...{ prompt_tokens: 32, completion_tokens: 9, total_tokens: 135, num_sources_used: 3 },
      prompt_tokens_details: {
        ...{ text_tokens: 32, audio_tokens: 0, image_tokens: 0, cached_tokens: 6 },
      },
      completion_tokens_details: { reasoning_tokens: 94, audio_tokens: 0 },
    },
    right: { kinds: { input: 26n, cacheRead: 6n, output: 9n, reasoning: 94n, requests: 3n } },
  },
  {
    name: "Mistral, an object in place of a number of seconds",
    usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10, prompt_audio_seconds: {} },
    right: { kinds: { input: 7n, output: 3n } },
  },
  {
    name: "Ollama's own names",
    usage: { prompt_eval_count: 26, eval_count: 298, prompt_eval_duration: 130_079_000 },
    right: { kinds: { input: 26n, output: 298n } },
  },
];
