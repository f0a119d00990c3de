import { suite } from '../support/suite.ts';
import { assert, sameBytes, throwsCode } from '../support/assert.ts';
import { eachCase, loadGolden, type GoldenCase } from '../support/golden.ts';
import { sameLong } from '../support/long.ts';
import { follow, type Recipe } from '../support/recipe.ts';
import { equalBytes } from '../../base/bytes.ts';
import { ProtocolError, type ErrorCode } from '../../base/errors.ts';
import { fromHex } from '../../base/hex.ts';
import {
  BUFFER_CHUNK_MAX_BYTES,
  RESOURCE_MAX_BYTES,
  decompressBzip2,
  type Bzip2Limits,
} from '../../codec/bzip2-decode.ts';
import { compressBzip2 } from '../../codec/bzip2-encode.ts';

const t = suite('codec/bzip2', import.meta.url);
const golden = loadGolden('codec', 'bzip2');
/** The bit that marks a block as randomized; see the decoder for the difference. */
const RANDOMIZED_BIT = 112;

const isOp =
  (op: string, refused = false) =>
  (item: GoldenCase): boolean =>
    item.in['op'] === op && (item.error !== undefined) === refused;

function limitsOf(item: GoldenCase): Bzip2Limits | undefined {
  const maxBytes = item.in['maxBytes'];
  return typeof maxBytes === 'number' ? { maxBytes } : undefined;
}

t('decompresses what libbz2 made, at every level, up to an exact bound', () => {
  eachCase(
    golden,
    (item) => {
      const data = decompressBzip2(fromHex(item.in['stream'] as string), limitsOf(item));
      sameLong(data, item.out?.['data']);
      const recipe = item.out?.['recipe'] as Recipe | undefined;
      if (recipe !== undefined) assert.ok(equalBytes(data, follow(recipe)), 'differs from recipe');
    },
    isOp('decompress')
  );
});

t('[tesserae/codec-limits] refuses damage and bombs with the code that says which', () => {
  eachCase(
    golden,
    (item) => {
      const stream = fromHex(item.in['stream'] as string);
      throwsCode(() => decompressBzip2(stream, limitsOf(item)), item.error as ErrorCode);
    },
    isOp('decompress', true)
  );
});

t('refuses every flipped bit that libbz2 refuses, and no other', () => {
  eachCase(
    golden,
    (item) => {
      const stream = fromHex(item.in['stream'] as string);
      const survivors = new Set(item.out?.['survivors'] as number[]);
      assert.ok(survivors.delete(RANDOMIZED_BIT));
      for (let bit = 0; bit < stream.length * 8; bit++) {
        const flipped = stream.slice();
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (0x80 >> (bit & 7));
        let data: Uint8Array | undefined;
        try {
          data = decompressBzip2(flipped, { maxBytes: 1 << 20 });
        } catch (error) {
          assert.instance(error, ProtocolError);
          assert.match((error as ProtocolError).code, /^BZIP2_/);
        }
        assert.is(data !== undefined, survivors.has(bit), `bit ${bit}`);
        if (data !== undefined) sameBytes(data, item.out?.['data'] as string);
      }
    },
    isOp('flips')
  );
});

t(
  'compresses into about the size of libbz2, and reads it back',
  () => {
    eachCase(
      golden,
      (item) => {
        const data = follow(item.in['recipe'] as Recipe);
        sameLong(data, item.out?.['data']);
        const packed = compressBzip2(data, item.in['level'] as number);
        assert.ok(equalBytes(decompressBzip2(packed, { maxBytes: data.length }), data));
        const theirs = item.out?.['size'] as number;
        assert.ok(packed.length <= theirs * 1.01 + 8, `${packed.length} bytes, libbz2 ${theirs}`);
      },
      isOp('compress')
    );
  },
  120_000
);

t('bounds are those of the reference', () => {
  assert.is(RESOURCE_MAX_BYTES, 67_108_864);
  assert.is(BUFFER_CHUNK_MAX_BYTES, 16_384);
});

t('an unknown level is the caller’s mistake', () => {
  for (const level of [0, 10, 1.5, Number.NaN]) {
    assert.throws(() => compressBzip2(new Uint8Array(1), level), /"level" must be an integer 1..9/);
  }
});

t('an error names the place in the stream', () => {
  const packed = compressBzip2(new Uint8Array(100).map((_, i) => i));
  packed[12] = (packed[12] as number) ^ 1;
  const error = throwsCode(() => decompressBzip2(packed), 'BZIP2_CRC');
  assert.is(error.at, 'block');
  assert.ok(error.offset !== undefined && error.offset <= packed.length);
});

t.run();
