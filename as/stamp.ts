/**
 * Kernel `stamp`: LXMF proof of work. It makes the SHA-256 midstate of a workblock, and searches
 * for stamps, of which each try costs the last 56 rounds of one compression.
 *
 *     MATERIAL  MATERIAL_CAP bytes and room for padding: what the workblock is derived from, in
 *     MIDSTATE  32 bytes, big-endian: state after the workblock so far, in and out
 *     PREFIX    28 bytes: the stamp without its last four bytes, in
 *
 * Calls leave nothing behind that later ones rely on, but for MATERIAL and MIDSTATE: one instance
 * serves any number of workblocks and searches in turns.
 *
 * Both parts run on "slots": one word of eight independent computations (32 bytes, see
 * `lib/stamp-lanes.ts`) in a SIMD build, a single word (4 bytes) otherwise.
 */
import { SHA256_IV, SHA256_K, next, t1, t2 } from './lib/sha256-rounds';
import { expandLanes, extendLanes, mixLanes } from './lib/stamp-lanes';
import { expandWord, extendWords, mixWords } from './lib/stamp-words';

/** Bytes that MATERIAL takes. */
export const MATERIAL_CAP: i32 = 1024;
/** Padding takes up to 72 bytes: 0x80, up to 63 zeros, a length of 8 bytes. */
export const MATERIAL: usize = memory.data(1024 + 128, 16);
export const MIDSTATE: usize = memory.data(32, 16);
export const PREFIX: usize = memory.data(32, 16);

/** Computations in a slot. */
const LANES: i32 = ASC_FEATURE_SIMD ? 8 : 1;
/** Bytes of a slot. */
const SLOT: usize = ASC_FEATURE_SIMD ? 32 : 4;

/** One block of message slots, and the schedule that follows from it: 64 slots. */
const WORDS: usize = memory.data(2048, 16);
/** Salt of a round; hashing it begins with `PLAIN`, the state after the material's whole blocks. */
const SALT: usize = memory.data(256, 16);
const PLAIN: usize = memory.data(256, 16);
/** States of an HMAC key: after the block `key ^ ipad`, and after `key ^ opad`. */
const INNER: usize = memory.data(256, 16);
const OUTER: usize = memory.data(256, 16);
const STATE: usize = memory.data(256, 16);
/** End of the salt's message: the material's last bytes, the round's number, padding. */
const TAIL: usize = memory.data(128, 16);
/** Midstate in native words. */
const CHAIN: usize = memory.data(32, 16);
/** The four blocks that a round adds to the workblock, with room for their schedules. */
const BLOCKS: usize = memory.data(8192, 16);
const BLOCK: usize = 64 * SLOT;

/** Give all lanes of a slot the same word. */
// @ts-ignore: decorator
@inline
function put(slot: usize, word: u32): void {
  if (ASC_FEATURE_SIMD) {
    const all = i32x4.splat(word);
    v128.store(slot, all);
    v128.store(slot, all, 16);
  } else {
    store<u32>(slot, word);
  }
}

/** Copy eight slots; `memory.copy` is a call into the host, which costs more than that. */
function move(to: usize, from: usize): void {
  for (let i: usize = 0; i < 8 * SLOT; i += ASC_FEATURE_SIMD ? 16 : 4) {
    if (ASC_FEATURE_SIMD) v128.store(to + i, v128.load(from + i));
    else store<u32>(to + i, load<u32>(from + i));
  }
}

/** Copy eight words and reverse their bytes, from big-endian to native or back. */
function swapWords(to: usize, from: usize): void {
  for (let i: usize = 0; i < 32; i += 4) store<u32>(to + i, bswap(load<u32>(from + i)));
}

/** Append `count` schedule words to the 16 at `words`. */
// @ts-ignore: decorator
@inline
function extend(words: usize, count: usize): void {
  if (ASC_FEATURE_SIMD) extendLanes(words, count);
  else extendWords(words, count);
}

/** Run the rounds `first`..63 with the schedule in `WORDS`; see `mixLanes`. */
// @ts-ignore: decorator
@inline
function rounds(to: usize, from: usize, first: usize): void {
  if (ASC_FEATURE_SIMD) mixLanes(to, from, WORDS, first);
  else mixWords(to, from, WORDS, first);
}

/** Mix the block in `WORDS` into the state at `from`; the result goes to `to`. */
// @ts-ignore: decorator
@inline
function mix(to: usize, from: usize): void {
  rounds(to, from, 0);
}

