/** Expected outcome of the calls of a proposal, if made now. */
import type { ProposedCall } from "../../sdk/index.js";
import { toCliError } from "./errors.js";
import { note, type Note } from "./report.js";
import type { Session } from "./session.js";

/** A note for each call that would be refused if the timelock made it now, before the others. */
export async function foreseeCalls(
  { provider, suite, deployment }: Session,
  calls: readonly ProposedCall[],
): Promise<Note[]> {
  const [from, governor] = await Promise.all([
    suite.timelock.getAddress(),
    suite.governor.getAddress(),
  ]);
  const notes = await Promise.all(
    calls.map(async ({ target: to, value, calldata: data }, i): Promise<Note[]> => {
      if (to === governor) return []; // it only takes calls of its own queue, so nothing can be foreseen
      try {
        await provider.call({ from, to, value, data });
        return [];
      } catch (error) {
        const { message } = toCliError(error, deployment);
        return [note(`Warning: made now, call ${i + 1} would be refused. ${message}`)];
      }
    }),
  );
  return notes.flat();
}
