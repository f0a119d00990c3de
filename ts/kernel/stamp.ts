/**
 * LXMF proof of work: the SHA-256 midstate of a workblock, the digest of a stamp after it, and the
 * search for stamps. A workblock is never held in memory: 768 kB shrink to a state of 32 bytes, and a
 * try costs one compression.
 *
 * Engines: SIMD and scalar WebAssembly, and the TypeScript oracle. Above `loader.ts`, below `lxmf/`
 * and the worker pools in `host/`. @module
 * @see LXMF/LXStamper.py stamp_workblock, generate_stamp (LXMF 1.2.1)
 */
import { assertBytes, assertInteger, equalBytes } from '../base/bytes.ts';
import { ProtocolError } from '../base/errors.ts';
import { fromHex } from '../base/hex.ts';
import { wasm as scalar } from './generated/stamp-scalar.ts';
import { wasm as simd } from './generated/stamp-simd.ts';
import { defineKernel } from './loader.ts';
import type { Engine, Kernel, WasmInstance } from './loader.ts';
import { finish } from './sha256-oracle.ts';
import { ROUND_STEP, stampOracle } from './stamp-oracle.ts';
import type { StampContract } from './stamp-oracle.ts';

/** Bytes that each round adds to a workblock. */
export const WORKBLOCK_BYTES_PER_ROUND = 256;

const MATERIAL_MAX = 1024;
const STAMP_MAX = 1024;
const ROUNDS_MAX = 65535;
const STAMP_BYTES = 32;
const PREFIX_BYTES = 28;
/** Tries of one call into an engine, so that a long run is many calls and gets optimized early. */
const CALL_TRIES = 1 << 17;

/** A workblock, reduced to what hashing anything after it takes. */
export interface Workblock {
  /** 1..65535; the workblock has 256 bytes for each. */
  readonly rounds: number;
  /** SHA-256 state after the workblock, eight big-endian words, 32 bytes. */
  readonly midstate: Uint8Array;
}

/** Exports of `as/stamp.ts`; the comments there are the other half of the contract. */
interface StampExports {
  readonly MATERIAL: WebAssembly.Global;
  readonly MIDSTATE: WebAssembly.Global;
  readonly PREFIX: WebAssembly.Global;
  workblock(length: number, first: number, count: number): number;
  search(bits: number, start: number, tries: number, mask: number): number;
}

/** The kernel, for callers that need its engine or a contract of their own. */
export const stampKernel: Kernel<StampContract> = defineKernel<StampContract, StampExports>({
  name: 'stamp',
  builds: { scalar, simd },
  fromWasm,
  oracle: stampOracle,
  selfTest,
  warm,
});

function fromWasm(instance: WasmInstance<StampExports>): StampContract {
  const { exports } = instance;
  // The module's memory never grows, so one view serves for its whole life.
  const memory = instance.bytes();
  const materialAt = instance.pointer('MATERIAL');
  const midstateAt = instance.pointer('MIDSTATE');
  const prefixAt = instance.pointer('PREFIX');
  return {
    mixRounds(midstate, material, first, count) {
      memory.set(material, materialAt);
      memory.set(midstate, midstateAt);
      if (exports.workblock(material.length, first, count) < 0) {
        throw new ProtocolError('KERNEL_FAULT', 'workblock refused its arguments', { at: 'stamp' });
      }
      midstate.set(memory.subarray(midstateAt, midstateAt + midstate.length));
    },
    search(midstate, prefix, bits, start, tries, mask) {
      memory.set(midstate, midstateAt);
      memory.set(prefix, prefixAt);
      return exports.search(bits, start, tries, mask);
    },
  };
}

/** Peering of two identities, 25 rounds, by the reference; and the first stamp of cost 8 over it. */
const KNOWN = {
  material: '069092a03c194639207219dd05f9c840aca31af0441d81dbec71e82da0b4b5f5',
  workblockHash: '08799b42de3d6ca23128978e238c55c0560b7ec69a983e373cee36b1d9066f59',
  rounds: 25,
  counter: 78,
} as const;

