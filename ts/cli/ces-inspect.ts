/** `tesserae ces inspect`: what a manifest says, with a key also what it hides. @module */
import { toHex } from '../base/hex.ts';
import { shardBytesOf } from '../pangea/ces/manifest.ts';
import type { CommandSpec, ParsedArgs } from './args.ts';
import { JSON_OPTION, KEY_OPTIONS, givenKey, print, readManifest, unlock } from './ces.ts';
import { ExitCode, type ExitStatus } from './exit.ts';
import type { CliIo } from './io.ts';
import { sizeText, table } from './output.ts';

/** Help and options of `ces inspect`. */
export const cesInspectSpec: CommandSpec = {
  name: 'ces inspect',
  summary: 'show what a manifest says of its container',
  positional: { name: 'MANIFEST', help: 'the manifest' },
  options: [...KEY_OPTIONS, JSON_OPTION],
  notes: ['The length of the file is sealed: it shows only with a key. No shard file is read.'],
};

/** Print the manifest's fields. */
export async function cesInspect(args: ParsedArgs, io: CliIo): Promise<ExitStatus> {
  const key = await givenKey(args, io);
  const file = await readManifest(args.positional);
  const opened = key === undefined ? undefined : await unlock(file, key);
  const { manifest } = file;
  const { dataShards, parityShards, stripeBytes, locks } = manifest;
  const stripes = manifest.stripes.length;
  const sealedBytes = manifest.stripes.reduce((sum, stripe) => sum + stripe.sealedBytes, 0);
  const shardFileBytes = manifest.stripes.reduce(
    (sum, stripe) => sum + shardBytesOf(stripe.sealedBytes, dataShards),
    0
  );
  const address = toHex(manifest.address);
  const fileBytes = opened?.fileBytes;
  const text = table([
    ['Address', address],
    ['Code', `${dataShards} data shards, ${parityShards} parity shards`],
    ['Stripes', `${stripes} of ${sizeText(stripeBytes)}`],
    ['Sealed', sizeText(sealedBytes)],
    ['Shard file', `${shardFileBytes} bytes each`],
    ['Locks', locks.map(({ kind }) => kind).join(', ')],
    ['File', fileBytes === undefined ? 'sealed; a key shows its length' : `${fileBytes} bytes`],
  ]);
  await print(
    args,
    io,
    {
      ...{ address, fileId: toHex(manifest.fileId), dataShards, parityShards, stripeBytes },
      ...{ stripes, sealedBytes, shardFileBytes, manifestBytes: file.bytes.length },
      convergent: manifest.hasContentNonces,
      locks: locks.map(({ kind, cost }) => ({ kind, ...cost })),
      fileBytes: fileBytes ?? null,
    },
    text
  );
  return ExitCode.OK;
}
