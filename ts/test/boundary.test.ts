/**
 * Who may know whom. The tables below are the documentation; the tests read every import of the
 * sources, types and dynamic imports included, and name the file, the import and the rule. @module
 */
import { importsOf, packageOf, resolveImport, type Import } from '../parity/imports.ts';
import { code, type Token } from '../parity/source.ts';
import { assert } from './support/assert.ts';
import { suite } from './support/suite.ts';
import { hasFile, readFiles, type SourceFile } from './support/tree.ts';

const t = suite('boundary', import.meta.url);

const PURE = ['base', 'codec', 'kernel', 'crypto'];
const PROTOCOLS = ['reticulum', 'lxmf', 'stellar', 'pangea'];
const BELOW_HOST = [...PURE, 'qr', ...PROTOCOLS];

/** What each layer may import besides itself. Everything points down; the families never meet. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  codec: ['base'],
  qr: ['base'],
  kernel: ['base'],
  crypto: ['base', 'kernel'],
  reticulum: PURE,
  lxmf: [...PURE, 'qr', 'reticulum'],
  stellar: PURE,
  pangea: PURE,
  // ts/index.ts, the root entry point.
  index: BELOW_HOST,
  sim: [...PURE, ...PROTOCOLS],
  // Files in ts/host/ itself are what both hosts share.
  host: BELOW_HOST,
  'host/node': [...BELOW_HOST, 'host'],
  'host/browser': [...BELOW_HOST, 'host'],
  cli: [...BELOW_HOST, 'index', 'sim', 'host', 'host/node'],
  demo: [...BELOW_HOST, 'index', 'sim', 'host', 'host/browser'],
  parity: ['base'],
  // Programs that write sources, in folders named gen; nothing imports them.
  gen: ['base'],
  bench: [...BELOW_HOST, 'index', 'sim', 'host', 'host/node', 'test/support'],
  examples: [...BELOW_HOST, 'index', 'host', 'host/node', 'host/browser'],
  'test/support': [
    ...BELOW_HOST,
    'index',
    'sim',
    'host',
    'host/node',
    'host/browser',
    'cli',
    'parity',
  ],
  // Kernels in AssemblyScript share only what lies in as/lib.
  as: ['as/lib'],
  'as/lib': [],
};

/** Layers that may import any file of the repository. */
const MAY_IMPORT_ALL = ['test', 'scripts'];

/** Layers that may compute what they import; elsewhere every import can be read off the text. */
const MAY_COMPUTE = [...MAY_IMPORT_ALL, 'bench'];

/** Where each package may be imported: layers, or single files by pattern. */
const PACKAGES: Readonly<Record<string, readonly (string | RegExp)[]>> = {
  '@noble/ciphers': ['crypto', 'bench', 'test'],
  '@noble/curves': ['crypto', 'bench', 'test'],
  '@noble/hashes': ['crypto', 'bench', 'test'],
  '@msgpack/msgpack': ['codec', 'bench', 'test'],
  qr: ['qr', 'bench', 'test'],
  'zxing-wasm': ['qr', 'bench', 'test'],
  'fast-png': ['qr', 'bench', 'test'],
  zod: ['cli', 'host', 'host/node', 'host/browser', 'parity', 'gen', 'test', 'test/support'],
  ws: ['host/node', 'test'],
  // Optional: a program that has serial ports installs it.
  serialport: ['host/node'],
  'sql.js': [/^ts\/host\/(node|browser)\/sqlite\.ts$/, 'test'],
  'hash-wasm': ['bench', 'test'],
  '@bokuweb/zstd-wasm': [/^ts\/pangea\/ces\/zstd\.ts$/, 'bench', 'test'],
  '@subspace/reed-solomon-erasure.wasm': ['bench', 'test'],
  '@ronomon/reed-solomon': ['bench'],
  '@stellar/stellar-sdk': ['bench', 'test'],
  '@stellar/js-xdr': ['scripts'],
  '@stellar/stellar-base': ['bench', 'test', 'scripts'],
  '@stellarbeat/js-stellar-node-connector': ['bench', 'test'],
  '@stellar/stellar-xdr-json': ['bench', 'test', 'scripts'],
  uvu: ['test', 'test/support'],
  'fast-check': ['test', 'test/support'],
  esbuild: [/^ts\/demo\/build\.ts$/, 'test', 'scripts'],
  'playwright-core': ['test', 'test/support'],
  'axe-core': ['test'],
  prettier: ['gen', 'scripts'],
  assemblyscript: ['test', 'scripts'],
};

