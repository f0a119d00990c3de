/**
 * Finds missing and corrupt shards by their hashes, and makes exactly those anew out of the same
 * stripe. No key is needed, only a manifest whose content address is trusted. @module
 */
import { ProtocolError } from '../../base/errors.ts';
import { ReedSolomon } from '../../kernel/reed-solomon.ts';
import { StripeShards, isShardOf, type ShardPlace, type ShardSource } from './gather.ts';
import type { Manifest } from './manifest.ts';
import type { CesProgress, CesWatch } from './watch.ts';

/** Where shards are kept and can be put back. */
export interface ShardStore extends ShardSource {
  /** Keep the bytes of a shard in place of whatever is there; they are right. */
  replace(place: ShardPlace, bytes: Uint8Array, signal?: AbortSignal): Promise<void>;
}

/** What was found of one stripe that is not whole. */
export interface StripeReport {
  readonly stripe: number;
  readonly missing: readonly number[];
  readonly corrupt: readonly number[];
  /** Whether enough good shards are left to make the others. */
  readonly canRepair: boolean;
  /** Shards that were put back. */
  readonly replaced: readonly number[];
}

/** What was found of a container. */
export interface RepairReport {
  /** Stripes that were looked at. */
  readonly stripes: number;
  /** Those that are not whole, ascending. */
  readonly damaged: readonly StripeReport[];
  /** Whether every stripe is whole now, or was before. */
  readonly isWhole: boolean;
  /** Whether every stripe can still be read. */
  readonly isReadable: boolean;
}

/** What to look at. */
export interface RepairOptions extends CesWatch {
  /** Stripes to look at, all when left out. */
  readonly stripes?: Iterable<number>;
}

/**
 * Look at every shard and change nothing.
 * @param manifest - from `decodeManifest` with the address that the shards are known by, or from an
 * opened container
 */
export function check(
  manifest: Manifest,
  source: ShardSource,
  options: RepairOptions = {}
): Promise<RepairReport> {
  return inspect(manifest, source, undefined, options);
}

/**
 * Look at every shard and put back those that are missing or corrupt.
 *
 * A shard is made only out of shards of its own stripe whose hashes are right, and its own hash is
 * checked before anything is replaced; good shards are never written. A stripe with too few good shards
 * is left alone and reported.
 */
export function repair(
  manifest: Manifest,
  store: ShardStore,
  options: RepairOptions = {}
): Promise<RepairReport> {
  return inspect(manifest, store, store, options);
}

async function inspect(
  manifest: Manifest,
  source: ShardSource,
  store: ShardStore | undefined,
  { signal, onProgress, stripes }: RepairOptions
): Promise<RepairReport> {
  const code = new ReedSolomon(manifest.dataShards, manifest.parityShards);
  const all = Array.from({ length: code.totalShards }, (_, shard) => shard);
  const damaged: StripeReport[] = [];
  let progress: CesProgress = { stripes: 0, fileBytes: 0, shardBytes: 0 };
  for (const stripe of stripes ?? manifest.stripes.keys()) {
    const entry = manifest.stripes[stripe];
    if (entry === undefined) {
      const most = manifest.stripes.length - 1;
      throw new RangeError(`"stripes" must be integers 0..${most}, got ${stripe}`);
    }
    signal?.throwIfAborted();
    const shards = new StripeShards(manifest, stripe, source, signal);
    await shards.read(all);
    if (shards.goodCount < all.length) {
      damaged.push(await mend(manifest, code, shards, store, signal));
    }
    const read = shards.good.reduce((sum, shard) => sum + (shard?.length ?? 0), 0);
    progress = {
      stripes: progress.stripes + 1,
      // Without the key only the sealed length is known.
      fileBytes: progress.fileBytes + entry.sealedBytes,
      shardBytes: progress.shardBytes + read,
    };
    onProgress?.(progress);
  }
  const isMended = ({ missing, corrupt, replaced }: StripeReport): boolean =>
    replaced.length === missing.length + corrupt.length;
  return {
    stripes: progress.stripes,
    damaged,
    isWhole: damaged.every(isMended),
    isReadable: damaged.every(({ canRepair }) => canRepair),
  };
}

async function mend(
  manifest: Manifest,
  code: ReedSolomon,
  shards: StripeShards,
  store: ShardStore | undefined,
  signal: AbortSignal | undefined
): Promise<StripeReport> {
  const { stripe } = shards;
  const missing = shards.inState('missing');
  const corrupt = shards.inState('corrupt');
  const canRepair = shards.goodCount >= code.dataShards;
  const replaced: number[] = [];
  if (canRepair && store !== undefined) {
    const bad = [...missing, ...corrupt].sort((a, b) => a - b);
    const made = code.reconstruct(shards.good);
    // All of them are proven before the first is written.
    for (const shard of bad) {
      if (!isShardOf(manifest, { stripe, shard }, made[shard] as Uint8Array)) {
        const text = `shard ${shard} made anew has another hash: the manifest is of no stripe`;
        throw new ProtocolError('PANGEA_STRIPE', text, { at: `stripe ${stripe}` });
      }
    }
    for (const shard of bad) {
      signal?.throwIfAborted();
      await store.replace({ stripe, shard }, made[shard] as Uint8Array, signal);
      replaced.push(shard);
    }
  }
  return { stripe, missing, corrupt, canRepair, replaced };
}
