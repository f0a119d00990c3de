/** The checksum of bzip2: CRC-32 of polynomial 04C11DB7, most significant bit first. @module */

const POLYNOMIAL = 0x04c11db7;

/** Remainders of every leading byte, for {@link updateCrc} inlined in loops. */
export const CRC_TABLE: Int32Array = /* @__PURE__ */ crcTable();

/** Value of a running checksum before its first byte. */
export const CRC_START = -1;

/** The checksum as bzip2 stores it, unsigned, of a running value. */
export function finishCrc(crc: number): number {
  return ~crc >>> 0;
}

/** A running checksum extended by `bytes[from..to)`. */
export function updateCrc(crc: number, bytes: Uint8Array, from: number, to: number): number {
  let value = crc;
  for (let at = from; at < to; at++) {
    value = (value << 8) ^ (CRC_TABLE[((value >>> 24) ^ (bytes[at] as number)) & 255] as number);
  }
  return value;
}

/** The checksum of a whole stream, extended by that of its next block. */
export function combineCrc(stream: number, block: number): number {
  return (((stream << 1) | (stream >>> 31)) ^ block) >>> 0;
}

function crcTable(): Int32Array {
  const table = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let value = byte << 24;
    for (let bit = 0; bit < 8; bit++) value = (value << 1) ^ (value < 0 ? POLYNOMIAL : 0);
    table[byte] = value;
  }
  return table;
}
