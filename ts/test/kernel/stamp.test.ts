/** Stamps against LXMF's vectors, OpenSSL's HKDF and SHA-256, and between engines. @module */
import { createHash, hkdfSync, type Hash } from 'node:crypto';
import { concat } from '../../base/bytes.ts';
import { fromHex, toHex } from '../../base/hex.ts';
import { SeededRandom } from '../../base/random.ts';
import { engineReport, forceEngine, type Engine } from '../../kernel/loader.ts';
import { stampOracle } from '../../kernel/stamp-oracle.ts';
import {
  StampSearch,
  WORKBLOCK_BYTES_PER_ROUND,
  WorkblockBuilder,
  prepareWorkblock,
  stampDigest,
  stampKernel,
  type Workblock,
} from '../../kernel/stamp.ts';
import { assert, sameBytes, throwsCode } from '../support/assert.ts';
import { eachCase, loadGolden } from '../support/golden.ts';
import { suite } from '../support/suite.ts';

const t = suite('kernel/stamp', import.meta.url);

const random = new SeededRandom(1612);
const EMPTY = new Uint8Array(0);
const ROUNDS = [1, 2, 3, 4, 5, 7, 8, 9, 25, 127, 128, 129, 130, 131, 255, 256, 257, 258];

function packNumber(n: number): Uint8Array {
  if (n < 128) return Uint8Array.of(n);
  return n < 256 ? Uint8Array.of(0xcc, n) : Uint8Array.of(0xcd, n >> 8, n & 255);
}

/** SHA-256 of a workblock by OpenSSL alone, open for a stamp behind it. */
function nativeWorkblock(material: Uint8Array, rounds: number): Hash {
  const hash = createHash('sha256');
  for (let n = 0; n < rounds; n++) {
    const salt = createHash('sha256').update(material).update(packNumber(n)).digest();
    hash.update(new Uint8Array(hkdfSync('sha256', material, salt, EMPTY, 256)));
  }
  return hash;
}

function nativeDigest(workblock: Hash, stamp: Uint8Array): Uint8Array {
  return new Uint8Array(workblock.copy().update(stamp).digest());
}

function zeroBits(digest: Uint8Array): number {
  const first = digest.findIndex((byte) => byte !== 0);
  return first < 0 ? 256 : first * 8 + Math.clz32(digest[first] as number) - 24;
}

function stampOf(prefix: Uint8Array, n: number): Uint8Array {
  const stamp = concat(prefix, new Uint8Array(4));
  new DataView(stamp.buffer).setUint32(28, n);
  return stamp;
}

/** All stamps that a search finds within `tries`, in slices of the given sizes, taken in turns. */
function allFound(search: StampSearch, tries: number, slices: readonly number[]): string[] {
  const found: string[] = [];
  for (let i = 0; search.tries < tries; i++) {
    const slice = Math.min(slices[i % slices.length] as number, tries - search.tries);
    const until = search.tries + slice;
    while (search.tries < until) {
      const stamp = search.run(until - search.tries);
      if (stamp !== undefined) found.push(toHex(stamp));
    }
    assert.is(search.tries, until);
  }
  return found;
}

const golden = loadGolden('lxmf', 'stamp');
const kept = new Map<string, Workblock>();

/** Many vectors share their workblock. */
function goldenWorkblock(material: unknown, rounds: unknown): Workblock {
  const key = `${String(material)} ${String(rounds)}`;
  let workblock = kept.get(key);
  if (workblock === undefined) {
    workblock = prepareWorkblock(fromHex(material as string), rounds as number);
    kept.set(key, workblock);
  }
  return workblock;
}

t('[tesserae/kernel-lazy] is neither decoded nor compiled before its first use', () => {
  const report = engineReport().find(({ kernel }) => kernel === 'stamp');
  assert.is(report?.engine, undefined);
});

t('runs the engine that was asked for, simd where relaxed was', () => {
  const forced = process.env['TESSERAE_ENGINE'];
  const expected = forced === undefined || forced === 'relaxed' ? 'simd' : forced;
  assert.is(stampKernel.get().engine, expected);
});

t('[tesserae/kernel-stamp-workblock] makes the workblocks that LXMF makes', () => {
  eachCase(
    golden,
    (item) => {
      const { material, rounds } = item.in;
      sameBytes(
        stampDigest(goldenWorkblock(material, rounds), EMPTY),
        item.out?.['sha256'] as string
      );
      assert.is((rounds as number) * WORKBLOCK_BYTES_PER_ROUND, item.out?.['length']);
    },
    (item) => item.in['op'] === 'workblock' && item.in['rounds'] !== 0
  );
});

