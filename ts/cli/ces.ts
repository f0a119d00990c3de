/** What the `ces` commands share: keys, manifests, and a line that says how far the work has come. @module */
import { setMaxListeners } from 'node:events';
import { basename, dirname } from 'node:path';
import { fromUtf8 } from '../base/bytes.ts';
import { ProtocolError } from '../base/errors.ts';
import { fromHex } from '../base/hex.ts';
import { ShardFiles } from '../host/node/ces-files.ts';
import { shardNumber } from '../host/node/ces-temporary.ts';
import type { DamagedShardFile, ShardFileReport } from '../host/node/ces-repair.ts';
import { readFileBounded } from '../host/node/files.ts';
import { openContainer, type OpenedContainer } from '../pangea/ces/container.ts';
import { MOST_MANIFEST_BYTES, decodeManifest, type Manifest } from '../pangea/ces/manifest.ts';
import type { CesProgress, CesWatch } from '../pangea/ces/watch.ts';
import type { OptionSpec, ParsedArgs } from './args.ts';
import { InterruptedError, UsageError } from './exit.ts';
import { readInput } from './input.ts';
import type { CliIo } from './io.ts';
import { concerning, jsonLine, safeLine, sizeText, type Json } from './output.ts';

const MOST_KEY_FILE_BYTES = 4096;
const KEY_BYTES = 32;
const REPORT_MS = 250;

/** The options that name a key or a passphrase. */
export const KEY_OPTIONS: readonly OptionSpec[] = [
  { name: 'key', value: 'FILE', help: 'key: 32 bytes, or 64 hexadecimal digits' },
  { name: 'passphrase-file', value: 'FILE', help: 'passphrase: the text of a file, - for stdin' },
];

/** The option that prints JSON. */
export const JSON_OPTION: OptionSpec = { name: 'json', help: 'print as JSON' };

/** A paragraph of the help about keys. */
export const KEY_NOTE =
  'A key is made by: head -c 32 /dev/urandom > KEY. Without it the file is lost.';

/** What the user gave to lock or to open a container. */
export type GivenKey = { readonly key: Uint8Array } | { readonly passphrase: string };

/**
 * The key or passphrase that the command line names.
 * @returns `undefined` when it names none
 * @throws UsageError when it names both; ProtocolError `PANGEA_LOCKED` when the file holds no key
 */
export async function givenKey(args: ParsedArgs, io: CliIo): Promise<GivenKey | undefined> {
  const [keyPath, passphrasePath] = [args.text('key'), args.text('passphrase-file')];
  if (keyPath !== undefined && passphrasePath !== undefined) {
    throw new UsageError('--key and --passphrase-file cannot be given both');
  }
  if (keyPath !== undefined) {
    const bytes = await concerning('--key', () => io.readFile(keyPath, MOST_KEY_FILE_BYTES));
    return concerning('--key', () => ({ key: keyOf(bytes, keyPath) }));
  }
  if (passphrasePath === undefined) return undefined;
  const argument = '--passphrase-file';
  const bytes = await readInput(argument, passphrasePath, MOST_KEY_FILE_BYTES, io);
  return concerning(argument, () => ({ passphrase: passphraseOf(bytes, passphrasePath) }));
}

/**
 * The key or passphrase that the command line must name.
 * @throws UsageError when it does not; otherwise as {@link givenKey}
 */
export async function requiredKey(args: ParsedArgs, io: CliIo): Promise<GivenKey> {
  const given = await givenKey(args, io);
  if (given !== undefined) return given;
  throw new UsageError('exactly one of --key FILE and --passphrase-file FILE is needed');
}

function keyOf(bytes: Uint8Array, path: string): Uint8Array {
  if (bytes.length === KEY_BYTES) return bytes;
  const text = fromUtf8(bytes)?.trim() ?? '';
  if (/^[0-9a-f]{64}$/i.test(text)) return fromHex(text.toLowerCase());
  const what = `${bytes.length} bytes are neither a key of ${KEY_BYTES} bytes nor 64 digits`;
  throw new ProtocolError('PANGEA_LOCKED', what, { at: path });
}

function passphraseOf(bytes: Uint8Array, path: string): string {
  // Editors end a file with a line feed; a passphrase never ends with one.
  const text = fromUtf8(bytes)?.replace(/\r?\n$/, '');
  if (text !== undefined && text !== '') return text;
  const what = text === undefined ? 'is not UTF-8' : 'holds no passphrase';
  throw new ProtocolError('PANGEA_LOCKED', what, { at: path });
}

/** A manifest as it lies on the disk. */
export interface ManifestFile {
  readonly bytes: Uint8Array;
  readonly manifest: Manifest;
}

