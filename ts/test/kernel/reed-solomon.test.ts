/** Reed-Solomon against the Rust crate, its WebAssembly build, and between its own engines. @module */
import { createHash } from 'node:crypto';
import { ReedSolomonErasure } from '@subspace/reed-solomon-erasure.wasm';
import { concat, equalBytes } from '../../base/bytes.ts';
import { fromHex } from '../../base/hex.ts';
import { SeededRandom } from '../../base/random.ts';
import { forceEngine, forcedEngine, type Engine } from '../../kernel/loader.ts';
import { probe } from '../../kernel/probe.ts';
import { reedSolomonKernel } from '../../kernel/reed-solomon-engine.ts';
import { interpolation, multiplyElements } from '../../kernel/reed-solomon-field.ts';
import { reedSolomonOracle } from '../../kernel/reed-solomon-oracle.ts';
import { ReedSolomon } from '../../kernel/reed-solomon.ts';
import { assert, sameBytes, throwsCode } from '../support/assert.ts';
import { eachCase, loadGolden, type GoldenCase } from '../support/golden.ts';
import { sameLong } from '../support/long.ts';
import { choices, seededShards } from '../support/pangea.ts';
import { suite } from '../support/suite.ts';

const t = suite('kernel/reed-solomon', import.meta.url);

/** Bytes of one shard that the engines work on at once, for up to 16 shards. */
const STRIPE = 65536;

const random = new SeededRandom(1960);

/** A new instance for each call: its reconstruction frees memory that it has given away. */
const newPeer = (): Promise<ReedSolomonErasure> => ReedSolomonErasure.fromCurrentDirectory();

/** Data shards of random bytes and empty parity shards. */
function randomShards(data: number, parity: number, length: number): Uint8Array[] {
  const shards = Array.from({ length: data }, () => random.bytes(length));
  return [...shards, ...Array.from({ length: parity }, () => new Uint8Array(length))];
}

function encoded(data: number, parity: number, length: number): Uint8Array[] {
  const shards = randomShards(data, parity, length);
  new ReedSolomon(data, parity).encode(shards);
  return shards;
}

const without = (shards: readonly Uint8Array[], lost: readonly number[]) =>
  shards.map((shard, i) => (lost.includes(i) ? undefined : shard));

function sameShards(actual: readonly Uint8Array[], expected: readonly Uint8Array[]): void {
  assert.is(actual.length, expected.length);
  actual.forEach((shard, i) => sameBytes(shard, expected[i] as Uint8Array, `shard ${i}`));
}

interface Shape {
  readonly dataShards: number;
  readonly parityShards: number;
  readonly shardBytes: number;
  readonly seed: number;
}

const shapeOf = (item: GoldenCase): Shape => item.in as unknown as Shape;
const op = (name: string) => (item: GoldenCase) => item.in['op'] === name;

t(
  '[pangea/optional-enhancements-simd-for-avx2-neon-when-available] runs the best engine allowed',
  () => {
    const { engine } = reedSolomonKernel.get();
    const { simd, relaxedSimd } = probe().wasm;
    const best: Engine = relaxedSimd ? 'relaxed' : simd ? 'simd' : 'scalar';
    const forced = forcedEngine() ?? best;
    assert.is(engine, forced === 'relaxed' && !relaxedSimd ? 'simd' : forced);
  }
);

t(
  '[pangea/ces-reed-solomon-8-data-4-parity-shards] has the parity matrix of every configuration',
  () => {
    eachCase(
      loadGolden('pangea', 'reed-solomon'),
      (item) => {
        const { dataShards, parityShards } = shapeOf(item);
        const code = new ReedSolomon(dataShards, parityShards);
        sameLong(code.encoding.coefficients, item.out?.['rows']);
        const unit = Array.from({ length: code.totalShards }, (_, i) => {
          const shard = new Uint8Array(dataShards);
          if (i < dataShards) shard[i] = 1;
          return shard;
        });
        code.encode(unit);
        sameLong(concat(...unit.slice(dataShards)), item.out?.['rows']);
      },
      op('matrix')
    );
  }
);

