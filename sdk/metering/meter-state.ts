import { createHash } from "node:crypto";

import type {
  AccountState,
  CallRecord,
  LineState,
  MeterEntry,
  RememberedCall,
  SettledLine,
} from "./meter-entries.js";
import { MeterError } from "./meter-error.js";
import {
  compareLines,
  MAX_LINES,
  type Line,
  type SignedStatement,
} from "../statements/statement.js";

/** Statement to be signed: running totals up to the end of an epoch, priced at that epoch. */
export interface StatementDraft {
  readonly account: string;
  readonly priceEpoch: bigint;
  readonly lines: readonly Line[];
}

/** An account with its lines by provider and resource. */
interface Account extends Omit<AccountState, "lines"> {
  readonly lines: Map<string, LineState>;
}

const SNAPSHOT_CALLS = 1_000;
const MAX_UNITS = (1n << 128n) - 1n;

/**
 * Everything a meter knows, as its journal tells it. `apply` is the one way to change it, so what is read back after a
 * crash is what was there before. Addresses are in checksum form everywhere.
 */
export class MeterState {
  readonly #accounts = new Map<string, Account>();
  readonly #calls = new Map<string, RememberedCall>();
  #horizon = 0n;

  /** Takes an entry that was checked. */
  apply(entry: MeterEntry): void {
    switch (entry.kind) {
      case "call":
        this.#count(entry.call);
        break;
      case "signed":
        this.#cover(entry.signed);
        break;
      case "settled":
        this.#settle(entry.account, entry.lines);
        break;
      case "reopened":
        this.#reopen(entry.account, entry.priceEpoch);
        break;
      case "forgotten":
        this.#forget(entry.epoch);
        break;
      case "account": {
        const lines = entry.state.lines.map((line) => [keyOf(line), line] as const);
        this.#accounts.set(entry.state.account, { ...entry.state, lines: new Map(lines) });
        break;
      }
      case "calls":
        for (const call of entry.calls) this.#calls.set(call.id, call);
    }
  }

