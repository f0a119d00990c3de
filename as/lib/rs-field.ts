/**
 * The field of the `reed-solomon` kernel: bytes as polynomials over GF(2), modulo
 * x^8 + x^4 + x^3 + x^2 + 1 (0x11d).
 */

/** The element at `at`. */
// @ts-ignore: decorator
@inline
export function element(at: usize): u32 {
  return <u32>load<u8>(at);
}

/** `x` times the polynomial x. */
export function double(x: u32): u32 {
  return ((x << 1) ^ ((x >> 7) * 0x11d)) & 0xff;
}

/**
 * Write what `c` times a byte is made of, 32 bytes at `to`: its products with the 16 low halves,
 * then with the 16 high halves. The product with a byte is the sum of two of them.
 */
export function putProducts(to: usize, c: u32): void {
  let power = c;
  for (let half = 0; half < 2; half++) {
    store<u8>(to, 0);
    for (let n: usize = 1; n < 16; n <<= 1) {
      // Products with numbers of one more bit: those below, plus the bit's own.
      for (let i: usize = 0; i < n; i++) store<u8>(to + n + i, element(to + i) ^ power);
      power = double(power);
    }
    to += 16;
  }
}
