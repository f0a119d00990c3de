/**
 * BLAKE2b in plain TypeScript, written to be read beside RFC 7693 and used where WebAssembly is not
 * allowed. A 64-bit word is two 32-bit halves, the low one first. @module
 */

/** Bytes of one input block. */
export const BLOCK_BYTES = 128;

// RFC 7693 section 2.6: the initialization vector, halves in the order low, high.
// prettier-ignore
const IV: readonly number[] = [
  0xf3bcc908, 0x6a09e667, 0x84caa73b, 0xbb67ae85, 0xfe94f82b, 0x3c6ef372, 0x5f1d36f1, 0xa54ff53a,
  0xade682d1, 0x510e527f, 0x2b3e6c1f, 0x9b05688c, 0xfb41bd6b, 0x1f83d9ab, 0x137e2179, 0x5be0cd19,
];

// RFC 7693 section 2.7: the order of the message words in rounds 0 to 9; 10 and 11 start over.
const SIGMA: readonly (readonly number[])[] = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];

// RFC 7693 section 3.2: four columns, then four diagonals of the 4 x 4 working matrix.
const MIXES: readonly (readonly [number, number, number, number])[] = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
];

/** Working vector and message block, as halves; shared, because calls never overlap. */
const v = new Uint32Array(32);
const m = new Uint32Array(32);

/** Set `state` up for a digest of 1..64 bytes and a key of 0..64 bytes (its block is input). */
export function startState(state: Uint32Array, digestBytes: number, keyBytes: number): void {
  state.set(IV);
  // RFC 7693 section 2.5: the first word of the parameter block, fan-out and depth one.
  state[0] = (state[0] as number) ^ 0x01010000 ^ (keyBytes << 8) ^ digestBytes;
}

/** Mix in whole blocks that are not the message's last; `before` bytes went ahead of them. */
export function absorbBlocks(state: Uint32Array, before: number, blocks: Uint8Array): void {
  for (let at = 0; at < blocks.length; at += BLOCK_BYTES) {
    const end = at + BLOCK_BYTES;
    compress(state, before + end, blocks.subarray(at, end), false);
  }
}

/** Mix in the rest of the message, of any length, and return the digest. */
export function finishState(
  state: Uint32Array,
  before: number,
  rest: Uint8Array,
  digestBytes: number
): Uint8Array {
  const whole = rest.length === 0 ? 0 : Math.floor((rest.length - 1) / BLOCK_BYTES) * BLOCK_BYTES;
  absorbBlocks(state, before, rest.subarray(0, whole));
  compress(state, before + rest.length, rest.subarray(whole), true);
  return Uint8Array.from(
    { length: digestBytes },
    (_, i) => (state[i >> 2] as number) >>> (8 * (i & 3))
  );
}

/**
 * RFC 7693 section 3.2, function F; `count` includes the block.
 * A short block is the last one and counts as padded with zeros.
 */
function compress(state: Uint32Array, count: number, block: Uint8Array, last: boolean): void {
  v.set(state);
  v.set(IV, 16);
  v[24] = (v[24] as number) ^ count;
  v[25] = (v[25] as number) ^ Math.floor(count / 2 ** 32);
  if (last) {
    v[28] = ~(v[28] as number);
    v[29] = ~(v[29] as number);
  }
  loadBlock(block);
  for (let round = 0; round < 12; round++) {
    const order = SIGMA[round % 10] as readonly number[];
    MIXES.forEach(([a, b, c, d], i) =>
      mix(a, b, c, d, order[2 * i] as number, order[2 * i + 1] as number)
    );
  }
  for (let i = 0; i < 16; i++) {
    state[i] = (state[i] as number) ^ (v[i] as number) ^ (v[16 + i] as number);
  }
}

function loadBlock(block: Uint8Array): void {
  m.fill(0);
  for (let i = 0; i < block.length; i++) {
    m[i >> 2] = (m[i >> 2] as number) | ((block[i] as number) << (8 * (i & 3)));
  }
}

/** RFC 7693 section 3.1, function G, on words a, b, c, d with message words x and y. */
function mix(a: number, b: number, c: number, d: number, x: number, y: number): void {
  add(a, b);
  addWord(a, m[2 * x] as number, m[2 * x + 1] as number);
  xorRotate(d, a, 32);
  add(c, d);
  xorRotate(b, c, 24);
  add(a, b);
  addWord(a, m[2 * y] as number, m[2 * y + 1] as number);
  xorRotate(d, a, 16);
  add(c, d);
  xorRotate(b, c, 63);
}

/** v[to] += v[from], modulo 2^64. */
function add(to: number, from: number): void {
  addWord(to, v[2 * from] as number, v[2 * from + 1] as number);
}

function addWord(to: number, low: number, high: number): void {
  const sum = (v[2 * to] as number) + low;
  v[2 * to] = sum;
  v[2 * to + 1] = (v[2 * to + 1] as number) + high + (sum > 0xffffffff ? 1 : 0);
}

/** v[to] = (v[to] ^ v[from]) rotated right by `bits`, one of 16, 24, 32 and 63. */
function xorRotate(to: number, from: number, bits: number): void {
  const low = (v[2 * to] as number) ^ (v[2 * from] as number);
  const high = (v[2 * to + 1] as number) ^ (v[2 * from + 1] as number);
  if (bits === 32) {
    v[2 * to] = high;
    v[2 * to + 1] = low;
  } else if (bits === 63) {
    v[2 * to] = (low << 1) | (high >>> 31);
    v[2 * to + 1] = (high << 1) | (low >>> 31);
  } else {
    v[2 * to] = (low >>> bits) | (high << (32 - bits));
    v[2 * to + 1] = (high >>> bits) | (low << (32 - bits));
  }
}
