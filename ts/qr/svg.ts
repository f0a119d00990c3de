/**
 * A QR code as an SVG document: one path that follows the outlines of the dark areas, so that no
 * seams show between modules at any zoom, and the file stays small. @module
 */
import type { QrCode } from './code.ts';
import { assertMillimeters, QUIET_ZONE, sideModules } from './print.ts';

/** Choices of {@link qrToSvg}. */
export interface SvgOptions {
  /** Width of the drawing in millimeters, quiet zone included; without it the drawing fills its box. */
  readonly mm?: number;
  /** Light modules on each side; 4 by default, as the standard asks. */
  readonly quietZone?: number;
  /** What screen readers say; `QR code` by default. */
  readonly title?: string;
}

/**
 * Draw a code black on white as an SVG document, independent of the page's colors.
 *
 * One unit of the view box is one module, the quiet zone is part of it.
 */
export function qrToSvg(code: QrCode, options: SvgOptions = {}): string {
  const quietZone = options.quietZone ?? QUIET_ZONE;
  const side = sideModules(code.size, quietZone);
  let box = '';
  if (options.mm !== undefined) {
    assertMillimeters('mm', options.mm);
    box = ` width="${options.mm}mm" height="${options.mm}mm"`;
  }
  return (
    `<svg xmlns="http://www.w3.org/2000/svg"${box} viewBox="0 0 ${side} ${side}" role="img" ` +
    `shape-rendering="crispEdges"><title>${escapeXml(options.title ?? 'QR code')}</title>` +
    `<path fill="#fff" d="M0 0h${side}v${side}h-${side}z"/>` +
    `<path fill="#000" fill-rule="evenodd" d="${outlines(code, quietZone)}"/></svg>\n`
  );
}

/** Escape text for XML; characters that XML 1.0 cannot carry become U+FFFD. */
function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The boundary between dark and light as closed polygons, for the even-odd fill rule. */
function outlines(code: QrCode, quietZone: number): string {
  const edges = new Edges(code);
  const parts: string[] = [];
  let from = { x: 0, y: 0 };
  for (let y = 0; y <= code.size; y++) {
    for (let x = 0; x < code.size; x++) {
      if (!edges.right(x, y)) continue;
      const start = { x: x + quietZone, y: y + quietZone };
      const absolute = `M${start.x} ${start.y}`;
      const relative = `m${pair(start.x - from.x, start.y - from.y)}`;
      const move = parts.length === 0 || relative.length > absolute.length ? absolute : relative;
      parts.push(move + follow(edges, x, y));
      // A closed subpath ends where it began, so that is where the next relative move starts.
      from = start;
    }
  }
  return parts.join('');
}

function pair(dx: number, dy: number): string {
  return dy < 0 ? `${dx}${dy}` : `${dx} ${dy}`;
}

/** Walk one polygon from a corner, using up its edges, and return its path commands. */
function follow(edges: Edges, startX: number, startY: number): string {
  let x = startX;
  let y = startY;
  let out = '';
  let horizontal = true;
  for (;;) {
    const from = horizontal ? x : y;
    // Straight on as long as possible; where four edges meet the walk turns, so that it never
    // crosses itself.
    if (horizontal) {
      const step = edges.right(x, y) ? 1 : -1;
      do {
        edges.useHorizontal(step > 0 ? x : x - 1, y);
        x += step;
      } while (!edges.turns(x, y) && (step > 0 ? edges.right(x, y) : edges.left(x, y)));
    } else {
      const step = edges.down(x, y) ? 1 : -1;
      do {
        edges.useVertical(x, step > 0 ? y : y - 1);
        y += step;
      } while (!edges.turns(x, y) && (step > 0 ? edges.down(x, y) : edges.up(x, y)));
    }
    if (x === startX && y === startY) return out + 'z';
    out += horizontal ? `h${x - from}` : `v${y - from}`;
    horizontal = !horizontal;
  }
}

/** Unit edges between dark and light modules, each used once. */
class Edges {
  readonly #size: number;
  // Edge from corner (x, y) to (x + 1, y), and from (x, y) to (x, y + 1).
  readonly #horizontal: Uint8Array;
  readonly #vertical: Uint8Array;

  constructor(code: QrCode) {
    const size = code.size;
    const corners = size + 1;
    this.#size = corners;
    this.#horizontal = new Uint8Array(corners * corners);
    this.#vertical = new Uint8Array(corners * corners);
    for (let y = 0; y <= size; y++) {
      for (let x = 0; x <= size; x++) {
        const dark = code.get(x, y);
        if (x < size && dark !== code.get(x, y - 1)) this.#horizontal[y * corners + x] = 1;
        if (y < size && dark !== code.get(x - 1, y)) this.#vertical[y * corners + x] = 1;
      }
    }
  }

  right(x: number, y: number): boolean {
    return this.#horizontal[y * this.#size + x] === 1;
  }

  left(x: number, y: number): boolean {
    return x > 0 && this.right(x - 1, y);
  }

  down(x: number, y: number): boolean {
    return this.#vertical[y * this.#size + x] === 1;
  }

  up(x: number, y: number): boolean {
    return y > 0 && this.down(x, y - 1);
  }

  /** Whether an edge at right angles waits in the corner after a horizontal or vertical step. */
  turns(x: number, y: number): boolean {
    const across = Number(this.left(x, y)) + Number(this.right(x, y));
    const along = Number(this.up(x, y)) + Number(this.down(x, y));
    return across > 0 && along > 0;
  }

  useHorizontal(x: number, y: number): void {
    this.#horizontal[y * this.#size + x] = 0;
  }

  useVertical(x: number, y: number): void {
    this.#vertical[y * this.#size + x] = 0;
  }
}
