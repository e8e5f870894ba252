/** What integrators import: statements, reasons, usage, plans and traces. */
export * from "./plan.js";
export * from "./reasons.js";
export * from "./statement.js";
export * from "./trace.js";
export * from "./usage.js";