/** Set the last eight slots of `WORDS` to a marker, zeros and the length of the message in bits. */
function pad(marker: u32, bits: u32): void {
  put(WORDS + 8 * SLOT, marker);
  for (let i: usize = 9; i < 15; i++) put(WORDS + i * SLOT, 0);
  put(WORDS + 15 * SLOT, bits);
}

/** Pad the message in the first slots of `WORDS`, and replace it by its digest from `state` on. */
function digest(state: usize, marker: u32, bits: u32): void {
  pad(marker, bits);
  mix(WORDS, state);
}

function initial(state: usize): void {
  for (let i: usize = 0; i < 8; i++) put(state + i * SLOT, load<u32>(SHA256_IV + (i << 2)));
}

/** Mix the block `key ^ pad` into a fresh state; the key is what is in `SALT`, then zeros. */
function keyState(state: usize, padWord: u32): void {
  for (let i: usize = 0; i < 8 * SLOT; i += ASC_FEATURE_SIMD ? 16 : 4) {
    if (ASC_FEATURE_SIMD) {
      const all = i32x4.splat(padWord);
      v128.store(WORDS + i, v128.xor(v128.load(SALT + i), all));
      v128.store(WORDS + i + 8 * SLOT, all);
    } else {
      store<u32>(WORDS + i, load<u32>(SALT + i) ^ padWord);
      store<u32>(WORDS + i + 8 * SLOT, padWord);
    }
  }
  initial(state);
  mix(state, state);
}

function hmacKey(): void {
  keyState(INNER, 0x36363636);
  keyState(OUTER, 0x5c5c5c5c);
}

/** Turn the inner digest in the first slots of `WORDS` into the HMAC, in the same place. */
function outer(): void {
  // 64 bytes of key and 32 of digest.
  digest(OUTER, 0x80000000, 768);
}

/** Write 0x80, zeros and the length in bits behind a message; returns the end of its last block. */
function close(message: usize, length: usize, hashedBytes: usize): usize {
  const end = (length + 72) & ~63;
  store<u8>(message + length, 0x80);
  memory.fill(message + length + 1, 0, end - length - 9);
  store<u64>(message + end - 8, bswap<u64>((<u64>hashedBytes) << 3));
  return message + end;
}

/**
 * Mix the message from `block` to `end` into `state`, alike in all lanes, but for the byte at
 * `numbered`, to which the lane's number is added; its lowest bits are zero.
 */
function absorb(state: usize, block: usize, end: usize, numbered: usize): void {
  for (; block < end; block += 64) {
    for (let i: usize = 0; i < 16; i++) put(WORDS + i * SLOT, bswap(load<u32>(block + (i << 2))));
    if (ASC_FEATURE_SIMD) {
      const at = numbered - block;
      if (at < 64) {
        const slot = WORDS + (at >> 2) * SLOT;
        const shift = 24 - ((<i32>at & 3) << 3);
        const front = i32x4.shl(i32x4(0, 1, 2, 3), shift);
        const back = i32x4.shl(i32x4(4, 5, 6, 7), shift);
        v128.store(slot, i32x4.add(v128.load(slot), front));
        v128.store(slot, i32x4.add(v128.load(slot, 16), back), 16);
      }
    }
    mix(state, state);
  }
}

/**
 * Hash material ‖ msgpack(n + lane) to `SALT`, where n is a multiple of LANES. Then only the lowest
 * byte of the number differs between lanes, in its lowest bits, and all messages have one length.
 */
function salt(length: usize, n: u32): void {
  const rest = length & 63;
  const size: usize = n < 128 ? 1 : n < 256 ? 2 : 3;
  memory.copy(TAIL, MATERIAL + length - rest, rest);
  const low = TAIL + rest + size - 1;
  if (size > 2) store<u8>(low - 1, n >>> 8);
  if (size > 1) store<u8>(TAIL + rest, size == 2 ? 0xcc : 0xcd);
  store<u8>(low, n);
  move(SALT, PLAIN);
  absorb(SALT, TAIL, close(TAIL, rest + size, length + size), low);
}

/** HKDF-SHA256 from material and `SALT`, without info, to 256 bytes in `BLOCKS`. */
function expandKey(materialEnd: usize): void {
  hmacKey();
  absorb(INNER, MATERIAL, materialEnd, 0);
  move(WORDS, INNER);
  outer();
  move(SALT, WORDS);
  hmacKey();
  // The first message is the counter byte alone, the others are 32 bytes of output and the counter.
  for (let i: usize = 1; i < 8; i++) put(WORDS + i * SLOT, 0);
  put(WORDS, 0x01800000);
  let marker: u32 = 0;
  let bits: u32 = 520;
  for (let i: usize = 0; i < 8; i++) {
    digest(INNER, marker, bits);
    outer();
    move(BLOCKS + (i >> 1) * BLOCK + (i & 1) * 8 * SLOT, WORDS);
    marker = (<u32>(i + 2) << 24) | 0x800000;
    bits = 776;
  }
}

