/** The `reed-solomon` contract in plain TypeScript, written to be read. @module */
import type { ReedSolomonContract, Workspace } from './reed-solomon-contract.ts';
import { multiplyElements, type CodingMatrix } from './reed-solomon-field.ts';

/** The readable engine: one table of 256 products for each coefficient. */
export function reedSolomonOracle(): ReedSolomonContract {
  return { multiply, workspace };
}

function multiply(
  { columns, coefficients }: CodingMatrix,
  inputs: readonly Uint8Array[],
  outputs: readonly Uint8Array[]
): void {
  const products = new Uint8Array(256);
  outputs.forEach((output, row) => {
    output.fill(0);
    inputs.forEach((input, column) => {
      const coefficient = coefficients[row * columns + column] as number;
      for (let byte = 0; byte < 256; byte++) products[byte] = multiplyElements(coefficient, byte);
      for (let x = 0; x < output.length; x++) {
        output[x] = (output[x] as number) ^ (products[input[x] as number] as number);
      }
    });
  });
}

function workspace(count: number, slotBytes: number): Workspace {
  const slots = Array.from({ length: count }, () => new Uint8Array(slotBytes));
  const parts = (indices: readonly number[], lengthBytes: number): Uint8Array[] =>
    indices.map((index) => (slots[index] as Uint8Array).subarray(0, lengthBytes));
  return {
    slots,
    multiply(matrix, inputs, outputs, lengthBytes) {
      multiply(matrix, parts(inputs, lengthBytes), parts(outputs, lengthBytes));
    },
  };
}
