/**
 * The pixel half of a PNG decoder: takes inflated bytes in pieces of any size, undoes the row filters
 * and writes RGBA. Source: PNG (W3C, third edition), sections 7 to 9. @module
 */
import { ProtocolError } from '../base/errors.ts';

/** What the chunks before the pixel data say. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits a sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  /** 0 gray, 2 RGB, 3 palette, 4 gray with alpha, 6 RGB with alpha. */
  readonly colorType: number;
  readonly interlaced: boolean;
  /** PLTE: three bytes an entry. */
  readonly palette?: Uint8Array | undefined;
  /** tRNS: alpha of palette entries, or the one color (16 bits a sample) that is transparent. */
  readonly transparency?: Uint8Array | undefined;
}

/** A sparse picture within the picture: every `dx`-th column and `dy`-th row from (x, y). */
interface Pass {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
  readonly width: number;
  readonly height: number;
}

const ADAM7: readonly (readonly [x: number, y: number, dx: number, dy: number])[] = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Bytes that the pixel data inflate to: a filter byte and the packed samples of each row. */
export function rawSize(header: PngHeader): number {
  return passesOf(header).reduce(
    (sum, pass) => sum + pass.height * (1 + rowBytes(header, pass.width)),
    0
  );
}

/** Turns inflated PNG data into pixels as they come. */
export class PixelWriter {
  /** `width * height * 4` bytes: red, green, blue, alpha. */
  readonly pixels: Uint8Array;
  readonly #header: PngHeader;
  readonly #passes: readonly Pass[];
  readonly #step: number;
  #pass = 0;
  #line = 0;
  // The row being gathered, filter byte first, and the one above it without filter byte.
  #row: Uint8Array;
  #above: Uint8Array;
  #filled = 0;

