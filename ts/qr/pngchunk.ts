/** PNG chunks: signature, checksum, writing one and walking many. Source: PNG (W3C, third edition), section 5. @module */
import { concat, equalBytes, utf8 } from '../base/bytes.ts';
import { ProtocolError } from '../base/errors.ts';

/** The eight bytes every PNG file starts with. */
export const PNG_SIGNATURE: Uint8Array = /* @__PURE__ */ Uint8Array.of(
  137,
  80,
  78,
  71,
  13,
  10,
  26,
  10
);

/** One chunk of a PNG file: `length(4) ‖ type(4) ‖ data ‖ crc(4)`. */
export interface PngChunk {
  /** Four ASCII letters; an upper-case first letter marks a chunk no decoder may ignore. */
  readonly type: string;
  readonly data: Uint8Array;
  /** Offset of the length field in the file. */
  readonly offset: number;
}

let table: Uint32Array | undefined;

/** CRC-32 as PNG, zlib and Ethernet use it (polynomial 0xEDB88320, reflected). */
export function crc32(bytes: Uint8Array): number {
  table ??= crcTable();
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) {
    crc = (table[(crc ^ (bytes[i] as number)) & 255] as number) ^ (crc >>> 8);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** Write one chunk with its length and checksum. */
export function pngChunk(type: string, data: Uint8Array): Uint8Array {
  const body = concat(utf8(type), data);
  const out = new Uint8Array(body.length + 8);
  const view = new DataView(out.buffer);
  view.setUint32(0, data.length);
  out.set(body, 4);
  view.setUint32(body.length + 4, crc32(body));
  return out;
}

/**
 * Walk the chunks of a PNG file up to and including IEND; bytes after it are ignored.
 *
 * Checksums are checked on every chunk a picture depends on; the data are views into `file`.
 * @throws ProtocolError `IMAGE_FORMAT` on a missing signature, a truncated chunk or a bad checksum
 */
export function* pngChunks(file: Uint8Array): Generator<PngChunk, void, undefined> {
  if (!equalBytes(file.subarray(0, 8), PNG_SIGNATURE)) fail('the PNG signature is missing', 0);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let offset = 8; ;) {
    if (file.length - offset < 12) fail('the PNG file ends before its IEND chunk', file.length);
    const length = view.getUint32(offset);
    const type = String.fromCharCode(...file.subarray(offset + 4, offset + 8));
    if (!/^[A-Za-z]{4}$/.test(type)) fail('a PNG chunk type is not four letters', offset + 4);
    if (length > file.length - offset - 12) {
      fail(`PNG chunk ${type} is longer than the file`, offset);
    }
    const end = offset + 8 + length;
    if (matters(type) && crc32(file.subarray(offset + 4, end)) !== view.getUint32(end)) {
      fail(`PNG chunk ${type} has a wrong checksum`, end);
    }
    yield { type, data: file.subarray(offset + 8, end), offset };
    if (type === 'IEND') return;
    offset = end + 4;
  }
}

/** Critical chunks carry the picture, tRNS its transparency; the rest is commentary. */
function matters(type: string): boolean {
  return type === 'tRNS' || isCritical(type);
}

/** Whether a decoder must understand a chunk to show the picture (its first letter is upper case). */
export function isCritical(type: string): boolean {
  return type.charCodeAt(0) < 97;
}

function crcTable(): Uint32Array {
  const out = new Uint32Array(256);
  for (let n = 0; n < 256; n++) {
    let c = n;
    for (let k = 0; k < 8; k++) c = (c & 1) === 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    out[n] = c >>> 0;
  }
  return out;
}

function fail(message: string, offset: number): never {
  throw new ProtocolError('IMAGE_FORMAT', message, { offset });
}
