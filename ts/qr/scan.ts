/**
 * Pixels to the texts of all QR codes in them. Two decoders: `qr`, small and quick, and ZXing in
 * WebAssembly, which is 950 KB, reads damaged photographs and every code of a crowded sheet, and is
 * loaded only when asked for, from bytes that the host hands in: nothing here reaches for the network.
 * @module
 */
import { decodeQRBatch } from 'qr/decode.js';
import type { ReaderOptions } from 'zxing-wasm/reader';
import { ProtocolError } from '../base/errors.ts';
import type { RgbaImage } from './image.ts';

/** Choices of {@link scanQr}. */
export interface ScanOptions {
  /**
   * Supplies `zxing_reader.wasm` of the installed `zxing-wasm` package and so turns the thorough
   * decoder on; asked once, at its first use. Without it only the quick decoder runs.
   */
  readonly zxingWasm?: () => Promise<Uint8Array>;
  /**
   * Run the thorough decoder only when the quick one reads nothing: cheapest for camera frames, but
   * codes beside the first may be missed.
   */
  readonly firstOnly?: boolean;
}

// The quick decoder refuses longer sides; larger pictures are averaged down for it.
const QUICK_MAX_SIDE = 4096;

// Pictures up to this side are also tried enlarged: codes of one or two pixels a module.
const ENLARGE_MAX_SIDE = 700;

const ZXING_OPTIONS: ReaderOptions = {
  formats: ['QRCode'],
  textMode: 'Plain',
  characterSet: 'UTF8',
  tryDenoise: true,
};

// Retries of the quick decoder; counted, so that the result does not depend on the machine's speed.
const QUICK_EFFORT = 16;

/**
 * Read the QR codes in a picture, each text once.
 *
 * With the thorough decoder rotated, mirrored, tilted, noisy and transparent codes are found too.
 * Transparent pixels are taken as white, and if that shows nothing as black.
 * @throws ProtocolError `QR_NOT_FOUND` when there is none to be read; RangeError when `image.data` is
 * not `width * height * 4` bytes
 */
export async function scanQr(image: RgbaImage, options: ScanOptions = {}): Promise<string[]> {
  assertImage(image);
  let unavailable: unknown;
  for (const view of views(image)) {
    const texts = new Set(await quickScan(view));
    const enough = texts.size > 0 && options.firstOnly === true;
    if (options.zxingWasm !== undefined && !enough) {
      try {
        const reader = await zxing(options.zxingWasm);
        for (const text of await reader(view)) texts.add(text);
      } catch (error) {
        // The quick decoder's finds still count; the reason is told when there are none.
        unavailable = error;
      }
    }
    if (texts.size > 0) return [...texts];
  }
  throw new ProtocolError(
    'QR_NOT_FOUND',
    unavailable === undefined
      ? 'the picture shows no QR code that can be read'
      : 'the quick decoder finds no QR code, and the thorough one could not run',
    { cause: unavailable }
  );
}

function assertImage(image: RgbaImage): void {
  const { width, height, data } = image;
  if (!(width > 0) || !(height > 0) || data.length !== width * height * 4) {
    throw new RangeError(
      `"image.data" must be width * height * 4 bytes, got ${data.length} for ${width} x ${height}`
    );
  }
}

/** The picture as it is looked at, likeliest first: its backgrounds, then enlarged if it is small. */
function* views(image: RgbaImage): Generator<RgbaImage, void, undefined> {
  const small = Math.max(image.width, image.height) <= ENLARGE_MAX_SIDE;
  for (const flat of flattened(image)) {
    yield flat;
    if (small) yield enlarged(flat, 3);
  }
}

/** The picture on white and, if anything in it is transparent, also on black. */
function* flattened(image: RgbaImage): Generator<RgbaImage, void, undefined> {
  let transparent = false;
  for (let i = 3; i < image.data.length && !transparent; i += 4) {
    transparent = (image.data[i] as number) < 255;
  }
  if (!transparent) {
    yield image;
    return;
  }
  yield onBackground(image, 255);
  yield onBackground(image, 0);
}

function onBackground(image: RgbaImage, background: number): RgbaImage {
  const data = new Uint8Array(image.data.length);
  for (let i = 0; i < data.length; i += 4) {
    const alpha = image.data[i + 3] as number;
    const rest = background * (255 - alpha);
    for (let c = 0; c < 3; c++) {
      data[i + c] = Math.round(((image.data[i + c] as number) * alpha + rest) / 255);
    }
    data[i + 3] = 255;
  }
  return { width: image.width, height: image.height, data };
}

async function quickScan(image: RgbaImage): Promise<string[]> {
  const factor = Math.ceil(Math.max(image.width, image.height) / QUICK_MAX_SIDE);
  const fit = factor > 1 ? shrunk(image, factor) : image;
  const [results = []] = await decodeQRBatch([fit], {
    format: 'RGBA',
    effort: QUICK_EFFORT,
    timeLimit: Infinity,
    maxSize: { width: fit.width, height: fit.height },
  });
  // The list ends with the reason why the search ended, which is an Error.
  return results.filter((result) => typeof result === 'string');
}

/** Average `factor` by `factor` pixels into one; a rest at the right and lower edge is dropped. */
function shrunk(image: RgbaImage, factor: number): RgbaImage {
  const width = Math.max(1, Math.floor(image.width / factor));
  const height = Math.max(1, Math.floor(image.height / factor));
  const data = new Uint8Array(width * height * 4);
  const across = Math.min(factor, image.width);
  const down = Math.min(factor, image.height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 4; c++) {
        let sum = 0;
        for (let v = 0; v < down; v++) {
          const row = ((y * factor + v) * image.width + x * factor) * 4 + c;
          for (let u = 0; u < across; u++) sum += image.data[row + u * 4] as number;
        }
        data[(y * width + x) * 4 + c] = Math.round(sum / (across * down));
      }
    }
  }
  return { width, height, data };
}

/** Repeat each pixel `factor` times in both directions. */
function enlarged(image: RgbaImage, factor: number): RgbaImage {
  const width = image.width * factor;
  const height = image.height * factor;
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / factor) * image.width;
    for (let x = 0; x < width; x++) {
      const from = (row + Math.floor(x / factor)) * 4;
      for (let c = 0; c < 4; c++) data[(y * width + x) * 4 + c] = image.data[from + c] as number;
    }
  }
  return { width, height, data };
}

type Reader = (image: RgbaImage) => Promise<string[]>;

let loaded: Promise<Reader> | undefined;

/** Load ZXing once, from the bytes that the host supplies; a failure is forgotten, so that it can be retried. */
function zxing(wasm: () => Promise<Uint8Array>): Promise<Reader> {
  loaded ??= load(wasm).catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

async function load(wasm: () => Promise<Uint8Array>): Promise<Reader> {
  const module = await import('zxing-wasm/reader');
  const bytes = new Uint8Array(await wasm());
  await module.prepareZXingModule({
    overrides: {
      wasmBinary: bytes.buffer,
      // The package would otherwise name a file on a public server.
      locateFile: (path: string) => path,
      // A library must not write to the program's output; failures are thrown as well.
      print: () => undefined,
      printErr: () => undefined,
    },
    fireImmediately: true,
  });
  return async ({ width, height, data }) => {
    // Outside browsers there is no ImageData to construct; the package reads these fields only.
    const pixels = { width, height, data: new Uint8ClampedArray(data), colorSpace: 'srgb' };
    const found = await module.readBarcodes(pixels as ImageData, ZXING_OPTIONS);
    return found.filter((code) => code.isValid).map((code) => code.text);
  };
}