t(
  '[tesserae/kernel-stamp-workblock] gives the digests that LXMF gives, for stamps it valued',
  () => {
    eachCase(
      golden,
      (item) => {
        const { material, rounds, stamp } = item.in;
        const digest = stampDigest(goldenWorkblock(material, rounds), fromHex(stamp as string));
        sameBytes(digest, item.out?.['digest'] as string);
        assert.is(zeroBits(digest), item.out?.['value']);
      },
      (item) => item.in['op'] === 'value'
    );
  }
);

t(
  '[tesserae/kernel-stamp-search] finds no stamp before the one that LXMF found by counting',
  () => {
    // Message hash, and first counter of cost 8 after its workblock, from LXMF 1.0.1.
    const material = fromHex('f981b96e18712371534d30bedad6fe742a266d2672bd577563423b3e5b3e2bce');
    const workblock = prepareWorkblock(material, 3000);
    sameBytes(
      stampDigest(workblock, EMPTY),
      '0c1fee2e887a7bbc092edce4ae23829d928bf8883f73bbc36b0e6d198b0cb33e'
    );
    const search = new StampSearch(workblock, 8, new Uint8Array(28));
    assert.is(search.run(302), undefined);
    assert.is(search.tries, 302);
    const stamp = search.run(1);
    assert.is(search.tries, 303);
    sameBytes(stamp, stampOf(new Uint8Array(28), 302));
    sameBytes(
      stampDigest(workblock, stamp as Uint8Array),
      '003b2f810c8ad33a90f5306d3a18dacd71bc271a1da287b2ccb0aad225be90bc'
    );
  }
);

t('[tesserae/kernel-stamp-workblock] agrees with OpenSSL around every change of form', () => {
  for (const rounds of ROUNDS) {
    const material = random.bytes(32);
    const stamp = random.bytes(32);
    const expected = nativeDigest(nativeWorkblock(material, rounds), stamp);
    sameBytes(stampDigest(prepareWorkblock(material, rounds), stamp), expected, `${rounds} rounds`);
  }
});

t(
  '[tesserae/kernel-stamp-workblock] agrees with OpenSSL for material of every length class',
  () => {
    const lengths = [0, 1, 16, 31, 32, 33, 47, 52, 53, 54, 55, 56, 60, 61, 62, 63, 64, 65, 100];
    for (const length of [...lengths, 117, 118, 119, 120, 127, 128, 129, 960, 1000, 1023, 1024]) {
      const material = random.bytes(length);
      for (const rounds of [3, 130, 257]) {
        const expected = nativeDigest(nativeWorkblock(material, rounds), EMPTY);
        const note = `${length} bytes, ${rounds} rounds`;
        sameBytes(stampDigest(prepareWorkblock(material, rounds), EMPTY), expected, note);
      }
    }
  }
);

t(
  '[tesserae/kernel-engines-agree] the last rounds of the longest workblock equal the oracle',
  () => {
    const { contract } = stampKernel.get();
    const midstate = random.bytes(32);
    const expected = midstate.slice();
    const material = random.bytes(32);
    contract.mixRounds(midstate, material, 65520, 15);
    stampOracle().mixRounds(expected, material, 65520, 15);
    sameBytes(midstate, expected);
  }
);

t('[tesserae/kernel-stamp-workblock] slices of any size make the same workblock', () => {
  const material = random.bytes(32);
  const whole = prepareWorkblock(material, 300);
  for (const slice of [1, 3, 7, 8, 9, 16, 100, 299, 300, 301, 65535]) {
    const builder = new WorkblockBuilder(material, 300);
    assert.is(builder.progress, 0);
    let before = 0;
    for (let isDone = false; !isDone;) {
      isDone = builder.step(slice);
      assert.ok(builder.progress > before || before === 1);
      assert.is(isDone, builder.progress === 1);
      const rounds = Math.round((builder.progress - before) * 300);
      assert.ok(
        isDone || (rounds >= slice && rounds < slice + 8),
        `${rounds} rounds, not ${slice}`
      );
      before = builder.progress;
    }
    assert.equal(builder.finish(), whole);
  }
  const unfinished = new WorkblockBuilder(material, 300);
  unfinished.step(1);
  assert.equal(unfinished.finish(), whole);
  assert.is(unfinished.step(1), true);
});

