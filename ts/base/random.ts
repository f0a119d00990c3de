/** Randomness as an argument: keys, IVs and ephemeral keys are drawn from what the caller hands in. @module */

/** A source of random bytes. */
export interface Random {
  /** Return `length` fresh random bytes. */
  bytes(length: number): Uint8Array;
}

/** The host's cryptographic generator (`globalThis.crypto`), available in Node and browsers alike. */
export const systemRandom: Random = {
  bytes(length: number): Uint8Array {
    const out = new Uint8Array(length);
    // getRandomValues refuses more than 65536 bytes a call.
    for (let at = 0; at < length; at += 65536) {
      globalThis.crypto.getRandomValues(out.subarray(at, Math.min(length, at + 65536)));
    }
    return out;
  },
};

/**
 * A fixed sequence of draws, for golden runs: each call must ask for exactly the next recorded piece.
 * @throws RangeError when the sequence is exhausted or a draw has another length than recorded.
 */
export class ScriptedRandom implements Random {
  readonly #draws: Uint8Array[];

  constructor(draws: readonly Uint8Array[]) {
    this.#draws = [...draws];
  }

  bytes(length: number): Uint8Array {
    const next = this.#draws.shift();
    if (next === undefined) throw new RangeError(`no random draw left (asked for ${length} bytes)`);
    if (next.length !== length) {
      throw new RangeError(`next random draw has ${next.length} bytes, asked for ${length}`);
    }
    return next.slice();
  }

  /** Draws that were not used yet. */
  get left(): number {
    return this.#draws.length;
  }
}

/** A seeded, non-cryptographic generator (xoshiro128**) for simulations and tests; never for keys. */
export class SeededRandom implements Random {
  readonly #state: Uint32Array;

  constructor(seed: number) {
    this.#state = new Uint32Array(4);
    let mix = seed >>> 0;
    for (let i = 0; i < 4; i++) {
      // splitmix32, so that neighbouring seeds give unrelated streams
      mix = (mix + 0x9e3779b9) >>> 0;
      let z = mix;
      z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
      z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
      this.#state[i] = (z ^ (z >>> 16)) >>> 0;
    }
  }

  /** Next 32 bits, unsigned. */
  next(): number {
    const s = this.#state;
    const s0 = s[0] as number;
    const s1 = s[1] as number;
    const s2 = s[2] as number;
    const s3 = s[3] as number;
    const times5 = Math.imul(s1, 5);
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9) >>> 0;
    const n2 = s2 ^ s0;
    const n3 = s3 ^ s1;
    s[1] = s1 ^ n2;
    s[0] = s0 ^ n3;
    s[2] = n2 ^ (s1 << 9);
    s[3] = (n3 << 11) | (n3 >>> 21);
    return result;
  }

  /** Uniform float in `[0, 1)`. */
  float(): number {
    return this.next() / 0x100000000;
  }

  /** Uniform integer in `[0, bound)`. */
  below(bound: number): number {
    return Math.floor(this.float() * bound);
  }

  bytes(length: number): Uint8Array {
    const out = new Uint8Array(length);
    for (let i = 0; i < length; i++) out[i] = this.next() & 255;
    return out;
  }
}
