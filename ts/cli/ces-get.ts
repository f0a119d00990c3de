/** `tesserae ces get`: restore a file from the shard files beside its manifest. @module */
import { toHex } from '../base/hex.ts';
import { writeStream } from '../host/node/ces-files.ts';
import { decode } from '../pangea/ces/decode.ts';
import type { CommandSpec, ParsedArgs } from './args.ts';
import {
  JSON_OPTION,
  KEY_OPTIONS,
  print,
  readManifest,
  requiredKey,
  unlock,
  watched,
  withShardFiles,
} from './ces.ts';
import { ExitCode, UsageError, type ExitStatus } from './exit.ts';
import type { CliIo } from './io.ts';
import { safeLine, sizeText, table } from './output.ts';

/** Help and options of `ces get`. */
export const cesGetSpec: CommandSpec = {
  name: 'ces get',
  summary: 'restore a file from its manifest and enough of its shard files',
  positional: { name: 'MANIFEST', help: 'the manifest; the shard files lie beside it' },
  options: [
    { name: 'out', short: 'o', value: 'FILE', required: true, help: 'where the file goes' },
    ...KEY_OPTIONS,
    { name: 'force', help: 'replace a file that has the name' },
    JSON_OPTION,
  ],
  notes: ['The file appears when all of it has been restored and authenticated, never in part.'],
};

/** Restore the file; it appears whole or not at all. */
export async function cesGet(args: ParsedArgs, io: CliIo): Promise<ExitStatus> {
  const path = args.positional;
  const out = args.required('out');
  if (out === '-') {
    throw new UsageError('-o must name a file: what is printed cannot be taken back');
  }
  const key = await requiredKey(args, io);
  const file = await readManifest(path);
  const container = await unlock(file, key);
  const { manifest } = container;
  const fileBytes = await withShardFiles(path, manifest, (files) =>
    watched('restoring', manifest.stripes.length, io, (watch) =>
      writeStream(out, decode(container, files, watch), { replaces: args.has('force') })
    )
  );
  const address = toHex(manifest.address);
  const text = table([
    ['Address', address],
    ['Restored', safeLine(out)],
    ['File', sizeText(fileBytes)],
  ]);
  await print(args, io, { address, out, fileBytes }, text);
  return ExitCode.OK;
}
