/** The Pangea entry point in a bundle for browsers: no Node built-in, zstd as its web build. @module */
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';
import { assert } from '../support/assert.ts';
import { suite } from '../support/suite.ts';

const t = suite('pangea/bundle', import.meta.url);

const root = fileURLToPath(new URL('../../../', import.meta.url));

t('bundles for browsers with the web build of zstd and without node: imports', async () => {
  const { metafile, errors, warnings, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['ts/pangea/index.ts'],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    splitting: true,
    outdir: 'out',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  assert.equal(errors, []);
  assert.equal(
    warnings.map(({ text }) => text),
    []
  );
  const inputs = Object.keys(metafile.inputs);
  assert.ok(inputs.some((file) => file.endsWith('zstd-wasm/dist/web/index.web.js')));
  assert.not(inputs.some((file) => file.includes('index.node')));
  for (const { imports } of Object.values(metafile.outputs)) {
    assert.equal(
      imports.filter(({ external }) => external === true).map(({ path }) => path),
      []
    );
  }
  // zstd stays apart, to be loaded by whoever compresses.
  const entry = outputFiles.find(({ path }) => path.endsWith('index.js'));
  assert.ok(entry !== undefined && !entry.text.includes('_ZSTD_compress'));
});

t.run();
