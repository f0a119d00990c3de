/** Inputs of the Pangea vectors, which are given by seeds; see golden/gen/pangea/src/notation.rs. @module */
import { concat } from '../../base/bytes.ts';
import { fromHex } from '../../base/hex.ts';

/** High bytes of a xorshift generator on 32 bits. */
export function seededBytes(seed: number, length: number): Uint8Array {
  let state = (seed ^ 0x9e3779b9) | 0;
  const out = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    out[i] = state >>> 24;
  }
  return out;
}

/** Shards of a case: shard i is the stream of its seed, i added. */
export function seededShards(seed: number, count: number, length: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => seededBytes(seed + i, length));
}

interface SeededFile {
  readonly head?: string;
  readonly seed?: number;
  readonly length?: number;
  readonly repeat?: string;
  readonly times?: number;
  readonly letters?: number;
}

/** The contents of a file as a case describes it. */
export function seededFile(value: unknown): Uint8Array {
  const { head = '', seed, length = 0, repeat, times = 0, letters } = value as SeededFile;
  if (repeat !== undefined) return new TextEncoder().encode(repeat.repeat(times));
  if (letters !== undefined) return seededBytes(letters, length).map((byte) => 97 + (byte & 3));
  const front = fromHex(head);
  return concat(front, seededBytes(seed ?? 0, length - front.length));
}

/** All ways to choose `count` of the numbers below `total`, in lexical order. */
export function choices(total: number, count: number, from = 0): number[][] {
  if (count === 0) return [[]];
  const out: number[][] = [];
  for (let first = from; first < total; first++) {
    for (const rest of choices(total, count - 1, first + 1)) out.push([first, ...rest]);
  }
  return out;
}
