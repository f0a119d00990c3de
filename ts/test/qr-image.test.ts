import { deflateSync } from 'node:zlib';
import { encode } from 'fast-png';
import { concat } from '../base/bytes.ts';
import { fromHex } from '../base/hex.ts';
import { decodeImage, imageFormat, isPng } from '../qr/image.ts';
import { crc32, pngChunk, PNG_SIGNATURE } from '../qr/pngchunk.ts';
import { scanQr } from '../qr/scan.ts';
import { assert, rejectsCode, sameBytes } from './support/assert.ts';
import { eachCase, loadGolden, type GoldenCase } from './support/golden.ts';
import { suite } from './support/suite.ts';

const t = suite('qr images', import.meta.url);

interface Header {
  width: number;
  height: number;
  depth: number;
  colorType: number;
  compression: number;
  filter: number;
  interlace: number;
}

function ihdr(change: Partial<Header> = {}): Uint8Array {
  const h = {
    width: 2,
    height: 2,
    depth: 8,
    colorType: 0,
    compression: 0,
    filter: 0,
    interlace: 0,
  };
  const all: Header = { ...h, ...change };
  const data = new Uint8Array(13);
  const view = new DataView(data.buffer);
  view.setUint32(0, all.width);
  view.setUint32(4, all.height);
  data.set([all.depth, all.colorType, all.compression, all.filter, all.interlace], 8);
  return pngChunk('IHDR', data);
}

const idat = (raw: readonly number[]): Uint8Array =>
  pngChunk('IDAT', new Uint8Array(deflateSync(Uint8Array.from(raw))));
const IEND = pngChunk('IEND', new Uint8Array(0));
const GRAY = [0, 10, 20, 0, 30, 40];

const file = (...chunks: Uint8Array[]): Uint8Array => concat(PNG_SIGNATURE, ...chunks);
const good = (): Uint8Array => file(ihdr(), idat(GRAY), IEND);

/** Eight-bit RGBA of golden pixels, which are in their own bit depth. */
function expectedBytes(item: GoldenCase): Uint8Array {
  const depth = item.out?.['depth'] as number;
  const rows = item.out?.['rgba'] as number[][];
  const max = 2 ** depth - 1;
  return Uint8Array.from(rows.flat(), (v) => (depth === 16 ? v >> 8 : Math.round((v * 255) / max)));
}

t('decodes every color type, depth, interlace and row filter that other writers make', async () => {
  const waiting: Promise<void>[] = [];
  eachCase(loadGolden('qr', 'png'), (item) => {
    const check = async (): Promise<void> => {
      const image = await decodeImage(fromHex(item.in['png'] as string));
      assert.is(image.width, item.out?.['width'], item.id);
      assert.is(image.height, item.out?.['height'], item.id);
      sameBytes(image.data as Uint8Array, expectedBytes(item), item.id);
    };
    waiting.push(check());
  });
  await Promise.all(waiting);
});

t(
  '[lxmf/qr-helper-text-render] reads the PNG files that the image back ends behind as_qr write',
  async () => {
    const waiting: Promise<void>[] = [];
    eachCase(
      loadGolden('qr', 'codes'),
      (item) => {
        const check = async (): Promise<void> => {
          const image = await decodeImage(fromHex(item.out?.['png'] as string));
          assert.equal(await scanQr(image), [item.in['text']], item.id);
        };
        waiting.push(check());
      },
      (item) => item.out?.['png'] !== undefined
    );
    await Promise.all(waiting);
  }
);

t('agrees with another encoder on eight and sixteen bits', async () => {
  for (const channels of [1, 2, 3, 4]) {
    const bytes = Uint8Array.from({ length: 5 * 4 * channels }, (_, i) => (i * 37) & 255);
    const words = Uint16Array.from(bytes, (v) => v * 257);
    const base = { width: 5, height: 4, channels };
    const eight = await decodeImage(encode({ ...base, data: bytes, depth: 8 }));
    const sixteen = await decodeImage(encode({ ...base, data: words, depth: 16 }));
    sameBytes(eight.data as Uint8Array, sixteen.data as Uint8Array);
    assert.is(eight.data[0], 0);
    assert.is(eight.data[4], (37 * channels) & 255);
  }
});

t('takes the pixels from split data chunks and ignores what it need not know', async () => {
  const packed = new Uint8Array(deflateSync(Uint8Array.from(GRAY)));
  const parts = [...packed].map((byte) => pngChunk('IDAT', Uint8Array.of(byte)));
  const note = pngChunk('tEXt', Uint8Array.of(65, 0, 66));
  note[note.length - 1] = (note[note.length - 1] as number) ^ 1;
  const image = await decodeImage(file(ihdr(), note, ...parts, IEND, Uint8Array.of(1, 2, 3)));
  sameBytes(image.data as Uint8Array, '0a0a0aff141414ff1e1e1eff282828ff');
});

t('reads a file that lies inside a larger buffer', async () => {
  const bytes = concat(new Uint8Array(7), good(), new Uint8Array(9));
  const image = await decodeImage(bytes.subarray(7, 7 + good().length));
  assert.is(image.data[4], 20);
});

t('excess pixel data are ignored, a missing byte is not', async () => {
  assert.is((await decodeImage(file(ihdr(), idat([...GRAY, 1, 2, 3]), IEND))).width, 2);
  const error = await rejectsCode(
    () => decodeImage(file(ihdr(), idat(GRAY.slice(0, -1)), IEND)),
    'IMAGE_FORMAT'
  );
  assert.match(error.message, 'truncated');
});

