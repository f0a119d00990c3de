/**
 * Text to QR code: picks the smallest version, then the strongest error correction that version
 * still holds. Drawing is the `qr` library's; choosing and the limits are ours. Above it: svg, png,
 * text. Source: ISO/IEC 18004:2015, sections 7.3 and 7.4. @module
 */
import { encodeQR, type ErrorCorrection } from 'qr';
import { utf8 } from '../base/bytes.ts';
import { ProtocolError } from '../base/errors.ts';

/** Error correction level, weakest first: about 7, 15, 25 and 30 % of the code may be lost. */
export type QrLevel = 'L' | 'M' | 'Q' | 'H';

/** How the characters are packed: 10 bits for 3 digits, 11 bits for 2 of 45 characters, or 8 bits a byte. */
export type QrMode = 'numeric' | 'alphanumeric' | 'byte';

/** A drawn code without quiet zone. */
export interface QrCode {
  /** 1..40. */
  readonly version: number;
  readonly level: QrLevel;
  readonly mode: QrMode;
  /** Modules on a side: 17 + 4 * version. */
  readonly size: number;
  /** Row by row from the top left, 1 is dark; `size * size` entries. */
  readonly modules: Uint8Array;
  /** Whether the module in column `x` of row `y` is dark; everything outside is light. */
  get(x: number, y: number): boolean;
}

/** Choices of {@link encodeQr}. */
export interface QrOptions {
  /** Weakest level allowed; LXMF draws paper messages at `L`, the default. */
  readonly minLevel?: QrLevel;
  /** Raise the level while the version stays the same; `false` draws exactly `minLevel`. */
  readonly raise?: boolean;
}

/** Bytes that the largest code (version 40, level L) holds. */
export const QR_MAX_BYTES = 2953;

const LEVELS: readonly QrLevel[] = ['L', 'M', 'Q', 'H'];

const LEVEL_NAMES: Record<QrLevel, ErrorCorrection> = {
  L: 'low',
  M: 'medium',
  Q: 'quartile',
  H: 'high',
};

// Data codewords of versions 1..40 (ISO/IEC 18004:2015, table 7).
const DATA_CODEWORDS: Record<QrLevel, readonly number[]> = {
  L: [
    19, 34, 55, 80, 108, 136, 156, 194, 232, 274, 324, 370, 428, 461, 523, 589, 647, 721, 795, 861,
    932, 1006, 1094, 1174, 1276, 1370, 1468, 1531, 1631, 1735, 1843, 1955, 2071, 2191, 2306, 2434,
    2566, 2702, 2812, 2956,
  ],
  M: [
    16, 28, 44, 64, 86, 108, 124, 154, 182, 216, 254, 290, 334, 365, 415, 453, 507, 563, 627, 669,
    714, 782, 860, 914, 1000, 1062, 1128, 1193, 1267, 1373, 1455, 1541, 1631, 1725, 1812, 1914,
    1992, 2102, 2216, 2334,
  ],
  Q: [
    13, 22, 34, 48, 62, 76, 88, 110, 132, 154, 180, 206, 244, 261, 295, 325, 367, 397, 445, 485,
    512, 568, 614, 664, 718, 754, 808, 871, 911, 985, 1033, 1115, 1171, 1231, 1286, 1354, 1426,
    1502, 1582, 1666,
  ],
  H: [
    9, 16, 26, 36, 46, 60, 66, 86, 100, 122, 140, 158, 180, 197, 223, 253, 283, 313, 341, 385, 406,
    442, 464, 514, 538, 596, 628, 661, 701, 745, 793, 845, 901, 961, 986, 1054, 1096, 1142, 1222,
    1276,
  ],
};

// Width of the length field for versions 1..9, 10..26 and 27..40 (table 3).
const LENGTH_BITS: Record<QrMode, readonly [number, number, number]> = {
  numeric: [10, 12, 14],
  alphanumeric: [9, 11, 13],
  byte: [8, 16, 16],
};

