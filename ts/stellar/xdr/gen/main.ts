/**
 * Writes the XDR types and codecs beside this folder.
 *
 * usage: node --import tsx ts/stellar/xdr/gen/main.ts PATH/xdr.json
 *
 * `xdr.json` is `xdr-definitions-json/xdr.json` of stellar/rs-stellar-xdr. @module
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { emitFiles } from './emit-file.ts';
import { loadSchema } from './schema.ts';

const path = process.argv[2];
if (path === undefined) throw new Error('usage: main.ts PATH/xdr.json');
const schema = loadSchema(JSON.parse(readFileSync(path, 'utf8')));
for (const file of emitFiles(schema)) {
  const target = new URL(`../${file.name}`, import.meta.url);
  const options = (await resolveConfig(target)) ?? {};
  writeFileSync(target, await format(file.text, { ...options, parser: 'typescript' }));
}
