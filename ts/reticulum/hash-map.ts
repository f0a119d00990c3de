/**
 * Tables keyed by hashes, which JavaScript compares by value only as text.
 * @module
 */

/** The key of a byte string: one character a byte. */
export function hashKey(hash: Uint8Array): string {
  let key = '';
  for (let i = 0; i < hash.length; i++) key += String.fromCharCode(hash[i] as number);
  return key;
}

/** The bytes that a key stands for. */
export function bytesOfKey(key: string): Uint8Array {
  const bytes = new Uint8Array(key.length);
  for (let i = 0; i < key.length; i++) bytes[i] = key.charCodeAt(i);
  return bytes;
}

/**
 * A table from hashes to values that never holds more than its limit: the entry that was put in first
 * makes room for a new one.
 */
export class HashMap<V> {
  readonly #map = new Map<string, V>();
  readonly #limit: number;
  readonly #evicted: ((value: V) => void) | undefined;

  /** @param evicted - told of each entry that made room */
  constructor(limit: number = Infinity, evicted?: (value: V) => void) {
    this.#limit = limit;
    this.#evicted = evicted;
  }

  get size(): number {
    return this.#map.size;
  }

  get(hash: Uint8Array): V | undefined {
    return this.#map.get(hashKey(hash));
  }

  has(hash: Uint8Array): boolean {
    return this.#map.has(hashKey(hash));
  }

  /** Put a value in; one that is there already keeps its place in the order. */
  set(hash: Uint8Array, value: V): void {
    const key = hashKey(hash);
    if (this.#map.size >= this.#limit && !this.#map.has(key)) {
      for (const [oldest, entry] of this.#map) {
        this.#map.delete(oldest);
        this.#evicted?.(entry);
        break;
      }
    }
    this.#map.set(key, value);
  }

  delete(hash: Uint8Array): boolean {
    return this.#map.delete(hashKey(hash));
  }

  clear(): void {
    this.#map.clear();
  }

  /** Values, oldest first; entries may be deleted on the way. */
  values(): IterableIterator<V> {
    return this.#map.values();
  }

  /** Hashes and values, oldest first. */
  *entries(): IterableIterator<[Uint8Array, V]> {
    for (const [key, value] of this.#map) yield [bytesOfKey(key), value];
  }
}
