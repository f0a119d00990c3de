/**
 * A QR code as characters for a terminal or a plain text file.
 *
 * Plain text cannot know its background. By default characters are drawn for the *light* modules,
 * which is right where light text stands on a dark background; `inverse` draws the dark modules, for
 * dark text on a light background. The `ansi` style sets both colors itself and is right on either.
 * @module
 */
import type { QrCode } from './code.ts';
import { QUIET_ZONE, sideModules } from './print.ts';

/**
 * `blocks`: half blocks, two rows a line, UTF-8. `ascii`: `##` and spaces, one row a line.
 * `ansi`: half blocks in black on white by escape sequences.
 */
export type TextStyle = 'blocks' | 'ascii' | 'ansi';

/** Choices of {@link qrToText}. */
export interface TextOptions {
  readonly style?: TextStyle;
  /** Draw the dark modules instead of the light ones; no effect on `ansi`. */
  readonly inverse?: boolean;
  /** Light modules on each side; 4 by default, as the standard asks. */
  readonly quietZone?: number;
}

const ON = '\u001b[30;107m';
const OFF = '\u001b[0m';

/** Draw a code as lines of text, each ended by a line feed. */
export function qrToText(code: QrCode, options: TextOptions = {}): string {
  const quietZone = options.quietZone ?? QUIET_ZONE;
  const side = sideModules(code.size, quietZone);
  const style = options.style ?? 'blocks';
  const drawn = style === 'ansi' || options.inverse === true;
  const ink = (x: number, y: number): boolean => code.get(x - quietZone, y - quietZone) === drawn;
  if (style === 'ascii') return ascii(side, ink);
  return blocks(side, ink, drawn, style === 'ansi');
}

function ascii(side: number, ink: (x: number, y: number) => boolean): string {
  let out = '';
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) out += ink(x, y) ? '##' : '  ';
    out += '\n';
  }
  return out;
}

function blocks(
  side: number,
  ink: (x: number, y: number) => boolean,
  inkIsDark: boolean,
  colors: boolean
): string {
  let out = '';
  for (let y = 0; y < side; y += 2) {
    if (colors) out += ON;
    for (let x = 0; x < side; x++) {
      const upper = ink(x, y);
      // An odd number of rows leaves half a line below the quiet zone, which stays light.
      const lower = y + 1 < side ? ink(x, y + 1) : !inkIsDark;
      out += upper ? (lower ? '█' : '▀') : lower ? '▄' : ' ';
    }
    out += colors ? `${OFF}\n` : '\n';
  }
  return out;
}
