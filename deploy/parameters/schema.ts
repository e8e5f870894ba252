/** Everything that a parameter file says, as the deployment takes it: amounts and times are bigint. */
import type { Stage } from "./curves.js";

/** Categories by the number the contracts give them. */
export const CATEGORIES = ["compute", "inference", "data", "storage", "service"] as const;

/** Categories of contribution by the number the contracts give them. */
export const CONTRIBUTIONS = [
  "provision",
  "maintenance",
  "optimisation",
  "support",
  "other",
] as const;

/** Stands for the timelock as the reporter of faults: each is then announced by a vote. */
export const TIMELOCK_REPORTER = "timelock";

/** An allocation handed directly to a contract of the suite. */
export interface TransferParameters {
  label: string;
  to: "systemReserve" | "incentiveVault";
  amount: bigint;
}

/** One schedule of an allocation that the vault releases. */
export interface GrantParameters {
  label: string;
  beneficiary: string;
  start: bigint;
  curve: string;
  revocable: boolean;
  amount: bigint;
}

/** A resource type that exists from the start. */
export interface ResourceParameters {
  name: string;
  unit: string;
  category: bigint;
  weight: bigint;
  minimumTier: bigint;
  /** First rate and its bounds for all time, in OPA wei per compute unit. */
  rate: bigint;
  floor: bigint;
  ceiling: bigint;
  /** Units per epoch towards which the price policy moves the rate; 0 for a fixed rate. */
  target: bigint;
  /** Id of the price policy, or 0. */
  policy: bigint;
}

/** A stage of the release schedule: from so many epochs after the start, so many millionths of the vault's own funds per epoch. */
export interface ReleaseStage {
  from: bigint;
  ratePpm: bigint;
}

/** First settings of the Governor; votes are OPA wei, weighted by the remaining time. */
export interface GovernanceSettings {
  /** Seconds between a proposal and its vote. */
  votingDelay: bigint;
  /** Seconds of a vote. */
  votingPeriod: bigint;
  proposalThreshold: bigint;
  quorumPercent: bigint;
  quorumFloor: bigint;
  /** Seconds for which a vote goes on after a late quorum. */
  voteExtension: bigint;
}

/** A kind of attested contribution that exists from the start. */
export interface KindParameters {
  name: string;
  category: bigint;
  /** Points of a unit; a point earns at most one gwei. */
  pointsPerUnit: bigint;
  /** Most points of an account in an epoch. */
  epochCap: bigint;
  /** Longest validity of an attestation in seconds. */
  longest: bigint;
  threshold: bigint;
  verifiers: string[];
}

/** A load of the whole network in an epoch, shared alike. */
export interface DesignLoad {
  accounts: bigint;
  /** Providers of each category that is used. */
  providers: bigint;
  /** Units by resource, in their order. */
  units: bigint[];
}

/** Everything a deployment is told, checked. */
export interface Parameters {
  name: string;
  /** Networks that these numbers are for, by name. */
  networks: string[];
  epoch: { genesis: bigint; duration: bigint };
  settlementWindow: bigint;
  claimGrace: bigint;
  /** Lock power and contribution score for tier 1. */
  access: { lockThreshold: bigint; scoreThreshold: bigint };
  timelock: { minDelay: bigint };
  /** First settings of the Governor, as its constructor takes them. */
  governance: GovernanceSettings;
  /** Who can cancel proposals, and who can pause modules, each for a year. They differ. */
  guardians: { proposals: string; pauses: string };
  /** Burn allowances per epoch, in OPA wei. */
  burnLimits: { account: bigint; total: bigint };
  /** Share of κ × burned in basis points; the reserve is needed while the stage cap holds back more of seven epochs. */
  heldBackShare: bigint;
  /** Load that prices, limits and stakes are made for; nothing of it is deployed. */
  design: DesignLoad;
  /**
   * Minimum stake of each category, in the order of {@link CATEGORIES}, and the account that
   * announces faults.
   */
  nodes: {
    minimumStakes: bigint[];
    /** An account, or {@link TIMELOCK_REPORTER}. */ reporter: string;
  };
  /**
   * κ and the shares of {@link CONTRIBUTIONS} in basis points, the claim limit, and the release
   * schedule.
   */
  incentives: { kappa: bigint; claimLimit: bigint; shares: bigint[]; stages: ReleaseStage[] };
  kinds: KindParameters[];
  curves: Record<string, Stage[]>;
  transfers: TransferParameters[];
  grants: GrantParameters[];
  resources: ResourceParameters[];
}

/** A parameter file that cannot be used; the message names the path in the file. */
export class ParameterError extends Error {}
