/** Containers in a real browser: read there what Node made, and the other way round. @module */
// time limit: 120 s
import { build } from 'esbuild';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { fromHex, toHex } from '../../base/hex.ts';
import { SeededRandom } from '../../base/random.ts';
import { decodeCompat, encodeCompat } from '../../pangea/ces/compat.ts';
import { openContainer } from '../../pangea/ces/container.ts';
import { decodeBytes } from '../../pangea/ces/decode.ts';
import { encode } from '../../pangea/ces/encode.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { chromiumPath, closeBrowsers, launchBrowser, openPage } from '../support/browser.ts';
import { MemoryShards, collect, streamOf } from '../support/shards.ts';
import { suite } from '../support/suite.ts';

const t = suite('pangea/browser', import.meta.url);

const root = fileURLToPath(new URL('../../../', import.meta.url));
const random = new SeededRandom(156);

/** What the page does, as the text of its one script. */
const SCRIPT = `
import * as pangea from './ts/pangea/index.ts';
import { systemRandom } from './ts/base/random.ts';
import { fromHex, toHex } from './ts/base/hex.ts';
import { engineReport } from './ts/kernel/loader.ts';
pangea.placeZstdWasm('/zstd.wasm');
globalThis.engines = async () => [
  await pangea.zstdEngine(),
  ...engineReport().map(({ kernel, engine }) => kernel + ' ' + engine),
];
globalThis.readContainer = async ({ manifest, shards, key }) => {
  const container = await pangea.openContainer(fromHex(manifest), { key: fromHex(key) });
  const read = async ({ stripe, shard }) => {
    const hex = shards[stripe + '/' + shard];
    return hex === undefined ? undefined : fromHex(hex);
  };
  return toHex(await pangea.decodeBytes(container, { read }));
};
globalThis.makeContainer = async ({ file, key }) => {
  const source = new Blob([fromHex(file)]).stream();
  const configuration = { stripeBytes: 4096 };
  const locks = [{ key: fromHex(key) }, { passphrase: 'page', cost: { logN: 4, r: 8, p: 1 } }];
  const encoding = pangea.encode(source, { locks, random: systemRandom, configuration });
  const shards = {};
  const reader = encoding.stripes.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    for (const { stripe, shard, bytes } of value.shards) shards[stripe + '/' + shard] = toHex(bytes);
  }
  return { shards, manifest: toHex((await encoding.manifest).bytes) };
};
globalThis.makeCompat = async ({ file, key }) => {
  const shape = { key: fromHex(key), dataShards: 8, parityShards: 4 };
  return (await pangea.encodeCompat(fromHex(file), shape, systemRandom)).map(toHex);
};
globalThis.readCompat = async ({ shards, key }) => {
  const shape = { key: fromHex(key), dataShards: 8, parityShards: 4 };
  const given = shards.map((hex) => (hex === null ? undefined : fromHex(hex)));
  return toHex(await pangea.decodeCompat(given, shape));
};
`;

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: SCRIPT, resolveDir: root, loader: 'js' },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

async function serve(): Promise<Server> {
  const script = await bundle();
  const zstd = fileURLToPath(import.meta.resolve('@bokuweb/zstd-wasm')).replace(
    /dist\/.*$/,
    'dist/web/zstd.wasm'
  );
  const files: Record<string, [type: string, body: string | Uint8Array]> = {
    '/': [
      'text/html',
      '<!doctype html><title>t</title><script type="module" src="/a.js"></script>',
    ],
    '/a.js': ['text/javascript', script],
    '/zstd.wasm': ['application/wasm', readFileSync(zstd)],
  };
  const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";
  const server = createServer(({ url = '/' }, response) => {
    const found = files[url];
    if (found === undefined)
      return void response.writeHead(url === '/favicon.ico' ? 204 : 404).end();
    response.writeHead(200, { 'content-type': found[0], 'content-security-policy': policy });
    response.end(found[1]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const file = new TextEncoder().encode('from one side to the other; '.repeat(700));
const noise = random.bytes(9000);
const key = random.bytes(32);
const hexes = ({ kept }: MemoryShards, lost: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    [...kept].filter(([at]) => !lost.includes(at)).map(([at, b]) => [at, toHex(b)])
  );

const title =
  'a page and Node read each other’s containers, under a policy that allows WebAssembly alone';

async function visit(): Promise<void> {
  const server = await serve();
  try {
    const { port } = server.address() as AddressInfo;
    const { page, watch } = await openPage(await launchBrowser(), `http://127.0.0.1:${port}/`);
    const call = <T>(name: string, input?: unknown): Promise<T> =>
      page.evaluate(
        ([which, value]) =>
          (globalThis as unknown as Record<string, (value: unknown) => unknown>)[which as string]?.(
            value
          ),
        [name, input] as const
      ) as Promise<T>;
    for (const contents of [file, noise, new Uint8Array(0)]) {
      const configuration = { stripeBytes: 4096 };
      const made = await collect(
        encode(streamOf(contents), { locks: [{ key }], random, configuration })
      );
      const manifest = toHex(made.manifest.bytes);
      const shards = hexes(made.shards, ['0/0', '0/3', '0/7', '0/9']);
      const there = await call<string>('readContainer', { manifest, shards, key: toHex(key) });
      assert.is(there, toHex(contents));

      const input = { file: toHex(contents), key: toHex(key) };
      const back = await call<{ manifest: string; shards: Record<string, string> }>(
        'makeContainer',
        input
      );
      const store = new MemoryShards();
      for (const [at, hex] of Object.entries(back.shards)) store.kept.set(at, fromHex(hex));
      store.lose({ stripe: 0, shard: 1 });
      for (const unlock of [{ key }, { passphrase: 'page' }]) {
        const container = await openContainer(fromHex(back.manifest), unlock);
        sameBytes(await decodeBytes(container, store), contents);
      }

      const shape = { key, dataShards: 8, parityShards: 4 };
      const compat = await encodeCompat(contents, shape, random);
      const given = compat.map((shard, i) => (i % 3 === 0 ? null : toHex(shard)));
      assert.is(await call('readCompat', { shards: given, key: toHex(key) }), toHex(contents));
      const theirs = (await call<string[]>('makeCompat', input)).map(fromHex);
      sameBytes(await decodeCompat(theirs, shape), contents);
    }
    const engines = await call<string[]>('engines');
    assert.ok(engines.includes('zstd-wasm') && engines.includes('chacha simd'), engines.join());
    assert.ok(engines.some((engine) => /^reed-solomon (?:simd|relaxed)$/.test(engine)));
    assert.equal(watch.faults, []);
  } finally {
    await closeBrowsers();
    server.close();
  }
}

if (chromiumPath() === undefined) t.skip(title, 'no browser is installed');
else t(title, visit, 100_000);

t.run();
