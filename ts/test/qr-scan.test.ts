import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { decodeQR } from 'qr/decode.js';
import { SeededRandom } from '../base/random.ts';
import { toBase64Url } from '../base/base64url.ts';
import { encodeQr } from '../qr/code.ts';
import type { RgbaImage } from '../qr/image.ts';
import { scanQr } from '../qr/scan.ts';
import { assert, rejectsCode } from './support/assert.ts';
import { eachCase, loadGolden } from './support/golden.ts';
import { photograph, sheet, type Shot } from './support/photograph.ts';
import { matrixFromHex, matrixOf, pixelsOf } from './support/qrmatrix.ts';
import { suite } from './support/suite.ts';

const t = suite('qr reader', import.meta.url);
const wasmPath = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm');
const zxingWasm = async (): Promise<Uint8Array> => new Uint8Array(await readFile(wasmPath));

/** A paper URI of `length` characters. */
function uri(length: number, seed = 1): string {
  return ('lxm://' + toBase64Url(new SeededRandom(seed).bytes(length))).slice(0, length);
}

const PHONE: Shot = { module: 3.3, degrees: 3.4, tilt: 0.06, noise: 12, blur: 1, shade: 70 };

const DAMAGE: Readonly<Record<string, Shot>> = {
  clean: { module: 4 },
  small: { module: 2.2 },
  'one pixel a module': { module: 1 },
  'turned 20 degrees': { module: 4, degrees: 20 },
  'turned 45 degrees': { module: 4, degrees: 45 },
  'turned 90 degrees': { module: 4, degrees: 90 },
  'upside down': { module: 4, degrees: 180 },
  tilted: { module: 4, tilt: 0.15 },
  noisy: { module: 4, noise: 40 },
  blurred: { module: 4, blur: 2 },
  inverted: { module: 4, inverted: true },
  mirrored: { module: 4, mirrored: true },
  'border of one module': { module: 4, quietZone: 1 },
  'unevenly lit': { module: 4, shade: 120 },
  phone: PHONE,
};

for (const length of [262, 806, 2953]) {
  t(
    `reads a code of ${length} bytes photographed in every way`,
    async () => {
      const text = uri(length);
      const code = encodeQr(text);
      for (const [name, shot] of Object.entries(DAMAGE)) {
        // Only noise differs from shot to shot.
        for (const seed of shot.noise === undefined ? [1] : [1, 2, 3]) {
          const found = await scanQr(photograph(code, { ...shot, seed }), { zxingWasm });
          assert.equal(found, [text], `${name}, seed ${seed}`);
        }
      }
    },
    120_000
  );
}

t('the quick decoder alone reads clean, inverted, turned, noisy and blurred codes', async () => {
  const text = uri(806);
  const code = encodeQr(text);
  for (const name of ['clean', 'small', 'inverted', 'turned 20 degrees', 'noisy', 'blurred']) {
    assert.equal(await scanQr(photograph(code, DAMAGE[name] as Shot)), [text], name);
  }
});

t(
  '[lxmf/qr-helper-text-render] reads the matrices that the encoder behind as_qr draws, border and all',
  async () => {
    const waiting: Promise<void>[] = [];
    eachCase(
      loadGolden('qr', 'codes'),
      (item) => {
        const matrix = matrixFromHex(item.out?.['rows'] as readonly string[]);
        const check = async (): Promise<void> => {
          for (const scale of [1, 3]) {
            const image = pixelsOf(matrix, scale);
            assert.equal(await scanQr(image), [item.in['text']], `${item.id} quick, ${scale}`);
            assert.equal(await scanQr(image, { zxingWasm }), [item.in['text']], item.id);
          }
        };
        waiting.push(check());
      },
      (item) => item.out?.['rows'] !== undefined
    );
    await Promise.all(waiting);
  }
);

