/** What every file of vectors under `golden/` keeps to; see golden/README.md. @module */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ERROR_CODES } from '../base/errors.ts';
import { assert } from './support/assert.ts';
import { loadGolden, type GoldenCase } from './support/golden.ts';
import { suite } from './support/suite.ts';

const t = suite('golden-files', import.meta.url);

const root = fileURLToPath(new URL('../../', import.meta.url));
const LARGEST_BYTES = 1_000_000;

/** A mistake of the caller has no code: the built-in error that it throws is named instead. */
const ERRORS = new Set<string>([...ERROR_CODES, 'RangeError', 'TypeError']);

/** Files that show no refusal, each with the reason. */
const WITHOUT_REFUSAL: Readonly<Record<string, string>> = {
  'qr/png': 'inputs for the image reader, written by other programs',
  'stellar/frames': 'frames that are accepted; refusals are those of stellar/xdr-refused',
  'stellar/xdr': 'refusals are in stellar/xdr-refused',
};

/** Keys whose strings are text that may look like hexadecimal in capitals. */
const TEXT = new Set(['id', 'note', 'text', 'v', 'uri', 'publicText', 'privateText']);

interface File {
  name: string;
  path: string;
  stack: string;
  topic: string;
}

function files(): File[] {
  return readdirSync(join(root, 'golden'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => ({
      name: name.replace(/\.json$/, ''),
      path: join(root, 'golden', name),
      stack: dirname(name),
      topic: basename(name, '.json'),
    }));
}

/** Paths of the objects whose keys are out of order. */
function unsorted(value: unknown, path: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => unsorted(item, `${path}[${i}]`));
  if (typeof value !== 'object' || value === null) return [];
  const keys = Object.keys(value);
  const inner = Object.entries(value).flatMap(([key, item]) => unsorted(item, `${path}.${key}`));
  return keys.join('\n') === [...keys].sort().join('\n') ? inner : [path, ...inner];
}

/** Paths of the strings that are hexadecimal with a capital letter. */
function capitals(value: unknown, path: string, key: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => capitals(item, `${path}[${i}]`, key));
  if (typeof value === 'string') {
    const hex = value.length >= 16 && /^(?:[0-9a-f]{2})+$/i.test(value);
    return hex && /[A-F]/.test(value) && !TEXT.has(key) ? [path] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => capitals(item, `${path}.${name}`, name));
}

function badErrors(cases: readonly GoldenCase[]): string[] {
  return cases.flatMap(({ id, error, out }) => {
    if (error !== undefined) return ERRORS.has(error) ? [] : [`${id}: no such error ${error}`];
    return out === undefined ? [`${id}: neither out nor error`] : [];
  });
}

t('finds the files of vectors', () => {
  assert.ok(files().length >= 19, `${files().length} files`);
});

for (const file of files()) {
  t(`${file.name} is read by the loader and keeps to the format`, () => {
    const golden = loadGolden(file.stack, file.topic);
    assert.is(`${golden.stack}/${golden.topic}`, file.name);
    assert.match(golden.made, /^\d{4}-\d\d-\d\d$/);
    const ids = golden.cases.map((item) => item.id);
    assert.is(new Set(ids).size, ids.length, 'an id is used twice');
    assert.equal(badErrors(golden.cases), []);
    assert.ok(statSync(file.path).size <= LARGEST_BYTES, 'the file is too large');
    const raw: unknown = JSON.parse(readFileSync(file.path, 'utf8'));
    assert.equal(unsorted(raw, ''), [], 'keys are sorted');
    assert.equal(capitals(raw, '', ''), [], 'hexadecimal is in lower case');
  });

  t(`${file.name} names its program, version, symbol and generator`, () => {
    const { source, generator, cases } = loadGolden(file.stack, file.topic);
    for (const text of [source.program, source.symbol, ...(source.alsoChecked ?? [])]) {
      assert.ok(text.length > 0);
    }
    assert.match(source.version, /\d/);
    assert.ok(!(source.alsoChecked ?? []).includes(`${source.program} ${source.version}`));
    assert.match(generator, /^golden\/gen\/[^/]+$/);
    assert.ok(existsSync(join(root, generator)), `${generator} does not exist`);
    const refusals = cases.filter((item) => item.error !== undefined).length;
    const excused = Object.hasOwn(WITHOUT_REFUSAL, file.name);
    assert.is(refusals > 0, !excused, excused ? 'the excuse is out of date' : 'no negative case');
  });
}

t('tells a file that breaks the rules', () => {
  assert.equal(unsorted({ a: [{ c: 1, b: 2 }] }, ''), ['.a[0]']);
  assert.equal(capitals({ key: '00112233445566FF', text: '00112233445566FF' }, '', ''), ['.key']);
  assert.is(badErrors([{ id: 'x', in: {}, error: 'NO_SUCH' }]).length, 1);
  assert.is(badErrors([{ id: 'x', in: {} }]).length, 1);
});

t.run();