t('names the format of files it does not read', async () => {
  for (const [start, name] of [
    ['ffd8ffe000104a464946', 'JPEG'],
    ['474946383961', 'GIF'],
    ['52494646100000005745425056503820', 'WebP'],
    ['424d3600', 'BMP'],
    ['49492a00', 'TIFF'],
    ['4d4d002a', 'TIFF'],
    ['0000002066747970617669660000', 'AVIF'],
    ['0000002066747970686569630000', 'HEIC'],
    ['0000000c4a584c20', 'JPEG XL'],
    ['255044462d312e37', 'PDF'],
    ['3c73766720786d6c', 'SVG'],
  ] as const) {
    const bytes = concat(fromHex(start), new Uint8Array(40));
    assert.is(imageFormat(bytes), name);
    assert.is(isPng(bytes), false);
    const error = await rejectsCode(() => decodeImage(bytes), 'IMAGE_FORMAT');
    assert.match(error.message, `this is a ${name} file, only PNG can be read here`);
  }
  for (const bytes of [new Uint8Array(0), Uint8Array.of(1, 2, 3), good().subarray(0, 7)]) {
    const error = await rejectsCode(() => decodeImage(bytes), 'IMAGE_FORMAT');
    assert.match(error.message, 'not an image file that can be read');
  }
});

t('refuses too many pixels by the header alone', async () => {
  const wide = (width: number, height: number): Uint8Array =>
    file(ihdr({ width, height }), idat(GRAY), IEND);
  for (const [width, height] of [
    [0xffffffff, 0xffffffff],
    [8001, 8000],
    [0x7fffffff, 1],
  ] as const) {
    const error = await rejectsCode(() => decodeImage(wide(width, height)), 'IMAGE_FORMAT');
    assert.match(error.message, `${width} x ${height} pixels, more than 64000000`);
  }
  const before = process.memoryUsage().arrayBuffers;
  const error = await rejectsCode(() => decodeImage(wide(8000, 8000)), 'IMAGE_FORMAT');
  assert.match(error.message, 'truncated', 'the data could never fill the header');
  assert.ok(process.memoryUsage().arrayBuffers - before < 64_000_000, 'nothing was allocated');
  await rejectsCode(() => decodeImage(good(), { maxPixels: 3 }), 'IMAGE_FORMAT');
  assert.is((await decodeImage(good(), { maxPixels: 4 })).width, 2);
});

t('a deflate bomb is read no further than the header announced', async () => {
  const bomb = pngChunk('IDAT', new Uint8Array(deflateSync(new Uint8Array(200_000_000))));
  const before = process.memoryUsage().arrayBuffers;
  const image = await decodeImage(file(ihdr(), bomb, IEND));
  assert.is(image.data.length, 16);
  assert.ok(process.memoryUsage().arrayBuffers - before < 50_000_000);
});

t('refuses headers that no PNG can have', async () => {
  for (const change of [
    { width: 0 },
    { height: 0 },
    { depth: 3 },
    { depth: 32 },
    { colorType: 1 },
    { colorType: 7 },
    { colorType: 3, depth: 16 },
    { colorType: 2, depth: 4 },
    { compression: 1 },
    { filter: 1 },
    { interlace: 2 },
  ]) {
    await rejectsCode(
      () => decodeImage(file(ihdr(change), idat(GRAY), IEND)),
      'IMAGE_FORMAT',
      JSON.stringify(change)
    );
  }
});

t('refuses broken structure with the place where it broke', async () => {
  const palette = pngChunk('PLTE', new Uint8Array(6));
  const broken: [string, Uint8Array, RegExp][] = [
    ['no header', file(idat(GRAY), IEND), /first PNG chunk is not IHDR \(at byte 8\)/],
    ['no data', file(ihdr(), IEND), /holds no pixels/],
    ['no end', file(ihdr(), idat(GRAY)), /ends before its IEND chunk/],
    ['no palette', file(ihdr({ colorType: 3 }), idat(GRAY), IEND), /palette is missing/],
    ['short palette', file(ihdr({ colorType: 3 }), palette, idat(GRAY), IEND), /palette entry 10/],
    ['odd palette', file(ihdr(), pngChunk('PLTE', new Uint8Array(7)), idat(GRAY), IEND), /palette/],
    ['two palettes', file(ihdr(), palette, palette, idat(GRAY), IEND), /palette is malformed/],
    ['filter', file(ihdr(), idat([5, 1, 2, 0, 3, 4]), IEND), /row filter 5/],
    [
      'critical',
      file(ihdr(), pngChunk('CgBI', new Uint8Array(4)), IEND),
      /chunk CgBI is not known/,
    ],
    ['not zlib', file(ihdr(), pngChunk('IDAT', Uint8Array.of(1, 2, 3)), IEND), /corrupt|truncated/],
    ['type', file(ihdr(), pngChunk('ID\u0000T', new Uint8Array(1)), IEND), /not four letters/],
  ];
  for (const [name, bytes, message] of broken) {
    const error = await rejectsCode(() => decodeImage(bytes), 'IMAGE_FORMAT', name);
    assert.match(error.message, message, name);
  }
});

t('every truncation and every flipped bit of a small file is refused or harmless', async () => {
  const whole = good();
  for (let length = 0; length < whole.length; length++) {
    await rejectsCode(() => decodeImage(whole.subarray(0, length)), 'IMAGE_FORMAT', `${length}`);
  }
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const bytes = whole.slice();
    bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
    await rejectsCode(() => decodeImage(bytes), 'IMAGE_FORMAT', `bit ${bit}`);
  }
});

t('the checksum is the one of the PNG standard', () => {
  // The check value of CRC-32, and the IEND chunk that ends every PNG file.
  assert.is(crc32(new TextEncoder().encode('123456789')), 0xcbf43926);
  sameBytes(IEND, '0000000049454e44ae426082');
});

t.run();
