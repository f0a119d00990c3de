/**
 * BLAKE2b (RFC 7693), one block at a time on 64-bit integers.
 *
 * Contract: the caller writes input at IN and reads the digest at STATE. A message is `start`, any
 * number of `absorb`, one `finish`; or `hash` alone when it fits the input area. The caller may
 * copy the 64 bytes at STATE away between calls and back later, so that one instance serves many
 * messages.
 *
 *     STATE  eight chaining words, 8 bytes each, little-endian; so is the digest
 *
 * `absorb` and `finish` are told how many bytes went before, as a double, which JavaScript passes
 * without making a BigInt.
 *
 * The rounds are written out, because a loop that looks the message words up by SIGMA is a quarter
 * slower. A message word is added before the other summand, because it is ready earlier. There is
 * no SIMD build: two 64-bit lanes need two loads or shuffles for every pair of message words and
 * have no rotate, which came to half the speed of the scalar code.
 */

/** Bytes that IN holds. */
export const IN_CAP: i32 = 16384;

/** Input; the 128 bytes behind it are room for the padding of the last block. */
export const IN: usize = memory.data(16384 + 128, 16);

/** Chaining value; the digest after `finish` and `hash`. */
export const STATE: usize = memory.data(64, 16);

const BLOCK: i32 = 128;

// prettier-ignore
const IV: usize = memory.data<u64>([
  0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
  0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
], 16);

/** Begin a message with a digest of 1..64 bytes and a key of 0..64 bytes (its block is input). */
export function start(digestBytes: i32, keyBytes: i32): void {
  for (let i: usize = 0; i < 64; i += 8) store<u64>(STATE + i, load<u64>(IV + i));
  // RFC 7693 section 2.5: the first word of the parameter block, fan-out and depth one.
  const parameters = 0x01010000 ^ ((<u64>keyBytes) << 8) ^ (<u64>digestBytes);
  store<u64>(STATE, load<u64>(STATE) ^ parameters);
}

/** Take `length` bytes at IN that are not the message's last; a multiple of 128, at most IN_CAP. */
export function absorb(length: i32, before: f64): void {
  mixBlocks(length, <u64>before);
}

/** Take the last bytes at IN, at most IN_CAP; none only if there is neither message nor key. */
export function finish(length: i32, before: f64): void {
  mixLast(length, <u64>before);
}

/** Hash the `length` bytes at IN, at most IN_CAP, without a key. */
export function hash(length: i32, digestBytes: i32): void {
  start(digestBytes, 0);
  mixLast(length, 0);
}

function mixBlocks(length: i32, before: u64): u64 {
  const end = IN + <usize>length;
  let count = before;
  for (let at = IN; at < end; at += <usize>BLOCK) {
    count += <u64>BLOCK;
    compress(at, count, 0);
  }
  return count;
}

function mixLast(length: i32, before: u64): void {
  const whole = length > 0 ? ((length - 1) / BLOCK) * BLOCK : 0;
  const count = mixBlocks(whole, before);
  const last = IN + <usize>whole;
  const rest = length - whole;
  memory.fill(last + <usize>rest, 0, <usize>(BLOCK - rest));
  compress(last, count + <u64>rest, -1);
}

