/**
 * Matrix times bytes in SIMD builds, 16 bytes at a time: a byte's two halves select from two tables
 * of 16 products, and the sum of both is the product (`i8x16.swizzle`).
 *
 * Tables of the general form, for each column and in it for each row: 32 bytes of products. Tables
 * of the dyadic form, for each four columns: 128 bytes, the products of c0, c0 + c1, c0 + c2 and c0
 * + c1 + c2 + c3, where c0..c3 are the first row's coefficients.
 *
 * One vector of each column and four rows at once use the registers best: two vectors make V8
 * spill.
 */
import { element, putProducts } from './rs-field';

/** Look 16 indices of 0..15 up in a table; the relaxed form spares x64 a range check. */
// @ts-ignore: decorator
@inline
function select(table: v128, indices: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i8x16.relaxed_swizzle(table, indices);
  return i8x16.swizzle(table, indices);
}

// @ts-ignore: decorator
@inline
function xor(x: v128, y: v128): v128 {
  return v128.xor(x, y);
}

/** `sum` plus the products of the table at `t` with bytes whose halves are `low` and `high`. */
// @ts-ignore: decorator
@inline
function plus(sum: v128, t: usize, low: v128, high: v128): v128 {
  return xor(xor(sum, select(v128.load(t), low)), select(v128.load(t, 16), high));
}

// @ts-ignore: decorator
@inline
function lowHalves(x: v128): v128 {
  return v128.and(x, i8x16.splat(15));
}

// @ts-ignore: decorator
@inline
function highHalves(x: v128): v128 {
  return v128.and(i16x8.shr_u(x, 4), i8x16.splat(15));
}

/** The products of the table at `t` with the bytes `x`. */
// @ts-ignore: decorator
@inline
function times(t: usize, x: v128): v128 {
  return xor(select(v128.load(t), lowHalves(x)), select(v128.load(t, 16), highHalves(x)));
}

/** 16 bytes of the column whose address stands at `pointer`. */
// @ts-ignore: decorator
@inline
function column(pointer: usize, x: usize): v128 {
  return v128.load(<usize>load<u32>(pointer) + x);
}

/** Bytes of tables that `rows` rows need, in either form. */
export function lanesBytes(rows: i32, columns: i32): usize {
  return <usize>(rows * columns) << 5;
}

/** Make tables of the general form; see `packedPrepare` for the arguments. */
export function lanesPrepare(
  tables: usize,
  matrix: usize,
  rows: i32,
  columns: i32,
  stride: usize
): void {
  for (let c = 0; c < columns; c++) {
    for (let r = 0; r < rows; r++) {
      putProducts(tables, element(matrix + <usize>r * stride + <usize>c));
      tables += 32;
    }
  }
}

/**
 * 1 when four rows consist of dyadic blocks: each block of four columns has the coefficient c[i ^
 * j] in row j and column i. So it is wherever the points of four shards, and those of the columns,
 * are cosets of {0, 1, 2, 3}: for all whole groups of parity when both counts are multiples of
 * four.
 */
export function isDyadic(matrix: usize, columns: i32, stride: usize): i32 {
  if (columns & 3) return 0;
  for (let c = 0; c < columns; c += 4) {
    const block = matrix + <usize>c;
    for (let j: usize = 1; j < 4; j++) {
      for (let i: usize = 0; i < 4; i++) {
        if (element(block + j * stride + i) != element(block + (i ^ j))) return 0;
      }
    }
  }
  return 1;
}

/** Make tables of the dyadic form from the first of four rows. */
export function dyadicPrepare(tables: usize, matrix: usize, columns: i32): void {
  for (let c = 0; c < columns; c += 4) {
    const block = matrix + <usize>c;
    const c0 = element(block);
    const c01 = c0 ^ element(block + 1);
    const c02 = c0 ^ element(block + 2);
    putProducts(tables, c0);
    putProducts(tables + 32, c01);
    putProducts(tables + 64, c02);
    putProducts(tables + 96, c01 ^ element(block + 2) ^ element(block + 3));
    tables += 128;
  }
}

/**
 * Four rows of dyadic blocks, each row `length` bytes rounded up to 16.
 *
 * A block is [A B; B A] with A and B of the same kind, so A x + B y and B x + A y are A (x + y)
 * plus (A + B) y and (A + B) x: three products of half the size instead of four. Twice over, that
 * makes 9 products of bytes instead of 16.
 */
