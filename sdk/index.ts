/** What integrators import: statements, reasons, usage, meters, plans and traces. */
export * from "./journal.js";
export * from "./meter.js";
export * from "./plan.js";
export * from "./reasons.js";
export * from "./resync.js";
export * from "./statement.js";
export * from "./trace.js";
export * from "./usage.js";