/** Layers and files that may import `node:*`. */
const MAY_USE_NODE: readonly (string | RegExp)[] = [
  // Programs that build and serve the page; nothing of the page imports them.
  /^ts\/demo\/(?:build|serve)\.ts$/,
  'host/node',
  'cli',
  'parity',
  'gen',
  'bench',
  'test',
  'test/support',
  'scripts',
];

/** Layers and files that may reach the host by its global objects. */
const MAY_REACH_PROCESS = [
  ...MAY_USE_NODE,
  'examples',
  // The one place of protocol code that asks the host for built-ins and environment.
  /^ts\/kernel\/native\.ts$/,
];
const MAY_TOUCH_PAGE = ['host/browser', 'demo', 'test', /^ts\/kernel\/probe\.ts$/];

const PAGE_OBJECTS = ['window', 'document', 'navigator'];

/** The layer of a file: its folder under `ts/`, or what lies beside `ts/`. */
function layerOf(file: string): string {
  if (/\.[cm]js$/.test(file)) return 'scripts';
  const [top = '', second = '', third = ''] = file.split('/');
  if (top === 'as') return second === 'lib' ? 'as/lib' : 'as';
  if (top !== 'ts') return top;
  if (second === 'index.ts') return 'index';
  if (second !== 'test' && file.includes('/gen/')) return 'gen';
  if (second === 'host' && (third === 'node' || third === 'browser')) return `host/${third}`;
  if (second === 'test') return third === 'support' ? 'test/support' : 'test';
  return second;
}

function allowed(file: string, places: readonly (string | RegExp)[]): boolean {
  const layer = layerOf(file);
  return places.some((place) => (typeof place === 'string' ? place === layer : place.test(file)));
}

/** Every breach of the tables in `sources`, one line each. */
function breaches(
  sources: readonly SourceFile[],
  exists: (file: string) => boolean = () => true
): string[] {
  return sources.flatMap(({ file, source }) => {
    const tokens = code(source);
    const say = (line: number, what: string, rule: string): string =>
      `${file}:${line}: ${what}: ${rule}`;
    const imports = importsOf(tokens).flatMap((one) => {
      const rule = importRule(file, one, exists);
      return rule === undefined ? [] : [say(one.line, describe(one), rule)];
    });
    const globals = tokens.flatMap((token, at) => {
      const rule = globalRule(file, tokens, at);
      return rule === undefined ? [] : [say(token.line, token.text, rule)];
    });
    return [...imports, ...globals];
  });
}

function describe({ specifier, how }: Import): string {
  return `${how === 'static' ? 'imports' : how} ${specifier === undefined ? 'a computed name' : `"${specifier}"`}`;
}

function importRule(
  file: string,
  { specifier, how }: Import,
  exists: (file: string) => boolean
): string | undefined {
  const from = layerOf(file);
  if (specifier === undefined) {
    return MAY_COMPUTE.includes(from) ? undefined : 'an import must name its module literally';
  }
  if (how === 'require' && from !== 'scripts') return 'modules are imported, never required';
  // The URL of a web worker names the built file, because bundlers look for it literally.
  const source = how === 'url' ? specifier.replace(/\.js$/, '.ts') : specifier;
  const path = resolveImport(file, source);
  if (path !== undefined) return pathRule(file, path, exists);
  if (specifier.startsWith('node:')) {
    return allowed(file, MAY_USE_NODE) ? undefined : `${from} must not import Node built-ins`;
  }
  const name = packageOf(specifier);
  const places = Object.hasOwn(PACKAGES, name) ? PACKAGES[name] : undefined;
  if (places === undefined) return `no rule of the table names the package ${name}`;
  return allowed(file, places) ? undefined : `${from} must not import ${name}`;
}