/**
 * Draw `text` as the smallest QR code that holds it, with error correction raised for free.
 *
 * Digits alone and the 45 characters of the alphanumeric set are packed tighter; everything else,
 * and so every `lxm://` URI, is stored as UTF-8 bytes, at most {@link QR_MAX_BYTES}.
 * @throws ProtocolError `QR_TOO_LARGE` naming the overshoot; RangeError when `text` is empty
 * @see LXMF/LXMessage.py `as_qr` (1.0.1): level L, version chosen by size
 */
export function encodeQr(text: string, options: QrOptions = {}): QrCode {
  const minLevel = options.minLevel ?? 'L';
  if (!LEVELS.includes(minLevel)) {
    throw new RangeError(`"minLevel" must be L, M, Q or H, got ${String(minLevel)}`);
  }
  const bytes = utf8(text);
  if (bytes.length === 0) throw new RangeError('"text" must not be empty');
  const mode = modeOf(text);
  const version = smallestVersion(mode, bytes.length, minLevel);
  const level = options.raise === false ? minLevel : strongest(mode, bytes.length, version);
  const drawn = encodeQR(text, 'raw', {
    ecc: LEVEL_NAMES[level],
    encoding: mode,
    version,
    border: 1,
  });
  return withoutBorder(drawn, version, level, mode);
}

/**
 * Characters of `mode` that fit a version at a level; in byte mode these are bytes.
 * @param version - 1..40
 */
export function qrCapacity(version: number, level: QrLevel, mode: QrMode = 'byte'): number {
  const codewords = DATA_CODEWORDS[level][version - 1];
  if (codewords === undefined) throw new RangeError(`"version" must be 1..40, got ${version}`);
  const lengthBits = LENGTH_BITS[mode][version < 10 ? 0 : version < 27 ? 1 : 2];
  const bits = codewords * 8 - 4 - lengthBits;
  if (mode === 'byte') return Math.floor(bits / 8);
  if (mode === 'alphanumeric') return Math.floor(bits / 11) * 2 + (bits % 11 >= 6 ? 1 : 0);
  const rest = bits % 10;
  return Math.floor(bits / 10) * 3 + (rest >= 7 ? 2 : rest >= 4 ? 1 : 0);
}

/** The tightest mode that holds every character of `text`. */
function modeOf(text: string): QrMode {
  if (/^[0-9]+$/.test(text)) return 'numeric';
  return /^[0-9A-Z $%*+\-./:]+$/.test(text) ? 'alphanumeric' : 'byte';
}

function smallestVersion(mode: QrMode, length: number, level: QrLevel): number {
  for (let version = 1; version <= 40; version++) {
    if (length <= qrCapacity(version, level, mode)) return version;
  }
  const most = qrCapacity(40, level, mode);
  const unit = mode === 'byte' ? 'bytes' : `${mode} characters`;
  throw new ProtocolError(
    'QR_TOO_LARGE',
    `${length} ${unit} are ${length - most} too many, version 40 at level ${level} holds ${most}`
  );
}

// Smaller versions that hold the text at `minLevel` were ruled out before, so the result is never
// weaker than `minLevel`.
function strongest(mode: QrMode, length: number, version: number): QrLevel {
  let best: QrLevel = 'L';
  for (const level of LEVELS) if (length <= qrCapacity(version, level, mode)) best = level;
  return best;
}

function withoutBorder(
  drawn: readonly (readonly boolean[])[],
  version: number,
  level: QrLevel,
  mode: QrMode
): QrCode {
  const size = drawn.length - 2;
  const modules = new Uint8Array(size * size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      if (drawn[y + 1]?.[x + 1] === true) modules[y * size + x] = 1;
    }
  }
  return {
    version,
    level,
    mode,
    size,
    modules,
    get: (x, y) => x >= 0 && y >= 0 && x < size && y < size && modules[y * size + x] === 1,
  };
}
