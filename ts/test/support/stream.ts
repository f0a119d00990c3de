/** The labelled byte streams that golden generators draw data from; see golden/gen/harness.py. @module */
import { createHash } from 'node:crypto';

/** `size` bytes named by `label`: SHA-256(label, block number as 4 bytes), joined and cut. */
export function stream(label: string, size: number): Uint8Array {
  const out = new Uint8Array(Math.ceil(size / 32) * 32);
  const number = Buffer.alloc(4);
  for (let block = 0; block * 32 < size; block++) {
    number.writeUInt32BE(block);
    out.set(createHash('sha256').update(label, 'utf8').update(number).digest(), block * 32);
  }
  return out.slice(0, size);
}
