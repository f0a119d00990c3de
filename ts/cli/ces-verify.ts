/** `tesserae ces verify`: check every byte of a container's shard files and name the damaged ones. @module */
import { toHex } from '../base/hex.ts';
import { checkShardFiles } from '../host/node/ces-repair.ts';
import { shardNumber } from '../host/node/ces-temporary.ts';
import type { CommandSpec, ParsedArgs } from './args.ts';
import {
  JSON_OPTION,
  KEY_OPTIONS,
  damageJson,
  damageRows,
  givenKey,
  lostError,
  print,
  readManifest,
  unlock,
  watched,
  withShardFiles,
} from './ces.ts';
import { ExitCode, type ExitStatus } from './exit.ts';
import type { CliIo } from './io.ts';
import { safeLine, table } from './output.ts';

/** Help and options of `ces verify`. */
export const cesVerifySpec: CommandSpec = {
  name: 'ces verify',
  summary: 'check every shard file and name those that are missing or damaged',
  positional: { name: 'MANIFEST', help: 'the manifest; the shard files lie beside it' },
  options: [...KEY_OPTIONS, JSON_OPTION],
  notes: [
    'Needs no key; with one the manifest itself is authenticated too.',
    'Ends with 0 when everything is whole, and with 1 when anything is not.',
  ],
};

/** Check all shard files and change nothing. */
export async function cesVerify(args: ParsedArgs, io: CliIo): Promise<ExitStatus> {
  const path = args.positional;
  const key = await givenKey(args, io);
  const file = await readManifest(path);
  if (key !== undefined) await unlock(file, key);
  const { manifest } = file;
  const stripes = manifest.stripes.length;
  const report = await withShardFiles(path, manifest, (files) =>
    watched('checking', stripes, io, (watch) => checkShardFiles(files, watch))
  );
  const { damaged, isReadable, lostStripes } = report;
  const isWhole = damaged.length === 0;
  const address = toHex(manifest.address);
  const total = manifest.dataShards + manifest.parityShards;
  const facts = { address, whole: isWhole, readable: isReadable, shards: total, stripes };
  const text = table([
    ['Address', address],
    ['Good', `${total - damaged.length} of ${total} shard files`],
    ...damageRows(damaged),
  ]);
  const authenticated = key !== undefined;
  const findings = { authenticated, lostStripes, damaged: damageJson(damaged) };
  await print(args, io, { ...facts, ...findings }, text);
  if (isWhole) return ExitCode.OK;
  if (args.has('json')) return ExitCode.FAILED;
  if (!isReadable) throw lostError(path, { manifest, report });
  const names = damaged.map(({ shard }) => shardNumber(shard)).join(', ');
  const what = `${damaged.length} of ${total} shard files are damaged (${names})`;
  throw new Error(`MANIFEST: ${safeLine(path)}: ${what}; the file can still be read`);
}
