/** The cache of logs in the browser. If the browser keeps nothing, logs are read anew with each visit. */
import { MemoryStore, type Segment, type SegmentStore } from "./segments.js";

const DATABASE = "opa-dashboard";
const SEGMENTS = "segments";
const VERSION = 1;

/** Opens the cache of the browser, or one that lasts as long as the page. */
export async function openStore(): Promise<SegmentStore> {
  try {
    return new IndexedStore(await openDatabase());
  } catch {
    return new MemoryStore(); // private windows of some browsers refuse databases
  }
}

class IndexedStore implements SegmentStore {
  readonly #database: IDBDatabase;

  constructor(database: IDBDatabase) {
    this.#database = database;
  }

  async get(scope: string, from: number): Promise<Segment | undefined> {
    const request = this.#segments("readonly").get([scope, from]) as IDBRequest<
      { segment: Segment } | undefined
    >;
    return (await resultOf(request))?.segment;
  }

  async put(scope: string, segment: Segment): Promise<void> {
    await resultOf(this.#segments("readwrite").put({ scope, from: segment.from, segment }));
  }

  async drop(scope: string, from: number): Promise<void> {
    const range = IDBKeyRange.bound([scope, from], [scope, Number.MAX_SAFE_INTEGER]);
    await resultOf(this.#segments("readwrite").delete(range));
  }

  #segments(mode: IDBTransactionMode): IDBObjectStore {
    return this.#database.transaction(SEGMENTS, mode).objectStore(SEGMENTS);
  }
}

async function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, VERSION);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(SEGMENTS, { keyPath: ["scope", "from"] });
  };
  return resultOf(request);
}

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new Error("The cache of the browser does not answer."));
    };
  });
}