t('other decoders read what we draw', async () => {
  const zxing = await import('zxing-wasm/reader');
  for (const length of [1, 20, 154, 520, 1732, 2953]) {
    const text = uri(length);
    const image = pixelsOf(matrixOf(encodeQr(text), 4), 3);
    assert.is(decodeQR({ ...image, data: new Uint8Array(image.data) }), text);
    const [read] = await zxing.readBarcodes(
      { ...image, data: new Uint8ClampedArray(image.data), colorSpace: 'srgb' } as ImageData,
      { formats: ['QRCode'], tryHarder: false }
    );
    assert.is(read?.text, text);
    const extra = JSON.parse(read?.extra ?? '{}') as { Version?: string; ECLevel?: string };
    assert.is(extra.Version, String(encodeQr(text).version));
    assert.is(extra.ECLevel, encodeQr(text).level);
  }
});

t('reads all codes of a sheet, damaged ones beside clean ones, each text once', async () => {
  const texts = [262, 100, 520, 61, 300, 150].map((length, i) => uri(length, i + 10));
  const pictures = texts.map((text, i) =>
    photograph(encodeQr(text), i % 2 === 0 ? { module: 3 } : { ...PHONE, seed: i })
  );
  const twice = [...pictures, pictures[0] as RgbaImage, pictures[2] as RgbaImage];
  const found = await scanQr(sheet(twice, 3), { zxingWasm });
  assert.equal([...found].sort(), [...texts].sort());
});

t('firstOnly leaves the thorough decoder asleep once something was read', async () => {
  const image = photograph(encodeQr('lxm://one'), { module: 4 });
  const never = (): Promise<Uint8Array> => Promise.reject(new Error('must not be asked'));
  assert.equal(await scanQr(image, { zxingWasm: never, firstOnly: true }), ['lxm://one']);
});

t(
  'a transparent background counts as white for dark codes and as black for light ones',
  async () => {
    const text = 'lxm://transparent';
    for (const ink of [0, 255]) {
      const image = pixelsOf(matrixOf(encodeQr(text), 4), 4);
      const data = new Uint8Array(image.data.length);
      for (let i = 0; i < data.length; i += 4) {
        if (image.data[i] === 0) data.set([ink, ink, ink, 255], i);
      }
      assert.equal(await scanQr({ ...image, data }), [text], `ink ${ink}`);
    }
  }
);

t(
  'reads a code in a picture larger than the quick decoder takes',
  async () => {
    const text = 'lxm://large';
    const code = photograph(encodeQr(text), { module: 12 });
    const canvas = sheet([code], 1, 2000);
    assert.ok(canvas.width > 4096);
    assert.equal(await scanQr(canvas), [text]);
  },
  60_000
);

t('a picture without code is QR_NOT_FOUND, whatever is in it', async () => {
  const random = new SeededRandom(5);
  const pictures: RgbaImage[] = [
    { width: 1, height: 1, data: new Uint8Array(4) },
    { width: 1, height: 300, data: new Uint8Array(1200).fill(255) },
    { width: 300, height: 2, data: new Uint8Array(2400) },
    { width: 200, height: 200, data: new Uint8Array(160_000).fill(255) },
    { width: 200, height: 200, data: random.bytes(160_000) },
  ];
  for (const picture of pictures) {
    await rejectsCode(() => scanQr(picture), 'QR_NOT_FOUND');
    await rejectsCode(() => scanQr(picture, { zxingWasm }), 'QR_NOT_FOUND');
  }
});

t('half a code is not read', async () => {
  const whole = photograph(encodeQr(uri(806)), { module: 4 });
  const half = new Uint8Array(whole.data.length).fill(255);
  half.set(whole.data.subarray(0, (whole.height >> 1) * whole.width * 4));
  await rejectsCode(() => scanQr({ ...whole, data: half }, { zxingWasm }), 'QR_NOT_FOUND');
});

t("pixels that do not fit the size are the caller's mistake", async () => {
  let caught: unknown;
  await scanQr({ width: 3, height: 3, data: new Uint8Array(35) }).catch((e) => (caught = e));
  assert.instance(caught, RangeError);
  assert.match((caught as Error).message, '"image.data" must be width * height * 4 bytes, got 35');
});

t.run();
