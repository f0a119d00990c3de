/**
 * Files of a container in the making, under names that nobody takes for finished ones:
 *
 *     .tesserae-ces-<process>-<token>.<what>.tmp     what: NN.shard, <address>.manifest or out
 *
 * What a killed process left is removed by the next one that works in the folder. A manifest in the
 * making names its address, because shards of that address may have their final names already; without
 * the manifest they count for nothing and go as well. Processes are told apart on one machine only.
 * @module
 */
import { randomBytes } from 'node:crypto';
import { open, readdir, rename, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { attempt, claim, codeOf, ignoreMissing, syncFolder } from './disk.ts';

const NAME =
  /^\.tesserae-ces-(\d{1,10})-([0-9a-f]{12})\.(?:([0-9a-f]{64})\.manifest|\d{2,3}\.shard|out)\.tmp$/;

/** Tokens of this process that are in use. */
const active = new Set<string>();

/** The name of the shard file `shard` of a container. */
export function shardFileName(address: string, shard: number): string {
  return `${address}.${shardNumber(shard)}.shard`;
}

/** The name of the manifest of a container. */
export function manifestFileName(address: string): string {
  return `${address}.manifest`;
}

/** A shard's index as file names have it, at least two digits. */
export function shardNumber(shard: number): string {
  return String(shard).padStart(2, '0');
}

/** Write all bytes at a place of a file. */
async function writeAll(handle: FileHandle, bytes: Uint8Array, place: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, place + done);
    done += bytesWritten;
  }
}

/** A file in the making. */
export class TemporaryFile {
  readonly path: string;
  readonly #handle: FileHandle;
  #length = 0;
  #isOpen = true;

  constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /** Bytes that were appended. */
  get length(): number {
    return this.#length;
  }

  /** Write behind what is there. */
  async append(bytes: Uint8Array): Promise<void> {
    await attempt(this.path, () => writeAll(this.#handle, bytes, this.#length));
    this.#length += bytes.length;
  }

  /** The bytes of a range, fewer where the file ends. */
  readAt(place: number, length: number): Promise<Uint8Array> {
    return attempt(this.path, () => readRange(this.#handle, place, length));
  }

  /** Wait until the bytes are on the disk. */
  sync(): Promise<void> {
    return attempt(this.path, () => this.#handle.sync());
  }

  /** Let the file go; a second call does nothing. */
  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#handle.close();
  }

  /** Take a final name in place of whatever has it. */
  async replace(path: string): Promise<void> {
    await this.close();
    await attempt(path, () => rename(this.path, path));
  }

  /**
   * Take a final name that must be free.
   * @throws ProtocolError `HOST_FILE` when it is not
   */
  async claim(path: string): Promise<void> {
    await this.close();
    await attempt(path, () => claim(this.path, path));
    await unlink(this.path).catch(ignoreMissing);
  }
}

/** The bytes of a range of an open file, fewer where it ends. */
export async function readRange(
  handle: FileHandle,
  place: number,
  length: number
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done, place + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

/** The files that one operation makes in one folder. */
export class Temporaries {
  readonly #folder: string;
  readonly #token: string = randomBytes(6).toString('hex');
  readonly #files: TemporaryFile[] = [];

  constructor(folder: string) {
    this.#folder = folder;
    active.add(this.#token);
  }

  /**
   * Begin a file.
   * @param what - `NN.shard`, `<address>.manifest` or `out`
   */
  async create(what: string): Promise<TemporaryFile> {
    const name = `.tesserae-ces-${process.pid}-${this.#token}.${what}.tmp`;
    const path = join(this.#folder, name);
    const file = new TemporaryFile(path, await attempt(path, () => open(path, 'wx+')));
    this.#files.push(file);
    return file;
  }

  /** End the operation: whatever did not get its final name is removed, as {@link sweep} does. */
  async end(): Promise<void> {
    try {
      for (const file of this.#files) await file.close();
      await removeLeft(this.#folder, (_process, token) => token === this.#token);
    } finally {
      active.delete(this.#token);
    }
  }
}

/**
 * Remove what operations that are no longer running left in a folder.
 * @returns how many files were removed
 */
export function sweep(folder: string): Promise<number> {
  return removeLeft(folder, (process, token) => !isRunning(process, token));
}

function isRunning(id: number, token: string): boolean {
  if (id === process.pid) return active.has(token);
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    // Somebody else's process cannot be signalled, but it runs.
    return codeOf(error) !== 'ESRCH';
  }
}

async function removeLeft(
  folder: string,
  isLeft: (process: number, token: string) => boolean
): Promise<number> {
  const names = await attempt(folder, () => readdir(folder));
  const files: string[] = [];
  const manifests: string[] = [];
  for (const name of names) {
    const [, id, token = '', address] = NAME.exec(name) ?? [];
    if (id === undefined || !isLeft(Number(id), token)) continue;
    if (address === undefined) files.push(name);
    else {
      manifests.push(name);
      const isFinished = names.includes(manifestFileName(address));
      if (!isFinished) files.push(...names.filter((other) => isShardFile(other, address)));
    }
  }
  for (const name of files) await remove(join(folder, name));
  if (manifests.length > 0) await syncFolder(join(folder, '.'));
  // Last, since they say which shards belong to nothing.
  for (const name of manifests) await remove(join(folder, name));
  return files.length + manifests.length;
}

function isShardFile(name: string, address: string): boolean {
  return name.startsWith(`${address}.`) && /^\.\d{2,3}\.shard$/.test(name.slice(address.length));
}

function remove(path: string): Promise<void> {
  return attempt(path, () => unlink(path).catch(ignoreMissing));
}
