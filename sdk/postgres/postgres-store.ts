import {
  adopt,
  count,
  cover,
  draftOf,
  dueOf,
  keyOf,
  reopen,
  requireFit,
  requireRoom,
  see,
  seeFinal,
  unsettledOf,
  viewLine,
  viewOvertaken,
  writeOff,
  type AccountState,
  type StatementState,
} from "../metering/account.js";
import { hashContent } from "../metering/call-name.js";
import {
  contentOf,
  readAddress,
  readBegun,
  readCall,
  readName,
  readRequest,
  readSelection,
  readSigned,
  readTotal,
  requireAnswer,
  requireLease,
  requireSame,
  type CheckedCall,
} from "../metering/door.js";
import { refuse, sumOf } from "../metering/exposure.js";
import { MeterError } from "../metering/meter-error.js";
import { inOrder, isWaiting, viewStatement } from "../metering/queue.js";
import type {
  Beginning,
  CallRequest,
  DueUse,
  ExposureOf,
  Leadership,
  LineSelection,
  LineTotal,
  LineView,
  MeterStore,
  OpenUse,
  OvertakenLine,
  Recorded,
  RecordedCall,
  SentTransaction,
  ServedCall,
  StatementDraft,
  StatementRecord,
} from "../metering/store.js";
import {
  createDomain,
  MAX_LINES,
  type SignedStatement,
  type StatementDomain,
} from "../statements/statement.js";
import type { Use } from "../statements/use.js";
import {
  decode,
  encode,
  runBatch,
  toAccount,
  toStatement,
  type Action,
  type ActionResult,
  type CallRow,
  type Workspace,
} from "./batch.js";
import { Connections, type PostgresPool, type Rows } from "./client.js";
import { electIn } from "./election.js";
import { prepareSchema } from "./schema.js";

/** A database, and the deployment that is metered in it. */
export interface PostgresStoreOptions {
  readonly pool: PostgresPool;
  readonly chainId: bigint;
  readonly settlement: string;
  /** Schema of the tables; `opa_meter` if left out. Each deployment has its own. */
  readonly schema?: string;
  /** Milliseconds for which an action is tried again while the database is away; 10,000 if left out. */
  readonly timeout?: number;
  /** Milliseconds of silence after which another process takes the settler's place; 40,000 if left out. */
  readonly leaderSilence?: number;
  /** Latest epoch that a call may have, see `latestEpochBy`; any if left out. */
  readonly latestEpoch?: () => bigint;
}

/** An action that waits for its transaction. */
interface Job extends Action {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

const TIMEOUT = 10_000;
const LEADER_SILENCE = 40_000;
const ACTIONS_AT_ONCE = 200;
const BATCHES_AT_ONCE = 2;
const ACCOUNTS_AT_ONCE = 200;
const DELETED_AT_ONCE = 5_000;

/**
 * A meter's store in a PostgreSQL database, for any number of gateways. Nothing is kept in the process: another one can go
 * on at any moment. Actions that come together share a transaction. Leases are measured by the database's clock.
 */
export class PostgresStore implements MeterStore {
  readonly chainId: bigint;
  readonly settlement: string;
  readonly isNew: boolean;
  readonly #domain: StatementDomain;
  readonly #connections: Connections;
  readonly #schema: string;
  readonly #latestEpoch: (() => bigint) | undefined;
  readonly #leaderSilence: number;
  readonly #leaders = new Set<Leadership>();
  readonly #id = crypto.randomUUID();
  #waiting: Job[] = [];
  #running = 0;
  #actions = 0;

  private constructor(
    {
      chainId,
      schema,
      latestEpoch,
      leaderSilence = LEADER_SILENCE,
    }: PostgresStoreOptions & { readonly schema: string },
    settlement: string,
    connections: Connections,
    isNew: boolean,
  ) {
    this.chainId = chainId;
    this.settlement = settlement;
    this.isNew = isNew;
    this.#domain = createDomain(chainId, settlement);
    this.#connections = connections;
    this.#schema = schema;
    this.#latestEpoch = latestEpoch;
    this.#leaderSilence = leaderSilence;
  }

