/**
 * The `stamp` kernel written to be read, and its stand-in where WebAssembly is not allowed: workblocks
 * without ever holding one, and tries at the price of one compression. @module
 */
import { concat } from '../base/bytes.ts';
import { BLOCK_BYTES, K, initialState } from './sha256-oracle.ts';

/** The contract of the `stamp` kernel; calls are synchronous and keep nothing. */
export interface StampContract {
  /**
   * Mix `count` rounds of a workblock, beginning with round `first`, into `midstate`.
   *
   * @param midstate - SHA-256 state as 32 big-endian bytes, in and out; not read for round 0
   * @param material - at most 1024 bytes
   * @param first - a multiple of {@link ROUND_STEP}
   */
  mixRounds(midstate: Uint8Array, material: Uint8Array, first: number, count: number): void;

  /**
   * Try the stamps `prefix ‖ n` for n from `start` on, `tries` of them; n is 4 big-endian bytes.
   *
   * @param midstate - state after the workblock
   * @param prefix - 28 bytes
   * @param bits - length of workblock and stamp
   * @param start - `start + tries` is at most 2^32, and `tries` below 2^31
   * @param mask - bits of the digest's first word that must be zero
   * @returns how many n precede the first that fits, or -1
   */
  search(
    midstate: Uint8Array,
    prefix: Uint8Array,
    bits: number,
    start: number,
    tries: number,
    mask: number
  ): number;
}

/** Rounds of a workblock come in steps of this many, the width of the widest engine. */
export const ROUND_STEP = 8;

/** State, digest or key: eight words a to h. */
type State = Int32Array;

function rotate(x: number, n: number): number {
  return (x >>> n) | (x << (32 - n));
}

/** Fill in the message schedule from word `from` on. */
function extend(w: Int32Array, from: number): void {
  for (let t = from; t < 64; t++) {
    const x = w[t - 15] as number;
    const y = w[t - 2] as number;
    const low = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
    const high = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
    w[t] = high + (w[t - 7] as number) + low + (w[t - 16] as number);
  }
}

/** Run the rounds `from` to `to - 1` of SHA-256 on the working variables. */
function rounds(state: State, w: Int32Array, from: number, to: number): void {
  let [a, b, c, d, e, f, g, h] = state as unknown as EightWords;
  for (let t = from; t < to; t++) {
    const sigma1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const t1 = (h + sigma1 + (g ^ (e & (f ^ g))) + (K[t] as number) + (w[t] as number)) | 0;
    const sigma0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    const t2 = (sigma0 + ((a & b) | (c & (a | b)))) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] = a;
  state[1] = b;
  state[2] = c;
  state[3] = d;
  state[4] = e;
  state[5] = f;
  state[6] = g;
  state[7] = h;
}

type EightWords = [number, number, number, number, number, number, number, number];

function readWords(target: Int32Array, bytes: Uint8Array, offset: number, count: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < count; i++) target[i] = view.getInt32(offset + 4 * i);
}

/** A message with its padding: whole blocks, of which `before` bytes are hashed already. */
function pad(message: Uint8Array, before: number): Uint8Array {
  const padded = new Uint8Array(Math.ceil((message.length + 9) / BLOCK_BYTES) * BLOCK_BYTES);
  padded.set(message);
  padded[message.length] = 0x80;
  new DataView(padded.buffer).setUint32(padded.length - 4, (before + message.length) * 8);
  return padded;
}

/** The round's number as MessagePack writes it: the shortest unsigned form. */
function packNumber(n: number): Uint8Array {
  if (n < 128) return Uint8Array.of(n);
  return n < 256 ? Uint8Array.of(0xcc, n) : Uint8Array.of(0xcd, n >> 8, n & 255);
}

