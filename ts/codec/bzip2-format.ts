/**
 * What both directions of bzip2 share: magic numbers and limits of the format.
 *
 *     stream: 'BZh' ‖ level '1'..'9' ‖ block … ‖ END_MAGIC 48 bits ‖ crc 32 bits
 *     block:  BLOCK_MAGIC 48 bits ‖ crc 32 ‖ randomized 1 ‖ origin 24 ‖ used bytes 16 + 16·n
 *             ‖ tables 3 ‖ selectors 15 ‖ selectors, unary ‖ code lengths, by difference ‖ symbols
 *
 * Bits are read from the most significant one. The last byte is padded.
 * @module
 */

/** The two 24-bit halves of the mark before a block. */
export const BLOCK_MAGIC = [0x314159, 0x265359] as const;
/** The two 24-bit halves of the mark before the stream's checksum. */
export const END_MAGIC = [0x177245, 0x385090] as const;
/** Bytes of block for each level. */
export const LEVEL_BYTES = 100_000;
/** Symbols that share one Huffman table before the next selector is used. */
export const GROUP_SYMBOLS = 50;
/** Longest Huffman code that a stream may hold. */
export const MAX_CODE_BITS = 20;
/** Most Huffman tables of a block; the fewest are 2. */
export const MAX_TABLES = 6;
/** A run of four equal bytes is followed by how often the byte repeats after them. */
export const RUN_BYTES = 4;
