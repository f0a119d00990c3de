/** Lower-case hexadecimal, both ways. Bottom layer. @module */
import { ProtocolError } from './errors.ts';

const DIGITS = '0123456789abcdef';

/** Encode bytes as lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  let out = '';
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    out += DIGITS.charAt(byte >> 4) + DIGITS.charAt(byte & 15);
  }
  return out;
}

/**
 * Decode hexadecimal of either case.
 * @throws ProtocolError `HEX_INVALID` on an odd length or a foreign character, with its offset.
 */
export function fromHex(text: string): Uint8Array {
  const out = new Uint8Array(text.length >> 1);
  for (let i = 0; i < text.length; i++) {
    const digit = digitValue(text.charCodeAt(i));
    if (digit < 0) throw new ProtocolError('HEX_INVALID', 'not a hexadecimal digit', { offset: i });
    if (i >> 1 < out.length) out[i >> 1] = ((out[i >> 1] as number) << 4) | digit;
  }
  if (text.length % 2 !== 0) {
    throw new ProtocolError('HEX_INVALID', `odd number of digits (${text.length})`);
  }
  return out;
}

function digitValue(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