  /**
   * Opens the store in a database, and makes its tables if there are none.
   *
   * @throws {MeterError} `misplaced` if the tables are of another version or deployment; `unavailable` if there is no database.
   */
  static async open(options: PostgresStoreOptions): Promise<PostgresStore> {
    const { pool, chainId, schema = "opa_meter", timeout = TIMEOUT } = options;
    const settlement = readAddress(options.settlement, "the settlement contract");
    const connections = new Connections(pool, timeout);
    const isNew = await connections.transaction((query) =>
      prepareSchema(query, { schema, chainId, settlement }),
    );
    return new PostgresStore({ ...options, schema }, settlement, connections, isNew);
  }

  async begin(call: CallRequest): Promise<Beginning> {
    const plain = readCall(call, this.#latestEpoch?.());
    readRequest(call.request);
    requireLease(call.lease);
    const { account, provider } = plain;
    const token = this.#token();
    const ask = () =>
      this.#act<Beginning>({
        names: [call.name],
        accounts: [],
        peeks: [account],
        owners: [sumOf({ account }), sumOf({ provider })],
        run: (workspace) => begin(workspace, plain, call, token),
      });
    const known = await ask();
    return known.kind === "refused" && (await this.#releaseExpired()) ? ask() : known;
  }

  async abandon(name: string, token: string): Promise<void> {
    await this.#act({
      names: [readName(name)],
      accounts: [],
      owners: [],
      run: (workspace) => {
        const call = workspace.call(name);
        if (call.token === token) release(workspace, call);
      },
    });
  }

  async record(call: ServedCall): Promise<Recorded> {
    const plain = readCall(call, this.#latestEpoch?.());
    requireAnswer(call.answer);
    const request =
      call.request === undefined ? hashContent(contentOf(plain)) : readRequest(call.request);
    const { account } = plain;
    const token = this.#token();
    return this.#act<Recorded>({
      names: [call.name],
      accounts: [account],
      owners: [], // it adds to sums, which takes no look at them
      run: (workspace) => record(workspace, plain, { request, answer: call.answer, token }),
    });
  }

  async find(name: string): Promise<RecordedCall | undefined> {
    const [row] = await this.#read(
      `SELECT name, request, epoch, answer FROM ${this.#schema}.calls WHERE name = $1 AND state = 2`,
      [name],
    );
    return row && toRecorded(row);
  }

  async forgetBefore(epoch: bigint): Promise<void> {
    readBegun(epoch, this.#latestEpoch?.());
    const lock = `SELECT pg_advisory_xact_lock(${this.#horizonLock})`;
    await this.#connections.transaction(
      (query) =>
        query(`UPDATE ${this.#schema}.meta SET horizon = greatest(horizon, $1)`, [String(epoch)]),
      lock,
    );
    for (let more = true; more;) {
      const [{ gone = 0 } = {}] = await this.#change(
        `WITH gone AS (
           DELETE FROM ${this.#schema}.calls WHERE name IN (
             SELECT name FROM ${this.#schema}.calls WHERE epoch < $1 AND state = 2 LIMIT ${DELETED_AT_ONCE}
           ) RETURNING 1
         ) SELECT count(*)::integer AS gone FROM gone`,
        [String(epoch)],
      );
      more = (gone as number) > 0;
    }
  }

  async unsettled(of: { account: string; provider?: string; signer?: string }): Promise<OpenUse[]> {
    const { provider, signer } = of;
    const [state] = await this.#states([readAddress(of.account, "the account")]);
    if (!state) return [];
    return unsettledOf(state, {
      ...(provider !== undefined && { provider: readAddress(provider, "a provider") }),
      ...(signer !== undefined && { signer: readAddress(signer, "the signer") }),
    });
  }

  async exposure(of: ExposureOf): Promise<Use[]> {
    const read = () =>
      this.#read(
        `SELECT s.resource, s.units,
           EXISTS (SELECT FROM ${this.#schema}.calls WHERE state = 1 AND until < clock_timestamp()) AS is_late
         FROM (VALUES (1)) AS one LEFT JOIN ${this.#schema}.sums s ON s.owner = $1 AND s.units <> 0`,
        [sumOf(of)],
      );
    let rows = await read();
    if (rows[0]?.["is_late"] === true && (await this.#releaseExpired())) rows = await read();
    return rows.flatMap(({ resource, units }) =>
      resource == null
        ? []
        : [{ resource: BigInt(resource as string), units: BigInt(units as string) }],
    );
  }

  async lines({ account, isOpen = false }: { account?: string; isOpen?: boolean } = {}): Promise<
    LineView[]
  > {
    const states =
      account !== undefined
        ? await this.#states([readAddress(account, "the account")])
        : await this.#statesWhere(isOpen ? "is_live" : "true");
    const views = states.flatMap((state) =>
      [...state.lines.values()].map((line) => viewLine(state.account, line)),
    );
    return isOpen
      ? views.filter(({ signed, final, isOvertaken }) => signed > final || isOvertaken)
      : views;
  }

  async due({
    account,
    before,
    limit,
  }: { account?: string; before?: bigint; limit?: number } = {}): Promise<DueUse[]> {
    const states =
      account !== undefined
        ? await this.#states([readAddress(account, "the account")])
        : await this.#statesWhere(
            `oldest_due IS NOT NULL AND oldest_due < $1 ORDER BY oldest_due LIMIT ${limit ?? "ALL"}`,
            [String(before ?? 1n << 32n)],
          );
    return states
      .flatMap(dueOf)
      .filter(({ priceEpoch }) => before === undefined || priceEpoch < before)
      .sort((a, b) => Number(a.priceEpoch - b.priceEpoch))
      .slice(0, limit);
  }

  async draft(due: DueUse, maxLines = MAX_LINES): Promise<StatementDraft[]> {
    const [state] = await this.#states([readAddress(due.account, "the account")]);
    return state ? draftOf(state, due, maxLines) : [];
  }

  async add(signed: SignedStatement, isWallet = false): Promise<StatementRecord> {
    const plain = readSigned(signed, this.#domain, isWallet);
    const { account } = plain.signed.statement;
    return this.#onAccount(account, (workspace) => {
      const state = workspace.account(account);
      let record = state.statements.find(({ id }) => id === plain.id);
      if (!record) {
        requireFit(state, plain.signed.statement, plain.signed.signer);
        workspace.touch(state, cover(state, plain.id, plain.signed));
        record = state.statements.at(-1);
      }
      if (!record) throw new MeterError(`Statement ${plain.id} is settled and final.`, "unfit");
      return view(state, record);
    });
  }

  async pending({
    account,
    all = false,
    limit,
  }: { account?: string; all?: boolean; limit?: number } = {}): Promise<StatementRecord[]> {
    const rows = await this.#read(
      `SELECT *, greatest(0, extract(epoch FROM aside_until - clock_timestamp()) * 1000)::float8 AS wait
       FROM ${this.#schema}.statements WHERE $1::text IS NULL OR account = $1 ORDER BY account, place`,
      [account === undefined ? null : readAddress(account, "the account")],
    );
    const found = rows.map(toStatement);
    const states = await this.#states([...new Set(found.map(({ account: owner }) => owner))]);
    const byAccount = new Map(states.map((state) => [state.account, state]));
    const queues = new Map<string, StatementRecord[]>();
    for (const { account: owner, record } of found) {
      const state = byAccount.get(owner);
      if (!state) continue;
      const shown = view(state, record);
      if (!isWaiting(shown, all)) continue;
      queues.set(owner, [...(queues.get(owner) ?? []), shown]);
    }
    return inOrder(queues.values()).slice(0, limit);
  }

  async noteSent(sent: SentTransaction): Promise<void> {
    const sender = readAddress(sent.sender, "the sender");
    await this.#connections.transaction(async (query) => {
      await query(
        `INSERT INTO ${this.#schema}.sent (sender, nonce, body) VALUES ($1, $2, $3)
         ON CONFLICT (sender, nonce) DO UPDATE SET body = excluded.body`,
        [sender, sent.nonce, encode({ ...sent, sender })],
      );
      await query(`UPDATE ${this.#schema}.statements SET transaction = $2 WHERE id = ANY($1)`, [
        [...sent.statements],
        sent.transaction,
      ]);
    });
  }

  async sent(sender: string, nonce: number): Promise<SentTransaction[]> {
    const owner = readAddress(sender, "the sender");
    return this.#connections.transaction(async (query) => {
      await query(`DELETE FROM ${this.#schema}.sent WHERE sender = $1 AND nonce < $2`, [
        owner,
        nonce,
      ]);
      const rows = await query(
        `SELECT body FROM ${this.#schema}.sent WHERE sender = $1 ORDER BY nonce`,
        [owner],
      );
      return rows.map(({ body }) => decode(body as string) as SentTransaction);
    });
  }

  async setAside(id: string, reason: string, wait: number): Promise<void> {
    await this.#change(
      `UPDATE ${this.#schema}.statements SET aside_reason = $2, aside_times = aside_times + 1,
         aside_until = clock_timestamp() + $3 * interval '1 millisecond'
       WHERE id = $1`,
      [id, reason.replaceAll("\0", ""), wait],
    );
  }

  async mark({
    seen = [],
    final = [],
  }: {
    seen?: readonly LineTotal[];
    final?: readonly LineTotal[];
  }): Promise<OvertakenLine[]> {
    const plain = { seen: seen.map(readTotal), final: final.map(readTotal) };
    const accounts = [
      ...new Set([...plain.seen, ...plain.final].map(({ account }) => account)),
    ].sort();
    const overtaken: OvertakenLine[] = [];
    for (let i = 0; i < accounts.length; i += ACCOUNTS_AT_ONCE) {
      const some = accounts.slice(i, i + ACCOUNTS_AT_ONCE);
      overtaken.push(...(await this.#mark(some, plain)));
    }
    return overtaken;
  }

  async scanned(): Promise<number | undefined> {
    const [row] = await this.#read(`SELECT scanned FROM ${this.#schema}.meta`);
    return row?.["scanned"] == null ? undefined : Number(row["scanned"]);
  }

  async noteScanned(block: number): Promise<void> {
    await this.#change(`UPDATE ${this.#schema}.meta SET scanned = $1`, [block]);
  }

  async reopen(of: { statement: string } | LineSelection, priceEpoch = 0n): Promise<void> {
    readBegun(priceEpoch, this.#latestEpoch?.());
    if ("statement" in of) {
      const [row] = await this.#read(
        `SELECT account FROM ${this.#schema}.statements WHERE id = $1`,
        [of.statement],
      );
      if (row) await this.#reopen(row["account"] as string, of, priceEpoch);
      return;
    }
    const { account, ...lines } = readSelection(of);
    await this.#reopen(account, lines, priceEpoch);
  }

  async writeOff(of: LineSelection): Promise<LineTotal[]> {
    const { account, ...lines } = readSelection(of);
    /** Debt and units of each line after the last run, which may have taken effect although it is run again. */
    let last = new Map<string, { debt: bigint; units: bigint }>();
    return this.#onAccount(account, (workspace) => {
      const state = workspace.account(account);
      const debts = new Map([...state.lines].map(([key, { debt }]) => [key, debt]));
      const written = writeOff(state, lines);
      workspace.touch(
        state,
        written.map(({ line }) => line),
      );
      const sums = new Map(
        written.map(({ line, units }) => {
          const before = last.get(keyOf(line));
          const isDone = before !== undefined && (debts.get(keyOf(line)) ?? 0n) >= before.debt;
          return [keyOf(line), { debt: line.debt, units: isDone ? units + before.units : units }];
        }),
      );
      last = sums;
      return written.flatMap(({ line }) => {
        const total = sums.get(keyOf(line))?.units ?? 0n;
        return total > 0n
          ? [{ account, provider: line.provider, resource: line.resource, total }]
          : [];
      });
    });
  }

  async adopt(total: LineTotal, as: "elsewhere" | "here"): Promise<void> {
    const { account, total: units, ...place } = readTotal(total);
    await this.#onAccount(account, (workspace) => {
      const state = workspace.account(account);
      const line = state.lines.get(keyOf(place));
      if (line && units === line.signed && line.overtaken === 0n) return;
      workspace.touch(state, adopt(state, place, units, as));
    });
  }

  async overtaken(): Promise<OvertakenLine[]> {
    const states = await this.#statesWhere("is_overtaken");
    return states.flatMap((state) =>
      [...state.lines.values()]
        .filter((line) => line.overtaken > 0n)
        .map((line) => viewOvertaken(state.account, line)),
    );
  }

  async elect(): Promise<Leadership | undefined> {
    try {
      const leadership = await electIn(await this.#connections.own(), {
        schema: this.#schema,
        silence: this.#leaderSilence,
        onEnd: (ended) => this.#leaders.delete(ended),
      });
      if (leadership) this.#leaders.add(leadership);
      return leadership;
    } catch (error) {
      throw new MeterError("The meter's database does not answer.", "unavailable", {
        cause: error,
      });
    }
  }

  async close(): Promise<void> {
    for (const leadership of this.#leaders) await leadership.release();
    while (this.#running > 0 || this.#waiting.length > 0)
      await new Promise((resolve) => setTimeout(resolve, 5));
    this.#connections.close();
  }

  get #horizonLock(): string {
    return `hashtextextended('${this.#schema} horizon', 0)`;
  }

  #token(): string {
    this.#actions += 1;
    return `${this.#id}-${this.#actions}`;
  }

  #read(text: string, values: unknown[] = []): Promise<Rows> {
    return this.#connections.read(text, values);
  }

  #change(text: string, values: unknown[] = []): Promise<Rows> {
    return this.#connections.transaction((query) => query(text, values));
  }

  async #states(accounts: readonly string[]): Promise<AccountState[]> {
    if (accounts.length === 0) return [];
    return this.#statesWhere("account = ANY($1)", [accounts]);
  }

  async #statesWhere(condition: string, values: unknown[] = []): Promise<AccountState[]> {
    const rows = await this.#read(
      `SELECT account, next, lines FROM ${this.#schema}.accounts WHERE ${condition}`,
      values,
    );
    return rows.map(toAccount);
  }

  #onAccount<T>(account: string, run: (workspace: Workspace) => T): Promise<T> {
    return this.#act<T>({ names: [], accounts: [account], owners: [], withStatements: true, run });
  }

  #reopen(account: string, of: Parameters<typeof reopen>[1], priceEpoch: bigint): Promise<unknown> {
    return this.#onAccount(account, (workspace) => {
      const state = workspace.account(account);
      workspace.touch(state, reopen(state, of, priceEpoch));
    });
  }

  #mark(
    accounts: readonly string[],
    { seen, final }: { seen: readonly LineTotal[]; final: readonly LineTotal[] },
  ): Promise<OvertakenLine[]> {
    const those = new Set(accounts);
    return this.#act<OvertakenLine[]>({
      names: [],
      accounts,
      owners: [],
      withStatements: true,
      run: (workspace) => {
        for (const [totals, apply] of [
          [seen, see],
          [final, seeFinal],
        ] as const)
          for (const { account, total, ...place } of totals) {
            if (!those.has(account)) continue;
            const state = workspace.account(account);
            const touched = apply(state, place, total);
            if (touched.length > 0) workspace.touch(state, touched);
          }
        return [...seen, ...final].flatMap(({ account, ...place }) => {
          const line = those.has(account) && workspace.account(account).lines.get(keyOf(place));
          return line && line.overtaken > 0n ? [viewOvertaken(account, line)] : [];
        });
      },
    });
  }

  /** Gives up calls whose lease is over. @returns whether there were any. */
  async #releaseExpired(): Promise<boolean> {
    const rows = await this.#read(
      `SELECT name FROM ${this.#schema}.calls WHERE state = 1 AND until < clock_timestamp() LIMIT ${ACTIONS_AT_ONCE}`,
    );
    const names = rows.map(({ name }) => name as string);
    if (names.length === 0) return false;
    await this.#act({
      names,
      accounts: [],
      owners: [],
      run: (workspace) => {
        for (const name of names) {
          const call = workspace.call(name);
          if (call.lease === 0) release(workspace, call);
        }
      },
    });
    return true;
  }

  /** Runs an action in the next transaction, with others that wait. */
  #act<T>(action: Omit<Action, "withStatements"> & { withStatements?: boolean }): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const settle = { resolve: resolve as (value: unknown) => void, reject };
      this.#waiting.push({ withStatements: false, ...action, ...settle });
      if (this.#running < BATCHES_AT_ONCE) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#running += 1;
    await Promise.resolve(); // so that calls made at once go at once
    while (this.#waiting.length > 0) {
      const jobs = this.#waiting.splice(0, ACTIONS_AT_ONCE);
      try {
        const results = await this.#connections.transaction<ActionResult[]>(
          (query) => runBatch(query, this.#schema, jobs),
          `SELECT pg_advisory_xact_lock_shared(${this.#horizonLock})`,
        );
        jobs.forEach((job, i) => {
          const result = results[i];
          if (result && "value" in result) job.resolve(result.value);
          else job.reject(result?.error);
        });
      } catch (error) {
        for (const job of jobs) job.reject(error);
      }
    }
    this.#running -= 1;
  }
}

