/**
 * Writes the XDR types and codecs beside this folder.
 *
 * usage: node --import tsx ts/stellar/xdr/gen/main.ts PATH/xdr.json
 *
 * `xdr.json` is `xdr-definitions-json/xdr.json` of stellar/rs-stellar-xdr. @module
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { renderFiles, TARGET } from './render.ts';

const path = process.argv[2];
if (path === undefined) throw new Error('usage: main.ts PATH/xdr.json');
for (const { name, text } of await renderFiles(JSON.parse(readFileSync(path, 'utf8')))) {
  writeFileSync(new URL(name, TARGET), text);
}
