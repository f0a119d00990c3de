/**
 * XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03): the kernel for short texts, the host's library for
 * long ones, noble where there is neither. All agree byte for byte. @module
 */
import { xchacha20poly1305 as noble } from '@noble/ciphers/chacha.js';
import { assertBytes, equalBytes } from '../base/bytes.ts';
import { ProtocolError } from '../base/errors.ts';
import type { ChachaContract } from '../kernel/chacha-contract.ts';
import { CHACHA_NATIVE_FROM, chachaKernel } from '../kernel/chacha.ts';
import { engineEpoch, forcedEngine } from '../kernel/loader.ts';
import { nativeCrypto, type NativeCrypto } from '../kernel/native.ts';

/** Bytes of a key. */
export const XCHACHA_KEY_BYTES = 32;
/** Bytes of a nonce; long enough to be drawn at random for any number of texts. */
export const XCHACHA_NONCE_BYTES = 24;
/** Bytes that sealing adds. */
export const XCHACHA_TAG_BYTES = 16;

const NO_AAD = /* @__PURE__ */ new Uint8Array(0);

/** What the host's library takes at a time: parts of this size stay in the processor's caches. */
const NATIVE_PART_BYTES = 1 << 20;

const ALGORITHM = 'chacha20-poly1305';
const OPTIONS = { authTagLength: XCHACHA_TAG_BYTES } as const;

type Seal = ChachaContract['seal'];
type Open = ChachaContract['open'];

/** The choice for the present engine. */
interface Active {
  readonly seal: Seal;
  readonly open: Open;
  readonly native: NativeCrypto | undefined;
  /** Text bytes from which the host's library serves. */
  readonly nativeFrom: number;
  readonly deriveKey: ChachaContract['deriveKey'];
}

let active: Active | undefined;
let activeEpoch = -1;

function choose(): Active {
  if (active !== undefined && activeEpoch === engineEpoch()) return active;
  const { contract, engine } = chachaKernel.get();
  const isForced = forcedEngine() !== undefined;
  const native = isForced ? undefined : provenNative(contract);
  // Without WebAssembly, noble is several times faster than the oracle, which is written to be read.
  const portable = engine === 'ts' && !isForced && native === undefined;
  active = {
    seal: portable ? nobleSeal : contract.seal,
    open: portable ? nobleOpen : contract.open,
    deriveKey: contract.deriveKey,
    native,
    nativeFrom: native === undefined ? Infinity : CHACHA_NATIVE_FROM[engine],
  };
  activeEpoch = engineEpoch();
  return active;
}

/** The host's library if it has this cipher and agrees with the kernel; not every runtime does. */
function provenNative(contract: ChachaContract): NativeCrypto | undefined {
  const native = nativeCrypto();
  if (native === undefined) return undefined;
  const key = new Uint8Array(XCHACHA_KEY_BYTES).fill(1);
  const nonce = new Uint8Array(XCHACHA_NONCE_BYTES).fill(2);
  const text = new Uint8Array(80).fill(3);
  const ours = new Uint8Array(text.length + XCHACHA_TAG_BYTES);
  const theirs = ours.slice();
  contract.seal(key, nonce, text, text, ours);
  try {
    nativeSeal(native, contract.deriveKey(key, nonce), nonce, text, text, theirs);
    return equalBytes(ours, theirs) ? native : undefined;
  } catch {
    // The runtime has node:crypto without this cipher.
    return undefined;
  }
}

/** A key that seals and opens texts, each under a nonce that must never serve twice. */
export class XChaCha20Poly1305 {
  readonly #key: Uint8Array;
  #wiped = false;

  /** @param key - 32 bytes, copied */
  constructor(key: Uint8Array) {
    assertBytes('key', key, XCHACHA_KEY_BYTES);
    this.#key = key.slice();
  }

  /**
   * Seal a text.
   *
   * Shape: `ciphertext(text.length) ‖ tag(16)`; the nonce is not part of it.
   * @param nonce - 24 bytes
   * @param aad - authenticated with the text, but neither encrypted nor part of the result
   */
  seal(nonce: Uint8Array, text: Uint8Array, aad: Uint8Array = NO_AAD): Uint8Array {
    assertBytes('text', text);
    const out = new Uint8Array(text.length + XCHACHA_TAG_BYTES);
    this.sealInto(out, nonce, text, aad);
    return out;
  }

