/** Random values of every type through our codecs and through the reference's, both ways. @module */
import * as base from '@stellar/stellar-base';
import * as crate from '@stellar/stellar-xdr-json';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { SeededRandom } from '../../base/random.ts';
import { resolveShape, type EnumShape, type UnionShape } from '../../codec/xdr-shape.ts';
import { fromJson } from '../../stellar/xdr/json/from-json.ts';
import { toJson } from '../../stellar/xdr/json/to-json.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { usesReference } from '../support/reference.ts';
import { suite } from '../support/suite.ts';
import { CODECS, XdrRandom } from './xdr-random.ts';

const t = suite('stellar/xdr differential', import.meta.url);

const CASES = Number(process.env['TESSERAE_XDR_CASES'] ?? 12);
const SEED = Number(process.env['TESSERAE_SEED'] ?? 20261120);

/** What js-xdr makes of a type, as far as these tests use it. */
interface BaseType {
  fromXDR(bytes: Buffer): unknown;
  toXDR(value: unknown): Buffer;
  write?(value: unknown, writer: unknown): void;
  readonly _byValue?: Readonly<Record<number, unknown>>;
  readonly _switches?: ReadonlyMap<unknown, unknown>;
}

const baseTypes = new Map(
  Object.entries(base.xdr as unknown as Record<string, BaseType>).map(([name, type]) => [
    name.toLowerCase(),
    type,
  ])
);
const baseType = (name: string): BaseType | undefined => baseTypes.get(name.toLowerCase());

// stellar-base 15 knows protocol 26; these are younger.
const YOUNGER_TYPES = [
  'FreezeBypassTxs',
  'HashIDPreimageSorobanAuthorizationWithAddress',
  'SorobanAddressCredentialsWithDelegates',
  'SorobanDelegateSignature',
];
// Definitions of files that stellar-base does not generate from.
const FOREIGN_TYPES = [
  'PersistedSCPState',
  'PersistedSCPStateV0',
  'PersistedSCPStateV1',
  'StoredDebugTransactionSet',
  'StoredTransactionSet',
  'ThresholdIndexes',
];
const YOUNGER_VALUES = ['EnvelopeType 10', 'SorobanCredentialsType 2', 'SorobanCredentialsType 3'];

/** Keeps to values that stellar-base knows, and notes which it does not. */
const left = new Set<string>();
function known(shape: EnumShape | UnionShape, value: number): boolean {
  const tag = shape.kind === 'enum' ? shape : resolveShape(shape.tag);
  if (tag.kind !== 'enum') return true;
  const members = baseType(tag.name)?._byValue;
  if (members === undefined || value in members) return true;
  left.add(`${tag.name} ${value}`);
  return false;
}

function isClass(type: BaseType): boolean {
  return typeof type === 'function';
}

/** Bytes of a decoded value; the types that js-xdr keeps as instances need a writer. */
function encodeWith(type: BaseType, value: unknown): Uint8Array {
  if (isClass(type)) return new Uint8Array(type.toXDR(value));
  const writer = new jsXdr.XdrWriter();
  type.write?.(value, writer);
  return new Uint8Array(writer.finalize());
}

const require = createRequire(import.meta.url);
const fromBase = createRequire(require.resolve('@stellar/stellar-base'));
const jsXdr = fromBase('@stellar/js-xdr') as {
  XdrWriter: new () => { finalize(): Buffer };
};

function versionOf(name: string): string {
  const path = require.resolve(name).replace(/(@stellar\/[^/]+)\/.*/, '$1/package.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

t('[tesserae/xdr-types] stellar-base reads what we write and we read what it writes', () => {
  usesReference(`@stellar/stellar-base ${versionOf('@stellar/stellar-base')}`);
  const missing: string[] = [];
  for (const [name, codec] of CODECS) {
    const type = baseType(name);
    if (type === undefined) {
      missing.push(name);
      continue;
    }
    const values = new XdrRandom(new SeededRandom(SEED), 6, known);
    for (let i = 0; i < CASES; i++) {
      const value = values.value(codec);
      const bytes = codec.encode(value);
      const theirs = encodeWith(type, type.fromXDR(Buffer.from(bytes)));
      sameBytes(theirs, bytes, `${name}: stellar-base encodes what it decoded`);
      const back = codec.decode(theirs);
      assert.equal(toJson(codec, back), toJson(codec, value), `${name}: we decode it again`);
      sameBytes(codec.encode(back), bytes, name);
    }
  }
  assert.equal(missing.sort(), [...YOUNGER_TYPES, ...FOREIGN_TYPES].sort());
  assert.equal([...left].sort(), YOUNGER_VALUES);
});

t('[tesserae/xdr-types] the stellar-xdr crate writes the same JSON and reads ours', () => {
  usesReference(`@stellar/stellar-xdr-json ${versionOf('@stellar/stellar-xdr-json')}`);
  const wasm = require.resolve('@stellar/stellar-xdr-json').replace(/\.js$/, '_bg.wasm');
  crate.initSync(readFileSync(wasm));
  const names = new Map(crate.types().map((name) => [name.toLowerCase(), name]));
  assert.is(names.size, CODECS.size, 'both know the same types');
  for (const [name, codec] of CODECS) {
    const type = names.get(name === 'Error' ? 'serror' : name.toLowerCase());
    assert.type(type, 'string', name);
    const values = new XdrRandom(new SeededRandom(SEED + 1), 6);
    for (let i = 0; i < CASES; i++) {
      const bytes = codec.encode(values.value(codec));
      const theirs = crate.decode(type as string, Buffer.from(bytes).toString('base64'));
      const ours = JSON.stringify(toJson(codec, codec.decode(bytes)));
      // A bare 64-bit integer is a number there, beyond what JavaScript reads back.
      if (name === 'int64' || name === 'uint64') {
        assert.is(ours, `"${theirs}"`);
        continue;
      }
      assert.is(ours, theirs, name);
      const read = attempt(() => Buffer.from(crate.encode(type as string, ours), 'base64'));
      const back = attempt(() => codec.encode(fromJson(codec, JSON.parse(theirs))));
      // Both refuse the text of an empty signed payload, which the wire can hold.
      assert.is(read === undefined, back === undefined, `${name}: ${ours}`);
      if (read === undefined || back === undefined) continue;
      sameBytes(new Uint8Array(read), bytes, name);
      sameBytes(back, bytes, name);
    }
  }
});

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    // Refusals of both sides are compared by the caller.
    return undefined;
  }
}

t.run();
