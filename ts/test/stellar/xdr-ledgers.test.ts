/**
 * Ledgers that stellar-core closed: every record decodes, encodes back to the same bytes, and hashes
 * to what the next one says. A sample is in golden/; `TESSERAE_LEDGER_META` names a folder with more,
 * unpacked or as `streams.tar.xz`. @module
 */
// time limit: 300 s
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toHex } from '../../base/hex.ts';
import { readRecords } from '../../codec/record-marking.ts';
import { LedgerCloseMeta } from '../../stellar/xdr/ledger-close-meta.ts';
import { LedgerHeader } from '../../stellar/xdr/ledger-header.ts';
import { fromJson } from '../../stellar/xdr/json/from-json.ts';
import { toJson } from '../../stellar/xdr/json/to-json.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { usesReference } from '../support/reference.ts';
import { suite } from '../support/suite.ts';

const t = suite('stellar/xdr ledgers', import.meta.url);

interface Tally {
  files: number;
  records: number;
  kinds: Set<string>;
}

const sample = fileURLToPath(
  new URL('../../../golden/stellar/ledger-close-meta/', import.meta.url)
);

function streamsIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.xdr'))
    .sort()
    .map((name) => join(folder, name));
}

/** Check every record of a stream; headers must chain. */
function checkStream(path: string, tally: Tally): void {
  let previous: string | undefined;
  for (const record of readRecords(new Uint8Array(readFileSync(path)))) {
    const meta = LedgerCloseMeta.decode(record);
    assert.ok(Buffer.compare(LedgerCloseMeta.encode(meta), record) === 0, `${path} differs`);
    const { header, hash } = meta.value.ledgerHeader;
    const digest = createHash('sha256').update(LedgerHeader.encode(header)).digest('hex');
    assert.is(toHex(hash), digest, `${path}: ledger ${header.ledgerSeq} has another hash`);
    if (previous !== undefined) assert.is(toHex(header.previousLedgerHash), previous, path);
    previous = digest;
    tally.records += 1;
    tally.kinds.add(`v${meta.v} protocol ${header.ledgerVersion}`);
  }
  tally.files += 1;
}

t(
  '[tesserae/xdr-types] ledgers of stellar-core decode and encode to the same bytes, and their headers chain',
  () => {
    usesReference('stellar-core a9b8613');
    const tally: Tally = { files: 0, records: 0, kinds: new Set() };
    for (const path of streamsIn(sample)) checkStream(path, tally);
    assert.is(tally.files, 11);
    assert.ok(tally.records > 80, `${tally.records} records`);
    assert.equal([...tally.kinds].sort(), [
      'v0 protocol 0',
      'v0 protocol 20',
      'v0 protocol 26',
      'v1 protocol 20',
      'v1 protocol 21',
      'v2 protocol 23',
      'v2 protocol 26',
      'v2 protocol 27',
    ]);
  }
);

t('[tesserae/xdr-types] ledgers of stellar-core go through JSON and come back', () => {
  for (const path of streamsIn(sample).slice(0, 4)) {
    for (const record of readRecords(new Uint8Array(readFileSync(path)))) {
      const json: unknown = JSON.parse(
        JSON.stringify(toJson(LedgerCloseMeta, LedgerCloseMeta.decode(record)))
      );
      sameBytes(LedgerCloseMeta.encode(fromJson(LedgerCloseMeta, json)), record);
    }
  }
});

const archive = process.env['TESSERAE_LEDGER_META'];
const title =
  '[tesserae/xdr-types] every ledger of the archive decodes and encodes to the same bytes';
if (archive === undefined || archive === '') {
  t.skip(title, 'TESSERAE_LEDGER_META names no folder of LedgerCloseMeta streams');
} else {
  t(
    title,
    () => {
      const packed = join(archive, 'streams.tar.xz');
      const folder = existsSync(packed) ? mkdtempSync(join(tmpdir(), 'ledger-meta-')) : archive;
      try {
        if (folder !== archive) execFileSync('tar', ['-xJf', packed, '-C', folder]);
        const tally: Tally = { files: 0, records: 0, kinds: new Set() };
        for (const path of streamsIn(folder)) checkStream(path, tally);
        assert.ok(tally.files > 100, `only ${tally.files} streams in the archive`);
        process.stdout.write(`${tally.files} streams, ${tally.records} ledgers\n`);
      } finally {
        if (folder !== archive) rmSync(folder, { recursive: true });
      }
    },
    240_000
  );
}

t.run();
