/**
 * Decompression of one bzip2 stream, of any level, with a bound on what comes out.
 *
 * Own code because the resources of Reticulum need it in one synchronous call, with the bound enforced
 * while decoding; the packages that decode bzip2 in browsers have no bound, or load asynchronously.
 * @module
 * @see bzip2 1.0.8, decompress.c
 */
import { ProtocolError } from '../base/errors.ts';
import { BitReader } from './bzip2-bits.ts';
import { CRC_START, CRC_TABLE, combineCrc, finishCrc } from './bzip2-crc.ts';
import {
  BLOCK_MAGIC,
  END_MAGIC,
  GROUP_SYMBOLS,
  LEVEL_BYTES,
  MAX_CODE_BITS,
  RUN_BYTES,
} from './bzip2-format.ts';
import { FAST_BITS, readBlockHead, type BlockHead, type DecodeTable } from './bzip2-tables.ts';

/** Bounds of {@link decompressBzip2}. */
export interface Bzip2Limits {
  /** Most bytes that may come out. */
  readonly maxBytes: number;
}

/** What the reference allows for one segment of a resource. @see RNS/Resource.py AUTO_COMPRESS_MAX_SIZE */
export const RESOURCE_MAX_BYTES: number = 64 * 1024 * 1024;
/** What the reference allows for one chunk of a buffer. @see RNS/Buffer.py MAX_CHUNK_LEN */
export const BUFFER_CHUNK_MAX_BYTES: number = 16 * 1024;

/** Longest run that a block may hold before it is cut, as libbz2 has it. */
const MAX_RUN = 2 * 1024 * 1024;
/** Below this place in the list of recent bytes, a loop moves them faster than a copy. */
const SHORT_MOVE = 16;
const RUN_SYMBOLS = 2;

/**
 * Decompress the first stream in `data`; bytes after it are ignored, as the reference's decompressor
 * ignores them.
 * @throws ProtocolError `BZIP2_MAGIC`, `BZIP2_TRUNCATED`, `BZIP2_TABLE`, `BZIP2_DATA`, `BZIP2_CRC` on damage,
 *   `BZIP2_LIMIT` as soon as more than `maxBytes` would come out, `BZIP2_RANDOMIZED` for blocks in the
 *   form that bzip2 gave up with version 0.9.5
 */
export function decompressBzip2(
  data: Uint8Array,
  limits: Bzip2Limits = { maxBytes: RESOURCE_MAX_BYTES }
): Uint8Array {
  const reader = new BitReader(data);
  const blockBytes = readLevel(reader) * LEVEL_BYTES;
  const out = new Output(limits.maxBytes, data.length * 4);
  let streamCrc = 0;
  for (;;) {
    const high = reader.bits(24);
    const low = reader.bits(24);
    const crc = reader.word();
    if (high === END_MAGIC[0] && low === END_MAGIC[1]) {
      if (crc !== streamCrc) throw wrongCrc(reader, 'stream');
      return out.finish();
    }
    if (high !== BLOCK_MAGIC[0] || low !== BLOCK_MAGIC[1]) {
      throw new ProtocolError('BZIP2_MAGIC', 'neither a block nor the end', {
        offset: reader.offset - 10,
      });
    }
    // PARITY: libbz2 still reads randomized blocks, which no program has written since 1998.
    if (reader.bits(1) === 1) {
      throw new ProtocolError('BZIP2_RANDOMIZED', 'randomized block', { offset: reader.offset });
    }
    // A block never shrinks below four fifths on the way out, so what is left bounds it too.
    const most = Math.min(blockBytes, Math.ceil(out.left * 1.25) + RUN_BYTES + 1);
    const block = readBlock(reader, most, most < blockBytes);
    if (out.append(block) !== crc) throw wrongCrc(reader, 'block');
    streamCrc = combineCrc(streamCrc, crc);
  }
}

