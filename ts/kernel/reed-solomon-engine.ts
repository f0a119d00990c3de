/** The `reed-solomon` kernel as the loader sees it: builds, self-test, warm-up. @module */
import { equalBytes } from '../base/bytes.ts';
import { fromHex } from '../base/hex.ts';
import { wasm as relaxed } from './generated/reed-solomon-relaxed.ts';
import { wasm as scalar } from './generated/reed-solomon-scalar.ts';
import { wasm as simd } from './generated/reed-solomon-simd.ts';
import { defineKernel } from './loader.ts';
import type { Kernel } from './loader.ts';
import type { ReedSolomonContract, ReedSolomonExports } from './reed-solomon-contract.ts';
import { interpolation } from './reed-solomon-field.ts';
import { reedSolomonOracle } from './reed-solomon-oracle.ts';
import { reedSolomonOverWasm } from './reed-solomon-wasm.ts';

/** The kernel; `ReedSolomon` is its public face. */
export const reedSolomonKernel: Kernel<ReedSolomonContract> = defineKernel<
  ReedSolomonContract,
  ReedSolomonExports
>({
  name: 'reed-solomon',
  builds: { scalar, simd, relaxed },
  fromWasm: reedSolomonOverWasm,
  oracle: reedSolomonOracle,
  selfTest,
  warm,
});

/** Parity of `data[i] = i * i * 7 + 13` in 8 shards of 8 bytes, by reed-solomon-erasure 6.0. */
const KNOWN_PARITY = '99744c3d50cd410459d5922dd0dd1fa599489f9dd06d12385969c18d507dcc19';

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);

function selfTest(contract: ReedSolomonContract): void {
  const data = range(0, 8).map((shard) =>
    Uint8Array.from(range(8 * shard, 8 * shard + 8), (i) => i * i * 7 + 13)
  );
  const parity = range(0, 4).map(() => new Uint8Array(8));
  contract.multiply(interpolation(range(0, 8), range(8, 12)), data, parity);
  const known = fromHex(KNOWN_PARITY);
  if (parity.some((shard, i) => !equalBytes(shard, known.subarray(8 * i, 8 * i + 8)))) {
    throw new Error('the self-test of encoding failed');
  }
  // The general form, with the groups of rows and the columns that the first matrix has not.
  const lost = [0, 3, 6];
  const given = [1, 2, 4, 5, 7, 8, 10, 11];
  const all = [...data, ...parity];
  const found = lost.map(() => new Uint8Array(8));
  const inputs = given.map((shard) => all[shard] as Uint8Array);
  contract.multiply(interpolation(given, lost), inputs, found);
  if (found.some((shard, i) => !equalBytes(shard, data[lost[i] as number] as Uint8Array))) {
    throw new Error('the self-test of reconstruction failed');
  }
}

/** Calls that V8 needs before its optimizing compiler takes over, with a margin. */
const WARM_ROUNDS = 8;

function warm(contract: ReedSolomonContract): void {
  const shards = range(0, 8).map(() => new Uint8Array(16384));
  const outputs = range(0, 4).map(() => new Uint8Array(16384));
  const encode = interpolation(range(0, 8), range(8, 12));
  const decode = interpolation([1, 4, 5, 7, 8, 9, 10, 11], [0, 2, 3, 6]);
  for (let i = 0; i < WARM_ROUNDS; i++) {
    contract.multiply(encode, shards, outputs);
    contract.multiply(decode, shards, outputs);
  }
}
