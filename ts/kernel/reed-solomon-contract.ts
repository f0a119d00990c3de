/** What every engine of the `reed-solomon` kernel does, and how its module looks from outside. @module */
import type { CodingMatrix } from './reed-solomon-field.ts';

/**
 * The contract of the `reed-solomon` kernel: a matrix times rows of bytes. Calls are synchronous; the
 * caller makes sure that the counts fit and that all byte arrays of a call have one length.
 */
export interface ReedSolomonContract {
  /** `outputs[r]` becomes the sum over c of coefficient (r, c) times `inputs[c]`. */
  multiply(
    this: void,
    matrix: CodingMatrix,
    inputs: readonly Uint8Array[],
    outputs: readonly Uint8Array[]
  ): void;
  /**
   * Areas inside the engine's memory, for callers that fill and read them in place. Only for an
   * instance of its own, of which it is the only use.
   * @param maxRows - most rows of a matrix that comes
   * @param columns - columns of every matrix that comes
   */
  workspace(
    this: void,
    slots: number,
    slotBytes: number,
    maxRows: number,
    columns: number
  ): Workspace;
}

/** Byte areas and the product over them. */
export interface Workspace {
  readonly slots: readonly Uint8Array[];
  /**
   * Make the first `lengthBytes` of the slots `outputs` out of those of `inputs`; what lies behind
   * them in the outputs is undefined afterwards.
   */
  multiply(
    matrix: CodingMatrix,
    inputs: readonly number[],
    outputs: readonly number[],
    lengthBytes: number
  ): void;
}

/** Exports of `as/reed-solomon.ts`; the comments there are the other half of the contract. */
export interface ReedSolomonExports {
  readonly MATRIX: WebAssembly.Global;
  readonly POINTERS: WebAssembly.Global;
  readonly HEAP: WebAssembly.Global;
  tableBytes(rows: number, columns: number): number;
  prepare(tables: number, rows: number, columns: number): number;
  multiply(tables: number, rows: number, columns: number, length: number): number;
}
