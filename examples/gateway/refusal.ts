import type { Reason } from "../../sdk/index.js";

/** Details of a refusal that most of them do not have. */
export interface RefusalDetails {
  /** Number of the chain's reason, if it was the chain that refused. */
  readonly reason?: number;
  /** Seconds after which it may be worth to ask again. */
  readonly retryAfter?: number;
  /** Field of the request that is wrong. */
  readonly param?: string;
}

/** Why a request is not served, as a client is told. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly reason: number | undefined;
  readonly retryAfter: number | undefined;
  readonly param: string | undefined;

  constructor(
    readonly status: number,
    /** Name that a program can look at. */
    readonly code: string,
    message: string,
    details: RefusalDetails = {},
  ) {
    super(message);
    this.reason = details.reason;
    this.retryAfter = details.retryAfter;
    this.param = details.param;
  }
}

/** The limits of an epoch, which the next one renews. */
const EPOCH_LIMITS = new Set([
  "KeyLimitExceeded",
  "ProjectLimitExceeded",
  "OrganisationLimitExceeded",
]);

/** Reasons that end with a deposit or a higher limit. */
const SPENT = new Set([
  "InsufficientCredit",
  "KeyTotalExceeded",
  "ProjectTotalExceeded",
  "OrganisationTotalExceeded",
]);

/** Reasons that no deposit ends. */
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
  const reason = Number(code);
  if (EPOCH_LIMITS.has(name))
    return new Refusal(429, name, `${said} The limit is renewed in the next epoch.`, {
      ...{ reason, retryAfter: secondsLeft },
    });
  if (SPENT.has(name))
    return new Refusal(402, name, `${said} More has to be deposited or allowed first.`, { reason });
  if (FORBIDDEN.has(name)) return new Refusal(403, name, said, { reason });
  return new Refusal(503, name, `${said} The model cannot be served now.`, { reason });
}

/** The refusal of a request that can use a resource without a price, such as a retired one. */
export function refusalOfUnpriced(resource: bigint): Refusal {
  return new Refusal(
    503,
    "NoPrice",
    `Resource ${resource} has no price in this epoch, so the model cannot be served now.`,
    { reason: 0 },
  );
}

/** Seconds up to which a client's own repeats may succeed. */
const WORTH_WAITING = 60;

/** A refusal as OpenAI's interface has errors; the header tells its clients whether to repeat the request by themselves. */
export function renderRefusal(refusal: Refusal): {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly error: Readonly<Record<string, unknown>> };
} {
  const { status, code, message, reason, retryAfter, param } = refusal;
  const type = status < 500 ? "invalid_request_error" : "server_error";
  const isWorthRepeating =
    status >= 500 ? reason === undefined : (retryAfter ?? Infinity) <= WORTH_WAITING;
  return {
    headers: {
      "x-should-retry": `${isWorthRepeating}`,
      ...(retryAfter !== undefined && { "retry-after": `${retryAfter}` }),
    },
    body: {
      error: { message, type, param: param ?? null, code, ...(reason !== undefined && { reason }) },
    },
  };
}
