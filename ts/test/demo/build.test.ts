import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { buildPage } from '../../demo/build.ts';
import { serveFiles } from '../../demo/serve.ts';
import { chanceWithin, duration, moment, short, shortHash } from '../../demo/model/format.ts';
import { suite } from '../support/suite.ts';
import { assert } from '../support/assert.ts';

const t = suite('demo build', import.meta.url);

const FIRST_LOAD_LIMIT = 120 * 1024;

/** What the first visit fetches before the page can be used. */
const FIRST_LOAD = ['index.html', 'page.css', 'page.js', 'icon.svg', 'manifest.webmanifest'];

t('[tesserae/demo-size] the first load stays below 120 KiB of brotli', async () => {
  const { hosted } = await buildPage();
  const sizes = FIRST_LOAD.map((name) => {
    const bytes = hosted.get(name);
    assert.ok(bytes !== undefined, `${name} is missing`);
    return brotliCompressSync(bytes as Uint8Array).length;
  });
  const total = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(total <= FIRST_LOAD_LIMIT, `${total} bytes`);
  // The workers come later, the large decoder only when it is needed; all of it is there.
  for (const name of ['stamp-worker.js', 'scan-worker.js', 'zxing_reader.wasm', 'offline.js']) {
    assert.ok(hosted.has(name), name);
  }
});

t(
  '[tesserae/demo-size] the same sources build the same bytes, and all files are in the offline list',
  async () => {
    const [one, two] = [await buildPage(), await buildPage()];
    assert.equal([...one.hosted.keys()], [...two.hosted.keys()]);
    for (const [name, bytes] of one.hosted) {
      assert.ok(Buffer.from(bytes).equals(two.hosted.get(name) as Uint8Array), `${name} differs`);
    }
    assert.is(one.single, two.single);
    const offline = new TextDecoder().decode(one.hosted.get('offline.js'));
    for (const name of one.hosted.keys()) {
      const listed = name === 'index.html' ? '"./"' : `"${name}"`;
      assert.ok(name === 'offline.js' || offline.includes(listed), `${name} is not kept`);
    }
  }
);

t(
  '[tesserae/demo-policy] no built file names a place outside, but for the namespaces of XML and licenses',
  async () => {
    const { hosted, single } = await buildPage();
    const texts: [string, string][] = [['demo.html', single]];
    for (const [name, bytes] of hosted) {
      if (/\.(?:js|css|html|webmanifest)$/.test(name))
        texts.push([name, new TextDecoder().decode(bytes)]);
    }
    for (const [name, text] of texts) {
      const code = text.replace(/<!--[\s\S]*?-->/g, '');
      const places = [...code.matchAll(/https?:\/\/([\w.-]+)/g)].map(([, host]) => host as string);
      const foreign = places.filter((host) => !NAMED.includes(host));
      assert.equal([...new Set(foreign)], [], name);
    }
  }
);

/** `w3.org` names XML vocabularies; the other is the address that ZXing would use were it not given its bytes. */
const NAMED = ['www.w3.org', 'fastly.jsdelivr.net'];

t('[tesserae/demo-policy] the built page carries the terms of all that is in it', async () => {
  const { hosted, single } = await buildPage();
  const licenses = new TextDecoder().decode(hosted.get('licenses.txt'));
  for (const name of [
    'tesserae',
    '@noble/curves',
    '@noble/ciphers',
    '@noble/hashes',
    'qr',
    'zxing-wasm',
  ]) {
    assert.ok(new RegExp(`^${name}\\b`, 'm').test(licenses), `${name} is not named`);
  }
  assert.ok(single.includes('zxing-wasm (MIT)'));
});

t('[tesserae/demo-serve] a taken port and a bad one are told in one line', async () => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
  const { port } = blocker.address() as AddressInfo;
  const script = fileURLToPath(new URL('../../demo/serve.ts', import.meta.url));
  const run = (value: string): { status: number | null; stderr: string } =>
    spawnSync(process.execPath, ['--import', 'tsx', script], {
      env: { ...process.env, PORT: value },
      encoding: 'utf8',
      timeout: 20_000,
    });
  const taken = run(String(port));
  assert.is(taken.status, 1);
  assert.is(taken.stderr, `port ${port} is taken; choose another with PORT=${port + 1}\n`);
  const bad = run('soon');
  assert.is(bad.status, 2);
  assert.match(bad.stderr, /^PORT must be a number .*\n$/);
  blocker.close();
});

t('[tesserae/demo-serve] only this machine is served', async () => {
  const { hosted } = await buildPage();
  const server = await serveFiles({ port: 0, files: hosted });
  assert.match(server.url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
  const head = await fetch(server.url, { method: 'HEAD' });
  assert.is(head.status, 200);
  assert.is(await head.text(), '');
  await server.close();
});

t('numbers and times are said as people say them', () => {
  assert.equal([0, 950, 1250, 36_100, 12_345_678, 2e9].map(short), [
    '0',
    '950',
    '1.25 k',
    '36.1 k',
    '12.3 M',
    '2.00 G',
  ]);
  assert.equal([0.4, 1, 89, 90, 5399, 5400, 200_000].map(duration), [
    'less than a second',
    '1 second',
    '89 seconds',
    '2 minutes',
    '90 minutes',
    '2 hours',
    '2 days',
  ]);
  assert.is(moment(Number.NaN), 'unknown time');
  assert.is(moment(1e300), 'unknown time');
  assert.match(moment(1_790_000_000), /2026/);
  assert.is(shortHash(new Uint8Array(16).fill(0xab)), 'abababab…abab');
  assert.ok(Math.abs(chanceWithin(65_536, 65_536) - 0.632) < 0.001);
});

t.run();
