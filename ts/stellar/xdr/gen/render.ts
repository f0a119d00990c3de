/** The generated files as they are committed: emitted, then formatted as all sources are. @module */
import { format, resolveConfig } from 'prettier';
import { emitFiles, type GeneratedFile } from './emit-file.ts';
import { loadSchema } from './schema.ts';

/** Where the generated files lie. */
export const TARGET: URL = new URL('../', import.meta.url);

/** Every file for a parsed `xdr.json`. */
export async function renderFiles(definitions: unknown): Promise<GeneratedFile[]> {
  const options = (await resolveConfig(new URL('index.ts', TARGET))) ?? {};
  const files = emitFiles(loadSchema(definitions));
  return Promise.all(
    files.map(async ({ name, text }) => ({
      name,
      text: await format(text, { ...options, parser: 'typescript' }),
    }))
  );
}
