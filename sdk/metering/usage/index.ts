export {
  kindsOf,
  tokensOf,
  USAGE_KINDS,
  UsageError,
  UsageUnknownError,
  type KnownUsage,
  type UnknownUsage,
  type UsageKind,
  type UsageKinds,
} from "./kinds.js";
export { readUsage, type KindBeyondTotal, type UsageOptions } from "./read-usage.js";
export { StreamUsage, usageIn } from "./usage-stream.js";
export { usesOf, usesOfKinds, usesOfReading, type UsageTable } from "./uses.js";
