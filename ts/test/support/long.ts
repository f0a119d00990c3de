/** Long byte strings of the golden vectors, given by their ends, length and SHA-256. @module */
import { assert, sameBytes } from './assert.ts';
import { sha256 } from '../../crypto/provider.ts';

interface LongBytes {
  readonly first: string;
  readonly last: string;
  readonly length: number;
  readonly sha256: string;
}

/** Compare bytes with their hexadecimal, or with the ends, length and digest of a long value. */
export function sameLong(actual: Uint8Array, expected: unknown): void {
  if (typeof expected === 'string') return sameBytes(actual, expected);
  const long = expected as LongBytes;
  assert.is(actual.length, long.length);
  sameBytes(actual.slice(0, long.first.length / 2), long.first);
  sameBytes(actual.slice(-long.last.length / 2), long.last);
  return sameBytes(sha256(actual), long.sha256);
}
