/**
 * The 64 rounds of SHA-256 (FIPS 180-4) over one block, with a choice of the first round: what
 * `stamp-lanes.ts` does, for builds without vectors. A slot is one word of 4 bytes.
 */
import { SHA256_K, next, t1 } from './sha256-rounds';

/** Schedule word t from the words t-2, t-7, t-15 and t-16. */
// @ts-ignore: decorator
@inline
export function expandWord(w2: u32, w7: u32, w15: u32, w16: u32): u32 {
  const high = rotr(w2, 17) ^ rotr(w2, 19) ^ (w2 >>> 10);
  const low = rotr(w15, 7) ^ rotr(w15, 18) ^ (w15 >>> 3);
  return w16 + w7 + low + high;
}

/** Append `count` schedule words to the 16 at `words`. */
export function extendWords(words: usize, count: usize): void {
  for (let w = words; w < words + (count << 2); w += 4) {
    const word = expandWord(load<u32>(w, 56), load<u32>(w, 36), load<u32>(w, 4), load<u32>(w));
    store<u32>(w, word, 64);
  }
}

/**
 * Run the rounds `first`..63 on the working variables at `from`, add those same variables, and
 * store the sums at `to`. With `first` = 0 that is the compression function.
 *
 * @param to - 8 words; may be where `from` or `words` is
 * @param words - room for 64 words: the message block, and the next eight schedule words unless
 *   `first` is 0
 * @param first - 0 to 20, a multiple of 4
 */
export function mixWords(to: usize, from: usize, words: usize, first: usize): void {
  if (first == 0) extendWords(words, 8);
  let a = load<u32>(from);
  let b = load<u32>(from, 4);
  let c = load<u32>(from, 8);
  let d = load<u32>(from, 12);
  let e = load<u32>(from, 16);
  let f = load<u32>(from, 20);
  let g = load<u32>(from, 24);
  let h = load<u32>(from, 28);
  let x: u32;
  let y = b ^ c;
  let sum: u32;
  let word: u32;
  let w = words + (first << 2);
  let k = SHA256_K + (first << 2);
  do {
    sum = t1(e, f, g, h, load<u32>(k) + load<u32>(w));
    h = d + sum;
    x = a ^ b;
    d = next(sum, a, b, x & y);
    sum = t1(h, e, f, g, load<u32>(k, 4) + load<u32>(w, 4));
    g = c + sum;
    y = d ^ a;
    c = next(sum, d, a, y & x);
    sum = t1(g, h, e, f, load<u32>(k, 8) + load<u32>(w, 8));
    f = b + sum;
    x = c ^ d;
    b = next(sum, c, d, x & y);
    sum = t1(f, g, h, e, load<u32>(k, 12) + load<u32>(w, 12));
    e = a + sum;
    y = b ^ c;
    a = next(sum, b, c, y & x);
    w += 16;
    k += 16;
  } while (k < SHA256_K + 96);
  w -= 64;
  do {
    word = expandWord(load<u32>(w, 56), load<u32>(w, 36), load<u32>(w, 4), load<u32>(w));
    store<u32>(w, word, 64);
    sum = t1(e, f, g, h, load<u32>(k) + word);
    h = d + sum;
    x = a ^ b;
    d = next(sum, a, b, x & y);
    word = expandWord(load<u32>(w, 60), load<u32>(w, 40), load<u32>(w, 8), load<u32>(w, 4));
    store<u32>(w, word, 68);
    sum = t1(h, e, f, g, load<u32>(k, 4) + word);
    g = c + sum;
    y = d ^ a;
    c = next(sum, d, a, y & x);
    word = expandWord(load<u32>(w, 64), load<u32>(w, 44), load<u32>(w, 12), load<u32>(w, 8));
    store<u32>(w, word, 72);
    sum = t1(g, h, e, f, load<u32>(k, 8) + word);
    f = b + sum;
    x = c ^ d;
    b = next(sum, c, d, x & y);
    word = expandWord(load<u32>(w, 68), load<u32>(w, 48), load<u32>(w, 16), load<u32>(w, 12));
    store<u32>(w, word, 76);
    sum = t1(f, g, h, e, load<u32>(k, 12) + word);
    e = a + sum;
    y = b ^ c;
    a = next(sum, b, c, y & x);
    w += 16;
    k += 16;
  } while (k < SHA256_K + 256);
  store<u32>(to, load<u32>(from) + a);
  store<u32>(to, load<u32>(from, 4) + b, 4);
  store<u32>(to, load<u32>(from, 8) + c, 8);
  store<u32>(to, load<u32>(from, 12) + d, 12);
  store<u32>(to, load<u32>(from, 16) + e, 16);
  store<u32>(to, load<u32>(from, 20) + f, 20);
  store<u32>(to, load<u32>(from, 24) + g, 24);
  store<u32>(to, load<u32>(from, 28) + h, 28);
}
