/** Base32 (RFC 4648 section 6), upper case with padding, as Python's `base64.b32encode`. @module */
import { ProtocolError } from './errors.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Encode bytes as upper-case base32 with `=` padding. */
export function toBase32(bytes: Uint8Array): string {
  let out = '';
  let word = 0;
  let bits = 0;
  for (const byte of bytes) {
    word = ((word & 31) << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += ALPHABET.charAt((word >> bits) & 31);
    }
  }
  if (bits > 0) out += ALPHABET.charAt((word << (5 - bits)) & 31);
  return out.padEnd(Math.ceil(out.length / 8) * 8, '=');
}

/**
 * Decode base32 of either case, with or without its padding.
 * @throws ProtocolError `BASE32_INVALID` on a foreign character, an impossible length or leftover bits
 */
export function fromBase32(text: string): Uint8Array {
  const body = text.replace(/={1,6}$/, '');
  if ([1, 3, 6].includes(body.length % 8)) {
    throw new ProtocolError('BASE32_INVALID', `${body.length} characters cannot be base32`);
  }
  const out = new Uint8Array(Math.floor((body.length * 5) / 8));
  let word = 0;
  let bits = 0;
  let at = 0;
  for (let i = 0; i < body.length; i++) {
    const value = ALPHABET.indexOf(body.charAt(i).toUpperCase());
    if (value < 0) throw new ProtocolError('BASE32_INVALID', 'foreign character', { offset: i });
    word = (word << 5) | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      out[at++] = (word >> bits) & 255;
      word &= (1 << bits) - 1;
    }
  }
  if (word !== 0) throw new ProtocolError('BASE32_INVALID', 'leftover bits are not zero');
  return out;
}
