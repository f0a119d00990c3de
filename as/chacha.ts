/**
 * Kernel `chacha`: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03), that is HChaCha20 for a key of
 * its own for each nonce, ChaCha20 and Poly1305 (RFC 8439).
 *
 * Contract: the caller writes key and nonce and, for a message that fits, associated data to AAD
 * and text to IN, then calls `seal` or `open`: the text is changed in place, the tag is at TAG. A
 * longer message is `begin`, `absorb` for the associated data, `encrypt` or `absorb` and later
 * `decrypt` for the text, `finish`. Every part but the last of either kind has a whole number of
 * blocks: the first part of the text is FIRST_CAP bytes, the others IN_CAP; parts of associated
 * data are IN_CAP.
 *
 *     KEY       32 bytes, in; cleared by `begin`
 *     NONCE     24 bytes, in
 *     AAD       AAD_CAP bytes and room for padding
 *     IN        IN_CAP bytes and room for key stream beyond the end
 *     TAG       16 bytes, out
 *     EXPECTED  16 bytes, in: the tag that `open` and `matches` compare with
 *
 * `seal`, `open` and `wipe` clear everything but IN, AAD and TAG, which hold no key.
 */
import { mixBlock } from './lib/chacha-block';
import { mixFourBlocks } from './lib/chacha-lanes';
import { polyBegin, polyBlocks, polyFinish, polyWipe } from './lib/chacha-poly1305';

/** Bytes of text in one part. */
export const IN_CAP: i32 = 65536;
/**
 * Bytes of text in the first part: the first group of key-stream blocks also holds the one-time
 * key, so the text begins 64 bytes into it.
 */
export const FIRST_CAP: i32 = 65472;
/** Bytes of associated data that `seal` and `open` take. */
export const AAD_CAP: i32 = 4096;

export const KEY: usize = memory.data(32, 16);
export const NONCE: usize = memory.data(24, 16);
export const AAD: usize = memory.data(4096 + 16, 16);
export const IN: usize = memory.data(65536 + 256, 16);
export const TAG: usize = memory.data(16, 16);
export const EXPECTED: usize = memory.data(16, 16);

/** More bytes were announced than fit. */
const TOO_LONG: i32 = -1;

/** Bytes of key stream made at once. */
const GROUP: usize = ASC_FEATURE_SIMD ? 256 : 64;
const BLOCK: usize = 64;
/** Text is encrypted and authenticated in pieces that stay in a first-level cache. */
const PIECE: usize = 8192;

/** Constants, key, counter and nonce as 16 words. */
const STATE: usize = memory.data(64, 16);
/** One group of key stream. */
const STREAM: usize = memory.data(256, 16);
/** Bytes of STREAM that were not used yet, at its end. */
let left: usize = 0;
/** The last block of the authenticator: both lengths, 64 bits each. */
const LENGTHS: usize = memory.data(16, 16);
/** The highest bit of a whole block, in its limb. */
const TOP: u64 = 1 << 24;

/** The constants of RFC 8439 section 2.3, then the key at `key`. */
function startState(key: usize): void {
  store<u64>(STATE, 0x3320646e61707865, 0);
  store<u64>(STATE, 0x6b20657479622d32, 8);
  for (let i: usize = 0; i < 32; i += 8) store<u64>(STATE + i, load<u64>(key + i), 16);
}

/** HChaCha20 of KEY and the 16 bytes at NONCE: the derived key takes the place of KEY. */
export function deriveKey(): void {
  startState(KEY);
  store<u64>(STATE, load<u64>(NONCE, 0), 48);
  store<u64>(STATE, load<u64>(NONCE, 8), 56);
  mixBlock(STATE, STREAM, 0);
  // The first and the last row of the state.
  store<u64>(KEY, load<u64>(STREAM, 0), 0);
  store<u64>(KEY, load<u64>(STREAM, 8), 8);
  store<u64>(KEY, load<u64>(STREAM, 48), 16);
  store<u64>(KEY, load<u64>(STREAM, 56), 24);
}

/** The next group of key stream, and the counter moved behind it. */
function nextGroup(): void {
  if (ASC_FEATURE_SIMD) mixFourBlocks(STATE, STREAM);
  else mixBlock(STATE, STREAM, 1);
  store<u32>(STATE, load<u32>(STATE, 48) + <u32>(GROUP / BLOCK), 48);
}

/** Begin a message with KEY and NONCE. */
export function begin(): void {
  deriveKey();
  startState(KEY);
  store<u32>(STATE, 0, 48);
  store<u32>(STATE, 0, 52);
  store<u64>(STATE, load<u64>(NONCE, 16), 56);
  clear(KEY, 32);
  nextGroup();
  polyBegin(STREAM);
  left = GROUP - BLOCK;
}

/** Add key stream from `from` on to the `length` bytes at `to`, rounded up to 16. */
function addStream(to: usize, from: usize, length: usize): void {
  for (let i: usize = 0; i < length; i += 16) {
    if (ASC_FEATURE_SIMD) {
      v128.store(to + i, v128.xor(v128.load(to + i), v128.load(from + i)));
    } else {
      store<u64>(to + i, load<u64>(to + i) ^ load<u64>(from + i));
      store<u64>(to + i, load<u64>(to + i, 8) ^ load<u64>(from + i, 8), 8);
    }
  }
}