  /** Entries that make up the same state when they are applied to an empty one. */
  *snapshot(): Generator<MeterEntry> {
    yield { kind: "forgotten", epoch: this.#horizon };
    for (const { lines, ...account } of this.#accounts.values())
      yield { kind: "account", state: { ...account, lines: [...lines.values()] } };
    const calls = [...this.#calls.values()];
    for (let i = 0; i < calls.length; i += SNAPSHOT_CALLS)
      yield { kind: "calls", calls: calls.slice(i, i + SNAPSHOT_CALLS) };
  }

  /** Whether a call was counted before. @throws {MeterError} if it cannot be counted. */
  isKnown(call: CallRecord): boolean {
    const known = this.#calls.get(call.id);
    if (known?.digest === digestOf(call)) return true;
    if (known)
      throw new MeterError(
        `Call "${call.id}" was counted before with other content, in epoch ${known.epoch}.`,
      );
    if (call.epoch < this.#horizon)
      throw new MeterError(
        `Call "${call.id}" is of epoch ${call.epoch}, and calls before epoch ${this.#horizon} are forgotten.`,
      );
    const account = this.#accounts.get(call.account);
    if (account && call.epoch < account.epoch)
      throw new MeterError(
        `Call "${call.id}" is of epoch ${call.epoch}, and epoch ${account.epoch} has begun for account ` +
          `${call.account}: the clock went backwards.`,
      );
    for (const { resource, units } of call.uses) {
      const used = account?.lines.get(keyOf({ provider: call.provider, resource }))?.used ?? 0n;
      if (used + units > MAX_UNITS)
        throw new MeterError(
          `Call "${call.id}" takes a running total over what a statement holds.`,
        );
    }
    return false;
  }

  /** Whether a call of this name is remembered. */
  remembers(id: string): boolean {
    return this.#calls.has(id);
  }

  /** Statements that are to be signed, oldest epoch first. */
  due(account?: string, before?: bigint): StatementDraft[] {
    return this.#select(account)
      .flatMap(draftsOf)
      .filter(({ priceEpoch }) => before === undefined || priceEpoch < before)
      .sort((left, right) => compare(left.priceEpoch, right.priceEpoch));
  }

  /** The statement that was signed for exactly this draft and is not known to be settled. */
  findSigned({ account, priceEpoch, lines }: StatementDraft): SignedStatement | undefined {
    return this.#accounts
      .get(account)
      ?.pending.find(
        ({ statement }) =>
          statement.priceEpoch === priceEpoch &&
          statement.lines.length === lines.length &&
          lines.every((line) =>
            statement.lines.some((other) => isSame(line, other) && has(other, line)),
          ),
      );
  }

  /** Makes sure that a draft says what was served and not signed. @throws {MeterError} if it does not. */
  checkDraft({ account, priceEpoch, lines }: StatementDraft): void {
    const { floor = 0n, lines: states } = this.#accounts.get(account) ?? {};
    for (const line of lines) {
      const { provider, resource, cumulativeUnits } = line;
      const what = `resource ${resource} of provider ${provider}`;
      const open = openCuts(states?.get(keyOf(line)), floor);
      const total = open.findLast(({ epoch }) => epoch <= priceEpoch)?.total ?? 0n;
      const older = open.find(({ epoch }) => epoch < priceEpoch);
      const covered = states?.get(keyOf(line))?.covered ?? 0n;
      if (cumulativeUnits <= covered)
        throw new MeterError(
          `Account ${account} has signed for ${covered} units of ${what}, so ${cumulativeUnits} add nothing.`,
        );
      if (cumulativeUnits > total)
        throw new MeterError(
          `Account ${account} has no ${cumulativeUnits} units of ${what} to sign for in epoch ${priceEpoch}.`,
        );
      if (older)
        throw new MeterError(
          `Account ${account} has units of ${what} to sign for in epoch ${older.epoch}, before epoch ${priceEpoch}.`,
        );
    }
  }

  /** Statements not known to be settled and visible, in the order to settle; with or without replaced ones. */
  pending(
    account: string | undefined,
    all: boolean,
    isVisible: (signed: SignedStatement) => boolean,
  ): SignedStatement[] {
    return this.#select(account)
      .map(({ pending }) => pending.filter(isVisible))
      .flatMap((pending) => (all ? pending : withoutReplaced(pending)))
      .sort((left, right) => compare(left.statement.priceEpoch, right.statement.priceEpoch));
  }

  /** Every line there is, in the order of their first use. */
  lines(account?: string): (LineState & { account: string })[] {
    return this.#select(account).flatMap(({ account: owner, lines }) =>
      [...lines.values()].map((line) => ({ account: owner, ...line })),
    );
  }

  #select(account: string | undefined): Account[] {
    if (account === undefined) return [...this.#accounts.values()];
    const found = this.#accounts.get(account);
    return found ? [found] : [];
  }

  #count(call: CallRecord): void {
    const { id, epoch, provider, uses } = call;
    this.#calls.set(id, { id, epoch, digest: digestOf(call) });
    const account = this.#accountOf(call.account);
    account.epoch = later(account.epoch, epoch);
    for (const { resource, units } of uses) {
      const line = lineOf(account, provider, resource);
      line.used += units;
      const last = line.cuts.at(-1);
      if (last?.epoch === epoch) last.total = line.used;
      else line.cuts.push({ epoch, total: line.used });
    }
  }

  #cover(signed: SignedStatement): void {
    const { account: owner, priceEpoch, lines } = signed.statement;
    const account = this.#accountOf(owner);
    account.epoch = later(account.epoch, priceEpoch);
    for (const { provider, resource, cumulativeUnits } of lines) {
      const line = lineOf(account, provider, resource);
      line.signed = later(line.signed, cumulativeUnits);
      line.covered = later(line.covered, cumulativeUnits);
    }
    account.pending.push(signed);
    dropSettled(account);
  }

  #settle(owner: string, lines: readonly SettledLine[]): void {
    const account = this.#accountOf(owner);
    for (const { provider, resource, cumulativeUnits, lastEpoch } of lines) {
      const line = lineOf(account, provider, resource);
      const known = later(line.signed, servedUntil(line, lastEpoch));
      // A total that was never signed here: the journal before this one is lost, and what was served since adds to it.
      if (cumulativeUnits > known) {
        const missing = cumulativeUnits - known;
        for (const cut of line.cuts) if (cut.total > known) cut.total += missing;
        line.used += missing;
      }
      line.settled = later(line.settled, cumulativeUnits);
      line.signed = later(line.signed, line.settled);
      line.covered = later(line.covered, line.settled);
      line.cuts = line.cuts.filter(({ total }) => total > line.settled);
    }
    dropSettled(account);
  }

