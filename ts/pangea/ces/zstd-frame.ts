/**
 * The outline of Zstandard frames (RFC 8878 section 3.1): where each begins and ends, and the most
 * bytes that it can come to, found without decompressing anything. @module
 */
import { ProtocolError } from '../../base/errors.ts';

/** One frame of compressed data. */
export interface ZstdFrame {
  /** The frame's bytes, head and checksum included. */
  readonly bytes: Uint8Array;
  /** The most that its blocks can come to; exact when the head tells the size. */
  readonly mostBytes: number;
  /** Whether the head tells the size. */
  readonly isExact: boolean;
}

const MAGIC = 0xfd2fb528;
/** Sixteen magic numbers that differ in their lowest half byte mark data to be skipped. */
const SKIPPABLE_MAGIC = 0x184d2a50;
/** RFC 8878 section 3.1.1.2.4. */
const MOST_BLOCK_BYTES = 128 * 1024;

const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;
const RAW = 0;
const RUN = 1;
const COMPRESSED = 2;

/** Reads numbers and names the offset of what is missing. */
class Cursor {
  readonly #view: DataView;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#view.byteLength - this.at;
  }

  skip(count: number): void {
    if (count > this.left) throw malformed(`ends ${count - this.left} bytes early`, this.at);
    this.at += count;
  }

  /** A little-endian number of `size` bytes, at most 8; beyond 2^53 it is not exact. */
  number(size: number): number {
    const from = this.at;
    this.skip(size);
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = value * 256 + this.#view.getUint8(from + i);
    return value;
  }
}

function malformed(text: string, offset: number): ProtocolError {
  return new ProtocolError('PANGEA_COMPRESSION', `zstd data ${text}`, { offset });
}

/** Whether data begins as a Zstandard frame does. */
export function isZstd(data: Uint8Array): boolean {
  return data.length >= 4 && new Cursor(data).number(4) === MAGIC;
}

/**
 * The frames of compressed data in their order; skippable frames are left out.
 * @throws ProtocolError `PANGEA_COMPRESSION` when it is no sequence of whole frames, or one needs a
 * dictionary
 */
export function zstdFrames(data: Uint8Array): ZstdFrame[] {
  const cursor = new Cursor(data);
  const frames: ZstdFrame[] = [];
  if (data.length === 0) throw malformed('is empty', 0);
  while (cursor.left > 0) {
    const start = cursor.at;
    const magic = cursor.number(4);
    if (magic >= SKIPPABLE_MAGIC && magic < SKIPPABLE_MAGIC + 16) {
      cursor.skip(cursor.number(4));
      continue;
    }
    if (magic !== MAGIC) throw malformed('has no frame here', start);
    const { contentBytes, hasChecksum } = frameHead(cursor);
    const most = blocks(cursor);
    if (hasChecksum) cursor.skip(4);
    frames.push({
      bytes: data.subarray(start, cursor.at),
      mostBytes: contentBytes ?? most,
      isExact: contentBytes !== undefined,
    });
  }
  return frames;
}

/** RFC 8878 section 3.1.1.1. */
function frameHead(cursor: Cursor): { contentBytes: number | undefined; hasChecksum: boolean } {
  const start = cursor.at;
  const descriptor = cursor.number(1);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  if ((descriptor & 0x08) !== 0) throw malformed('sets a reserved bit', start);
  if (!isSingleSegment) cursor.skip(1);
  const dictionary = cursor.number(DICTIONARY_ID_BYTES[(descriptor & 3) as 0 | 1 | 2 | 3]);
  if (dictionary !== 0) throw malformed('needs a dictionary', start);
  const flag = descriptor >> 6;
  const sizeBytes = flag === 0 ? Number(isSingleSegment) : 1 << flag;
  // A field of two bytes does not repeat what one byte can say.
  const size = cursor.number(sizeBytes) + (flag === 1 ? 256 : 0);
  return {
    contentBytes: sizeBytes === 0 ? undefined : size,
    hasChecksum: (descriptor & 0x04) !== 0,
  };
}

/** RFC 8878 section 3.1.1.2: pass over the blocks, and add up what they can come to. */
function blocks(cursor: Cursor): number {
  let most = 0;
  for (;;) {
    const start = cursor.at;
    const head = cursor.number(3);
    const type = (head >> 1) & 3;
    const size = head >> 3;
    if (type > COMPRESSED) throw malformed('has a block of a reserved kind', start);
    if (size > MOST_BLOCK_BYTES) throw malformed('has a block that is too large', start);
    cursor.skip(type === RUN ? 1 : size);
    most += type === RAW || type === RUN ? size : MOST_BLOCK_BYTES;
    if ((head & 1) === 1) return most;
  }
}
