/**
 * BLAKE2b (RFC 7693): one-shot digests of 1 to 64 bytes, and an incremental form with optional key.
 *
 * Engines: scalar WebAssembly and the TypeScript oracle. There is no SIMD build, because 64-bit
 * arithmetic on two lanes came to half the speed of scalar code (see `as/blake2b.ts`). @module
 */
import { assertBytes, assertInteger, equalBytes } from '../base/bytes.ts';
import { BLOCK_BYTES, absorbBlocks, finishState, startState } from './blake2b-oracle.ts';
import { wasm as scalar } from './generated/blake2b-scalar.ts';
import { defineKernel } from './loader.ts';
import type { Kernel, WasmInstance } from './loader.ts';

/**
 * The kernel's contract. A state is sixteen 32-bit words, the chaining words as halves with the low
 * one first; it belongs to the caller and is the same for every engine. `before` counts the bytes
 * that went ahead, a key's block included.
 */
export interface Blake2bContract {
  /** Digest of a whole message without a key. */
  hash(this: void, message: Uint8Array, digestBytes: number): Uint8Array;
  /** Set a state up; with a key, its zero-padded block is the first input. */
  start(this: void, state: Uint32Array, digestBytes: number, keyBytes: number): void;
  /** Mix in whole blocks of 128 bytes that are not the message's last. */
  absorb(this: void, state: Uint32Array, before: number, blocks: Uint8Array): void;
  /** Mix in the rest, empty only for an empty message, and return the digest. */
  finish(
    this: void,
    state: Uint32Array,
    before: number,
    rest: Uint8Array,
    digestBytes: number
  ): Uint8Array;
}

/** Exports of `as/blake2b.ts`; lengths in bytes. */
interface Blake2bExports {
  readonly IN: WebAssembly.Global;
  readonly IN_CAP: WebAssembly.Global;
  readonly STATE: WebAssembly.Global;
  start(digestBytes: number, keyBytes: number): void;
  absorb(length: number, before: number): void;
  finish(length: number, before: number): void;
  hash(length: number, digestBytes: number): void;
}

/** The kernel, for callers that need a contract of their own or its engine. */
export const blake2bKernel: Kernel<Blake2bContract> = defineKernel<Blake2bContract, Blake2bExports>(
  {
    name: 'blake2b',
    builds: { scalar },
    fromWasm,
    oracle: () => ({
      hash(message, digestBytes) {
        const state = new Uint32Array(16);
        startState(state, digestBytes, 0);
        return finishState(state, 0, message, digestBytes);
      },
      start: startState,
      absorb: absorbBlocks,
      finish: finishState,
    }),
    selfTest,
    // 256 blocks are enough calls of the compression function for V8 to compile it again.
    warm: (contract) => void contract.hash(new Uint8Array(256 * BLOCK_BYTES), 64),
  }
);

/** RFC 7693 appendix A. */
const ABC: Uint8Array = /* @__PURE__ */ Uint8Array.of(97, 98, 99);
const ABC_DIGEST_FRONT: readonly number[] = [0xba, 0x80, 0xa5, 0x3f, 0x98, 0x1c, 0x4d, 0x0d];

function selfTest({ hash, start, absorb, finish }: Blake2bContract): void {
  const known = hash(ABC, 64);
  if (!ABC_DIGEST_FRONT.every((byte, i) => byte === known[i])) {
    throw new Error('the self-test of BLAKE2b failed');
  }
  const message = new Uint8Array(2 * BLOCK_BYTES + 1);
  const whole = hash(message, 64);
  const state = new Uint32Array(16);
  start(state, 64, 0);
  absorb(state, 0, message.subarray(0, BLOCK_BYTES));
  const parts = finish(state, BLOCK_BYTES, message.subarray(BLOCK_BYTES), 64);
  if (!equalBytes(whole, parts)) throw new Error('the self-test of BLAKE2b in parts failed');
}

