/** Base64 in the URL alphabet (RFC 4648 section 5), written without padding. Bottom layer. @module */
import { ProtocolError } from './errors.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Encode bytes as base64url without `=`. */
export function toBase64Url(bytes: Uint8Array): string {
  let out = '';
  let i = 0;
  for (; i + 2 < bytes.length; i += 3) {
    const word =
      ((bytes[i] as number) << 16) | ((bytes[i + 1] as number) << 8) | (bytes[i + 2] as number);
    out +=
      ALPHABET.charAt(word >> 18) +
      ALPHABET.charAt((word >> 12) & 63) +
      ALPHABET.charAt((word >> 6) & 63) +
      ALPHABET.charAt(word & 63);
  }
  if (i + 1 === bytes.length) {
    const word = (bytes[i] as number) << 4;
    out += ALPHABET.charAt(word >> 6) + ALPHABET.charAt(word & 63);
  } else if (i + 2 === bytes.length) {
    const word = ((bytes[i] as number) << 10) | ((bytes[i + 1] as number) << 2);
    out +=
      ALPHABET.charAt(word >> 12) + ALPHABET.charAt((word >> 6) & 63) + ALPHABET.charAt(word & 63);
  }
  return out;
}

/**
 * Decode base64url strictly: no foreign characters, no padding inside, no leftover bits.
 *
 * Standard-alphabet `+` and `/` are refused, trailing `=` is accepted.
 * @param leftoverBits - `ignore` drops bits after the last whole byte, as Python's decoder does
 * @throws ProtocolError `BASE64_INVALID` with the offset of the offending character.
 */
export function fromBase64Url(
  text: string,
  leftoverBits: 'refuse' | 'ignore' = 'refuse'
): Uint8Array {
  const body = text.replace(/={1,2}$/, '');
  if (body.length % 4 === 1) {
    throw new ProtocolError('BASE64_INVALID', `${body.length} characters cannot be base64`);
  }
  const out = new Uint8Array(Math.floor((body.length * 3) / 4));
  let word = 0;
  let bits = 0;
  let at = 0;
  for (let i = 0; i < body.length; i++) {
    const value = valueOf(body.charCodeAt(i));
    if (value < 0) throw new ProtocolError('BASE64_INVALID', 'foreign character', { offset: i });
    word = (word << 6) | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out[at++] = (word >> bits) & 255;
      word &= (1 << bits) - 1;
    }
  }
  if (word !== 0 && leftoverBits === 'refuse') {
    throw new ProtocolError('BASE64_INVALID', 'leftover bits are not zero', {
      offset: body.length - 1,
    });
  }
  return out;
}

function valueOf(code: number): number {
  if (code >= 65 && code <= 90) return code - 65;
  if (code >= 97 && code <= 122) return code - 71;
  if (code >= 48 && code <= 57) return code + 4;
  if (code === 45) return 62;
  return code === 95 ? 63 : -1;
}
