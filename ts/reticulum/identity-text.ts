/**
 * The text forms in which `rnid` and Sideband hand identities over: hexadecimal, base32, base64.
 * @module
 * @see RNS/Utilities/rnid.py (RNS 1.5.7)
 */
import { fromBase32, toBase32 } from '../base/base32.ts';
import { fromBase64Url, toBase64Url } from '../base/base64url.ts';
import { ProtocolError } from '../base/errors.ts';
import { fromHex, toHex } from '../base/hex.ts';
import { IDENTITY_KEY_BYTES } from './identity.ts';

/** A way to write 64 key bytes as text. */
export type KeyEncoding = 'hex' | 'base32' | 'base64';

/** Write a 64-byte key as text; base64 is the URL alphabet with padding, base32 upper case. */
export function encodeKeyText(key: Uint8Array, encoding: KeyEncoding): string {
  if (encoding === 'hex') return toHex(key);
  if (encoding === 'base32') return toBase32(key);
  const text = toBase64Url(key);
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}

/**
 * Read a 64-byte key from text; the form is told by its length, and white space is dropped.
 *
 * 128 characters are hexadecimal, 103 or 104 base32, 86 or 88 base64 in either alphabet.
 * @throws ProtocolError `RNS_IDENTITY_SIZE` on another length, `HEX_INVALID`, `BASE32_INVALID` or
 *   `BASE64_INVALID` on foreign characters; the text itself is never repeated
 */
export function decodeKeyText(text: string): Uint8Array {
  const body = text.replace(/\s+/g, '');
  const key = decodeByLength(body);
  if (key.length !== IDENTITY_KEY_BYTES) {
    throw new ProtocolError('RNS_IDENTITY_SIZE', `needs 64 bytes, got ${key.length}`, {
      at: 'private key',
    });
  }
  return key;
}

function decodeByLength(body: string): Uint8Array {
  switch (body.length) {
    case 128:
      return fromHex(body);
    case 103:
    case 104:
      return fromBase32(body);
    case 86:
    case 88:
      return fromBase64Url(body.replaceAll('+', '-').replaceAll('/', '_'));
    default:
      throw new ProtocolError(
        'RNS_IDENTITY_SIZE',
        `${body.length} characters are no key (hexadecimal has 128, base32 104, base64 88)`,
        { at: 'private key' }
      );
  }
}
