import {
  newAccount,
  takeDeltas,
  type AccountState,
  type StatementState,
} from "../metering/account.js";
import { keyOf } from "../metering/account.js";
import { sumsOf } from "../metering/exposure.js";
import type { LineState } from "../metering/line.js";
import type { SignedStatement } from "../statements/statement.js";
import type { Use } from "../statements/use.js";
import type { Query, Rows } from "./client.js";

/** A call in the database. */
export interface CallRow {
  readonly name: string;
  state: "none" | "held" | "counted";
  request: string;
  epoch: bigint;
  /** Tells the action that wrote it, so that one that is repeated after a doubt knows itself. */
  token: string;
  /** Not read unless the call is counted. */
  answer: string | undefined;
  held: HeldUse | undefined;
  /** Milliseconds that are left of the lease, or are to be given. */
  lease: number;
}

/** Use that is held while a call is served. */
export interface HeldUse {
  readonly account: string;
  readonly provider: string;
  readonly uses: readonly Use[];
}

/** State that an action works on. It changes it in place; everything is written if nothing fails. */
export interface Workspace {
  /** First epoch whose calls are remembered; 0 if no call was named. */
  readonly horizon: bigint;
  /** Every call that the action named. */
  call(name: string): CallRow;
  /** Every account that the action named. */
  account(account: string): AccountState;
  /** An account that the action peeks at, if any line of it is overtaken. */
  peek(account: string): AccountState | undefined;
  /** Units by resource, with the changes of this batch. */
  sum(owner: string): Use[];
  addHeld(held: HeldUse, sign: 1n | -1n): void;
  /** Has lines that changed counted in the sums. */
  touch(state: AccountState, lines: readonly LineState[]): void;
  /** Notes that a call was changed. */
  write(call: CallRow): void;
}

/** An action on some calls and accounts, in a transaction that it may share with others. */
export interface Action {
  readonly names: readonly string[];
  readonly accounts: readonly string[];
  /** Accounts whose overtaken lines it looks at, without a lock. */
  readonly peeks?: readonly string[];
  /** Owners of the sums that it reads. */
  readonly owners: readonly string[];
  /** Whether it needs the statements of its accounts. */
  readonly withStatements: boolean;
  /** Throws before it changes anything, or not at all. May run again after a doubt. */
  readonly run: (workspace: Workspace) => unknown;
}

/** Result of an action. */
export type ActionResult = { readonly value: unknown } | { readonly error: unknown };

/** Resource of the row that stands for an owner of sums. */
const LOCK = -1;

const STATES = ["none", "held", "counted"] as const;

/**
 * Runs actions in one transaction. Rows are locked in one order everywhere: calls, accounts, sums, each ascending. So
 * no two transactions wait for each other.
 */
export async function runBatch(
  query: Query,
  schema: string,
  actions: readonly Action[],
): Promise<ActionResult[]> {
  const { calls, horizon } = await loadCalls(
    query,
    schema,
    namesOf(actions, ({ names }) => names),
  );
  const withStatements = new Set(
    actions.filter((action) => action.withStatements).flatMap(({ accounts }) => accounts),
  );
  const states = await loadAccounts(
    query,
    schema,
    namesOf(actions, ({ accounts }) => accounts),
    withStatements,
  );
  const known = new Map(
    [...states].map(([account, state]) => [account, state.statements.map(copyOf)] as const),
  );
  const overtaken = await loadOvertaken(
    query,
    schema,
    namesOf(actions, ({ peeks = [] }) => peeks),
  );
  const sums = await loadSums(
    query,
    schema,
    namesOf(actions, ({ owners }) => owners),
  );
  const changes = new Map<string, bigint>();
  const [touched, written] = [new Set<string>(), new Set<CallRow>()];

  const add = (owner: string, resource: bigint, units: bigint) => {
    const key = `${owner} ${resource}`;
    changes.set(key, (changes.get(key) ?? 0n) + units);
  };
  const workspace: Workspace = {
    horizon,
    call: (name) => entryOf(calls, name),
    account: (account) => entryOf(states, account),
    peek: (account) => overtaken.get(account),
    sum: (owner) => {
      const all = new Map(sums.get(owner));
      for (const [key, units] of changes) {
        const [who = "", resource = "0"] = key.split(" ");
        if (who === owner) all.set(BigInt(resource), (all.get(BigInt(resource)) ?? 0n) + units);
      }
      return [...all].flatMap(([resource, units]) => (units === 0n ? [] : [{ resource, units }]));
    },
    addHeld: (held, sign) => {
      for (const name of sumsOf(held))
        for (const { resource, units } of held.uses) add(name, resource, sign * units);
    },
    touch: (state, lines) => {
      touched.add(state.account);
      const { account } = state;
      for (const { provider, resource, units } of takeDeltas(lines))
        for (const name of sumsOf({ account, provider })) add(name, resource, units);
    },
    write: (call) => {
      written.add(call);
    },
  };
  const results = actions.map(({ run }): ActionResult => {
    try {
      return { value: run(workspace) };
    } catch (error) {
      return { error };
    }
  });

  await saveCalls(query, schema, [...written], [...calls.values()]);
  const changed = [...touched].map((account) => entryOf(states, account));
  await saveAccounts(query, schema, changed);
  for (const state of changed)
    if (withStatements.has(state.account))
      await saveStatements(query, schema, state, known.get(state.account) ?? []);
  await saveSums(query, schema, changes);
  return results;
}