t(
  '[pangea/ces-reed-solomon-8-data-4-parity-shards] makes the parity of the Rust crate for odd sizes to 5 MB',
  () => {
    eachCase(
      loadGolden('pangea', 'reed-solomon'),
      (item) => {
        const { dataShards, parityShards, seed, shardBytes } = shapeOf(item);
        const code = new ReedSolomon(dataShards, parityShards);
        const data = seededShards(seed, dataShards, shardBytes);
        // What stood in the parity shards before does not matter.
        const parity = seededShards(1, parityShards, shardBytes);
        code.encode([...data, ...parity]);
        sameLong(concat(...parity), item.out?.['parity']);
        assert.ok(code.verify([...data, ...parity]));
      },
      op('encode')
    );
  }
);

t(
  '[pangea/ces-reed-solomon-8-data-4-parity-shards] refuses the shapes that the Rust crate refuses',
  () => {
    eachCase(
      loadGolden('pangea', 'reed-solomon'),
      (item) => {
        const { dataShards, parityShards } = shapeOf(item);
        const lengths = item.in['lengths'] as number[];
        assert.throws(
          () => {
            const code = new ReedSolomon(dataShards, parityShards);
            code.encode(lengths.map((length) => new Uint8Array(length)));
          },
          (error: unknown) => error instanceof RangeError
        );
      },
      op('refuse')
    );
  }
);

t(
  '[pangea/ces-reconstruction-from-any-8-shards] reconstructs what the Rust crate does, for every loss',
  () => {
    eachCase(
      loadGolden('pangea', 'reed-solomon-losses'),
      (item) => {
        const { dataShards, parityShards, seed, shardBytes } = shapeOf(item);
        const code = new ReedSolomon(dataShards, parityShards);
        const shards = seededShards(seed, code.totalShards, shardBytes);
        const digests = item.out?.['digests'] as string[];
        const losses = choices(code.totalShards, item.in['lost'] as number);
        assert.is(losses.length, digests.length);
        losses.forEach((lost, i) => {
          const all = concat(...code.reconstruct(without(shards, lost)));
          const digest = createHash('sha256').update(all).digest('hex').slice(0, 16);
          assert.is(digest, digests[i], `without ${lost.join()}`);
        });
      },
      op('losses')
    );
  }
);

t('[pangea/ces-reconstruction-from-any-8-shards] every loss of up to 4 of 12 is recovered', () => {
  const code = new ReedSolomon(8, 4);
  const shards = encoded(8, 4, 29);
  let count = 0;
  for (const lost of [0, 1, 2, 3, 4].flatMap((number) => choices(12, number))) {
    sameShards(code.reconstruct(without(shards, lost)), shards);
    sameShards(code.reconstructData(without(shards, lost)), shards.slice(0, 8));
    count += 1;
  }
  assert.is(count, 1 + 12 + 66 + 220 + 495);
});

t(
  '[pangea/ces-reconstruction-from-any-8-shards] every loss of 5 of 12 fails and names the shards',
  () => {
    const code = new ReedSolomon(8, 4);
    const shards = encoded(8, 4, 8);
    for (const lost of choices(12, 5)) {
      const error = throwsCode(() => code.reconstruct(without(shards, lost)), 'RS_TOO_FEW_SHARDS');
      assert.ok(error.message.endsWith(`7 are there; missing: ${lost.join(', ')}`), error.message);
      const needsMaking = lost.some((shard) => shard < 8);
      if (needsMaking) {
        throwsCode(() => code.reconstructData(without(shards, lost)), 'RS_TOO_FEW_SHARDS');
      }
    }
    eachCase(
      loadGolden('pangea', 'reed-solomon-losses'),
      (item) => {
        const { dataShards, parityShards, shardBytes } = shapeOf(item);
        const all = encoded(dataShards, parityShards, shardBytes);
        const small = new ReedSolomon(dataShards, parityShards);
        const lost = item.in['lost'] as number[];
        throwsCode(() => small.reconstruct(without(all, lost)), 'RS_TOO_FEW_SHARDS');
      },
      op('refuse')
    );
  }
);