function pathRule(
  file: string,
  path: string,
  exists: (file: string) => boolean
): string | undefined {
  // AssemblyScript leaves the ending off.
  if (!exists(path) && !exists(`${path}.ts`)) return `there is no file ${path}`;
  const [from, to] = [layerOf(file), layerOf(path)];
  if (from === 'as' && to === 'as') return 'a kernel imports only from as/lib';
  if (from === to || MAY_IMPORT_ALL.includes(from) || path.endsWith('.json')) return undefined;
  const below = Object.hasOwn(LAYERS, from) ? LAYERS[from] : undefined;
  if (below === undefined) return `no rule of the table names the layer ${from}`;
  return below.includes(to) ? undefined : `${from} must not import ${to}`;
}

/** Host objects reached without an import. */
function globalRule(file: string, tokens: readonly Token[], at: number): string | undefined {
  const token = tokens[at] as Token;
  if (token.kind !== 'word') return undefined;
  const [before, next] = [tokens[at - 1]?.text, tokens[at + 1]?.text];
  const ofGlobal = before === '.' && tokens[at - 2]?.text === 'globalThis';
  const free = before !== '.' && before !== '?.';
  const used = next === '.' || next === '?.' || next === '[';
  if (
    token.text === 'getBuiltinModule' ||
    (token.text === 'process' && (ofGlobal || (free && used)))
  ) {
    if (allowed(file, MAY_REACH_PROCESS)) return undefined;
    return 'only ts/kernel/native.ts reaches the host process in protocol code';
  }
  if (PAGE_OBJECTS.includes(token.text) && (ofGlobal || (free && used) || before === 'typeof')) {
    if (allowed(file, MAY_TOUCH_PAGE)) return undefined;
    return `${layerOf(file)} must not touch the objects of a page`;
  }
  return undefined;
}

const ENDINGS = ['.ts', '.mts', '.mjs', '.js'];

t('[tesserae/boundaries] no source imports past its layer', () => {
  const sources = ['ts', 'as', 'bench', 'examples', 'golden'].flatMap((folder) =>
    readFiles(folder, ENDINGS)
  );
  assert.ok(sources.length > 20, 'the sources were not found');
  assert.equal(breaches(sources, hasFile), []);
});

t('the table orders the layers without a circle', () => {
  const below = (layer: string, seen: readonly string[] = []): readonly string[] => {
    assert.not(seen.includes(layer), `${[...seen, layer].join(' -> ')} is a circle`);
    return (LAYERS[layer] ?? []).flatMap((next) => [next, ...below(next, [...seen, layer])]);
  };
  for (const layer of Object.keys(LAYERS)) below(layer);
  for (const family of ['lxmf', 'stellar', 'pangea']) {
    for (const other of PROTOCOLS.filter((name) => name !== family)) {
      const knows = below(family).includes(other);
      assert.is(knows, family === 'lxmf' && other === 'reticulum', `${family} knows ${other}`);
    }
  }
  assert.not(below('codec').includes('crypto'));
  assert.not(below('reticulum').includes('lxmf'));
});

/** The one breach of a planted file. */
function planted(file: string, source: string): string | undefined {
  const found = breaches([{ file, source }]);
  assert.ok(found.length <= 1, found.join('\n'));
  return found[0];
}

