import type { Call } from "../api/call.js";

/** The most tokens that a call can use. */
export interface Estimate {
  readonly prompt: number;
  readonly completion: number;
}

/** What a model made of a call. */
export interface Made {
  readonly text: string;
  readonly finishReason: "stop" | "length";
  /** One vector for each input; empty for conversations. */
  readonly embeddings: readonly (readonly number[])[];
  /** Use as the model's server states it, in whichever spelling; undefined if it does not. */
  readonly usage: unknown;
  /** Tokens as the gateway counts them, for a server that does not state them. */
  readonly counted: Estimate;
}

/** A model behind the gateway. */
export interface Model {
  /** The most that a call can use, known before it is served. */
  estimate(call: Call): Estimate;
  /** Answers a call. `onText` gets the text as it is made. @throws if the model cannot answer. */
  answer(call: Call, onText: (text: string) => void): Promise<Made>;
}

/** Tokens of an answer if a client does not say how many it wants. */
export const DEFAULT_TOKENS = 256;
