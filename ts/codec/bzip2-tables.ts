/**
 * The head of a bzip2 block as it is read: which bytes occur, which Huffman table each group of symbols
 * uses, and the tables, prepared for decoding.
 * @module
 */
import { ProtocolError } from '../base/errors.ts';
import type { BitReader } from './bzip2-bits.ts';
import { MAX_CODE_BITS, MAX_TABLES } from './bzip2-format.ts';

/** Bits that one look into {@link DecodeTable.fast} decodes. */
export const FAST_BITS = 10;

/**
 * One Huffman table, ready for decoding. A code of `length` bits with value `code` stands for
 * `symbols[code - base[length]]` when `code <= limit[length]`.
 */
export interface DecodeTable {
  /** By the next {@link FAST_BITS} bits: symbol·32 + code length, or 0 when the code is longer. */
  readonly fast: Uint16Array;
  readonly limit: Int32Array;
  readonly base: Int32Array;
  readonly symbols: Uint16Array;
  readonly minBits: number;
}

/** What precedes the symbols of a block. */
export interface BlockHead {
  /** The bytes that occur, ascending. */
  readonly used: Uint8Array;
  /** Symbols that the tables code: two for runs, one for each used byte but the first, the end. */
  readonly symbolCount: number;
  readonly tables: readonly DecodeTable[];
  /** Table of each group of symbols. */
  readonly selectors: Uint8Array;
}

/** Read a block's head, from the map of used bytes on. @throws ProtocolError `BZIP2_TABLE`, `BZIP2_TRUNCATED` */
export function readBlockHead(reader: BitReader): BlockHead {
  const used = readUsedBytes(reader);
  const symbolCount = used.length + 2;
  const tableCount = reader.bits(3);
  if (tableCount < 2 || tableCount > MAX_TABLES) throw bad(reader, `${tableCount} tables`);
  const selectors = readSelectors(reader, tableCount);
  const tables = Array.from({ length: tableCount }, () =>
    prepareTable(readLengths(reader, symbolCount))
  );
  return { used, symbolCount, tables, selectors };
}

function readUsedBytes(reader: BitReader): Uint8Array {
  const rows = reader.bits(16);
  const used: number[] = [];
  for (let row = 0; row < 16; row++) {
    if (((rows >> (15 - row)) & 1) === 0) continue;
    const cells = reader.bits(16);
    for (let cell = 0; cell < 16; cell++) {
      if (((cells >> (15 - cell)) & 1) === 1) used.push(row * 16 + cell);
    }
  }
  if (used.length === 0) throw bad(reader, 'no byte is in use');
  return Uint8Array.from(used);
}

function readSelectors(reader: BitReader, tableCount: number): Uint8Array {
  const count = reader.bits(15);
  if (count === 0) throw bad(reader, 'no selectors');
  const selectors = new Uint8Array(count);
  const recent = [0, 1, 2, 3, 4, 5];
  for (let i = 0; i < count; i++) {
    let place = 0;
    while (reader.bits(1) === 1) {
      place += 1;
      if (place >= tableCount) throw bad(reader, 'selector names no table');
    }
    const table = recent[place] as number;
    recent.copyWithin(1, 0, place);
    recent[0] = table;
    selectors[i] = table;
  }
  return selectors;
}

function readLengths(reader: BitReader, symbolCount: number): Uint8Array {
  const lengths = new Uint8Array(symbolCount);
  let length = reader.bits(5);
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    for (;;) {
      if (length < 1 || length > MAX_CODE_BITS) throw bad(reader, `a code of ${length} bits`);
      if (reader.bits(1) === 0) break;
      length += reader.bits(1) === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  return lengths;
}

/**
 * Prepare a table from its code lengths. Lengths that leave codes unused, or that claim more codes than
 * there are, are taken as libbz2 takes them: only decoding such a code fails.
 */
export function prepareTable(lengths: Uint8Array): DecodeTable {
  const counts = new Int32Array(MAX_CODE_BITS + 1);
  for (const length of lengths) counts[length] = (counts[length] as number) + 1;
  const symbols = new Uint16Array(lengths.length);
  const limit = new Int32Array(MAX_CODE_BITS + 2).fill(-1);
  const base = new Int32Array(MAX_CODE_BITS + 1);
  let minBits = 0;
  let code = 0;
  let place = 0;
  for (let length = 1; length <= MAX_CODE_BITS; length++) {
    const here = counts[length] as number;
    if (here > 0 && minBits === 0) minBits = length;
    base[length] = code - place;
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] === length) symbols[place++] = symbol;
    }
    code += here;
    limit[length] = code - 1;
    code <<= 1;
  }
  // Stops the search for a code's length.
  limit[MAX_CODE_BITS + 1] = 0x7fffffff;
  return { fast: fastTable(limit, base, symbols, minBits), limit, base, symbols, minBits };
}

function fastTable(
  limit: Int32Array,
  base: Int32Array,
  symbols: Uint16Array,
  minBits: number
): Uint16Array {
  const fast = new Uint16Array(1 << FAST_BITS);
  for (let bits = 0; bits < fast.length; bits++) {
    let length = minBits;
    while (length <= FAST_BITS && bits >> (FAST_BITS - length) > (limit[length] as number)) {
      length += 1;
    }
    if (length > FAST_BITS) continue;
    const place = (bits >> (FAST_BITS - length)) - (base[length] as number);
    // Out of range only in a table that claims too many codes; the slow way then reports it.
    if (place >= 0 && place < symbols.length) {
      fast[bits] = ((symbols[place] as number) << 5) | length;
    }
  }
  return fast;
}

function bad(reader: BitReader, text: string): ProtocolError {
  return new ProtocolError('BZIP2_TABLE', text, { at: 'block.head', offset: reader.offset });
}
