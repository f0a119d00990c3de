/** Reed-Solomon 8+4: the kernel against the Rust crate in WebAssembly and a native addon. @module */
import { createRequire } from 'node:module';
import { ReedSolomonErasure } from '@subspace/reed-solomon-erasure.wasm';
import { concat } from '../ts/base/bytes.ts';
import type { ReedSolomonContract } from '../ts/kernel/reed-solomon-contract.ts';
import { reedSolomonKernel } from '../ts/kernel/reed-solomon-engine.ts';
import { ReedSolomon } from '../ts/kernel/reed-solomon.ts';
import { fixed, type Fixed } from './engines.ts';
import type { Absent, Contender, Group, RatioGoal } from './harness.ts';
import { counting, sizeText, type Topic } from './topic.ts';

const DATA = 8;
const PARITY = 4;
const TOTAL = DATA + PARITY;
/** Bytes of a stripe of one shard. */
const STRIPE = 65536;
/** Data shards that the reconstruction has lost: the parity is needed in full. */
const LOST = [0, 2, 3, 6];

const scalar = fixed(reedSolomonKernel, 'scalar');
const simd = fixed(reedSolomonKernel, 'simd');
const relaxed = fixed(reedSolomonKernel, 'relaxed');

const code = new ReedSolomon(DATA, PARITY);
const present = Array.from({ length: TOTAL }, (_, shard) => !LOST.includes(shard));

function encoded(size: number): Uint8Array[] {
  const shards = Array.from({ length: TOTAL }, (_, shard) => counting(size, 17 * shard));
  code.encode(shards);
  return shards;
}

/** A contender with a way to see what it made. */
function doing(name: string, call: () => void, made: () => readonly Uint8Array[]): Contender {
  return {
    name,
    output() {
      call();
      return concat(...made());
    },
    run: (units) => {
      for (let i = 0; i < units; i++) call();
    },
  };
}

const parityOf = (shards: readonly Uint8Array[]): readonly Uint8Array[] => shards.slice(DATA);
const lostOf = (shards: readonly Uint8Array[]): readonly Uint8Array[] =>
  LOST.map((shard) => shards[shard] as Uint8Array);

/**
 * Stripe by stripe in the kernel's memory. The measurement leaves the caller's part out, which is to
 * write the stripe, as a file or socket is read into it, and to send off what was made.
 */
function inPlace(size: number, isEncoding: boolean): Contender {
  const coder = code.stripes(Math.min(size, STRIPE));
  const shards = encoded(size);
  const lengths: number[] = [];
  for (let at = 0; at < size; at += STRIPE) lengths.push(Math.min(STRIPE, size - at));
  const make = (length: number): void => {
    if (isEncoding) coder.encode(length);
    else coder.reconstruct(present, length);
  };
  return {
    name: 'tesserae in place',
    output() {
      const out = shards.map(() => new Uint8Array(size));
      lengths.forEach((length, i) => {
        const from = i * STRIPE;
        coder.shards.forEach((view, shard) => {
          const whole = shards[shard] as Uint8Array;
          const isGiven = isEncoding ? shard < DATA : present[shard];
          if (isGiven) view.set(whole.subarray(from, from + length));
          else view.fill(0);
        });
        make(length);
        coder.shards.forEach((view, shard) => out[shard]?.set(view.subarray(0, length), from));
      });
      return concat(...(isEncoding ? parityOf(out) : lostOf(out)));
    },
    run: (units) => {
      for (let i = 0; i < units; i++) for (const length of lengths) make(length);
    },
  };
}

function copying(
  name: string,
  engine: Fixed<ReedSolomonContract>,
  size: number,
  isEncoding: boolean
): Contender | Absent {
  if ('absent' in engine) return { name, absent: engine.absent };
  const shards = encoded(size);
  const { given, matrix } = isEncoding
    ? { given: [...Array(DATA).keys()], matrix: code.encoding }
    : code.decoding(present, LOST);
  const inputs = given.map((shard) => shards[shard] as Uint8Array);
  const outputs = Array.from({ length: PARITY }, () => new Uint8Array(size));
  const { multiply } = engine.contract;
  return doing(
    name,
    () => multiply(matrix, inputs, outputs),
    () => outputs
  );
}

