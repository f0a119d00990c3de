/**
 * Reed-Solomon erasure codes over GF(2^8), with the matrices of the Rust crate `reed-solomon-erasure`:
 * any `dataShards` of the `dataShards + parityShards` shards restore the rest.
 *
 * The code finds lost shards, never wrong ones: a shard that was changed must be recognized by other
 * means, such as its hash, and passed as missing. @module
 * @see reed-solomon-erasure src/core.rs ReedSolomon (6.0.0)
 */
import { assertInteger, equalBytes } from '../base/bytes.ts';
import { ProtocolError } from '../base/errors.ts';
import { interpolation, type CodingMatrix } from './reed-solomon-field.ts';
import { reedSolomonKernel } from './reed-solomon-engine.ts';
import { StripeCoder } from './reed-solomon-stripes.ts';

/** Most shards of one code, data and parity together: the field has no more points. */
export const MOST_SHARDS = 256;

/** How a set of missing shards is made out of the others. */
export interface Decoding {
  /** Shards that serve as inputs, in order; as many as there are data shards. */
  readonly given: readonly number[];
  readonly matrix: CodingMatrix;
}

/** Decodings kept for the next call, by count and by bytes of coefficients. */
const MOST_DECODINGS = 512;
const MOST_DECODING_BYTES = 1 << 20;

/** Bytes that `verify` recomputes at a time. */
const VERIFY_BYTES = 65536;

/** One Reed-Solomon code; holds no shard, only matrices, so one serves any number of files. */
export class ReedSolomon {
  readonly dataShards: number;
  readonly parityShards: number;
  readonly #encoding: CodingMatrix;
  /** Least recently used first. */
  readonly #decodings = new Map<string, Decoding>();

  /**
   * @param dataShards - at least 1
   * @param parityShards - at least 1; with the data shards at most 256
   * @throws RangeError when a count is out of range
   */
  constructor(dataShards: number, parityShards: number) {
    assertInteger('dataShards', dataShards, 1, MOST_SHARDS - 1);
    assertInteger('parityShards', parityShards, 1, MOST_SHARDS - dataShards);
    this.dataShards = dataShards;
    this.parityShards = parityShards;
    this.#encoding = interpolation(range(0, dataShards), range(dataShards, this.totalShards));
  }

  /** Data and parity shards together. */
  get totalShards(): number {
    return this.dataShards + this.parityShards;
  }

  /** The coefficients of the parity shards: one row for each, one column for each data shard. */
  get encoding(): CodingMatrix {
    return this.#encoding;
  }

