/** Entry point of the library: contracts, statements, receipts, attestations, reasons, metering, settling and reads. */
export * from "./disk/journal.js";
export * from "./metering/call-name.js";
export * from "./metering/meter.js";
export type { MeterErrorCode } from "./metering/meter-error.js";
export type {
  Beginning,
  CallRequest,
  DueUse,
  Leadership,
  LineKey,
  LineSelection,
  LineTotal,
  LineView,
  MeterStore,
  OpenUse,
  OvertakenLine,
  Recorded,
  RecordedCall,
  RiskLimits,
  SentTransaction,
  ServedCall,
  StatementRecord,
} from "./metering/store.js";
export * from "./metering/usage/index.js";
export * from "./metering/resync.js";
export * from "./nodes/receipts.js";
export * from "./reads/authorize.js";
export * from "./reads/contracts.js";
export * from "./reads/reads.js";
export * from "./reads/reasons.js";
export * from "./settling/gas.js";
export * from "./settling/planner.js";
export * from "./statements/attestations.js";
export type { ContractDomain } from "./statements/eip712.js";
export * from "./statements/statement.js";
export * from "./statements/use.js";
