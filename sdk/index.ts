/**
 * Entry point `opa-protocol`: contracts, statements, requests, receipts, attestations, proposals, reasons, errors, use as vendors report it, settling and
 * reads. It runs in a browser as well; `opa-protocol/node` needs a disk, `opa-protocol/abi` has the ABIs.
 */
export {
  describeError,
  ERROR_TEXTS,
  revertDataOf,
  type DescribedError,
} from "./errors/describe.js";
export type { ErrorText } from "./errors/texts.js";
export * from "./governance/address-book.js";
export * from "./governance/proposals.js";
export * from "./metering/usage/index.js";
export * from "./nodes/ranking.js";
export * from "./nodes/receipt-book.js";
export * from "./nodes/receipts.js";
export * from "./nodes/requests.js";
export * from "./reads/authorize.js";
export * from "./reads/contracts.js";
export * from "./reads/deployments.js";
export * from "./reads/names.js";
export * from "./reads/reads.js";
export * from "./reads/reasons.js";
export * from "./settling/gas.js";
export { SettlerError } from "./settling/errors.js";
export {
  Settler,
  type Problem,
  type SettlerOptions,
  type SettlerRound,
  type StatementOutcome,
} from "./settling/settler.js";
export type { SignDue } from "./settling/signing.js";
export * from "./statements/attestations.js";
export type { ConnectedContract, ContractDomain, HexDomain } from "./statements/eip712.js";
export { recoverEcdsaSigner } from "./statements/signature.js";
export * from "./statements/statement.js";
export type {
  EthersSigner,
  Hex,
  TypedDataParameters,
  TypedDataSigner,
  ViemSigner,
} from "./statements/typed-message.js";
export * from "./statements/use.js";
export * from "./units.js";
