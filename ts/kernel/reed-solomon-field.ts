/**
 * GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1 (0x11d), and the matrices of the Reed-Solomon code in it.
 *
 * A stripe is one polynomial of degree below the number of data shards for each byte position: shard
 * `i` holds its value at the point `i`. Any shard is therefore an interpolation from as many others as
 * there are data shards, which gives the encoding and every decoding matrix in one way. For encoding
 * it equals the Vandermonde matrix times the inverse of its top square.
 *
 * @module
 * @see reed-solomon-erasure src/core.rs ReedSolomon::build_matrix (6.0.0)
 */

const POLYNOMIAL = 0x11d;

/** Rows of coefficients, one after the other; a row's sum over the columns makes one output. */
export interface CodingMatrix {
  readonly rows: number;
  readonly columns: number;
  /** `rows * columns` field elements. */
  readonly coefficients: Uint8Array;
}

interface Logarithms {
  /** Powers of the generator 2, twice over, so that a sum of two logarithms needs no reduction. */
  readonly power: Uint8Array;
  /** Logarithm of each element but zero. */
  readonly log: Uint8Array;
}

let tables: Logarithms | undefined;

function logarithms(): Logarithms {
  if (tables !== undefined) return tables;
  const power = new Uint8Array(510);
  const log = new Uint8Array(256);
  for (let i = 0, x = 1; i < 255; i++) {
    power[i] = x;
    power[i + 255] = x;
    log[x] = i;
    x <<= 1;
    if (x > 255) x ^= POLYNOMIAL;
  }
  tables = { power, log };
  return tables;
}

/** Product of two field elements. */
export function multiplyElements(a: number, b: number): number {
  if (a === 0 || b === 0) return 0;
  const { power, log } = logarithms();
  return power[(log[a] as number) + (log[b] as number)] as number;
}

/**
 * The matrix that makes the shards `wanted` out of the shards `given`, in these orders.
 *
 * Its coefficients are Lagrange's: for each given point g the product of (w - h) / (g - h) over the
 * other given points h. Subtraction is XOR here, and products are sums of logarithms modulo 255.
 * @param given - distinct shard indices, as many as there are data shards
 * @param wanted - shard indices, none of which is in `given`
 */
export function interpolation(given: readonly number[], wanted: readonly number[]): CodingMatrix {
  const { power, log } = logarithms();
  const columns = given.length;
  const weights = given.map((point) => {
    let sum = 0;
    for (const other of given) if (other !== point) sum += log[point ^ other] as number;
    return sum % 255;
  });
  const coefficients = new Uint8Array(wanted.length * columns);
  wanted.forEach((target, row) => {
    let all = 0;
    for (const point of given) all += log[target ^ point] as number;
    for (let c = 0; c < columns; c++) {
      const own = log[target ^ (given[c] as number)] as number;
      const exponent = (all - own - (weights[c] as number) + 255) % 255;
      coefficients[row * columns + c] = power[exponent] as number;
    }
  });
  return { rows: wanted.length, columns, coefficients };
}
