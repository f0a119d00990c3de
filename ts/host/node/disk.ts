/**
 * Steps that writers of files share: taking a name, syncing folders, and failures told in words.
 * @module
 */
import { link, open, rename, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ProtocolError } from '../../base/errors.ts';

/** Give a finished temporary file its name, unless the name is taken: then the error is `EEXIST`. */
export async function claim(temporary: string, path: string): Promise<void> {
  try {
    // Unlike a rename, a link never replaces what is there.
    await link(temporary, path);
  } catch (error) {
    if (!['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK'].includes(codeOf(error)))
      throw error;
    // A file system without hard links: take the name first, then put the file in its place.
    const handle = await open(path, 'wx');
    await handle.close();
    await rename(temporary, path);
  }
}

/** Sync the folder of a path, so that the name itself survives a crash. */
export async function syncFolder(path: string): Promise<void> {
  let folder: FileHandle | undefined;
  try {
    folder = await open(dirname(path), 'r');
    await folder.sync();
  } catch {
    // Some systems do not let folders be opened or synced; the file's own bytes are safe already.
  } finally {
    await folder?.close();
  }
}

/**
 * Run a step on a file.
 * @throws ProtocolError `HOST_FILE` with the path and the reason in words
 */
export async function attempt<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    return fail(path, reasonOf(error), error);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EEXIST: 'exists already and is not overwritten',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  EISDIR: 'is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is used up',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'too many symbolic links',
};

function reasonOf(error: unknown): string {
  const code = codeOf(error);
  return REASONS[code] ?? (code === '' ? String(error) : `failed with ${code}`);
}

/** The system's code of a failure such as `ENOENT`; empty when it has none. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

/** Takes the failure of a removal; throws it again unless there was nothing to remove. */
export function ignoreMissing(error: unknown): void {
  // After a rename the temporary name is gone, which is what was wanted.
  if (codeOf(error) !== 'ENOENT') throw error;
}

/** Throw a `HOST_FILE` about a path. */
export function fail(path: string, reason: string, cause?: unknown): never {
  throw new ProtocolError('HOST_FILE', reason, { at: path, cause });
}
