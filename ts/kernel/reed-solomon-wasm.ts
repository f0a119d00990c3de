/** The `reed-solomon` contract over a WebAssembly instance: its memory, tables and stripes. @module */
import { ProtocolError } from '../base/errors.ts';
import type { WasmInstance } from './loader.ts';
import type { ReedSolomonContract, ReedSolomonExports } from './reed-solomon-contract.ts';
import type { CodingMatrix } from './reed-solomon-field.ts';

/** Most bytes of one shard that are in the module's memory at a time. */
export const STRIPE_BYTES = 65536;

/** What the stripes of all shards may take together, so that they stay in a second-level cache. */
const STRIPES_BYTES = 1 << 20;

/**
 * Distance of two slots beyond their size. Without it, slots of a power of two would all begin in the
 * same set of the first-level cache.
 */
const PADDING = 192;

const ALIGNMENT = 64;

/** Bytes of each of `slots` stripes that are worked on at once. */
export function stripeSize(slots: number): number {
  const share = Math.floor(STRIPES_BYTES / slots);
  return Math.min(STRIPE_BYTES, share - (share % ALIGNMENT));
}

/** Where tables and slots lie. */
interface Layout {
  readonly tables: number;
  readonly firstSlot: number;
  readonly stride: number;
}

/** Wrap an instance. */
export function reedSolomonOverWasm(
  instance: WasmInstance<ReedSolomonExports>
): ReedSolomonContract {
  const { exports } = instance;
  const MATRIX = instance.pointer('MATRIX');
  const POINTERS = instance.pointer('POINTERS');
  const HEAP = instance.pointer('HEAP');
  /** The matrix whose tables are in place, and where. */
  let loaded: CodingMatrix | undefined;

  const checked = (result: number, what: string): number => {
    if (result < 0) {
      throw new ProtocolError('KERNEL_FAULT', `${what} gave ${String(result)}`, {
        at: 'reed-solomon',
      });
    }
    return result;
  };

  const lay = (slots: number, slotBytes: number, rows: number, columns: number): Layout => {
    const tableBytes = checked(exports.tableBytes(rows, columns), 'tableBytes');
    const firstSlot = HEAP + tableBytes + (-tableBytes & (ALIGNMENT - 1));
    const stride = slotBytes + (-slotBytes & (ALIGNMENT - 1)) + PADDING;
    instance.reserve(firstSlot + slots * stride);
    return { tables: HEAP, firstSlot, stride };
  };

  const load = (matrix: CodingMatrix): void => {
    if (loaded === matrix) return;
    loaded = undefined;
    instance.bytes().set(matrix.coefficients, MATRIX);
    checked(exports.prepare(HEAP, matrix.rows, matrix.columns), 'prepare');
    loaded = matrix;
  };

  /** The addresses behind one another: columns first, then rows. */
  const point = (view: DataView, slot: number, address: number): void =>
    view.setUint32(POINTERS + 4 * slot, address, true);

  return {
    multiply(matrix, inputs, outputs) {
      const { rows, columns } = matrix;
      const length = outputs[0]?.length ?? 0;
      const stripe = Math.min(stripeSize(rows + columns), length);
      const layout = lay(rows + columns, stripe, rows, columns);
      const { firstSlot, stride } = layout;
      load(matrix);
      const bytes = instance.bytes();
      const pointers = new DataView(bytes.buffer);
      for (let i = 0; i < rows + columns; i++) point(pointers, i, firstSlot + i * stride);
      for (let at = 0; at < length; at += stripe) {
        const end = Math.min(length, at + stripe);
        for (let c = 0, slot = firstSlot; c < columns; c++, slot += stride) {
          const input = inputs[c] as Uint8Array;
          bytes.set(stripe === length ? input : input.subarray(at, end), slot);
        }
        checked(exports.multiply(HEAP, rows, columns, end - at), 'multiply');
        for (let r = 0, slot = firstSlot + columns * stride; r < rows; r++, slot += stride) {
          (outputs[r] as Uint8Array).set(bytes.subarray(slot, slot + end - at), at);
        }
      }
    },
    workspace(slots, slotBytes, maxRows, columns) {
      const layout = lay(slots, slotBytes, maxRows, columns);
      const address = (slot: number): number => layout.firstSlot + slot * layout.stride;
      const bytes = instance.bytes();
      const pointers = new DataView(bytes.buffer);
      return {
        slots: Array.from({ length: slots }, (_, slot) =>
          bytes.subarray(address(slot), address(slot) + slotBytes)
        ),
        multiply(matrix, inputs, outputs, lengthBytes) {
          load(matrix);
          inputs.forEach((slot, c) => point(pointers, c, address(slot)));
          outputs.forEach((slot, r) => point(pointers, matrix.columns + r, address(slot)));
          const { rows, columns: width } = matrix;
          checked(exports.multiply(layout.tables, rows, width, lengthBytes), 'multiply');
        },
      };
    },
  };
}