/** Mix the four blocks of one lane into `CHAIN`, with the schedules that are in `BLOCKS`. */
function chainLane(lane: usize): void {
  let a = load<u32>(CHAIN);
  let b = load<u32>(CHAIN, 4);
  let c = load<u32>(CHAIN, 8);
  let d = load<u32>(CHAIN, 12);
  let e = load<u32>(CHAIN, 16);
  let f = load<u32>(CHAIN, 20);
  let g = load<u32>(CHAIN, 24);
  let h = load<u32>(CHAIN, 28);
  let w = BLOCKS + (lane << 2);
  const end = w + 4 * BLOCK;
  while (w < end) {
    let x: u32;
    let y = b ^ c;
    for (let k = SHA256_K; k < SHA256_K + 256; k += 16) {
      h = t1(e, f, g, h, load<u32>(k) + load<u32>(w));
      d += h;
      x = a ^ b;
      h = next(h, a, b, x & y);
      g = t1(d, e, f, g, load<u32>(k, 4) + load<u32>(w, 32));
      c += g;
      y = h ^ a;
      g = next(g, h, a, y & x);
      f = t1(c, d, e, f, load<u32>(k, 8) + load<u32>(w, 64));
      b += f;
      x = g ^ h;
      f = next(f, g, h, x & y);
      e = t1(b, c, d, e, load<u32>(k, 12) + load<u32>(w, 96));
      a += e;
      y = f ^ g;
      e = next(e, f, g, y & x);
      // After four rounds the two halves of the variables have changed places.
      let swap = a;
      a = e;
      e = swap;
      swap = b;
      b = f;
      f = swap;
      swap = c;
      c = g;
      g = swap;
      swap = d;
      d = h;
      h = swap;
      w += 128;
    }
    store<u32>(CHAIN, (a += load<u32>(CHAIN)));
    store<u32>(CHAIN, (b += load<u32>(CHAIN, 4)), 4);
    store<u32>(CHAIN, (c += load<u32>(CHAIN, 8)), 8);
    store<u32>(CHAIN, (d += load<u32>(CHAIN, 12)), 12);
    store<u32>(CHAIN, (e += load<u32>(CHAIN, 16)), 16);
    store<u32>(CHAIN, (f += load<u32>(CHAIN, 20)), 20);
    store<u32>(CHAIN, (g += load<u32>(CHAIN, 24)), 24);
    store<u32>(CHAIN, (h += load<u32>(CHAIN, 28)), 28);
  }
}

/**
 * Mix the blocks of the first `lanes` lanes into `CHAIN`. A chain cannot run in vectors, but the
 * message schedules of all its blocks can, as the blocks are known before.
 */
function chain(lanes: usize): void {
  for (let block = BLOCKS; block < BLOCKS + 4 * BLOCK; block += BLOCK) {
    if (ASC_FEATURE_SIMD) extend(block, 48);
    else mixWords(CHAIN, CHAIN, block, 0);
  }
  if (ASC_FEATURE_SIMD) for (let lane: usize = 0; lane < lanes; lane++) chainLane(lane);
}

/**
 * Mix the rounds `first` to `first + count - 1` of the workblock of the `length` bytes at MATERIAL
 * into MIDSTATE. Round zero starts from SHA-256's initial state, whatever MIDSTATE holds.
 *
 * @param first - a multiple of 8
 * @returns `count`, or -1 when an argument is out of range
 */
export function workblock(length: i32, first: i32, count: i32): i32 {
  if (<u32>length > <u32>MATERIAL_CAP || (first & 7) != 0 || first < 0 || count < 0) return -1;
  if (first > 65535 || count > 65535 - first) return -1;
  if (first == 0) memory.copy(CHAIN, SHA256_IV, 32);
  else swapWords(CHAIN, MIDSTATE);
  const materialEnd = close(MATERIAL, length, 64 + length);
  initial(PLAIN);
  absorb(PLAIN, MATERIAL, MATERIAL + (length & ~63), 0);
  const end = first + count;
  for (let n = first; n < end; n += LANES) {
    salt(length, n);
    expandKey(materialEnd);
    chain(min(LANES, end - n));
  }
  swapWords(MIDSTATE, CHAIN);
  return count;
}

