/** Limits of the parameter file that the contracts have too: a number beyond them stops a deployment half way. */
import { DAY, GWEI, HOUR, OPA } from "../../sdk/units.js";

/** Tokens that exist from the start. */
export const SUPPLY = 800_000_000n * OPA;

/** Smallest and largest value of a number. */
export type Range = readonly [minimum: bigint, maximum: bigint];

/** Largest Unix time that the contracts store. */
export const MAX_TIME = 2n ** 48n - 1n;

export const EPOCH_DURATION: Range = [HOUR, 30n * DAY];
export const CLAIM_GRACE: Range = [HOUR, 30n * DAY];
export const MIN_DELAY: Range = [DAY, 30n * DAY];

/** Epochs whose prices the registry always has. */
export const PRICE_WINDOW = 7n;

/** Seconds in which an announced fault of a node can be vetoed. */
export const CHALLENGE_PERIOD = 12n * DAY;

/** Seconds that stake is on its way out, and can be slashed. */
export const UNBONDING_PERIOD = 21n * DAY;

/** Longest time for which a guardian can pause a module, in seconds. */
export const LONGEST_PAUSE = 3n * DAY;

/** First settings of the Governor. */
export const GOVERNANCE = {
  votingDelay: [HOUR, 14n * DAY],
  votingPeriod: [DAY, 21n * DAY],
  proposalThreshold: [1_000n * OPA, 8_000_000n * OPA],
  quorumPercent: [2n, 30n],
  quorumFloor: [100_000n * OPA, 80_000_000n * OPA],
  voteExtension: [HOUR, 2n * DAY],
} as const satisfies Record<string, Range>;

/** Share of κ × burned that the stage cap may hold back, in basis points. */
export const HELD_BACK_SHARE: Range = [500n, 9_000n];

export const MINIMUM_STAKE: Range = [OPA, 1_000_000n * OPA];

export const MAX_CLAIM_LIMIT = 16_000_000n * OPA;
export const KAPPA: Range = [1_000n, 9_000n];
export const MAX_RELEASE_STAGES = 8;
export const MAX_RATE_PPM = 10_000n;
export const MAX_VERIFIERS = 32;

/** Most points that a unit of attested work, or an account in an epoch, can have; a point earns at most one gwei. */
export const MAX_POINTS = 2n ** 56n - 1n;

/** Validity of an attestation that a kind can allow. */
export const VALIDITY: Range = [HOUR, 90n * DAY];

/** Schedules that one transaction can make: they are in the code that creates the genesis, at most 49,152 bytes (EIP-3860). */
export const MAX_SCHEDULES = 180;

export const MAX_RESOURCES = 512;
export const MAX_NAME_BYTES = 31;
export const RATE: Range = [GWEI, (2n ** 32n - 1n) * GWEI];
export const MAX_TARGET = 2n ** 63n;
export const MAX_TIER = 7n;

/** Id of the load policy, which is the first one registered. */
export const LOAD_POLICY = 1n;
