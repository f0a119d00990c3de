/**
 * Matrix times bytes in scalar builds, four rows at once.
 *
 * Tables: for each column 256 words, of which word `b` holds the column's four products with the
 * byte `b`, that of the first row lowest. One lookup serves four rows, which is three times the
 * speed of a table for each coefficient.
 */
import { element } from './rs-field';

/** Bytes of tables that `columns` columns need. */
export function packedBytes(columns: i32): usize {
  return <usize>columns << 10;
}

/**
 * Make the tables of up to four rows, whose coefficients begin at `matrix`; `stride` is the
 * distance between rows. Rows beyond `rows` count as zero.
 */
export function packedPrepare(
  tables: usize,
  matrix: usize,
  rows: i32,
  columns: i32,
  stride: usize
): void {
  for (let c = 0; c < columns; c++) {
    let power: u32 = 0;
    for (let r = 0; r < rows; r++) {
      power |= element(matrix + <usize>r * stride + <usize>c) << (8 * r);
    }
    store<u32>(tables, 0);
    for (let n: usize = 1; n < 256; n <<= 1) {
      for (let i: usize = 0; i < n; i++) {
        store<u32>(tables + ((n + i) << 2), load<u32>(tables + (i << 2)) ^ power);
      }
      // All four bytes times the polynomial x.
      power = ((power & 0x7f7f7f7f) << 1) ^ (((power >> 7) & 0x01010101) * 0x1d);
    }
    tables += 1024;
  }
}

/** The products of the bytes `shift` and `shift` + 32 of a word of eight. */
// @ts-ignore: decorator
@inline
function pair(tables: usize, low: u32, high: u32, shift: i32): u64 {
  const first = <u64>load<u32>(tables + <usize>(((low >> shift) & 0xff) << 2));
  return first | ((<u64>load<u32>(tables + <usize>(((high >> shift) & 0xff) << 2))) << 32);
}

/**
 * Write `rows` (1 to 4) products of `length` bytes, rounded up to eight. `inputs` are the addresses
 * of the columns, 32 bits each, `outputs` those of the rows.
 */
export function packedMultiply(
  tables: usize,
  inputs: usize,
  outputs: usize,
  rows: i32,
  columns: i32,
  length: usize
): void {
  const end = inputs + (<usize>columns << 2);
  const row0: usize = load<u32>(outputs);
  const row1: usize = rows > 1 ? load<u32>(outputs, 4) : 0;
  const row2: usize = rows > 2 ? load<u32>(outputs, 8) : 0;
  const row3: usize = rows > 3 ? load<u32>(outputs, 12) : 0;
  const m0: u64 = 0x000000ff000000ff;
  const m1: u64 = 0x0000ff000000ff00;
  const m2: u64 = 0x00ff000000ff0000;
  const m3: u64 = 0xff000000ff000000;
  for (let x: usize = 0; x < length; x += 8) {
    // Sums for bytes 0 and 4, 1 and 5, 2 and 6, 3 and 7 of all rows.
    let a: u64 = 0;
    let b: u64 = 0;
    let c: u64 = 0;
    let d: u64 = 0;
    for (let p = inputs, t = tables; p < end; p += 4, t += 1024) {
      const word = load<u64>(<usize>load<u32>(p) + x);
      const low = <u32>word;
      const high = <u32>(word >> 32);
      a ^= pair(t, low, high, 0);
      b ^= pair(t, low, high, 8);
      c ^= pair(t, low, high, 16);
      d ^= pair(t, low, high, 24);
    }
    store<u64>(row0 + x, (a & m0) | ((b & m0) << 8) | ((c & m0) << 16) | ((d & m0) << 24));
    if (rows > 1) {
      store<u64>(row1 + x, ((a & m1) >> 8) | (b & m1) | ((c & m1) << 8) | ((d & m1) << 16));
    }
    if (rows > 2) {
      store<u64>(row2 + x, ((a & m2) >> 16) | ((b & m2) >> 8) | (c & m2) | ((d & m2) << 8));
    }
    if (rows > 3) {
      store<u64>(row3 + x, ((a & m3) >> 24) | ((b & m3) >> 16) | ((c & m3) >> 8) | (d & m3));
    }
  }
}