/**
 * Read a manifest; one that is named after an address must be of that address.
 * @throws ProtocolError `HOST_FILE`, or as `decodeManifest`
 */
export function readManifest(path: string): Promise<ManifestFile> {
  return concerning('MANIFEST', async () => {
    const bytes = await readFileBounded(path, MOST_MANIFEST_BYTES);
    const [, address] = /^([0-9a-f]{64})\.manifest$/.exec(basename(path)) ?? [];
    const reading = address === undefined ? {} : { address: fromHex(address) };
    return concerning(path, () => ({ bytes, manifest: decodeManifest(bytes, reading) }));
  });
}

/**
 * Open a manifest that {@link readManifest} has read.
 * @throws ProtocolError `PANGEA_LOCKED` when the key is wrong; otherwise as `openContainer`
 */
export async function unlock({ bytes }: ManifestFile, key: GivenKey): Promise<OpenedContainer> {
  try {
    return await openContainer(bytes, key);
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.code !== 'PANGEA_LOCKED') throw error;
    const [at, what] = 'key' in key ? ['--key', 'key'] : ['--passphrase-file', 'passphrase'];
    throw new ProtocolError('PANGEA_LOCKED', `is not the ${what} of this container`, {
      at,
      cause: error,
    });
  }
}

/** Work on the shard files beside a manifest, which are closed afterwards. */
export async function withShardFiles<T>(
  manifestPath: string,
  manifest: Manifest,
  work: (files: ShardFiles) => Promise<T>
): Promise<T> {
  const files = await concerning('MANIFEST', () =>
    ShardFiles.open(dirname(manifestPath), manifest)
  );
  try {
    return await work(files);
  } finally {
    await files.close();
  }
}

/**
 * Run a long task; a terminal sees how far it is, and Ctrl-C ends it.
 * @param verb - what is being done, such as `storing`
 * @param totalStripes - `undefined` when it is not known yet
 * @throws InterruptedError on Ctrl-C
 */
export function watched<T>(
  verb: string,
  totalStripes: number | undefined,
  io: CliIo,
  task: (watch: CesWatch) => Promise<T>
): Promise<T> {
  return io.interruptible(async (signal) => {
    // All shards of a stripe are read side by side; Node takes so many listeners for a leak.
    setMaxListeners(0, signal);
    let shownMs = io.clock.now();
    let written: Promise<void> = Promise.resolve();
    let isDirty = false;
    const onProgress = ({ stripes, fileBytes }: CesProgress): void => {
      const nowMs = io.clock.now();
      if (!io.stderr.isTerminal || nowMs - shownMs < REPORT_MS) return;
      shownMs = nowMs;
      isDirty = true;
      const share = totalStripes === undefined ? '' : ` (${percent(stripes, totalStripes)})`;
      const text = `\r${verb} ${sizeText(fileBytes)}${share}\u001b[K`;
      written = written.then(() => io.stderr.write(text));
      // Told below, which waits for the same promise.
      written.catch(() => undefined);
    };
    try {
      return await task({ signal, onProgress });
    } catch (error) {
      throw signal.aborted ? new InterruptedError() : error;
    } finally {
      await written;
      if (isDirty) await io.stderr.write('\r\u001b[K');
    }
  });
}

function percent(done: number, total: number): string {
  return `${Math.floor((100 * done) / total)} %`;
}

/** Damaged shard files as rows of a table. */
export function damageRows(damaged: readonly DamagedShardFile[]): [string, string][] {
  return damaged.map(({ shard, problem }) => [`Shard ${shardNumber(shard)}`, safeLine(problem)]);
}

/** Damaged shard files as JSON. */
export function damageJson(damaged: readonly DamagedShardFile[]): Json {
  return damaged.map(({ shard, path, problem, stripes }) => ({ shard, path, problem, stripes }));
}

/**
 * The error for a container that cannot be read any more.
 * @param path - of its manifest
 */
export function lostError(path: string, { manifest, report }: Lost): ProtocolError {
  const { dataShards, parityShards } = manifest;
  const names = report.damaged.map(({ shard }) => shardNumber(shard)).join(', ');
  const stripes = `${report.lostStripes.length} of ${manifest.stripes.length} stripes are lost`;
  const text =
    `${stripes}: of ${dataShards + parityShards} shard files ${report.damaged.length} are damaged ` +
    `(${names}), ${dataShards} good shards are needed`;
  return new ProtocolError('PANGEA_STRIPE', text, { at: `MANIFEST: ${path}` });
}

interface Lost {
  readonly manifest: Manifest;
  readonly report: ShardFileReport;
}

/** Print facts as JSON where that is asked for, else as text. */
export function print(args: ParsedArgs, io: CliIo, json: Json, text: string): Promise<void> {
  return io.stdout.write(args.has('json') ? jsonLine(json) : text);
}
