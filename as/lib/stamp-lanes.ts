/**
 * The 64 rounds of SHA-256 (FIPS 180-4) over four independent blocks, one in each 32-bit lane of a
 * vector, with a choice of the first round. SIMD builds only; the lane layout is that of
 * `sha256-lanes.ts`.
 *
 * The message schedule lives in sixteen local variables, which the host's compiler keeps on the stack
 * at no cost; a schedule in linear memory is measurably slower. Passes of eight rounds consume the first
 * 24 schedule words, which the caller prepares (a search has most of them from the start); then the
 * halves of a loop expand eight words each. Unrolling everything gained a few percent on an idle core,
 * lost as much beside a busy one, and made the module twice as large.
 */
import { SHA256_K } from './sha256-rounds';

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
  // The sum inside comes first, because it ends the longest chain of dependent operations.
  return add(hkw, add(sigma, xor(g, v128.and(e, xor(f, g)))));
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

/** Schedule word t from the words t-2, t-7, t-15 and t-16. */
// @ts-ignore: decorator
@inline
export function expandLanes(w2: v128, w7: v128, w15: v128, w16: v128): v128 {
  const high = xor(xor(rotate(w2, 17), rotate(w2, 19)), i32x4.shr_u(w2, 10));
  const low = xor(xor(rotate(w15, 7), rotate(w15, 18)), i32x4.shr_u(w15, 3));
  return add(high, add(low, add(w7, w16)));
}

/**
 * Run the rounds `first`..63 on the working variables at `from`, add those same variables, and store
 * the sums at `to`. With `first` = 0 that is the compression function.
 *
 * @param to - 8 vectors; may be where `from` or `words` is
 * @param words - the first 24 schedule words
 * @param first - 0, 8 or 16
 */
