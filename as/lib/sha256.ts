/**
 * SHA-256 of one message (FIPS 180-4): the compression function over blocks and a state in memory.
 *
 * A state is 8 native words (32 bytes, 4-byte aligned), a block 64 message bytes at any address.
 *
 * The loops are unrolled as far as the working variables and the schedule's window of 16 words take to
 * come back to their places. Fully unrolled code runs no faster and is slower to become hot.
 */
import { SHA256_K, next, t1 } from './sha256-rounds';
import { compressVector, wipeVector } from './sha256-vector';

/** Mix `count` consecutive blocks at `block` into the state at `from`; the result goes to `to`. */
export function sha256Compress(to: usize, from: usize, block: usize, count: i32): void {
  if (ASC_FEATURE_SIMD) compressVector(to, from, block, count);
  else compressScalar(to, from, block, count);
}

/** Clear what a compression leaves of its last block in memory; due when that block was a secret. */
export function sha256Wipe(): void {
  if (ASC_FEATURE_SIMD) wipeVector();
}

/** The two sums of the message schedule: word t is this plus the words t-16 and t-7. */
// @ts-ignore: decorator
@inline
function expand(w15: u32, w2: u32): u32 {
  const low = rotr(w15, 7) ^ rotr(w15, 18) ^ (w15 >>> 3);
  return low + (rotr(w2, 17) ^ rotr(w2, 19) ^ (w2 >>> 10));
}