/** The contract in plain TypeScript. */
export function stampOracle(): StampContract {
  /** Schedule of the block at hand; its first 16 words are the block. */
  const w = new Int32Array(64);
  const before = new Int32Array(8);
  const inner: State = new Int32Array(8);
  const outer: State = new Int32Array(8);
  const output = new Int32Array(64);

  /** Mix the block in `w` into a state. */
  const mix = (state: State): void => {
    before.set(state);
    extend(w, 16);
    rounds(state, w, 0, 64);
    for (let i = 0; i < 8; i++) state[i] = (state[i] as number) + (before[i] as number);
  };

  const absorb = (state: State, blocks: Uint8Array): void => {
    for (let at = 0; at < blocks.length; at += BLOCK_BYTES) {
      readWords(w, blocks, at, 16);
      mix(state);
    }
  };

  /** Mix the last block of a message, 8 words or less of it and its end, into a state. */
  const absorbLast = (state: State, words: Int32Array, marker: number, bits: number): void => {
    w.fill(0, 0, 16);
    w.set(words);
    w[8] = marker;
    w[15] = bits;
    mix(state);
  };

  const keyState = (state: State, key: State, padWord: number): void => {
    state.set(initialState());
    for (let i = 0; i < 16; i++) w[i] = (i < 8 ? (key[i] as number) : 0) ^ padWord;
    mix(state);
  };

  const setKey = (key: State): void => {
    keyState(inner, key, 0x36363636);
    keyState(outer, key, 0x5c5c5c5c);
  };

  /** HMAC from the state after the whole inner message. */
  const finishMac = (innerDigest: State): State => {
    const tag = outer.slice();
    absorbLast(tag, innerDigest, 0x80000000 | 0, (BLOCK_BYTES + 32) * 8);
    return tag;
  };

  /** HKDF-SHA256 without info to 256 bytes, the words of `output` (RFC 5869 section 2). */
  const expandKey = (material: Uint8Array, salt: State): void => {
    setKey(salt);
    const extract = inner.slice();
    absorb(extract, pad(material, BLOCK_BYTES));
    setKey(finishMac(extract));
    for (let i = 0; i < 8; i++) {
      const state = inner.slice();
      // The first message is the counter byte alone, the others are 32 bytes and the counter.
      if (i === 0) {
        absorb(state, pad(Uint8Array.of(1), BLOCK_BYTES));
      } else {
        const previous = output.subarray(8 * i - 8, 8 * i);
        absorbLast(state, previous, ((i + 1) << 24) | 0x800000, (BLOCK_BYTES + 33) * 8);
      }
      output.set(finishMac(state), 8 * i);
    }
  };

  return {
    mixRounds(midstate, material, first, count) {
      const chain: State = Int32Array.from(initialState());
      if (first > 0) readWords(chain, midstate, 0, 8);
      for (let n = first; n < first + count; n++) {
        const salt: State = Int32Array.from(initialState());
        absorb(salt, pad(concat(material, packNumber(n)), 0));
        expandKey(material, salt);
        for (let at = 0; at < 64; at += 16) {
          w.set(output.subarray(at, at + 16));
          mix(chain);
        }
      }
      const view = new DataView(midstate.buffer, midstate.byteOffset);
      chain.forEach((word, i) => view.setInt32(4 * i, word));
    },

    search(midstate, prefix, bits, start, tries, mask) {
      const state: State = new Int32Array(8);
      readWords(state, midstate, 0, 8);
      const digestBase = state[0] as number;
      w.fill(0);
      readWords(w, prefix, 0, 7);
      w[8] = 0x80000000;
      w[15] = bits;
      // Only word 7 varies: seven rounds and the schedule up to word 21 are common to all tries.
      extend(w, 16);
      rounds(state, w, 0, 7);
      const common = state.slice();
      for (let i = 0; i < tries; i++) {
        w[7] = start + i;
        extend(w, 22);
        state.set(common);
        rounds(state, w, 7, 64);
        if ((((state[0] as number) + digestBase) & mask) === 0) return i;
      }
      return -1;
    },
  };
}