function namesOf(actions: readonly Action[], of: (action: Action) => readonly string[]): string[] {
  return [...new Set(actions.flatMap(of))].sort();
}

function entryOf<K, V>(map: ReadonlyMap<K, V>, key: K): V {
  const value = map.get(key);
  if (value === undefined) throw new Error(`An action did not name ${String(key)}.`);
  return value;
}

async function loadCalls(
  query: Query,
  schema: string,
  names: readonly string[],
): Promise<{ calls: Map<string, CallRow>; horizon: bigint }> {
  if (names.length === 0) return { calls: new Map(), horizon: 0n };
  // A name that is not there yet is claimed, so that another transaction with the same one waits for this one. One that is
  // there is locked by the update.
  const rows = await query(
    `INSERT INTO ${schema}.calls AS c (name) SELECT unnest($1::text[]) ORDER BY 1
     ON CONFLICT (name) DO UPDATE SET state = c.state
     RETURNING name, state, request, epoch, token, answer, held, (SELECT horizon FROM ${schema}.meta) AS horizon,
       greatest(0, extract(epoch FROM until - clock_timestamp()) * 1000)::float8 AS lease`,
    [names],
  );
  const calls = new Map(rows.map((row) => [row["name"] as string, toCall(row)] as const));
  return { calls, horizon: BigInt(rows[0]?.["horizon"] as string) };
}

/** A row as a call. */
export function toCall(row: Rows[number]): CallRow {
  const { name, state, request, epoch, token, answer, held, lease } = row;
  return {
    name: name as string,
    state: STATES[state as number] ?? "none",
    request: request as string,
    epoch: BigInt(epoch as string),
    token: token as string,
    answer: answer == null ? undefined : (answer as Buffer).toString("utf8"),
    held: held == null ? undefined : (decode(held as string) as HeldUse),
    lease: Number(lease ?? 0),
  };
}

async function saveCalls(
  query: Query,
  schema: string,
  written: readonly CallRow[],
  all: readonly CallRow[],
): Promise<void> {
  const kept = written.filter(({ state }) => state !== "none");
  if (kept.length > 0)
    await query(
      `UPDATE ${schema}.calls c SET state = v.state, request = v.request, epoch = v.epoch, token = v.token,
         answer = v.answer, held = v.held, until = clock_timestamp() + v.lease * interval '1 millisecond'
       FROM unnest($1::text[], $2::smallint[], $3::text[], $4::bigint[], $5::text[], $6::bytea[], $7::text[], $8::float8[])
         AS v (name, state, request, epoch, token, answer, held, lease)
       WHERE c.name = v.name`,
      [
        kept.map(({ name }) => name),
        kept.map(({ state }) => STATES.indexOf(state)),
        kept.map(({ request }) => request),
        kept.map(({ epoch }) => String(epoch)),
        kept.map(({ token }) => token),
        kept.map(({ answer }) => (answer === undefined ? null : Buffer.from(answer, "utf8"))),
        kept.map(({ held }) => (held === undefined ? null : encode(held))),
        kept.map(({ lease }) => lease),
      ],
    );
  const unused = all.filter(({ state }) => state === "none").map(({ name }) => name);
  if (unused.length > 0) await query(`DELETE FROM ${schema}.calls WHERE name = ANY($1)`, [unused]);
}

