/**
 * A container v1 as files of one folder: `<address>.NN.shard` with the shards NN of all stripes behind
 * one another, and `<address>.manifest`, which comes last and makes the others count. @module
 */
import { createReadStream } from 'node:fs';
import { lstat, mkdir, open, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ProtocolError } from '../../base/errors.ts';
import { toHex } from '../../base/hex.ts';
import type { EncodedManifest, Encoding } from '../../pangea/ces/encode.ts';
import type { ShardPlace, ShardSource } from '../../pangea/ces/gather.ts';
import { shardBytesOf, type Manifest } from '../../pangea/ces/manifest.ts';
import {
  Temporaries,
  manifestFileName,
  readRange,
  shardFileName,
  shardNumber,
  sweep,
  type TemporaryFile,
} from './ces-temporary.ts';
import { attempt, codeOf, fail, syncFolder } from './disk.ts';

const CHUNK_BYTES = 256 * 1024;

/** A container that is on the disk. */
export interface StoredContainer extends EncodedManifest {
  readonly manifestPath: string;
  /** By shard index. */
  readonly shardPaths: readonly string[];
  /** Bytes of all shard files. */
  readonly storedBytes: number;
  /** Files that were removed because killed processes had left them. */
  readonly swept: number;
}

/** A file as a stream that is read as it is asked for. */
export interface FileSource {
  readonly stream: ReadableStream<Uint8Array>;
  /** `undefined` where the system does not say, as of pipes. */
  readonly fileBytes: number | undefined;
}

/**
 * Open a file for reading.
 * @throws ProtocolError `HOST_FILE` when it is not there or is a folder; later, when reading fails
 */
export async function openSource(path: string): Promise<FileSource> {
  const handle = await attempt(path, () => open(path, 'r'));
  const found = await handle.stat();
  if (found.isDirectory()) {
    await handle.close();
    return fail(path, 'is a folder');
  }
  // A stream of the handle also reads pipes, which know no places.
  const source = createReadStream(path, { fd: handle, highWaterMark: CHUNK_BYTES });
  const parts = source[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await attempt(path, () => parts.next());
        if (done === true) controller.close();
        else controller.enqueue(new Uint8Array(value));
      },
      cancel() {
        source.destroy();
      },
    },
    { highWaterMark: 0 }
  );
  return { stream, fileBytes: found.isFile() ? found.size : undefined };
}

/** Make a folder with those above it, and sync each new name. */
async function makeFolder(folder: string): Promise<void> {
  const first = await attempt(folder, () =>
    mkdir(folder, { recursive: true }).catch((error: unknown) => {
      if (codeOf(error) === 'EEXIST') return fail(folder, 'is not a folder');
      throw error;
    })
  );
  if (first === undefined) return;
  const top = resolve(first);
  for (let path = resolve(folder); ; path = dirname(path)) {
    await syncFolder(path);
    if (path === top || path === dirname(path)) return;
  }
}

/**
 * Take the stripes of an encoding into a folder.
 *
 * Shards are written under temporary names, synced and renamed, the manifest last: a container is
 * there whole and on the disk, or not at all. What killed processes left in the folder goes first.
 * @throws ProtocolError `HOST_FILE`, or what ended the encoding; nothing is left behind
 */
export async function storeContainer(folder: string, encoding: Encoding): Promise<StoredContainer> {
  const reader = encoding.stripes.getReader();
  let work: Temporaries | undefined;
  try {
    await makeFolder(folder);
    const swept = await sweep(folder);
    work = new Temporaries(folder);
    const files: TemporaryFile[] = [];
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      for (const { shard, bytes } of value.shards) {
        files[shard] ??= await work.create(`${shardNumber(shard)}.shard`);
        await files[shard].append(bytes);
      }
    }
    const made = await encoding.manifest;
    const address = toHex(made.address);
    for (const file of files) await file.sync();
    const manifest = await work.create(manifestFileName(address));
    await manifest.append(made.bytes);
    await manifest.sync();
    const manifestPath = join(folder, manifestFileName(address));
    // From here on a crash leaves shards with final names; the temporary manifest tells of them.
    await syncFolder(manifestPath);
    const shardPaths: string[] = [];
    for (const [shard, file] of files.entries()) {
      const path = join(folder, shardFileName(address, shard));
      await file.replace(path);
      shardPaths.push(path);
    }
    await syncFolder(manifestPath);
    await manifest.replace(manifestPath);
    await syncFolder(manifestPath);
    const storedBytes = files.reduce((sum, file) => sum + file.length, 0);
    return { ...made, manifestPath, shardPaths, storedBytes, swept };
  } catch (error) {
    await reader.cancel(error).catch(() => undefined);
    throw error;
  } finally {
    await work?.end();
  }
}

