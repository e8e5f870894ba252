import {
  adopt,
  count,
  cover,
  draftOf,
  dueOf,
  keyOf,
  newAccount,
  reopen,
  requireFit,
  requireRoom,
  see,
  seeFinal,
  takeDeltas,
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
import { refuse, sumOf, Sums, sumsOf } from "../metering/exposure.js";
import type { LineState } from "../metering/line.js";
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
import type { Disk } from "./disk.js";
import {
  decodeEntry,
  encodeCall,
  encodeEntry,
  toState,
  type CallEntry,
  type StoreEntry,
} from "./journal-entries.js";
import { Journal, JournalError, type Place, type Snapshot } from "./journal.js";

/** Where the journal is, and the deployment that it meters for. */
export interface JournalStoreOptions {
  readonly file: string;
  readonly chainId: bigint;
  readonly settlement: string;
  /** Latest epoch that a call may have, see `latestEpochBy`; any if left out. */
  readonly latestEpoch?: () => bigint;
  readonly disk?: Disk;
}

/** A call that is counted. Its answer stays in the file, and is in memory only until it is there. */
interface KnownCall {
  readonly name: string;
  readonly request: string;
  readonly epoch: bigint;
  answer: string | undefined;
  /** Entry with the answer. */
  place: Place | undefined;
}

/** A call that is being served. */
interface Hold {
  readonly token: string;
  readonly request: string;
  readonly account: string;
  readonly provider: string;
  readonly uses: readonly Use[];
  /** Moment of the monotonic clock, in milliseconds. */
  readonly until: number;
}

const COMPACT_FROM = 16 << 20; // bytes
const READS_AT_ONCE = 128;

/**
 * A meter's store in one file, for one process; a second opening is refused. Everything but the answers of calls is
 * also in memory. The file is compacted by itself whenever it has doubled.
 */
export class JournalStore implements MeterStore {
  readonly chainId: bigint;
  readonly settlement: string;
  readonly #domain: StatementDomain;
  readonly #latestEpoch: (() => bigint) | undefined;
  #journal!: Journal;

  readonly #accounts = new Map<string, AccountState>();
  readonly #calls = new Map<string, KnownCall>();
  readonly #held = new Map<string, Hold>();
  #leases = 0;
  readonly #sums = new Sums();
  /** Accounts that may have use to sign for, and accounts that may have statements or totals that are not final. */
  readonly #due = new Set<string>();
  readonly #live = new Set<string>();
  readonly #overtaken = new Set<string>();
  readonly #sent = new Map<string, SentTransaction>();
  #horizon = 0n;
  #scanned: number | undefined;
  #isLed = false;
  #isCompacting = false;

  private constructor({ chainId, settlement, latestEpoch }: JournalStoreOptions) {
    this.chainId = chainId;
    this.settlement = readAddress(settlement, "the settlement contract");
    this.#domain = createDomain(chainId, this.settlement);
    this.#latestEpoch = latestEpoch;
  }

  /**
   * Opens the store that a journal describes, or a new one if there is no such file.
   *
   * @throws {JournalError} if the journal is open elsewhere, damaged, or of another deployment.
   */
  static async open(options: JournalStoreOptions): Promise<JournalStore> {
    const store = new JournalStore(options);
    const { file, disk } = options;
    const binding = { chainId: String(store.chainId), settlement: store.settlement };
    store.#journal = await Journal.open(
      { file, binding, ...(disk && { disk }) },
      (text, at, place) => {
        const entry = decodeEntry(text);
        if (!entry)
          throw new JournalError(
            `The journal ${file} has an entry at byte ${at} that this version does not know.`,
          );
        if (!("kind" in entry)) settlePlace(store.#applyCall(entry), place);
        else if (entry.kind === "remembered") settlePlace(store.#remember(entry.call), place);
        else store.#apply(entry);
      },
    );
    return store;
  }

  get isNew(): boolean {
    return this.#journal.isNew;
  }

  async begin(call: CallRequest): Promise<Beginning> {
    const plain = readCall(call, this.#latestEpoch?.());
    readRequest(call.request);
    requireLease(call.lease);
    this.#journal.requireOpen();
    const known = this.#calls.get(call.name);
    if (known) {
      requireSame(known, call.request);
      await this.#journal.flush();
      return { kind: "answered", call: await this.#answerOf(known) };
    }
    this.#requireRemembered(plain);
    const now = performance.now();
    const held = this.#held.get(call.name);
    if (held) {
      requireSame({ name: call.name, ...held }, call.request);
      if (held.until > now) return { kind: "running", retryAfter: Math.ceil(held.until - now) };
      this.#release(call.name);
    }
    const { account, provider, uses } = plain;
    const lines = this.#overtakenOf(plain);
    if (lines.length > 0) return { kind: "overtaken", lines };
    const ask = () =>
      refuse(uses, call.risk, {
        provider: this.#sums.of(sumOf({ provider })),
        account: this.#sums.of(sumOf({ account })),
      });
    if (ask()) this.#releaseExpired(now); // only then, since it costs a look at every call in flight
    const refusal = ask();
    if (refusal) return refusal;
    this.#leases += 1;
    const token = String(this.#leases);
    this.#hold(call.name, {
      token,
      request: call.request,
      account,
      provider,
      uses,
      until: now + call.lease,
    });
    return { kind: "open", token };
  }

  abandon(name: string, token: string): Promise<void> {
    return Promise.resolve(name)
      .then(readName)
      .then(() => {
        if (this.#held.get(name)?.token === token) this.#release(name);
      });
  }

  async record(call: ServedCall): Promise<Recorded> {
    const plain = readCall(call, this.#latestEpoch?.());
    requireAnswer(call.answer);
    const request =
      call.request === undefined ? hashContent(contentOf(plain)) : readRequest(call.request);
    this.#journal.requireOpen();
    const known = this.#calls.get(call.name);
    if (known) {
      requireSame(known, request);
      await this.#journal.flush();
      return { isNew: false, call: await this.#answerOf(known) };
    }
    const held = this.#held.get(call.name);
    if (held) requireSame({ name: call.name, ...held }, request);
    this.#requireRemembered(plain);
    requireRoom(this.#accounts.get(plain.account), plain.provider, plain.uses);
    const entry: CallEntry = { ...plain, request, answer: call.answer };
    const { name, epoch, answer } = entry;
    const written = this.#journal.append(encodeCall(entry), (place) => {
      settlePlace(recorded, place);
    });
    this.#release(name);
    const recorded = this.#applyCall(entry);
    await written;
    this.#compactIfGrown();
    return { isNew: true, call: { name, request, epoch, answer } };
  }

  async find(name: string): Promise<RecordedCall | undefined> {
    await this.#journal.flush();
    const known = this.#calls.get(name);
    return known && this.#recall(known);
  }

  async forgetBefore(epoch: bigint): Promise<void> {
    readBegun(epoch, this.#latestEpoch?.());
    if (epoch <= this.#horizon) return;
    await this.#commit({ kind: "forgotten", epoch });
    await this.compact();
  }

  async unsettled(of: { account: string; provider?: string; signer?: string }): Promise<OpenUse[]> {
    this.#journal.requireOpen();
    const state = this.#accounts.get(readAddress(of.account, "the account"));
    const { provider, signer } = of;
    const filter = {
      ...(provider !== undefined && { provider: readAddress(provider, "a provider") }),
      ...(signer !== undefined && { signer: readAddress(signer, "the signer") }),
    };
    return Promise.resolve(state ? unsettledOf(state, filter) : []);
  }

  exposure(of: ExposureOf): Promise<Use[]> {
    this.#releaseExpired(performance.now());
    return Promise.resolve(this.#sums.of(sumOf(of)));
  }

  lines({ account, isOpen = false }: { account?: string; isOpen?: boolean } = {}): Promise<
    LineView[]
  > {
    const states =
      isOpen && account === undefined ? this.#selected(this.#live) : this.#select(account);
    const views = states.flatMap((state) =>
      [...state.lines.values()].map((line) => viewLine(state.account, line)),
    );
    return Promise.resolve(
      isOpen
        ? views.filter(({ signed, final, isOvertaken }) => signed > final || isOvertaken)
        : views,
    );
  }

  due({
    account,
    before,
    limit,
  }: { account?: string; before?: bigint; limit?: number } = {}): Promise<DueUse[]> {
    const states = account === undefined ? this.#selected(this.#due) : this.#select(account);
    const found = states
      .flatMap(dueOf)
      .filter(({ priceEpoch }) => before === undefined || priceEpoch < before)
      .sort((a, b) => Number(a.priceEpoch - b.priceEpoch));
    return Promise.resolve(found.slice(0, limit));
  }

  draft(due: DueUse, maxLines = MAX_LINES): Promise<StatementDraft[]> {
    const state = this.#accounts.get(readAddress(due.account, "the account"));
    return Promise.resolve(state ? draftOf(state, due, maxLines) : []);
  }

  async add(signed: SignedStatement, isWallet = false): Promise<StatementRecord> {
    const plain = readSigned(signed, this.#domain, isWallet);
    this.#journal.requireOpen();
    const { account } = plain.signed.statement;
    const known = this.#find(account, plain.id);
    if (known) await this.#journal.flush();
    else {
      requireFit(this.#accounts.get(account), plain.signed.statement, plain.signed.signer);
      await this.#commit({ kind: "signed", ...plain });
    }
    const { state, record } = this.#require(account, plain.id);
    return view(state, record);
  }

  pending({
    account,
    all = false,
    limit,
  }: { account?: string; all?: boolean; limit?: number } = {}): Promise<StatementRecord[]> {
    const states = account === undefined ? this.#selected(this.#live) : this.#select(account);
    const queues = states.map((state) =>
      state.statements
        .map((record) => view(state, record))
        .filter((record) => isWaiting(record, all)),
    );
    return Promise.resolve(inOrder(queues).slice(0, limit));
  }

  async noteSent(sent: SentTransaction): Promise<void> {
    await this.#commit({ kind: "sent", sent });
  }

  async sent(sender: string, nonce: number): Promise<SentTransaction[]> {
    const owner = readAddress(sender, "the sender");
    const all = [...this.#sent.values()].filter((known) => known.sender === owner);
    if (all.some((known) => known.nonce < nonce))
      await this.#commit({ kind: "mined", sender: owner, nonce });
    return all.filter((known) => known.nonce >= nonce).sort((a, b) => a.nonce - b.nonce);
  }

  async setAside(id: string, reason: string, wait: number): Promise<void> {
    for (const state of this.#selected(this.#live)) {
      const { account } = state;
      if (state.statements.some((record) => record.id === id))
        await this.#commit({ kind: "aside", account, id, reason, wait });
    }
  }

  async mark({
    seen = [],
    final = [],
  }: {
    seen?: readonly LineTotal[];
    final?: readonly LineTotal[];
  }): Promise<OvertakenLine[]> {
    const [plainSeen, plainFinal] = [seen.map(readTotal), final.map(readTotal)];
    const news = plainSeen.filter((total) => this.#isNews(total, "seen"));
    if (news.length > 0) await this.#commit({ kind: "seen", totals: news });
    const finals = plainFinal.filter((total) => this.#isNews(total, "final"));
    if (finals.length > 0) await this.#commit({ kind: "final", totals: finals });
    return [...plainSeen, ...plainFinal].flatMap(({ account, ...place }) => {
      const line = this.#accounts.get(account)?.lines.get(keyOf(place));
      return line && line.overtaken > 0n ? [viewOvertaken(account, line)] : [];
    });
  }

  scanned(): Promise<number | undefined> {
    return Promise.resolve(this.#scanned);
  }

  async noteScanned(block: number): Promise<void> {
    if (block !== this.#scanned) await this.#commit({ kind: "scanned", block });
  }

  async reopen(of: { statement: string } | LineSelection, priceEpoch = 0n): Promise<void> {
    readBegun(priceEpoch, this.#latestEpoch?.());
    if ("statement" in of) {
      const owner = this.#selected(this.#live).find((state) =>
        state.statements.some(({ id }) => id === of.statement),
      );
      if (owner)
        await this.#commit({ kind: "reopened", account: owner.account, of, floor: priceEpoch });
      return;
    }
    const { account, ...lines } = readSelection(of);
    await this.#commit({ kind: "reopened", account, of: lines, floor: priceEpoch });
  }

  async writeOff(of: LineSelection): Promise<LineTotal[]> {
    const { account, ...lines } = readSelection(of);
    const state = this.#accounts.get(account);
    if (!state) return [];
    const before = new Map([...state.lines].map(([key, { debt }]) => [key, debt]));
    await this.#commit({ kind: "writtenOff", account, of: lines });
    return [...state.lines].flatMap(([key, { provider, resource, debt }]) => {
      const total = debt - (before.get(key) ?? 0n);
      return total > 0n ? [{ account, provider, resource, total }] : [];
    });
  }

  async adopt(total: LineTotal, as: "elsewhere" | "here"): Promise<void> {
    const plain = readTotal(total);
    const line = this.#accounts.get(plain.account)?.lines.get(keyOf(plain));
    if (line && plain.total < line.signed)
      throw new MeterError(
        `Total ${plain.total} cannot be adopted: ${line.signed} units were signed here.`,
      );
    if (line && plain.total === line.signed && line.overtaken === 0n) return;
    await this.#commit({ kind: "adopted", total: plain, as });
  }

  overtaken(): Promise<OvertakenLine[]> {
    return Promise.resolve(
      this.#selected(this.#overtaken).flatMap((state) =>
        [...state.lines.values()]
          .filter((line) => line.overtaken > 0n)
          .map((line) => viewOvertaken(state.account, line)),
      ),
    );
  }

  elect(): Promise<Leadership | undefined> {
    if (this.#isLed) return Promise.resolve(undefined);
    this.#isLed = true;
    let isHeld = true;
    return Promise.resolve({
      isHeld: () => Promise.resolve(isHeld),
      release: () => {
        if (isHeld) this.#isLed = false;
        isHeld = false;
        return Promise.resolve();
      },
    });
  }

  /** Replaces the journal by one that says the same in fewer words. */
  compact(): Promise<void> {
    return this.#journal.compact(() => this.#snapshot());
  }

  async close(): Promise<void> {
    await this.#journal.close();
  }

  /** Takes an entry and makes it durable. The state is ahead of the disk for as long as that takes, and never behind. */
  async #commit(entry: Exclude<StoreEntry, { kind: "remembered" }>): Promise<void> {
    this.#journal.requireOpen();
    const written = this.#journal.append(encodeEntry(entry));
    this.#apply(entry);
    await written;
    this.#compactIfGrown();
  }

  #compactIfGrown(): void {
    const { size, compactedSize } = this.#journal;
    if (this.#isCompacting || size < Math.max(COMPACT_FROM, 2 * compactedSize)) return;
    this.#isCompacting = true;
    this.compact()
      .catch(() => undefined) // the journal goes on as it is, or says with the next entry that it cannot
      .finally(() => {
        this.#isCompacting = false;
      });
  }

  #applyCall(entry: CallEntry): KnownCall {
    const call = this.#remember(entry);
    const state = this.#accountOf(entry.account);
    this.#touch(state, count(state, entry));
    if (entry.uses.length > 0) this.#due.add(entry.account);
    return call;
  }

  #remember({ name, request, epoch, answer }: RecordedCall): KnownCall {
    const call = { name, request, epoch, answer, place: undefined };
    this.#calls.set(name, call);
    return call;
  }

  /** A call with its answer. @throws {MeterError} `forgotten` if it was forgotten meanwhile. */
  async #answerOf(call: KnownCall): Promise<RecordedCall> {
    if (this.#calls.get(call.name) !== call)
      throw new MeterError(`Call "${call.name}" is forgotten.`, "forgotten");
    return this.#recall(call);
  }

  /** A call with its answer, from where that is now. */
  async #recall({ name, request, epoch, answer, place }: KnownCall): Promise<RecordedCall> {
    if (!place) return { name, request, epoch, answer };
    const entry = decodeEntry(await this.#journal.read(place));
    const found = entry && ("kind" in entry ? entry.kind === "remembered" && entry.call : entry);
    if (!found || found.name !== name)
      throw new JournalError(`The journal has another entry in place of call "${name}".`);
    return { name, request, epoch, answer: found.answer };
  }

  #apply(entry: Exclude<StoreEntry, { kind: "remembered" }>): void {
    switch (entry.kind) {
      case "signed": {
        const state = this.#accountOf(entry.signed.statement.account);
        this.#settleSets(state, cover(state, entry.id, entry.signed));
        break;
      }
      case "seen":
      case "final": {
        const apply = entry.kind === "seen" ? see : seeFinal;
        for (const { account, total, ...place } of entry.totals) {
          const state = this.#accountOf(account);
          this.#settleSets(state, apply(state, place, total));
        }
        break;
      }
      case "reopened": {
        const state = this.#accountOf(entry.account);
        this.#settleSets(state, reopen(state, entry.of, entry.floor));
        break;
      }
      case "writtenOff": {
        const state = this.#accountOf(entry.account);
        const lines = writeOff(state, entry.of).map(({ line }) => line);
        this.#settleSets(state, lines);
        break;
      }
      case "adopted": {
        const { account, total, ...place } = entry.total;
        const state = this.#accountOf(account);
        this.#settleSets(state, adopt(state, place, total, entry.as));
        break;
      }
      case "sent": {
        const { sent } = entry;
        const those = new Set(sent.statements);
        this.#sent.set(`${sent.sender} ${sent.nonce}`, sent);
        for (const state of this.#selected(this.#live))
          for (const record of state.statements)
            if (those.has(record.id)) record.transaction = sent.transaction;
        break;
      }
      case "mined":
        for (const [key, { sender, nonce }] of this.#sent)
          if (sender === entry.sender && nonce < entry.nonce) this.#sent.delete(key);
        break;
      case "aside": {
        const { account, id, reason, wait } = entry;
        const record = this.#find(account, id);
        const until = performance.now() + wait; // all of it again after a restart
        if (record) record.aside = { reason, until, times: (record.aside?.times ?? 0) + 1 };
        break;
      }
      case "scanned":
        this.#scanned = entry.block;
        break;
      case "forgotten":
        this.#horizon = entry.epoch;
        for (const call of this.#calls.values())
          if (call.epoch < entry.epoch) this.#calls.delete(call.name);
        break;
      case "account": {
        const now = performance.now();
        const state = toState(entry);
        state.statements = state.statements.map((record) => withWait(record, now));
        for (const line of state.lines.values()) line.reported = 0n;
        this.#accounts.set(state.account, state);
        this.#settleSets(state, [...state.lines.values()]);
      }
    }
  }

  /**
   * Everything as of now. The state of the accounts is copied, since it changes while the snapshot is written. Calls do
   * not change, and their answers are read from the old file as they are written to the new one.
   */
  #snapshot(): Snapshot {
    const state = [...this.#stateEntries()];
    const calls = [...this.#calls.values()];
    const recall = (call: KnownCall) => this.#recall(call);
    const entries = async function* () {
      yield* state;
      for (let i = 0; i < calls.length; i += READS_AT_ONCE)
        for (const call of await Promise.all(calls.slice(i, i + READS_AT_ONCE).map(recall)))
          yield encodeEntry({ kind: "remembered", call });
    };
    return {
      count: state.length + calls.length,
      entries: entries(),
      onPlaced: (placeOf) => {
        calls.forEach((call, i) => {
          settlePlace(call, placeOf(state.length + i));
        });
      },
    };
  }

  *#stateEntries(): Generator<string> {
    yield encodeEntry({ kind: "forgotten", epoch: this.#horizon });
    if (this.#scanned !== undefined) yield encodeEntry({ kind: "scanned", block: this.#scanned });
    const now = performance.now();
    for (const { account, next, lines, statements } of this.#accounts.values())
      yield encodeEntry({
        ...{ kind: "account", account, next, lines: [...lines.values()] },
        statements: statements.map((record) => withWait(record, -now)),
      });
    for (const sent of this.#sent.values()) yield encodeEntry({ kind: "sent", sent });
  }

  /** Brings the sums up to date with lines that changed. */
  #touch(state: AccountState, lines: readonly LineState[]): void {
    const { account } = state;
    for (const { provider, resource, units } of takeDeltas(lines))
      for (const name of sumsOf({ account, provider })) this.#sums.add(name, resource, units);
  }

  /** The same, and the sets of accounts that the settler looks at. */
  #settleSets(state: AccountState, lines: readonly LineState[]): void {
    this.#touch(state, lines);
    const all = [...state.lines.values()];
    const put = (set: Set<string>, isIn: boolean) =>
      isIn ? set.add(state.account) : set.delete(state.account);
    put(
      this.#overtaken,
      all.some(({ overtaken }) => overtaken > 0n),
    );
    put(
      this.#due,
      all.some(({ open, overtaken }) => open.length > 0 && overtaken === 0n),
    );
    put(
      this.#live,
      state.statements.length > 0 ||
        all.some(({ signed, final, overtaken }) => signed > final || overtaken > 0n),
    );
  }

  #requireRemembered({ name, epoch }: CheckedCall): void {
    if (epoch < this.#horizon)
      throw new MeterError(
        `Call "${name}" is of epoch ${epoch}, and calls before epoch ${this.#horizon} are forgotten.`,
        "forgotten",
      );
  }

  #overtakenOf({ account, provider, uses }: CheckedCall): OvertakenLine[] {
    const lines = this.#accounts.get(account)?.lines;
    return uses.flatMap(({ resource }) => {
      const line = lines?.get(keyOf({ provider, resource }));
      return line && line.overtaken > 0n ? [viewOvertaken(account, line)] : [];
    });
  }

  #isNews({ account, total, ...place }: LineTotal, kind: "seen" | "final"): boolean {
    const line = this.#accounts.get(account)?.lines.get(keyOf(place));
    if (!line) return total > 0n;
    if (total > line.signed) return line.overtaken !== total;
    return kind === "final"
      ? total > line.final
      : line.overtaken > 0n || line.seen !== (total > line.final ? total : line.final);
  }

  #hold(name: string, hold: Hold): void {
    this.#held.set(name, hold);
    this.#addHeld(hold, 1n);
  }

  #release(name: string): void {
    const hold = this.#held.get(name);
    if (!hold) return;
    this.#held.delete(name);
    this.#addHeld(hold, -1n);
  }

  #releaseExpired(now: number): void {
    for (const [name, { until }] of this.#held) if (until <= now) this.#release(name);
  }

  #addHeld(hold: Hold, sign: bigint): void {
    for (const name of sumsOf(hold))
      for (const { resource, units } of hold.uses) this.#sums.add(name, resource, sign * units);
  }

  #accountOf(account: string): AccountState {
    const state = this.#accounts.get(account) ?? newAccount(account);
    this.#accounts.set(account, state);
    return state;
  }

  #select(account: string | undefined): AccountState[] {
    if (account === undefined) return [...this.#accounts.values()];
    const found = this.#accounts.get(readAddress(account, "the account"));
    return found ? [found] : [];
  }

  #selected(accounts: ReadonlySet<string>): AccountState[] {
    return [...accounts].flatMap((account) => this.#accounts.get(account) ?? []);
  }

  #find(account: string, id: string): StatementState | undefined {
    return this.#accounts.get(account)?.statements.find((record) => record.id === id);
  }

  #require(account: string, id: string): { state: AccountState; record: StatementState } {
    const state = this.#accountOf(account);
    const record = this.#find(account, id);
    if (!record) throw new MeterError(`Statement ${id} is settled and final.`, "unfit");
    return { state, record };
  }
}

/** Notes where the answer of a call is, and leaves it there. A call without one needs no place. */
function settlePlace(call: KnownCall, place: Place): void {
  if (call.answer === undefined && !call.place) return;
  call.place = place;
  call.answer = undefined;
}

/**
 * A statement with the moment until which it is set aside on another clock. The file has milliseconds that are left, since
 * a monotonic clock begins anew with each process.
 */
function withWait(record: StatementState, shift: number): StatementState {
  const { aside } = record;
  if (!aside) return record;
  return { ...record, aside: { ...aside, until: Math.max(0, aside.until + shift) } };
}

function view(state: AccountState, record: StatementState): StatementRecord {
  return viewStatement(state, record, (until) => Math.max(0, until - performance.now()));
}
