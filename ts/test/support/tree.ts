/** The repository's own text files, for tests that read sources instead of running them. @module */
import { readdirSync, readFileSync, statSync } from 'node:fs';

/** A file and its text; the path is from the root of the repository, with forward slashes. */
export interface SourceFile {
  readonly file: string;
  readonly source: string;
}

const root = new URL('../../../', import.meta.url);
const SKIPPED = new Set(['node_modules', '.git', '.venv', '.build', 'dist', 'coverage']);

/** Paths of all files under `folder` (the whole repository by default), sorted. */
export function listFiles(folder = ''): string[] {
  const at = new URL(folder === '' ? './' : `${folder}/`, root);
  const names = existing(at).filter((name) => !SKIPPED.has(name));
  return names
    .flatMap((name) => {
      const path = folder === '' ? name : `${folder}/${name}`;
      const stat = statSync(new URL(path, root), { throwIfNoEntry: false });
      if (stat === undefined) return [];
      return stat.isDirectory() ? listFiles(path) : [path];
    })
    .sort();
}

function existing(folder: URL): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // A folder that a checkout does not have holds no files.
    return [];
  }
}

/** Whether the repository has the file. */
export function hasFile(file: string): boolean {
  return statSync(new URL(file, root), { throwIfNoEntry: false })?.isFile() === true;
}

/** Read one file as text. */
export function readText(file: string): string {
  return readFileSync(new URL(file, root), 'utf8');
}

/** Read the files of `folder` whose names end in one of `endings`. */
export function readFiles(folder: string, endings: readonly string[]): SourceFile[] {
  return listFiles(folder)
    .filter((file) => endings.some((ending) => file.endsWith(ending)))
    .map((file) => ({ file, source: readText(file) }));
}
