/** Entry point `opa-protocol/node`: parts of the library that need a disk or a database, and so Node.js. */
export * from "../disk/journal.js";
export { JournalStore, type JournalStoreOptions } from "../disk/journal-store.js";
export * from "../metering/call-name.js";
export { isSignedByKey, latestEpochBy } from "../metering/door.js";
export { MeterError, type MeterErrorCode } from "../metering/meter-error.js";
export type {
  Aside,
  Beginning,
  CallRequest,
  DueUse,
  ExposureOf,
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
  StatementDraft,
  StatementRecord,
} from "../metering/store.js";
export * from "../nodes/receipt-file.js";
export type { PostgresClient, PostgresPool } from "../postgres/client.js";
export { PostgresStore, type PostgresStoreOptions } from "../postgres/postgres-store.js";