function fromWasm(instance: WasmInstance<Blake2bExports>): Blake2bContract {
  const { exports } = instance;
  const input = instance.pointer('IN');
  const capacity = instance.pointer('IN_CAP');
  const stateAt = instance.pointer('STATE');
  // The module's memory never grows, so its views serve for its whole life.
  const memory = instance.bytes();
  const words = new Uint32Array(memory.buffer, stateAt, 16);
  const absorbHere = (before: number, blocks: Uint8Array): void => {
    for (let at = 0; at < blocks.length; at += capacity) {
      const part = blocks.subarray(at, at + capacity);
      memory.set(part, input);
      exports.absorb(part.length, before + at);
    }
  };
  const finishHere = (before: number, rest: Uint8Array): void => {
    let done = 0;
    if (rest.length > capacity) {
      done = Math.floor((rest.length - 1) / capacity) * capacity;
      absorbHere(before, rest.subarray(0, done));
    }
    memory.set(rest.subarray(done), input);
    exports.finish(rest.length - done, before + done);
  };
  return {
    hash(message, digestBytes) {
      if (message.length <= capacity) {
        memory.set(message, input);
        exports.hash(message.length, digestBytes);
      } else {
        exports.start(digestBytes, 0);
        finishHere(0, message);
      }
      return memory.slice(stateAt, stateAt + digestBytes);
    },
    start(state, digestBytes, keyBytes) {
      exports.start(digestBytes, keyBytes);
      state.set(words);
    },
    absorb(state, before, blocks) {
      words.set(state);
      absorbHere(before, blocks);
      state.set(words);
    },
    finish(state, before, rest, digestBytes) {
      words.set(state);
      finishHere(before, rest);
      // A key's block was the first thing here, if there was a key.
      memory.fill(0, input, input + BLOCK_BYTES);
      return memory.slice(stateAt, stateAt + digestBytes);
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
  readonly #state = new Uint32Array(16);
  /** Bytes mixed into the state. */
  #mixedBytes = 0;
  /** Input not mixed in yet: the last block is known only at the end, so a full one waits here. */
  readonly #waiting = new Uint8Array(BLOCK_BYTES);
  #waitingBytes = 0;
  #done = false;

  /**
   * @param digestBytes - length of the digest, 1..64
   * @param key - 0..64 secret bytes that make the digest a message authentication code
   * @throws RangeError when `digestBytes` or the key's length is out of range
   */
  constructor(digestBytes: number, key?: Uint8Array) {
    assertInteger('digestBytes', digestBytes, 1, 64);
    if (key !== undefined) assertBytes('key', key);
    const keyBytes = key?.length ?? 0;
    if (keyBytes > 64) throw new RangeError(`"key" must be at most 64 bytes, got ${keyBytes}`);
    this.#digestBytes = digestBytes;
    blake2bKernel.get().contract.start(this.#state, digestBytes, keyBytes);
    if (key !== undefined && keyBytes > 0) {
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
    let rest = chunk;
    const room = BLOCK_BYTES - this.#waitingBytes;
    if (rest.length > room) {
      if (this.#waitingBytes > 0) {
        this.#waiting.set(rest.subarray(0, room), this.#waitingBytes);
        this.#absorb(this.#waiting);
        this.#waitingBytes = 0;
        rest = rest.subarray(room);
      }
      // At least one byte stays, because the last block is mixed in differently.
      const whole = Math.floor((rest.length - 1) / BLOCK_BYTES) * BLOCK_BYTES;
      if (whole > 0) {
        this.#absorb(rest.subarray(0, whole));
        rest = rest.subarray(whole);
      }
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
    const rest = this.#waiting.subarray(0, this.#waitingBytes);
    const { contract } = blake2bKernel.get();
    const digest = contract.finish(this.#state, this.#mixedBytes, rest, this.#digestBytes);
    // The waiting block may be the key's, and the state follows from it.
    this.#waiting.fill(0);
    this.#state.fill(0);
    return digest;
  }

  #absorb(blocks: Uint8Array): void {
    blake2bKernel.get().contract.absorb(this.#state, this.#mixedBytes, blocks);
    this.#mixedBytes += blocks.length;
  }
}
