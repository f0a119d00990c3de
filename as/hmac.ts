/**
 * Kernel `hmac`: HMAC-SHA256 (RFC 2104) and HKDF-SHA256 from cached midstates.
 *
 * A key is its two midstates at `KEY`: 8 native words after the block `key ^ ipad`, 8 words after
 * `key ^ opad`. The caller copies them in before a call; every call that ends a computation clears
 * them, so that no key stays behind. Messages are copied to `IN` and padded in place.
 *
 *     IN    IN_CAP bytes and room for padding
 *     KEY   64 bytes  midstates, in and out
 *     TAG   32 bytes  tag to compare with
 *     OUT   32 bytes a message, BATCH messages; one tag, or the tags of a batch, or HKDF output
 *     LEN   4 bytes a message, BATCH messages: their lengths in a batch
 */
import { sha256Compress, sha256Wipe } from './lib/sha256';
import { lanesCompress, lanesLoad, lanesSplat, lanesStore } from './lib/sha256-lanes';
import { SHA256_IV } from './lib/sha256-rounds';
import { mixLanes, wipeLanes } from './lib/stamp-lanes';

/** Bytes that `IN` takes; a multiple of the block size. */
export const IN_CAP: i32 = 32768;
/** Messages that one batch takes. */
export const BATCH: i32 = 128;

export const IN: usize = memory.data(32768 + 128, 16);
export const KEY: usize = memory.data(64, 16);
export const TAG: usize = memory.data(32, 16);
export const OUT: usize = memory.data(4096, 16);
export const LEN: usize = memory.data(512, 16);

/** Most bytes of salt, input key material and info that {@link extract} and {@link expand} take. */
export const HKDF_CAP: i32 = 4096;
/** HKDF's inputs share the message buffer; each has room for padding behind it. */
export const SALT: usize = IN;
export const IKM: usize = IN + 4224;
/** The 32 bytes before `INFO` hold the output block before, as the message of the next one begins. */
export const INFO: usize = IN + 8480;

/** State of the message at hand. */
const STATE: usize = memory.data(32, 16);
/** Last block of the outer hash: the inner digest, then the padding of 64 + 32 bytes = 768 bits. */
const OUTER: usize = memory.data<u32>([0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0x30000], 16);
/** The same padding in native words. */
const PADDING: usize = memory.data<u32>([0x80000000, 0, 0, 0, 0, 0, 0, 768], 16);
/** The key block, and the pseudorandom key of HKDF. */
const BLOCK: usize = memory.data(64, 16);
const BLOCK2: usize = memory.data(32, 16);
/** Eight states and the message schedule of eight blocks, side by side (SIMD builds). */
const STATES: usize = memory.data(256, 16);
const WORDS: usize = memory.data(2048, 16);

/** Copy a state; the built-in copy is a call into the host, which costs more than the copy. */
function copyState(to: usize, from: usize): void {
  for (let i: usize = 0; i < 32; i += 8) store<u64>(to + i, load<u64>(from + i));
}

/** Clear `length` bytes, a multiple of eight. */
function clearWords(at: usize, length: usize): void {
  for (let i: usize = 0; i < length; i += 8) store<u64>(at + i, 0);
}

/**
 * Pad the message of `length` bytes at `at` in place and return how many blocks it fills.
 * `total` counts all hashed bytes, those in earlier chunks and the key block included.
 */
function pad(at: usize, length: i32, total: u64): i32 {
  const blocks = (length + 72) >> 6;
  const end = at + (<usize>blocks << 6);
  const from = at + <usize>length;
  // At least nine bytes follow the message, so the first store stays inside the last block.
  store<u64>(from, 0);
  store<u8>(from, 0x80);
  for (let p = (from + 8) & ~7; p < end; p += 8) store<u64>(p, 0);
  store<u64>(end - 8, bswap<u64>(total << 3));
  return blocks;
}

/** Write the words of `state` in big-endian order. */
function emit(state: usize, to: usize): void {
  for (let i: usize = 0; i < 32; i += 4) store<u32>(to + i, bswap(load<u32>(state + i)));
}

