import type { Leadership } from "../metering/store.js";
import type { Session } from "./client.js";

/** Terms of an election. */
export interface Ballot {
  readonly schema: string;
  /** Milliseconds of silence after which another process takes the place. */
  readonly silence: number;
  /** Told once that a leadership has ended. */
  readonly onEnd: (ended: Leadership) => void;
}

const BEATS = 4; // in the time of silence

/** Bounds after which the server ends the session of a machine that is gone, in seconds. */
const KEEP_ALIVE = {
  tcp_keepalives_idle: 10,
  tcp_keepalives_interval: 5,
  tcp_keepalives_count: 3,
};

/**
 * Tries to become the leader by an advisory lock, which ends with its session. The leader also writes down at short
 * intervals that it is there. If it is silent for too long, the next candidate begins another generation, which has a lock
 * of its own. The former leader finds the new generation and stops. So the place passes on whichever part hangs: the
 * process, the machine, the connection, or the session on the server.
 *
 * @returns undefined if another session has the place.
 */
export async function electIn(
  session: Session,
  { schema, silence, onEnd }: Ballot,
): Promise<Leadership | undefined> {
  let isReleased = false;
  let generation = "0";
  let asking: Promise<boolean> | undefined;
  let beating: ReturnType<typeof setInterval> | undefined;
  const release = () => {
    if (isReleased) return;
    isReleased = true;
    clearInterval(beating);
    session.release();
    onEnd(leadership);
  };
  const beat = async () => {
    const rows = await session.query(
      `UPDATE ${schema}.election SET heard = clock_timestamp() WHERE generation = $1 RETURNING generation`,
      [generation],
    );
    return rows.length > 0;
  };
  const ask = async () => {
    try {
      if ((await beat()) && !isReleased) return true;
    } catch {
      // the session is lost
    }
    release();
    return false;
  };
  const isHeld = () => {
    if (isReleased || session.isLost()) return Promise.resolve(false);
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return asking;
  };
  const leadership: Leadership = {
    isHeld,
    release: () => {
      release();
      return Promise.resolve();
    },
  };
  const lock = async () => {
    const [row] = await session.query(
      "SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS got",
      [generation === "0" ? `${schema} settler` : `${schema} settler ${generation}`],
    );
    return row?.["got"] === true;
  };
  try {
    await bound(session, silence);
    const [place] = await session.query(`SELECT generation FROM ${schema}.election`);
    generation = String(place?.["generation"]);
    if (!(await lock())) {
      const [next] = await session.query(
        `UPDATE ${schema}.election SET generation = generation + 1, heard = clock_timestamp()
         WHERE generation = $1 AND heard < clock_timestamp() - $2 * interval '1 millisecond' RETURNING generation`,
        [generation, silence],
      );
      generation = String(next?.["generation"]);
      if (!next || !(await lock())) {
        release();
        return undefined;
      }
    }
    if (!(await beat())) {
      release();
      return undefined;
    }
    beating = setInterval(() => void isHeld(), silence / BEATS);
    beating.unref();
  } catch (error) {
    release();
    throw error;
  }
  return leadership;
}

/** Has the server end the session if it hears nothing. A bound that this version of the server does not know is left out. */
async function bound(session: Session, silence: number): Promise<void> {
  const bounds = { ...KEEP_ALIVE, idle_session_timeout: silence };
  await session.query(
    `SELECT set_config(s.name, v.value, false) FROM unnest($1::text[], $2::text[]) AS v (name, value)
     JOIN pg_settings s USING (name)`,
    [Object.keys(bounds), Object.values(bounds).map(String)],
  );
}
