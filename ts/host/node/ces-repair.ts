/**
 * Finds damaged shard files of a container v1, says what is wrong with each, and makes exactly those
 * anew: beside the old ones, proven against the manifest, then renamed over them. @module
 */
import { dirname } from 'node:path';
import { ProtocolError } from '../../base/errors.ts';
import { isShardOf, type ShardPlace } from '../../pangea/ces/gather.ts';
import { check, repair, type RepairReport } from '../../pangea/ces/repair.ts';
import type { CesWatch } from '../../pangea/ces/watch.ts';
import type { ShardFiles } from './ces-files.ts';
import { Temporaries, shardNumber, sweep, type TemporaryFile } from './ces-temporary.ts';
import { syncFolder } from './disk.ts';

/** A shard file that is not as the manifest says. */
export interface DamagedShardFile {
  readonly shard: number;
  readonly path: string;
  /** What is wrong, such as `missing`, `truncated: 10 of 20 bytes` or `holds shard 03`. */
  readonly problem: string;
  /** Stripes of it that are missing or wrong. */
  readonly stripes: number;
}

/** What was found of all shard files. */
export interface ShardFileReport {
  /** In the order of the shards. */
  readonly damaged: readonly DamagedShardFile[];
  /** Whether the file can be read all the same. */
  readonly isReadable: boolean;
  /** Stripes that have too few good shards. */
  readonly lostStripes: readonly number[];
}

/** Check every byte of every shard file, and change nothing. */
export async function checkShardFiles(
  files: ShardFiles,
  watch: CesWatch = {}
): Promise<ShardFileReport> {
  const report = await check(files.manifest, files, watch);
  const bad = files.paths.map((_, shard) => badStripes(report, shard));
  const damaged: DamagedShardFile[] = [];
  for (const [shard, path] of files.paths.entries()) {
    const stripes = bad[shard] ?? [];
    const problem = await problemOf(files, shard, stripes[0]);
    if (problem !== undefined) damaged.push({ shard, path, problem, stripes: stripes.length });
  }
  const lost = report.damaged.filter(({ canRepair }) => !canRepair);
  return {
    damaged,
    isReadable: report.isReadable,
    lostStripes: lost.map(({ stripe }) => stripe),
  };
}

function badStripes(report: RepairReport, shard: number): number[] {
  return report.damaged.flatMap(({ stripe, missing, corrupt }) =>
    missing.includes(shard) || corrupt.includes(shard) ? [stripe] : []
  );
}

async function problemOf(
  files: ShardFiles,
  shard: number,
  stripe: number | undefined
): Promise<string | undefined> {
  const problem = files.problemOf(shard);
  if (problem !== undefined) return problem;
  const [size, due] = [files.sizeOf(shard), files.fileBytes];
  if (size < due) return `truncated: ${size} of ${due} bytes`;
  if (stripe !== undefined) {
    const bytes = await files.read({ stripe, shard }).catch(() => undefined);
    if (bytes === undefined) return 'cannot be read';
    const other = files.paths.findIndex((_, place) =>
      isShardOf(files.manifest, { stripe, shard: place }, bytes)
    );
    return other < 0 ? 'corrupt' : `holds shard ${shardNumber(other)}`;
  }
  return size > due ? `${size - due} bytes too long` : undefined;
}

/**
 * Make damaged shard files anew, out of good shards alone.
 *
 * The new files are written and synced under temporary names, read back and compared with the
 * manifest's hashes, and only then take the places of the old ones. Good files are not touched.
 * @param damaged - from {@link checkShardFiles}
 * @throws ProtocolError `PANGEA_STRIPE` when a stripe has too few good shards, `HOST_FILE`; nothing was
 * replaced then, unless the renaming itself failed
 */
export async function repairShardFiles(
  files: ShardFiles,
  damaged: readonly DamagedShardFile[],
  watch: CesWatch = {}
): Promise<void> {
  const [first] = damaged;
  if (first === undefined) return;
  const folder = dirname(first.path);
  await sweep(folder);
  const work = new Temporaries(folder);
  try {
    const made = new Map<number, TemporaryFile>();
    for (const { shard } of damaged) {
      made.set(shard, await work.create(`${shardNumber(shard)}.shard`));
    }
    await rebuild(files, made, watch);
    for (const file of made.values()) await file.sync();
    await prove(files, made, watch.signal);
    for (const { shard, path } of damaged) await made.get(shard)?.replace(path);
    await syncFolder(first.path);
  } finally {
    await work.end();
  }
}

/** Fill the new files, stripe after stripe: good parts of the old file are kept, the others made. */
async function rebuild(
  files: ShardFiles,
  made: ReadonlyMap<number, TemporaryFile>,
  watch: CesWatch
): Promise<void> {
  const { manifest } = files;
  const take = async ({ stripe, shard }: ShardPlace, bytes: Uint8Array): Promise<void> => {
    const file = made.get(shard);
    if (file === undefined || file.length !== files.rangeOf(stripe).start) {
      const text = `shard ${shard} was whole before, and is not now`;
      throw new ProtocolError('PANGEA_STRIPE', text, { at: `stripe ${stripe}` });
    }
    await file.append(bytes);
  };
  let failure: Error | undefined;
  const report = await repair(
    manifest,
    {
      read: async (place, signal) => {
        signal?.throwIfAborted();
        const bytes = await files.read(place);
        if (bytes === undefined || !made.has(place.shard)) return bytes;
        if (isShardOf(manifest, place, bytes)) {
          // A failure here must end the repair; as a rejection it would pass for a missing shard.
          await take(place, bytes).catch((error: unknown) => {
            failure ??= error as Error;
          });
        }
        return bytes;
      },
      replace: async (place, bytes) => {
        if (failure !== undefined) throw failure;
        await take(place, bytes);
      },
    },
    watch
  );
  if (failure !== undefined) throw failure;
  const lost = report.damaged.find(({ canRepair }) => !canRepair);
  if (lost === undefined) return;
  const good = files.paths.length - lost.missing.length - lost.corrupt.length;
  throw new ProtocolError(
    'PANGEA_STRIPE',
    `${good} of ${files.paths.length} shards are good, ${manifest.dataShards} are needed`,
    { at: `stripe ${lost.stripe}` }
  );
}

/** Read the new files back and compare every shard with its hash. */
async function prove(
  files: ShardFiles,
  made: ReadonlyMap<number, TemporaryFile>,
  signal: AbortSignal | undefined
): Promise<void> {
  for (const [shard, file] of made) {
    for (const stripe of files.manifest.stripes.keys()) {
      signal?.throwIfAborted();
      const { start, bytes } = files.rangeOf(stripe);
      const found = await file.readAt(start, bytes);
      if (isShardOf(files.manifest, { stripe, shard }, found)) continue;
      const text = `shard ${shard} came back wrong from the disk`;
      throw new ProtocolError('HOST_FILE', text, { at: `stripe ${stripe}` });
    }
  }
}