async function rust(size: number, isEncoding: boolean): Promise<Contender> {
  const peer = await ReedSolomonErasure.fromCurrentDirectory();
  const all = concat(...encoded(size));
  const shards = Array.from({ length: TOTAL }, (_, i) => all.subarray(i * size, (i + 1) * size));
  const done = (result: number): void => {
    if (result !== ReedSolomonErasure.RESULT_OK) throw new Error(`the peer gave ${result}`);
  };
  const name = 'reed-solomon-erasure (WASM)';
  return isEncoding
    ? doing(
        name,
        () => done(peer.encode(all, DATA, PARITY)),
        () => parityOf(shards)
      )
    : doing(
        name,
        () => done(peer.reconstruct(all, DATA, PARITY, present)),
        () => lostOf(shards)
      );
}

interface Addon {
  create(k: number, m: number): unknown;
  encode(
    context: unknown,
    sources: number,
    targets: number,
    buffer: Buffer,
    bufferOffset: number,
    bufferSize: number,
    parity: Buffer,
    parityOffset: number,
    paritySize: number,
    end: (error: Error | undefined) => void
  ): void;
}

/** Its code is another one, so its output is not compared; a peer in speed alone. */
function addon(size: number, isEncoding: boolean): Contender | Absent {
  const name = '@ronomon/reed-solomon (native)';
  let loaded: Addon;
  try {
    // No dependency of the project: it compiles C on installation, which not every machine can.
    loaded = createRequire(import.meta.url)('@ronomon/reed-solomon') as Addon;
  } catch {
    return { name, absent: 'not installed; npm install --no-save @ronomon/reed-solomon@6.0.0' };
  }
  const context = loaded.create(DATA, PARITY);
  const data = Buffer.from(concat(...encoded(size).slice(0, DATA)));
  const parity = Buffer.alloc(PARITY * size);
  const flags = (shards: readonly number[]): number => shards.reduce((sum, i) => sum | (1 << i), 0);
  const all = [...Array(TOTAL).keys()];
  const wanted = isEncoding ? all.slice(DATA) : LOST;
  const sources = flags(all.filter((shard) => !wanted.includes(shard)));
  const once = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const end = (error: Error | undefined): void => (error ? reject(error) : resolve());
      const areas = [data, 0, data.length, parity, 0, parity.length] as const;
      loaded.encode(context, sources, flags(wanted), ...areas, end);
    });
  return {
    name,
    async run(units) {
      for (let i = 0; i < units; i++) await once();
    },
  };
}

async function comparison(size: number, isEncoding: boolean): Promise<Group> {
  const native = '@ronomon/reed-solomon (native)';
  const wasm = 'reed-solomon-erasure (WASM)';
  const inBand = size >= 65536 && size <= 1 << 20;
  const goals: RatioGoal[] = [
    {
      name: 'in place against Rust in WASM',
      ratio: ['tesserae in place', wasm],
      goal: isEncoding ? 8 : 4,
    },
    { name: 'with copies against Rust in WASM', ratio: ['tesserae, SIMD', wasm] },
    { name: 'scalar against Rust in WASM', ratio: ['tesserae, scalar', wasm], goal: 2.5 },
    {
      name: 'in place against the native addon',
      ratio: ['tesserae in place', native],
      ...(isEncoding && inBand ? { goal: 0.9 } : {}),
    },
    { name: 'relaxed SIMD against SIMD', ratio: ['tesserae, relaxed SIMD', 'tesserae, SIMD'] },
  ];
  return {
    title: isEncoding
      ? `parity of shards of ${sizeText(size)}`
      : `four lost data shards of ${sizeText(size)}`,
    unit: 'stripes',
    unitBytes: DATA * size,
    contenders: [
      inPlace(size, isEncoding),
      copying('tesserae, SIMD', simd, size, isEncoding),
      copying('tesserae, relaxed SIMD', relaxed, size, isEncoding),
      copying('tesserae, scalar', scalar, size, isEncoding),
      await rust(size, isEncoding),
      addon(size, isEncoding),
    ],
    goals,
  };
}

const SIZES = [4096, 65536, 1 << 20, 8 << 20];

/** Reed-Solomon. */
export const topic: Topic = {
  name: 'reed-solomon',
  title: 'Reed-Solomon 8+4',
  about:
    'Bytes are those of the data shards. `in place` works on stripes of up to 64 KB in the memory of ' +
    'the kernel, which the caller has filled; the other rows of ours, and the Rust crate, copy in and ' +
    'out. The native addon computes another code on a thread pool; CPU time counts its threads. ' +
    'Relaxed SIMD needs a flag on Node 20.',
  groups: SIZES.flatMap((size) => [
    (): Promise<Group> => comparison(size, true),
    (): Promise<Group> => comparison(size, false),
  ]),
};
