/**
 * SHA-256 of one message (FIPS 180-4): the compression function over blocks and a state in memory.
 *
 * A state is 8 native words (32 bytes, 4-byte aligned), a block 64 message bytes at any address.
 * In a SIMD build the message schedule runs in vectors, four words a step ("simd-schedule"); the
 * rounds stay scalar, because each depends on the one before.
 *
 * The code is rolled into steps of eight rounds, after which the eight working variables are back in
 * their places. Fully unrolled code ran no faster, and takes the engine many times longer to optimize.
 */

/** Round constants K, 64 words (FIPS 180-4 section 4.2.2). */
export const SHA256_K: usize = memory.data<u32>(
  [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
  ],
  16
);

/** Initial state, 8 words (FIPS 180-4 section 5.3.3). */
export const SHA256_IV: usize = memory.data<u32>(
  [
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
  ],
  16
);

/** Expanded message schedule of the block at hand, 64 words; each word already has its K added. */
const W: usize = memory.data(256, 16);

/** T1 of FIPS 180-4 section 6.2.2; `w` is the schedule word with its constant. */
// @ts-ignore: decorator
@inline
export function t1(e: u32, f: u32, g: u32, h: u32, w: u32): u32 {
  return h + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + (g ^ (e & (f ^ g))) + w;
}

/** T2 of FIPS 180-4 section 6.2.2. */
// @ts-ignore: decorator
@inline
export function t2(a: u32, b: u32, c: u32): u32 {
  return (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) | (c & (a | b)));
}

/** Set a state to the initial one. */
export function sha256Init(state: usize): void {
  memory.copy(state, SHA256_IV, 32);
}

/** Clear the message schedule, which holds the last block; due when that block was a key. */
export function sha256Wipe(): void {
  memory.fill(W, 0, 256);
}

/** Mix `count` consecutive blocks at `block` into `state`. */
export function sha256Compress(state: usize, block: usize, count: i32): void {
  let s0 = load<u32>(state);
  let s1 = load<u32>(state, 4);
  let s2 = load<u32>(state, 8);
  let s3 = load<u32>(state, 12);
  let s4 = load<u32>(state, 16);
  let s5 = load<u32>(state, 20);
  let s6 = load<u32>(state, 24);
  let s7 = load<u32>(state, 28);
  for (; count > 0; count--, block += 64) {
    for (let i: usize = 0; i < 64; i += 4) {
      store<u32>(W + i, bswap(load<u32>(block + i)));
    }
    for (let i: usize = 64; i < 256; i += 4) {
      const x = load<u32>(W + i - 60);
      const y = load<u32>(W + i - 8);
      store<u32>(
        W + i,
        load<u32>(W + i - 64) +
          (rotr(x, 7) ^ rotr(x, 18) ^ (x >>> 3)) +
          load<u32>(W + i - 28) +
          (rotr(y, 17) ^ rotr(y, 19) ^ (y >>> 10))
      );
    }
    let a = s0, b = s1, c = s2, d = s3, e = s4, f = s5, g = s6, h = s7;
    for (let i: usize = 0; i < 256; i += 32) {
      h = t1(e, f, g, h, load<u32>(W + i) + load<u32>(SHA256_K + i));
      d += h;
      h += t2(a, b, c);
      g = t1(d, e, f, g, load<u32>(W + i, 4) + load<u32>(SHA256_K + i, 4));
      c += g;
      g += t2(h, a, b);
      f = t1(c, d, e, f, load<u32>(W + i, 8) + load<u32>(SHA256_K + i, 8));
      b += f;
      f += t2(g, h, a);
      e = t1(b, c, d, e, load<u32>(W + i, 12) + load<u32>(SHA256_K + i, 12));
      a += e;
      e += t2(f, g, h);
      d = t1(a, b, c, d, load<u32>(W + i, 16) + load<u32>(SHA256_K + i, 16));
      h += d;
      d += t2(e, f, g);
      c = t1(h, a, b, c, load<u32>(W + i, 20) + load<u32>(SHA256_K + i, 20));
      g += c;
      c += t2(d, e, f);
      b = t1(g, h, a, b, load<u32>(W + i, 24) + load<u32>(SHA256_K + i, 24));
      f += b;
      b += t2(c, d, e);
      a = t1(f, g, h, a, load<u32>(W + i, 28) + load<u32>(SHA256_K + i, 28));
      e += a;
      a += t2(b, c, d);
    }
    s0 += a;
    s1 += b;
    s2 += c;
    s3 += d;
    s4 += e;
    s5 += f;
    s6 += g;
    s7 += h;
  }
  store<u32>(state, s0);
  store<u32>(state, s1, 4);
  store<u32>(state, s2, 8);
  store<u32>(state, s3, 12);
  store<u32>(state, s4, 16);
  store<u32>(state, s5, 20);
  store<u32>(state, s6, 24);
  store<u32>(state, s7, 28);
}
