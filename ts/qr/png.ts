/** A QR code as a PNG file: one bit a pixel, whole pixels a module, with its print size inside. @module */
import { encode } from 'fast-png';
import { assertInteger, concat } from '../base/bytes.ts';
import type { QrCode } from './code.ts';
import { pngChunk } from './pngchunk.ts';
import { assertMillimeters, QUIET_ZONE, sideModules } from './print.ts';

/** Choices of {@link qrToPng}. */
export interface PngOptions {
  /** Pixels a module; 8 by default, or what reaches 300 dots an inch when `mm` is given. */
  readonly scale?: number;
  /** Width of the print in millimeters, quiet zone included; written into the file's pHYs chunk. */
  readonly mm?: number;
  /** Light modules on each side; 4 by default, as the standard asks. */
  readonly quietZone?: number;
}

const PRINT_DOTS_PER_MM = 300 / 25.4;
const MAX_SCALE = 64;
const DEFAULT_SCALE = 8;

// Signature (8) and IHDR (12 + 13): pHYs must come after IHDR and before IDAT.
const AFTER_IHDR = 33;

/** Draw a code black on white as a grayscale PNG of one bit a pixel. */
export function qrToPng(code: QrCode, options: PngOptions = {}): Uint8Array {
  const quietZone = options.quietZone ?? QUIET_ZONE;
  const side = sideModules(code.size, quietZone);
  const scale = scaleOf(side, options);
  const pixels = side * scale;
  const file = encode(
    { width: pixels, height: pixels, data: pack(code, quietZone, scale), depth: 1, channels: 1 },
    { zlib: { level: 9 } }
  );
  // The encoder hands out its own growing buffer; a copy is exact and stays put.
  if (options.mm === undefined) return file.slice();
  const density = physicalSize(pixels, options.mm);
  return concat(file.subarray(0, AFTER_IHDR), density, file.subarray(AFTER_IHDR));
}

function scaleOf(side: number, options: PngOptions): number {
  if (options.mm !== undefined) assertMillimeters('mm', options.mm);
  if (options.scale !== undefined) {
    assertInteger('scale', options.scale, 1, MAX_SCALE);
    return options.scale;
  }
  if (options.mm === undefined) return DEFAULT_SCALE;
  const wanted = Math.ceil((options.mm * PRINT_DOTS_PER_MM) / side);
  return Math.min(MAX_SCALE, Math.max(2, wanted));
}

/** Rows of bits, most significant first, 1 is white, each row padded to whole bytes. */
function pack(code: QrCode, quietZone: number, scale: number): Uint8Array {
  const pixels = (code.size + 2 * quietZone) * scale;
  const rowBytes = Math.ceil(pixels / 8);
  const out = new Uint8Array(rowBytes * pixels);
  const row = new Uint8Array(rowBytes);
  for (let line = 0; line < pixels; line += scale) {
    row.fill(0);
    const y = line / scale - quietZone;
    for (let x = 0; x < pixels; x++) {
      if (code.get(Math.floor(x / scale) - quietZone, y)) continue;
      row[x >> 3] = (row[x >> 3] as number) | (0x80 >> (x & 7));
    }
    for (let i = 0; i < scale; i++) out.set(row, (line + i) * rowBytes);
  }
  return out;
}

/** pHYs: pixels a meter on both axes, and the mark that the unit is the meter. */
function physicalSize(pixels: number, mm: number): Uint8Array {
  const perMeter = Math.max(1, Math.round((pixels * 1000) / mm));
  const data = new Uint8Array(9);
  const view = new DataView(data.buffer);
  view.setUint32(0, perMeter);
  view.setUint32(4, perMeter);
  data[8] = 1;
  return pngChunk('pHYs', data);
}
