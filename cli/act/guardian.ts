/**
 * Transactions for the safety of the system: pauses by guardians, observations and draws by anyone.
 */
import { encodeBytes32String, dataSlice } from "ethers";

import { addressIn } from "../../sdk/index.js";
import { IGuardedPause__factory } from "../../typechain-types/factories/contracts/interfaces/index.js";
import { CliError } from "../exit-codes.js";
import type { Actor } from "../frame/keys.js";
import { findContract, kebab, parseAddress } from "../frame/names.js";
import { step, type Plan } from "../frame/plan.js";
import { formatAmount, formatTimeFrom, parseCount, parseTime } from "../frame/quantities.js";
import { field } from "../frame/report.js";
import type { Session } from "../frame/session.js";
import type { Terminal } from "../frame/terminal.js";
import { DRAW_STATUSES, readConditions } from "../look/reserve.js";
import { PAUSABLE } from "../look/safety.js";
import { change } from "./credit.js";

/** Bytes of the reason of a pause. */
const REASON_BYTES = 20;

const DRAW_PENDING = 1n;

/** Options of `pause`. */
export interface PauseOptions {
  readonly for: string;
  readonly reason: string;
}

/** Pauses a module as a guardian. */
export async function planPause(
  { deployment, provider, now }: Session,
  { address }: Actor,
  moduleText: string,
  options: PauseOptions,
): Promise<Plan> {
  const module = findContract(deployment, moduleText, PAUSABLE);
  const pause = IGuardedPause__factory.connect(addressIn(deployment, module), provider);
  const until = parseTime(options.for, now);
  const [expiry, longest] = await Promise.all([
    pause.pauseGuardianExpiryOf(address),
    pause.MAX_GUARDIAN_PAUSE(),
  ]);
  if (until > now + longest)
    throw new CliError(
      "usage",
      `A guardian pauses for 72 hours at most, and ${formatTimeFrom(until, now)} is later.`,
    );
  return {
    title: `Pause ${kebab(module)}`,
    steps: [
      step(
        `Pause ${kebab(module)} for "${options.reason}"`,
        await pause.pause.populateTransaction(reasonBytes(options.reason), until),
      ),
    ],
    changes: [
      field("Runs again", until, formatTimeFrom(until, now)),
      field(
        "Term of the guardian",
        expiry,
        expiry === 0n ? "the sender is no guardian" : `ends ${formatTimeFrom(expiry, now)}`,
      ),
    ],
  };
}

/** A reason of at most 20 bytes, as the contracts take it. */
function reasonBytes(text: string): string {
  const length = new TextEncoder().encode(text).length;
  if (length === 0 || length > REASON_BYTES)
    throw new CliError(
      "usage",
      `A reason has 1 to ${REASON_BYTES} bytes, and "${text}" has ${length}.`,
    );
  return dataSlice(encodeBytes32String(text), 0, REASON_BYTES);
}

/** Observes the conditions of the reserve, or one of them. */
export async function planObservation(
  session: Session,
  terminal: Terminal,
  text: string | undefined,
): Promise<Plan> {
  const { suite, now } = session;
  const conditions = await readConditions(session, terminal);
  const wanted =
    text === undefined
      ? conditions
      : conditions.filter(({ address, kind }) =>
          text.startsWith("0x") ? address === parseAddress(text) : kind === text,
        );
  if (wanted.length === 0)
    throw new CliError(
      "usage",
      `There is no condition "${text ?? ""}"; there are: ${conditions.map(({ kind }) => kind).join(", ")}.`,
    );
  const after = await Promise.all(
    wanted.map(({ address }) => suite.reserve.observe.staticCall(address)),
  );
  return {
    title: "Observe the conditions of the reserve",
    steps: await Promise.all(
      wanted.map(async ({ address, kind }) =>
        step(`Observe ${kind}`, await suite.reserve.observe.populateTransaction(address)),
      ),
    ),
    changes: wanted.map(({ kind }, i) => {
      const since = after[i] ?? 0n;
      return field(
        kind,
        since,
        since === 0n ? "not true" : `true since ${formatTimeFrom(since, now)}`,
      );
    }),
  };
}

/** Pays a draw that was decided on, once its delay is over and while it is needed. */
export async function planDraw(
  { suite: { reserve, token }, now }: Session,
  text: string,
): Promise<Plan> {
  const id = parseCount(text);
  const count = await reserve.drawCount();
  if (id === 0n || id > count)
    throw new CliError(
      "usage",
      `There is no draw ${id}; ${count === 0n ? "none was decided on" : `their ids are 1 to ${count}`}.`,
    );
  const { amount, module, executableAt, status } = await reserve.drawOf(id);
  if (status !== DRAW_PENDING)
    throw new CliError(
      "refused",
      `Draw ${id} is ${DRAW_STATUSES[Number(status)] ?? "unknown"}, so there is nothing to pay.`,
    );
  const balance = await token.balanceOf(reserve);
  return {
    title: `Pay draw ${id} of the reserve`,
    steps: [
      step(
        `Pay ${formatAmount(amount)} to ${module}`,
        await reserve.execute.populateTransaction(id),
      ),
    ],
    changes: [
      change("Reserve", balance, balance - amount),
      field("Executable", executableAt, formatTimeFrom(executableAt, now)),
    ],
  };
}