  /**
   * {@link seal} into memory of the caller.
   * @param target - exactly 16 bytes longer than `text`; may begin with the text itself, which is then
   * encrypted in place
   */
  sealInto(
    target: Uint8Array,
    nonce: Uint8Array,
    text: Uint8Array,
    aad: Uint8Array = NO_AAD
  ): void {
    assertBytes('text', text);
    assertBytes('target', target, text.length + XCHACHA_TAG_BYTES);
    const { seal, native, nativeFrom, deriveKey } = this.#ready(nonce, aad);
    if (native === undefined || text.length < nativeFrom) {
      seal(this.#key, nonce, aad, text, target);
    } else {
      const derived = deriveKey(this.#key, nonce);
      nativeSeal(native, derived, nonce, aad, text, target);
      derived.fill(0);
    }
  }

  /**
   * Open what {@link seal} made.
   * @throws ProtocolError `AEAD_TRUNCATED` when there is no room for a tag, `AEAD_TAG` when key, nonce,
   * associated data or a byte of it is not what was sealed
   */
  open(nonce: Uint8Array, sealed: Uint8Array, aad: Uint8Array = NO_AAD): Uint8Array {
    const out = new Uint8Array(textBytes(sealed));
    this.openInto(out, nonce, sealed, aad);
    return out;
  }

  /**
   * {@link open} into memory of the caller, which stays untouched when the tag does not match.
   * @param target - exactly 16 bytes shorter than `sealed`; may be the beginning of it
   */
  openInto(
    target: Uint8Array,
    nonce: Uint8Array,
    sealed: Uint8Array,
    aad: Uint8Array = NO_AAD
  ): void {
    const length = textBytes(sealed);
    assertBytes('target', target, length);
    const { open, native, nativeFrom, deriveKey } = this.#ready(nonce, aad);
    let isAuthentic: boolean;
    if (native === undefined || length < nativeFrom) {
      isAuthentic = open(this.#key, nonce, aad, sealed, target);
    } else {
      const derived = deriveKey(this.#key, nonce);
      isAuthentic = nativeOpen(native, derived, nonce, aad, sealed, target);
      derived.fill(0);
    }
    if (!isAuthentic) {
      throw new ProtocolError('AEAD_TAG', 'tag does not match', { offset: length });
    }
  }

  /** Overwrite the key, which cannot be used afterwards. */
  wipe(): void {
    this.#key.fill(0);
    this.#wiped = true;
  }

  #ready(nonce: Uint8Array, aad: Uint8Array): Active {
    if (this.#wiped) throw new TypeError('"XChaCha20Poly1305" has been wiped');
    assertBytes('nonce', nonce, XCHACHA_NONCE_BYTES);
    assertBytes('aad', aad);
    return choose();
  }
}

function textBytes(sealed: Uint8Array): number {
  assertBytes('sealed', sealed);
  if (sealed.length < XCHACHA_TAG_BYTES) {
    throw new ProtocolError('AEAD_TRUNCATED', `${sealed.length} bytes hold no tag`);
  }
  return sealed.length - XCHACHA_TAG_BYTES;
}

/** The nonce of the inner cipher: four zero bytes, then the last eight of the 24. */
function innerNonce(nonce: Uint8Array): Uint8Array {
  const inner = new Uint8Array(12);
  inner.set(nonce.subarray(16), 4);
  return inner;
}

function nativeSeal(
  native: NativeCrypto,
  derived: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  text: Uint8Array,
  target: Uint8Array
): void {
  const cipher = native.createCipheriv(ALGORITHM, derived, innerNonce(nonce), OPTIONS);
  cipher.setAAD(aad);
  for (let at = 0; at < text.length; at += NATIVE_PART_BYTES) {
    target.set(cipher.update(text.subarray(at, at + NATIVE_PART_BYTES)), at);
  }
  cipher.final();
  target.set(cipher.getAuthTag(), text.length);
}

function nativeOpen(
  native: NativeCrypto,
  derived: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  sealed: Uint8Array,
  target: Uint8Array
): boolean {
  const tagAt = sealed.length - XCHACHA_TAG_BYTES;
  const cipher = native.createDecipheriv(ALGORITHM, derived, innerNonce(nonce), OPTIONS);
  cipher.setAAD(aad);
  cipher.setAuthTag(sealed.subarray(tagAt));
  const parts: Uint8Array[] = [];
  for (let at = 0; at < tagAt; at += NATIVE_PART_BYTES) {
    parts.push(cipher.update(sealed.subarray(at, Math.min(tagAt, at + NATIVE_PART_BYTES))));
  }
  try {
    cipher.final();
  } catch {
    // The only failure of `final` here is a tag that does not match.
    for (const part of parts) part.fill(0);
    return false;
  }
  parts.forEach((part, i) => target.set(part, i * NATIVE_PART_BYTES));
  return true;
}

const nobleSeal: Seal = (key, nonce, aad, text, target) => {
  target.set(noble(key, nonce, aad).encrypt(text));
};

const nobleOpen: Open = (key, nonce, aad, sealed, target) => {
  let text: Uint8Array;
  try {
    text = noble(key, nonce, aad).decrypt(sealed);
  } catch {
    // With key and nonce of the right lengths, it throws only for a tag that does not match.
    return false;
  }
  target.set(text);
  return true;
};
