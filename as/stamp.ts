/**
 * Kernel `stamp`: LXMF proof of work. It makes the SHA-256 midstate of a workblock, and searches for
 * stamps, of which each try costs the last 56 rounds of one compression.
 *
 *     MATERIAL  MATERIAL_CAP bytes and room for padding: what the workblock is derived from, in
 *     MIDSTATE  32 bytes, big-endian: state after the workblock so far, in and out
 *     PREFIX    28 bytes: the stamp without its last four bytes, in
 *
 * No call leaves anything behind for the next but MIDSTATE and MATERIAL, so one instance serves any
 * number of workblocks and searches in turns.
 *
 * Both parts run on "slots": a word of four independent computations (16 bytes, lane layout) in a
 * SIMD build, a single word (4 bytes) otherwise. LANES and SLOT say which; the code is one.
 */
import { SHA256_IV, SHA256_K, t1, t2 } from './lib/sha256-rounds';
import { expandLanes, mixLanes } from './lib/stamp-lanes';
import { expandWords, mixWords } from './lib/stamp-words';

/** Bytes that MATERIAL takes. */
export const MATERIAL_CAP: i32 = 1024;
/** Padding needs up to 72 bytes: 0x80, up to 63 zeros, a length of 8 bytes. */
export const MATERIAL: usize = memory.data(1024 + 128, 16);
export const MIDSTATE: usize = memory.data(32, 16);
export const PREFIX: usize = memory.data(32, 16);

const LANES: i32 = ASC_FEATURE_SIMD ? 4 : 1;
/** Bytes of a slot. */
const SLOT: usize = ASC_FEATURE_SIMD ? 16 : 4;

/** One block of message slots, and the eight schedule words that follow from them. */
const WORDS: usize = memory.data(384, 16);
/** Salt of a round; hashing it begins with `PLAIN`, the state after the material's whole blocks. */
const SALT: usize = memory.data(128, 16);
const PLAIN: usize = memory.data(128, 16);
/** States of an HMAC key: after the block `key ^ ipad`, and after `key ^ opad`. */
const INNER: usize = memory.data(128, 16);
const OUTER: usize = memory.data(128, 16);
const STATE: usize = memory.data(128, 16);
/** End of the salt's message: the material's last bytes, the round's number, padding. */
const TAIL: usize = memory.data(128, 16);
/** Midstate in native words. */
const CHAIN: usize = memory.data(32, 16);
/** Four blocks of workblock, with 64 schedule words each in SIMD builds, else 24; twice. */
const BLOCKS: usize = memory.data(8192, 16);
/** Slots of one entry of `BLOCKS`. */
const BLOCK: usize = ASC_FEATURE_SIMD ? 1024 : 96;
/** The blocks being made, and those that wait for the chain: how many, and which comes first. */
let blocks: usize = BLOCKS;
let blocksBefore: usize = BLOCKS + 4 * BLOCK;
let waiting: i32 = 0;
let next: usize = 0;

/** Give all lanes of a slot the same word. */
// @ts-ignore: decorator
@inline
function put(slot: usize, word: u32): void {
  if (ASC_FEATURE_SIMD) v128.store(slot, i32x4.splat(word));
  else store<u32>(slot, word);
}

/** Append `count` schedule words to the 16 at `words`. */
// @ts-ignore: decorator
@inline
function expand(words: usize, count: usize): void {
  for (let w = words; w < words + count * SLOT; w += SLOT) {
    if (ASC_FEATURE_SIMD) {
      const w16 = v128.load(w);
      v128.store(w, expandLanes(v128.load(w, 224), v128.load(w, 144), v128.load(w, 16), w16), 256);
    } else {
      const w16 = load<u32>(w);
      const word = expandWords(load<u32>(w, 56), load<u32>(w, 36), load<u32>(w, 4), w16);
      store<u32>(w, word, 64);
    }
  }
}