t('verify finds any flipped bit', () => {
  const code = new ReedSolomon(4, 2);
  const shards = encoded(4, 2, 5);
  assert.ok(code.verify(shards));
  for (const shard of shards) {
    for (let bit = 0; bit < 8 * shard.length; bit++) {
      shard[bit >> 3] = (shard[bit >> 3] as number) ^ (1 << (bit & 7));
      assert.not(code.verify(shards), `bit ${bit}`);
      shard[bit >> 3] = (shard[bit >> 3] as number) ^ (1 << (bit & 7));
    }
  }
  const long = encoded(8, 4, STRIPE + 100);
  (long[11] as Uint8Array)[STRIPE + 99] = ((long[11] as Uint8Array)[STRIPE + 99] as number) ^ 128;
  assert.not(new ReedSolomon(8, 4).verify(long), 'in the last stripe');
});

t('[tesserae/kernel-engines-agree] agrees with the oracle for any shape and size', () => {
  const oracle = reedSolomonOracle();
  const { contract } = reedSolomonKernel.get();
  const shapes: [number, number][] = [];
  for (let columns = 1; columns <= 12; columns++) {
    for (let rows = 1; rows <= 9; rows++) shapes.push([columns, rows]);
  }
  shapes.push([16, 8], [20, 12], [128, 128], [255, 1], [1, 255], [4, 252], [252, 4]);
  for (const [columns, rows] of shapes) {
    const given = Array.from({ length: columns }, (_, i) => i);
    const wanted = Array.from({ length: rows }, (_, i) => columns + i);
    const length = 1 + random.below(300);
    const inputs = given.map(() => random.bytes(length));
    const [ours, theirs] = [0, 1].map(() => wanted.map(() => random.bytes(length))) as [
      Uint8Array[],
      Uint8Array[],
    ];
    const matrices = [
      interpolation(given, wanted),
      { rows, columns, coefficients: random.bytes(rows * columns) },
    ];
    for (const matrix of matrices) {
      contract.multiply(matrix, inputs, ours);
      oracle.multiply(matrix, inputs, theirs);
      sameShards(ours, theirs);
    }
  }
});

t(
  '[tesserae/kernel-engines-agree] agrees with the oracle around the ends of vectors and stripes',
  () => {
    const oracle = reedSolomonOracle();
    const { contract } = reedSolomonKernel.get();
    const sizes = [
      1,
      7,
      8,
      9,
      15,
      16,
      17,
      31,
      32,
      33,
      STRIPE - 1,
      STRIPE,
      STRIPE + 1,
      2 * STRIPE + 5,
    ];
    for (const [columns, rows] of [
      [4, 4],
      [3, 2],
    ] as const) {
      const matrix = { rows, columns, coefficients: random.bytes(rows * columns) };
      for (const length of sizes) {
        const inputs = Array.from({ length: columns }, () => random.bytes(length));
        const ours = Array.from({ length: rows }, () => new Uint8Array(length));
        const theirs = Array.from({ length: rows }, () => new Uint8Array(length));
        contract.multiply(matrix, inputs, ours);
        oracle.multiply(matrix, inputs, theirs);
        sameShards(ours, theirs);
      }
    }
  }
);

t('agrees with the crate built for WebAssembly, both ways', async () => {
  for (const [data, parity] of [
    [8, 4],
    [4, 2],
    [16, 8],
    [5, 3],
    [32, 16],
    [1, 1],
  ] as const) {
    for (let i = 0; i < 4; i++) {
      const length = 1 + random.below(3000);
      const shards = randomShards(data, parity, length);
      const theirs = concat(...shards);
      const encoder = await newPeer();
      assert.is(encoder.encode(theirs, data, parity), ReedSolomonErasure.RESULT_OK);
      new ReedSolomon(data, parity).encode(shards);
      sameBytes(concat(...shards), theirs);

      const lost = new Set(Array.from({ length: parity }, () => random.below(data + parity)));
      const holed = concat(...shards.map((shard, n) => (lost.has(n) ? shard.map(() => 0) : shard)));
      const here = shards.map((_, n) => !lost.has(n));
      const decoder = await newPeer();
      const result = decoder.reconstruct(holed, data, parity, here);
      assert.is(result, ReedSolomonErasure.RESULT_OK);
      const code = new ReedSolomon(data, parity);
      const ours = concat(...code.reconstructData(without(shards, [...lost])));
      sameBytes(ours, holed.slice(0, data * length));
    }
  }
});