function begin(
  workspace: Workspace,
  plain: CheckedCall,
  { request, lease, risk }: CallRequest,
  token: string,
): Beginning {
  const call = workspace.call(plain.name);
  const { account, provider, uses, epoch, name } = plain;
  if (call.state !== "none") requireSame(call, request);
  if (call.state === "counted") return { kind: "answered", call: toRemembered(call) };
  requireRemembered(workspace, plain);
  if (call.state === "held" && call.token === token) return { kind: "open", token }; // by this action, before a doubt
  if (call.state === "held" && call.lease > 0)
    return { kind: "running", retryAfter: Math.ceil(call.lease) };
  release(workspace, call);
  const lines = uses.flatMap(({ resource }) => {
    const line = workspace.peek(account)?.lines.get(keyOf({ provider, resource }));
    return line && line.overtaken > 0n ? [viewOvertaken(account, line)] : [];
  });
  if (lines.length > 0) return { kind: "overtaken", lines };
  const refusal = refuse(uses, risk, {
    provider: workspace.sum(sumOf({ provider })),
    account: workspace.sum(sumOf({ account })),
  });
  if (refusal) return refusal;
  const held = { account, provider, uses };
  Object.assign(call, { name, state: "held", request, epoch, token, held, lease });
  workspace.addHeld(held, 1n);
  workspace.write(call);
  return { kind: "open", token };
}