async function loadAccounts(
  query: Query,
  schema: string,
  accounts: readonly string[],
  withStatements: ReadonlySet<string>,
): Promise<Map<string, AccountState>> {
  if (accounts.length === 0) return new Map();
  const select = () =>
    query(
      `SELECT account, next, lines FROM ${schema}.accounts WHERE account = ANY($1) ORDER BY account FOR UPDATE`,
      [accounts],
    );
  let rows = await select();
  if (rows.length < accounts.length) {
    await query(
      `INSERT INTO ${schema}.accounts (account) SELECT unnest($1::text[]) ORDER BY 1 ON CONFLICT DO NOTHING`,
      [accounts],
    );
    rows = await select();
  }
  const states = new Map(rows.map((row) => [row["account"] as string, toAccount(row)] as const));
  if (withStatements.size > 0)
    for (const { account, record } of (
      await query(
        `SELECT *, 0 AS wait FROM ${schema}.statements WHERE account = ANY($1) ORDER BY account, place`,
        [[...withStatements]],
      )
    ).map(toStatement))
      states.get(account)?.statements.push(record);
  return states;
}

async function loadOvertaken(
  query: Query,
  schema: string,
  accounts: readonly string[],
): Promise<Map<string, AccountState>> {
  if (accounts.length === 0) return new Map();
  const rows = await query(
    `SELECT account, next, lines FROM ${schema}.accounts WHERE is_overtaken AND account = ANY($1)`,
    [accounts],
  );
  return new Map(rows.map((row) => [row["account"] as string, toAccount(row)] as const));
}

/** A row as an account without its statements. */
export function toAccount(row: Rows[number]): AccountState {
  const state = newAccount(row["account"] as string);
  state.next = row["next"] as number;
  for (const line of decode(row["lines"] as string) as LineState[])
    state.lines.set(keyOf(line), line);
  return state;
}

/** A row as a statement. `until` of one that is set aside is in milliseconds from now. */
export function toStatement(row: Rows[number]): { account: string; record: StatementState } {
  const { id, account, place, body, dropped, transaction, wait } = row;
  const { aside_reason: reason, aside_times: times } = row;
  return {
    account: account as string,
    record: {
      id: id as string,
      order: place as number,
      signed: decode(body as string) as SignedStatement,
      dropped: dropped as number[],
      ...(transaction != null && { transaction: transaction as string }),
      ...(reason != null && {
        aside: { reason: reason as string, times: times as number, until: Number(wait) },
      }),
    },
  };
}

async function saveAccounts(
  query: Query,
  schema: string,
  states: readonly AccountState[],
): Promise<void> {
  if (states.length === 0) return;
  const lines = states.map((state) => [...state.lines.values()]);
  await query(
    `UPDATE ${schema}.accounts a SET next = v.next, lines = v.lines, oldest_due = v.oldest_due, is_live = v.is_live,
       is_overtaken = v.is_overtaken
     FROM unnest($1::text[], $2::integer[], $3::text[], $4::bigint[], $5::boolean[], $6::boolean[])
       AS v (account, next, lines, oldest_due, is_live, is_overtaken)
     WHERE a.account = v.account`,
    [
      states.map(({ account }) => account),
      states.map(({ next }) => next),
      lines.map(encode),
      lines.map(oldestDue),
      lines.map((all) =>
        all.some(({ signed, final, overtaken }) => signed > final || overtaken > 0n),
      ),
      lines.map((all) => all.some(({ overtaken }) => overtaken > 0n)),
    ],
  );
}

function oldestDue(lines: readonly LineState[]): string | null {
  const epochs = lines.flatMap(({ open, overtaken }) =>
    overtaken > 0n ? [] : open.map(({ epoch }) => epoch),
  );
  if (epochs.length === 0) return null;
  return String(epochs.reduce((oldest, epoch) => (epoch < oldest ? epoch : oldest)));
}

