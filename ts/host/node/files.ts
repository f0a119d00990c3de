/**
 * Files on disk: bounded reads, and writes that appear whole or not at all and survive a crash once
 * they are acknowledged. Every failure is a `HOST_FILE` that names the path and the reason in words.
 * @module
 */
import { randomBytes } from 'node:crypto';
import { open, rename, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { attempt, claim, fail, ignoreMissing, syncFolder } from './disk.ts';

/** Mode of files that hold private keys: readable and writable by their owner only. */
export const PRIVATE_MODE = 0o600;

/** Choices of {@link createFile} and {@link replaceFile}. */
export interface WriteOptions {
  /** Permission bits of the new file, narrowed by the process's umask; 0o666 by default. */
  readonly mode?: number;
}

const CHUNK_BYTES = 64 * 1024;

/**
 * Read a whole file, but never more than `maxBytes`.
 * @throws ProtocolError `HOST_FILE` when it cannot be read or is longer
 */
export async function readFileBounded(path: string, maxBytes: number): Promise<Uint8Array> {
  const handle = await attempt(path, () => open(path, 'r'));
  try {
    return await attempt(path, () => drain(handle, path, maxBytes));
  } finally {
    await handle.close();
  }
}

/**
 * Write a file that must not exist yet, whole and synced to the disk.
 *
 * The bytes go to a temporary file beside it, which then takes the name in one step; a path that
 * exists, a dangling symbolic link included, is left as it is.
 * @throws ProtocolError `HOST_FILE`, and nothing is left behind
 */
export async function createFile(
  path: string,
  bytes: Uint8Array,
  options: WriteOptions = {}
): Promise<void> {
  const temporary = await writeTemporary(path, bytes, options);
  try {
    await attempt(path, () => claim(temporary, path));
  } finally {
    await unlink(temporary).catch(ignoreMissing);
  }
  await syncFolder(path);
}

/**
 * Write a file whole and synced to the disk, in place of one that may exist: readers see either the
 * old bytes or the new ones.
 * @throws ProtocolError `HOST_FILE`, and the old file is as it was
 */
export async function replaceFile(
  path: string,
  bytes: Uint8Array,
  options: WriteOptions = {}
): Promise<void> {
  const temporary = await writeTemporary(path, bytes, options);
  try {
    await attempt(path, () => rename(temporary, path));
  } catch (error) {
    await unlink(temporary).catch(ignoreMissing);
    throw error;
  }
  await syncFolder(path);
}

async function drain(handle: FileHandle, path: string, maxBytes: number): Promise<Uint8Array> {
  // The size a file states says nothing for pipes and devices, so it is not relied on.
  let held = new Uint8Array(Math.min(CHUNK_BYTES, maxBytes + 1));
  let length = 0;
  for (;;) {
    if (length === held.length) {
      const grown = new Uint8Array(Math.min(maxBytes + 1, held.length * 2));
      grown.set(held);
      held = grown;
    }
    const { bytesRead } = await handle.read(held, length, held.length - length);
    if (bytesRead === 0) return held.slice(0, length);
    length += bytesRead;
    if (length > maxBytes) fail(path, `has more than ${maxBytes} bytes`);
  }
}

async function writeTemporary(
  path: string,
  bytes: Uint8Array,
  options: WriteOptions
): Promise<string> {
  const name = `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`;
  const temporary = join(dirname(path), name);
  const handle = await attempt(path, () => open(temporary, 'wx', options.mode ?? 0o666));
  try {
    await attempt(path, async () => {
      await handle.writeFile(bytes);
      await handle.sync();
    });
  } catch (error) {
    await handle.close();
    await unlink(temporary).catch(ignoreMissing);
    throw error;
  }
  await handle.close();
  return temporary;
}
