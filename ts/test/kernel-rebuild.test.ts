/** The committed kernels are what their sources give. Runs once, not for each engine. @module */
// time limit: 300 s
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { assert } from './support/assert.ts';
import { suite } from './support/suite.ts';

const t = suite('kernel/rebuild', import.meta.url);

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Most bytes of all SIMD builds, or the best build of a kernel without one, as shipped. */
const SIZE_LIMIT = 35 * 1024;

interface Entry {
  readonly base64Brotli: number;
  readonly bytes: number;
  readonly flags: readonly string[];
  readonly sha256: string;
}

interface Manifest {
  readonly assemblyscript: string;
  readonly kernels: Readonly<Record<string, Readonly<Record<string, Entry>>>>;
}

const manifest = JSON.parse(readFileSync(`${root}wasm/MANIFEST.json`, 'utf8')) as Manifest;

const entries = Object.entries(manifest.kernels).flatMap(([kernel, builds]) =>
  Object.entries(builds).map(([build, entry]) => ({ kernel, build, entry }))
);

function read(kernel: string, build: string): Buffer {
  return readFileSync(`${root}wasm/${kernel}.${build}.wasm`);
}

t(
  '[tesserae/kernel-rebuild-equal] a rebuild gives the committed files, byte for byte',
  () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['as/build.mjs', '--check'], {
      cwd: root,
      encoding: 'utf8',
    });
    assert.is(stderr, '');
    assert.match(stdout, /^\d+ files checked, 0 problems\n$/);
    assert.is(status, 0);
  },
  280_000
);

t('[tesserae/kernel-rebuild-equal] the manifest states size and hash of every module', () => {
  assert.ok(entries.length > 0);
  for (const { kernel, build, entry } of entries) {
    const bytes = read(kernel, build);
    assert.is(bytes.length, entry.bytes, `${kernel}.${build}`);
    assert.is(createHash('sha256').update(bytes).digest('hex'), entry.sha256);
    assert.ok(entry.flags.includes('--runtime=stub'));
  }
  const files = readdirSync(`${root}wasm`).filter((name) => name.endsWith('.wasm'));
  assert.equal(files.sort(), entries.map(({ kernel, build }) => `${kernel}.${build}.wasm`).sort());
  const { version } = JSON.parse(
    readFileSync(`${root}node_modules/assemblyscript/package.json`, 'utf8')
  ) as { version: string };
  assert.is(manifest.assemblyscript, version);
});

t('the package carries the very modules, in base64', () => {
  for (const { kernel, build } of entries) {
    const text = readFileSync(`${root}ts/kernel/generated/${kernel}-${build}.ts`, 'utf8');
    const [, base64 = ''] = /export const wasm: string =\n {2}'([^']*)';\n/.exec(text) ?? [];
    assert.ok(Buffer.from(base64, 'base64').equals(read(kernel, build)), `${kernel}.${build}`);
  }
});

t('every module imports nothing and exports its memory', () => {
  for (const { kernel, build } of entries) {
    if (build === 'relaxed') continue;
    const module = new WebAssembly.Module(Uint8Array.from(read(kernel, build)));
    assert.equal(WebAssembly.Module.imports(module), [], `${kernel}.${build}`);
    const { memory } = new WebAssembly.Instance(module).exports;
    assert.ok(memory instanceof WebAssembly.Memory);
  }
});

t('the SIMD set is at most 35 KB as shipped, compressed', () => {
  const best = Object.entries(manifest.kernels).map(([kernel, builds]) =>
    read(kernel, 'simd' in builds ? 'simd' : 'scalar')
  );
  const total = best.reduce(
    (sum, bytes) => sum + brotliCompressSync(bytes.toString('base64')).length,
    0
  );
  assert.ok(total <= SIZE_LIMIT, `${total} bytes`);
});

t('the build program refuses a kernel it does not know', () => {
  const given = ['as/build.mjs', '--only', 'sorcery'];
  const { status, stderr } = spawnSync(process.execPath, given, { cwd: root, encoding: 'utf8' });
  assert.is(status, 2);
  assert.match(stderr, /not in asconfig.json: sorcery/);
});

t.run();