t('workblocks and searches under way at once do not disturb each other', () => {
  const materials = [random.bytes(32), random.bytes(100)] as const;
  const expected = materials.map((material) => prepareWorkblock(material, 200));
  const builders = materials.map((material) => new WorkblockBuilder(material, 200));
  const prefix = random.bytes(28);
  const alone = allFound(new StampSearch(expected[0] as Workblock, 5, prefix), 400, [400]);
  const search = new StampSearch(expected[0] as Workblock, 5, prefix);
  const found: string[] = [];
  while (builders.some((builder) => builder.progress < 1) || search.tries < 400) {
    for (const builder of builders) builder.step(5);
    const stamp = search.run(Math.min(11, 400 - search.tries));
    if (stamp !== undefined) found.push(toHex(stamp));
  }
  assert.equal(
    builders.map((builder) => builder.finish()),
    expected
  );
  assert.equal(found, alone);
});

t('[tesserae/kernel-stamp-search] finds a stamp of each cost that the full hash confirms', () => {
  const material = random.bytes(32);
  const workblock = prepareWorkblock(material, 25);
  const native = nativeWorkblock(material, 25);
  for (let cost = 0; cost <= 16; cost++) {
    const prefix = random.bytes(28);
    const search = new StampSearch(workblock, cost, prefix);
    const stamp = search.run(2 ** 24) as Uint8Array;
    assert.is(stamp?.length, 32, `cost ${cost}`);
    assert.ok(zeroBits(nativeDigest(native, stamp)) >= cost, `cost ${cost}`);
    sameBytes(stamp, stampOf(prefix, search.tries - 1));
  }
});

t('[tesserae/kernel-stamp-search] finds all stamps that trying each by OpenSSL finds', () => {
  const material = random.bytes(32);
  const workblock = prepareWorkblock(material, 3);
  const native = nativeWorkblock(material, 3);
  const prefix = random.bytes(28);
  const tries = 4000;
  const expected: string[] = [];
  for (let n = 0; n < tries; n++) {
    const stamp = stampOf(prefix, n);
    if (zeroBits(nativeDigest(native, stamp)) >= 5) expected.push(toHex(stamp));
  }
  assert.ok(expected.length > 50);
  for (const slices of [[tries], [1], [2, 5, 7, 3], [8, 9, 15, 16, 17], [1000, 1]]) {
    assert.equal(allFound(new StampSearch(workblock, 5, prefix), tries, slices), expected);
  }
});

t(
  '[tesserae/kernel-stamp-search] goes on past the last number, and past the last of the next word',
  () => {
    const material = random.bytes(32);
    const workblock = prepareWorkblock(material, 1);
    const native = nativeWorkblock(material, 1);
    for (const word6 of [7, 0xfffffffe, 0xffffffff]) {
      const prefix = random.bytes(28);
      const view = new DataView(prefix.buffer);
      view.setUint32(24, word6);
      const start = 0x100000000 - 13;
      const every: string[] = [];
      for (let i = 0; i < 60; i++) {
        view.setUint32(24, i < 13 ? word6 : word6 + 1);
        every.push(toHex(stampOf(prefix, (start + i) % 0x100000000)));
      }
      view.setUint32(24, word6);
      for (const slices of [[60], [1], [5, 3]]) {
        assert.equal(allFound(new StampSearch(workblock, 0, prefix, start), 60, slices), every);
        const expected = every.filter((hex) => zeroBits(nativeDigest(native, fromHex(hex))) >= 2);
        assert.equal(allFound(new StampSearch(workblock, 2, prefix, start), 60, slices), expected);
      }
    }
  }
);

t('[tesserae/kernel-engines-agree] each engine of stamps gives the bytes of the oracle', () => {
  const oracle = stampOracle();
  for (const engine of ['scalar', 'simd'] as const) {
    const contract = contractOf(engine);
    for (let i = 0; i < 60; i++) {
      const material = random.bytes(random.below(300));
      const first = random.below(40) * 8;
      const midstate = random.bytes(32);
      const expected = midstate.slice();
      const count = random.below(20);
      contract.mixRounds(midstate, material, first, count);
      oracle.mixRounds(expected, material, first, count);
      if (count > 0) sameBytes(midstate, expected, `${engine}, ${count} from ${first}`);
      const prefix = random.bytes(28);
      const tries = random.below(200);
      const start = random.below(0x100000000 - tries);
      const mask = -1 << random.below(32);
      const bits = random.below(65536) * 8;
      assert.is(
        contract.search(midstate, prefix, bits, start, tries, mask),
        oracle.search(midstate, prefix, bits, start, tries, mask),
        `${engine}, ${tries} from ${start}, mask ${mask}`
      );
    }
  }
});

function contractOf(engine: Engine): ReturnType<typeof stampKernel.fresh>['contract'] {
  forceEngine(engine);
  try {
    const loaded = stampKernel.fresh();
    assert.is(loaded.engine, engine);
    return loaded.contract;
  } finally {
    forceEngine(undefined);
  }
}

