/**
 * Kernel `reed-solomon`: a matrix over GF(2^8) times rows of bytes, which is all that Reed-Solomon
 * encoding, verifying and reconstructing are made of.
 *
 * Contract: the caller owns the memory from HEAP on and makes it large enough. It writes a matrix,
 * row after row, to MATRIX and calls `prepare`; then any number of `multiply` with the addresses of
 * the columns' bytes and, behind them, those of the rows' bytes at POINTERS, 32 bits each. Areas of
 * bytes are 16-byte aligned and as long as `length` rounded up to 16; what lies behind `length` in
 * an input is ignored, in an output it is overwritten. An output must not be an input.
 *
 *     MATRIX    MATRIX_CAP bytes  rows * columns coefficients, in
 *     POINTERS  1024 bytes        columns + rows addresses, in
 *     tables    anywhere from HEAP on, `tableBytes` bytes, 16-byte aligned
 *
 * The rows are worked on in groups of four, in order. A group's tables begin with 16 bytes of which
 * the first word is 1 for the dyadic form, else 0.
 */
import {
  dyadicMultiply,
  dyadicPrepare,
  isDyadic,
  lanesBytes,
  lanesMultiply,
  lanesPrepare,
} from './lib/rs-lanes';
import { packedBytes, packedMultiply, packedPrepare } from './lib/rs-packed';

/** 128 rows of 128 columns, the most that rows + columns <= 256 allows. */
export const MATRIX_CAP: i32 = 16384;
export const MATRIX: usize = memory.data(16384, 16);
/** Most addresses of one call: columns and rows together. */
export const POINTERS_CAP: i32 = 256;
export const POINTERS: usize = memory.data(1024, 16);
/** The first byte that the kernel does not use itself. */
export const HEAP: usize = (__heap_base + 63) & ~63;

/** The matrix, or its addresses, do not fit. */
const BAD_SHAPE: i32 = -1;
/** An area reaches beyond the memory. */
const BAD_AREA: i32 = -2;

const HEAD: usize = 16;

function fits(rows: i32, columns: i32): bool {
  return (
    rows > 0 && columns > 0 && rows * columns <= MATRIX_CAP && rows + columns <= POINTERS_CAP
  );
}

function memoryBytes(): u64 {
  return <u64>memory.size() << 16;
}

/** Bytes that the tables of a group of `rows` rows (at most 4) take, head included. */
function groupBytes(rows: i32, columns: i32): usize {
  return HEAD + (ASC_FEATURE_SIMD ? lanesBytes(rows, columns) : packedBytes(columns));
}

/** Bytes that the tables of a matrix take, or a negative code. */
export function tableBytes(rows: i32, columns: i32): i32 {
  if (!fits(rows, columns)) return BAD_SHAPE;
  let sum: usize = 0;
  for (let r = 0; r < rows; r += 4) sum += groupBytes(min(rows - r, 4), columns);
  return <i32>sum;
}

/** Make the tables of the matrix at MATRIX; 0, or a negative code. */
export function prepare(tables: usize, rows: i32, columns: i32): i32 {
  if (!fits(rows, columns)) return BAD_SHAPE;
  if (<u64>tables + <u64>tableBytes(rows, columns) > memoryBytes()) return BAD_AREA;
  const stride = <usize>columns;
  for (let r = 0; r < rows; r += 4) {
    const count = min(rows - r, 4);
    const matrix = MATRIX + <usize>r * stride;
    if (ASC_FEATURE_SIMD) {
      const dyadic = count == 4 ? isDyadic(matrix, columns, stride) : 0;
      store<i32>(tables, dyadic);
      if (dyadic) dyadicPrepare(tables + HEAD, matrix, columns);
      else lanesPrepare(tables + HEAD, matrix, count, columns, stride);
    } else {
      store<i32>(tables, 0);
      packedPrepare(tables + HEAD, matrix, count, columns, stride);
    }
    tables += groupBytes(count, columns);
  }
  return 0;
}

/** Write every row of the product, `length` bytes each; 0, or a negative code. */
export function multiply(tables: usize, rows: i32, columns: i32, length: usize): i32 {
  if (!fits(rows, columns)) return BAD_SHAPE;
  const end = memoryBytes();
  if (<u64>tables + <u64>tableBytes(rows, columns) > end) return BAD_AREA;
  const rounded = (<u64>length + 15) & ~15;
  for (let i: usize = 0; i < <usize>(rows + columns); i++) {
    if (<u64>load<u32>(POINTERS + (i << 2)) + rounded > end) return BAD_AREA;
  }
  let outputs = POINTERS + (<usize>columns << 2);
  for (let r = 0; r < rows; r += 4) {
    const count = min(rows - r, 4);
    const body = tables + HEAD;
    if (ASC_FEATURE_SIMD) {
      if (load<i32>(tables)) dyadicMultiply(body, POINTERS, outputs, columns, length);
      else lanesMultiply(body, POINTERS, outputs, count, columns, length);
    } else {
      packedMultiply(body, POINTERS, outputs, count, columns, length);
    }
    outputs += <usize>count << 2;
    tables += groupBytes(count, columns);
  }
  return 0;
}
