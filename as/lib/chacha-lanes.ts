/**
 * Four blocks of ChaCha20 key stream at once, one in each 32-bit lane of a vector; SIMD builds
 * only. The state is that of `chacha-block.ts`; the blocks differ in their counters alone.
 */

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

/** Rotate each word left; 16 and 8 bits are whole bytes, which a shuffle moves in one step. */
// @ts-ignore: decorator
@inline
function rotate(x: v128, bits: i32): v128 {
  return v128.or(i32x4.shl(x, bits), i32x4.shr_u(x, 32 - bits));
}

// @ts-ignore: decorator
@inline
function rotate16(x: v128): v128 {
  return i8x16.shuffle(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
}

// @ts-ignore: decorator
@inline
function rotate8(x: v128): v128 {
  return i8x16.shuffle(x, x, 3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14);
}

/** A word of the state in all lanes. */
// @ts-ignore: decorator
@inline
function word(at: usize): v128 {
  return v128.load32_splat(at);
}

/** Store four words of each block, given as lanes, where they belong: blocks are 64 bytes apart. */
// @ts-ignore: decorator
@inline
function keep(out: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab0 = i32x4.shuffle(a, b, 0, 4, 1, 5);
  const ab1 = i32x4.shuffle(a, b, 2, 6, 3, 7);
  const cd0 = i32x4.shuffle(c, d, 0, 4, 1, 5);
  const cd1 = i32x4.shuffle(c, d, 2, 6, 3, 7);
  v128.store(out, i64x2.shuffle(ab0, cd0, 0, 2));
  v128.store(out, i64x2.shuffle(ab0, cd0, 1, 3), 64);
  v128.store(out, i64x2.shuffle(ab1, cd1, 0, 2), 128);
  v128.store(out, i64x2.shuffle(ab1, cd1, 1, 3), 192);
}

/** Write the 256 bytes of key stream of the state's counter and the three after it to `out`. */
export function mixFourBlocks(state: usize, out: usize): void {
  const counters = add(word(state + 48), i32x4(0, 1, 2, 3));
  let x0 = word(state + 0);
  let x1 = word(state + 4);
  let x2 = word(state + 8);
  let x3 = word(state + 12);
  let x4 = word(state + 16);
  let x5 = word(state + 20);
  let x6 = word(state + 24);
  let x7 = word(state + 28);
  let x8 = word(state + 32);
  let x9 = word(state + 36);
  let x10 = word(state + 40);
  let x11 = word(state + 44);
  let x12 = counters;
  let x13 = word(state + 52);
  let x14 = word(state + 56);
  let x15 = word(state + 60);
  for (let i = 0; i < 10; i++) {
    // prettier-ignore
    {
      // Columns, then diagonals.
      x0 = add(x0, x4); x12 = rotate16(xor(x12, x0));
      x8 = add(x8, x12); x4 = rotate(xor(x4, x8), 12);
      x0 = add(x0, x4); x12 = rotate8(xor(x12, x0));
      x8 = add(x8, x12); x4 = rotate(xor(x4, x8), 7);
      x1 = add(x1, x5); x13 = rotate16(xor(x13, x1));
      x9 = add(x9, x13); x5 = rotate(xor(x5, x9), 12);
      x1 = add(x1, x5); x13 = rotate8(xor(x13, x1));
      x9 = add(x9, x13); x5 = rotate(xor(x5, x9), 7);
      x2 = add(x2, x6); x14 = rotate16(xor(x14, x2));
      x10 = add(x10, x14); x6 = rotate(xor(x6, x10), 12);
      x2 = add(x2, x6); x14 = rotate8(xor(x14, x2));
      x10 = add(x10, x14); x6 = rotate(xor(x6, x10), 7);
      x3 = add(x3, x7); x15 = rotate16(xor(x15, x3));
      x11 = add(x11, x15); x7 = rotate(xor(x7, x11), 12);
      x3 = add(x3, x7); x15 = rotate8(xor(x15, x3));
      x11 = add(x11, x15); x7 = rotate(xor(x7, x11), 7);
      x0 = add(x0, x5); x15 = rotate16(xor(x15, x0));
      x10 = add(x10, x15); x5 = rotate(xor(x5, x10), 12);
      x0 = add(x0, x5); x15 = rotate8(xor(x15, x0));
      x10 = add(x10, x15); x5 = rotate(xor(x5, x10), 7);
      x1 = add(x1, x6); x12 = rotate16(xor(x12, x1));
      x11 = add(x11, x12); x6 = rotate(xor(x6, x11), 12);
      x1 = add(x1, x6); x12 = rotate8(xor(x12, x1));
      x11 = add(x11, x12); x6 = rotate(xor(x6, x11), 7);
      x2 = add(x2, x7); x13 = rotate16(xor(x13, x2));
      x8 = add(x8, x13); x7 = rotate(xor(x7, x8), 12);
      x2 = add(x2, x7); x13 = rotate8(xor(x13, x2));
      x8 = add(x8, x13); x7 = rotate(xor(x7, x8), 7);
      x3 = add(x3, x4); x14 = rotate16(xor(x14, x3));
      x9 = add(x9, x14); x4 = rotate(xor(x4, x9), 12);
      x3 = add(x3, x4); x14 = rotate8(xor(x14, x3));
      x9 = add(x9, x14); x4 = rotate(xor(x4, x9), 7);
    }
  }
  // prettier-ignore
  {
    keep(out,
      add(x0, word(state)), add(x1, word(state + 4)),
      add(x2, word(state + 8)), add(x3, word(state + 12))
    );
    keep(out + 16,
      add(x4, word(state + 16)), add(x5, word(state + 20)),
      add(x6, word(state + 24)), add(x7, word(state + 28))
    );
    keep(out + 32,
      add(x8, word(state + 32)), add(x9, word(state + 36)),
      add(x10, word(state + 40)), add(x11, word(state + 44))
    );
    keep(out + 48,
      add(x12, counters), add(x13, word(state + 52)),
      add(x14, word(state + 56)), add(x15, word(state + 60))
    );
  }
}