t('digests stamps of any length up to 1024 bytes', () => {
  const material = random.bytes(32);
  const workblock = prepareWorkblock(material, 2);
  const native = nativeWorkblock(material, 2);
  for (const length of [0, 1, 16, 31, 32, 33, 54, 55, 56, 63, 64, 65, 119, 120, 128, 1024]) {
    const stamp = random.bytes(length);
    sameBytes(stampDigest(workblock, stamp), nativeDigest(native, stamp), `${length} bytes`);
  }
});

t('takes costs from 0 to 256; costs that nobody meets end when the tries do', () => {
  const workblock = prepareWorkblock(random.bytes(32), 1);
  const prefix = random.bytes(28);
  sameBytes(new StampSearch(workblock, 0, prefix).run(1), stampOf(prefix, 0));
  assert.is(new StampSearch(workblock, 0, prefix).run(0), undefined);
  for (const cost of [31, 32, 33, 64, 255, 256]) {
    const search = new StampSearch(workblock, cost, prefix);
    assert.is(search.run(1003), undefined);
    assert.is(search.tries, 1003);
  }
  for (const cost of [-1, 257, 0.5, Number.NaN, Infinity]) {
    assert.throws(() => new StampSearch(workblock, cost, prefix), /"costBits" must be an integer/);
  }
});

t('[tesserae/kernel-faults] wrong arguments are named, and never reach the engine', () => {
  const workblock = prepareWorkblock(EMPTY, 1);
  const prefix = new Uint8Array(28);
  const isRange = (error: unknown): boolean => error instanceof RangeError;
  for (const rounds of [0, -1, 1.5, 65536, Number.NaN]) {
    assert.throws(() => prepareWorkblock(EMPTY, rounds), isRange);
    assert.throws(() => new WorkblockBuilder(EMPTY, 8).step(rounds), isRange);
    assert.throws(() => stampDigest({ ...workblock, rounds }, EMPTY), isRange);
  }
  assert.throws(() => prepareWorkblock(new Uint8Array(1025), 1), isRange);
  assert.throws(() => stampDigest(workblock, new Uint8Array(1025)), isRange);
  assert.throws(() => stampDigest({ ...workblock, midstate: new Uint8Array(31) }, EMPTY), isRange);
  assert.throws(() => new StampSearch(workblock, 1, new Uint8Array(32)), isRange);
  assert.throws(() => new StampSearch(workblock, 1, prefix, 2 ** 32), isRange);
  assert.throws(() => new StampSearch(workblock, 1, prefix).run(-1), isRange);
  assert.throws(() => new StampSearch(workblock, 1, prefix).run(0.5), isRange);
});

t(
  '[tesserae/kernel-faults] a kernel that refuses its arguments raises KERNEL_FAULT, not a trap',
  () => {
    for (const engine of ['scalar', 'simd'] as const) {
      const contract = contractOf(engine);
      const midstate = new Uint8Array(32);
      for (const [length, first, count] of [
        [1025, 0, 1],
        [0, 4, 1],
        [0, -8, 1],
        [0, 0, -1],
        [0, 65528, 8],
        [0, 0, 65536],
        [0, 0, 2 ** 31 - 1],
      ] as const) {
        const material = new Uint8Array(length);
        throwsCode(() => contract.mixRounds(midstate, material, first, count), 'KERNEL_FAULT');
      }
      // Unharmed by all that.
      contract.mixRounds(midstate, EMPTY, 0, 1);
      const rounds = { rounds: 1, midstate };
      sameBytes(stampDigest(rounds, EMPTY), stampDigest(prepareWorkblock(EMPTY, 1), EMPTY));
    }
  }
);

t('keeps no reference to what the caller may change, and gives plain byte arrays', () => {
  const material = Buffer.from(random.bytes(32));
  const expected = prepareWorkblock(new Uint8Array(material), 20);
  const builder = new WorkblockBuilder(material, 20);
  builder.step(8);
  material.fill(0);
  const workblock = builder.finish();
  sameBytes(workblock.midstate, expected.midstate);

  const prefix = Buffer.from(random.bytes(28));
  const plain = new Uint8Array(prefix);
  const midstate = Buffer.from(workblock.midstate);
  const search = new StampSearch({ rounds: 20, midstate }, 3, prefix, 0xffffffff);
  prefix.fill(0);
  midstate.fill(0);
  const other = new StampSearch(workblock, 3, plain, 0xffffffff);
  for (let i = 0; i < 5; i++) sameBytes(search.run(1000), other.run(1000) as Uint8Array);
  assert.ok(plain.some((byte) => byte !== 0));
});

t.run();