function selfTest(contract: StampContract): void {
  const workblock = { rounds: KNOWN.rounds, midstate: new Uint8Array(32) };
  contract.mixRounds(workblock.midstate, fromHex(KNOWN.material), 0, KNOWN.rounds);
  const hash = stampDigest(workblock, new Uint8Array(0));
  if (!equalBytes(hash, fromHex(KNOWN.workblockHash))) {
    throw new Error('the self-test of workblocks failed');
  }
  const search = (tries: number): number =>
    contract.search(
      workblock.midstate,
      new Uint8Array(PREFIX_BYTES),
      bitsAfter(KNOWN.rounds),
      0,
      tries,
      0xff000000
    );
  if (search(KNOWN.counter) !== -1 || search(KNOWN.counter + 1) !== KNOWN.counter) {
    throw new Error('the self-test of the search failed');
  }
}

function warm(contract: StampContract, engine: Engine): void {
  const midstate = new Uint8Array(32);
  const prefix = new Uint8Array(PREFIX_BYTES);
  for (let i = 0; i < 8; i++) {
    contract.mixRounds(midstate, prefix, 0, 16);
    contract.search(midstate, prefix, 0, 0, engine === 'simd' ? 8192 : 2048, -1);
  }
}

function bitsAfter(rounds: number): number {
  return (rounds * WORKBLOCK_BYTES_PER_ROUND + STAMP_BYTES) * 8;
}

/**
 * Make the midstate of a workblock in one go; 3000 rounds take about 6 ms.
 *
 * @param material - 0..1024 bytes; a message hash, a transient id, or two identity hashes
 * @param rounds - 1..65535
 * @throws TypeError, RangeError on other arguments
 * @see LXMF/LXStamper.py stamp_workblock
 */
export function prepareWorkblock(material: Uint8Array, rounds: number): Workblock {
  const builder = new WorkblockBuilder(material, rounds);
  builder.step(rounds);
  return builder.finish();
}

/** Makes the midstate of a workblock in slices, for programs that must not stop for its whole time. */
export class WorkblockBuilder {
  readonly #material: Uint8Array;
  readonly #rounds: number;
  readonly #midstate = new Uint8Array(32);
  #done = 0;

  /**
   * @param material - 0..1024 bytes
   * @param rounds - 1..65535
   * @throws TypeError, RangeError on other arguments
   */
  constructor(material: Uint8Array, rounds: number) {
    assertBytes('material', material);
    if (material.length > MATERIAL_MAX) {
      throw new RangeError(
        `"material" must be at most ${MATERIAL_MAX} bytes, got ${material.length}`
      );
    }
    assertInteger('rounds', rounds, 1, ROUNDS_MAX);
    this.#material = new Uint8Array(material);
    this.#rounds = rounds;
  }