export function dyadicMultiply(
  tables: usize,
  inputs: usize,
  outputs: usize,
  columns: i32,
  length: usize
): void {
  const end = inputs + (<usize>columns << 2);
  const row0: usize = load<u32>(outputs);
  const row1: usize = load<u32>(outputs, 4);
  const row2: usize = load<u32>(outputs, 8);
  const row3: usize = load<u32>(outputs, 12);
  for (let x: usize = 0; x < length; x += 16) {
    // A (x + y), (A + B) y and (A + B) x, two rows each.
    let u0 = i64x2.splat(0);
    let u1 = u0;
    let v0 = u0;
    let v1 = u0;
    let w0 = u0;
    let w1 = u0;
    for (let p = inputs, t = tables; p < end; p += 16, t += 128) {
      const x0 = column(p, x);
      const x1 = column(p + 4, x);
      const y0 = column(p + 8, x);
      const y1 = column(p + 12, x);
      const a = xor(x0, y0);
      const b = xor(x1, y1);
      const s = times(t, xor(a, b));
      u0 = xor(u0, xor(s, times(t + 32, b)));
      u1 = xor(u1, xor(s, times(t + 32, a)));
      const y = times(t + 64, xor(y0, y1));
      v0 = xor(v0, xor(y, times(t + 96, y1)));
      v1 = xor(v1, xor(y, times(t + 96, y0)));
      const z = times(t + 64, xor(x0, x1));
      w0 = xor(w0, xor(z, times(t + 96, x1)));
      w1 = xor(w1, xor(z, times(t + 96, x0)));
    }
    v128.store(row0 + x, xor(u0, v0));
    v128.store(row1 + x, xor(u1, v1));
    v128.store(row2 + x, xor(u0, w0));
    v128.store(row3 + x, xor(u1, w1));
  }
}

/** Up to four rows of any coefficients; see `packedMultiply`, but rounded up to 16. */
export function lanesMultiply(
  tables: usize,
  inputs: usize,
  outputs: usize,
  rows: i32,
  columns: i32,
  length: usize
): void {
  if (rows == 4) four(tables, inputs, outputs, columns, length);
  else if (rows == 3) three(tables, inputs, outputs, columns, length);
  else if (rows == 2) two(tables, inputs, outputs, columns, length);
  else one(tables, inputs, outputs, columns, length);
}

function four(tables: usize, inputs: usize, outputs: usize, columns: i32, length: usize): void {
  const end = inputs + (<usize>columns << 2);
  const row0: usize = load<u32>(outputs);
  const row1: usize = load<u32>(outputs, 4);
  const row2: usize = load<u32>(outputs, 8);
  const row3: usize = load<u32>(outputs, 12);
  for (let x: usize = 0; x < length; x += 16) {
    let s0 = i64x2.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (let p = inputs, t = tables; p < end; p += 4, t += 128) {
      const bytes = column(p, x);
      const low = lowHalves(bytes);
      const high = highHalves(bytes);
      s0 = plus(s0, t, low, high);
      s1 = plus(s1, t + 32, low, high);
      s2 = plus(s2, t + 64, low, high);
      s3 = plus(s3, t + 96, low, high);
    }
    v128.store(row0 + x, s0);
    v128.store(row1 + x, s1);
    v128.store(row2 + x, s2);
    v128.store(row3 + x, s3);
  }
}

function three(tables: usize, inputs: usize, outputs: usize, columns: i32, length: usize): void {
  const end = inputs + (<usize>columns << 2);
  const row0: usize = load<u32>(outputs);
  const row1: usize = load<u32>(outputs, 4);
  const row2: usize = load<u32>(outputs, 8);
  for (let x: usize = 0; x < length; x += 16) {
    let s0 = i64x2.splat(0);
    let s1 = s0;
    let s2 = s0;
    for (let p = inputs, t = tables; p < end; p += 4, t += 96) {
      const bytes = column(p, x);
      const low = lowHalves(bytes);
      const high = highHalves(bytes);
      s0 = plus(s0, t, low, high);
      s1 = plus(s1, t + 32, low, high);
      s2 = plus(s2, t + 64, low, high);
    }
    v128.store(row0 + x, s0);
    v128.store(row1 + x, s1);
    v128.store(row2 + x, s2);
  }
}

function two(tables: usize, inputs: usize, outputs: usize, columns: i32, length: usize): void {
  const end = inputs + (<usize>columns << 2);
  const row0: usize = load<u32>(outputs);
  const row1: usize = load<u32>(outputs, 4);
  for (let x: usize = 0; x < length; x += 16) {
    let s0 = i64x2.splat(0);
    let s1 = s0;
    for (let p = inputs, t = tables; p < end; p += 4, t += 64) {
      const bytes = column(p, x);
      const low = lowHalves(bytes);
      const high = highHalves(bytes);
      s0 = plus(s0, t, low, high);
      s1 = plus(s1, t + 32, low, high);
    }
    v128.store(row0 + x, s0);
    v128.store(row1 + x, s1);
  }
}

function one(tables: usize, inputs: usize, outputs: usize, columns: i32, length: usize): void {
  const end = inputs + (<usize>columns << 2);
  const row0: usize = load<u32>(outputs);
  for (let x: usize = 0; x < length; x += 16) {
    let s0 = i64x2.splat(0);
    for (let p = inputs, t = tables; p < end; p += 4, t += 32) {
      const bytes = column(p, x);
      s0 = plus(s0, t, lowHalves(bytes), highHalves(bytes));
    }
    v128.store(row0 + x, s0);
  }
}
