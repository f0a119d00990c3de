/**
 * The 64 rounds of SHA-256 (FIPS 180-4) over eight independent blocks at once: two vectors of four
 * 32-bit lanes, with a choice of the first round. SIMD builds only.
 *
 * Slot layout: word i of the eight blocks stands in 32 bytes at `32 * i`, lane 0 first. Digests in
 * this layout are valid message words, so chained hashing needs no transposition.
 *
 * A round of one vector waits for the round before most of the time, hence the second one. Both fit
 * the sixteen vector registers of common processors because only a to c and e to g are kept there:
 * the values of four rounds ago come back from memory, where each round leaves its two results.
 * These stores also keep the host's compiler from moving the rounds into each other. Four rounds
 * bring the variables back to their places; longer loops ran no faster.
 */
import { SHA256_K } from './sha256-rounds';

/** Results of the rounds, four slots of state first: in each pair of slots an e, then an a. */
const PAST: usize = memory.data(4352, 16);

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

// @ts-ignore: decorator
@inline
function rotate(x: v128, n: i32): v128 {
  return v128.or(i32x4.shr_u(x, n), i32x4.shl(x, 32 - n));
}

/** T1 of FIPS 180-4 section 6.2.2; `hkw` is h with the schedule word and its constant. */
// @ts-ignore: decorator
@inline
function t1(e: v128, f: v128, g: v128, hkw: v128): v128 {
  const sigma = xor(xor(rotate(e, 6), rotate(e, 11)), rotate(e, 25));
  // Sigma is the last to be known, so it is added last.
  return add(add(hkw, xor(g, v128.and(e, xor(f, g)))), sigma);
}

/**
 * T1 + T2. `both` is `(a ^ b) & (b ^ c)`, so that `b ^ both` is the majority of a, b and c; the
 * second factor is the first one of the round before.
 */
// @ts-ignore: decorator
@inline
function t2(t: v128, a: v128, b: v128, both: v128): v128 {
  const sigma = xor(xor(rotate(a, 2), rotate(a, 13)), rotate(a, 22));
  return add(add(t, xor(b, both)), sigma);
}

/** Schedule word t from the words t-2, t-7, t-15 and t-16, in one vector. */
// @ts-ignore: decorator
@inline
export function expandLanes(w2: v128, w7: v128, w15: v128, w16: v128): v128 {
  const high = xor(xor(rotate(w2, 17), rotate(w2, 19)), i32x4.shr_u(w2, 10));
  const low = xor(xor(rotate(w15, 7), rotate(w15, 18)), i32x4.shr_u(w15, 3));
  return add(high, add(low, add(w7, w16)));
}

/** Clear what {@link mixLanes} leaves of the states in memory; due when one of them was a secret. */
export function wipeLanes(): void {
  memory.fill(PAST, 0, 4352);
}

/** Append `count` schedule words to the 16 at `words`. */
export function extendLanes(words: usize, count: usize): void {
  for (let w = words; w < words + (count << 5); w += 16) {
    const word = expandLanes(v128.load(w, 448), v128.load(w, 288), v128.load(w, 32), v128.load(w));
    v128.store(w, word, 512);
  }
}

/**
 * Run the rounds `first`..63 on the working variables at `from`, add those same variables, and
 * store the sums at `to`. With `first` = 0 that is the compression function.
 *
 * @param to - 8 slots; may be where `from` or `words` is
 * @param words - room for 64 slots: the message block, and the next eight schedule words unless
 *   `first` is 0
 * @param first - 0 to 20, a multiple of 4
 */