function record(
  workspace: Workspace,
  plain: CheckedCall,
  { request, answer, token }: { request: string; answer: string | undefined; token: string },
): Recorded {
  const call = workspace.call(plain.name);
  if (call.state !== "none") requireSame(call, request);
  if (call.state === "counted") return { isNew: call.token === token, call: toRemembered(call) };
  requireRemembered(workspace, plain);
  const state = workspace.account(plain.account);
  requireRoom(state, plain.provider, plain.uses);
  release(workspace, call);
  Object.assign(call, { state: "counted", request, epoch: plain.epoch, token, answer });
  workspace.write(call);
  workspace.touch(state, count(state, plain));
  return { isNew: true, call: toRemembered(call) };
}

/** Ends the hold of a call; without effect on one that is counted. */
function release(workspace: Workspace, call: CallRow): void {
  if (call.state !== "held") return;
  if (call.held) workspace.addHeld(call.held, -1n);
  call.state = "none";
  call.held = undefined;
  call.lease = 0;
}

function requireRemembered({ horizon }: Workspace, { name, epoch }: CheckedCall): void {
  if (epoch < horizon)
    throw new MeterError(
      `Call "${name}" is of epoch ${epoch}, and calls before epoch ${horizon} are forgotten.`,
      "forgotten",
    );
}

function toRemembered({ name, request, epoch, answer }: CallRow): RecordedCall {
  return { name, request, epoch, answer };
}

function toRecorded({ name, request, epoch, answer }: Rows[number]): RecordedCall {
  return {
    name: name as string,
    request: request as string,
    epoch: BigInt(epoch as string),
    answer: answer == null ? undefined : (answer as Buffer).toString("utf8"),
  };
}

/** The database has measured the wait. */
function view(state: AccountState, record: StatementState): StatementRecord {
  return viewStatement(state, record, (wait) => wait);
}
