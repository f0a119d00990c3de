import fc from 'fast-check';
import { Decoder, Encoder } from '@msgpack/msgpack';
import { suite } from '../support/suite.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { loadGolden } from '../support/golden.ts';
import { toNotation } from '../support/notation.ts';
import { ProtocolError } from '../../base/errors.ts';
import { fromHex } from '../../base/hex.ts';
import { SeededRandom } from '../../base/random.ts';
import {
  MsgpackExt,
  MsgpackFloat,
  MsgpackTime,
  encodeMsgpack,
  type MsgpackValue,
} from '../../codec/msgpack.ts';
import { decodeMsgpack } from '../../codec/msgpack-decode.ts';

const t = suite('codec/msgpack properties', import.meta.url);

const leaf: fc.Arbitrary<MsgpackValue> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.bigInt(-(2n ** 63n), 2n ** 64n - 1n),
  fc.string({ unit: 'grapheme' }),
  fc.uint8Array({ maxLength: 300 }),
  fc.double({ noNaN: true }).map((value) => new MsgpackFloat(value)),
  fc
    .tuple(
      fc.integer({ min: -128, max: 127 }).filter((type) => type !== -1),
      fc.uint8Array({ maxLength: 20 })
    )
    .map(([type, data]) => new MsgpackExt(type, data)),
  fc
    .tuple(fc.bigInt(-62135596800n, 253402300799n), fc.integer({ min: 0, max: 999_999 }))
    .map(([seconds, microseconds]) => new MsgpackTime(seconds, microseconds))
);

const value: fc.Arbitrary<MsgpackValue> = fc.letrec<{ node: MsgpackValue }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('node'), { maxLength: 20 }),
    fc
      .uniqueArray(fc.tuple(fc.oneof(fc.integer(), fc.string()), tie('node')), {
        selector: ([key]) => key,
        maxLength: 20,
      })
      .map((entries) => new Map<MsgpackValue, MsgpackValue>(entries))
  ),
})).node;

t('what is written reads back as the same values and the same bytes', () => {
  fc.assert(
    fc.property(value, (original) => {
      const bytes = encodeMsgpack(original);
      const read = decodeMsgpack(bytes, { trailing: 'refuse' });
      assert.equal(toNotation(read), toNotation(original));
      sameBytes(encodeMsgpack(read), bytes);
    }),
    { numRuns: 500 }
  );
});

t('agrees with the general-purpose library on what both can express', () => {
  const plain = fc.letrec<{ node: MsgpackValue }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small' },
      fc.constant(null),
      fc.boolean(),
      fc.maxSafeInteger(),
      fc.string(),
      fc.uint8Array({ maxLength: 40 }),
      fc.array(tie('node'), { maxLength: 20 })
    ),
  })).node;
  fc.assert(
    fc.property(plain, (original) => {
      const ours = encodeMsgpack(original);
      sameBytes(ours, new Uint8Array(new Encoder().encode(original)));
      assert.equal(new Decoder().decode(ours), original);
    }),
    { numRuns: 300 }
  );
});

t('random bytes yield a value or a ProtocolError with an offset', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => survives(bytes)),
    { numRuns: 3000 }
  );
});

t('mutated vectors yield a value or a ProtocolError, in bounded time', () => {
  const seed = 20261120;
  const random = new SeededRandom(seed);
  const corpus = loadGolden('codec', 'msgpack')
    .cases.map((item) => item.in['bytes'] ?? item.out?.['bytes'])
    .filter((hex): hex is string => typeof hex === 'string' && hex.length < 4000)
    .map((hex) => fromHex(hex))
    .filter((bytes) => bytes.length > 0);
  for (let round = 0; round < 20_000; round++) {
    const bytes = (corpus[random.below(corpus.length)] as Uint8Array).slice();
    for (let i = random.below(4); i >= 0; i--)
      bytes[random.below(bytes.length)] = random.below(256);
    survives(bytes.subarray(0, random.below(8) === 0 ? random.below(bytes.length) : bytes.length));
  }
});

function survives(bytes: Uint8Array): void {
  let read: MsgpackValue;
  try {
    read = decodeMsgpack(bytes);
  } catch (error) {
    assert.instance(error, ProtocolError);
    assert.type((error as ProtocolError).offset, 'number');
    return;
  }
  // Whatever was read can be written, and reads back the same.
  const again = decodeMsgpack(encodeMsgpack(read));
  assert.equal(toNotation(again), toNotation(read));
}

t.run();