async function saveStatements(
  query: Query,
  schema: string,
  { account, statements }: AccountState,
  before: readonly StatementState[],
): Promise<void> {
  const old = new Map(before.map((record) => [record.id, record]));
  const now = new Set(statements.map(({ id }) => id));
  const gone = before.filter(({ id }) => !now.has(id)).map(({ id }) => id);
  if (gone.length > 0) await query(`DELETE FROM ${schema}.statements WHERE id = ANY($1)`, [gone]);
  for (const { id, order, signed, dropped } of statements) {
    const known = old.get(id);
    if (!known)
      await query(
        `INSERT INTO ${schema}.statements (id, account, place, body, dropped) VALUES ($1, $2, $3, $4, $5)`,
        [id, account, order, encode(signed), dropped],
      );
    else if (known.dropped.length !== dropped.length)
      await query(`UPDATE ${schema}.statements SET dropped = $2 WHERE id = $1`, [id, dropped]);
  }
}

async function loadSums(
  query: Query,
  schema: string,
  owners: readonly string[],
): Promise<Map<string, Map<bigint, bigint>>> {
  const sums = new Map<string, Map<bigint, bigint>>();
  if (owners.length === 0) return sums;
  await lockOwners(query, schema, owners);
  const rows = await query(
    `SELECT owner, resource, units FROM ${schema}.sums WHERE owner = ANY($1) AND resource >= 0`,
    [owners],
  );
  for (const { owner, resource, units } of rows) {
    const sum = sums.get(owner as string) ?? new Map<bigint, bigint>();
    sums.set(owner as string, sum);
    sum.set(BigInt(resource as string), BigInt(units as string));
  }
  return sums;
}

/**
 * Locks owners of sums by a row that each has for this. A sum of the first use of a resource is no row yet, which nobody
 * could lock. The sums are read in a later statement, whose snapshot has those of every transaction that held a lock before.
 */
async function lockOwners(query: Query, schema: string, owners: readonly string[]): Promise<void> {
  const lock = () =>
    query(
      `SELECT owner FROM ${schema}.sums WHERE owner = ANY($1) AND resource = ${LOCK} ORDER BY owner FOR UPDATE`,
      [owners],
    );
  if ((await lock()).length === owners.length) return;
  await query(
    `INSERT INTO ${schema}.sums (owner, resource, units) SELECT unnest($1::text[]), ${LOCK}, 0 ORDER BY 1
     ON CONFLICT DO NOTHING`,
    [owners],
  );
  await lock();
}

async function saveSums(
  query: Query,
  schema: string,
  changes: ReadonlyMap<string, bigint>,
): Promise<void> {
  const rows = [...changes]
    .filter(([, units]) => units !== 0n)
    .map(([key, units]) => [...key.split(" "), String(units)]);
  if (rows.length === 0) return;
  await query(
    `INSERT INTO ${schema}.sums AS s (owner, resource, units)
     SELECT * FROM unnest($1::text[], $2::bigint[], $3::numeric[]) AS v (owner, resource, units) ORDER BY owner, resource
     ON CONFLICT (owner, resource) DO UPDATE SET units = s.units + excluded.units`,
    [0, 1, 2].map((column) => rows.map((row) => row[column])),
  );
}

function copyOf(record: StatementState): StatementState {
  return { ...record, dropped: [...record.dropped] };
}

/** A value as text. Numbers become text with an `n`, which no other text of these values looks like. */
export function encode(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "bigint" ? `${part}n` : part,
  );
}

/** The value that a text is. */
export function decode(text: string): unknown {
  return revive(JSON.parse(text));
}

/** Numbers in place of their text, in a value that was just parsed. */
function revive(value: unknown): unknown {
  if (typeof value === "string") return NUMBER.test(value) ? BigInt(value.slice(0, -1)) : value;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i += 1) value[i] = revive(value[i]);
    return value;
  }
  if (typeof value === "object" && value !== null) {
    const fields = value as Record<string, unknown>;
    for (const name of Object.keys(fields)) fields[name] = revive(fields[name]);
  }
  return value;
}

const NUMBER = /^-?\d+n$/;
