/**
 * Image files into pixels, for the QR reader: PNG of every color type, depth and interlace, decoded
 * within limits. Other formats are recognized and named, not decoded; a browser decodes those itself.
 * @module
 */
import { ProtocolError } from '../base/errors.ts';
import { isCritical, PNG_SIGNATURE, pngChunks } from './pngchunk.ts';
import { PixelWriter, rawSize, type PngHeader } from './pngpixels.ts';

/** Pixels row by row from the top left, four bytes each: red, green, blue, alpha (not premultiplied). */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** Limits of {@link decodeImage}. */
export interface ImageLimits {
  /** Most pixels accepted; 64 million by default. Checked before anything of that size is allocated. */
  readonly maxPixels?: number;
}

/** Pixels that {@link decodeImage} accepts by default. */
export const MAX_PIXELS = 64_000_000;

// Deflate cannot expand by more than this (RFC 1951: 258 bytes from 2 bits), so a header that asks
// for more than the data could ever give is refused before the pixels are allocated.
const MAX_EXPANSION = 1032;

/** Bit depths that a color type allows: gray, RGB, palette, gray with alpha, RGB with alpha. */
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

const MAGIC: readonly (readonly [name: string, offset: number, bytes: string])[] = [
  ['PNG', 0, '\x89PNG'],
  ['JPEG', 0, '\xff\xd8\xff'],
  ['GIF', 0, 'GIF8'],
  ['WebP', 8, 'WEBP'],
  ['BMP', 0, 'BM'],
  ['TIFF', 0, 'II*\0'],
  ['TIFF', 0, 'MM\0*'],
  ['AVIF', 4, 'ftypavif'],
  ['HEIC', 4, 'ftyphei'],
  ['HEIC', 4, 'ftypmif1'],
  ['JPEG XL', 0, '\xff\x0a'],
  ['JPEG XL', 4, 'JXL '],
  ['PDF', 0, '%PDF-'],
  ['SVG', 0, '<svg'],
  ['SVG or other XML', 0, '<?xml'],
];

/** Name an image format by its first bytes, or `undefined` when they match none that is known. */
export function imageFormat(bytes: Uint8Array): string | undefined {
  const found = MAGIC.find(([, offset, magic]) =>
    [...magic].every((character, i) => bytes[offset + i] === character.charCodeAt(0))
  );
  return found?.[0];
}

/** Whether bytes start with the PNG signature. */
export function isPng(bytes: Uint8Array): boolean {
  return PNG_SIGNATURE.every((byte, i) => bytes[i] === byte);
}

/**
 * Decode an image file into pixels.
 *
 * Memory stays near four bytes a pixel: rows are inflated and converted one at a time, so a file
 * cannot make the decoder hold more than its header announced.
 * @throws ProtocolError `IMAGE_FORMAT` when the file is not a PNG (naming the format found), is
 * truncated, corrupt, or larger than `maxPixels`
 */
export async function decodeImage(bytes: Uint8Array, limits: ImageLimits = {}): Promise<RgbaImage> {
  if (!isPng(bytes)) {
    const found = imageFormat(bytes);
    fail(
      found === undefined || found === 'PNG'
        ? 'this is not an image file that can be read (PNG is)'
        : `this is a ${found} file, only PNG can be read here`
    );
  }
  const { header, data } = collect(bytes, limits.maxPixels ?? MAX_PIXELS);
  const packed = data.reduce((sum, part) => sum + part.length, 0);
  if (rawSize(header) > (packed + 1) * MAX_EXPANSION) fail('the PNG pixel data are truncated');
  const writer = new PixelWriter(header);
  await inflate(data, (chunk) => writer.push(chunk));
  if (!writer.done) fail('the PNG pixel data are truncated');
  return { width: header.width, height: header.height, data: writer.pixels };
}

function collect(
  file: Uint8Array,
  maxPixels: number
): { header: PngHeader; data: readonly Uint8Array<ArrayBuffer>[] } {
  let header: PngHeader | undefined;
  let palette: Uint8Array | undefined;
  let transparency: Uint8Array | undefined;
  const data: Uint8Array<ArrayBuffer>[] = [];
  for (const chunk of pngChunks(file)) {
    if (header === undefined) {
      if (chunk.type !== 'IHDR') fail('the first PNG chunk is not IHDR', chunk.offset);
      header = readHeader(chunk.data, maxPixels);
    } else if (chunk.type === 'PLTE') {
      if (palette !== undefined || data.length > 0 || !isPalette(chunk.data)) {
        fail('the PNG palette is malformed', chunk.offset);
      }
      palette = chunk.data;
    } else if (chunk.type === 'tRNS') {
      transparency = chunk.data;
    } else if (chunk.type === 'IDAT') {
      data.push(new Uint8Array(chunk.data));
    } else if (chunk.type !== 'IEND' && isCritical(chunk.type)) {
      fail(`PNG chunk ${chunk.type} is not known`, chunk.offset);
    }
  }
  if (header === undefined || data.length === 0) fail('the PNG file holds no pixels');
  if (header.colorType === 3 && palette === undefined) fail('the PNG palette is missing');
  return { header: { ...header, palette, transparency }, data };
}

function readHeader(data: Uint8Array, maxPixels: number): PngHeader {
  if (data.length !== 13) fail(`the PNG header has ${data.length} bytes instead of 13`);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const width = view.getUint32(0);
  const height = view.getUint32(4);
  const [depth, colorType, compression, filter, interlace] = data.subarray(8);
  if (width === 0 || height === 0) fail('the PNG image has no pixels');
  if (width * height > maxPixels) {
    fail(`the PNG image has ${width} x ${height} pixels, more than ${maxPixels}`);
  }
  if (depth === undefined || colorType === undefined || !DEPTHS[colorType]?.includes(depth)) {
    fail(`PNG color type ${colorType} does not exist with ${depth} bits`);
  }
  if (compression !== 0 || filter !== 0 || (interlace !== 0 && interlace !== 1)) {
    fail('the PNG header names a method that does not exist');
  }
  return { width, height, depth, colorType, interlaced: interlace === 1 };
}

function isPalette(data: Uint8Array): boolean {
  return data.length > 0 && data.length % 3 === 0 && data.length <= 768;
}

/**
 * Inflate zlib data piece by piece until `sink` has had enough.
 * @param sink - takes a piece and says whether it wants more
 */
async function inflate(
  parts: readonly Uint8Array<ArrayBuffer>[],
  sink: (piece: Uint8Array) => boolean
): Promise<void> {
  let next = 0;
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller): void {
      const part = parts[next++];
      if (part === undefined) controller.close();
      else controller.enqueue(part);
    },
  });
  const reader = source.pipeThrough(new DecompressionStream('deflate')).getReader();
  try {
    for (;;) {
      const piece = await reader.read();
      if (piece.done || !sink(piece.value)) break;
    }
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    throw new ProtocolError('IMAGE_FORMAT', 'the PNG pixel data are corrupt', { cause: error });
  } finally {
    // Whatever is left, excess data or a broken stream, is of no interest any more.
    await reader.cancel().catch(() => undefined);
  }
}

function fail(message: string, offset?: number): never {
  throw new ProtocolError('IMAGE_FORMAT', message, { offset });
}
