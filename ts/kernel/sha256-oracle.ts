/**
 * SHA-256 written to be read (FIPS 180-4): the oracle of the kernels that hash, and their stand-in
 * where WebAssembly is not allowed. Pure functions on a state of eight words. @module
 */

/** Round constants (FIPS 180-4 section 4.2.2). */
export const K: Uint32Array = /* @__PURE__ */ Uint32Array.of(
  ...[0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4],
  ...[0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe],
  ...[0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f],
  ...[0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7],
  ...[0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc],
  ...[0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b],
  ...[0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116],
  ...[0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3],
  ...[0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7],
  0xc67178f2
);

const IV = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
] as const;

/** Bytes of one block. */
export const BLOCK_BYTES = 64;

/** A fresh initial state. */
export function initialState(): Uint32Array {
  return Uint32Array.from(IV);
}

function rotate(x: number, n: number): number {
  return (x >>> n) | (x << (32 - n));
}

/** Mix the 64 bytes at `offset` into `state`. */
export function compress(state: Uint32Array, bytes: Uint8Array, offset: number): void {
  const w = new Uint32Array(64);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let t = 0; t < 16; t++) w[t] = view.getUint32(offset + 4 * t);
  const word = (t: number): number => w[t] as number;
  for (let t = 16; t < 64; t++) {
    const x = word(t - 15);
    const y = word(t - 2);
    const low = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
    const high = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
    w[t] = high + word(t - 7) + low + word(t - 16);
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as EightWords;
  for (let t = 0; t < 64; t++) {
    const sigma1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const t1 = (h + sigma1 + ((e & f) ^ (~e & g)) + (K[t] as number) + word(t)) | 0;
    const sigma0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const t2 = (sigma0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((value, i) => (state[i] = (state[i] as number) + value));
  w.fill(0);
}

type EightWords = [number, number, number, number, number, number, number, number];

/**
 * End a hash: mix the bytes after the last whole block and the padding into `state`, and return the
 * digest.
 * @param totalBytes - length of everything hashed into the state so far, `tail` included
 */
export function finish(state: Uint32Array, tail: Uint8Array, totalBytes: number): Uint8Array {
  const whole = tail.length - (tail.length % BLOCK_BYTES);
  absorb(state, tail.subarray(0, whole));
  const rest = tail.subarray(whole);
  const last = new Uint8Array(rest.length + 9 <= BLOCK_BYTES ? BLOCK_BYTES : 2 * BLOCK_BYTES);
  last.set(rest);
  last[rest.length] = 0x80;
  new DataView(last.buffer).setBigUint64(last.length - 8, BigInt(totalBytes) * 8n);
  absorb(state, last);
  const digest = new Uint8Array(32);
  const view = new DataView(digest.buffer);
  state.forEach((word, i) => view.setUint32(4 * i, word));
  return digest;
}

/** Mix whole blocks into `state`. */
export function absorb(state: Uint32Array, blocks: Uint8Array): void {
  for (let at = 0; at < blocks.length; at += BLOCK_BYTES) compress(state, blocks, at);
}

/** SHA-256 of a message. */
export function sha256(message: Uint8Array): Uint8Array {
  return finish(initialState(), message, message.length);
}
