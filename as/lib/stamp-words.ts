/**
 * The 64 rounds of SHA-256 (FIPS 180-4) over one block of words in memory, with a choice of the first
 * round: `stamp-lanes.ts` for builds without vectors, pass for pass.
 */
import { SHA256_K, t1, t2 } from './sha256-rounds';

/** Schedule word t from the words t-2, t-7, t-15 and t-16. */
// @ts-ignore: decorator
@inline
export function expandWords(w2: u32, w7: u32, w15: u32, w16: u32): u32 {
  const high = rotr(w2, 17) ^ rotr(w2, 19) ^ (w2 >>> 10);
  const low = rotr(w15, 7) ^ rotr(w15, 18) ^ (w15 >>> 3);
  return high + w7 + low + w16;
}

/**
 * Run the rounds `first`..63 on the working variables at `from`, add those same variables, and store
 * the sums at `to`. With `first` = 0 that is the compression function.
 *
 * @param to - 8 words; may be where `from` or `words` is
 * @param words - the first 24 schedule words
 * @param first - 0, 8 or 16
 */
export function mixWords(to: usize, from: usize, words: usize, first: usize): void {
  let a = load<u32>(from);
  let b = load<u32>(from, 4);
  let c = load<u32>(from, 8);
  let d = load<u32>(from, 12);
  let e = load<u32>(from, 16);
  let f = load<u32>(from, 20);
  let g = load<u32>(from, 24);
  let h = load<u32>(from, 28);
  let k = SHA256_K + (first << 2);
  let w = words + (first << 2);
  do {
    h = t1(e, f, g, h, load<u32>(w) + load<u32>(k));
    d += h;
    h += t2(a, b, c);
    g = t1(d, e, f, g, load<u32>(w, 4) + load<u32>(k, 4));
    c += g;
    g += t2(h, a, b);
    f = t1(c, d, e, f, load<u32>(w, 8) + load<u32>(k, 8));
    b += f;
    f += t2(g, h, a);
    e = t1(b, c, d, e, load<u32>(w, 12) + load<u32>(k, 12));
    a += e;
    e += t2(f, g, h);
    d = t1(a, b, c, d, load<u32>(w, 16) + load<u32>(k, 16));
    h += d;
    d += t2(e, f, g);
    c = t1(h, a, b, c, load<u32>(w, 20) + load<u32>(k, 20));
    g += c;
    c += t2(d, e, f);
    b = t1(g, h, a, b, load<u32>(w, 24) + load<u32>(k, 24));
    f += b;
    b += t2(c, d, e);
    a = t1(f, g, h, a, load<u32>(w, 28) + load<u32>(k, 28));
    e += a;
    a += t2(b, c, d);
    w += 32;
    k += 32;
  } while (k < SHA256_K + 96);
  let w0 = load<u32>(words, 64);
  let w1 = load<u32>(words, 68);
  let w2 = load<u32>(words, 72);
  let w3 = load<u32>(words, 76);
  let w4 = load<u32>(words, 80);
  let w5 = load<u32>(words, 84);
  let w6 = load<u32>(words, 88);
  let w7 = load<u32>(words, 92);
  let w8 = load<u32>(words, 32);
  let w9 = load<u32>(words, 36);
  let w10 = load<u32>(words, 40);
  let w11 = load<u32>(words, 44);
  let w12 = load<u32>(words, 48);
  let w13 = load<u32>(words, 52);
  let w14 = load<u32>(words, 56);
  let w15 = load<u32>(words, 60);
  while (true) {
    w8 = expandWords(w6, w1, w9, w8);
    h = t1(e, f, g, h, w8 + load<u32>(k));
    d += h;
    h += t2(a, b, c);
    w9 = expandWords(w7, w2, w10, w9);
    g = t1(d, e, f, g, w9 + load<u32>(k, 4));
    c += g;
    g += t2(h, a, b);
    w10 = expandWords(w8, w3, w11, w10);
    f = t1(c, d, e, f, w10 + load<u32>(k, 8));
    b += f;
    f += t2(g, h, a);
    w11 = expandWords(w9, w4, w12, w11);
    e = t1(b, c, d, e, w11 + load<u32>(k, 12));
    a += e;
    e += t2(f, g, h);
    w12 = expandWords(w10, w5, w13, w12);
    d = t1(a, b, c, d, w12 + load<u32>(k, 16));
    h += d;
    d += t2(e, f, g);
    w13 = expandWords(w11, w6, w14, w13);
    c = t1(h, a, b, c, w13 + load<u32>(k, 20));
    g += c;
    c += t2(d, e, f);
    w14 = expandWords(w12, w7, w15, w14);
    b = t1(g, h, a, b, w14 + load<u32>(k, 24));
    f += b;
    b += t2(c, d, e);
    w15 = expandWords(w13, w8, w0, w15);
    a = t1(f, g, h, a, w15 + load<u32>(k, 28));
    e += a;
    a += t2(b, c, d);
    if (k == SHA256_K + 224) break;
    w0 = expandWords(w14, w9, w1, w0);
    h = t1(e, f, g, h, w0 + load<u32>(k, 32));
    d += h;
    h += t2(a, b, c);
    w1 = expandWords(w15, w10, w2, w1);
    g = t1(d, e, f, g, w1 + load<u32>(k, 36));
    c += g;
    g += t2(h, a, b);
    w2 = expandWords(w0, w11, w3, w2);
    f = t1(c, d, e, f, w2 + load<u32>(k, 40));
    b += f;
    f += t2(g, h, a);
    w3 = expandWords(w1, w12, w4, w3);
    e = t1(b, c, d, e, w3 + load<u32>(k, 44));
    a += e;
    e += t2(f, g, h);
    w4 = expandWords(w2, w13, w5, w4);
    d = t1(a, b, c, d, w4 + load<u32>(k, 48));
    h += d;
    d += t2(e, f, g);
    w5 = expandWords(w3, w14, w6, w5);
    c = t1(h, a, b, c, w5 + load<u32>(k, 52));
    g += c;
    c += t2(d, e, f);
    w6 = expandWords(w4, w15, w7, w6);
    b = t1(g, h, a, b, w6 + load<u32>(k, 56));
    f += b;
    b += t2(c, d, e);
    w7 = expandWords(w5, w0, w8, w7);
    a = t1(f, g, h, a, w7 + load<u32>(k, 60));
    e += a;
    a += t2(b, c, d);
    k += 64;
  }
  store<u32>(to, load<u32>(from) + a);
  store<u32>(to, load<u32>(from, 4) + b, 4);
  store<u32>(to, load<u32>(from, 8) + c, 8);
  store<u32>(to, load<u32>(from, 12) + d, 12);
  store<u32>(to, load<u32>(from, 16) + e, 16);
  store<u32>(to, load<u32>(from, 20) + f, 20);
  store<u32>(to, load<u32>(from, 24) + g, 24);
  store<u32>(to, load<u32>(from, 28) + h, 28);
}
