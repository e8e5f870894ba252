import type { Leadership } from "../metering/store.js";
import type { Session } from "./client.js";

const BEAT = 10_000; // milliseconds

/**
 * Bounds for which the server keeps a session of which it hears nothing: that of a process that hangs, or of a machine that
 * is gone. Times are in milliseconds for the first, and in seconds for the others.
 */
const BOUNDS = {
  idle_session_timeout: 4 * BEAT,
  tcp_keepalives_idle: 10,
  tcp_keepalives_interval: 5,
  tcp_keepalives_count: 3,
};

/**
 * Tries to become the leader by an advisory lock, which lives exactly as long as its session. A leader that the server does
 * not hear of loses the session. So no process, machine or connection that hangs keeps the fleet from settling.
 *
 * @param onEnd is told once that a leadership has ended.
 * @returns undefined if another session has the lock.
 */
export async function electIn(
  session: Session,
  name: string,
  onEnd: (ended: Leadership) => void,
): Promise<Leadership | undefined> {
  let isReleased = false;
  let asking: Promise<boolean> | undefined;
  const release = () => {
    if (isReleased) return;
    isReleased = true;
    clearInterval(beating);
    session.release();
    onEnd(leadership);
  };
  const ask = async () => {
    try {
      await session.query("SELECT 1");
      return !isReleased;
    } catch {
      release();
      return false;
    }
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
  const beating = setInterval(() => void isHeld(), BEAT);
  beating.unref();
  try {
    // A bound that this version of the server does not know is left out.
    await session.query(
      `SELECT set_config(s.name, v.value, false) FROM unnest($1::text[], $2::text[]) AS v (name, value)
       JOIN pg_settings s USING (name)`,
      [Object.keys(BOUNDS), Object.values(BOUNDS).map(String)],
    );
    const [row] = await session.query(
      "SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS got",
      [name],
    );
    if (row?.["got"] !== true) {
      release();
      return undefined;
    }
  } catch (error) {
    release();
    throw error;
  }
  return leadership;
}
