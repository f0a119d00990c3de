/**
 * Reed-Solomon on byte areas that lie in the kernel's own memory: a file or socket is read straight
 * into them, and no shard is copied. @module
 */
import { assertInteger } from '../base/bytes.ts';
import type { Workspace } from './reed-solomon-contract.ts';
import { reedSolomonKernel } from './reed-solomon-engine.ts';
import type { Decoding } from './reed-solomon.ts';
import type { CodingMatrix } from './reed-solomon-field.ts';
import { stripeSize } from './reed-solomon-wasm.ts';

/** What a stripe coder must know of its code. */
export interface StripeCode {
  readonly dataShards: number;
  readonly parityShards: number;
  readonly totalShards: number;
  readonly encoding: CodingMatrix;
  decoding(present: readonly boolean[], wanted: readonly number[]): Decoding;
}

/** Largest stripe that may be asked for. */
const MOST_STRIPE_BYTES = 1 << 24;

/** One stripe of every shard, to be filled, encoded or completed, and read again and again. */
export class StripeCoder {
  /** Bytes of each area. */
  readonly stripeBytes: number;
  /** The areas by shard index; the same views for the coder's whole life. */
  readonly shards: readonly Uint8Array[];
  readonly #code: StripeCode;
  readonly #workspace: Workspace;
  readonly #data: readonly number[];
  readonly #parity: readonly number[];

  /** `ReedSolomon.stripes` is the way to make one. */
  constructor(code: StripeCode, stripeBytes: number = stripeSize(code.totalShards)) {
    assertInteger('stripeBytes', stripeBytes, 1, MOST_STRIPE_BYTES);
    const { contract } = reedSolomonKernel.fresh();
    const { dataShards, parityShards, totalShards } = code;
    this.#workspace = contract.workspace(totalShards, stripeBytes, parityShards, dataShards);
    this.#code = code;
    this.stripeBytes = stripeBytes;
    this.shards = this.#workspace.slots;
    const all = this.shards.map((_, shard) => shard);
    this.#data = all.slice(0, dataShards);
    this.#parity = all.slice(dataShards);
  }

  /** Make the first `lengthBytes` of the parity areas out of those of the data areas. */
  encode(lengthBytes: number = this.stripeBytes): void {
    assertInteger('lengthBytes', lengthBytes, 1, this.stripeBytes);
    this.#workspace.multiply(this.#code.encoding, this.#data, this.#parity, lengthBytes);
  }

  /**
   * Make the missing areas out of the others.
   * @param present - for each shard whether its area holds it
   * @returns the indices of the areas that were made
   * @throws ProtocolError `RS_TOO_FEW_SHARDS`
   */
  reconstruct(present: readonly boolean[], lengthBytes: number = this.stripeBytes): number[] {
    assertInteger('lengthBytes', lengthBytes, 1, this.stripeBytes);
    if (present.length !== this.#code.totalShards) {
      throw new RangeError(
        `"present" must have ${this.#code.totalShards} entries, got ${present.length}`
      );
    }
    const missing = present.flatMap((here, shard) => (here ? [] : [shard]));
    if (missing.length === 0) return missing;
    const { given, matrix } = this.#code.decoding(present, missing);
    this.#workspace.multiply(matrix, given, missing, lengthBytes);
    return missing;
  }
}
