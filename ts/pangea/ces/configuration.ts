/** How a file is cut, coded and compressed: the Rust node's rules, and those for new files. @module */
import { assertInteger } from '../../base/bytes.ts';
import { compressionLevel, type FileType } from './file-type.ts';

/** Counts of shards. */
export interface CodeShape {
  readonly dataShards: number;
  readonly parityShards: number;
}

/** What the Rust node calls `CesConfig`. */
export interface CompatConfiguration extends CodeShape {
  /** Computed by the node, but never used: the level follows the kind of file. */
  readonly compressionLevel: number;
  /** Only the counts follow from it; the node holds a file in memory as one stripe. */
  readonly chunkBytes: number;
}

/** What the Rust node looks at; RAM in whole units of 2^30 bytes. */
export interface Hardware {
  readonly ramGib: number;
  readonly cores: number;
}

const MIB = 1 << 20;

/** `CesConfig::default()`: 8 data and 4 parity shards. */
export const DEFAULT_COMPAT: CompatConfiguration = {
  compressionLevel: 3,
  dataShards: 8,
  parityShards: 4,
  chunkBytes: MIB,
};

/** Bytes of a chunk by the machine's memory. */
function chunkBytes(ramGib: number): number {
  if (ramGib > 16) return 100 * MIB;
  return ramGib > 4 ? 10 * MIB : 65536;
}

/**
 * `CesConfig::adaptive()`: more shards for files of more chunks, from 4 + 2 to 32 + 16.
 *
 * It depends on the machine that uploads, so whoever downloads must be told the counts.
 */
export function adaptiveCompat(hardware: Hardware, fileBytes: number): CompatConfiguration {
  assertInteger('fileBytes', fileBytes, 0, Number.MAX_SAFE_INTEGER);
  const chunk = chunkBytes(hardware.ramGib);
  const dataShards = Math.min(32, Math.max(4, Math.floor(fileBytes / chunk)));
  return {
    compressionLevel: hardware.cores > 8 ? 9 : 3,
    dataShards,
    parityShards: Math.floor(dataShards / 2),
    chunkBytes: chunk,
  };
}

/** Shards and stripes of a container v1. */
export interface ContainerConfiguration extends CodeShape {
  /** Bytes of the file in one stripe; the last stripe may have fewer. */
  readonly stripeBytes: number;
  /** zstd level, 1 to 19; 0 stores everything as it is. */
  readonly compressionLevel: number;
}

/** Stripe sizes by file size: up to so many bytes, stripes of so many. */
const STRIPES: readonly (readonly [fileBytes: number, stripeBytes: number])[] = [
  [MIB, 65536],
  [64 * MIB, 512 * 1024],
  [4096 * MIB, 2 * MIB],
];
const LARGEST_STRIPE = 8 * MIB;

/** Stripes of files whose size is not known beforehand. */
const UNKNOWN_STRIPE = MIB;

/**
 * The configuration for a new file, which depends on the file alone, never on the machine: 8 + 4
 * shards, stripes that keep the manifest of a larger file below a thousandth of it, and the level of
 * its kind.
 * @param fileBytes - `undefined` when it is not known yet, as of a live stream
 */
export function containerConfiguration(
  type: FileType,
  fileBytes: number | undefined
): ContainerConfiguration {
  const known = STRIPES.find(([most]) => fileBytes !== undefined && fileBytes <= most);
  const large = fileBytes === undefined ? UNKNOWN_STRIPE : LARGEST_STRIPE;
  return {
    dataShards: 8,
    parityShards: 4,
    stripeBytes: known?.[1] ?? large,
    compressionLevel: compressionLevel(type),
  };
}
