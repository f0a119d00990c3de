/** `tesserae ces put`: store a file as encrypted shard files, any enough of which restore it. @module */
import { toHex } from '../base/hex.ts';
import { openSource, storeContainer } from '../host/node/ces-files.ts';
import { MOST_SHARDS } from '../kernel/reed-solomon.ts';
import { encode } from '../pangea/ces/encode.ts';
import type { CommandSpec, ParsedArgs } from './args.ts';
import { JSON_OPTION, KEY_NOTE, KEY_OPTIONS, print, requiredKey, watched } from './ces.ts';
import { ExitCode, UsageError, type ExitStatus } from './exit.ts';
import type { CliIo } from './io.ts';
import { concerning, safeLine, sizeText, table } from './output.ts';

const DEFAULT_DATA = 8;
const DEFAULT_PARITY = 4;

/** Help and options of `ces put`. */
export const cesPutSpec: CommandSpec = {
  name: 'ces put',
  summary: 'store a file as encrypted shard files, some of which may get lost',
  positional: { name: 'FILE', help: 'the file' },
  options: [
    { name: 'out', value: 'DIR', required: true, help: 'folder for shards and manifest' },
    ...KEY_OPTIONS,
    { name: 'data', value: 'N', help: `shards that restore the file, ${DEFAULT_DATA} by default` },
    { name: 'parity', value: 'N', help: `shards that may be lost, ${DEFAULT_PARITY} by default` },
    { name: 'no-compress', help: 'hide how well the file compresses' },
    JSON_OPTION,
  ],
  notes: [
    'Makes DIR/ADDRESS.NN.shard for each shard and DIR/ADDRESS.manifest, which comes last: until it is\n' +
      'there nothing counts. Keep copies of the manifest; no shard says how it was made.',
    KEY_NOTE,
  ],
};

/** Store the file; nothing is left behind unless all of it succeeded. */
export async function cesPut(args: ParsedArgs, io: CliIo): Promise<ExitStatus> {
  const dataShards = args.number('data', 1, MOST_SHARDS - 1) ?? DEFAULT_DATA;
  const parityShards = args.number('parity', 1, MOST_SHARDS - 1) ?? DEFAULT_PARITY;
  if (dataShards + parityShards > MOST_SHARDS) {
    throw new UsageError(`--data and --parity may be ${MOST_SHARDS} together`);
  }
  const lock = await requiredKey(args, io);
  const path = args.positional;
  const folder = args.required('out');
  const stored = await watched('storing', undefined, io, async (watch) => {
    const { stream, fileBytes } = await concerning('FILE', () => openSource(path));
    const encoding = encode(stream, {
      ...watch,
      ...(fileBytes === undefined ? {} : { fileBytes }),
      locks: [lock],
      random: io.random,
      path,
      configuration: {
        ...{ dataShards, parityShards },
        ...(args.has('no-compress') ? { compressionLevel: 0 } : {}),
      },
    });
    return storeContainer(folder, encoding);
  });
  const address = toHex(stored.address);
  const { manifestPath, shardPaths, fileBytes, storedBytes, stripes, swept } = stored;
  const facts = { address, manifest: manifestPath, shards: shardPaths, dataShards, parityShards };
  const text = table([
    ['Address', address],
    ['Manifest', safeLine(manifestPath)],
    ['Shards', `${shardPaths.length}, any ${dataShards} of which restore the file`],
    ['File', sizeText(fileBytes)],
    ['Stored', sizeText(storedBytes + stored.bytes.length)],
    ...(swept > 0 ? [['Removed', `${swept} files of an interrupted run`] as const] : []),
  ]);
  const sizes = { fileBytes, storedBytes, manifestBytes: stored.bytes.length, stripes, swept };
  await print(args, io, { ...facts, ...sizes }, text);
  return ExitCode.OK;
}