function readLevel(reader: BitReader): number {
  const magic = reader.bits(24);
  const level = reader.bits(8) - 0x30;
  if (magic !== 0x425a68 || level < 1 || level > 9) {
    throw new ProtocolError('BZIP2_MAGIC', 'not a bzip2 stream', { offset: 0 });
  }
  return level;
}

/** A block before the inverse transform: its last column with, above the byte, links in text order. */
interface Block {
  readonly links: Uint32Array;
  readonly length: number;
  readonly origin: number;
}

/** Read one block. `bounded` says that `most` comes from the limit of output, not from the format. */
function readBlock(reader: BitReader, most: number, bounded: boolean): Block {
  const origin = reader.bits(24);
  const head = readBlockHead(reader);
  const column = new Column(most, bounded, reader);
  readSymbols(reader, head, column);
  if (origin >= column.length) throw wrongData(reader, `origin ${origin} of ${column.length}`);
  return { links: linkColumn(column), length: column.length, origin };
}

/** The last column of the sorted rotations, while its runs are read. */
class Column {
  bytes: Uint32Array;
  readonly counts = new Uint32Array(256);
  length = 0;
  readonly #most: number;
  readonly #bounded: boolean;
  readonly #reader: BitReader;

  constructor(most: number, bounded: boolean, reader: BitReader) {
    this.bytes = new Uint32Array(Math.min(most, 1 << 14));
    this.#most = most;
    this.#bounded = bounded;
    this.#reader = reader;
  }

  /** Append `count` times the same byte. */
  run(byte: number, count: number): void {
    const end = this.length + count;
    if (end > this.bytes.length) this.reserve(end);
    this.bytes.fill(byte, this.length, end);
    this.counts[byte] = (this.counts[byte] as number) + count;
    this.length = end;
  }