t('[tesserae/boundaries] a planted import past a layer is named with its rule', () => {
  const cases: readonly [string, string, string][] = [
    ['ts/codec/a.ts', "import { x } from '../crypto/b.ts';", 'codec must not import crypto'],
    ['ts/base/a.ts', "export { x } from '../codec/b.ts';", 'base must not import codec'],
    ['ts/base/a.ts', "export * from '../kernel/b.ts';", 'base must not import kernel'],
    [
      'ts/reticulum/a.ts',
      "import type { M } from '../lxmf/m.ts';",
      'reticulum must not import lxmf',
    ],
    [
      'ts/stellar/a.ts',
      "const x = await import('../pangea/b.ts');",
      'stellar must not import pangea',
    ],
    ['ts/lxmf/a.ts', "type X = import('../sim/b.ts').X;", 'lxmf must not import sim'],
    [
      'ts/lxmf/a.ts',
      "new URL('../host/node/w.ts', import.meta.url);",
      'lxmf must not import host/node',
    ],
    ['ts/qr/a.ts', "import '../kernel/b.ts';", 'qr must not import kernel'],
    ['ts/host/browser/a.ts', "import '../node/b.ts';", 'host/browser must not import host/node'],
    ['ts/crypto/a.ts', "import { z } from 'zod';", 'crypto must not import zod'],
    [
      'ts/kernel/a.ts',
      "import { sha256 } from '@noble/hashes/sha2.js';",
      'kernel must not import @noble/hashes',
    ],
    ['ts/host/node/files.ts', "import x from 'sql.js';", 'host/node must not import sql.js'],
    ['ts/cli/a.ts', "import x from 'left-pad';", 'no rule of the table names the package left-pad'],
    [
      'ts/kernel/native.ts',
      "import { x } from 'node:crypto';",
      'kernel must not import Node built-ins',
    ],
    ['ts/demo/a.ts', "import { x } from 'node:fs';", 'demo must not import Node built-ins'],
    ['ts/lxmf/a.ts', 'const x = await import(name);', 'an import must name its module literally'],
    ['ts/cli/a.ts', "const x = require('./b.ts');", 'modules are imported, never required'],
    ['ts/lxmf/a.ts', 'const x = globalThis.process;', 'only ts/kernel/native.ts reaches'],
    ['ts/lxmf/a.ts', 'const x = process.env;', 'only ts/kernel/native.ts reaches'],
    ['ts/qr/a.ts', "host.getBuiltinModule('fs');", 'only ts/kernel/native.ts reaches'],
    ['ts/qr/a.ts', 'const x = document.body;', 'qr must not touch the objects of a page'],
    ['ts/kernel/a.ts', 'if (typeof window === "object") f();', 'kernel must not touch the objects'],
    ['as/hmac.ts', "import { x } from './stamp';", 'a kernel imports only from as/lib'],
    ['as/hmac.ts', "import { x } from '../ts/base/hex';", 'as must not import base'],
    ['as/lib/a.ts', "import { x } from '../hmac';", 'as/lib must not import as'],
    [
      'ts/other/a.ts',
      "import { x } from '../base/hex.ts';",
      'no rule of the table names the layer other',
    ],
  ];
  for (const [file, source, rule] of cases) {
    const found = planted(file, source) ?? 'nothing found';
    assert.ok(
      found.startsWith(`${file}:1: `) && found.includes(rule),
      `${source}\n  gave ${found}`
    );
  }
});

t('what the tables allow is no breach', () => {
  const cases: readonly [string, string][] = [
    [
      'ts/crypto/a.ts',
      "import { x } from '../kernel/b.ts'; import { y } from '@noble/curves/ed25519.js';",
    ],
    ['ts/lxmf/a.ts', "// import '../sim/b.ts'\nconst text = \"import '../sim/b.ts'\";"],
    ['ts/reticulum/a.ts', 'this.window.grow(); const window = 4; f({ window, document: 1 });'],
    ['ts/kernel/native.ts', 'globalThis.process?.getBuiltinModule;'],
    ['ts/kernel/probe.ts', 'const x = globalThis.navigator;'],
    ['ts/host/browser/a.ts', 'navigator.mediaDevices;'],
    ['ts/host/browser/sqlite.ts', "await import('sql.js');"],
    ['as/hmac.ts', "import { x } from './lib/sha256';"],
    [
      'as/build.mjs',
      "import { readFileSync } from 'node:fs'; import asc from 'assemblyscript/asc';",
    ],
    [
      'ts/test/kernel/a.test.ts',
      "import { x } from '../../stellar/b.ts'; import { suite } from 'uvu';",
    ],
    ['ts/base/a.ts', 'const here = import.meta.url;'],
  ];
  for (const [file, source] of cases) assert.is(planted(file, source), undefined);
});

t('an import of a file that does not exist is named', () => {
  const found = breaches(
    [{ file: 'ts/base/a.ts', source: "import { x } from './b.ts';" }],
    () => false
  );
  assert.equal(found, ['ts/base/a.ts:1: imports "./b.ts": there is no file ts/base/b.ts']);
});

t.run();
