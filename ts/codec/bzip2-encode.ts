/**
 * Compression into one bzip2 stream that libbz2 reads.
 *
 * The bytes may differ from those of libbz2, which sorts and rounds in its own way; the size does not
 * differ by much.
 * @module
 * @see bzip2 1.0.8, compress.c
 */
import { assertInteger } from '../base/bytes.ts';
import { BitWriter } from './bzip2-bits.ts';
import { CRC_START, CRC_TABLE, combineCrc, finishCrc } from './bzip2-crc.ts';
import { BLOCK_MAGIC, END_MAGIC, GROUP_SYMBOLS, LEVEL_BYTES, RUN_BYTES } from './bzip2-format.ts';
import { codesOf, planCodes, type CodePlan } from './bzip2-huffman.ts';
import { sortRotations } from './bzip2-sort.ts';

/** Bytes that libbz2 leaves free at the end of a block, and its readers expect to be free. */
const BLOCK_SLACK = 19;
const LONGEST_RUN = 255;
const SHORT_MOVE = 16;

/**
 * Compress `data`.
 * @param level - 1 to 9: blocks of 100 000 bytes times this; the reference uses 9
 * @throws RangeError for another level
 */
export function compressBzip2(data: Uint8Array, level = 9): Uint8Array {
  assertInteger('level', level, 1, 9);
  const writer = new BitWriter((data.length >> 1) + 64);
  writer.bits(24, 0x425a68);
  writer.bits(8, 0x30 + level);
  let streamCrc = 0;
  for (let at = 0; at < data.length;) {
    const block = packBlock(data, at, level * LEVEL_BYTES - BLOCK_SLACK);
    at = block.end;
    streamCrc = combineCrc(streamCrc, block.crc);
    writeBlock(writer, block);
  }
  writer.bits(24, END_MAGIC[0]);
  writer.bits(24, END_MAGIC[1]);
  writer.word(streamCrc);
  return writer.finish();
}

/** A block with its runs packed. */
interface PackedBlock {
  readonly bytes: Uint8Array;
  readonly crc: number;
  /** Where the next block starts in the input. */
  readonly end: number;
}

/** Pack runs of four and more equal bytes, until the block is full or the input ends. */
function packBlock(data: Uint8Array, from: number, most: number): PackedBlock {
  // A run of four becomes five bytes, so a block may take a little less input than its size.
  const bytes = new Uint8Array(Math.min(most + RUN_BYTES + 1, (data.length - from) * 2));
  let size = 0;
  let at = from;
  let crc = CRC_START;
  while (at < data.length && size < most) {
    const byte = data[at] as number;
    const stop = Math.min(data.length, at + LONGEST_RUN);
    let end = at + 1;
    while (end < stop && data[end] === byte) end += 1;
    const run = end - at;
    for (let i = 0; i < run; i++) {
      crc = (crc << 8) ^ (CRC_TABLE[((crc >>> 24) ^ byte) & 255] as number);
    }
    for (let i = Math.min(run, RUN_BYTES); i > 0; i--) bytes[size++] = byte;
    if (run >= RUN_BYTES) bytes[size++] = run - RUN_BYTES;
    at = end;
  }
  return { bytes: bytes.subarray(0, size), crc: finishCrc(crc), end: at };
}

function writeBlock(writer: BitWriter, block: PackedBlock): void {
  const { column, origin } = sortRotations(block.bytes);
  const used = usedBytes(column);
  const symbolCount = used.length + 2;
  const symbols = moveToFront(column, used);
  const plan = planCodes(symbols, symbolCount);
  writer.bits(24, BLOCK_MAGIC[0]);
  writer.bits(24, BLOCK_MAGIC[1]);
  writer.word(block.crc);
  writer.bits(1, 0);
  writer.bits(24, origin);
  writeUsedBytes(writer, used);
  writer.bits(3, plan.lengths.length);
  writeSelectors(writer, plan);
  for (const lengths of plan.lengths) writeLengths(writer, lengths);
  writeSymbols(writer, symbols, plan);
}

function usedBytes(column: Uint8Array): Uint8Array {
  const seen = new Uint8Array(256);
  for (const byte of column) seen[byte] = 1;
  return Uint8Array.from(seen.keys()).filter((byte) => seen[byte] === 1);
}

/**
 * Code each byte as its place in the list of recent bytes. Runs of place 0 become their length in
 * binary, of digits 1 and 2 (symbols 0 and 1), lowest first; the other places follow, then the end.
 */
function moveToFront(column: Uint8Array, used: Uint8Array): Uint16Array {
  const symbols = new Uint16Array(column.length + 1);
  const recent = used.slice();
  let size = 0;
  let run = 0;
  for (let at = 0; at < column.length; at++) {
    const byte = column[at] as number;
    if (recent[0] === byte) {
      run += 1;
      continue;
    }
    for (; run > 0; run = (run - 1) >> 1) symbols[size++] = (run - 1) & 1;
    let place = 1;
    while (recent[place] !== byte) place += 1;
    if (place < SHORT_MOVE) for (let i = place; i > 0; i--) recent[i] = recent[i - 1] as number;
    else recent.copyWithin(1, 0, place);
    recent[0] = byte;
    symbols[size++] = place + 1;
  }
  for (; run > 0; run = (run - 1) >> 1) symbols[size++] = (run - 1) & 1;
  symbols[size++] = used.length + 1;
  return symbols.subarray(0, size);
}

function writeUsedBytes(writer: BitWriter, used: Uint8Array): void {
  const rows = new Uint16Array(16);
  for (const byte of used) rows[byte >> 4] = (rows[byte >> 4] as number) | (0x8000 >> (byte & 15));
  let map = 0;
  for (const [row, cells] of rows.entries()) if (cells !== 0) map |= 0x8000 >> row;
  writer.bits(16, map);
  for (const cells of rows) if (cells !== 0) writer.bits(16, cells);
}

function writeSelectors(writer: BitWriter, { selectors }: CodePlan): void {
  writer.bits(15, selectors.length);
  const recent = [0, 1, 2, 3, 4, 5];
  for (const table of selectors) {
    const place = recent.indexOf(table);
    recent.copyWithin(1, 0, place);
    recent[0] = table;
    for (let i = 0; i < place; i++) writer.bits(1, 1);
    writer.bits(1, 0);
  }
}

function writeLengths(writer: BitWriter, lengths: Uint8Array): void {
  let length = lengths[0] as number;
  writer.bits(5, length);
  for (const next of lengths) {
    for (; length < next; length++) writer.bits(2, 2);
    for (; length > next; length--) writer.bits(2, 3);
    writer.bits(1, 0);
  }
}

function writeSymbols(writer: BitWriter, symbols: Uint16Array, plan: CodePlan): void {
  const codes = plan.lengths.map((lengths) => codesOf(lengths));
  for (const [group, table] of plan.selectors.entries()) {
    const lengths = plan.lengths[table] as Uint8Array;
    const code = codes[table] as Int32Array;
    const to = Math.min(symbols.length, (group + 1) * GROUP_SYMBOLS);
    for (let at = group * GROUP_SYMBOLS; at < to; at++) {
      const symbol = symbols[at] as number;
      writer.bits(lengths[symbol] as number, code[symbol] as number);
    }
  }
}
