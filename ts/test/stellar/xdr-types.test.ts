/** The generated types as a whole: what they declare, what a bundle keeps, how the generator fails. @module */
import { buildSync } from 'esbuild';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SeededRandom } from '../../base/random.ts';
import { shapeOf, type XdrMember, type XdrShape } from '../../codec/xdr-shape.ts';
import * as xdr from '../../stellar/xdr/index.ts';
import { emitFiles } from '../../stellar/xdr/gen/emit-file.ts';
import { renderFiles, TARGET } from '../../stellar/xdr/gen/render.ts';
import { loadSchema } from '../../stellar/xdr/gen/schema.ts';
import * as stellar from '../../stellar/index.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { suite } from '../support/suite.ts';
import { CODECS, XdrRandom } from './xdr-random.ts';

const t = suite('stellar/xdr types', import.meta.url);

/** Every shape that can be reached from the codecs. */
function allShapes(): XdrShape[] {
  const seen = new Set<XdrShape>();
  const visit = (member: XdrMember): void => {
    const shape = shapeOf(member);
    if (seen.has(shape)) return;
    seen.add(shape);
    if ('of' in shape) visit(shape.of);
    if (shape.kind === 'struct') for (const [, field] of shape.fields) visit(field);
    if (shape.kind === 'union') {
      visit(shape.tag);
      for (const arm of Object.values(shape.arms)) if (arm !== null) visit(arm[1]);
    }
  };
  for (const codec of CODECS.values()) visit(codec);
  return [...seen];
}

t(
  '[tesserae/xdr-types] all 471 types of protocol 27 have a codec, and each enum its constants',
  () => {
    assert.is(CODECS.size, 471);
    assert.equal(
      { ...xdr.SCPStatementType },
      {
        SCP_ST_PREPARE: 0,
        SCP_ST_CONFIRM: 1,
        SCP_ST_EXTERNALIZE: 2,
        SCP_ST_NOMINATE: 3,
      }
    );
    assert.is(xdr.MAX_OPS_PER_TX, 100);
    assert.is(xdr.AUTH_MSG_FLAG_FLOW_CONTROL_BYTES_REQUESTED, 200);
    assert.is(stellar.xdr.StellarMessage, xdr.StellarMessage);
  }
);

t('[tesserae/codec-limits] no element of any array is smaller than what its count assumes', () => {
  const values = new XdrRandom(new SeededRandom(77), 2);
  const smallest = new Map<string, number>();
  for (const [name, codec] of CODECS) {
    const sizes = Array.from({ length: 40 }, () => codec.encode(values.value(codec)).length);
    smallest.set(name, Math.min(...sizes));
  }
  let lists = 0;
  for (const shape of allShapes()) {
    if (shape.kind !== 'list') continue;
    assert.ok(shape.minSize >= 4);
    const of = shapeOf(shape.of);
    const size = 'name' in of ? smallest.get(of.name) : undefined;
    if (size === undefined) continue;
    assert.ok(size >= shape.minSize, 'name' in of ? of.name : '');
    lists += 1;
  }
  assert.ok(lists > 40, `${lists} lists`);
});

t('[tesserae/xdr-types] a message is written as the interfaces say', () => {
  const message: xdr.StellarMessage = {
    type: xdr.MessageType.SEND_MORE_EXTENDED,
    value: { numMessages: 200, numBytes: 300_000 },
  };
  const bytes = xdr.StellarMessage.encode(message);
  sameBytes(bytes, '00000014000000c8000493e0');
  const back = xdr.StellarMessage.decode(bytes);
  assert.equal(back, message);
  if (back.type === xdr.MessageType.SEND_MORE_EXTENDED) assert.is(back.value.numBytes, 300_000);
  const native: xdr.Asset = { type: xdr.AssetType.ASSET_TYPE_NATIVE };
  sameBytes(xdr.Asset.encode(native), '00000000');
  const vector: xdr.FloodAdvert = { txHashes: [new Uint8Array(32)] };
  assert.is(xdr.FloodAdvert.encode(vector).length, 36);
});

t('[tesserae/xdr-types] a bundle keeps the types that are used and no others', () => {
  const bundle = (source: string): string => {
    const result = buildSync({
      stdin: { contents: source, resolveDir: fileURLToPath(TARGET), loader: 'ts' },
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
      logLevel: 'silent',
    });
    return result.outputFiles[0]?.text ?? '';
  };
  const ballot = bundle("import { SCPBallot } from './index.ts'; console.log(SCPBallot);");
  assert.ok(ballot.includes('SCPBallot') && ballot.length < 14_000, `${ballot.length} bytes`);
  for (const other of ['SCPStatement', 'LedgerCloseMeta', 'Operation', 'STRKEY', 'XDR_JSON']) {
    assert.not(ballot.includes(other), other);
  }
  const constants = bundle(
    "import { MessageType } from './index.ts'; console.log(MessageType.AUTH);"
  );
  assert.ok(constants.length < 1000, `${constants.length} bytes`);
});

t('the generator stops at a definition whose form it does not know', () => {
  const load = (definition: object): unknown =>
    loadSchema({
      version: 1,
      files: [{ name: 'xdr/A.x' }],
      definitions: [{ name: 'A', file_index: 0, ...definition }],
    });
  assert.throws(() => load({ kind: 'program' }), /A is a program, which is unknown/);
  assert.throws(
    () => load({ kind: 'typedef', type: { kind: 'float' } }),
    /A has type float, which is unknown/
  );
  assert.throws(() => load({ kind: 'struct', fields: {} }), /A is no array/);
  assert.throws(() => loadSchema({ version: 2 }), /version 2/);
  const strange = load({ kind: 'const', value: 1 }) as ReturnType<typeof loadSchema>;
  assert.throws(() => emitFiles(strange), /A\.x begins with A, which starts no group/);
});

const definitions = process.env['TESSERAE_XDR_JSON'];
const title = '[tesserae/xdr-types] the committed types are what the generator writes';
if (definitions === undefined || definitions === '') {
  t.skip(title, 'TESSERAE_XDR_JSON names no xdr.json of rs-stellar-xdr');
} else {
  t(title, async () => {
    for (const file of await renderFiles(JSON.parse(readFileSync(definitions, 'utf8')))) {
      assert.is(readFileSync(new URL(file.name, TARGET), 'utf8'), file.text, file.name);
    }
  });
}

t.run();
