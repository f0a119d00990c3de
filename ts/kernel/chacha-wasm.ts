/** The `chacha` contract over a WebAssembly instance: copies in, calls, copies out. @module */
import { ProtocolError } from '../base/errors.ts';
import { TAG_BYTES, type ChachaContract, type ChachaExports } from './chacha-contract.ts';
import type { WasmInstance } from './loader.ts';

const KEY_BYTES = 32;

/** Wrap an instance; its memory never grows, so the view is made once. */
export function chachaOverWasm(instance: WasmInstance<ChachaExports>): ChachaContract {
  const { exports } = instance;
  const bytes = instance.bytes();
  const KEY = instance.pointer('KEY');
  const NONCE = instance.pointer('NONCE');
  const AAD = instance.pointer('AAD');
  const AAD_CAP = instance.pointer('AAD_CAP');
  const IN = instance.pointer('IN');
  const IN_CAP = instance.pointer('IN_CAP');
  const FIRST_CAP = instance.pointer('FIRST_CAP');
  const TAG = instance.pointer('TAG');
  const EXPECTED = instance.pointer('EXPECTED');

  const checked = (result: number, what: string): number => {
    if (result < 0) {
      throw new ProtocolError('KERNEL_FAULT', `${what} gave ${String(result)}`, { at: 'chacha' });
    }
    return result;
  };

  const setKey = (key: Uint8Array, nonce: Uint8Array): void => {
    bytes.set(key, KEY);
    bytes.set(nonce, NONCE);
  };

  const absorbAll = (data: Uint8Array): void => {
    for (let at = 0; at < data.length; at += IN_CAP) {
      const part = data.subarray(at, at + IN_CAP);
      bytes.set(part, IN);
      checked(exports.absorb(part.length), 'absorb');
    }
  };

  /** Pass the parts of a text through `work` at `IN`; what is there afterwards goes to `target`. */
  const eachPart = (
    text: Uint8Array,
    length: number,
    work: (length: number) => number,
    target?: Uint8Array
  ): void => {
    for (let at = 0, size = FIRST_CAP; at < length; at += size, size = IN_CAP) {
      const end = Math.min(length, at + size);
      bytes.set(text.subarray(at, end), IN);
      checked(work(end - at), 'a part');
      target?.set(bytes.subarray(IN, IN + end - at), at);
    }
  };

  const isShort = (aad: Uint8Array, length: number): boolean =>
    length <= FIRST_CAP && aad.length <= AAD_CAP;

  /** Clear what a call left of the text; a short one is cheaper to clear than to remember. */
  const clearText = (length: number): void => {
    bytes.fill(0, IN, IN + Math.min(length, IN_CAP) + 256);
  };

  return {
    deriveKey(key, nonce) {
      setKey(key, nonce);
      exports.deriveKey();
      const derived = bytes.slice(KEY, KEY + KEY_BYTES);
      exports.wipe();
      return derived;
    },
    seal(key, nonce, aad, text, target) {
      const { length } = text;
      setKey(key, nonce);
      if (isShort(aad, length)) {
        bytes.set(aad, AAD);
        bytes.set(text, IN);
        checked(exports.seal(aad.length, length), 'seal');
        target.set(bytes.subarray(IN, IN + length));
      } else {
        exports.begin();
        absorbAll(aad);
        eachPart(text, length, exports.encrypt, target);
        exports.finish(aad.length, length);
        exports.wipe();
      }
      target.set(bytes.subarray(TAG, TAG + TAG_BYTES), length);
    },
    open(key, nonce, aad, sealed, target) {
      const length = sealed.length - TAG_BYTES;
      setKey(key, nonce);
      bytes.set(sealed.subarray(length), EXPECTED);
      let authentic: boolean;
      if (isShort(aad, length)) {
        bytes.set(aad, AAD);
        bytes.set(sealed.subarray(0, length), IN);
        authentic = checked(exports.open(aad.length, length), 'open') === 1;
        if (authentic) target.set(bytes.subarray(IN, IN + length));
      } else {
        exports.begin();
        absorbAll(aad);
        eachPart(sealed, length, exports.absorb);
        exports.finish(aad.length, length);
        authentic = exports.matches() === 1;
        if (authentic) eachPart(sealed, length, exports.decrypt, target);
        exports.wipe();
      }
      clearText(length);
      return authentic;
    },
    poly1305(key, message) {
      bytes.set(key, KEY);
      bytes.set(message.subarray(0, IN_CAP), IN);
      checked(exports.poly1305(message.length), 'poly1305');
      return bytes.slice(TAG, TAG + TAG_BYTES);
    },
  };
}