  #reopen(owner: string, priceEpoch: bigint): void {
    const account = this.#accountOf(owner);
    account.pending = [];
    account.floor = later(account.floor, priceEpoch);
    for (const line of account.lines.values()) line.covered = line.settled;
  }

  #forget(epoch: bigint): void {
    this.#horizon = later(this.#horizon, epoch);
    for (const call of this.#calls.values())
      if (call.epoch < this.#horizon) this.#calls.delete(call.id);
  }

  #accountOf(owner: string): Account {
    const account = this.#accounts.get(owner) ?? {
      account: owner,
      epoch: 0n,
      floor: 0n,
      lines: new Map<string, LineState>(),
      pending: [],
    };
    this.#accounts.set(owner, account);
    return account;
  }
}

function draftsOf({ account, floor, lines }: Account): StatementDraft[] {
  const epochs = new Map<bigint, Map<string, Line>>();
  for (const [key, line] of lines)
    for (const { epoch, total } of openCuts(line, floor)) {
      const totals = epochs.get(epoch) ?? new Map<string, Line>();
      epochs.set(epoch, totals);
      const { provider, resource } = line;
      totals.set(key, { provider, resource, cumulativeUnits: total });
    }
  return [...epochs].flatMap(([priceEpoch, totals]) => {
    const ordered = [...totals.values()].sort(compareLines);
    const drafts: StatementDraft[] = [];
    for (let i = 0; i < ordered.length; i += MAX_LINES)
      drafts.push({ account, priceEpoch, lines: ordered.slice(i, i + MAX_LINES) });
    return drafts;
  });
}

/** Totals that are not signed for, by the epoch that they are priced at. */
function openCuts(line: LineState | undefined, floor: bigint): { epoch: bigint; total: bigint }[] {
  if (!line) return [];
  return line.cuts
    .filter(({ total }) => total > line.covered)
    .map(({ epoch, total }) => ({ epoch: later(epoch, floor), total }));
}

/** Units served until the end of an epoch, as far as they are not known to be settled; all without an epoch. */
function servedUntil({ used, cuts }: LineState, epoch: bigint | undefined): bigint {
  if (epoch === undefined) return used;
  return cuts.findLast((cut) => cut.epoch <= epoch)?.total ?? 0n;
}

/** Statements of an account without those that a later one replaces. */
function withoutReplaced(statements: readonly SignedStatement[]): SignedStatement[] {
  const kept: SignedStatement[] = [];
  for (const signed of statements.toReversed()) {
    const isReplaced = kept.some((next) => replaces(next, signed));
    // What another signer signed in between would otherwise be charged with it.
    if (!isReplaced || kept.some((next) => isOfAnother(next, signed))) kept.push(signed);
  }
  return kept.reverse();
}

/** Whether a later statement of another signer has a line in common with an earlier one. */
function isOfAnother(next: SignedStatement, signed: SignedStatement): boolean {
  return (
    next.signer !== signed.signer &&
    signed.statement.lines.some((line) => next.statement.lines.some((other) => isSame(line, other)))
  );
}

/** Whether a later statement settles all that an earlier one does, under the same conditions. */
function replaces(next: SignedStatement, signed: SignedStatement): boolean {
  return (
    next.signer === signed.signer &&
    next.statement.priceEpoch === signed.statement.priceEpoch &&
    next.statement.deadline >= signed.statement.deadline &&
    signed.statement.lines.every((line) =>
      next.statement.lines.some(
        (other) => isSame(line, other) && other.cumulativeUnits >= line.cumulativeUnits,
      ),
    )
  );
}

function dropSettled(account: Account): void {
  account.pending = account.pending.filter(({ statement }) =>
    statement.lines.some(
      (line) => line.cumulativeUnits > (account.lines.get(keyOf(line))?.settled ?? 0n),
    ),
  );
}

function lineOf(account: Account, provider: string, resource: bigint): LineState {
  const key = keyOf({ provider, resource });
  const line = account.lines.get(key) ?? {
    provider,
    resource,
    used: 0n,
    signed: 0n,
    covered: 0n,
    settled: 0n,
    cuts: [],
  };
  account.lines.set(key, line);
  return line;
}

function digestOf({ account, provider, epoch, uses }: CallRecord): string {
  const content = [
    account,
    provider,
    epoch,
    ...uses.flatMap(({ resource, units }) => [resource, units]),
  ];
  return createHash("sha256").update(content.join(" ")).digest("base64").slice(0, 22);
}

function keyOf({ provider, resource }: Pick<Line, "provider" | "resource">): string {
  return `${provider} ${resource}`;
}

function isSame(left: Line, right: Line): boolean {
  return left.provider === right.provider && left.resource === right.resource;
}

function has(line: Line, { cumulativeUnits }: Line): boolean {
  return line.cumulativeUnits === cumulativeUnits;
}

function later(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}

function compare(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
