/**
 * Named byte strings that outlive the page, in IndexedDB; and the same in memory for pages that may
 * store nothing. What is in them is the caller's matter: see vault.ts for encryption. @module
 */
import { ProtocolError } from '../../base/errors.ts';

/** Byte strings under names; each write is atomic. */
export interface RecordStore {
  /** Whether the records are still there after the page is closed. */
  readonly persistent: boolean;
  get(name: string): Promise<Uint8Array | undefined>;
  /** All records whose name begins with `prefix`, sorted by name. */
  list(prefix: string): Promise<Map<string, Uint8Array>>;
  put(name: string, value: Uint8Array): Promise<void>;
  delete(name: string): Promise<void>;
  /** Put these records in the place of everything there was, all or nothing. */
  replaceAll(records: ReadonlyMap<string, Uint8Array>): Promise<void>;
}

const OBJECTS = 'records';

/**
 * Open the store called `name`, or one in memory where the browser refuses: private windows, blocked
 * site data, opaque origins.
 */
export async function openRecordStore(name: string): Promise<RecordStore> {
  try {
    return new IndexedDbStore(await openDatabase(name));
  } catch {
    // Whatever the reason, the page still works until it is closed, and `persistent` tells.
    return new MemoryStore();
  }
}

/** Records that are gone with the page. */
export class MemoryStore implements RecordStore {
  readonly persistent: boolean = false;
  #records = new Map<string, Uint8Array>();

  get(name: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#records.get(name)?.slice());
  }

  list(prefix: string): Promise<Map<string, Uint8Array>> {
    const names = [...this.#records.keys()].filter((name) => name.startsWith(prefix)).sort();
    return Promise.resolve(
      new Map(names.map((name) => [name, (this.#records.get(name) as Uint8Array).slice()]))
    );
  }

  put(name: string, value: Uint8Array): Promise<void> {
    this.#records.set(name, value.slice());
    return Promise.resolve();
  }

  delete(name: string): Promise<void> {
    this.#records.delete(name);
    return Promise.resolve();
  }

  replaceAll(records: ReadonlyMap<string, Uint8Array>): Promise<void> {
    this.#records = new Map([...records].map(([name, value]) => [name, value.slice()]));
    return Promise.resolve();
  }
}

class IndexedDbStore implements RecordStore {
  readonly persistent: boolean = true;
  readonly #database: IDBDatabase;

  constructor(database: IDBDatabase) {
    this.#database = database;
    // Another page that wants to delete or upgrade the database must not wait for this one.
    database.onversionchange = () => database.close();
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    const value: unknown = await this.#run('readonly', (records) => records.get(name));
    return value instanceof Uint8Array ? value : undefined;
  }

  async list(prefix: string): Promise<Map<string, Uint8Array>> {
    // U+FFFF sorts after every character that a name holds.
    const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
    const keys = this.#run('readonly', (records) => records.getAllKeys(range));
    const values = this.#run('readonly', (records) => records.getAll(range));
    const [names, bytes] = await Promise.all([keys, values]);
    const found = new Map<string, Uint8Array>();
    names.forEach((name, at) => {
      const value: unknown = bytes[at];
      if (typeof name === 'string' && value instanceof Uint8Array) found.set(name, value);
    });
    return found;
  }

  async put(name: string, value: Uint8Array): Promise<void> {
    await this.#run('readwrite', (records) => records.put(value, name));
  }

  async delete(name: string): Promise<void> {
    await this.#run('readwrite', (records) => records.delete(name));
  }

  async replaceAll(records: ReadonlyMap<string, Uint8Array>): Promise<void> {
    await this.#run('readwrite', (objects) => {
      const cleared = objects.clear();
      for (const [name, value] of records) objects.put(value, name);
      return cleared;
    });
  }

  /** Resolves when the transaction is on disk, not merely when the request was answered. */
  #run<T>(mode: IDBTransactionMode, ask: (records: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      try {
        const transaction = this.#database.transaction(OBJECTS, mode, { durability: 'strict' });
        const request = ask(transaction.objectStore(OBJECTS));
        const fail = (): void => reject(storageError(transaction.error ?? request.error));
        transaction.oncomplete = () => resolve(request.result);
        transaction.onabort = fail;
        transaction.onerror = fail;
      } catch (cause) {
        reject(storageError(cause));
      }
    });
  }
}

function storageError(cause: unknown): ProtocolError {
  const full = cause instanceof DOMException && cause.name === 'QuotaExceededError';
  const text = full ? 'the browser has no room left for this page' : 'the browser did not store it';
  return new ProtocolError('HOST_STORAGE', text, { cause });
}

function openDatabase(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = globalThis.indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(OBJECTS);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(storageError(request.error));
    request.onblocked = () => reject(storageError('another page holds an older version open'));
  });
}