/** Mix the block whose schedule is at `w` into `CHAIN`; four blocks of a lane are one schedule apart. */
function chainLane(w: usize): void {
  let a = load<u32>(CHAIN);
  let b = load<u32>(CHAIN, 4);
  let c = load<u32>(CHAIN, 8);
  let d = load<u32>(CHAIN, 12);
  let e = load<u32>(CHAIN, 16);
  let f = load<u32>(CHAIN, 20);
  let g = load<u32>(CHAIN, 24);
  let h = load<u32>(CHAIN, 28);
  for (let k = SHA256_K; k < SHA256_K + 256; k += 32) {
    h = t1(e, f, g, h, load<u32>(w) + load<u32>(k));
    d += h;
    h += t2(a, b, c);
    g = t1(d, e, f, g, load<u32>(w, 16) + load<u32>(k, 4));
    c += g;
    g += t2(h, a, b);
    f = t1(c, d, e, f, load<u32>(w, 32) + load<u32>(k, 8));
    b += f;
    f += t2(g, h, a);
    e = t1(b, c, d, e, load<u32>(w, 48) + load<u32>(k, 12));
    a += e;
    e += t2(f, g, h);
    d = t1(a, b, c, d, load<u32>(w, 64) + load<u32>(k, 16));
    h += d;
    d += t2(e, f, g);
    c = t1(h, a, b, c, load<u32>(w, 80) + load<u32>(k, 20));
    g += c;
    c += t2(d, e, f);
    b = t1(g, h, a, b, load<u32>(w, 96) + load<u32>(k, 24));
    f += b;
    b += t2(c, d, e);
    a = t1(f, g, h, a, load<u32>(w, 112) + load<u32>(k, 28));
    e += a;
    a += t2(b, c, d);
    w += 128;
  }
  store<u32>(CHAIN, load<u32>(CHAIN) + a);
  store<u32>(CHAIN, load<u32>(CHAIN, 4) + b, 4);
  store<u32>(CHAIN, load<u32>(CHAIN, 8) + c, 8);
  store<u32>(CHAIN, load<u32>(CHAIN, 12) + d, 12);
  store<u32>(CHAIN, load<u32>(CHAIN, 16) + e, 16);
  store<u32>(CHAIN, load<u32>(CHAIN, 20) + f, 20);
  store<u32>(CHAIN, load<u32>(CHAIN, 24) + g, 24);
  store<u32>(CHAIN, load<u32>(CHAIN, 28) + h, 28);
}

/**
 * Mix the next waiting block into `CHAIN`, if there is one. The chain is one long dependency, so its
 * blocks are spread between those of the next rounds, with which the processor can overlap them.
 */
function chainNext(): void {
  if (waiting == 0) return;
  waiting -= 1;
  const block = blocksBefore + (next & 3) * BLOCK;
  if (ASC_FEATURE_SIMD) chainLane(block + ((next >> 2) << 2));
  else mixWords(CHAIN, CHAIN, block, 0);
  next += 1;
}

/**
 * Make the blocks of the first `lanes` lanes wait for the chain. It cannot run in vectors, but the
 * message schedules of all its blocks can, as the blocks are known before.
 */
function chain(lanes: i32): void {
  const size: usize = ASC_FEATURE_SIMD ? 48 : 8;
  for (let i: usize = 0; i < 4; i++) expand(blocks + i * BLOCK, size);
  waiting = 4 * lanes;
  next = 0;
  const before = blocksBefore;
  blocksBefore = blocks;
  blocks = before;
}

/** Mix `WORDS` into the state at `from`; the result goes to `to`. */
function mix(to: usize, from: usize): void {
  chainNext();
  expand(WORDS, 8);
  if (ASC_FEATURE_SIMD) mixLanes(to, from, WORDS, 0);
  else mixWords(to, from, WORDS, 0);
}

/** Set `WORDS` to the 64 message bytes at `block`, alike in all lanes. */
function share(block: usize): void {
  for (let i: usize = 0; i < 16; i++) put(WORDS + i * SLOT, bswap(load<u32>(block + (i << 2))));
}

/** Set the last eight slots of `WORDS` to a marker, zeros and the length of the message in bits. */
function pad(marker: u32, bits: u32): void {
  put(WORDS + 8 * SLOT, marker);
  for (let i: usize = 9; i < 15; i++) put(WORDS + i * SLOT, 0);
  put(WORDS + 15 * SLOT, bits);
}

/** Copy eight slots; `memory.copy` is a call into the host, which costs more than that. */
function move(to: usize, from: usize): void {
  for (let i: usize = 0; i < 8 * SLOT; i += SLOT) {
    if (ASC_FEATURE_SIMD) v128.store(to + i, v128.load(from + i));
    else store<u32>(to + i, load<u32>(from + i));
  }
}

