/**
 * A map that forgets: above its limit the older of two random entries goes, so that an attacker
 * cannot choose what is forgotten.
 * @see util/RandomEvictionCache.h (stellar-core v27) @module
 */
import { SeededRandom, type Random } from '../../base/random.ts';

interface Entry<K, V> {
  readonly key: K;
  value: V;
  at: number;
  /** Count of uses when this one was last used. */
  used: number;
}

/** At most `limit` entries; reading one makes it younger. */
export class BoundedMap<K, V> {
  readonly #limit: number;
  readonly #random: SeededRandom;
  readonly #entries = new Map<K, Entry<K, V>>();
  readonly #order: Entry<K, V>[] = [];
  #uses = 0;

  /** @param random - seeds the choice of what is forgotten, 4 bytes */
  constructor(limit: number, random: Random) {
    if (!(limit >= 1)) throw new RangeError(`"limit" must be at least 1, got ${limit}`);
    this.#limit = limit;
    const seed = random.bytes(4);
    this.#random = new SeededRandom(new DataView(seed.buffer, seed.byteOffset, 4).getUint32(0));
  }

  /** Entries held. */
  get size(): number {
    return this.#order.length;
  }

  /** The value under a key, which counts as a use of it. */
  get(key: K): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    entry.used = ++this.#uses;
    return entry.value;
  }

  /** Whether there is a value, without counting as a use. */
  has(key: K): boolean {
    return this.#entries.has(key);
  }

  /** Put a value; above the limit another one is forgotten first. */
  set(key: K, value: V): void {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      known.value = value;
      known.used = ++this.#uses;
      return;
    }
    if (this.#order.length >= this.#limit) this.#evict();
    const entry = { key, value, at: this.#order.length, used: ++this.#uses };
    this.#entries.set(key, entry);
    this.#order.push(entry);
  }

  /** Forget every value. */
  clear(): void {
    this.#entries.clear();
    this.#order.length = 0;
  }

  #evict(): void {
    const first = this.#order[this.#random.below(this.#order.length)] as Entry<K, V>;
    const second = this.#order[this.#random.below(this.#order.length)] as Entry<K, V>;
    const victim = first.used < second.used ? first : second;
    const last = this.#order.pop() as Entry<K, V>;
    if (last !== victim) {
      last.at = victim.at;
      this.#order[victim.at] = last;
    }
    this.#entries.delete(victim.key);
  }
}