/** The schedule stands in local variables; nothing of the message stays in memory. */
function compressScalar(to: usize, from: usize, block: usize, count: i32): void {
  let s0 = load<u32>(from);
  let s1 = load<u32>(from, 4);
  let s2 = load<u32>(from, 8);
  let s3 = load<u32>(from, 12);
  let s4 = load<u32>(from, 16);
  let s5 = load<u32>(from, 20);
  let s6 = load<u32>(from, 24);
  let s7 = load<u32>(from, 28);
  for (; count > 0; count--, block += 64) {
    let a = s0, b = s1, c = s2, d = s3, e = s4, f = s5, g = s6, h = s7;
    let p: u32 = 0, q = b ^ c;
    for (let i: usize = 0; i < 64; i += 32) {
      h = t1(e, f, g, h, bswap(load<u32>(block + i)) + load<u32>(SHA256_K + i));
      d += h;
      p = a ^ b;
      h = next(h, a, b, p & q);
      g = t1(d, e, f, g, bswap(load<u32>(block + i, 4)) + load<u32>(SHA256_K + i, 4));
      c += g;
      q = h ^ a;
      g = next(g, h, a, q & p);
      f = t1(c, d, e, f, bswap(load<u32>(block + i, 8)) + load<u32>(SHA256_K + i, 8));
      b += f;
      p = g ^ h;
      f = next(f, g, h, p & q);
      e = t1(b, c, d, e, bswap(load<u32>(block + i, 12)) + load<u32>(SHA256_K + i, 12));
      a += e;
      q = f ^ g;
      e = next(e, f, g, q & p);
      d = t1(a, b, c, d, bswap(load<u32>(block + i, 16)) + load<u32>(SHA256_K + i, 16));
      h += d;
      p = e ^ f;
      d = next(d, e, f, p & q);
      c = t1(h, a, b, c, bswap(load<u32>(block + i, 20)) + load<u32>(SHA256_K + i, 20));
      g += c;
      q = d ^ e;
      c = next(c, d, e, q & p);
      b = t1(g, h, a, b, bswap(load<u32>(block + i, 24)) + load<u32>(SHA256_K + i, 24));
      f += b;
      p = c ^ d;
      b = next(b, c, d, p & q);
      a = t1(f, g, h, a, bswap(load<u32>(block + i, 28)) + load<u32>(SHA256_K + i, 28));
      e += a;
      q = b ^ c;
      a = next(a, b, c, q & p);
    }
    let w0 = bswap(load<u32>(block));
    let w1 = bswap(load<u32>(block, 4));
    let w2 = bswap(load<u32>(block, 8));
    let w3 = bswap(load<u32>(block, 12));
    let w4 = bswap(load<u32>(block, 16));
    let w5 = bswap(load<u32>(block, 20));
    let w6 = bswap(load<u32>(block, 24));
    let w7 = bswap(load<u32>(block, 28));
    let w8 = bswap(load<u32>(block, 32));
    let w9 = bswap(load<u32>(block, 36));
    let w10 = bswap(load<u32>(block, 40));
    let w11 = bswap(load<u32>(block, 44));
    let w12 = bswap(load<u32>(block, 48));
    let w13 = bswap(load<u32>(block, 52));
    let w14 = bswap(load<u32>(block, 56));
    let w15 = bswap(load<u32>(block, 60));
    for (let i: usize = 64; i < 256; i += 64) {
      w0 += w9 + expand(w1, w14);
      h = t1(e, f, g, h, w0 + load<u32>(SHA256_K + i));
      d += h;
      p = a ^ b;
      h = next(h, a, b, p & q);
      w1 += w10 + expand(w2, w15);
      g = t1(d, e, f, g, w1 + load<u32>(SHA256_K + i, 4));
      c += g;
      q = h ^ a;
      g = next(g, h, a, q & p);
      w2 += w11 + expand(w3, w0);
      f = t1(c, d, e, f, w2 + load<u32>(SHA256_K + i, 8));
      b += f;
      p = g ^ h;
      f = next(f, g, h, p & q);
      w3 += w12 + expand(w4, w1);
      e = t1(b, c, d, e, w3 + load<u32>(SHA256_K + i, 12));
      a += e;
      q = f ^ g;
      e = next(e, f, g, q & p);
      w4 += w13 + expand(w5, w2);
      d = t1(a, b, c, d, w4 + load<u32>(SHA256_K + i, 16));
      h += d;
      p = e ^ f;
      d = next(d, e, f, p & q);
      w5 += w14 + expand(w6, w3);
      c = t1(h, a, b, c, w5 + load<u32>(SHA256_K + i, 20));
      g += c;
      q = d ^ e;
      c = next(c, d, e, q & p);
      w6 += w15 + expand(w7, w4);
      b = t1(g, h, a, b, w6 + load<u32>(SHA256_K + i, 24));
      f += b;
      p = c ^ d;
      b = next(b, c, d, p & q);
      w7 += w0 + expand(w8, w5);
      a = t1(f, g, h, a, w7 + load<u32>(SHA256_K + i, 28));
      e += a;
      q = b ^ c;
      a = next(a, b, c, q & p);
      w8 += w1 + expand(w9, w6);
      h = t1(e, f, g, h, w8 + load<u32>(SHA256_K + i, 32));
      d += h;
      p = a ^ b;
      h = next(h, a, b, p & q);
      w9 += w2 + expand(w10, w7);
      g = t1(d, e, f, g, w9 + load<u32>(SHA256_K + i, 36));
      c += g;
      q = h ^ a;
      g = next(g, h, a, q & p);
      w10 += w3 + expand(w11, w8);
      f = t1(c, d, e, f, w10 + load<u32>(SHA256_K + i, 40));
      b += f;
      p = g ^ h;
      f = next(f, g, h, p & q);
      w11 += w4 + expand(w12, w9);
      e = t1(b, c, d, e, w11 + load<u32>(SHA256_K + i, 44));
      a += e;
      q = f ^ g;
      e = next(e, f, g, q & p);
      w12 += w5 + expand(w13, w10);
      d = t1(a, b, c, d, w12 + load<u32>(SHA256_K + i, 48));
      h += d;
      p = e ^ f;
      d = next(d, e, f, p & q);
      w13 += w6 + expand(w14, w11);
      c = t1(h, a, b, c, w13 + load<u32>(SHA256_K + i, 52));
      g += c;
      q = d ^ e;
      c = next(c, d, e, q & p);
      w14 += w7 + expand(w15, w12);
      b = t1(g, h, a, b, w14 + load<u32>(SHA256_K + i, 56));
      f += b;
      p = c ^ d;
      b = next(b, c, d, p & q);
      w15 += w8 + expand(w0, w13);
      a = t1(f, g, h, a, w15 + load<u32>(SHA256_K + i, 60));
      e += a;
      q = b ^ c;
      a = next(a, b, c, q & p);
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
  store<u32>(to, s0);
  store<u32>(to, s1, 4);
  store<u32>(to, s2, 8);
  store<u32>(to, s3, 12);
  store<u32>(to, s4, 16);
  store<u32>(to, s5, 20);
  store<u32>(to, s6, 24);
  store<u32>(to, s7, 28);
}
