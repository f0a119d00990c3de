/**
 * Synthetic photographs of QR codes: turned, tilted, blurred, noisy, unevenly lit, reproducible from
 * a seed. They stand in for a camera where there is none. @module
 */
import { SeededRandom } from '../../base/random.ts';
import type { QrCode } from '../../qr/code.ts';
import type { RgbaImage } from '../../qr/image.ts';

/** How a code is photographed; everything left out is perfect. */
export interface Shot {
  /** Pixels a module where nothing is tilted. */
  readonly module: number;
  readonly quietZone?: number;
  readonly degrees?: number;
  /** How much narrower the far edge is than the near one, 0 to below 1. */
  readonly tilt?: number;
  /** Standard deviation of the noise, in gray levels. */
  readonly noise?: number;
  /** Passes of a 3 x 3 box blur. */
  readonly blur?: number;
  /** How many gray levels the light falls off from the left to the right edge. */
  readonly shade?: number;
  readonly inverted?: boolean;
  readonly mirrored?: boolean;
  readonly seed?: number;
}

// Samples of a pixel on a side; three keep the edges gray enough.
const SAMPLES = 3;

/** Photograph a code; the picture holds it whole with its quiet zone. */
export function photograph(code: QrCode, shot: Shot): RgbaImage {
  const quiet = shot.quietZone ?? 4;
  const side = (code.size + 2 * quiet) * shot.module;
  const angle = ((shot.degrees ?? 0) * Math.PI) / 180;
  const spread = Math.abs(Math.sin(angle)) + Math.abs(Math.cos(angle));
  const size = Math.ceil(side * spread);
  const gray = new Float64Array(size * size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      gray[y * size + x] = exposure(code, shot, quiet, side, size, angle, x, y);
    }
  }
  return develop(blurred(gray, size, shot.blur ?? 0), size, shot);
}

function exposure(
  code: QrCode,
  shot: Shot,
  quiet: number,
  side: number,
  size: number,
  angle: number,
  x: number,
  y: number
): number {
  let light = 0;
  for (let s = 0; s < SAMPLES * SAMPLES; s++) {
    const dx = x + ((s % SAMPLES) + 0.5) / SAMPLES - size / 2;
    const dy = y + (Math.floor(s / SAMPLES) + 0.5) / SAMPLES - size / 2;
    // Undo the turn, then the tilt: lines nearer the top are shorter and closer together.
    let u = (dx * Math.cos(angle) + dy * Math.sin(angle)) / side;
    let v = (dy * Math.cos(angle) - dx * Math.sin(angle)) / side;
    const depth = 1 - (shot.tilt ?? 0) * (0.5 - v);
    u /= depth;
    v = (v + 0.5) / depth - 0.5;
    const column = Math.floor((u + 0.5) * (code.size + 2 * quiet)) - quiet;
    const row = Math.floor((v + 0.5) * (code.size + 2 * quiet)) - quiet;
    const dark = code.get(shot.mirrored === true ? code.size - 1 - column : column, row);
    if (dark === (shot.inverted === true)) light += 1;
  }
  return (light / (SAMPLES * SAMPLES)) * 225 + 15;
}

function blurred(gray: Float64Array, size: number, passes: number): Float64Array {
  let from = gray;
  for (let pass = 0; pass < passes; pass++) {
    const to = new Float64Array(from.length);
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        let sum = 0;
        for (let dy = -1; dy <= 1; dy++) {
          for (let dx = -1; dx <= 1; dx++) {
            const v = Math.min(size - 1, Math.max(0, y + dy));
            const u = Math.min(size - 1, Math.max(0, x + dx));
            sum += from[v * size + u] as number;
          }
        }
        to[y * size + x] = sum / 9;
      }
    }
    from = to;
  }
  return from;
}

function develop(gray: Float64Array, size: number, shot: Shot): RgbaImage {
  const random = new SeededRandom(shot.seed ?? 1);
  const data = new Uint8ClampedArray(size * size * 4);
  for (let i = 0; i < gray.length; i++) {
    const fall = (shot.shade ?? 0) * ((i % size) / size);
    // The sum of four uniform draws is close enough to a normal one; its deviation is 1 / sqrt(3).
    const draw = random.float() + random.float() + random.float() + random.float() - 2;
    const level = (gray[i] as number) - fall + draw * Math.sqrt(3) * (shot.noise ?? 0);
    data.fill(level, i * 4, i * 4 + 3);
    data[i * 4 + 3] = 255;
  }
  return { width: size, height: size, data };
}

/** Lay pictures side by side on a white sheet with a gap around each. */
export function sheet(pictures: readonly RgbaImage[], columns: number, gap = 20): RgbaImage {
  const cell = Math.max(...pictures.map((p) => Math.max(p.width, p.height))) + 2 * gap;
  const rows = Math.ceil(pictures.length / columns);
  const width = cell * columns;
  const height = cell * rows;
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  pictures.forEach((picture, index) => {
    const left = (index % columns) * cell + gap;
    const top = Math.floor(index / columns) * cell + gap;
    for (let y = 0; y < picture.height; y++) {
      const line = picture.data.subarray(y * picture.width * 4, (y + 1) * picture.width * 4);
      data.set(line, ((top + y) * width + left) * 4);
    }
  });
  return { width, height, data };
}
