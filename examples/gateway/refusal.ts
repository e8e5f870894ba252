import type { Reason } from "../../sdk/index.js";

/** Why a request is not served, as a client is told. */
export class Refusal extends Error {
  override readonly name = "Refusal";

  constructor(
    readonly status: number,
    /** Name that a program can look at. */
    readonly code: string,
    message: string,
    /** Number of the chain's reason, if it was the chain that refused. */
    readonly reason?: number,
    /** Seconds after which it may be worth to ask again. */
    readonly retryAfter?: number,
  ) {
    super(message);
  }
}

/** The limits of an epoch, which the next one renews. */
const EPOCH_LIMITS = new Set([
  "KeyLimitExceeded",
  "ProjectLimitExceeded",
  "OrganisationLimitExceeded",
]);

/** What has to be paid for, or be allowed more of, before anything is served again. */
const SPENT = new Set([
  "InsufficientCredit",
  "KeyTotalExceeded",
  "ProjectTotalExceeded",
  "OrganisationTotalExceeded",
]);

/** What the consumer may not do, however much there is to spend. */
const FORBIDDEN = new Set([
  "KeyUnknown",
  "KeyExpired",
  "KeyCannotSpend",
  "ProjectExpired",
  "OrganisationExpired",
  "CategoryNotAllowed",
  "TierTooLow",
]);

/** The refusal that follows from a reason of the chain; `secondsLeft` are those of the running epoch. */
export function refusalOf({ code, name }: Reason, secondsLeft: number): Refusal {
  const said = `The chain says ${name}.`;
  if (EPOCH_LIMITS.has(name))
    return new Refusal(
      429,
      name,
      `${said} The limit is renewed in the next epoch.`,
      Number(code),
      secondsLeft,
    );
  if (SPENT.has(name))
    return new Refusal(
      402,
      name,
      `${said} More has to be deposited or allowed first.`,
      Number(code),
    );
  if (FORBIDDEN.has(name)) return new Refusal(403, name, said, Number(code));
  return new Refusal(503, name, `${said} The model cannot be served now.`, Number(code));
}
