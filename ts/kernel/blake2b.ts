/**
 * BLAKE2b (RFC 7693): one-shot digests of 1 to 64 bytes, and an incremental form with optional key.
 *
 * Engines: scalar WebAssembly and the TypeScript oracle. There is no SIMD build, because 64-bit
 * arithmetic on two lanes came to half the speed of scalar code (see `as/blake2b.ts`). @module
 */
import { assertBytes, assertInteger } from '../base/bytes.ts';
import {
  BLOCK_BYTES,
  STATE_BYTES,
  absorbBlocks,
  finishState,
  startState,
} from './blake2b-oracle.ts';
import { wasm as scalar } from './generated/blake2b-scalar.ts';
import { defineKernel, forcedEngine } from './loader.ts';
import type { Kernel, WasmInstance } from './loader.ts';
import { nativeCrypto } from './native.ts';

/**
 * The kernel's contract. A state is 72 bytes: eight chaining words and the count of bytes, both
 * little-endian; it belongs to the caller and is the same for every engine.
 */
export interface Blake2bContract {
  /** Digest of a whole message without a key. */
  hash(message: Uint8Array, digestBytes: number): Uint8Array;
  /** A fresh state; with a key, its zero-padded block is the first input. */
  start(digestBytes: number, keyBytes: number): Uint8Array;
  /** Mix in whole blocks of 128 bytes that are not the message's last. */
  absorb(state: Uint8Array, blocks: Uint8Array): void;
  /** Mix in the rest, empty only for an empty message; the front of `state` then is the digest. */
  finish(state: Uint8Array, rest: Uint8Array): void;
}

/** Exports of `as/blake2b.ts`; lengths in bytes. */
interface Blake2bExports {
  readonly IN: WebAssembly.Global;
  readonly IN_CAP: WebAssembly.Global;
  readonly STATE: WebAssembly.Global;
  start(digestBytes: number, keyBytes: number): void;
  absorb(length: number): void;
  finish(length: number): void;
  hash(length: number, digestBytes: number): void;
}

/**
 * From this size on the host's blake2b512 is at least as fast as the kernel; below, its cost per
 * call loses. Measured by `bench/blake2b.ts`.
 */
const NATIVE_FROM_BYTES = 16384;

/** The kernel, for callers that need a contract of their own or its engine. */
export const blake2bKernel: Kernel<Blake2bContract> = defineKernel<Blake2bContract, Blake2bExports>(
  {
    name: 'blake2b',
    builds: { scalar },
    fromWasm,
    oracle: () => ({
      hash(message, digestBytes) {
        const state = startState(digestBytes, 0);
        finishState(state, message);
        return state.slice(0, digestBytes);
      },
      start: startState,
      absorb: absorbBlocks,
      finish: finishState,
    }),
    selfTest(contract) {
      const digest = contract.hash(ABC, 64);
      if (!ABC_DIGEST_FRONT.every((byte, i) => byte === digest[i])) {
        throw new Error('blake2b of "abc" is wrong');
      }
    },
    // 256 blocks are enough calls of the compression function for V8 to compile it again.
    warm: (contract) => void contract.hash(new Uint8Array(256 * BLOCK_BYTES), 64),
    native: () =>
      nativeBlake2b512() === undefined
        ? undefined
        : `blake2b512 from ${String(NATIVE_FROM_BYTES)} bytes on (node:crypto)`,
  }
);

/** RFC 7693 appendix A. */
const ABC: Uint8Array = /* @__PURE__ */ Uint8Array.of(97, 98, 99);
const ABC_DIGEST_FRONT: readonly number[] = [0xba, 0x80, 0xa5, 0x3f, 0x98, 0x1c, 0x4d, 0x0d];

function fromWasm(instance: WasmInstance<Blake2bExports>): Blake2bContract {
  const { exports } = instance;
  const input = instance.pointer('IN');
  const capacity = instance.pointer('IN_CAP');
  const stateAt = instance.pointer('STATE');
  // The module's memory never grows, so one view serves for its whole life.
  const memory = instance.bytes();
  const absorbHere = (blocks: Uint8Array): void => {
    for (let at = 0; at < blocks.length; at += capacity) {
      const part = blocks.subarray(at, at + capacity);
      memory.set(part, input);
      exports.absorb(part.length);
    }
  };
  const finishHere = (rest: Uint8Array): void => {
    let last = rest;
    if (rest.length > capacity) {
      const before = Math.floor((rest.length - 1) / capacity) * capacity;
      absorbHere(rest.subarray(0, before));
      last = rest.subarray(before);
    }
    memory.set(last, input);
    exports.finish(last.length);
  };
  return {
    hash(message, digestBytes) {
      if (message.length <= capacity) {
        memory.set(message, input);
        exports.hash(message.length, digestBytes);
      } else {
        exports.start(digestBytes, 0);
        finishHere(message);
      }
      return memory.slice(stateAt, stateAt + digestBytes);
    },
    start(digestBytes, keyBytes) {
      exports.start(digestBytes, keyBytes);
      return memory.slice(stateAt, stateAt + STATE_BYTES);
    },
    absorb(state, blocks) {
      memory.set(state, stateAt);
      absorbHere(blocks);
      state.set(memory.subarray(stateAt, stateAt + STATE_BYTES));
    },
    finish(state, rest) {
      memory.set(state, stateAt);
      finishHere(rest);
      state.set(memory.subarray(stateAt, stateAt + STATE_BYTES));
      // A key's block was the first thing here, if there was a key.
      memory.fill(0, input, input + BLOCK_BYTES);
    },
  };
}

