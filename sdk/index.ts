/** What integrators import: suite, statements, receipts, attestations, reasons, usage, meters, plans, settlement, reads and traces. */
export * from "./access.js";
export * from "./attestations.js";
export type { ContractDomain } from "./checks.js";
export * from "./journal.js";
export * from "./meter.js";
export * from "./openai.js";
export * from "./plan.js";
export * from "./planner.js";
export * from "./reads.js";
export * from "./reasons.js";
export * from "./receipts.js";
export * from "./resync.js";
export * from "./statement.js";
export * from "./suite.js";
export * from "./trace.js";
export * from "./usage.js";
