// time limit: 240 s
import fc from 'fast-check';
import { suite } from '../support/suite.ts';
import { assert } from '../support/assert.ts';
import { loadGolden } from '../support/golden.ts';
import { concat, equalBytes } from '../../base/bytes.ts';
import { ProtocolError } from '../../base/errors.ts';
import { fromHex } from '../../base/hex.ts';
import { SeededRandom } from '../../base/random.ts';
import { decompressBzip2 } from '../../codec/bzip2-decode.ts';
import { compressBzip2 } from '../../codec/bzip2-encode.ts';
import { sortRotations } from '../../codec/bzip2-sort.ts';

const t = suite('codec/bzip2 properties', import.meta.url);

const MAX = 50_000;

/** Bytes with the repetitions that a compressor is made for. */
const repetitive: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc.tuple(
      fc.uint8Array({ minLength: 1, maxLength: 12, max: 3 }),
      fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 250, max: 262 }))
    ),
    { maxLength: 12 }
  )
  .map((parts) =>
    concat(...parts.flatMap(([unit, times]) => Array.from({ length: times }, () => unit)))
  );

t('what is compressed decompresses to the same bytes', () => {
  const data = fc.oneof(repetitive, fc.uint8Array({ maxLength: 2000 }));
  fc.assert(
    fc.property(data, fc.integer({ min: 1, max: 9 }), (original, level) => {
      const packed = compressBzip2(original, level);
      assert.ok(equalBytes(decompressBzip2(packed, { maxBytes: original.length }), original));
    }),
    { numRuns: 400 }
  );
});

t('blocks split where they are full, whatever runs lie there', () => {
  const random = new SeededRandom(9);
  for (let round = 0; round < 12; round++) {
    const parts: Uint8Array[] = [];
    for (let size = 0; size < 210_000;) {
      const run = random.below(3) === 0 ? 1 + random.below(300) : 1;
      parts.push(new Uint8Array(run).fill(random.below(4)));
      size += run;
    }
    const data = concat(...parts);
    const packed = compressBzip2(data, 1);
    assert.ok(equalBytes(decompressBzip2(packed, { maxBytes: data.length }), data));
  }
});

t('rotations are sorted as by comparing each with each', () => {
  const short = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 60, max: 2 }),
    repetitive.filter((bytes) => bytes.length > 0 && bytes.length < 300)
  );
  fc.assert(
    fc.property(short, (block) => {
      const { length } = block;
      const rotation = (start: number): number[] =>
        Array.from({ length }, (_, i) => block[(start + i) % length] as number);
      const rows = Array.from({ length }, (_, i) => rotation(i)).sort(compare);
      const { column, origin } = sortRotations(block);
      assert.equal(
        [...column],
        rows.map((row) => row[length - 1])
      );
      assert.equal(rows[origin], [...block]);
    }),
    { numRuns: 600 }
  );
});

t('mutated streams yield bytes or a ProtocolError BZIP2_*, never more than the bound', () => {
  const random = new SeededRandom(20261120);
  const corpus = loadGolden('codec', 'bzip2')
    .cases.map((item) => item.in['stream'])
    .filter((hex): hex is string => typeof hex === 'string' && hex.length < 4000)
    .map((hex) => fromHex(hex))
    .filter((bytes) => bytes.length > 0);
  for (let round = 0; round < 12_000; round++) {
    const bytes = (corpus[random.below(corpus.length)] as Uint8Array).slice();
    for (let i = random.below(6); i >= 0; i--) {
      bytes[random.below(bytes.length)] = random.below(256);
    }
    const cut = random.below(6) === 0 ? random.below(bytes.length) : bytes.length;
    survives(bytes.subarray(0, cut));
  }
});

t('random bytes in place of a block’s symbols yield a ProtocolError BZIP2_*', () => {
  const random = new SeededRandom(7);
  const whole = compressBzip2(random.bytes(700));
  const reached = new Set<string>();
  for (let round = 0; round < 3000; round++) {
    const kept = whole.subarray(0, 150 + random.below(300));
    reached.add(survives(concat(kept, random.bytes(random.below(900)))));
  }
  for (const code of ['BZIP2_TRUNCATED', 'BZIP2_TABLE', 'BZIP2_DATA', 'BZIP2_CRC']) {
    assert.ok(reached.has(code), `no stream ended in ${code}, only ${[...reached].join()}`);
  }
});

function survives(bytes: Uint8Array): string {
  try {
    assert.ok(decompressBzip2(bytes, { maxBytes: MAX }).length <= MAX);
    return 'decoded';
  } catch (error) {
    assert.instance(error, ProtocolError);
    const { code, offset } = error as ProtocolError;
    assert.match(code, /^BZIP2_/);
    assert.ok(offset === undefined || (offset >= 0 && offset <= bytes.length), `offset ${offset}`);
    return code;
  }
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at < 0 ? 0 : (a[at] as number) - (b[at] as number);
}

t.run();
