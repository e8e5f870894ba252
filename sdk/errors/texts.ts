import { SYSTEM_ROLES } from "../reads/names.js";

/** Meaning of an error, and a remedy. */
export type ErrorText = readonly [words: string, remedy: string];

/**
 * Texts by the signature of an error. `{name}` stands for an argument. The word after a colon is its format: `opa`, a date
 * (`time`), seconds (`span`), percent (`share`), the text that bytes spell (`text`), or the name of a list in {@link LISTS}.
 */
export type ErrorTexts = Readonly<Record<string, ErrorText>>;

/** Names of numbers in arguments, in the order of the contracts' enumerations. */
export const LISTS: Readonly<Record<string, readonly string[]>> = {
  provider: ["unknown", "active", "inactive", "exiting"],
  resource: ["unknown", "active", "deprecated", "retired"],
  fault: ["unknown", "announced", "vetoed", "executed"],
  draw: ["unknown", "pending", "executed", "withdrawn"],
  role: ["none", "spender", "manager"],
  system: Object.keys(SYSTEM_ROLES),
  contribution: ["provision", "maintenance", "optimisation", "support", "other"],
  proposal: [
    ...["pending", "active", "cancelled", "defeated", "succeeded", "queued", "expired"],
    "executed",
  ],
};

/** Remedies that several errors share. */
export const REMEDY = {
  address: "Give an address that is not zero.",
  amount: "Give an amount above zero.",
  gas: "Send the transaction with a higher gas limit.",
  deployment: "Correct the parameters of the deployment.",
  lists: "Give lists of the same length.",
  role: "Send the transaction from an account that has the role, or have governance decide on it.",
  wait: "Wait until then.",
  vote: "Name a value inside the bounds in the proposal.",
} as const;
