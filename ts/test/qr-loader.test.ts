// Apart from the reader's other tests: here the thorough decoder must not have been loaded before.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { encodeQr } from '../qr/code.ts';
import { scanQr } from '../qr/scan.ts';
import { assert, rejectsCode } from './support/assert.ts';
import { photograph } from './support/photograph.ts';
import { suite } from './support/suite.ts';

const t = suite('qr reader, loading', import.meta.url);
const wasmPath = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm');
const CLEAN = photograph(encodeQr('lxm://clean'), { module: 4 });
const MIRRORED = photograph(encodeQr('lxm://mirrored'), { module: 4, mirrored: true });

t('a loader that fails costs only what the quick decoder cannot read', async () => {
  const zxingWasm = (): Promise<Uint8Array> => Promise.reject(new Error('no such file'));
  assert.equal(await scanQr(CLEAN, { zxingWasm }), ['lxm://clean']);
  const error = await rejectsCode(() => scanQr(MIRRORED, { zxingWasm }), 'QR_NOT_FOUND');
  assert.match(error.message, 'the thorough one could not run');
  assert.is((error.cause as Error).message, 'no such file');
});

t('bytes that are no WebAssembly fail in silence and without a network request', async () => {
  const fetched: unknown[] = [];
  const printed: unknown[] = [];
  const { fetch } = globalThis;
  const { error: log } = console;
  globalThis.fetch = (input): Promise<Response> => {
    fetched.push(input);
    return Promise.reject(new Error('offline'));
  };
  console.error = (...args: unknown[]): void => void printed.push(args);
  try {
    const zxingWasm = (): Promise<Uint8Array> => Promise.resolve(new Uint8Array(100));
    await rejectsCode(() => scanQr(MIRRORED, { zxingWasm }), 'QR_NOT_FOUND');
  } finally {
    globalThis.fetch = fetch;
    console.error = log;
  }
  assert.equal(fetched, []);
  assert.equal(printed, []);
});

t('after a failure the next call may load it, and once loaded nobody is asked again', async () => {
  let asked = 0;
  const fetched: unknown[] = [];
  const { fetch } = globalThis;
  globalThis.fetch = (input): Promise<Response> => {
    fetched.push(input);
    return Promise.reject(new Error('offline'));
  };
  const zxingWasm = async (): Promise<Uint8Array> => {
    asked += 1;
    return new Uint8Array(await readFile(wasmPath));
  };
  try {
    assert.equal(await scanQr(MIRRORED, { zxingWasm }), ['lxm://mirrored']);
    assert.equal(await scanQr(MIRRORED, { zxingWasm }), ['lxm://mirrored']);
  } finally {
    globalThis.fetch = fetch;
  }
  assert.is(asked, 1);
  assert.equal(fetched, []);
});

t.run();
