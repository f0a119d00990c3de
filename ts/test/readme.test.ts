// time limit: 120 s
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from './support/suite.ts';
import { assert } from './support/assert.ts';

const t = suite('README', import.meta.url);
const root = fileURLToPath(new URL('../../', import.meta.url));
const readme = readFileSync(`${root}README.md`, 'utf8');
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  exports: Record<string, string | { default: string }>;
};

/** The source behind a subpath such as `tesserae/lxmf`. */
function sourceOf(specifier: string): string {
  const entry = manifest.exports[specifier.replace(/^tesserae/, '.')];
  if (entry === undefined) throw new Error(`${specifier} is not exported`);
  const built = typeof entry === 'string' ? entry : entry.default;
  return built.replace('./dist/', `${root}ts/`).replace(/\.js$/, '.ts');
}

const blocks = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1] as string);

for (const [i, block] of blocks.entries()) {
  const subpath = /'(tesserae(?:\/[a-z]+)+)'/.exec(block)?.[1] ?? 'tesserae';
  t(
    `example ${i + 1} (${subpath}) runs and prints what its comments say`,
    () => {
      const folder = `${root}.build/readme`;
      mkdirSync(folder, { recursive: true });
      const file = `${folder}/example-${i + 1}.ts`;
      writeFileSync(
        file,
        block.replace(/'(tesserae(?:\/[a-z]+)*)'/g, (_, name: string) => `'${sourceOf(name)}'`)
      );
      const printed = execFileSync(process.execPath, ['--import', 'tsx', file], {
        cwd: root,
        encoding: 'utf8',
      });
      rmSync(file);
      for (const [, expected] of block.matchAll(/^console\.log.*; \/\/ (.*)$/gm)) {
        assert.ok(printed.includes(expected as string), `printed ${printed}, not ${expected}`);
      }
    },
    60_000
  );
}

t('every exported subpath of code has an example', () => {
  for (const subpath of Object.keys(manifest.exports)) {
    if (subpath === '.' || subpath === './package.json' || subpath.startsWith('./wasm/')) continue;
    assert.ok(readme.includes(`'tesserae${subpath.slice(1)}'`), `${subpath} has no example`);
  }
});

t('every file that the README links to exists', () => {
  for (const [, target] of readme.matchAll(/\]\((?!http)([^)#]+)\)/g)) {
    readFileSyncOrFolder(`${root}${target as string}`);
  }
});

function readFileSyncOrFolder(path: string): void {
  execFileSync('test', ['-e', path]);
}

t.run();
