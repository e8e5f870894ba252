import { kindsOf, UsageError, type KnownUsage, type UnknownUsage } from "../../../sdk/index.js";
import type { Call } from "../api/call.js";

/** The most tokens that a call can use. */
export interface Estimate {
  readonly prompt: number;
  readonly completion: number;
}

/** Answer of a model to a call. */
export interface Made {
  readonly text: string;
  readonly finishReason: "stop" | "length";
  /** One vector for each input; empty for conversations. */
  readonly embeddings: readonly (readonly number[])[];
  /** Use as the model's server states it. */
  readonly usage: Usage;
  /** Tokens as the gateway counts them, for a server that does not state them. */
  readonly counted: Estimate;
  /** Whether the model broke its answer off, and this is the part that came. */
  readonly isBroken: boolean;
}

/** Use as a model states it, in whichever spelling, or that it did not. */
export type Usage = KnownUsage | UnknownUsage;

/** Reads use. A statement that contradicts itself says as little as none. */
export function readOrUnknown(read: () => Usage): Usage {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { isKnown: false, why: error.message, atLeast: kindsOf() };
  }
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