export function mixLanes(to: usize, from: usize, words: usize, first: usize): void {
  if (first == 0) extendLanes(words, 8);
  for (let i: usize = 0; i < 128; i += 16) {
    const past = PAST + 192 - ((i & 96) << 1) + (i & 16);
    v128.store(past, v128.load(from + i, 128));
    v128.store(past, v128.load(from + i), 32);
  }
  let a0 = v128.load(from);
  let b0 = v128.load(from, 32);
  let c0 = v128.load(from, 64);
  let d0: v128;
  let e0 = v128.load(from, 128);
  let f0 = v128.load(from, 160);
  let g0 = v128.load(from, 192);
  let h0: v128;
  let a1 = v128.load(from, 16);
  let b1 = v128.load(from, 48);
  let c1 = v128.load(from, 80);
  let d1: v128;
  let e1 = v128.load(from, 144);
  let f1 = v128.load(from, 176);
  let g1 = v128.load(from, 208);
  let h1: v128;
  let x0: v128;
  let x1: v128;
  let y0 = xor(b0, c0);
  let y1 = xor(b1, c1);
  let sum0: v128;
  let sum1: v128;
  let w0: v128;
  let w1: v128;
  let k: v128;
  let past = PAST;
  let w = words + (first << 5);
  let constant = SHA256_K + (first << 2);
  do {
    k = v128.load32_splat(constant);
    sum0 = t1(e0, f0, g0, add(add(v128.load(past), k), v128.load(w)));
    h0 = add(v128.load(past, 32), sum0);
    v128.store(past, h0, 256);
    x0 = xor(a0, b0);
    d0 = t2(sum0, a0, b0, v128.and(x0, y0));
    v128.store(past, d0, 288);
    sum1 = t1(e1, f1, g1, add(add(v128.load(past, 16), k), v128.load(w, 16)));
    h1 = add(v128.load(past, 48), sum1);
    v128.store(past, h1, 272);
    x1 = xor(a1, b1);
    d1 = t2(sum1, a1, b1, v128.and(x1, y1));
    v128.store(past, d1, 304);
    k = v128.load32_splat(constant, 4);
    sum0 = t1(h0, e0, f0, add(add(v128.load(past, 64), k), v128.load(w, 32)));
    g0 = add(v128.load(past, 96), sum0);
    v128.store(past, g0, 320);
    y0 = xor(d0, a0);
    c0 = t2(sum0, d0, a0, v128.and(y0, x0));
    v128.store(past, c0, 352);
    sum1 = t1(h1, e1, f1, add(add(v128.load(past, 80), k), v128.load(w, 48)));
    g1 = add(v128.load(past, 112), sum1);
    v128.store(past, g1, 336);
    y1 = xor(d1, a1);
    c1 = t2(sum1, d1, a1, v128.and(y1, x1));
    v128.store(past, c1, 368);
    k = v128.load32_splat(constant, 8);
    sum0 = t1(g0, h0, e0, add(add(v128.load(past, 128), k), v128.load(w, 64)));
    f0 = add(v128.load(past, 160), sum0);
    v128.store(past, f0, 384);
    x0 = xor(c0, d0);
    b0 = t2(sum0, c0, d0, v128.and(x0, y0));
    v128.store(past, b0, 416);
    sum1 = t1(g1, h1, e1, add(add(v128.load(past, 144), k), v128.load(w, 80)));
    f1 = add(v128.load(past, 176), sum1);
    v128.store(past, f1, 400);
    x1 = xor(c1, d1);
    b1 = t2(sum1, c1, d1, v128.and(x1, y1));
    v128.store(past, b1, 432);
    k = v128.load32_splat(constant, 12);
    sum0 = t1(f0, g0, h0, add(add(v128.load(past, 192), k), v128.load(w, 96)));
    e0 = add(v128.load(past, 224), sum0);
    v128.store(past, e0, 448);
    y0 = xor(b0, c0);
    a0 = t2(sum0, b0, c0, v128.and(y0, x0));
    v128.store(past, a0, 480);
    sum1 = t1(f1, g1, h1, add(add(v128.load(past, 208), k), v128.load(w, 112)));
    e1 = add(v128.load(past, 240), sum1);
    v128.store(past, e1, 464);
    y1 = xor(b1, c1);
    a1 = t2(sum1, b1, c1, v128.and(y1, x1));
    v128.store(past, a1, 496);
    past += 256;
    w += 128;
    constant += 16;
  } while (constant < SHA256_K + 96);
  w -= 512;
  do {
    k = v128.load32_splat(constant);
    w0 = expandLanes(v128.load(w, 448), v128.load(w, 288), v128.load(w, 32), v128.load(w));
    v128.store(w, w0, 512);
    sum0 = t1(e0, f0, g0, add(add(v128.load(past), k), w0));
    h0 = add(v128.load(past, 32), sum0);
    v128.store(past, h0, 256);
    x0 = xor(a0, b0);
    d0 = t2(sum0, a0, b0, v128.and(x0, y0));
    v128.store(past, d0, 288);
    w1 = expandLanes(v128.load(w, 464), v128.load(w, 304), v128.load(w, 48), v128.load(w, 16));
    v128.store(w, w1, 528);
    sum1 = t1(e1, f1, g1, add(add(v128.load(past, 16), k), w1));
    h1 = add(v128.load(past, 48), sum1);
    v128.store(past, h1, 272);
    x1 = xor(a1, b1);
    d1 = t2(sum1, a1, b1, v128.and(x1, y1));
    v128.store(past, d1, 304);
    k = v128.load32_splat(constant, 4);
    w0 = expandLanes(v128.load(w, 480), v128.load(w, 320), v128.load(w, 64), v128.load(w, 32));
    v128.store(w, w0, 544);
    sum0 = t1(h0, e0, f0, add(add(v128.load(past, 64), k), w0));
    g0 = add(v128.load(past, 96), sum0);
    v128.store(past, g0, 320);
    y0 = xor(d0, a0);
    c0 = t2(sum0, d0, a0, v128.and(y0, x0));
    v128.store(past, c0, 352);
    w1 = expandLanes(v128.load(w, 496), v128.load(w, 336), v128.load(w, 80), v128.load(w, 48));
    v128.store(w, w1, 560);
    sum1 = t1(h1, e1, f1, add(add(v128.load(past, 80), k), w1));
    g1 = add(v128.load(past, 112), sum1);
    v128.store(past, g1, 336);
    y1 = xor(d1, a1);
    c1 = t2(sum1, d1, a1, v128.and(y1, x1));
    v128.store(past, c1, 368);
    k = v128.load32_splat(constant, 8);
    w0 = expandLanes(v128.load(w, 512), v128.load(w, 352), v128.load(w, 96), v128.load(w, 64));
    v128.store(w, w0, 576);
    sum0 = t1(g0, h0, e0, add(add(v128.load(past, 128), k), w0));
    f0 = add(v128.load(past, 160), sum0);
    v128.store(past, f0, 384);
    x0 = xor(c0, d0);
    b0 = t2(sum0, c0, d0, v128.and(x0, y0));
    v128.store(past, b0, 416);
    w1 = expandLanes(v128.load(w, 528), v128.load(w, 368), v128.load(w, 112), v128.load(w, 80));
    v128.store(w, w1, 592);
    sum1 = t1(g1, h1, e1, add(add(v128.load(past, 144), k), w1));
    f1 = add(v128.load(past, 176), sum1);
    v128.store(past, f1, 400);
    x1 = xor(c1, d1);
    b1 = t2(sum1, c1, d1, v128.and(x1, y1));
    v128.store(past, b1, 432);
    k = v128.load32_splat(constant, 12);
    w0 = expandLanes(v128.load(w, 544), v128.load(w, 384), v128.load(w, 128), v128.load(w, 96));
    v128.store(w, w0, 608);
    sum0 = t1(f0, g0, h0, add(add(v128.load(past, 192), k), w0));
    e0 = add(v128.load(past, 224), sum0);
    v128.store(past, e0, 448);
    y0 = xor(b0, c0);
    a0 = t2(sum0, b0, c0, v128.and(y0, x0));
    v128.store(past, a0, 480);
    w1 = expandLanes(v128.load(w, 560), v128.load(w, 400), v128.load(w, 144), v128.load(w, 112));
    v128.store(w, w1, 624);
    sum1 = t1(f1, g1, h1, add(add(v128.load(past, 208), k), w1));
    e1 = add(v128.load(past, 240), sum1);
    v128.store(past, e1, 464);
    y1 = xor(b1, c1);
    a1 = t2(sum1, b1, c1, v128.and(y1, x1));
    v128.store(past, a1, 496);
    past += 256;
    w += 128;
    constant += 16;
  } while (constant < SHA256_K + 256);
  for (let i: usize = 0; i < 128; i += 16) {
    const last = past + 192 - ((i & 96) << 1) + (i & 16);
    v128.store(to + i, add(v128.load(from + i), v128.load(last, 32)));
    v128.store(to + i, add(v128.load(from + i, 128), v128.load(last)), 128);
  }
}