export function mixLanes(to: usize, from: usize, words: usize, first: usize): void {
  let a = v128.load(from);
  let b = v128.load(from, 16);
  let c = v128.load(from, 32);
  let d = v128.load(from, 48);
  let e = v128.load(from, 64);
  let f = v128.load(from, 80);
  let g = v128.load(from, 96);
  let h = v128.load(from, 112);
  let t: v128;
  let x: v128;
  let y = xor(b, c);
  let k = SHA256_K + (first << 2);
  let w = words + (first << 4);
  do {
    t = t1(e, f, g, add(h, add(v128.load(w), v128.load32_splat(k))));
    d = add(d, t);
    x = xor(a, b);
    h = t2(t, a, b, v128.and(x, y));
    t = t1(d, e, f, add(g, add(v128.load(w, 16), v128.load32_splat(k, 4))));
    c = add(c, t);
    y = xor(h, a);
    g = t2(t, h, a, v128.and(y, x));
    t = t1(c, d, e, add(f, add(v128.load(w, 32), v128.load32_splat(k, 8))));
    b = add(b, t);
    x = xor(g, h);
    f = t2(t, g, h, v128.and(x, y));
    t = t1(b, c, d, add(e, add(v128.load(w, 48), v128.load32_splat(k, 12))));
    a = add(a, t);
    y = xor(f, g);
    e = t2(t, f, g, v128.and(y, x));
    t = t1(a, b, c, add(d, add(v128.load(w, 64), v128.load32_splat(k, 16))));
    h = add(h, t);
    x = xor(e, f);
    d = t2(t, e, f, v128.and(x, y));
    t = t1(h, a, b, add(c, add(v128.load(w, 80), v128.load32_splat(k, 20))));
    g = add(g, t);
    y = xor(d, e);
    c = t2(t, d, e, v128.and(y, x));
    t = t1(g, h, a, add(b, add(v128.load(w, 96), v128.load32_splat(k, 24))));
    f = add(f, t);
    x = xor(c, d);
    b = t2(t, c, d, v128.and(x, y));
    t = t1(f, g, h, add(a, add(v128.load(w, 112), v128.load32_splat(k, 28))));
    e = add(e, t);
    y = xor(b, c);
    a = t2(t, b, c, v128.and(y, x));
    w += 128;
    k += 32;
  } while (k < SHA256_K + 96);
  let w0 = v128.load(words, 256);
  let w1 = v128.load(words, 272);
  let w2 = v128.load(words, 288);
  let w3 = v128.load(words, 304);
  let w4 = v128.load(words, 320);
  let w5 = v128.load(words, 336);
  let w6 = v128.load(words, 352);
  let w7 = v128.load(words, 368);
  let w8 = v128.load(words, 128);
  let w9 = v128.load(words, 144);
  let w10 = v128.load(words, 160);
  let w11 = v128.load(words, 176);
  let w12 = v128.load(words, 192);
  let w13 = v128.load(words, 208);
  let w14 = v128.load(words, 224);
  let w15 = v128.load(words, 240);
  while (true) {
    w8 = expandLanes(w6, w1, w9, w8);
    t = t1(e, f, g, add(h, add(w8, v128.load32_splat(k))));
    d = add(d, t);
    x = xor(a, b);
    h = t2(t, a, b, v128.and(x, y));
    w9 = expandLanes(w7, w2, w10, w9);
    t = t1(d, e, f, add(g, add(w9, v128.load32_splat(k, 4))));
    c = add(c, t);
    y = xor(h, a);
    g = t2(t, h, a, v128.and(y, x));
    w10 = expandLanes(w8, w3, w11, w10);
    t = t1(c, d, e, add(f, add(w10, v128.load32_splat(k, 8))));
    b = add(b, t);
    x = xor(g, h);
    f = t2(t, g, h, v128.and(x, y));
    w11 = expandLanes(w9, w4, w12, w11);
    t = t1(b, c, d, add(e, add(w11, v128.load32_splat(k, 12))));
    a = add(a, t);
    y = xor(f, g);
    e = t2(t, f, g, v128.and(y, x));
    w12 = expandLanes(w10, w5, w13, w12);
    t = t1(a, b, c, add(d, add(w12, v128.load32_splat(k, 16))));
    h = add(h, t);
    x = xor(e, f);
    d = t2(t, e, f, v128.and(x, y));
    w13 = expandLanes(w11, w6, w14, w13);
    t = t1(h, a, b, add(c, add(w13, v128.load32_splat(k, 20))));
    g = add(g, t);
    y = xor(d, e);
    c = t2(t, d, e, v128.and(y, x));
    w14 = expandLanes(w12, w7, w15, w14);
    t = t1(g, h, a, add(b, add(w14, v128.load32_splat(k, 24))));
    f = add(f, t);
    x = xor(c, d);
    b = t2(t, c, d, v128.and(x, y));
    w15 = expandLanes(w13, w8, w0, w15);
    t = t1(f, g, h, add(a, add(w15, v128.load32_splat(k, 28))));
    e = add(e, t);
    y = xor(b, c);
    a = t2(t, b, c, v128.and(y, x));
    if (k == SHA256_K + 224) break;
    w0 = expandLanes(w14, w9, w1, w0);
    t = t1(e, f, g, add(h, add(w0, v128.load32_splat(k, 32))));
    d = add(d, t);
    x = xor(a, b);
    h = t2(t, a, b, v128.and(x, y));
    w1 = expandLanes(w15, w10, w2, w1);
    t = t1(d, e, f, add(g, add(w1, v128.load32_splat(k, 36))));
    c = add(c, t);
    y = xor(h, a);
    g = t2(t, h, a, v128.and(y, x));
    w2 = expandLanes(w0, w11, w3, w2);
    t = t1(c, d, e, add(f, add(w2, v128.load32_splat(k, 40))));
    b = add(b, t);
    x = xor(g, h);
    f = t2(t, g, h, v128.and(x, y));
    w3 = expandLanes(w1, w12, w4, w3);
    t = t1(b, c, d, add(e, add(w3, v128.load32_splat(k, 44))));
    a = add(a, t);
    y = xor(f, g);
    e = t2(t, f, g, v128.and(y, x));
    w4 = expandLanes(w2, w13, w5, w4);
    t = t1(a, b, c, add(d, add(w4, v128.load32_splat(k, 48))));
    h = add(h, t);
    x = xor(e, f);
    d = t2(t, e, f, v128.and(x, y));
    w5 = expandLanes(w3, w14, w6, w5);
    t = t1(h, a, b, add(c, add(w5, v128.load32_splat(k, 52))));
    g = add(g, t);
    y = xor(d, e);
    c = t2(t, d, e, v128.and(y, x));
    w6 = expandLanes(w4, w15, w7, w6);
    t = t1(g, h, a, add(b, add(w6, v128.load32_splat(k, 56))));
    f = add(f, t);
    x = xor(c, d);
    b = t2(t, c, d, v128.and(x, y));
    w7 = expandLanes(w5, w0, w8, w7);
    t = t1(f, g, h, add(a, add(w7, v128.load32_splat(k, 60))));
    e = add(e, t);
    y = xor(b, c);
    a = t2(t, b, c, v128.and(y, x));
    k += 64;
  }
  v128.store(to, add(v128.load(from), a));
  v128.store(to, add(v128.load(from, 16), b), 16);
  v128.store(to, add(v128.load(from, 32), c), 32);
  v128.store(to, add(v128.load(from, 48), d), 48);
  v128.store(to, add(v128.load(from, 64), e), 64);
  v128.store(to, add(v128.load(from, 80), f), 80);
  v128.store(to, add(v128.load(from, 96), g), 96);
  v128.store(to, add(v128.load(from, 112), h), 112);
}
