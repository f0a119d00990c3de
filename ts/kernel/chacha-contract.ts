/** What every engine of the `chacha` kernel does, and how its module looks from outside. @module */

/** Bytes that sealing adds: the tag. */
export const TAG_BYTES = 16;

/**
 * The contract of the `chacha` kernel; calls are synchronous and keep no key. Keys are 32 bytes,
 * nonces 24; the caller makes sure of both, and that targets are long enough. A target may be the
 * source itself when both begin at the same byte.
 */
export interface ChachaContract {
  /** HChaCha20 of a key and the first 16 bytes of `nonce`: 32 bytes. */
  deriveKey(this: void, key: Uint8Array, nonce: Uint8Array): Uint8Array;
  /** Write the ciphertext of `text` and behind it the tag to `target`. */
  seal(
    this: void,
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
    text: Uint8Array,
    target: Uint8Array
  ): void;
  /**
   * Write the text of `sealed`, a ciphertext with its tag behind it, to `target`; false, and nothing
   * written, when the tag is not its own. Takes the same time for any wrong tag.
   */
  open(
    this: void,
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
    sealed: Uint8Array,
    target: Uint8Array
  ): boolean;
  /** Poly1305 (RFC 8439) of at most 64 KB under a one-time key of 32 bytes: 16 bytes. */
  poly1305(this: void, key: Uint8Array, message: Uint8Array): Uint8Array;
}

/** Exports of `as/chacha.ts`; the comments there are the other half of the contract. */
export interface ChachaExports {
  readonly KEY: WebAssembly.Global;
  readonly NONCE: WebAssembly.Global;
  readonly AAD: WebAssembly.Global;
  readonly AAD_CAP: WebAssembly.Global;
  readonly IN: WebAssembly.Global;
  readonly IN_CAP: WebAssembly.Global;
  readonly FIRST_CAP: WebAssembly.Global;
  readonly TAG: WebAssembly.Global;
  readonly EXPECTED: WebAssembly.Global;
  deriveKey(): void;
  begin(): void;
  absorb(length: number): number;
  encrypt(length: number): number;
  decrypt(length: number): number;
  finish(aadLength: number, length: number): void;
  matches(): number;
  seal(aadLength: number, length: number): number;
  open(aadLength: number, length: number): number;
  poly1305(length: number): number;
  wipe(): void;
}