/**
 * Finish a message: `from` is its state so far, its last, already padded `blocks` are at `at`, and the
 * tag goes to `to`.
 */
function finish(from: usize, at: usize, blocks: i32, to: usize): void {
  sha256Compress(STATE, from, at, blocks);
  emit(STATE, OUTER);
  sha256Compress(STATE, KEY + 32, OUTER, 1);
  emit(STATE, to);
}

function macAt(at: usize, length: i32, to: usize): void {
  finish(KEY, at, pad(at, length, <u64>length + 64), to);
}

/** Put the midstates of the `length` (at most 64) key bytes at `at` in `KEY`, and clear the key. */
function keyAt(at: usize, length: i32): void {
  clearWords(BLOCK, 64);
  memory.copy(BLOCK, at, length);
  for (let i: usize = 0; i < 64; i += 8) {
    store<u64>(BLOCK + i, load<u64>(BLOCK + i) ^ 0x3636363636363636);
  }
  sha256Compress(KEY, SHA256_IV, BLOCK, 1);
  for (let i: usize = 0; i < 64; i += 8) {
    store<u64>(BLOCK + i, load<u64>(BLOCK + i) ^ 0x6a6a6a6a6a6a6a6a);
  }
  sha256Compress(KEY + 32, SHA256_IV, BLOCK, 1);
  clearWords(BLOCK, 64);
  memory.fill(at, 0, length);
}

/** Clear the midstates and all that was computed with them but the result in `OUT`. */
function clear(): void {
  clearWords(KEY, 64);
  clearWords(STATE, 32);
}

/** Turn the key of `length` bytes at `IN` into midstates at `KEY`; at most 64 bytes. */
export function setKey(length: i32): void {
  keyAt(IN, length);
  sha256Wipe();
}

/** Begin a hash without key (`keyed` 0) or a MAC with the midstates at `KEY`. */
export function begin(keyed: i32): void {
  copyState(STATE, keyed ? KEY : SHA256_IV);
}

/** Take `blocks` whole blocks from `IN`. */
export function absorb(blocks: i32): void {
  sha256Compress(STATE, STATE, IN, blocks);
}

/** End a MAC with the last `length` bytes at `IN`; `total` is the length of the whole message. */
export function end(length: i32, total: f64): void {
  finish(STATE, IN, pad(IN, length, <u64>total + 64), OUT);
  clear();
}

/** End a hash likewise; the digest goes to `OUT`. */
export function endHash(length: i32, total: f64): void {
  sha256Compress(STATE, STATE, IN, pad(IN, length, <u64>total));
  emit(STATE, OUT);
  clear();
  sha256Wipe();
}

/** MAC of the message of `length` bytes at `IN`, in one call; the tag goes to `OUT`. */
export function mac(length: i32): void {
  macAt(IN, length, OUT);
  clear();
}

/** Clear everything that a computation with secret messages may have left. */
export function wipe(): void {
  memory.fill(IN, 0, IN_CAP + 128);
  memory.fill(OUT, 0, 32 * BATCH);
  clearWords(OUTER, 32);
  clear();
  sha256Wipe();
}

/** 1 when the tag in `OUT` equals the one at `TAG`, else 0; the time taken is the same. */
export function matches(): i32 {
  let difference: u64 = 0;
  for (let i: usize = 0; i < 32; i += 8) {
    difference |= load<u64>(OUT + i) ^ load<u64>(TAG + i);
  }
  clearWords(OUT, 32);
  return <i32>(difference == 0);
}

/**
 * HKDF-Extract (RFC 5869 section 2.2) of `ikmLength` bytes at `IKM` with at most 64 bytes of salt at
 * `SALT`; the midstates of the pseudorandom key are then at `KEY`, and the inputs are cleared.
 */
export function extract(saltLength: i32, ikmLength: i32): void {
  keyAt(SALT, saltLength);
  macAt(IKM, ikmLength, BLOCK2);
  memory.fill(IKM, 0, ikmLength);
  keyAt(BLOCK2, 32);
}

