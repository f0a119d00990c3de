/**
 * SHA-256 of four independent messages at once, one in each 32-bit lane of a vector; SIMD builds only.
 *
 * Lane layout: word i of the four messages stands in 16 bytes at `16 * i`, lane 0 first.
 *
 *     state  8 vectors (128 bytes):  a0 a1 a2 a3 | b0 b1 b2 b3 | ... | h0 h1 h2 h3
 *     words 64 vectors (1024 bytes): 16 message words, already decoded from big-endian, and room for the
 *                                    rest of the message schedule
 *
 * Both are 16-byte aligned. Digests in lane layout are themselves valid message words, so chained
 * hashing (HMAC, HKDF) needs no transposition between the steps.
 */
import { SHA256_K } from './sha256-rounds';

// @ts-ignore: decorator
@inline
function rotate(x: v128, n: i32): v128 {
  return v128.or(i32x4.shr_u(x, n), i32x4.shl(x, 32 - n));
}

// @ts-ignore: decorator
@inline
function add(x: v128, y: v128): v128 {
  return i32x4.add(x, y);
}

// @ts-ignore: decorator
@inline
function xor(x: v128, y: v128): v128 {
  return v128.xor(x, y);
}

/** Sum 1 of FIPS 180-4 section 4.1.2. */
// @ts-ignore: decorator
@inline
function sum1(e: v128): v128 {
  return xor(xor(rotate(e, 6), rotate(e, 11)), rotate(e, 25));
}

/** Sum 0 of FIPS 180-4 section 4.1.2. */
// @ts-ignore: decorator
@inline
function sum0(a: v128): v128 {
  return xor(xor(rotate(a, 2), rotate(a, 13)), rotate(a, 22));
}

/** `h` plus the schedule word at `w`, the constant at `k` and the choice by `e`: T1 without sum 1. */
// @ts-ignore: decorator
@inline
function choose(e: v128, f: v128, g: v128, h: v128, w: usize, k: usize): v128 {
  const word = add(v128.load(w), v128.load32_splat(k));
  return add(add(h, word), xor(g, v128.and(e, xor(f, g))));
}

/** What follows T1 in the new `a`: `t` is T1, `both` is `(a ^ b) & (b ^ c)`. */
// @ts-ignore: decorator
@inline
function finish(t: v128, a: v128, b: v128, both: v128): v128 {
  return add(add(t, xor(b, both)), sum0(a));
}

/** Schedule word 16 words after `w`. */
// @ts-ignore: decorator
@inline
function expand(w: usize): v128 {
  const x = v128.load(w, 16);
  const y = v128.load(w, 224);
  const low = xor(xor(rotate(x, 7), rotate(x, 18)), i32x4.shr_u(x, 3));
  const high = xor(xor(rotate(y, 17), rotate(y, 19)), i32x4.shr_u(y, 10));
  return add(add(v128.load(w), low), add(v128.load(w, 144), high));
}

/** Give all four lanes the one-message state at `from` (8 native words). */
export function lanesSplat(state: usize, from: usize): void {
  for (let i: usize = 0; i < 8; i++) {
    v128.store(state + (i << 4), v128.load32_splat(from + (i << 2)));
  }
}

/** Reverse the bytes of each 32-bit lane, which turns big-endian words into native ones and back. */
// @ts-ignore: decorator
@inline
function swapLanes(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
}

/** Byte-swap the four rows of four words at p0..p3 and store their columns at t0..t3. */
// @ts-ignore: decorator
@inline
function transpose(
  t0: usize,
  t1: usize,
  t2: usize,
  t3: usize,
  p0: usize,
  p1: usize,
  p2: usize,
  p3: usize
): void {
  const r0 = swapLanes(v128.load(p0));
  const r1 = swapLanes(v128.load(p1));
  const r2 = swapLanes(v128.load(p2));
  const r3 = swapLanes(v128.load(p3));
  const a = i32x4.shuffle(r0, r1, 0, 4, 1, 5);
  const b = i32x4.shuffle(r2, r3, 0, 4, 1, 5);
  const c = i32x4.shuffle(r0, r1, 2, 6, 3, 7);
  const d = i32x4.shuffle(r2, r3, 2, 6, 3, 7);
  v128.store(t0, i64x2.shuffle(a, b, 0, 2));
  v128.store(t1, i64x2.shuffle(a, b, 1, 3));
  v128.store(t2, i64x2.shuffle(c, d, 0, 2));
  v128.store(t3, i64x2.shuffle(c, d, 1, 3));
}

/**
 * Decode the four 64-byte blocks at p0..p3 into 16 vectors of message words, `pitch` bytes apart, at
 * `words`.
 */
export function lanesLoad(
  words: usize,
  pitch: usize,
  p0: usize,
  p1: usize,
  p2: usize,
  p3: usize
): void {
  let to = words;
  for (let i: usize = 0; i < 64; i += 16, to += pitch << 2) {
    const half = to + (pitch << 1);
    transpose(to, to + pitch, half, half + pitch, p0 + i, p1 + i, p2 + i, p3 + i);
  }
}

/**
 * Encode four states, of vectors `pitch` bytes apart, as 32-byte big-endian digests that follow each
 * other at `to`.
 */
export function lanesStore(state: usize, pitch: usize, to: usize): void {
  let from = state;
  for (let i = to; i < to + 32; i += 16, from += pitch << 2) {
    const half = from + (pitch << 1);
    transpose(i, i + 32, i + 64, i + 96, from, from + pitch, half, half + pitch);
  }
}

