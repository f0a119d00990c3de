/**
 * Hashes of packets that went by, so that none is handled twice: two generations, as in the reference,
 * of which the older is forgotten when the newer is full.
 * @module
 * @see RNS/Transport.py packet_filter, add_packet_hash, hashlist_maxsize (RNS 1.5.7)
 */

/** Hashes remembered by both generations together. @see RNS/Transport.py hashlist_maxsize */
export const SEEN_MAX = 1_000_000;

const WORDS = 4;
const FIRST_SLOTS = 1024;

/** A set of hashes, of which it keeps the first 16 bytes, in one flat table with open addressing. */
class Generation {
  size = 0;
  #words = new Uint32Array(FIRST_SLOTS * WORDS);
  /** 0 free, 1 taken, 2 freed: a search goes on past it. */
  #state = new Uint8Array(FIRST_SLOTS);
  #used = 0;

  has(hash: Uint8Array): boolean {
    return this.#find(word(hash, 0), word(hash, 4), word(hash, 8), word(hash, 12)) >= 0;
  }

  add(hash: Uint8Array): void {
    const a = word(hash, 0);
    const b = word(hash, 4);
    const c = word(hash, 8);
    const d = word(hash, 12);
    if (this.#find(a, b, c, d) >= 0) return;
    if (this.#used * 2 >= this.#state.length) this.#grow();
    this.#put(a, b, c, d);
    this.size += 1;
  }

  delete(hash: Uint8Array): void {
    const slot = this.#find(word(hash, 0), word(hash, 4), word(hash, 8), word(hash, 12));
    if (slot < 0) return;
    this.#state[slot] = 2;
    this.size -= 1;
  }

  #find(a: number, b: number, c: number, d: number): number {
    const words = this.#words;
    const mask = this.#state.length - 1;
    for (let slot = (a ^ b) & mask; this.#state[slot] !== 0; slot = (slot + 1) & mask) {
      const at = slot * WORDS;
      const same =
        words[at] === a && words[at + 1] === b && words[at + 2] === c && words[at + 3] === d;
      if (same && this.#state[slot] === 1) return slot;
    }
    return -1;
  }

  #put(a: number, b: number, c: number, d: number): void {
    const mask = this.#state.length - 1;
    let slot = (a ^ b) & mask;
    while (this.#state[slot] !== 0) slot = (slot + 1) & mask;
    this.#words.set([a, b, c, d], slot * WORDS);
    this.#state[slot] = 1;
    this.#used += 1;
  }

  #grow(): void {
    const [words, state] = [this.#words, this.#state];
    // Freed slots fall away; only what is taken decides on the new size.
    const slots = this.size * 4 > state.length ? state.length * 2 : state.length;
    this.#words = new Uint32Array(slots * WORDS);
    this.#state = new Uint8Array(slots);
    this.#used = 0;
    for (let slot = 0; slot < state.length; slot++) {
      if (state[slot] !== 1) continue;
      const at = slot * WORDS;
      const [a = 0, b = 0, c = 0, d = 0] = words.subarray(at, at + WORDS);
      this.#put(a, b, c, d);
    }
  }
}

/** Packet hashes of 16 bytes or more, at most {@link SEEN_MAX} of them. */
export class SeenHashes {
  readonly #perGeneration: number;
  #present = new Generation();
  #past = new Generation();

  constructor(max: number = SEEN_MAX) {
    this.#perGeneration = Math.max(1, Math.floor(max / 2));
  }

  /** How many are remembered. */
  get size(): number {
    return this.#present.size + this.#past.size;
  }

  has(hash: Uint8Array): boolean {
    return this.#present.has(hash) || this.#past.has(hash);
  }

  add(hash: Uint8Array): void {
    if (this.#present.size >= this.#perGeneration) {
      this.#past = this.#present;
      this.#present = new Generation();
    }
    this.#present.add(hash);
  }

  /** Forget one, so that its packet may come again. */
  delete(hash: Uint8Array): void {
    this.#present.delete(hash);
    this.#past.delete(hash);
  }
}

function word(hash: Uint8Array, at: number): number {
  return (
    (((hash[at] as number) << 24) |
      ((hash[at + 1] as number) << 16) |
      ((hash[at + 2] as number) << 8) |
      (hash[at + 3] as number)) >>>
    0
  );
}