function initial(state: usize): void {
  for (let i: usize = 0; i < 8; i++) put(state + i * SLOT, load<u32>(SHA256_IV + (i << 2)));
}

/** Mix the block `key ^ pad` into a fresh state; `key` has eight slots, zeros follow them. */
function keyState(state: usize, key: usize, padWord: u32): void {
  for (let i: usize = 0; i < 8; i++) {
    const at = i * SLOT;
    if (ASC_FEATURE_SIMD) {
      v128.store(WORDS + at, v128.xor(v128.load(key + at), i32x4.splat(padWord)));
    } else {
      store<u32>(WORDS + at, load<u32>(key + at) ^ padWord);
    }
    put(WORDS + at + 8 * SLOT, padWord);
  }
  initial(state);
  mix(state, state);
}

function hmacKey(key: usize): void {
  keyState(INNER, key, 0x36363636);
  keyState(OUTER, key, 0x5c5c5c5c);
}

/** Turn the inner digest in the first slots of `WORDS` into the HMAC, in the same place. */
function outer(): void {
  // 64 bytes of key and 32 of digest.
  pad(0x80000000, 768);
  mix(WORDS, OUTER);
}

/** Write 0x80, zeros and the length in bits behind a message; the end of its last block. */
function close(message: usize, length: usize, hashedBytes: usize): usize {
  const end = (length + 72) & ~63;
  store<u8>(message + length, 0x80);
  memory.fill(message + length + 1, 0, end - length - 9);
  store<u64>(message + end - 8, bswap<u64>((<u64>hashedBytes) << 3));
  return message + end;
}

/**
 * Hash material ‖ msgpack(n + lane) to `SALT`, where n is a multiple of LANES. Then only the lowest
 * byte of the number differs between lanes, in its lowest bits, and all messages have one length.
 */
function salt(length: usize, n: u32): void {
  const rest = length & 63;
  const size: usize = n < 128 ? 1 : n < 256 ? 2 : 3;
  memory.copy(TAIL, MATERIAL + length - rest, rest);
  const low = rest + size - 1;
  if (size > 2) store<u8>(TAIL + low - 1, n >>> 8);
  if (size > 1) store<u8>(TAIL + rest, size == 2 ? 0xcc : 0xcd);
  store<u8>(TAIL + low, n);
  const end = close(TAIL, rest + size, length + size);
  move(SALT, PLAIN);
  for (let block = TAIL; block < end; block += 64) {
    share(block);
    if (ASC_FEATURE_SIMD) {
      if (low >> 6 == (block - TAIL) >> 6) {
        const slot = WORDS + (((low & 63) >> 2) << 4);
        const lane = i32x4.shl(i32x4(0, 1, 2, 3), 24 - ((<i32>low & 3) << 3));
        v128.store(slot, i32x4.add(v128.load(slot), lane));
      }
    }
    mix(SALT, SALT);
  }
}

/** HKDF-SHA256 to 256 bytes with `SALT`, no info; the output goes to `blocks`. */
function expandKey(materialEnd: usize): void {
  hmacKey(SALT);
  move(STATE, INNER);
  for (let block = MATERIAL; block < materialEnd; block += 64) {
    share(block);
    mix(STATE, STATE);
  }
  move(WORDS, STATE);
  outer();
  move(SALT, WORDS);
  hmacKey(SALT);
  // The first message is the counter byte alone, the others 32 bytes of output and the counter.
  for (let i: usize = 0; i < 8; i++) put(WORDS + i * SLOT, 0);
  pad(0, 520);
  put(WORDS, 0x01800000);
  let to = blocks;
  for (let counter: u32 = 1; ; to += BLOCK) {
    mix(WORDS, INNER);
    outer();
    move(to, WORDS);
    pad((++counter << 24) | 0x800000, 776);
    mix(WORDS, INNER);
    outer();
    move(to + 8 * SLOT, WORDS);
    if (++counter > 8) return;
    pad((counter << 24) | 0x800000, 776);
  }
}

/**
 * Mix the rounds `first` to `first + count - 1` of the workblock of the `length` bytes at MATERIAL
 * into MIDSTATE. Round zero starts from SHA-256's initial state, whatever MIDSTATE holds.
 *
 * @param first - a multiple of 4
 * @returns `count`, or -1 when an argument is out of range
 */