t('works on stripes in place, and keeps them apart from other calls', () => {
  const code = new ReedSolomon(8, 4);
  const stripes = code.stripes(1000);
  assert.is(stripes.stripeBytes, 1000);
  const views = stripes.shards;
  for (const length of [1000, 999, 17, 1]) {
    const shards = encoded(8, 4, length);
    views.forEach((view, i) => {
      assert.is(view.length, 1000);
      if (i < 8) view.set(shards[i] as Uint8Array);
      else view.fill(255);
    });
    encoded(8, 4, 3000);
    stripes.encode(length);
    sameShards(
      views.map((view) => view.slice(0, length)),
      shards
    );
    const lost = [1, 2, 7, 10];
    for (const shard of lost) (views[shard] as Uint8Array).fill(170);
    const present = views.map((_, shard) => !lost.includes(shard));
    assert.equal(stripes.reconstruct(present, length), lost);
    sameShards(
      views.map((view) => view.slice(0, length)),
      shards
    );
  }
  const all = views.map(() => true);
  assert.equal(stripes.reconstruct(all), []);
  throwsCode(() => stripes.reconstruct(all.map((_, i) => i > 4)), 'RS_TOO_FEW_SHARDS');
  assert.throws(() => stripes.encode(1001), /"lengthBytes" must be an integer 1..1000, got 1001/);
  assert.throws(() => stripes.reconstruct([true]), /"present" must have 12 entries, got 1/);
  assert.throws(() => code.stripes(0), /"stripeBytes" must be an integer/);
});

t('offers stripes that fit the caches for any number of shards', () => {
  for (const [data, parity] of [
    [1, 1],
    [8, 4],
    [16, 8],
    [128, 128],
  ] as const) {
    const { stripeBytes, shards } = new ReedSolomon(data, parity).stripes();
    assert.ok(stripeBytes >= 1024 && stripeBytes <= STRIPE);
    assert.ok(stripeBytes * shards.length <= 1 << 20);
    assert.is(stripeBytes % 16, 0);
  }
});

t('names the shard that does not fit', () => {
  const code = new ReedSolomon(2, 1);
  const shard = new Uint8Array(4);
  const bad = (value: unknown): Uint8Array[] => [shard, value as Uint8Array, shard];
  assert.throws(() => code.encode(bad('x')), /"shards\[1\]" must be a Uint8Array, got string/);
  assert.throws(() => code.encode(bad(undefined)), /"shards\[1\]" must be a Uint8Array/);
  assert.throws(
    () => code.encode(bad(new Uint8Array(3))),
    /"shards\[1\]" must be 4 bytes .* got 3/
  );
  assert.throws(() => code.verify(bad(new Uint8Array(0))), /"shards\[1\]" must not be empty/);
  assert.throws(() => code.encode([shard]), /"shards" must have 3 entries, got 1/);
  assert.throws(
    () => code.reconstruct([undefined, shard, new Uint8Array(5)]),
    /"shards\[2\]" must be 4 bytes like the others, got 5/
  );
  assert.throws(() => new ReedSolomon(0, 1), /"dataShards" must be an integer 1..255, got 0/);
  assert.throws(() => new ReedSolomon(1.5, 1), /"dataShards"/);
  assert.throws(() => new ReedSolomon(250, 7), /"parityShards" must be an integer 1..6, got 7/);
});

t('reconstruction returns given shards as they are and changes none', () => {
  const code = new ReedSolomon(3, 2);
  const shards = encoded(3, 2, 40);
  const copies = shards.map((shard) => shard.slice());
  const out = code.reconstruct(without(shards, [1, 4]));
  assert.is(out[0], shards[0]);
  assert.is.not(out[1], shards[1]);
  sameShards(shards, copies);
  sameShards(out, copies);
  assert.is(code.reconstruct(shards)[4], shards[4]);
});

