import { MeterError } from "../metering/meter-error.js";

/** A connection, as `pg` has it. */
export interface PostgresClient {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[]; rowCount: number | null }>;
  release(destroy?: boolean): void;
  on(event: "error", listener: (error: Error) => void): unknown;
  removeListener(event: "error", listener: (error: Error) => void): unknown;
}

/** A pool of connections: `new Pool({ connectionString })` of `pg`. It has to connect to the server itself, not to a proxy that shares sessions. */
export interface PostgresPool {
  connect(): Promise<PostgresClient>;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** Rows of a query. */
export type Rows = Record<string, unknown>[];

/** Runs statements in a transaction. */
export type Query = (text: string, values?: unknown[]) => Promise<Rows>;

/** A connection that is used by one alone. */
export interface Session {
  /** Runs a statement. A session that does not answer in time counts as lost. */
  readonly query: Query;
  /** Whether the connection ended, or did not answer in time. */
  readonly isLost: () => boolean;
  /** Ends the session, and with it its locks. */
  readonly release: () => void;
}

const FIRST_PAUSE = 20; // milliseconds
const LONGEST_PAUSE = 500;
const PER_STATEMENT = 5_000; // milliseconds
const RETRIED = /^(?:25P0[34]|40001|40P01|55P03|57014|57P0[1-5]|53300|08\w{3})$/;

/** Connections to a database that can be away for a while. */
export class Connections {
  readonly #pool: PostgresPool;
  readonly #timeout: number;
  #isClosed = false;

  /** @param timeout milliseconds for which an action is tried again while the database is away. */
  constructor(pool: PostgresPool, timeout: number) {
    this.#pool = pool;
    this.#timeout = timeout;
    pool.on("error", ignore); // a connection that ends while nobody uses it; the next one is a new one
  }

  /** Every action fails from now on. */
  close(): void {
    this.#isClosed = true;
  }

  /**
   * Runs work in one transaction, and again in another if the connection was lost, even if it is unknown whether the first
   * took effect. The work has to bear that.
   *
   * @param preamble statements to run first, in the same round trip.
   * @throws {MeterError} `unavailable` if the database is away for too long, or cannot store anything.
   */
  transaction<T>(work: (query: Query) => Promise<T>, preamble = ""): Promise<T> {
    return this.#insist((until) =>
      this.#use(until, (query) => inTransaction(query, work, preamble)),
    );
  }

  /** Runs one statement that only reads, in one round trip, and again if the connection was lost. */
  read(text: string, values?: unknown[]): Promise<Rows> {
    return this.#insist((until) => this.#use(until, (query) => query(text, values)));
  }

  /** @throws {MeterError} `unavailable` if the work fails for too long, or for good. */
  async #insist<T>(work: (until: number) => Promise<T>): Promise<T> {
    const until = performance.now() + this.#timeout;
    for (let attempt = 0; ; attempt += 1) {
      if (this.#isClosed) throw new MeterError("The meter's database is closed.", "unavailable");
      try {
        return await work(until);
      } catch (error) {
        if (error instanceof MeterError) throw error;
        if (!isPassing(error) || performance.now() >= until) throw unavailable(error);
        const pause = Math.min(FIRST_PAUSE * 2 ** attempt, LONGEST_PAUSE);
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }

  /** A connection of one's own. */
  async own(): Promise<Session> {
    const client = await withDeadline(this.#pool.connect(), this.#timeout, (late) => {
      late.release();
    });
    let isLost = false;
    const lose = () => {
      isLost = true;
    };
    client.on("error", lose);
    return {
      query: async (text, values) => {
        try {
          const work = values ? client.query(text, values) : client.query(text);
          return (await withDeadline(work, PER_STATEMENT)).rows as Rows;
        } catch (error) {
          if (error instanceof TooLate) isLost = true;
          throw error;
        }
      },
      isLost: () => isLost,
      release: () => {
        isLost = true;
        client.removeListener("error", lose);
        client.on("error", ignore); // it may still end with an error
        client.release(true); // ends the session, and with it its locks
      },
    };
  }

  /** Runs work on a connection of the pool, which is given back only if it is known to be in order. */
  async #use<T>(until: number, work: (query: Query) => Promise<T>): Promise<T> {
    const left = Math.max(1, Math.ceil(until - performance.now()));
    const client = await withDeadline(this.#pool.connect(), left, (late) => {
      late.release();
    });
    client.on("error", ignore);
    let isBroken = true;
    try {
      const result = await work(async (text, values) => {
        const answer = values ? client.query(text, values) : client.query(text);
        return (await withDeadline(answer, 2 * PER_STATEMENT)).rows as Rows;
      });
      isBroken = false;
      return result;
    } catch (error) {
      isBroken = !(error instanceof RolledBack);
      throw error instanceof RolledBack ? error.cause : error;
    } finally {
      client.removeListener("error", ignore);
      client.release(isBroken);
    }
  }
}

/** A transaction failed, and its connection is in order. */
class RolledBack extends Error {}

async function inTransaction<T>(
  query: Query,
  work: (query: Query) => Promise<T>,
  preamble: string,
): Promise<T> {
  // The server ends a transaction whose process hangs, since others wait for its locks.
  await query(
    `BEGIN; SET LOCAL statement_timeout = ${PER_STATEMENT};
     SET LOCAL idle_in_transaction_session_timeout = ${2 * PER_STATEMENT}; ${preamble}`,
  );
  try {
    const result = await work(query);
    await query("COMMIT");
    return result;
  } catch (error) {
    const isOver = await query("ROLLBACK").then(
      () => true,
      () => false, // the connection is gone, and the transaction with it
    );
    throw isOver ? new RolledBack("The transaction failed.", { cause: error }) : error;
  }
}

class TooLate extends Error {}

async function withDeadline<T>(
  work: Promise<T>,
  milliseconds: number,
  onLate: (late: T) => void = ignore,
): Promise<T> {
  let isLate = false;
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      isLate = true;
      reject(new TooLate(`no answer for ${milliseconds} ms`));
    }, milliseconds);
  });
  work.then((late) => {
    if (isLate) onLate(late);
  }, ignore);
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether the same can succeed a moment later. */
function isPassing(error: unknown): boolean {
  if (error instanceof TooLate) return true;
  const { code } = error as { code?: unknown };
  if (typeof code !== "string") return true; // of the connection: ended, terminated, timed out
  return RETRIED.test(code) || !/^[0-9A-Z]{5}$/.test(code) || code.startsWith("E");
}

function unavailable(error: unknown): MeterError {
  const { code, message } = error as { code?: string; message?: string };
  const what =
    code === "53100"
      ? "The meter's database has no room left: make some"
      : "The meter's database does not work";
  return new MeterError(
    `${what} (${message ?? String(error)}). Nothing of this call is known to be stored; repeat it.`,
    "unavailable",
    { cause: error },
  );
}

function ignore(): void {
  // nothing to do
}