/** Mix one block, which `count` includes, into STATE; `last` is all ones for the final block. */
function compress(block: usize, count: u64, last: u64): void {
  // prettier-ignore
  {
    let v0 = load<u64>(STATE, 0); let v1 = load<u64>(STATE, 8);
    let v2 = load<u64>(STATE, 16); let v3 = load<u64>(STATE, 24);
    let v4 = load<u64>(STATE, 32); let v5 = load<u64>(STATE, 40);
    let v6 = load<u64>(STATE, 48); let v7 = load<u64>(STATE, 56);
    let v8 = load<u64>(IV, 0);
    let v9 = load<u64>(IV, 8);
    let v10 = load<u64>(IV, 16);
    let v11 = load<u64>(IV, 24);
    let v12 = load<u64>(IV, 32) ^ count;
    let v13 = load<u64>(IV, 40);
    let v14 = load<u64>(IV, 48) ^ last;
    let v15 = load<u64>(IV, 56);
    const m0 = load<u64>(block, 0); const m1 = load<u64>(block, 8);
    const m2 = load<u64>(block, 16); const m3 = load<u64>(block, 24);
    const m4 = load<u64>(block, 32); const m5 = load<u64>(block, 40);
    const m6 = load<u64>(block, 48); const m7 = load<u64>(block, 56);
    const m8 = load<u64>(block, 64); const m9 = load<u64>(block, 72);
    const m10 = load<u64>(block, 80); const m11 = load<u64>(block, 88);
    const m12 = load<u64>(block, 96); const m13 = load<u64>(block, 104);
    const m14 = load<u64>(block, 112); const m15 = load<u64>(block, 120);

    // round 0: message words 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15
    v0 = v0 + m0 + v4; v12 = rotr(v12 ^ v0, 32); v8 += v12; v4 = rotr(v4 ^ v8, 24);
    v0 = v0 + m1 + v4; v12 = rotr(v12 ^ v0, 16); v8 += v12; v4 = rotr(v4 ^ v8, 63);
    v1 = v1 + m2 + v5; v13 = rotr(v13 ^ v1, 32); v9 += v13; v5 = rotr(v5 ^ v9, 24);
    v1 = v1 + m3 + v5; v13 = rotr(v13 ^ v1, 16); v9 += v13; v5 = rotr(v5 ^ v9, 63);
    v2 = v2 + m4 + v6; v14 = rotr(v14 ^ v2, 32); v10 += v14; v6 = rotr(v6 ^ v10, 24);
    v2 = v2 + m5 + v6; v14 = rotr(v14 ^ v2, 16); v10 += v14; v6 = rotr(v6 ^ v10, 63);
    v3 = v3 + m6 + v7; v15 = rotr(v15 ^ v3, 32); v11 += v15; v7 = rotr(v7 ^ v11, 24);
    v3 = v3 + m7 + v7; v15 = rotr(v15 ^ v3, 16); v11 += v15; v7 = rotr(v7 ^ v11, 63);
    v0 = v0 + m8 + v5; v15 = rotr(v15 ^ v0, 32); v10 += v15; v5 = rotr(v5 ^ v10, 24);
    v0 = v0 + m9 + v5; v15 = rotr(v15 ^ v0, 16); v10 += v15; v5 = rotr(v5 ^ v10, 63);
    v1 = v1 + m10 + v6; v12 = rotr(v12 ^ v1, 32); v11 += v12; v6 = rotr(v6 ^ v11, 24);
    v1 = v1 + m11 + v6; v12 = rotr(v12 ^ v1, 16); v11 += v12; v6 = rotr(v6 ^ v11, 63);
    v2 = v2 + m12 + v7; v13 = rotr(v13 ^ v2, 32); v8 += v13; v7 = rotr(v7 ^ v8, 24);
    v2 = v2 + m13 + v7; v13 = rotr(v13 ^ v2, 16); v8 += v13; v7 = rotr(v7 ^ v8, 63);
    v3 = v3 + m14 + v4; v14 = rotr(v14 ^ v3, 32); v9 += v14; v4 = rotr(v4 ^ v9, 24);
    v3 = v3 + m15 + v4; v14 = rotr(v14 ^ v3, 16); v9 += v14; v4 = rotr(v4 ^ v9, 63);
    // round 1: message words 14 10 4 8 9 15 13 6 1 12 0 2 11 7 5 3
    v0 = v0 + m14 + v4; v12 = rotr(v12 ^ v0, 32); v8 += v12; v4 = rotr(v4 ^ v8, 24);
    v0 = v0 + m10 + v4; v12 = rotr(v12 ^ v0, 16); v8 += v12; v4 = rotr(v4 ^ v8, 63);
    v1 = v1 + m4 + v5; v13 = rotr(v13 ^ v1, 32); v9 += v13; v5 = rotr(v5 ^ v9, 24);
    v1 = v1 + m8 + v5; v13 = rotr(v13 ^ v1, 16); v9 += v13; v5 = rotr(v5 ^ v9, 63);
    v2 = v2 + m9 + v6; v14 = rotr(v14 ^ v2, 32); v10 += v14; v6 = rotr(v6 ^ v10, 24);
    v2 = v2 + m15 + v6; v14 = rotr(v14 ^ v2, 16); v10 += v14; v6 = rotr(v6 ^ v10, 63);
    v3 = v3 + m13 + v7; v15 = rotr(v15 ^ v3, 32); v11 += v15; v7 = rotr(v7 ^ v11, 24);
    v3 = v3 + m6 + v7; v15 = rotr(v15 ^ v3, 16); v11 += v15; v7 = rotr(v7 ^ v11, 63);
    v0 = v0 + m1 + v5; v15 = rotr(v15 ^ v0, 32); v10 += v15; v5 = rotr(v5 ^ v10, 24);
    v0 = v0 + m12 + v5; v15 = rotr(v15 ^ v0, 16); v10 += v15; v5 = rotr(v5 ^ v10, 63);
    v1 = v1 + m0 + v6; v12 = rotr(v12 ^ v1, 32); v11 += v12; v6 = rotr(v6 ^ v11, 24);
    v1 = v1 + m2 + v6; v12 = rotr(v12 ^ v1, 16); v11 += v12; v6 = rotr(v6 ^ v11, 63);
    v2 = v2 + m11 + v7; v13 = rotr(v13 ^ v2, 32); v8 += v13; v7 = rotr(v7 ^ v8, 24);
    v2 = v2 + m7 + v7; v13 = rotr(v13 ^ v2, 16); v8 += v13; v7 = rotr(v7 ^ v8, 63);
    v3 = v3 + m5 + v4; v14 = rotr(v14 ^ v3, 32); v9 += v14; v4 = rotr(v4 ^ v9, 24);
    v3 = v3 + m3 + v4; v14 = rotr(v14 ^ v3, 16); v9 += v14; v4 = rotr(v4 ^ v9, 63);
    // round 2: message words 11 8 12 0 5 2 15 13 10 14 3 6 7 1 9 4
    v0 = v0 + m11 + v4; v12 = rotr(v12 ^ v0, 32); v8 += v12; v4 = rotr(v4 ^ v8, 24);
    v0 = v0 + m8 + v4; v12 = rotr(v12 ^ v0, 16); v8 += v12; v4 = rotr(v4 ^ v8, 63);
    v1 = v1 + m12 + v5; v13 = rotr(v13 ^ v1, 32); v9 += v13; v5 = rotr(v5 ^ v9, 24);
    v1 = v1 + m0 + v5; v13 = rotr(v13 ^ v1, 16); v9 += v13; v5 = rotr(v5 ^ v9, 63);
    v2 = v2 + m5 + v6; v14 = rotr(v14 ^ v2, 32); v10 += v14; v6 = rotr(v6 ^ v10, 24);
    v2 = v2 + m2 + v6; v14 = rotr(v14 ^ v2, 16); v10 += v14; v6 = rotr(v6 ^ v10, 63);
    v3 = v3 + m15 + v7; v15 = rotr(v15 ^ v3, 32); v11 += v15; v7 = rotr(v7 ^ v11, 24);
    v3 = v3 + m13 + v7; v15 = rotr(v15 ^ v3, 16); v11 += v15; v7 = rotr(v7 ^ v11, 63);
    v0 = v0 + m10 + v5; v15 = rotr(v15 ^ v0, 32); v10 += v15; v5 = rotr(v5 ^ v10, 24);
    v0 = v0 + m14 + v5; v15 = rotr(v15 ^ v0, 16); v10 += v15; v5 = rotr(v5 ^ v10, 63);
    v1 = v1 + m3 + v6; v12 = rotr(v12 ^ v1, 32); v11 += v12; v6 = rotr(v6 ^ v11, 24);
    v1 = v1 + m6 + v6; v12 = rotr(v12 ^ v1, 16); v11 += v12; v6 = rotr(v6 ^ v11, 63);
    v2 = v2 + m7 + v7; v13 = rotr(v13 ^ v2, 32); v8 += v13; v7 = rotr(v7 ^ v8, 24);
    v2 = v2 + m1 + v7; v13 = rotr(v13 ^ v2, 16); v8 += v13; v7 = rotr(v7 ^ v8, 63);
    v3 = v3 + m9 + v4; v14 = rotr(v14 ^ v3, 32); v9 += v14; v4 = rotr(v4 ^ v9, 24);
    v3 = v3 + m4 + v4; v14 = rotr(v14 ^ v3, 16); v9 += v14; v4 = rotr(v4 ^ v9, 63);
    // round 3: message words 7 9 3 1 13 12 11 14 2 6 5 10 4 0 15 8
    v0 = v0 + m7 + v4; v12 = rotr(v12 ^ v0, 32); v8 += v12; v4 = rotr(v4 ^ v8, 24);
    v0 = v0 + m9 + v4; v12 = rotr(v12 ^ v0, 16); v8 += v12; v4 = rotr(v4 ^ v8, 63);
    v1 = v1 + m3 + v5; v13 = rotr(v13 ^ v1, 32); v9 += v13; v5 = rotr(v5 ^ v9, 24);
    v1 = v1 + m1 + v5; v13 = rotr(v13 ^ v1, 16); v9 += v13; v5 = rotr(v5 ^ v9, 63);
    v2 = v2 + m13 + v6; v14 = rotr(v14 ^ v2, 32); v10 += v14; v6 = rotr(v6 ^ v10, 24);
    v2 = v2 + m12 + v6; v14 = rotr(v14 ^ v2, 16); v10 += v14; v6 = rotr(v6 ^ v10, 63);
    v3 = v3 + m11 + v7; v15 = rotr(v15 ^ v3, 32); v11 += v15; v7 = rotr(v7 ^ v11, 24);
    v3 = v3 + m14 + v7; v15 = rotr(v15 ^ v3, 16); v11 += v15; v7 = rotr(v7 ^ v11, 63);
    v0 = v0 + m2 + v5; v15 = rotr(v15 ^ v0, 32); v10 += v15; v5 = rotr(v5 ^ v10, 24);
    v0 = v0 + m6 + v5; v15 = rotr(v15 ^ v0, 16); v10 += v15; v5 = rotr(v5 ^ v10, 63);
    v1 = v1 + m5 + v6; v12 = rotr(v12 ^ v1, 32); v11 += v12; v6 = rotr(v6 ^ v11, 24);
    v1 = v1 + m10 + v6; v12 = rotr(v12 ^ v1, 16); v11 += v12; v6 = rotr(v6 ^ v11, 63);
    v2 = v2 + m4 + v7; v13 = rotr(v13 ^ v2, 32); v8 += v13; v7 = rotr(v7 ^ v8, 24);
    v2 = v2 + m0 + v7; v13 = rotr(v13 ^ v2, 16); v8 += v13; v7 = rotr(v7 ^ v8, 63);
    v3 = v3 + m15 + v4; v14 = rotr(v14 ^ v3, 32); v9 += v14; v4 = rotr(v4 ^ v9, 24);
    v3 = v3 + m8 + v4; v14 = rotr(v14 ^ v3, 16); v9 += v14; v4 = rotr(v4 ^ v9, 63);
    // round 4: message words 9 0 5 7 2 4 10 15 14 1 11 12 6 8 3 13
    v0 = v0 + m9 + v4; v12 = rotr(v12 ^ v0, 32); v8 += v12; v4 = rotr(v4 ^ v8, 24);
    v0 = v0 + m0 + v4; v12 = rotr(v12 ^ v0, 16); v8 += v12; v4 = rotr(v4 ^ v8, 63);
    v1 = v1 + m5 + v5; v13 = rotr(v13 ^ v1, 32); v9 += v13; v5 = rotr(v5 ^ v9, 24);
    v1 = v1 + m7 + v5; v13 = rotr(v13 ^ v1, 16); v9 += v13; v5 = rotr(v5 ^ v9, 63);
    v2 = v2 + m2 + v6; v14 = rotr(v14 ^ v2, 32); v10 += v14; v6 = rotr(v6 ^ v10, 24);
    v2 = v2 + m4 + v6; v14 = rotr(v14 ^ v2, 16); v10 += v14; v6 = rotr(v6 ^ v10, 63);
    v3 = v3 + m10 + v7; v15 = rotr(v15 ^ v3, 32); v11 += v15; v7 = rotr(v7 ^ v11, 24);
    v3 = v3 + m15 + v7; v15 = rotr(v15 ^ v3, 16); v11 += v15; v7 = rotr(v7 ^ v11, 63);
    v0 = v0 + m14 + v5; v15 = rotr(v15 ^ v0, 32); v10 += v15; v5 = rotr(v5 ^ v10, 24);
    v0 = v0 + m1 + v5; v15 = rotr(v15 ^ v0, 16); v10 += v15; v5 = rotr(v5 ^ v10, 63);
    v1 = v1 + m11 + v6; v12 = rotr(v12 ^ v1, 32); v11 += v12; v6 = rotr(v6 ^ v11, 24);
    v1 = v1 + m12 + v6; v12 = rotr(v12 ^ v1, 16); v11 += v12; v6 = rotr(v6 ^ v11, 63);
    v2 = v2 + m6 + v7; v13 = rotr(v13 ^ v2, 32); v8 += v13; v7 = rotr(v7 ^ v8, 24);
    v2 = v2 + m8 + v7; v13 = rotr(v13 ^ v2, 16); v8 += v13; v7 = rotr(v7 ^ v8, 63);
    v3 = v3 + m3 + v4; v14 = rotr(v14 ^ v3, 32); v9 += v14; v4 = rotr(v4 ^ v9, 24);
    v3 = v3 + m13 + v4; v14 = rotr(v14 ^ v3, 16); v9 += v14; v4 = rotr(v4 ^ v9, 63);
    // round 5: message words 2 12 6 10 0 11 8 3 4 13 7 5 15 14 1 9
    v0 = v0 + m2 + v4; v12 = rotr(v12 ^ v0, 32); v8 += v12; v4 = rotr(v4 ^ v8, 24);
    v0 = v0 + m12 + v4; v12 = rotr(v12 ^ v0, 16); v8 += v12; v4 = rotr(v4 ^ v8, 63);
    v1 = v1 + m6 + v5; v13 = rotr(v13 ^ v1, 32); v9 += v13; v5 = rotr(v5 ^ v9, 24);
    v1 = v1 + m10 + v5; v13 = rotr(v13 ^ v1, 16); v9 += v13; v5 = rotr(v5 ^ v9, 63);
    v2 = v2 + m0 + v6; v14 = rotr(v14 ^ v2, 32); v10 += v14; v6 = rotr(v6 ^ v10, 24);
    v2 = v2 + m11 + v6; v14 = rotr(v14 ^ v2, 16); v10 += v14; v6 = rotr(v6 ^ v10, 63);
    v3 = v3 + m8 + v7; v15 = rotr(v15 ^ v3, 32); v11 += v15; v7 = rotr(v7 ^ v11, 24);
    v3 = v3 + m3 + v7; v15 = rotr(v15 ^ v3, 16); v11 += v15; v7 = rotr(v7 ^ v11, 63);
    v0 = v0 + m4 + v5; v15 = rotr(v15 ^ v0, 32); v10 += v15; v5 = rotr(v5 ^ v10, 24);
    v0 = v0 + m13 + v5; v15 = rotr(v15 ^ v0, 16); v10 += v15; v5 = rotr(v5 ^ v10, 63);
    v1 = v1 + m7 + v6; v12 = rotr(v12 ^ v1, 32); v11 += v12; v6 = rotr(v6 ^ v11, 24);
    v1 = v1 + m5 + v6; v12 = rotr(v12 ^ v1, 16); v11 += v12; v6 = rotr(v6 ^ v11, 63);
    v2 = v2 + m15 + v7; v13 = rotr(v13 ^ v2, 32); v8 += v13; v7 = rotr(v7 ^ v8, 24);
    v2 = v2 + m14 + v7; v13 = rotr(v13 ^ v2, 16); v8 += v13; v7 = rotr(v7 ^ v8, 63);
    v3 = v3 + m1 + v4; v14 = rotr(v14 ^ v3, 32); v9 += v14; v4 = rotr(v4 ^ v9, 24);
    v3 = v3 + m9 + v4; v14 = rotr(v14 ^ v3, 16); v9 += v14; v4 = rotr(v4 ^ v9, 63);
    // round 6: message words 12 5 1 15 14 13 4 10 0 7 6 3 9 2 8 11
    v0 = v0 + m12 + v4; v12 = rotr(v12 ^ v0, 32); v8 += v12; v4 = rotr(v4 ^ v8, 24);
    v0 = v0 + m5 + v4; v12 = rotr(v12 ^ v0, 16); v8 += v12; v4 = rotr(v4 ^ v8, 63);
    v1 = v1 + m1 + v5; v13 = rotr(v13 ^ v1, 32); v9 += v13; v5 = rotr(v5 ^ v9, 24);
    v1 = v1 + m15 + v5; v13 = rotr(v13 ^ v1, 16); v9 += v13; v5 = rotr(v5 ^ v9, 63);
    v2 = v2 + m14 + v6; v14 = rotr(v14 ^ v2, 32); v10 += v14; v6 = rotr(v6 ^ v10, 24);
    v2 = v2 + m13 + v6; v14 = rotr(v14 ^ v2, 16); v10 += v14; v6 = rotr(v6 ^ v10, 63);
    v3 = v3 + m4 + v7; v15 = rotr(v15 ^ v3, 32); v11 += v15; v7 = rotr(v7 ^ v11, 24);
    v3 = v3 + m10 + v7; v15 = rotr(v15 ^ v3, 16); v11 += v15; v7 = rotr(v7 ^ v11, 63);
    v0 = v0 + m0 + v5; v15 = rotr(v15 ^ v0, 32); v10 += v15; v5 = rotr(v5 ^ v10, 24);
    v0 = v0 + m7 + v5; v15 = rotr(v15 ^ v0, 16); v10 += v15; v5 = rotr(v5 ^ v10, 63);
    v1 = v1 + m6 + v6; v12 = rotr(v12 ^ v1, 32); v11 += v12; v6 = rotr(v6 ^ v11, 24);
    v1 = v1 + m3 + v6; v12 = rotr(v12 ^ v1, 16); v11 += v12; v6 = rotr(v6 ^ v11, 63);
    v2 = v2 + m9 + v7; v13 = rotr(v13 ^ v2, 32); v8 += v13; v7 = rotr(v7 ^ v8, 24);
    v2 = v2 + m2 + v7; v13 = rotr(v13 ^ v2, 16); v8 += v13; v7 = rotr(v7 ^ v8, 63);
    v3 = v3 + m8 + v4; v14 = rotr(v14 ^ v3, 32); v9 += v14; v4 = rotr(v4 ^ v9, 24);
    v3 = v3 + m11 + v4; v14 = rotr(v14 ^ v3, 16); v9 += v14; v4 = rotr(v4 ^ v9, 63);
    // round 7: message words 13 11 7 14 12 1 3 9 5 0 15 4 8 6 2 10
    v0 = v0 + m13 + v4; v12 = rotr(v12 ^ v0, 32); v8 += v12; v4 = rotr(v4 ^ v8, 24);
    v0 = v0 + m11 + v4; v12 = rotr(v12 ^ v0, 16); v8 += v12; v4 = rotr(v4 ^ v8, 63);
    v1 = v1 + m7 + v5; v13 = rotr(v13 ^ v1, 32); v9 += v13; v5 = rotr(v5 ^ v9, 24);
    v1 = v1 + m14 + v5; v13 = rotr(v13 ^ v1, 16); v9 += v13; v5 = rotr(v5 ^ v9, 63);
    v2 = v2 + m12 + v6; v14 = rotr(v14 ^ v2, 32); v10 += v14; v6 = rotr(v6 ^ v10, 24);
    v2 = v2 + m1 + v6; v14 = rotr(v14 ^ v2, 16); v10 += v14; v6 = rotr(v6 ^ v10, 63);
    v3 = v3 + m3 + v7; v15 = rotr(v15 ^ v3, 32); v11 += v15; v7 = rotr(v7 ^ v11, 24);
    v3 = v3 + m9 + v7; v15 = rotr(v15 ^ v3, 16); v11 += v15; v7 = rotr(v7 ^ v11, 63);
    v0 = v0 + m5 + v5; v15 = rotr(v15 ^ v0, 32); v10 += v15; v5 = rotr(v5 ^ v10, 24);
    v0 = v0 + m0 + v5; v15 = rotr(v15 ^ v0, 16); v10 += v15; v5 = rotr(v5 ^ v10, 63);
    v1 = v1 + m15 + v6; v12 = rotr(v12 ^ v1, 32); v11 += v12; v6 = rotr(v6 ^ v11, 24);
    v1 = v1 + m4 + v6; v12 = rotr(v12 ^ v1, 16); v11 += v12; v6 = rotr(v6 ^ v11, 63);
    v2 = v2 + m8 + v7; v13 = rotr(v13 ^ v2, 32); v8 += v13; v7 = rotr(v7 ^ v8, 24);
    v2 = v2 + m6 + v7; v13 = rotr(v13 ^ v2, 16); v8 += v13; v7 = rotr(v7 ^ v8, 63);
    v3 = v3 + m2 + v4; v14 = rotr(v14 ^ v3, 32); v9 += v14; v4 = rotr(v4 ^ v9, 24);
    v3 = v3 + m10 + v4; v14 = rotr(v14 ^ v3, 16); v9 += v14; v4 = rotr(v4 ^ v9, 63);
    // round 8: message words 6 15 14 9 11 3 0 8 12 2 13 7 1 4 10 5
    v0 = v0 + m6 + v4; v12 = rotr(v12 ^ v0, 32); v8 += v12; v4 = rotr(v4 ^ v8, 24);
    v0 = v0 + m15 + v4; v12 = rotr(v12 ^ v0, 16); v8 += v12; v4 = rotr(v4 ^ v8, 63);
    v1 = v1 + m14 + v5; v13 = rotr(v13 ^ v1, 32); v9 += v13; v5 = rotr(v5 ^ v9, 24);
    v1 = v1 + m9 + v5; v13 = rotr(v13 ^ v1, 16); v9 += v13; v5 = rotr(v5 ^ v9, 63);
    v2 = v2 + m11 + v6; v14 = rotr(v14 ^ v2, 32); v10 += v14; v6 = rotr(v6 ^ v10, 24);
    v2 = v2 + m3 + v6; v14 = rotr(v14 ^ v2, 16); v10 += v14; v6 = rotr(v6 ^ v10, 63);
    v3 = v3 + m0 + v7; v15 = rotr(v15 ^ v3, 32); v11 += v15; v7 = rotr(v7 ^ v11, 24);
    v3 = v3 + m8 + v7; v15 = rotr(v15 ^ v3, 16); v11 += v15; v7 = rotr(v7 ^ v11, 63);
    v0 = v0 + m12 + v5; v15 = rotr(v15 ^ v0, 32); v10 += v15; v5 = rotr(v5 ^ v10, 24);
    v0 = v0 + m2 + v5; v15 = rotr(v15 ^ v0, 16); v10 += v15; v5 = rotr(v5 ^ v10, 63);
    v1 = v1 + m13 + v6; v12 = rotr(v12 ^ v1, 32); v11 += v12; v6 = rotr(v6 ^ v11, 24);
    v1 = v1 + m7 + v6; v12 = rotr(v12 ^ v1, 16); v11 += v12; v6 = rotr(v6 ^ v11, 63);
    v2 = v2 + m1 + v7; v13 = rotr(v13 ^ v2, 32); v8 += v13; v7 = rotr(v7 ^ v8, 24);
    v2 = v2 + m4 + v7; v13 = rotr(v13 ^ v2, 16); v8 += v13; v7 = rotr(v7 ^ v8, 63);
    v3 = v3 + m10 + v4; v14 = rotr(v14 ^ v3, 32); v9 += v14; v4 = rotr(v4 ^ v9, 24);
    v3 = v3 + m5 + v4; v14 = rotr(v14 ^ v3, 16); v9 += v14; v4 = rotr(v4 ^ v9, 63);
    // round 9: message words 10 2 8 4 7 6 1 5 15 11 9 14 3 12 13 0
    v0 = v0 + m10 + v4; v12 = rotr(v12 ^ v0, 32); v8 += v12; v4 = rotr(v4 ^ v8, 24);
    v0 = v0 + m2 + v4; v12 = rotr(v12 ^ v0, 16); v8 += v12; v4 = rotr(v4 ^ v8, 63);
    v1 = v1 + m8 + v5; v13 = rotr(v13 ^ v1, 32); v9 += v13; v5 = rotr(v5 ^ v9, 24);
    v1 = v1 + m4 + v5; v13 = rotr(v13 ^ v1, 16); v9 += v13; v5 = rotr(v5 ^ v9, 63);
    v2 = v2 + m7 + v6; v14 = rotr(v14 ^ v2, 32); v10 += v14; v6 = rotr(v6 ^ v10, 24);
    v2 = v2 + m6 + v6; v14 = rotr(v14 ^ v2, 16); v10 += v14; v6 = rotr(v6 ^ v10, 63);
    v3 = v3 + m1 + v7; v15 = rotr(v15 ^ v3, 32); v11 += v15; v7 = rotr(v7 ^ v11, 24);
    v3 = v3 + m5 + v7; v15 = rotr(v15 ^ v3, 16); v11 += v15; v7 = rotr(v7 ^ v11, 63);
    v0 = v0 + m15 + v5; v15 = rotr(v15 ^ v0, 32); v10 += v15; v5 = rotr(v5 ^ v10, 24);
    v0 = v0 + m11 + v5; v15 = rotr(v15 ^ v0, 16); v10 += v15; v5 = rotr(v5 ^ v10, 63);
    v1 = v1 + m9 + v6; v12 = rotr(v12 ^ v1, 32); v11 += v12; v6 = rotr(v6 ^ v11, 24);
    v1 = v1 + m14 + v6; v12 = rotr(v12 ^ v1, 16); v11 += v12; v6 = rotr(v6 ^ v11, 63);
    v2 = v2 + m3 + v7; v13 = rotr(v13 ^ v2, 32); v8 += v13; v7 = rotr(v7 ^ v8, 24);
    v2 = v2 + m12 + v7; v13 = rotr(v13 ^ v2, 16); v8 += v13; v7 = rotr(v7 ^ v8, 63);
    v3 = v3 + m13 + v4; v14 = rotr(v14 ^ v3, 32); v9 += v14; v4 = rotr(v4 ^ v9, 24);
    v3 = v3 + m0 + v4; v14 = rotr(v14 ^ v3, 16); v9 += v14; v4 = rotr(v4 ^ v9, 63);
    // round 10: message words 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15
    v0 = v0 + m0 + v4; v12 = rotr(v12 ^ v0, 32); v8 += v12; v4 = rotr(v4 ^ v8, 24);
    v0 = v0 + m1 + v4; v12 = rotr(v12 ^ v0, 16); v8 += v12; v4 = rotr(v4 ^ v8, 63);
    v1 = v1 + m2 + v5; v13 = rotr(v13 ^ v1, 32); v9 += v13; v5 = rotr(v5 ^ v9, 24);
    v1 = v1 + m3 + v5; v13 = rotr(v13 ^ v1, 16); v9 += v13; v5 = rotr(v5 ^ v9, 63);
    v2 = v2 + m4 + v6; v14 = rotr(v14 ^ v2, 32); v10 += v14; v6 = rotr(v6 ^ v10, 24);
    v2 = v2 + m5 + v6; v14 = rotr(v14 ^ v2, 16); v10 += v14; v6 = rotr(v6 ^ v10, 63);
    v3 = v3 + m6 + v7; v15 = rotr(v15 ^ v3, 32); v11 += v15; v7 = rotr(v7 ^ v11, 24);
    v3 = v3 + m7 + v7; v15 = rotr(v15 ^ v3, 16); v11 += v15; v7 = rotr(v7 ^ v11, 63);
    v0 = v0 + m8 + v5; v15 = rotr(v15 ^ v0, 32); v10 += v15; v5 = rotr(v5 ^ v10, 24);
    v0 = v0 + m9 + v5; v15 = rotr(v15 ^ v0, 16); v10 += v15; v5 = rotr(v5 ^ v10, 63);
    v1 = v1 + m10 + v6; v12 = rotr(v12 ^ v1, 32); v11 += v12; v6 = rotr(v6 ^ v11, 24);
    v1 = v1 + m11 + v6; v12 = rotr(v12 ^ v1, 16); v11 += v12; v6 = rotr(v6 ^ v11, 63);
    v2 = v2 + m12 + v7; v13 = rotr(v13 ^ v2, 32); v8 += v13; v7 = rotr(v7 ^ v8, 24);
    v2 = v2 + m13 + v7; v13 = rotr(v13 ^ v2, 16); v8 += v13; v7 = rotr(v7 ^ v8, 63);
    v3 = v3 + m14 + v4; v14 = rotr(v14 ^ v3, 32); v9 += v14; v4 = rotr(v4 ^ v9, 24);
    v3 = v3 + m15 + v4; v14 = rotr(v14 ^ v3, 16); v9 += v14; v4 = rotr(v4 ^ v9, 63);
    // round 11: message words 14 10 4 8 9 15 13 6 1 12 0 2 11 7 5 3
    v0 = v0 + m14 + v4; v12 = rotr(v12 ^ v0, 32); v8 += v12; v4 = rotr(v4 ^ v8, 24);
    v0 = v0 + m10 + v4; v12 = rotr(v12 ^ v0, 16); v8 += v12; v4 = rotr(v4 ^ v8, 63);
    v1 = v1 + m4 + v5; v13 = rotr(v13 ^ v1, 32); v9 += v13; v5 = rotr(v5 ^ v9, 24);
    v1 = v1 + m8 + v5; v13 = rotr(v13 ^ v1, 16); v9 += v13; v5 = rotr(v5 ^ v9, 63);
    v2 = v2 + m9 + v6; v14 = rotr(v14 ^ v2, 32); v10 += v14; v6 = rotr(v6 ^ v10, 24);
    v2 = v2 + m15 + v6; v14 = rotr(v14 ^ v2, 16); v10 += v14; v6 = rotr(v6 ^ v10, 63);
    v3 = v3 + m13 + v7; v15 = rotr(v15 ^ v3, 32); v11 += v15; v7 = rotr(v7 ^ v11, 24);
    v3 = v3 + m6 + v7; v15 = rotr(v15 ^ v3, 16); v11 += v15; v7 = rotr(v7 ^ v11, 63);
    v0 = v0 + m1 + v5; v15 = rotr(v15 ^ v0, 32); v10 += v15; v5 = rotr(v5 ^ v10, 24);
    v0 = v0 + m12 + v5; v15 = rotr(v15 ^ v0, 16); v10 += v15; v5 = rotr(v5 ^ v10, 63);
    v1 = v1 + m0 + v6; v12 = rotr(v12 ^ v1, 32); v11 += v12; v6 = rotr(v6 ^ v11, 24);
    v1 = v1 + m2 + v6; v12 = rotr(v12 ^ v1, 16); v11 += v12; v6 = rotr(v6 ^ v11, 63);
    v2 = v2 + m11 + v7; v13 = rotr(v13 ^ v2, 32); v8 += v13; v7 = rotr(v7 ^ v8, 24);
    v2 = v2 + m7 + v7; v13 = rotr(v13 ^ v2, 16); v8 += v13; v7 = rotr(v7 ^ v8, 63);
    v3 = v3 + m5 + v4; v14 = rotr(v14 ^ v3, 32); v9 += v14; v4 = rotr(v4 ^ v9, 24);
    v3 = v3 + m3 + v4; v14 = rotr(v14 ^ v3, 16); v9 += v14; v4 = rotr(v4 ^ v9, 63);

    store<u64>(STATE, load<u64>(STATE, 0) ^ v0 ^ v8, 0);
    store<u64>(STATE, load<u64>(STATE, 8) ^ v1 ^ v9, 8);
    store<u64>(STATE, load<u64>(STATE, 16) ^ v2 ^ v10, 16);
    store<u64>(STATE, load<u64>(STATE, 24) ^ v3 ^ v11, 24);
    store<u64>(STATE, load<u64>(STATE, 32) ^ v4 ^ v12, 32);
    store<u64>(STATE, load<u64>(STATE, 40) ^ v5 ^ v13, 40);
    store<u64>(STATE, load<u64>(STATE, 48) ^ v6 ^ v14, 48);
    store<u64>(STATE, load<u64>(STATE, 56) ^ v7 ^ v15, 56);
  }
}
