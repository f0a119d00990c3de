/** What `package.json` promises to those who install the package, held against the sources. @module */
import { importsOf, packageOf } from '../parity/imports.ts';
import { code } from '../parity/source.ts';
import { assert } from './support/assert.ts';
import { suite } from './support/suite.ts';
import { hasFile, listFiles, readFiles, readText, type SourceFile } from './support/tree.ts';

const t = suite('packaging', import.meta.url);

type Target = string | { readonly [condition: string]: Target };

interface Manifest {
  readonly exports: Readonly<Record<string, Target>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly files: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
  readonly engines: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readText('package.json')) as Manifest;
const build = JSON.parse(readText('ts/tsconfig.build.json')) as { exclude: readonly string[] };

/** The source of a built file: `./dist/lxmf/index.js` and its types come from `ts/lxmf/index.ts`. */
function sourceOf(target: string): string | undefined {
  const match = /^(?:\.\/)?dist\/(.*?)(?:\.d)?\.[jt]s$/.exec(target);
  return match === null ? undefined : `ts/${match[1]}.ts`;
}

function targets(target: Target): string[] {
  return typeof target === 'string' ? [target] : Object.values(target).flatMap(targets);
}

/** Sources that the build compiles into the package. */
function shipped(): SourceFile[] {
  const left = build.exclude.map((path) => `ts/${path.replace(/^\.\//, '')}`);
  return readFiles('ts', ['.ts']).filter(
    ({ file }) => !left.some((path) => file === path || file.startsWith(`${path}/`))
  );
}

/** Packages that `sources` import, each with the first file that does. */
function packagesOf(sources: readonly SourceFile[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const { file, source } of sources) {
    for (const { specifier } of importsOf(code(source))) {
      if (specifier === undefined || /^(?:\.|node:)/.test(specifier)) continue;
      const name = packageOf(specifier);
      if (!found.has(name)) found.set(name, file);
    }
  }
  return found;
}

/** Imports that an installation would not find, and dependencies that nothing imports. */
function dependencyFaults(
  sources: readonly SourceFile[],
  dependencies: Readonly<Record<string, string>>
): string[] {
  const used = packagesOf(sources);
  const missing = [...used]
    .filter(([name]) => !Object.hasOwn(dependencies, name))
    .map(([name, file]) => `${file} imports ${name}, which is no dependency`);
  const idle = Object.keys(dependencies)
    .filter((name) => !used.has(name))
    .map((name) => `nothing that is shipped imports the dependency ${name}`);
  return [...missing, ...idle];
}

t('[tesserae/packaging] each entry point and program has a source', () => {
  const built = [...Object.values(manifest.exports), ...Object.values(manifest.bin)]
    .flatMap(targets)
    .filter((target) => target !== './package.json');
  assert.ok(built.length >= 2);
  for (const target of built) {
    const source = sourceOf(target);
    const exists = source === undefined ? hasFile(target) : hasFile(source);
    assert.ok(exists, `${target} has no source`);
  }
  for (const target of Object.values(manifest.bin)) {
    const source = sourceOf(target) ?? target;
    assert.match(
      readText(source),
      /^#!\/usr\/bin\/env node\n/,
      `${source} has no first line for a shell`
    );
  }
});

t('[tesserae/packaging] each entry point of the sources can be imported by its name', () => {
  const exported = new Set(Object.values(manifest.exports).flatMap(targets).map(sourceOf));
  const entries = listFiles('ts').filter((file) => /^ts\/(?:[a-z]+\/)?index\.ts$/.test(file));
  assert.ok(entries.length > 0);
  for (const file of entries) assert.ok(exported.has(file), `package.json does not export ${file}`);
});

t(
  '[tesserae/packaging] what is shipped imports dependencies only, and each dependency is used',
  () => {
    const sources = shipped();
    assert.ok(sources.length > 10 && sources.every(({ file }) => !file.startsWith('ts/test/')));
    // What a program may install beside the package is asked for at run time, and only then.
    const { dependencies, peerDependencies, peerDependenciesMeta } = manifest;
    for (const name of Object.keys(peerDependencies)) {
      assert.is(peerDependenciesMeta[name]?.optional, true, `${name} is not optional`);
    }
    assert.equal(dependencyFaults(sources, { ...dependencies, ...peerDependencies }), []);
  }
);

t('a development package in shipped code is caught, and an idle dependency', () => {
  const sources = [
    {
      file: 'ts/a.ts',
      source: "import { x } from 'uvu/assert'; import 'node:fs'; import './b.ts';",
    },
  ];
  assert.equal(dependencyFaults(sources, { qr: '1.0.0' }), [
    'ts/a.ts imports uvu, which is no dependency',
    'nothing that is shipped imports the dependency qr',
  ]);
});

t('[tesserae/packaging] versions are exact, and installing runs nothing', () => {
  const all = { ...manifest.dependencies, ...manifest.devDependencies };
  for (const [name, version] of Object.entries(all)) {
    assert.match(version, /^\d+\.\d+\.\d+$/, `${name} ${version}`);
  }
  for (const hook of ['preinstall', 'install', 'postinstall', 'prepare']) {
    assert.not(Object.hasOwn(manifest.scripts, hook), `${hook} would run at the user's`);
  }
  assert.is(manifest.engines['node'], '>=20.19');
});

t('[tesserae/packaging] tests, vectors and generators stay out of the package', () => {
  for (const name of ['test', 'demo', 'parity']) {
    assert.ok(build.exclude.includes(`./${name}`), `the build compiles ts/${name}`);
  }
  for (const { file } of shipped()) {
    assert.not.match(file, /\/gen\//, `the build compiles ${file}`);
  }
  for (const entry of manifest.files) {
    assert.not(['ts', 'golden', 'bench', 'as', '.'].includes(entry), `files lists ${entry}`);
  }
});

t.run();
