/** Units that amounts, rates, shares and times are counted in, and the gas of a transaction. */

/** Wei of one OPA. */
export const OPA = 10n ** 18n;

/** Wei of one gwei, in which rates are whole. */
export const GWEI = 10n ** 9n;

/** Basis points of the whole. */
export const BPS = 10_000n;

/** Seconds of an hour. */
export const HOUR = 3_600n;

/** Seconds of a day. */
export const DAY = 24n * HOUR;

/** Seconds of a week. */
export const WEEK = 7n * DAY;

/** Most gas that one transaction can have (EIP-7825). */
export const TRANSACTION_GAS = 16_777_216n;