/**
 * HKDF-Expand (RFC 5869 section 2.3): `blocks` output blocks to `OUT`, of which the first has the
 * number `first`, counted from one. The counter byte is the number modulo 256. With `last` set,
 * everything but `OUT` is cleared; otherwise the next call goes on from here.
 */
export function expand(infoLength: i32, first: i32, blocks: i32, last: i32): void {
  const counter = INFO + <usize>infoLength;
  let to = OUT;
  for (let number = first; number < first + blocks; number++, to += 32) {
    store<u8>(counter, <u8>number);
    if (number == 1) macAt(INFO, infoLength + 1, to);
    else macAt(INFO - 32, infoLength + 33, to);
    copyState(INFO - 32, to);
  }
  if (last) {
    clearWords(INFO - 32, 32);
    clearWords(OUTER, 32);
    clear();
    sha256Wipe();
  }
}

/**
 * MACs of `count` messages that fill `blocks` blocks each when padded: message i has `LEN[i]` bytes
 * at `IN + 64 * blocks * i`, its tag goes to `OUT + 32 * i`. The midstates at `KEY` serve all.
 */
export function macBatch(count: i32, blocks: i32): void {
  const stride = <usize>blocks << 6;
  let at = IN;
  for (let i = 0; i < count; i++, at += stride) {
    const length = load<i32>(LEN + (<usize>i << 2));
    pad(at, length, <u64>length + 64);
  }
  at = IN;
  let to = OUT;
  if (ASC_FEATURE_SIMD) {
    // Eight lanes cost less than four and two single messages, four less than three single ones. The
    // last message also takes the lanes that are left over.
    if (count > 5) {
      for (; count > 5; count -= 8, at += stride << 3, to += 256) {
        eightLanes(at, stride, min<usize>(count, 8) - 1, to);
      }
      wipeLanes();
    }
    if (count > 2) {
      fourLanes(at, stride, count == 3 ? 2 : 3, to);
      count -= 4;
      at += stride << 2;
      to += 128;
    }
  }
  for (; count > 0; count--, at += stride, to += 32) {
    finish(KEY, at, blocks, to);
  }
  clear();
}

/** Four padded messages, `stride` bytes apart; the last one is number `last` (2 or 3). */
function fourLanes(at: usize, stride: usize, last: usize, to: usize): void {
  const end = at + stride;
  const far = stride * last;
  lanesSplat(STATES, KEY);
  for (; at < end; at += 64) {
    lanesLoad(WORDS, 16, at, at + stride, at + (stride << 1), at + far);
    lanesCompress(STATES, WORDS);
  }
  for (let i: usize = 0; i < 128; i += 16) v128.store(WORDS + i, v128.load(STATES + i));
  lanesSplat(WORDS + 128, PADDING);
  lanesSplat(STATES, KEY + 32);
  lanesCompress(STATES, WORDS);
  lanesStore(STATES, 16, to);
}

/** Give all lanes of eight slots the eight words at `from`. */
function splatSlots(slots: usize, from: usize): void {
  for (let i: usize = 0; i < 32; i += 4) {
    const word = v128.load32_splat(from + i);
    v128.store(slots + (i << 3), word);
    v128.store(slots + (i << 3), word, 16);
  }
}

/** Likewise eight messages; the last one is number `last` (5 to 7). */
function eightLanes(at: usize, stride: usize, last: usize, to: usize): void {
  const end = at + stride;
  const half = stride << 2;
  const far = stride * min<usize>(last, 6);
  const farthest = stride * last;
  splatSlots(STATES, KEY);
  for (; at < end; at += 64) {
    const next = at + half;
    lanesLoad(WORDS, 32, at, at + stride, at + (stride << 1), next - stride);
    lanesLoad(WORDS + 16, 32, next, next + stride, at + far, at + farthest);
    mixLanes(STATES, STATES, WORDS, 0);
  }
  memory.copy(WORDS, STATES, 256);
  splatSlots(WORDS + 256, PADDING);
  splatSlots(STATES, KEY + 32);
  mixLanes(STATES, STATES, WORDS, 0);
  lanesStore(STATES, 32, to);
  lanesStore(STATES + 16, 32, to + 128);
}