/** Encrypt or decrypt `length` bytes at `at` in place. */
function crypt(at: usize, length: usize): void {
  const end = at + length;
  if (left > 0 && length > 0) {
    const size = min(left, length);
    addStream(at, STREAM + GROUP - left, size);
    left = 0;
    at += size;
  }
  for (; at < end; at += GROUP) {
    nextGroup();
    addStream(at, STREAM, min(GROUP, end - at));
  }
}

/** Authenticate `length` bytes at `at`, padded with zeros in place to whole blocks. */
function authenticate(at: usize, length: usize): void {
  const rounded = (length + 15) & ~15;
  for (let i = length; i < rounded; i++) store<u8>(at + i, 0);
  polyBlocks(at, rounded, TOP);
}

/** Take `length` bytes at IN, associated data or ciphertext, into the tag; 0 or a negative code. */
export function absorb(length: i32): i32 {
  if (<u32>length > <u32>IN_CAP) return TOO_LONG;
  authenticate(IN, <usize>length);
  return 0;
}

/** Encrypt `length` bytes at IN and take the ciphertext into the tag; 0 or a negative code. */
export function encrypt(length: i32): i32 {
  if (<u32>length > <u32>IN_CAP) return TOO_LONG;
  let at = IN;
  let rest = <usize>length;
  while (rest > 0) {
    // A piece ends where a group of key stream does.
    const size = min(rest, PIECE - GROUP + (left > 0 ? left : GROUP));
    crypt(at, size);
    authenticate(at, size);
    at += size;
    rest -= size;
  }
  return 0;
}

/** Decrypt `length` bytes at IN; 0 or a negative code. */
export function decrypt(length: i32): i32 {
  if (<u32>length > <u32>IN_CAP) return TOO_LONG;
  crypt(IN, <usize>length);
  return 0;
}

/** End the tag, which goes to TAG, with the lengths of all associated data and all text. */
export function finish(aadLength: f64, length: f64): void {
  store<u64>(LENGTHS, <u64>aadLength, 0);
  store<u64>(LENGTHS, <u64>length, 8);
  polyBlocks(LENGTHS, 16, TOP);
  polyFinish(TAG);
}

/** 1 when TAG equals EXPECTED, else 0; the time taken is the same. */
export function matches(): i32 {
  const difference =
    (load<u64>(TAG, 0) ^ load<u64>(EXPECTED, 0)) | (load<u64>(TAG, 8) ^ load<u64>(EXPECTED, 8));
  return <i32>(difference == 0);
}

/** Seal the `length` bytes at IN with `aadLength` bytes at AAD; 0 or a negative code. */
export function seal(aadLength: i32, length: i32): i32 {
  if (<u32>aadLength > <u32>AAD_CAP || <u32>length > <u32>FIRST_CAP) return TOO_LONG;
  begin();
  authenticate(AAD, <usize>aadLength);
  encrypt(length);
  finish(<f64>aadLength, <f64>length);
  wipe();
  return 0;
}

/**
 * Open the ciphertext of `length` bytes at IN with `aadLength` bytes at AAD: 1, and the text in its
 * place, when its tag is EXPECTED; 0, and the ciphertext left as it was, when not; or a negative
 * code.
 */
export function open(aadLength: i32, length: i32): i32 {
  if (<u32>aadLength > <u32>AAD_CAP || <u32>length > <u32>FIRST_CAP) return TOO_LONG;
  begin();
  authenticate(AAD, <usize>aadLength);
  authenticate(IN, <usize>length);
  finish(<f64>aadLength, <f64>length);
  const authentic = matches();
  if (authentic) crypt(IN, <usize>length);
  wipe();
  return authentic;
}

/**
 * Poly1305 of the `length` bytes at IN, at most IN_CAP, under the 32 bytes at KEY, which are
 * cleared; the tag goes to TAG; 0 or a negative code.
 */
export function poly1305(length: i32): i32 {
  if (<u32>length > <u32>IN_CAP) return TOO_LONG;
  polyBegin(KEY);
  clear(KEY, 32);
  const whole = <usize>length & ~15;
  polyBlocks(IN, whole, TOP);
  const rest = <usize>length - whole;
  if (rest > 0) {
    const last = IN + whole;
    store<u8>(last + rest, 1);
    for (let i = rest + 1; i < 16; i++) store<u8>(last + i, 0);
    polyBlocks(last, 16, 0);
  }
  polyFinish(TAG);
  return 0;
}

function clear(at: usize, length: usize): void {
  for (let i: usize = 0; i < length; i += 8) store<u64>(at + i, 0);
}

/** Clear every key and what follows from one. */
export function wipe(): void {
  clear(KEY, 32);
  clear(STATE, 64);
  clear(STREAM, 256);
  polyWipe();
  left = 0;
}
