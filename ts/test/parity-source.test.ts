/** The tokenizer, the import reader and the title reader on which the source checks stand. @module */
import { importsOf, packageOf, resolveImport } from '../parity/imports.ts';
import { splitMark, splitTitle } from '../parity/marks.ts';
import { code, tokenize } from '../parity/source.ts';
import { mayRegister, titlesOf } from '../parity/titles.ts';
import { assert } from './support/assert.ts';
import { suite } from './support/suite.ts';
import { readFiles } from './support/tree.ts';

const t = suite('parity-source', import.meta.url);

function texts(source: string): string[] {
  return code(source).map((token) => `${token.kind} ${token.text}`);
}

t('comments, strings, templates and regular expressions are told apart', () => {
  assert.equal(texts("a // b 'c'\n/* d */ 'e\\'f'"), ['word a', "string e'f"]);
  assert.equal(texts('`a${b}c`'), ['template a', 'word b', 'template c']);
  assert.equal(texts('`a${`b${c}`}d`'), [
    'template a',
    'template b',
    'word c',
    'template ',
    'template d',
  ]);
  assert.equal(texts('x = /[/"]\\//g;'), ['word x', 'punct =', 'regex /[/"]\\//g', 'punct ;']);
  assert.equal(texts('a / b / c'), ['word a', 'punct /', 'word b', 'punct /', 'word c']);
  assert.equal(texts('return /}/'), ['word return', 'regex /}/']);
  assert.equal(texts('f(1) / 2; a[0] / 3'), [
    ...['word f', 'punct (', 'number 1', 'punct )', 'punct /', 'number 2', 'punct ;'],
    ...['word a', 'punct [', 'number 0', 'punct ]', 'punct /', 'number 3'],
  ]);
  assert.equal(texts('#!/usr/bin/env node\nx'), ['word x']);
  assert.equal(texts('"\\u0041\\x42\\u{43}\\n"'), ['string ABC\n']);
});

t('brackets and templates nest, and lines are counted through them', () => {
  const depths = code('a { b ( `x${ c }` ) } d').map((token) => [token.text, token.depth]);
  assert.equal(depths, [
    ...[
      ['a', 0],
      ['{', 0],
      ['b', 1],
      ['(', 1],
      ['x', 2],
      ['c', 3],
      ['', 2],
    ],
    ...[
      [')', 1],
      ['}', 0],
      ['d', 0],
    ],
  ]);
  const lines = tokenize('/*\n\n*/ a `\n${b}\n` c').map((token) => token.line);
  assert.equal(lines, [1, 3, 3, 4, 4, 5]);
});

t('text that is not code ends without an error', () => {
  for (const source of ["'open", '`open ${', '/* open', '} ) ]', '/', '\\', '"\\', '\u0000']) {
    assert.ok(tokenize(source).length >= 0);
  }
});

t('every source of the repository comes out balanced', () => {
  for (const { file, source } of readFiles('ts', ['.ts'])) {
    const last = code(source).at(-1);
    assert.is(last === undefined ? 0 : last.depth, 0, `${file} ends inside a bracket`);
  }
});

function found(source: string): string[] {
  return importsOf(code(source)).map(({ how, specifier }) => `${how} ${specifier ?? '?'}`);
}

t('every way to import is read', () => {
  assert.equal(found("import { a, type B } from './a.ts';"), ['static ./a.ts']);
  assert.equal(found("import type { a } from './a.ts'; import b from 'b';"), [
    'static ./a.ts',
    'static b',
  ]);
  assert.equal(found("import * as a from 'a'; import './b.ts';"), ['static a', 'static ./b.ts']);
  assert.equal(found("export * from 'a'; export { b } from 'b'; export type { C } from 'c';"), [
    'static a',
    'static b',
    'static c',
  ]);
  assert.equal(found("await import('a'); import(name); let x: import('b').C;"), [
    'dynamic a',
    'dynamic ?',
    'dynamic b',
  ]);
  assert.equal(found('import(`a`); import(`a${b}`);'), ['dynamic a', 'dynamic ?']);
  assert.equal(found("const a = require('a');"), ['require a']);
  assert.equal(found("new URL('./w.ts', import.meta.url); new URL('../data/', import.meta.url);"), [
    'url ./w.ts',
  ]);
  assert.equal(found("const a = 1;\nexport { a };\nimport { b } from 'b';"), ['static b']);
  assert.equal(
    found("// import 'a'\nx.import('b'); ({ from: 'c' }); export const from = 'd';"),
    []
  );
});

t('specifiers resolve against their file, packages against their scope', () => {
  assert.is(resolveImport('ts/lxmf/a.ts', '../base/b.ts'), 'ts/base/b.ts');
  assert.is(resolveImport('ts/lxmf/a.ts', './b.ts'), 'ts/lxmf/b.ts');
  assert.is(resolveImport('ts/lxmf/a.ts', 'zod'), undefined);
  assert.is(packageOf('@noble/hashes/sha2.js'), '@noble/hashes');
  assert.is(packageOf('zod/v4'), 'zod');
});

t('marks of a title are split off, with their parts', () => {
  assert.equal(splitTitle('[x/a] [x/b:p.q] does it [really]'), {
    rows: ['x/a', 'x/b:p.q'],
    text: 'does it [really]',
  });
  assert.equal(splitTitle('[X/a] is no mark').rows, []);
  assert.equal(splitMark('x/b:p'), { row: 'x/b', part: 'p' });
  assert.equal(splitMark('x/b'), { row: 'x/b', part: undefined });
});

const HEAD = "const t = suite('a', import.meta.url);\n";

t('literal titles are read with their marks and lines', () => {
  const { titles, open } = titlesOf('f', `${HEAD}t('[x/a] one', f);\nt.skip(\n  'two', why);`);
  assert.not(open);
  assert.equal(
    titles.map(({ line, pieces, marks, skipped }) => ({ line, pieces, marks, skipped })),
    [
      { line: 2, pieces: ['[x/a] one'], marks: ['x/a'], skipped: false },
      { line: 3, pieces: ['two'], marks: [], skipped: true },
    ]
  );
});

t('a template title matches what it can become, and a joined one its whole', () => {
  const { titles } = titlesOf('f', `${HEAD}t(\`[x/a] size \${n} of \${f(\`y\`)} works\`, f);`);
  assert.equal(titles[0]?.marks, ['x/a']);
  assert.ok(mayRegister(titles, 'size 4 of y works'));
  assert.not(mayRegister(titles, 'size 4 of y fails'));
  const joined = titlesOf('f', `${HEAD}t('[x/a] a (b) ' + 'and c', f);`).titles;
  assert.ok(mayRegister(joined, 'a (b) and c'));
  const computedMark = titlesOf('f', `${HEAD}t(\`[x/\${kind}] works\`, f);`).titles;
  assert.equal(computedMark[0]?.marks, []);
  assert.ok(mayRegister(computedMark, 'works'));
});

t('a title from elsewhere leaves the file open', () => {
  assert.ok(titlesOf('f', `${HEAD}t(name, f);`).open);
  assert.ok(titlesOf('f', `${HEAD}t(x ? 'a' : 'b', f);`).open);
  assert.not(titlesOf('f', `${HEAD}other(name, f); x.t(name, f);`).open);
});

t('a suite handed over is known by its type', () => {
  const { titles } = titlesOf('f', "function add(s: TestSuite): void { s('[x/a] one', f); }");
  assert.equal(titles[0]?.marks, ['x/a']);
});

t.run();