  /**
   * Do at least `rounds` further rounds, up to seven more than that, and no more than are left.
   * @returns whether all are done
   * @throws RangeError when `rounds` is not an integer 1..65535
   */
  step(rounds: number): boolean {
    assertInteger('rounds', rounds, 1, ROUNDS_MAX);
    const whole = Math.ceil(rounds / ROUND_STEP) * ROUND_STEP;
    const count = Math.min(whole, this.#rounds - this.#done);
    if (count > 0) {
      const { contract } = stampKernel.get();
      contract.mixRounds(this.#midstate, this.#material, this.#done, count);
      this.#done += count;
    }
    return this.#done === this.#rounds;
  }

  /** Share of the work that is done, 0..1. */
  get progress(): number {
    return this.#done / this.#rounds;
  }

  /** The workblock; rounds that are left are done first. */
  finish(): Workblock {
    this.step(ROUNDS_MAX);
    return { rounds: this.#rounds, midstate: this.#midstate.slice() };
  }
}

/** Throw unless `workblock` has the shape of one. */
export function assertWorkblock(workblock: Workblock): void {
  assertInteger('workblock.rounds', workblock.rounds, 1, ROUNDS_MAX);
  assertBytes('workblock.midstate', workblock.midstate, 32);
}

/**
 * SHA-256(workblock ‖ stamp), 32 bytes: the number that a stamp's validity and value depend on.
 *
 * Hashed by the oracle whatever the engine, because one compression is over before a call would pay.
 * @param stamp - 0..1024 bytes
 * @throws TypeError, RangeError on other arguments
 */
export function stampDigest(workblock: Workblock, stamp: Uint8Array): Uint8Array {
  assertWorkblock(workblock);
  assertBytes('stamp', stamp);
  if (stamp.length > STAMP_MAX) {
    throw new RangeError(`"stamp" must be at most ${STAMP_MAX} bytes, got ${stamp.length}`);
  }
  const { rounds, midstate } = workblock;
  const view = new DataView(midstate.buffer, midstate.byteOffset, 32);
  const state = Uint32Array.from({ length: 8 }, (_, i) => view.getUint32(4 * i));
  return finish(state, stamp, rounds * WORKBLOCK_BYTES_PER_ROUND + stamp.length);
}

/** Whether a digest begins with `bits` zero bits. */
function beginsWithZeros(digest: Uint8Array, bits: number): boolean {
  const whole = bits >> 3;
  for (let i = 0; i < whole; i++) if (digest[i] !== 0) return false;
  return whole === 32 || (digest[whole] as number) >> (8 - (bits & 7)) === 0;
}

/**
 * A search for 32-byte stamps whose digest begins with a number of zero bits, which meets the cost of
 * that many bits. It runs in slices of any size and finds the same stamps under every engine.
 *
 * The tries are `prefix ‖ n` for n = 0, 1, 2 and so on, 4 big-endian bytes; when n has run out, the
 * number in the last four bytes of the prefix goes up by one.
 */
export class StampSearch {
  readonly #workblock: Workblock;
  readonly #costBits: number;
  readonly #prefix: Uint8Array;
  #next: number;
  #tries = 0;

  /**
   * @param costBits - 0..256; no stamp is known for any cost near the end of that range
   * @param prefix - 28 random bytes, different for every search that runs at the same time
   * @param start - the first n, 0..2^32 - 1
   * @throws TypeError, RangeError on other arguments
   */
  constructor(workblock: Workblock, costBits: number, prefix: Uint8Array, start = 0) {
    assertWorkblock(workblock);
    assertInteger('costBits', costBits, 0, 256);
    assertBytes('prefix', prefix, PREFIX_BYTES);
    assertInteger('start', start, 0, 0xffffffff);
    this.#workblock = { rounds: workblock.rounds, midstate: new Uint8Array(workblock.midstate) };
    this.#costBits = costBits;
    this.#prefix = new Uint8Array(prefix);
    this.#next = start;
  }

  /** Stamps tried so far, the one found included. */
  get tries(): number {
    return this.#tries;
  }

  /**
   * Try up to `tries` further stamps.
   *
   * @returns the first stamp that fits, or `undefined`; a later call goes on behind it
   * @throws RangeError when `tries` is not an integer from 0 up to 2^53 - 1
   * @throws ProtocolError `KERNEL_FAULT` when the engine reports a stamp that the oracle does not confirm
   */
  run(tries: number): Uint8Array | undefined {
    assertInteger('tries', tries, 0, Number.MAX_SAFE_INTEGER);
    const { contract } = stampKernel.get();
    const wordBits = Math.min(this.#costBits, 32);
    const mask = wordBits === 0 ? 0 : -1 << (32 - wordBits);
    const bits = bitsAfter(this.#workblock.rounds);
    for (let left = tries; left > 0;) {
      const start = this.#next;
      const count = Math.min(left, CALL_TRIES, 0x100000000 - start);
      const { midstate } = this.#workblock;
      const before = contract.search(midstate, this.#prefix, bits, start, count, mask);
      const used = before < 0 ? count : before + 1;
      const stamp = before < 0 ? undefined : this.#stampAt(start + before);
      this.#advance(used);
      left -= used;
      if (stamp === undefined) continue;
      const digest = stampDigest(this.#workblock, stamp);
      if (!beginsWithZeros(digest, wordBits)) {
        throw new ProtocolError('KERNEL_FAULT', 'the engine found a stamp that does not fit', {
          at: 'stamp',
        });
      }
      // The engines look at the first word alone.
      if (beginsWithZeros(digest, this.#costBits)) return stamp;
    }
    return undefined;
  }

  #stampAt(n: number): Uint8Array {
    const stamp = new Uint8Array(STAMP_BYTES);
    stamp.set(this.#prefix);
    new DataView(stamp.buffer).setUint32(PREFIX_BYTES, n);
    return stamp;
  }

  #advance(used: number): void {
    this.#tries += used;
    this.#next += used;
    if (this.#next < 0x100000000) return;
    this.#next = 0;
    const view = new DataView(this.#prefix.buffer);
    view.setUint32(PREFIX_BYTES - 4, view.getUint32(PREFIX_BYTES - 4) + 1);
  }
}
