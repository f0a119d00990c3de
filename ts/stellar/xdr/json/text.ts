/** Bytes as text: the escapes of strings and asset codes (SEP-51). @module */
import { fromHex } from '../../../base/hex.ts';
import { ProtocolError } from '../../../base/errors.ts';
import { utf8 } from '../../../base/bytes.ts';

const BACKSLASH = 0x5c;
const NAMED: ReadonlyMap<number, string> = /* @__PURE__ */ new Map([
  [0, '\\0'],
  [9, '\\t'],
  [10, '\\n'],
  [13, '\\r'],
  [BACKSLASH, '\\\\'],
]);
const LETTERS: Readonly<Record<string, number>> = { 0: 0, t: 9, n: 10, r: 13, '\\': BACKSLASH };

/** Write printable ASCII as it is, `\0 \t \n \r \\` by name and every other byte as `\xNN`. */
export function escapeBytes(bytes: Uint8Array): string {
  let out = '';
  for (const byte of bytes) {
    const named = NAMED.get(byte);
    if (named !== undefined) out += named;
    else if (byte >= 0x20 && byte < 0x7f) out += String.fromCharCode(byte);
    else out += `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return out;
}

/**
 * Undo {@link escapeBytes}; characters outside ASCII stand for their UTF-8 bytes.
 * @throws ProtocolError `XDR_JSON` for an unknown escape
 */
export function unescapeBytes(text: string): Uint8Array {
  if (!text.isWellFormed()) throw new ProtocolError('XDR_JSON', 'lone surrogate in a string');
  const from = utf8(text);
  const out: number[] = [];
  for (let i = 0; i < from.length; i++) {
    const byte = from[i] as number;
    if (byte !== BACKSLASH) {
      out.push(byte);
      continue;
    }
    i += 1;
    const letter = String.fromCharCode(from[i] ?? 0x20);
    const plain = LETTERS[letter];
    if (plain !== undefined) {
      out.push(plain);
    } else if (letter === 'x') {
      out.push(hexByte(String.fromCharCode(...from.subarray(i + 1, i + 3))));
      i += 2;
    } else {
      throw new ProtocolError('XDR_JSON', 'unknown escape in a string');
    }
  }
  return Uint8Array.from(out);
}

function hexByte(digits: string): number {
  if (!/^[0-9a-fA-F]{2}$/.test(digits)) {
    throw new ProtocolError('XDR_JSON', 'unknown escape in a string');
  }
  return fromHex(digits)[0] as number;
}
