/**
 * SHA-256 of four independent messages at once, one in each 32-bit lane of a vector. SIMD builds only.
 *
 * Lane layout: word i of the four messages stands in 16 bytes at `16 * i`, lane 0 first.
 *
 *     state  8 vectors (128 bytes):  a0 a1 a2 a3 | b0 b1 b2 b3 | ... | h0 h1 h2 h3
 *     words 16 vectors (256 bytes):  message words, already decoded from big-endian
 *
 * Both are 16-byte aligned. Digests in lane layout are themselves valid message words, so chained
 * hashing (HMAC, HKDF) needs no transposition between the steps.
 */
import { SHA256_IV, SHA256_K } from './sha256';

/** Expanded message schedule, 64 vectors; each has its round constant added. */
const W: usize = memory.data(1024, 16);

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

/** T1 of FIPS 180-4 section 6.2.2 without the schedule word. */
// @ts-ignore: decorator
@inline
function t1(e: v128, f: v128, g: v128, h: v128, w: v128): v128 {
  const sigma = xor(xor(rotate(e, 6), rotate(e, 11)), rotate(e, 25));
  return add(add(add(h, w), xor(g, v128.and(e, xor(f, g)))), sigma);
}

/** T2 of FIPS 180-4 section 6.2.2. */
// @ts-ignore: decorator
@inline
function t2(a: v128, b: v128, c: v128): v128 {
  const sigma = xor(xor(rotate(a, 2), rotate(a, 13)), rotate(a, 22));
  return add(sigma, v128.or(v128.and(a, b), v128.and(c, v128.or(a, b))));
}

/** Set the four states to the initial one. */
export function lanesInit(state: usize): void {
  for (let i: usize = 0; i < 8; i++) {
    v128.store(state + (i << 4), v128.load32_splat(SHA256_IV + (i << 2)));
  }
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
export function swapLanes(x: v128): v128 {
  return i8x16.shuffle(x, x, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}

/** Transpose four rows of four words at p0..p3 into four vectors at `to`, optionally byte-swapping. */
// @ts-ignore: decorator
@inline
function transpose(to: usize, p0: usize, p1: usize, p2: usize, p3: usize): void {
  const r0 = swapLanes(v128.load(p0));
  const r1 = swapLanes(v128.load(p1));
  const r2 = swapLanes(v128.load(p2));
  const r3 = swapLanes(v128.load(p3));
  const a = i32x4.shuffle(r0, r1, 0, 4, 1, 5);
  const b = i32x4.shuffle(r2, r3, 0, 4, 1, 5);
  const c = i32x4.shuffle(r0, r1, 2, 6, 3, 7);
  const d = i32x4.shuffle(r2, r3, 2, 6, 3, 7);
  v128.store(to, i64x2.shuffle(a, b, 0, 2));
  v128.store(to, i64x2.shuffle(a, b, 1, 3), 16);
  v128.store(to, i64x2.shuffle(c, d, 0, 2), 32);
  v128.store(to, i64x2.shuffle(c, d, 1, 3), 48);
}

/** Decode the four 64-byte blocks at p0..p3 into 16 vectors of message words at `words`. */
export function lanesLoad(words: usize, p0: usize, p1: usize, p2: usize, p3: usize): void {
  for (let i: usize = 0; i < 64; i += 16) {
    transpose(words + (i << 2), p0 + i, p1 + i, p2 + i, p3 + i);
  }
}

/** Encode four states as 32-byte big-endian digests at p0..p3. */
export function lanesStore(state: usize, p0: usize, p1: usize, p2: usize, p3: usize): void {
  for (let i: usize = 0; i < 32; i += 16) {
    const from = state + (i << 2);
    const r0 = swapLanes(v128.load(from));
    const r1 = swapLanes(v128.load(from, 16));
    const r2 = swapLanes(v128.load(from, 32));
    const r3 = swapLanes(v128.load(from, 48));
    const a = i32x4.shuffle(r0, r1, 0, 4, 1, 5);
    const b = i32x4.shuffle(r2, r3, 0, 4, 1, 5);
    const c = i32x4.shuffle(r0, r1, 2, 6, 3, 7);
    const d = i32x4.shuffle(r2, r3, 2, 6, 3, 7);
    v128.store(p0 + i, i64x2.shuffle(a, b, 0, 2));
    v128.store(p1 + i, i64x2.shuffle(a, b, 1, 3));
    v128.store(p2 + i, i64x2.shuffle(c, d, 0, 2));
    v128.store(p3 + i, i64x2.shuffle(c, d, 1, 3));
  }
}

// @ts-ignore: decorator
@inline
function kw(at: usize): v128 {
  return v128.load(W + at);
}

/**
 * Mix one block of message words into the four states: `state` and `words` in lane layout.
 * `words` is left as it was.
 */
export function lanesCompress(state: usize, words: usize): void {
  for (let i: usize = 0; i < 256; i += 16) {
    v128.store(W + i, v128.load(words + i));
  }
  for (let i: usize = 256; i < 1024; i += 16) {
    const x = v128.load(W + i - 240);
    const y = v128.load(W + i - 32);
    const low = xor(xor(rotate(x, 7), rotate(x, 18)), i32x4.shr_u(x, 3));
    const high = xor(xor(rotate(y, 17), rotate(y, 19)), i32x4.shr_u(y, 10));
    v128.store(
      W + i,
      add(add(v128.load(W + i - 256), low), add(v128.load(W + i - 112), high))
    );
  }
  let a = v128.load(state);
  let b = v128.load(state, 16);
  let c = v128.load(state, 32);
  let d = v128.load(state, 48);
  let e = v128.load(state, 64);
  let f = v128.load(state, 80);
  let g = v128.load(state, 96);
  let h = v128.load(state, 112);
  for (let i: usize = 0; i < 1024; i += 128) {
    const k = SHA256_K + (i >> 2);
    h = t1(e, f, g, h, add(kw(i), v128.load32_splat(k)));
    d = add(d, h);
    h = add(h, t2(a, b, c));
    g = t1(d, e, f, g, add(kw(i + 16), v128.load32_splat(k, 4)));
    c = add(c, g);
    g = add(g, t2(h, a, b));
    f = t1(c, d, e, f, add(kw(i + 32), v128.load32_splat(k, 8)));
    b = add(b, f);
    f = add(f, t2(g, h, a));
    e = t1(b, c, d, e, add(kw(i + 48), v128.load32_splat(k, 12)));
    a = add(a, e);
    e = add(e, t2(f, g, h));
    d = t1(a, b, c, d, add(kw(i + 64), v128.load32_splat(k, 16)));
    h = add(h, d);
    d = add(d, t2(e, f, g));
    c = t1(h, a, b, c, add(kw(i + 80), v128.load32_splat(k, 20)));
    g = add(g, c);
    c = add(c, t2(d, e, f));
    b = t1(g, h, a, b, add(kw(i + 96), v128.load32_splat(k, 24)));
    f = add(f, b);
    b = add(b, t2(c, d, e));
    a = t1(f, g, h, a, add(kw(i + 112), v128.load32_splat(k, 28)));
    e = add(e, a);
    a = add(a, t2(b, c, d));
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