/**
 * Try the stamps PREFIX ‖ n for n = `start` to `start + tries - 1` (modulo 2^32) after MIDSTATE.
 *
 * @param bits - length of workblock and stamp in bits
 * @param mask - bits of the digest's first word that must be zero
 * @returns how many n precede the first that fits, or -1 when none does
 */
export function search(bits: u32, start: u32, tries: i32, mask: u32): i32 {
  swapWords(CHAIN, MIDSTATE);
  let a = load<u32>(CHAIN);
  let b = load<u32>(CHAIN, 4);
  let c = load<u32>(CHAIN, 8);
  let d = load<u32>(CHAIN, 12);
  let e = load<u32>(CHAIN, 16);
  let f = load<u32>(CHAIN, 20);
  let g = load<u32>(CHAIN, 24);
  let h = load<u32>(CHAIN, 28);
  const digestBase = a;
  // Only word 7 varies: the rounds before are common to all tries, and of round 7 all but two sums.
  for (let i: usize = 0; i < 8; i++) {
    const word = i < 7 ? bswap(load<u32>(PREFIX + (i << 2))) : 0;
    put(WORDS + i * SLOT, word);
    const sum = t1(e, f, g, h, word + load<u32>(SHA256_K + (i << 2)));
    const front = sum + t2(a, b, c);
    h = g;
    g = f;
    f = e;
    e = d + sum;
    d = c;
    c = b;
    b = a;
    a = front;
  }
  pad(0x80000000, bits);
  // With zero for word 7; of the words up to the 24th, only 22 and 23 depend on it.
  extend(WORDS, 8);
  put(STATE + SLOT, b);
  put(STATE + 2 * SLOT, c);
  put(STATE + 3 * SLOT, d);
  put(STATE + 5 * SLOT, f);
  put(STATE + 6 * SLOT, g);
  put(STATE + 7 * SLOT, h);
  // The rounds end by adding the a that they began with, a + n, instead of the midstate's.
  const excess = a - digestBase;
  if (ASC_FEATURE_SIMD) {
    const none = i32x4.splat(0);
    const step = i32x4.splat(4);
    const as = i32x4.splat(a);
    const es = i32x4.splat(e);
    const excesses = i32x4.splat(excess);
    const masks = i32x4.splat(mask);
    const w22 = v128.load(WORDS, 22 * 32);
    const w23 = v128.load(WORDS, 23 * 32);
    let n = i32x4.add(i32x4.splat(start), i32x4(0, 1, 2, 3));
    for (let i = 0; i < tries; i += 8) {
      const m = i32x4.add(n, step);
      v128.store(WORDS, expandLanes(none, none, n, w22), 22 * 32);
      v128.store(WORDS, expandLanes(none, none, m, w22), 22 * 32 + 16);
      v128.store(WORDS, i32x4.add(w23, n), 23 * 32);
      v128.store(WORDS, i32x4.add(w23, m), 23 * 32 + 16);
      v128.store(STATE, i32x4.add(as, n));
      v128.store(STATE, i32x4.add(as, m), 16);
      v128.store(STATE, i32x4.add(es, n), 128);
      v128.store(STATE, i32x4.add(es, m), 144);
      rounds(INNER, STATE, 8);
      const front = i32x4.sub(i32x4.sub(v128.load(INNER), excesses), n);
      const back = i32x4.sub(i32x4.sub(v128.load(INNER, 16), excesses), m);
      const fits = i16x8.narrow_i32x4_s(
        i32x4.eq(v128.and(front, masks), none),
        i32x4.eq(v128.and(back, masks), none)
      );
      if (v128.any_true(fits)) {
        const hit = i + ctz(i16x8.bitmask(fits));
        return hit < tries ? hit : -1;
      }
      n = i32x4.add(m, step);
    }
  } else {
    const w22 = load<u32>(WORDS, 22 * 4);
    const w23 = load<u32>(WORDS, 23 * 4);
    for (let i = 0; i < tries; i++) {
      const n = start + i;
      store<u32>(WORDS, expandWord(0, 0, n, w22), 22 * 4);
      store<u32>(WORDS, w23 + n, 23 * 4);
      store<u32>(STATE, a + n);
      store<u32>(STATE, e + n, 16);
      rounds(INNER, STATE, 8);
      if (((load<u32>(INNER) - excess - n) & mask) == 0) return i;
    }
  }
  return -1;
}
