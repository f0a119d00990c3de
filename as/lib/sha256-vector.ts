/**
 * SHA-256 of one message with the message schedule in vectors ("simd-schedule"); SIMD builds only.
 *
 * The rounds stay scalar, because each depends on the one before. The schedule works four words ahead
 * of them in vectors, so both run side by side: a third less time than all scalar.
 */
import { SHA256_K, next, t1 } from './sha256-rounds';

/** The next 16 schedule words, each with its round constant added. */
const W: usize = memory.data(64, 16);

/** Clear the schedule. */
export function wipeVector(): void {
  memory.fill(W, 0, 64);
}

// @ts-ignore: decorator
@inline
function rotate(x: v128, n: i32): v128 {
  return v128.or(i32x4.shr_u(x, n), i32x4.shl(x, 32 - n));
}

/** Four message words at `at`, decoded from big-endian. */
// @ts-ignore: decorator
@inline
function words(at: usize): v128 {
  const x = v128.load(at);
  return i8x16.swizzle(x, i8x16(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
}

/** Keep four schedule words for the rounds, at offset `to`, with the constants at `k`. */
// @ts-ignore: decorator
@inline
function put(to: usize, x: v128, k: usize): void {
  v128.store(W + to, i32x4.add(x, v128.load(k)));
}

/**
 * The sums over word t-2 of the message schedule for the words that stand twice in each half of `y`:
 * with a copy above it, a 64-bit shift rotates the lower word. The two sums come in either half.
 */
// @ts-ignore: decorator
@inline
function high(y: v128): v128 {
  const turned = v128.xor(i64x2.shr_u(y, 17), i64x2.shr_u(y, 19));
  const sums = v128.xor(turned, i32x4.shr_u(y, 10));
  return i32x4.shuffle(sums, sums, 0, 2, 0, 2);
}

/**
 * The four schedule words that follow the sixteen in x0..x3. The last two of them need the first two,
 * so the sums over word t-2 are formed in two steps, and the halves put together.
 */
// @ts-ignore: decorator
@inline
function expand(x0: v128, x1: v128, x2: v128, x3: v128): v128 {
  const w1 = i32x4.shuffle(x0, x1, 1, 2, 3, 4);
  const w9 = i32x4.shuffle(x2, x3, 1, 2, 3, 4);
  const low = v128.xor(v128.xor(rotate(w1, 7), rotate(w1, 18)), i32x4.shr_u(w1, 3));
  const most = i32x4.add(i32x4.add(x0, w9), low);
  const first = i32x4.add(most, high(i32x4.shuffle(x3, x3, 2, 2, 3, 3)));
  const second = i32x4.add(most, high(i32x4.shuffle(first, first, 0, 0, 1, 1)));
  return i64x2.shuffle(first, second, 0, 3);
}

/** Mix `count` consecutive blocks at `block` into the state at `from`; the result goes to `to`. */
export function compressVector(to: usize, from: usize, block: usize, count: i32): void {
  let s0 = load<u32>(from);
  let s1 = load<u32>(from, 4);
  let s2 = load<u32>(from, 8);
  let s3 = load<u32>(from, 12);
  let s4 = load<u32>(from, 16);
  let s5 = load<u32>(from, 20);
  let s6 = load<u32>(from, 24);
  let s7 = load<u32>(from, 28);
  for (; count > 0; count--, block += 64) {
    let x0 = words(block);
    let x1 = words(block + 16);
    let x2 = words(block + 32);
    let x3 = words(block + 48);
    put(0, x0, SHA256_K);
    put(16, x1, SHA256_K + 16);
    put(32, x2, SHA256_K + 32);
    put(48, x3, SHA256_K + 48);
    let a = s0, b = s1, c = s2, d = s3, e = s4, f = s5, g = s6, h = s7;
    let p: u32 = 0, q = b ^ c;
    for (let i: usize = 0; i < 192; i += 64) {
      x0 = expand(x0, x1, x2, x3);
      h = t1(e, f, g, h, load<u32>(W));
      d += h;
      p = a ^ b;
      h = next(h, a, b, p & q);
      g = t1(d, e, f, g, load<u32>(W, 4));
      c += g;
      q = h ^ a;
      g = next(g, h, a, q & p);
      f = t1(c, d, e, f, load<u32>(W, 8));
      b += f;
      p = g ^ h;
      f = next(f, g, h, p & q);
      e = t1(b, c, d, e, load<u32>(W, 12));
      a += e;
      q = f ^ g;
      e = next(e, f, g, q & p);
      put(0, x0, SHA256_K + i + 64);
      x1 = expand(x1, x2, x3, x0);
      d = t1(a, b, c, d, load<u32>(W, 16));
      h += d;
      p = e ^ f;
      d = next(d, e, f, p & q);
      c = t1(h, a, b, c, load<u32>(W, 20));
      g += c;
      q = d ^ e;
      c = next(c, d, e, q & p);
      b = t1(g, h, a, b, load<u32>(W, 24));
      f += b;
      p = c ^ d;
      b = next(b, c, d, p & q);
      a = t1(f, g, h, a, load<u32>(W, 28));
      e += a;
      q = b ^ c;
      a = next(a, b, c, q & p);
      put(16, x1, SHA256_K + i + 80);
      x2 = expand(x2, x3, x0, x1);
      h = t1(e, f, g, h, load<u32>(W, 32));
      d += h;
      p = a ^ b;
      h = next(h, a, b, p & q);
      g = t1(d, e, f, g, load<u32>(W, 36));
      c += g;
      q = h ^ a;
      g = next(g, h, a, q & p);
      f = t1(c, d, e, f, load<u32>(W, 40));
      b += f;
      p = g ^ h;
      f = next(f, g, h, p & q);
      e = t1(b, c, d, e, load<u32>(W, 44));
      a += e;
      q = f ^ g;
      e = next(e, f, g, q & p);
      put(32, x2, SHA256_K + i + 96);
      x3 = expand(x3, x0, x1, x2);
      d = t1(a, b, c, d, load<u32>(W, 48));
      h += d;
      p = e ^ f;
      d = next(d, e, f, p & q);
      c = t1(h, a, b, c, load<u32>(W, 52));
      g += c;
      q = d ^ e;
      c = next(c, d, e, q & p);
      b = t1(g, h, a, b, load<u32>(W, 56));
      f += b;
      p = c ^ d;
      b = next(b, c, d, p & q);
      a = t1(f, g, h, a, load<u32>(W, 60));
      e += a;
      q = b ^ c;
      a = next(a, b, c, q & p);
      put(48, x3, SHA256_K + i + 112);
    }
    for (let i: usize = 0; i < 64; i += 32) {
      h = t1(e, f, g, h, load<u32>(W + i));
      d += h;
      p = a ^ b;
      h = next(h, a, b, p & q);
      g = t1(d, e, f, g, load<u32>(W + i, 4));
      c += g;
      q = h ^ a;
      g = next(g, h, a, q & p);
      f = t1(c, d, e, f, load<u32>(W + i, 8));
      b += f;
      p = g ^ h;
      f = next(f, g, h, p & q);
      e = t1(b, c, d, e, load<u32>(W + i, 12));
      a += e;
      q = f ^ g;
      e = next(e, f, g, q & p);
      d = t1(a, b, c, d, load<u32>(W + i, 16));
      h += d;
      p = e ^ f;
      d = next(d, e, f, p & q);
      c = t1(h, a, b, c, load<u32>(W + i, 20));
      g += c;
      q = d ^ e;
      c = next(c, d, e, q & p);
      b = t1(g, h, a, b, load<u32>(W + i, 24));
      f += b;
      p = c ^ d;
      b = next(b, c, d, p & q);
      a = t1(f, g, h, a, load<u32>(W + i, 28));
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