/**
 * Mix one block of message words into the four states: `state` and `words` in lane layout. The first 16
 * vectors of `words` are left as they were, the other 48 are overwritten.
 *
 * Each round is followed by the schedule word that is due 16 rounds later: neither waits for the other.
 * Eight rounds a pass keep the code within the processor's instruction cache; fully unrolled it is a
 * fifth slower.
 */
export function lanesCompress(state: usize, words: usize): void {
  let a = v128.load(state);
  let b = v128.load(state, 16);
  let c = v128.load(state, 32);
  let d = v128.load(state, 48);
  let e = v128.load(state, 64);
  let f = v128.load(state, 80);
  let g = v128.load(state, 96);
  let h = v128.load(state, 112);
  // The majority of (a, b, c) is b ^ ((a ^ b) & (b ^ c)), and b ^ c is a ^ b of the round before.
  let p = i32x4.splat(0);
  let q = xor(b, c);
  let s: v128;
  let k = SHA256_K;
  let w = words;
  for (; w < words + 768; w += 128, k += 32) {
    h = choose(e, f, g, h, w, k);
    s = sum1(e);
    d = add(add(d, h), s);
    p = xor(a, b);
    h = finish(add(h, s), a, b, v128.and(p, q));
    v128.store(w, expand(w), 256);
    g = choose(d, e, f, g, w + 16, k + 4);
    s = sum1(d);
    c = add(add(c, g), s);
    q = xor(h, a);
    g = finish(add(g, s), h, a, v128.and(q, p));
    v128.store(w + 16, expand(w + 16), 256);
    f = choose(c, d, e, f, w + 32, k + 8);
    s = sum1(c);
    b = add(add(b, f), s);
    p = xor(g, h);
    f = finish(add(f, s), g, h, v128.and(p, q));
    v128.store(w + 32, expand(w + 32), 256);
    e = choose(b, c, d, e, w + 48, k + 12);
    s = sum1(b);
    a = add(add(a, e), s);
    q = xor(f, g);
    e = finish(add(e, s), f, g, v128.and(q, p));
    v128.store(w + 48, expand(w + 48), 256);
    d = choose(a, b, c, d, w + 64, k + 16);
    s = sum1(a);
    h = add(add(h, d), s);
    p = xor(e, f);
    d = finish(add(d, s), e, f, v128.and(p, q));
    v128.store(w + 64, expand(w + 64), 256);
    c = choose(h, a, b, c, w + 80, k + 20);
    s = sum1(h);
    g = add(add(g, c), s);
    q = xor(d, e);
    c = finish(add(c, s), d, e, v128.and(q, p));
    v128.store(w + 80, expand(w + 80), 256);
    b = choose(g, h, a, b, w + 96, k + 24);
    s = sum1(g);
    f = add(add(f, b), s);
    p = xor(c, d);
    b = finish(add(b, s), c, d, v128.and(p, q));
    v128.store(w + 96, expand(w + 96), 256);
    a = choose(f, g, h, a, w + 112, k + 28);
    s = sum1(f);
    e = add(add(e, a), s);
    q = xor(b, c);
    a = finish(add(a, s), b, c, v128.and(q, p));
    v128.store(w + 112, expand(w + 112), 256);
  }
  for (; w < words + 1024; w += 128, k += 32) {
    h = choose(e, f, g, h, w, k);
    s = sum1(e);
    d = add(add(d, h), s);
    p = xor(a, b);
    h = finish(add(h, s), a, b, v128.and(p, q));
    g = choose(d, e, f, g, w + 16, k + 4);
    s = sum1(d);
    c = add(add(c, g), s);
    q = xor(h, a);
    g = finish(add(g, s), h, a, v128.and(q, p));
    f = choose(c, d, e, f, w + 32, k + 8);
    s = sum1(c);
    b = add(add(b, f), s);
    p = xor(g, h);
    f = finish(add(f, s), g, h, v128.and(p, q));
    e = choose(b, c, d, e, w + 48, k + 12);
    s = sum1(b);
    a = add(add(a, e), s);
    q = xor(f, g);
    e = finish(add(e, s), f, g, v128.and(q, p));
    d = choose(a, b, c, d, w + 64, k + 16);
    s = sum1(a);
    h = add(add(h, d), s);
    p = xor(e, f);
    d = finish(add(d, s), e, f, v128.and(p, q));
    c = choose(h, a, b, c, w + 80, k + 20);
    s = sum1(h);
    g = add(add(g, c), s);
    q = xor(d, e);
    c = finish(add(c, s), d, e, v128.and(q, p));
    b = choose(g, h, a, b, w + 96, k + 24);
    s = sum1(g);
    f = add(add(f, b), s);
    p = xor(c, d);
    b = finish(add(b, s), c, d, v128.and(p, q));
    a = choose(f, g, h, a, w + 112, k + 28);
    s = sum1(f);
    e = add(add(e, a), s);
    q = xor(b, c);
    a = finish(add(a, s), b, c, v128.and(q, p));
  }
  v128.store(state, add(v128.load(state), a));
  v128.store(state, add(v128.load(state, 16), b), 16);
  v128.store(state, add(v128.load(state, 32), c), 32);
  v128.store(state, add(v128.load(state, 48), d), 48);
  v128.store(state, add(v128.load(state, 64), e), 64);
  v128.store(state, add(v128.load(state, 80), f), 80);
  v128.store(state, add(v128.load(state, 96), g), 96);
  v128.store(state, add(v128.load(state, 112), h), 112);
}
