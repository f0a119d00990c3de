/** bzip2 in both directions, in the form in which resources and streams take a compression. @module */
import { decompressBzip2 } from './bzip2-decode.ts';
import { compressBzip2 } from './bzip2-encode.ts';

/** Most input that the reference tries to compress. @see RNS/Resource.py AUTO_COMPRESS_MAX_SIZE */
const MAX_INPUT_BYTES = 64 * 1024 * 1024;

/** Compresses at level 9, as the reference does, and decompresses up to a bound. */
export const bzip2: {
  readonly compress: (data: Uint8Array) => Uint8Array | undefined;
  readonly decompress: (data: Uint8Array, maxBytes: number) => Uint8Array;
} = {
  compress: (data) => (data.length > MAX_INPUT_BYTES ? undefined : compressBzip2(data)),
  decompress: (data, maxBytes) => decompressBzip2(data, { maxBytes }),
};