export function workblock(length: i32, first: i32, count: i32): i32 {
  if (<u32>length > <u32>MATERIAL_CAP || (first & 3) != 0 || first < 0 || count < 0) return -1;
  if (first + count > 65535) return -1;
  for (let i: usize = 0; i < 32; i += 4) {
    store<u32>(CHAIN + i, first == 0 ? load<u32>(SHA256_IV + i) : bswap(load<u32>(MIDSTATE + i)));
  }
  const materialEnd = close(MATERIAL, length, 64 + length);
  initial(PLAIN);
  for (let block = MATERIAL; block + 64 <= MATERIAL + <usize>length; block += 64) {
    share(block);
    mix(PLAIN, PLAIN);
  }
  const end = first + count;
  for (let n = first; n < end; n += LANES) {
    salt(length, n);
    expandKey(materialEnd);
    chain(min(LANES, end - n));
  }
  while (waiting > 0) chainNext();
  for (let i: usize = 0; i < 32; i += 4) {
    store<u32>(MIDSTATE + i, bswap(load<u32>(CHAIN + i)));
  }
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
  let a = bswap(load<u32>(MIDSTATE));
  let b = bswap(load<u32>(MIDSTATE, 4));
  let c = bswap(load<u32>(MIDSTATE, 8));
  let d = bswap(load<u32>(MIDSTATE, 12));
  let e = bswap(load<u32>(MIDSTATE, 16));
  let f = bswap(load<u32>(MIDSTATE, 20));
  let g = bswap(load<u32>(MIDSTATE, 24));
  let h = bswap(load<u32>(MIDSTATE, 28));
  const first = a;
  // Only word 7 varies, so the rounds before are the same for all tries, and round 7 but for two sums.
  for (let i: usize = 0; i < 8; i++) {
    const word = i < 7 ? bswap(load<u32>(PREFIX + (i << 2))) : 0;
    put(WORDS + i * SLOT, word);
    const t = t1(e, f, g, h, word + load<u32>(SHA256_K + (i << 2)));
    const sum = t + t2(a, b, c);
    h = g;
    g = f;
    f = e;
    e = d + t;
    d = c;
    c = b;
    b = a;
    a = sum;
  }
  pad(0x80000000, bits);
  expand(WORDS, 8);
  put(STATE + SLOT, b);
  put(STATE + 2 * SLOT, c);
  put(STATE + 3 * SLOT, d);
  put(STATE + 5 * SLOT, f);
  put(STATE + 6 * SLOT, g);
  put(STATE + 7 * SLOT, h);
  if (ASC_FEATURE_SIMD) {
    let n = i32x4.add(i32x4.splat(start), i32x4(0, 1, 2, 3));
    const as = i32x4.splat(a);
    const es = i32x4.splat(e);
    const masks = i32x4.splat(mask);
    // The schedule was expanded with zero for word 7; two words up to the 24th depend on it.
    const w22 = v128.load(WORDS, 352);
    const w23 = v128.load(WORDS, 368);
    const none = i32x4.splat(0);
    // mixLanes adds a + n, where the digest has the midstate's word.
    const excess = i32x4.splat(a - first);
    for (let i = 0; i < tries; i += 4) {
      v128.store(WORDS, expandLanes(none, none, n, w22), 352);
      v128.store(WORDS, i32x4.add(w23, n), 368);
      v128.store(STATE, i32x4.add(as, n));
      v128.store(STATE, i32x4.add(es, n), 64);
      mixLanes(INNER, STATE, WORDS, 8);
      const word = i32x4.sub(i32x4.sub(v128.load(INNER), excess), n);
      const left = v128.and(word, masks);
      if (!i32x4.all_true(left)) {
        const hit = i + ctz(i32x4.bitmask(i32x4.eq(left, i32x4.splat(0))));
        return hit < tries ? hit : -1;
      }
      n = i32x4.add(n, i32x4.splat(4));
    }
  } else {
    const w22 = load<u32>(WORDS, 88);
    const w23 = load<u32>(WORDS, 92);
    const excess = a - first;
    for (let i = 0; i < tries; i++) {
      const n = start + i;
      store<u32>(WORDS, expandWords(0, 0, n, w22), 88);
      store<u32>(WORDS, w23 + n, 92);
      store<u32>(STATE, a + n);
      store<u32>(STATE, e + n, 16);
      mixWords(INNER, STATE, WORDS, 8);
      if (((load<u32>(INNER) - excess - n) & mask) == 0) return i;
    }
  }
  return -1;
}