  /**
   * Fill the parity shards, which come after the data shards.
   * @param shards - all shards, of one length of at least 1; the parity shards are overwritten
   * @throws TypeError or RangeError that names the shard which does not fit
   */
  encode(shards: readonly Uint8Array[]): void {
    this.#assertShards(shards);
    const { contract } = reedSolomonKernel.get();
    const { dataShards } = this;
    contract.multiply(this.#encoding, shards.slice(0, dataShards), shards.slice(dataShards));
  }

  /**
   * Whether the parity shards are those of the data shards; if not, nothing says which shard is wrong.
   * @throws TypeError or RangeError that names the shard which does not fit
   */
  verify(shards: readonly Uint8Array[]): boolean {
    const length = this.#assertShards(shards);
    const { contract } = reedSolomonKernel.get();
    const { dataShards, parityShards } = this;
    for (let at = 0; at < length; at += VERIFY_BYTES) {
      const parts = shards.map((shard) => shard.subarray(at, at + VERIFY_BYTES));
      const size = Math.min(VERIFY_BYTES, length - at);
      const parity = Array.from({ length: parityShards }, () => new Uint8Array(size));
      contract.multiply(this.#encoding, parts.slice(0, dataShards), parity);
      const isEqual = (shard: Uint8Array, i: number): boolean =>
        equalBytes(shard, parts[dataShards + i] as Uint8Array);
      if (!parity.every(isEqual)) return false;
    }
    return true;
  }

  /**
   * All shards, the missing ones made anew; those given are returned as they are.
   * @param shards - one entry for each shard, `undefined` where it is missing
   * @throws ProtocolError `RS_TOO_FEW_SHARDS` when fewer than the data shards are there; names the
   * missing ones
   * @throws TypeError or RangeError that names the shard which does not fit
   */
  reconstruct(shards: readonly (Uint8Array | undefined)[]): Uint8Array[] {
    return this.#restore(shards, this.totalShards);
  }

  /** The data shards alone, the missing ones made anew; otherwise as {@link reconstruct}. */
  reconstructData(shards: readonly (Uint8Array | undefined)[]): Uint8Array[] {
    return this.#restore(shards, this.dataShards);
  }

  /**
   * Areas in the kernel's own memory, one for each shard, for callers that fill them in place.
   * @param stripeBytes - bytes of each area; the default is the largest that suits the processor's
   * caches, at most 64 KB
   */
  stripes(stripeBytes?: number): StripeCoder {
    return new StripeCoder(this, stripeBytes);
  }

  /**
   * How the shards `wanted` are made out of those present; kept for the next call.
   * @param present - for each shard whether it is there
   * @param wanted - indices of missing shards, ascending
   * @throws ProtocolError `RS_TOO_FEW_SHARDS`
   */
  decoding(present: readonly boolean[], wanted: readonly number[]): Decoding {
    let key = '';
    for (const here of present) key += here ? '1' : '0';
    key += wanted.join();
    const known = this.#decodings.get(key);
    if (known !== undefined) {
      this.#decodings.delete(key);
      this.#decodings.set(key, known);
      return known;
    }
    const given = range(0, this.totalShards).filter((shard) => present[shard]);
    if (given.length < this.dataShards) throw this.#tooFew(present, given.length);
    given.length = this.dataShards;
    const decoding = { given, matrix: interpolation(given, wanted) };
    const bytes = this.dataShards * this.parityShards;
    const most = Math.min(MOST_DECODINGS, Math.ceil(MOST_DECODING_BYTES / bytes));
    if (this.#decodings.size >= most) {
      for (const oldest of this.#decodings.keys()) {
        this.#decodings.delete(oldest);
        break;
      }
    }
    this.#decodings.set(key, decoding);
    return decoding;
  }

  #restore(shards: readonly (Uint8Array | undefined)[], count: number): Uint8Array[] {
    const length = this.#assertShards(shards, true);
    const present = shards.map((shard) => shard !== undefined);
    const wanted = range(0, count).filter((shard) => !present[shard]);
    const out = shards.slice(0, count) as Uint8Array[];
    if (wanted.length === 0) return out;
    const { given, matrix } = this.decoding(present, wanted);
    const made = wanted.map((shard) => (out[shard] = new Uint8Array(length)));
    const inputs = given.map((shard) => shards[shard] as Uint8Array);
    reedSolomonKernel.get().contract.multiply(matrix, inputs, made);
    return out;
  }

  #tooFew(present: readonly boolean[], there: number): ProtocolError {
    const missing = range(0, this.totalShards).filter((shard) => !present[shard]);
    const text = `${this.dataShards} of ${this.totalShards} shards are needed, ${there} are there`;
    return new ProtocolError('RS_TOO_FEW_SHARDS', `${text}; missing: ${missing.join(', ')}`);
  }

  /** The common length of the shards that are there; 0 when none is. */
  #assertShards(shards: readonly (Uint8Array | undefined)[], mayMiss = false): number {
    if (shards.length !== this.totalShards) {
      throw new RangeError(
        `"shards" must have ${this.totalShards} entries, got ${String(shards.length)}`
      );
    }
    let length: number | undefined;
    for (let i = 0; i < shards.length; i++) {
      const shard = shards[i];
      if (shard === undefined && mayMiss) continue;
      if (!(shard instanceof Uint8Array)) {
        throw new TypeError(`"shards[${i}]" must be a Uint8Array, got ${typeof shard}`);
      }
      length ??= shard.length;
      if (shard.length === 0) throw new RangeError(`"shards[${i}]" must not be empty`);
      if (shard.length !== length) {
        throw new RangeError(
          `"shards[${i}]" must be ${length} bytes like the others, got ${shard.length}`
        );
      }
    }
    return length ?? 0;
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