  constructor(header: PngHeader) {
    this.#header = header;
    this.#passes = passesOf(header);
    this.#step = Math.max(1, (samplesOf(header) * header.depth) >> 3);
    this.pixels = new Uint8Array(header.width * header.height * 4);
    const first = rowBytes(header, this.#passes[0]?.width ?? 0);
    this.#row = new Uint8Array(first + 1);
    this.#above = new Uint8Array(first);
  }

  /** Whether every row has been written. */
  get done(): boolean {
    return this.#pass >= this.#passes.length;
  }

  /**
   * Take the next piece; excess bytes are ignored.
   * @returns whether more is wanted
   * @throws ProtocolError `IMAGE_FORMAT` on a filter or palette index that does not exist
   */
  push(piece: Uint8Array): boolean {
    for (let at = 0; at < piece.length && !this.done;) {
      const take = Math.min(piece.length - at, this.#row.length - this.#filled);
      this.#row.set(piece.subarray(at, at + take), this.#filled);
      this.#filled += take;
      at += take;
      if (this.#filled === this.#row.length) this.#finishRow();
    }
    return !this.done;
  }

  #finishRow(): void {
    const pass = this.#passes[this.#pass] as Pass;
    const row = this.#row.subarray(1);
    unfilter(this.#row[0] as number, row, this.#above, this.#step);
    writeRow(this.#header, pass, this.#line, row, this.pixels);
    this.#above.set(row);
    this.#filled = 0;
    this.#line += 1;
    if (this.#line < pass.height) return;
    this.#line = 0;
    this.#pass += 1;
    const next = this.#passes[this.#pass];
    if (next === undefined) return;
    const size = rowBytes(this.#header, next.width);
    this.#row = new Uint8Array(size + 1);
    this.#above = new Uint8Array(size);
  }
}

function samplesOf(header: PngHeader): number {
  return SAMPLES[header.colorType] as number;
}

function rowBytes(header: PngHeader, width: number): number {
  return Math.ceil((width * samplesOf(header) * header.depth) / 8);
}

function passesOf(header: PngHeader): Pass[] {
  const { width, height } = header;
  if (!header.interlaced) return [{ x: 0, y: 0, dx: 1, dy: 1, width, height }];
  return ADAM7.map(([x, y, dx, dy]) => ({
    x,
    y,
    dx,
    dy,
    width: Math.ceil((width - x) / dx),
    height: Math.ceil((height - y) / dy),
  })).filter((pass) => pass.width > 0 && pass.height > 0);
}

/** Undo a row filter in place (section 9.2); bytes left of the row and above the picture are zero. */
function unfilter(filter: number, row: Uint8Array, above: Uint8Array, step: number): void {
  if (filter > 4) throw new ProtocolError('IMAGE_FORMAT', `PNG row filter ${filter} is not known`);
  if (filter === 0) return;
  for (let i = 0; i < row.length; i++) {
    const left = i >= step ? (row[i - step] as number) : 0;
    const up = above[i] as number;
    let guess = left;
    if (filter === 2) guess = up;
    else if (filter === 3) guess = (left + up) >> 1;
    else if (filter === 4) guess = paeth(left, up, i >= step ? (above[i - step] as number) : 0);
    row[i] = (row[i] as number) + guess;
  }
}

function paeth(left: number, up: number, corner: number): number {
  const base = left + up - corner;
  const a = Math.abs(base - left);
  const b = Math.abs(base - up);
  const c = Math.abs(base - corner);
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

/** Spread one unfiltered row over the picture as RGBA. */
function writeRow(
  header: PngHeader,
  pass: Pass,
  line: number,
  row: Uint8Array,
  pixels: Uint8Array
): void {
  const { depth, colorType, palette, transparency } = header;
  const samples = samplesOf(header);
  const scale = depth < 8 ? 255 / ((1 << depth) - 1) : 1;
  const key = colorKey(header);
  let to = ((pass.y + line * pass.dy) * header.width + pass.x) * 4;
  for (let i = 0; i < pass.width; i++, to += pass.dx * 4) {
    const at = i * samples;
    const first = sample(row, at, depth);
    if (colorType === 3) {
      if (first * 3 + 2 >= (palette?.length ?? 0)) {
        throw new ProtocolError('IMAGE_FORMAT', `PNG palette entry ${first} does not exist`);
      }
      for (let c = 0; c < 3; c++) pixels[to + c] = palette?.[first * 3 + c] ?? 0;
      pixels[to + 3] = transparency?.[first] ?? 255;
      continue;
    }
    const color = colorType === 2 || colorType === 6;
    const second = color ? sample(row, at + 1, depth) : first;
    const third = color ? sample(row, at + 2, depth) : first;
    pixels[to] = byteOf(first, depth, scale);
    pixels[to + 1] = byteOf(second, depth, scale);
    pixels[to + 2] = byteOf(third, depth, scale);
    if (colorType >= 4) pixels[to + 3] = byteOf(sample(row, at + samples - 1, depth), depth, 1);
    else pixels[to + 3] = isKey(key, first, second, third) ? 0 : 255;
  }
}

function sample(row: Uint8Array, index: number, depth: number): number {
  if (depth === 8) return row[index] as number;
  if (depth === 16) return ((row[index * 2] as number) << 8) | (row[index * 2 + 1] as number);
  const bit = index * depth;
  return ((row[bit >> 3] as number) >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
}

function byteOf(value: number, depth: number, scale: number): number {
  return depth === 16 ? value >> 8 : value * scale;
}

/** The one transparent color of a gray or RGB picture, if it has one. */
function colorKey(header: PngHeader): readonly [number, number, number] | undefined {
  const { colorType, transparency } = header;
  const need = colorType === 0 ? 2 : 6;
  if (colorType > 2 || transparency === undefined || transparency.length < need) return undefined;
  const first = sample(transparency, 0, 16);
  if (colorType === 0) return [first, first, first];
  return [first, sample(transparency, 1, 16), sample(transparency, 2, 16)];
}

function isKey(
  key: readonly [number, number, number] | undefined,
  red: number,
  green: number,
  blue: number
): boolean {
  return key !== undefined && key[0] === red && key[1] === green && key[2] === blue;
}