/**
 * Hash a whole message.
 *
 * @param digestBytes - length of the digest, 1..64; part of the hash, so never a truncation
 * @throws RangeError when `digestBytes` is out of range
 * @see RFC 7693
 */
export function blake2b(message: Uint8Array, digestBytes: number): Uint8Array {
  assertBytes('message', message);
  assertInteger('digestBytes', digestBytes, 1, 64);
  if (message.length >= NATIVE_FROM_BYTES && digestBytes === 64 && forcedEngine() === undefined) {
    const native = nativeBlake2b512();
    if (native !== undefined) return native(message);
  }
  return blake2bKernel.get().contract.hash(message, digestBytes);
}

/** Hash a whole message to 32 bytes. */
export function blake2b256(message: Uint8Array): Uint8Array {
  return blake2b(message, 32);
}

/** Hash a whole message to 64 bytes. */
export function blake2b512(message: Uint8Array): Uint8Array {
  return blake2b(message, 64);
}

/**
 * Hash a message that arrives in parts, optionally under a key of up to 64 bytes.
 *
 * Holds its own state, so any number of them may be under way at once.
 */
export class Blake2b {
  readonly #digestBytes: number;
  readonly #state: Uint8Array;
  /** Input not mixed in yet: the last block is known only at the end, so a full one waits here. */
  readonly #waiting = new Uint8Array(BLOCK_BYTES);
  #waitingBytes = 0;
  #done = false;

  /**
   * @param digestBytes - length of the digest, 1..64
   * @param key - 0..64 secret bytes that make the digest a message authentication code
   * @throws RangeError when `digestBytes` or the key's length is out of range
   */
  constructor(digestBytes: number, key: Uint8Array = new Uint8Array(0)) {
    assertInteger('digestBytes', digestBytes, 1, 64);
    assertBytes('key', key);
    if (key.length > 64) throw new RangeError(`"key" must be at most 64 bytes, got ${key.length}`);
    this.#digestBytes = digestBytes;
    this.#state = blake2bKernel.get().contract.start(digestBytes, key.length);
    if (key.length > 0) {
      this.#waiting.set(key);
      this.#waitingBytes = BLOCK_BYTES;
    }
  }

  /**
   * Append the next part.
   * @throws Error after {@link digest}
   */
  update(chunk: Uint8Array): this {
    assertBytes('chunk', chunk);
    if (this.#done) throw new Error('update() after digest()');
    if (chunk.length === 0) return this;
    let rest = chunk;
    const room = BLOCK_BYTES - this.#waitingBytes;
    if (rest.length > room) {
      const { contract } = blake2bKernel.get();
      if (this.#waitingBytes > 0) {
        this.#waiting.set(rest.subarray(0, room), this.#waitingBytes);
        contract.absorb(this.#state, this.#waiting);
        this.#waitingBytes = 0;
        rest = rest.subarray(room);
      }
      // At least one byte stays, because the last block is mixed in differently.
      const whole = Math.floor((rest.length - 1) / BLOCK_BYTES) * BLOCK_BYTES;
      if (whole > 0) contract.absorb(this.#state, rest.subarray(0, whole));
      rest = rest.subarray(whole);
    }
    this.#waiting.set(rest, this.#waitingBytes);
    this.#waitingBytes += rest.length;
    return this;
  }

  /**
   * End the message and return its digest.
   * @throws Error when called twice
   */
  digest(): Uint8Array {
    if (this.#done) throw new Error('digest() called twice');
    this.#done = true;
    const { contract } = blake2bKernel.get();
    contract.finish(this.#state, this.#waiting.subarray(0, this.#waitingBytes));
    const digest = this.#state.slice(0, this.#digestBytes);
    // The waiting block may be the key's.
    this.#waiting.fill(0);
    this.#state.fill(0);
    return digest;
  }
}

let native: ((message: Uint8Array) => Uint8Array) | null | undefined;

/** The host's unkeyed 64-byte BLAKE2b where it has one and gives the known answer. */
function nativeBlake2b512(): ((message: Uint8Array) => Uint8Array) | undefined {
  if (native === undefined) {
    native = null;
    const crypto = nativeCrypto();
    try {
      const hash = (message: Uint8Array): Uint8Array =>
        new Uint8Array(
          (crypto as NonNullable<typeof crypto>).createHash('blake2b512').update(message).digest()
        );
      const digest = crypto === undefined ? undefined : hash(ABC);
      if (digest !== undefined && ABC_DIGEST_FRONT.every((byte, i) => byte === digest[i]))
        native = hash;
    } catch {
      // A host whose OpenSSL was built without BLAKE2b throws; the kernel serves it instead.
    }
  }
  return native ?? undefined;
}