/** How {@link writeStream} treats a name that is taken. */
export interface WriteStreamOptions {
  /** Replace a file that has the name; otherwise a taken name is an error. */
  readonly replaces?: boolean;
}

/**
 * Write a stream into a file that appears whole and synced, when the stream has ended well.
 * @returns bytes written
 * @throws ProtocolError `HOST_FILE`, or what ended the stream; nothing is left behind
 */
export async function writeStream(
  path: string,
  stream: ReadableStream<Uint8Array>,
  { replaces = false }: WriteStreamOptions = {}
): Promise<number> {
  const reader = stream.getReader();
  let work: Temporaries | undefined;
  try {
    // Before any work goes into a file that has no place; the claim decides in the end.
    if (!replaces && (await isTaken(path))) fail(path, 'exists already and is not overwritten');
    const folder = dirname(path);
    await sweep(folder);
    work = new Temporaries(folder);
    const file = await work.create('out');
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      await file.append(value);
    }
    await file.sync();
    await (replaces ? file.replace(path) : file.claim(path));
    await syncFolder(path);
    return file.length;
  } catch (error) {
    await reader.cancel(error).catch(() => undefined);
    throw error;
  } finally {
    await work?.end();
  }
}

async function isTaken(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    return attempt(path, () => Promise.reject(error as Error));
  }
}

/** The shard files of a container, open for reading. */
export class ShardFiles implements ShardSource {
  readonly manifest: Manifest;
  /** By shard index. */
  readonly paths: readonly string[];
  readonly #handles: (FileHandle | undefined)[] = [];
  readonly #problems: (string | undefined)[] = [];
  readonly #sizes: number[] = [];
  /** Where each stripe begins in every shard file, and at the end where the last one ends. */
  readonly #starts: Float64Array;

  private constructor(folder: string, manifest: Manifest) {
    const { dataShards, parityShards, stripes } = manifest;
    const address = toHex(manifest.address);
    this.manifest = manifest;
    this.paths = Array.from({ length: dataShards + parityShards }, (_, shard) =>
      join(folder, shardFileName(address, shard))
    );
    this.#starts = new Float64Array(stripes.length + 1);
    for (const [stripe, { sealedBytes }] of stripes.entries()) {
      const start = this.#starts[stripe] ?? 0;
      this.#starts[stripe + 1] = start + shardBytesOf(sealedBytes, dataShards);
    }
  }

  /**
   * Open those shard files that can be read; the others count as missing.
   * @throws ProtocolError `PANGEA_STRIPE` when there is not one
   */
  static async open(folder: string, manifest: Manifest): Promise<ShardFiles> {
    const files = new ShardFiles(folder, manifest);
    for (const [shard, path] of files.paths.entries()) await files.#open(shard, path);
    if (files.#handles.some((handle) => handle !== undefined)) return files;
    const total = files.paths.length;
    throw new ProtocolError('PANGEA_STRIPE', `none of its ${total} shard files is in ${folder}`);
  }

  /** Bytes that every shard file must have. */
  get fileBytes(): number {
    return this.#starts[this.#starts.length - 1] ?? 0;
  }

  /** Bytes that a shard file has. */
  sizeOf(shard: number): number {
    return this.#sizes[shard] ?? 0;
  }

  /** Why a shard file could not be opened, `missing` for instance; `undefined` when it was. */
  problemOf(shard: number): string | undefined {
    return this.#problems[shard];
  }

  /** Where a stripe begins in every shard file, and how many bytes it has there. */
  rangeOf(stripe: number): { readonly start: number; readonly bytes: number } {
    const start = this.#starts[stripe] ?? 0;
    return { start, bytes: (this.#starts[stripe + 1] ?? start) - start };
  }

  /** What stands where the shard must be; fewer bytes where the file ends early. */
  async read({ stripe, shard }: ShardPlace): Promise<Uint8Array | undefined> {
    const handle = this.#handles[shard];
    if (handle === undefined) return undefined;
    const { start, bytes } = this.rangeOf(stripe);
    return attempt(this.paths[shard] ?? '', () => readRange(handle, start, bytes));
  }

  /** Close all files. */
  async close(): Promise<void> {
    for (const handle of this.#handles) await handle?.close();
  }

  async #open(shard: number, path: string): Promise<void> {
    try {
      // Asked before it is opened: opening a pipe would wait for a writer.
      if (!(await attempt(path, () => stat(path))).isFile()) fail(path, 'is not a regular file');
      const handle = await attempt(path, () => open(path, 'r'));
      this.#handles[shard] = handle;
      this.#sizes[shard] = (await handle.stat()).size;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const reason = error.message.replace(`${error.code}: ${path}: `, '');
      this.#problems[shard] = codeOf(error.cause) === 'ENOENT' ? 'missing' : reason;
    }
  }
}
