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
 * @throws ProtocolError `RNS_IDENTITY_KEY` on another length or a foreign character, with its offset;
 *   the text itself is never repeated
 */
export function decodeKeyText(text: string): Uint8Array {
  const body = text.replace(/\s+/g, '');
  const decode = decoderFor(body.length);
  if (decode === undefined) {
    throw new ProtocolError(
      'RNS_IDENTITY_KEY',
      `${body.length} characters are no key (hexadecimal has 128, base32 104, base64 88)`
    );
  }
  let key: Uint8Array;
  try {
    key = decode(body);
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw new ProtocolError('RNS_IDENTITY_KEY', 'foreign character', {
      offset: cause.offset,
      cause,
    });
  }
  if (key.length !== IDENTITY_KEY_BYTES) {
    throw new ProtocolError('RNS_IDENTITY_KEY', `needs 64 bytes, got ${key.length}`);
  }
  return key;
}

function decoderFor(length: number): ((body: string) => Uint8Array) | undefined {
  if (length === 128) return fromHex;
  if (length === 103 || length === 104) return fromBase32;
  if (length !== 86 && length !== 88) return undefined;
  return (body) => fromBase64Url(body.replaceAll('+', '-').replaceAll('/', '_'));
}
