/** What every engine of the `hmac` kernel does, and how its module looks from outside. @module */

/**
 * Midstates of a key: 16 native words, 8 after the block `key ^ ipad` and 8 after `key ^ opad`.
 * As secret as the key itself.
 */
export type HmacStates = Uint32Array;

/** Key set-up and MAC, of which HKDF can be composed. */
export interface HmacPrimitives {
  /** Midstates of a key of any length into `states`. */
  deriveStates(this: void, key: Uint8Array, states: HmacStates): void;
  /** Tag of one message of any length, 32 bytes. */
  mac(this: void, states: HmacStates, message: Uint8Array): Uint8Array;
}

/** The contract of the `hmac` kernel; calls are synchronous and keep no key. */
export interface HmacContract extends HmacPrimitives {
  /** Like `mac`, written to `target` at `offset`; the caller makes sure that 32 bytes fit. */
  macInto(
    this: void,
    states: HmacStates,
    message: Uint8Array,
    target: Uint8Array,
    offset: number
  ): void;
  /** Whether `tag`, 32 bytes, is the message's; takes the same time for any tag. */
  verify(this: void, states: HmacStates, message: Uint8Array, tag: Uint8Array): boolean;
  /** Tags of messages of any lengths, in their order. */
  macBatch(this: void, states: HmacStates, messages: readonly Uint8Array[]): Uint8Array[];
  /** Fill `target` with HKDF output; the counter byte wraps after 255 blocks. */
  hkdf(this: void, target: Uint8Array, ikm: Uint8Array, salt: Uint8Array, info: Uint8Array): void;
}

/** Exports of `as/hmac.ts`; the comments there are the other half of the contract. */
export interface HmacExports {
  readonly IN: WebAssembly.Global;
  readonly IN_CAP: WebAssembly.Global;
  readonly BATCH: WebAssembly.Global;
  readonly KEY: WebAssembly.Global;
  readonly TAG: WebAssembly.Global;
  readonly OUT: WebAssembly.Global;
  readonly LEN: WebAssembly.Global;
  readonly HKDF_CAP: WebAssembly.Global;
  readonly SALT: WebAssembly.Global;
  readonly IKM: WebAssembly.Global;
  readonly INFO: WebAssembly.Global;
  setKey(length: number): void;
  begin(keyed: number): void;
  absorb(blocks: number): void;
  end(length: number, total: number): void;
  endHash(length: number, total: number): void;
  mac(length: number): void;
  matches(): number;
  wipe(): void;
  extract(saltLength: number, ikmLength: number): void;
  expand(infoLength: number, first: number, blocks: number, last: number): void;
  macBatch(count: number, blocks: number): void;
}

/** Blocks of 64 bytes that a message fills when padded. */
export function blocksOf(message: Uint8Array): number {
  return Math.floor((message.length + 72) / 64);
}
