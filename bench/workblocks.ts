/**
 * The 768,000 bytes over which LXMF looks for stamps, made with node:crypto alone: what the engines
 * other than ours hash, and one of the contenders. @module
 */
import { createHash, hkdfSync } from 'node:crypto';
import { concat } from '../ts/base/bytes.ts';

/** Rounds for the stamp of a message. @see LXMF/LXStamper.py WORKBLOCK_EXPAND_ROUNDS */
export const ROUNDS = 3000;

const ROUND_BYTES = 256;

/** MessagePack of a number below 65536, as LXMF appends it to the material. */
function packed(n: number): Uint8Array {
  if (n < 128) return Uint8Array.of(n);
  return n < 256 ? Uint8Array.of(0xcc, n) : Uint8Array.of(0xcd, n >> 8, n & 255);
}

/** The workblock of a material. @see LXMF/LXStamper.py stamp_workblock (1.2.1) */
export function nodeWorkblock(material: Uint8Array, rounds: number): Uint8Array {
  const block = new Uint8Array(rounds * ROUND_BYTES);
  for (let n = 0; n < rounds; n++) {
    const salt = createHash('sha256').update(material).update(packed(n)).digest();
    const round = hkdfSync('sha256', material, salt, '', ROUND_BYTES);
    block.set(new Uint8Array(round), n * ROUND_BYTES);
  }
  return block;
}

/** The same by any library that has SHA-256 and HKDF. */
export function workblockWith(
  sha256: (data: Uint8Array) => Uint8Array,
  hkdf: (ikm: Uint8Array, salt: Uint8Array, length: number) => Uint8Array,
  material: Uint8Array,
  rounds: number
): Uint8Array {
  const block = new Uint8Array(rounds * ROUND_BYTES);
  for (let n = 0; n < rounds; n++) {
    const salt = sha256(concat(material, packed(n)));
    block.set(hkdf(material, salt, ROUND_BYTES), n * ROUND_BYTES);
  }
  return block;
}
