/**
 * XChaCha20-Poly1305 in plain TypeScript, written to be read beside RFC 8439 and
 * draft-irtf-cfrg-xchacha-03. @module
 */
import { equalConstantTime } from '../base/bytes.ts';
import { TAG_BYTES, type ChachaContract } from './chacha-contract.ts';

const BLOCK_BYTES = 64;

/** RFC 8439 section 2.3: "expand 32-byte k". */
const CONSTANTS = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574] as const;

// RFC 8439 section 2.3: four columns, then four diagonals of the 4 x 4 matrix of words.
const QUARTERS: readonly (readonly [number, number, number, number])[] = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
];

/** The prime of Poly1305. */
const P = (1n << 130n) - 5n;
/** RFC 8439 section 2.5: bits of r that must be zero. */
const CLAMP = 0x0ffffffc0ffffffc0ffffffc0fffffffn;

/** The readable engine. */
export function chachaOracle(): ChachaContract {
  return { deriveKey, seal, open, poly1305 };
}

function wordAt(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0, true);
}

/** Constants, key and four more words. */
function stateOf(key: Uint8Array, tail: readonly number[]): Uint32Array {
  const keyWords = Array.from({ length: 8 }, (_, i) => wordAt(key, 4 * i));
  return Uint32Array.of(...CONSTANTS, ...keyWords, ...tail);
}

/** RFC 8439 section 2.3: twenty rounds. */
function mix(state: Uint32Array): Uint32Array {
  const x = state.slice();
  const step = (to: number, from: number, target: number, bits: number): void => {
    x[to] = (x[to] as number) + (x[from] as number);
    const mixed = (x[target] as number) ^ (x[to] as number);
    x[target] = (mixed << bits) | (mixed >>> (32 - bits));
  };
  for (let round = 0; round < 10; round++) {
    for (const [a, b, c, d] of QUARTERS) {
      step(a, b, d, 16);
      step(c, d, b, 12);
      step(a, b, d, 8);
      step(c, d, b, 7);
    }
  }
  return x;
}

/** Words as little-endian bytes. */
function bytesOf(words: Uint32Array): Uint8Array {
  const out = new Uint8Array(4 * words.length);
  const view = new DataView(out.buffer);
  words.forEach((word, i) => view.setUint32(4 * i, word, true));
  return out;
}

/** draft-irtf-cfrg-xchacha-03 section 2.2: the first and the last row of the mixed state. */
function deriveKey(key: Uint8Array, nonce: Uint8Array): Uint8Array {
  const tail = [0, 4, 8, 12].map((at) => wordAt(nonce, at));
  const mixed = mix(stateOf(key, tail));
  return bytesOf(Uint32Array.of(...mixed.subarray(0, 4), ...mixed.subarray(12)));
}

/** One block of key stream; the nonce's last 8 bytes stand behind four zero bytes. */
function block(derived: Uint8Array, nonce: Uint8Array, counter: number): Uint8Array {
  const state = stateOf(derived, [counter, 0, wordAt(nonce, 16), wordAt(nonce, 20)]);
  return bytesOf(mix(state).map((word, i) => word + (state[i] as number)));
}

/** RFC 8439 section 2.4; the first block is the authenticator's. */
function crypt(derived: Uint8Array, nonce: Uint8Array, text: Uint8Array, target: Uint8Array): void {
  for (let at = 0; at < text.length; at += BLOCK_BYTES) {
    const stream = block(derived, nonce, at / BLOCK_BYTES + 1);
    const end = Math.min(text.length, at + BLOCK_BYTES);
    for (let i = at; i < end; i++) {
      target[i] = (text[i] as number) ^ (stream[i - at] as number);
    }
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number);
  return value;
}

/** RFC 8439 section 2.5. */
function poly1305(key: Uint8Array, message: Uint8Array): Uint8Array {
  const r = littleEndian(key.subarray(0, 16)) & CLAMP;
  let sum = 0n;
  for (let at = 0; at < message.length; at += 16) {
    const part = message.subarray(at, at + 16);
    sum = ((sum + littleEndian(part) + (1n << BigInt(8 * part.length))) * r) % P;
  }
  sum += littleEndian(key.subarray(16, 32));
  return Uint8Array.from({ length: TAG_BYTES }, (_, i) => Number((sum >> BigInt(8 * i)) & 0xffn));
}

/** RFC 8439 section 2.8: both parts padded to whole blocks, then their lengths. */
function tagOf(
  derived: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  ciphertext: Uint8Array
): Uint8Array {
  const padded = (length: number): number => Math.ceil(length / 16) * 16;
  const textAt = padded(aad.length);
  const lengthsAt = textAt + padded(ciphertext.length);
  const message = new Uint8Array(lengthsAt + 16);
  message.set(aad);
  message.set(ciphertext, textAt);
  const view = new DataView(message.buffer);
  view.setBigUint64(lengthsAt, BigInt(aad.length), true);
  view.setBigUint64(lengthsAt + 8, BigInt(ciphertext.length), true);
  return poly1305(block(derived, nonce, 0), message);
}

function seal(
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  text: Uint8Array,
  target: Uint8Array
): void {
  const derived = deriveKey(key, nonce);
  const { length } = text;
  crypt(derived, nonce, text, target);
  target.set(tagOf(derived, nonce, aad, target.subarray(0, length)), length);
}

function open(
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  sealed: Uint8Array,
  target: Uint8Array
): boolean {
  const derived = deriveKey(key, nonce);
  const tagAt = sealed.length - TAG_BYTES;
  const ciphertext = sealed.subarray(0, tagAt);
  const tag = tagOf(derived, nonce, aad, ciphertext);
  if (!equalConstantTime(tag, sealed.subarray(tagAt))) return false;
  crypt(derived, nonce, ciphertext, target);
  return true;
}