  /** Make room for `size` bytes in all. */
  reserve(size: number): void {
    if (size > this.#most) {
      if (this.#bounded) throw tooLarge(this.#reader);
      throw wrongData(this.#reader, `block is longer than ${this.#most} bytes`);
    }
    const grown = new Uint32Array(Math.min(this.#most, Math.max(size, this.bytes.length * 2)));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}

function readSymbols(reader: BitReader, head: BlockHead, column: Column): void {
  const { used, symbolCount, tables, selectors } = head;
  const end = symbolCount - 1;
  const recent = used.slice();
  const { bytes: input } = reader;
  let { at, loaded, count } = reader;
  let run = 0;
  let runUnit = 1;
  for (let group = 0; group < selectors.length; group++) {
    const table = tables[selectors[group] as number] as DecodeTable;
    const { fast } = table;
    for (let i = 0; i < GROUP_SYMBOLS; i++) {
      while (count < MAX_CODE_BITS) {
        loaded = (loaded << 8) | (at < input.length ? (input[at] as number) : 0);
        at += 1;
        count += 8;
      }
      let entry = fast[(loaded >>> (count - FAST_BITS)) & ((1 << FAST_BITS) - 1)] as number;
      if (entry === 0) entry = decodeSlowly(table, loaded, count, reader);
      count -= entry & 31;
      const symbol = entry >>> 5;
      if (symbol < RUN_SYMBOLS) {
        if (runUnit >= MAX_RUN) throw wrongData(reader, 'run is too long');
        run += runUnit << symbol;
        runUnit *= 2;
        continue;
      }
      if (run > 0) {
        column.run(recent[0] as number, run);
        run = 0;
        runUnit = 1;
      }
      if (symbol === end) {
        reader.settle(at, loaded, count);
        return;
      }
      const place = symbol - 1;
      const byte = recent[place] as number;
      if (place < SHORT_MOVE) for (let j = place; j > 0; j--) recent[j] = recent[j - 1] as number;
      else recent.copyWithin(1, 0, place);
      recent[0] = byte;
      if (column.length === column.bytes.length) column.reserve(column.length + 1);
      column.bytes[column.length++] = byte;
      column.counts[byte] = (column.counts[byte] as number) + 1;
    }
    reader.settle(at, loaded, count);
    ({ at, loaded, count } = reader);
  }
  throw wrongData(reader, 'more symbols than selectors');
}

/** Decode a code that is longer than {@link FAST_BITS}, or belongs to no symbol. */
function decodeSlowly(
  table: DecodeTable,
  loaded: number,
  count: number,
  reader: BitReader
): number {
  let length = table.minBits;
  const code = (): number => (loaded >>> (count - length)) & ((1 << length) - 1);
  while (length <= MAX_CODE_BITS && code() > (table.limit[length] as number)) length += 1;
  const place = length > MAX_CODE_BITS ? -1 : code() - (table.base[length] as number);
  if (place < 0 || place >= table.symbols.length) throw wrongData(reader, 'no such code');
  return ((table.symbols[place] as number) << 5) | length;
}

/** Link each row of the sorted rotations to the row of the rotation one byte further. */
function linkColumn({ bytes, counts, length }: Column): Uint32Array {
  const next = new Uint32Array(256);
  for (let byte = 1; byte < 256; byte++) {
    next[byte] = (next[byte - 1] as number) + (counts[byte - 1] as number);
  }
  for (let row = 0; row < length; row++) {
    const byte = (bytes[row] as number) & 255;
    const place = next[byte] as number;
    next[byte] = place + 1;
    bytes[place] = (bytes[place] as number) | (row << 8);
  }
  return bytes;
}

/** The decompressed bytes, growing up to the limit. */
class Output {
  readonly #maxBytes: number;
  #bytes: Uint8Array;
  #length = 0;

  constructor(maxBytes: number, sizeHint: number) {
    this.#maxBytes = maxBytes;
    this.#bytes = new Uint8Array(Math.min(maxBytes, Math.max(1024, sizeHint)));
  }

  /** Bytes that may still come. */
  get left(): number {
    return this.#maxBytes - this.#length;
  }

  /** Expand a block's runs onto the end and return its checksum. */
  append({ links, length, origin }: Block): number {
    let bytes = this.#bytes;
    let at = this.#length;
    let crc = CRC_START;
    let row = (links[origin] as number) >>> 8;
    let previous = -1;
    let run = 0;
    for (let i = 0; i < length; i++) {
      const link = links[row] as number;
      row = link >>> 8;
      let byte = link & 255;
      let times = 1;
      if (run === RUN_BYTES) {
        times = byte;
        byte = previous;
        previous = -1;
        run = 0;
      } else if (byte === previous) {
        run += 1;
      } else {
        previous = byte;
        run = 1;
      }
      if (at + times > bytes.length) bytes = this.#grow(at, times);
      for (; times > 0; times--) {
        bytes[at++] = byte;
        crc = (crc << 8) ^ (CRC_TABLE[((crc >>> 24) ^ byte) & 255] as number);
      }
    }
    if (run === RUN_BYTES) {
      throw new ProtocolError('BZIP2_DATA', 'block ends within a run', { at: 'block' });
    }
    this.#length = at;
    return finishCrc(crc);
  }

  finish(): Uint8Array {
    return this.#length === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.#length);
  }

  #grow(length: number, more: number): Uint8Array {
    const needed = length + more;
    if (needed > this.#maxBytes) {
      throw new ProtocolError('BZIP2_LIMIT', `more than ${this.#maxBytes} bytes come out`);
    }
    const grown = new Uint8Array(Math.min(this.#maxBytes, Math.max(needed, length * 2)));
    grown.set(this.#bytes.subarray(0, length));
    this.#bytes = grown;
    return grown;
  }
}

function tooLarge(reader: BitReader): ProtocolError {
  return new ProtocolError('BZIP2_LIMIT', 'more bytes come out than are allowed', {
    at: 'block',
    offset: reader.offset,
  });
}

function wrongData(reader: BitReader, text: string): ProtocolError {
  return new ProtocolError('BZIP2_DATA', text, { at: 'block', offset: reader.offset });
}

function wrongCrc(reader: BitReader, at: string): ProtocolError {
  return new ProtocolError('BZIP2_CRC', 'checksum does not match', { at, offset: reader.offset });
}
