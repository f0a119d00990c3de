/** Module matrices in the forms the QR tests meet them in: golden rows, SVG paths, lines of text. @module */
import { fromHex } from '../../base/hex.ts';
import type { QrCode } from '../../qr/code.ts';
import type { RgbaImage } from '../../qr/image.ts';

/** A square of dark (true) and light modules, row by row. */
export type Matrix = readonly (readonly boolean[])[];

/** The modules of a code with `quietZone` light ones around. */
export function matrixOf(code: QrCode, quietZone = 0): Matrix {
  const side = code.size + 2 * quietZone;
  return Array.from({ length: side }, (_, y) =>
    Array.from({ length: side }, (_, x) => code.get(x - quietZone, y - quietZone))
  );
}

/** Rows of packed bits, most significant first, as the golden files hold them. */
export function matrixFromHex(rows: readonly string[]): Matrix {
  return rows.map((row) => {
    const bytes = fromHex(row);
    return Array.from(
      { length: rows.length },
      (_, x) => (((bytes[x >> 3] as number) >> (7 - (x & 7))) & 1) === 1
    );
  });
}

/** One line of `#` and `.` a row, which reads well when a comparison fails. */
export function drawn(matrix: Matrix): string {
  return matrix.map((row) => row.map((dark) => (dark ? '#' : '.')).join('')).join('\n');
}

/** Black and white pixels, `scale` on a side for each module. */
export function pixelsOf(matrix: Matrix, scale: number): RgbaImage {
  const side = matrix.length * scale;
  const data = new Uint8Array(side * side * 4).fill(255);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      if (matrix[Math.floor(y / scale)]?.[Math.floor(x / scale)] !== true) continue;
      data.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3);
    }
  }
  return { width: side, height: side, data };
}

/**
 * Fill an SVG path of `M m h v z` commands by the even-odd rule, one pixel a unit.
 * Throws on any other command, so that it cannot pass over what it does not understand.
 */
export function fillPath(path: string, side: number): Matrix {
  // A vertical edge toggles everything to its right.
  const toggles = Array.from({ length: side }, () => new Uint8Array(side + 1));
  let x = 0;
  let y = 0;
  let start = { x: 0, y: 0 };
  const vertical = (to: number): void => {
    for (let row = Math.min(y, to); row < Math.max(y, to); row++) {
      const line = toggles[row];
      if (line === undefined || x < 0 || x > side) throw new Error('the path leaves the drawing');
      line[x] = (line[x] as number) ^ 1;
    }
    y = to;
  };
  const commands = path.match(/[a-zA-Z][^a-zA-Z]*/g) ?? [];
  if (commands.join('') !== path) throw new Error('the path does not start with a command');
  for (const command of commands) {
    const numbers = (command.slice(1).match(/-?\d+/g) ?? []).map(Number);
    const [first = NaN, second = NaN] = numbers;
    if (command[0] === 'M') start = { x: first, y: second };
    else if (command[0] === 'm') start = { x: x + first, y: y + second };
    else if (command[0] === 'h') x += first;
    else if (command[0] === 'v') vertical(y + first);
    else if (command === 'z') {
      if (x !== start.x && y !== start.y) throw new Error('a polygon closes at a slant');
      vertical(start.y);
      x = start.x;
    } else throw new Error(`path command ${command} is not known here`);
    if (command[0] === 'M' || command[0] === 'm') ({ x, y } = start);
  }
  return toggles.map((line) => {
    let inside = 0;
    return Array.from({ length: side }, (_, column) => {
      inside ^= line[column] as number;
      return inside === 1;
    });
  });
}

/** Read half blocks back: two rows a line, `ink` says whether a drawn half is dark. */
export function fromBlocks(text: string, inkIsDark: boolean): Matrix {
  const rows: boolean[][] = [];
  for (const line of text.split('\n').slice(0, -1)) {
    const upper: boolean[] = [];
    const lower: boolean[] = [];
    for (const character of line) {
      if (!' ▀▄█'.includes(character)) throw new Error(`foreign character ${character}`);
      upper.push((character === '▀' || character === '█') === inkIsDark);
      lower.push((character === '▄' || character === '█') === inkIsDark);
    }
    rows.push(upper, lower);
  }
  const side = rows[0]?.length ?? 0;
  return rows.slice(0, side);
}
