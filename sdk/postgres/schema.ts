import { MeterError } from "../metering/meter-error.js";
import type { Query } from "./client.js";

/** Version of the tables. A library reads the version that it was made for and no other. */
export const SCHEMA_VERSION = 1;

/** Deployment that a database is bound to. */
export interface Binding {
  readonly schema: string;
  readonly chainId: bigint;
  readonly settlement: string;
}

const NAME = /^[a-z_][a-z0-9_]{0,40}$/;

/**
 * Makes the tables if there are none.
 *
 * @returns whether nothing was ever stored in them.
 * @throws {MeterError} `misplaced` if they are of another version or another deployment.
 */
export async function prepareSchema(query: Query, binding: Binding): Promise<boolean> {
  const { schema, chainId, settlement } = binding;
  if (!NAME.test(schema)) throw new MeterError(`"${schema}" is no name of a schema.`);
  await query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`${schema} schema`]);
  const [found] = await query("SELECT to_regclass($1) AS meta, to_regclass($2) AS election", [
    `${schema}.meta`,
    `${schema}.election`,
  ]);
  if (found?.["meta"] == null) {
    await query(tables(schema));
    await query(`INSERT INTO ${schema}.meta (version, chain_id, settlement) VALUES ($1, $2, $3)`, [
      SCHEMA_VERSION,
      String(chainId),
      settlement,
    ]);
    return true;
  }
  const [meta = {}] = await query(
    `SELECT version, chain_id, settlement,
       NOT EXISTS (SELECT FROM ${schema}.calls) AND NOT EXISTS (SELECT FROM ${schema}.accounts) AS is_new
     FROM ${schema}.meta`,
  );
  if (meta["version"] !== SCHEMA_VERSION)
    throw new MeterError(
      `Schema "${schema}" of the database has version ${String(meta["version"])}, and this library reads version ` +
        `${SCHEMA_VERSION}: use the library that made it, or another schema.`,
      "misplaced",
    );
  if (meta["chain_id"] !== String(chainId) || meta["settlement"] !== settlement)
    throw new MeterError(
      `Schema "${schema}" of the database belongs to contract ${String(meta["settlement"])} on chain ` +
        `${String(meta["chain_id"])}, and this meter is for contract ${settlement} on chain ${chainId}: use another schema.`,
      "misplaced",
    );
  if (found["election"] == null) await query(election(schema)); // a library before this one made the tables
  return meta["is_new"] === true;
}

/** Generation of the settler's place, and when its holder was last heard of. */
function election(schema: string): string {
  return `
    CREATE TABLE ${schema}.election (
      is_single boolean PRIMARY KEY DEFAULT true CHECK (is_single),
      generation bigint NOT NULL DEFAULT 0,
      heard timestamptz NOT NULL DEFAULT clock_timestamp()
    );
    INSERT INTO ${schema}.election DEFAULT VALUES;
  `;
}

function tables(schema: string): string {
  return `
    CREATE SCHEMA IF NOT EXISTS ${schema};
    CREATE TABLE ${schema}.meta (
      is_single boolean PRIMARY KEY DEFAULT true CHECK (is_single),
      version integer NOT NULL,
      chain_id text NOT NULL,
      settlement text NOT NULL,
      horizon bigint NOT NULL DEFAULT 0,
      scanned bigint
    );
    ${election(schema)}
    -- state: 0 claimed within a transaction, 1 held while it is served, 2 counted
    CREATE TABLE ${schema}.calls (
      name text PRIMARY KEY,
      state smallint NOT NULL DEFAULT 0,
      request text NOT NULL DEFAULT '',
      epoch bigint NOT NULL DEFAULT 0,
      token text NOT NULL DEFAULT '',
      answer bytea,
      held text,
      until timestamptz
    );
    CREATE INDEX calls_by_epoch ON ${schema}.calls (epoch);
    CREATE INDEX calls_held ON ${schema}.calls (until) WHERE state = 1;
    CREATE TABLE ${schema}.accounts (
      account text PRIMARY KEY,
      next integer NOT NULL DEFAULT 0,
      lines text NOT NULL DEFAULT '[]',
      oldest_due bigint,
      is_live boolean NOT NULL DEFAULT false,
      is_overtaken boolean NOT NULL DEFAULT false
    );
    CREATE INDEX accounts_due ON ${schema}.accounts (oldest_due) WHERE oldest_due IS NOT NULL;
    CREATE INDEX accounts_live ON ${schema}.accounts (account) WHERE is_live;
    CREATE INDEX accounts_overtaken ON ${schema}.accounts (account) WHERE is_overtaken;
    CREATE TABLE ${schema}.statements (
      id text PRIMARY KEY,
      account text NOT NULL REFERENCES ${schema}.accounts,
      place integer NOT NULL,
      body text NOT NULL,
      dropped integer[] NOT NULL DEFAULT '{}',
      transaction text,
      aside_reason text,
      aside_times integer NOT NULL DEFAULT 0,
      aside_until timestamptz,
      UNIQUE (account, place)
    );
    -- owner: "p" and a provider, "a" and an account, or "m" and an account and a provider; resource -1: a row to lock
    CREATE TABLE ${schema}.sums (
      owner text,
      resource bigint,
      units numeric(40) NOT NULL,
      PRIMARY KEY (owner, resource)
    );
    CREATE TABLE ${schema}.sent (
      sender text,
      nonce bigint,
      body text NOT NULL,
      PRIMARY KEY (sender, nonce)
    );
  `;
}
