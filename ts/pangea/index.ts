/**
 * `tesserae/pangea`: files as encrypted, erasure-coded shards: the Pangea Rust node's container, and
 * container v1 for new files. Start with `encode`, `openContainer`, `decode` and `repair`. @module
 */
export { MOST_SHARDS, ReedSolomon, type Decoding } from '../kernel/reed-solomon.ts';
export { StripeCoder } from '../kernel/reed-solomon-stripes.ts';
export {
  XCHACHA_KEY_BYTES,
  XCHACHA_NONCE_BYTES,
  XCHACHA_TAG_BYTES,
  XChaCha20Poly1305,
} from '../crypto/xchacha20poly1305.ts';
export { DEFAULT_PASSPHRASE_COST, type PassphraseCost } from '../crypto/passphrase.ts';
export {
  COMPAT_MOST_BYTES,
  compressCompat,
  decodeCompat,
  decompressCompat,
  encodeCompat,
  packCompat,
  unpackCompat,
  type CompatAlgorithm,
  type CompatKey,
  type CompatReading,
} from './ces/compat.ts';
export {
  DEFAULT_COMPAT,
  adaptiveCompat,
  containerConfiguration,
  type CodeShape,
  type CompatConfiguration,
  type ContainerConfiguration,
  type Hardware,
} from './ces/configuration.ts';
export { openContainer, relockContainer, type OpenedContainer } from './ces/container.ts';
export { decode, decodeBytes, type DecodeOptions } from './ces/decode.ts';
export {
  contentDigest,
  encode,
  type EncodeOptions,
  type EncodedManifest,
  type EncodedShard,
  type EncodedStripe,
  type Encoding,
} from './ces/encode.ts';
export type { FileKeys, Lock, LockRequest, Unlock } from './ces/file-key.ts';
export {
  FILE_TYPES,
  compressionLevel,
  fileType,
  isStoredRaw,
  typeOfContent,
  typeOfExtension,
  typeOfPath,
  type FileType,
} from './ces/file-type.ts';
export { isShardOf, type ShardPlace, type ShardSource, type ShardState } from './ces/gather.ts';
export {
  decodeManifest,
  hashShard,
  shardBytesOf,
  shardHash,
  type Manifest,
  type ManifestReading,
  type StripeEntry,
} from './ces/manifest.ts';
export {
  check,
  repair,
  type RepairOptions,
  type RepairReport,
  type ShardStore,
  type StripeReport,
} from './ces/repair.ts';
export type { CesProgress, CesWatch } from './ces/watch.ts';
export { placeZstdWasm, zstdEngine } from './ces/zstd.ts';