t('keeps more ways to lose shards than it remembers matrices for', () => {
  const code = new ReedSolomon(8, 6);
  const shards = encoded(8, 6, 3);
  const losses = choices(14, 4);
  assert.ok(losses.length > 512);
  for (const lost of [...losses, ...losses.slice(0, 3), ...losses.slice(-3)]) {
    sameShards(code.reconstruct(without(shards, lost)), shards);
  }
});

t('[tesserae/kernel-faults] returns a code where counts or areas do not fit', async () => {
  const builds = {
    scalar: (await import('../../kernel/generated/reed-solomon-scalar.ts')).wasm,
    simd: (await import('../../kernel/generated/reed-solomon-simd.ts')).wasm,
    relaxed: (await import('../../kernel/generated/reed-solomon-relaxed.ts')).wasm,
  };
  for (const [build, base64] of Object.entries(builds)) {
    const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
    if (!WebAssembly.validate(bytes)) {
      assert.is(build, 'relaxed');
      continue;
    }
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    const call = (name: string, ...values: number[]): number =>
      (exports[name] as (...values: number[]) => number)(...values);
    const { buffer } = exports['memory'] as WebAssembly.Memory;
    const heap = Number((exports['HEAP'] as WebAssembly.Global).value);
    for (const [rows, columns] of [
      [0, 1],
      [1, 0],
      [-1, 4],
      [200, 57],
      [1 << 20, 1 << 20],
    ] as const) {
      assert.is(call('tableBytes', rows, columns), -1, `${build} ${rows}`);
      assert.is(call('prepare', heap, rows, columns), -1);
      assert.is(call('multiply', heap, rows, columns, 1), -1);
    }
    assert.is(call('prepare', buffer.byteLength - 8, 4, 8), -2);
    const pointers = new Uint32Array(
      buffer,
      Number((exports['POINTERS'] as WebAssembly.Global).value),
      2
    );
    const room = heap + call('tableBytes', 1, 1);
    assert.ok(room + 64 <= buffer.byteLength, 'the test needs room');
    pointers.fill(room);
    assert.is(call('prepare', heap, 1, 1), 0);
    assert.is(call('multiply', heap, 1, 1, 16), 0);
    assert.is(call('multiply', heap, 1, 1, buffer.byteLength), -2);
    assert.is(call('multiply', heap, 1, 1, -16), -2);
    pointers[1] = 0xffffff00;
    assert.is(call('multiply', heap, 1, 1, 16), -2);
  }
});

t('multiplies in the field of 0x11d', () => {
  assert.is(multiplyElements(2, 128), 0x1d);
  assert.is(multiplyElements(0, 7), 0);
  assert.is(multiplyElements(7, 0), 0);
  for (let a = 1; a < 256; a++) {
    assert.is(multiplyElements(a, 1), a);
    const seen = new Set(Array.from({ length: 255 }, (_, b) => multiplyElements(a, b + 1)));
    assert.is(seen.size, 255, `${a} times the others`);
    const [b, c] = [random.below(256), random.below(256)];
    const sum = multiplyElements(a, b) ^ multiplyElements(a, c);
    assert.is(multiplyElements(a, b ^ c), sum);
  }
});

t('restores from one engine what another encoded', () => {
  const before = forcedEngine();
  const code = new ReedSolomon(8, 4);
  const shards = encoded(8, 4, 1000);
  try {
    for (const engine of ['ts', 'scalar', 'simd'] as const) {
      forceEngine(engine);
      sameShards(code.reconstruct(without(shards, [0, 5, 6, 9])), shards);
      assert.ok(code.verify(shards));
    }
  } finally {
    forceEngine(before);
  }
});

t('gives the known answer of quadratic data', () => {
  const data = Array.from({ length: 8 }, (_, shard) =>
    Uint8Array.from({ length: 8 }, (_, i) => (8 * shard + i) ** 2 * 7 + 13)
  );
  const parity = Array.from({ length: 4 }, () => new Uint8Array(8));
  new ReedSolomon(8, 4).encode([...data, ...parity]);
  sameBytes(concat(...parity), '99744c3d50cd410459d5922dd0dd1fa599489f9dd06d12385969c18d507dcc19');
  assert.ok(equalBytes(fromHex('59d5922dd0dd1fa5'), parity[1] as Uint8Array));
});

t.run();
