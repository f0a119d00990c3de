/** `tesserae ces repair`: make missing and damaged shard files anew, and touch no others. @module */
import { toHex } from '../base/hex.ts';
import { checkShardFiles, repairShardFiles } from '../host/node/ces-repair.ts';
import type { CommandSpec, ParsedArgs } from './args.ts';
import {
  JSON_OPTION,
  damageJson,
  damageRows,
  lostError,
  print,
  readManifest,
  watched,
  withShardFiles,
} from './ces.ts';
import { ExitCode, type ExitStatus } from './exit.ts';
import type { CliIo } from './io.ts';
import { table } from './output.ts';

/** Help and options of `ces repair`. */
export const cesRepairSpec: CommandSpec = {
  name: 'ces repair',
  summary: 'make missing and damaged shard files anew; needs no key',
  positional: { name: 'MANIFEST', help: 'the manifest; the shard files lie beside it' },
  options: [JSON_OPTION],
  notes: [
    'New shard files are written beside the old ones, compared with the hashes in the manifest, and\n' +
      'only then take their names. Good shard files are not touched.',
  ],
};

/** Repair the container, or leave all of it as it is. */
export async function cesRepair(args: ParsedArgs, io: CliIo): Promise<ExitStatus> {
  const path = args.positional;
  const { manifest } = await readManifest(path);
  const stripes = manifest.stripes.length;
  const damaged = await withShardFiles(path, manifest, async (files) => {
    const report = await watched('checking', stripes, io, (watch) => checkShardFiles(files, watch));
    if (!report.isReadable) throw lostError(path, { manifest, report });
    await watched('repairing', stripes, io, (watch) =>
      repairShardFiles(files, report.damaged, watch)
    );
    return report.damaged;
  });
  const address = toHex(manifest.address);
  const total = manifest.dataShards + manifest.parityShards;
  const text = table([
    ['Address', address],
    ['Repaired', `${damaged.length} of ${total} shard files`],
    ...damageRows(damaged).map(([name, was]) => [name, `was ${was}`] as const),
  ]);
  const facts = { address, shards: total, stripes, repaired: damageJson(damaged) };
  await print(args, io, facts, text);
  return ExitCode.OK;
}
