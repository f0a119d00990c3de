/**
 * The container of the Pangea Rust node, byte for byte from the compressed bytes on.
 *
 *     compressed  a zstd frame, or the file itself if it is compressed already
 *     sealed      nonce(24) ‖ ciphertext ‖ tag(16), XChaCha20-Poly1305 without associated data
 *     framed      length of sealed (4, little-endian) ‖ sealed ‖ zeros
 *     shards      framed cut into `dataShards` equal parts, then the parity shards
 *
 * Nothing in it says how it was made: the counts, the key and the algorithm must be known, and a shard
 * carries no hash. New files belong into container v1. @module
 * @see rust/src/ces.rs CesPipeline (Pangea 0.3)
 */
import { assertBytes, concat } from '../../base/bytes.ts';
import { ProtocolError } from '../../base/errors.ts';
import type { Random } from '../../base/random.ts';
import {
  XCHACHA_KEY_BYTES,
  XCHACHA_NONCE_BYTES,
  XCHACHA_TAG_BYTES,
  XChaCha20Poly1305,
} from '../../crypto/xchacha20poly1305.ts';
import { ReedSolomon } from '../../kernel/reed-solomon.ts';
import type { CodeShape } from './configuration.ts';
import { compressionLevel, isStoredRaw, typeOfContent } from './file-type.ts';
import { brotliDecompress, zstdCompress, zstdDecompress } from './zstd.ts';

/** How the node was set up to compress; versions up to 0.3 know zstd alone. */
export type CompatAlgorithm = 'zstd' | 'brotli' | 'none';

/** What both sides of a container must know. */
export interface CompatKey extends CodeShape {
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/** How to read a container. */
export interface CompatReading extends CompatKey {
  /** `zstd` when left out. */
  readonly algorithm?: CompatAlgorithm;
  /** The most bytes that the file may have; 256 MiB when left out. */
  readonly mostBytes?: number;
}

/** The file size that a reader accepts unless told otherwise. */
export const COMPAT_MOST_BYTES: number = 256 << 20;

const LENGTH_BYTES = 4;
const SEALING_BYTES = XCHACHA_NONCE_BYTES + XCHACHA_TAG_BYTES;

/**
 * Compress a file as the Rust node does: raw if its content shows that it is compressed already, else
 * zstd at the level of its kind. The frame's bytes may differ from the node's; either reads both.
 */
export async function compressCompat(file: Uint8Array): Promise<Uint8Array> {
  const type = typeOfContent(file);
  return isStoredRaw(type) ? file : zstdCompress(file, compressionLevel(type));
}

/**
 * Seal, frame and shard what {@link compressCompat} made.
 * @param nonce - 24 bytes, never used before with this key
 * @throws RangeError when the length does not fit its four bytes
 */
export function packCompat(
  compressed: Uint8Array,
  { key, dataShards, parityShards }: CompatKey,
  nonce: Uint8Array
): Uint8Array[] {
  assertBytes('compressed', compressed);
  assertBytes('key', key, XCHACHA_KEY_BYTES);
  assertBytes('nonce', nonce, XCHACHA_NONCE_BYTES);
  const code = new ReedSolomon(dataShards, parityShards);
  const sealedBytes = compressed.length + SEALING_BYTES;
  if (sealedBytes > 0xffffffff) {
    throw new RangeError(`"compressed" must leave its length to 32 bits, got ${compressed.length}`);
  }
  const shardBytes = Math.ceil((LENGTH_BYTES + sealedBytes) / dataShards);
  const all = new Uint8Array(shardBytes * code.totalShards);
  new DataView(all.buffer).setUint32(0, sealedBytes, true);
  all.set(nonce, LENGTH_BYTES);
  const textAt = LENGTH_BYTES + XCHACHA_NONCE_BYTES;
  const target = all.subarray(textAt, LENGTH_BYTES + sealedBytes);
  new XChaCha20Poly1305(key).sealInto(target, nonce, compressed);
  const shards = Array.from({ length: code.totalShards }, (_, shard) =>
    all.subarray(shard * shardBytes, (shard + 1) * shardBytes)
  );
  code.encode(shards);
  return shards;
}

/**
 * Restore the compressed bytes from any `dataShards` of the shards.
 * @param shards - by shard index, `undefined` where one is missing
 * @throws ProtocolError `RS_TOO_FEW_SHARDS` naming the missing ones; `PANGEA_CONTAINER` when the length
 * does not fit; `AEAD_TAG` when the key is wrong or a shard was changed, which one cannot be told
 */
export function unpackCompat(
  shards: readonly (Uint8Array | undefined)[],
  { key, dataShards, parityShards }: CompatKey
): Uint8Array {
  assertBytes('key', key, XCHACHA_KEY_BYTES);
  const data = new ReedSolomon(dataShards, parityShards).reconstructData(shards);
  const framed = concat(...data);
  if (framed.length < LENGTH_BYTES) {
    throw new ProtocolError('PANGEA_CONTAINER', `${framed.length} bytes hold no length`);
  }
  const sealedBytes = new DataView(framed.buffer).getUint32(0, true);
  const room = framed.length - LENGTH_BYTES;
  if (sealedBytes > room || sealedBytes < SEALING_BYTES) {
    throw new ProtocolError('PANGEA_CONTAINER', `length ${sealedBytes} of ${room} bytes`, {
      at: 'container.length',
      offset: 0,
    });
  }
  const nonce = framed.subarray(LENGTH_BYTES, LENGTH_BYTES + XCHACHA_NONCE_BYTES);
  const sealed = framed.subarray(LENGTH_BYTES + XCHACHA_NONCE_BYTES, LENGTH_BYTES + sealedBytes);
  return new XChaCha20Poly1305(key).open(nonce, sealed);
}

/**
 * Undo the compression.
 *
 * What the node stored raw it cannot read back, since it takes everything for compressed. Here raw files
 * are told by their content: no zstd frame and no Brotli stream of the node begins as they do.
 * @throws ProtocolError `PANGEA_LIMIT` or `PANGEA_COMPRESSION`
 */
export async function decompressCompat(
  compressed: Uint8Array,
  algorithm: CompatAlgorithm = 'zstd',
  mostBytes: number = COMPAT_MOST_BYTES
): Promise<Uint8Array> {
  if (algorithm === 'none' || isStoredRaw(typeOfContent(compressed))) {
    if (compressed.length > mostBytes) {
      throw new ProtocolError('PANGEA_LIMIT', `${compressed.length} bytes, at most ${mostBytes}`);
    }
    return compressed;
  }
  if (algorithm === 'brotli') return brotliDecompress(compressed, mostBytes);
  return zstdDecompress(compressed, mostBytes);
}

/**
 * Make the shards that a Rust node reads with the same key and counts, unless the file is one that it
 * stores raw: those only this package reads back.
 * @param random - supplies the nonce, one draw of 24 bytes
 */
export async function encodeCompat(
  file: Uint8Array,
  key: CompatKey,
  random: Random
): Promise<Uint8Array[]> {
  const compressed = await compressCompat(file);
  return packCompat(compressed, key, random.bytes(XCHACHA_NONCE_BYTES));
}

/**
 * Read a container of a Rust node.
 * @param shards - by shard index, `undefined` where one is missing
 * @throws ProtocolError as {@link unpackCompat} and {@link decompressCompat}
 */
export async function decodeCompat(
  shards: readonly (Uint8Array | undefined)[],
  reading: CompatReading
): Promise<Uint8Array> {
  const compressed = unpackCompat(shards, reading);
  return decompressCompat(compressed, reading.algorithm, reading.mostBytes);
}
