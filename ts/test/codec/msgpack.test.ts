import { suite } from '../support/suite.ts';
import { assert, sameBytes, throwsCode } from '../support/assert.ts';
import { eachCase, loadGolden, type GoldenCase } from '../support/golden.ts';
import { sameLong } from '../support/long.ts';
import { fromNotation, toNotation } from '../support/notation.ts';
import type { ErrorCode } from '../../base/errors.ts';
import { fromHex } from '../../base/hex.ts';
import { MsgpackFloat, encodeMsgpack, mapGet, type MsgpackValue } from '../../codec/msgpack.ts';
import { decodeMsgpack, decodeMsgpackPrefix } from '../../codec/msgpack-decode.ts';

const t = suite('codec/msgpack', import.meta.url);
const golden = loadGolden('codec', 'msgpack');
const op = (name: string) => (item: GoldenCase) => item.in['op'] === name;
const bytesOf = (item: GoldenCase): Uint8Array => fromHex(item.in['bytes'] as string);

t(
  '[reticulum/msgpack-pack-exact] [reticulum/msgpack-ext-timestamp] writes what umsgpack writes, at every width boundary',
  () => {
    eachCase(
      golden,
      (item) => {
        if (item.error !== undefined) {
          assert.throws(() => encodeMsgpack(fromNotation(item.in['value'])), /64 bits/);
          return;
        }
        sameLong(encodeMsgpack(fromNotation(item.in['value'])), item.out?.['bytes']);
      },
      op('encode')
    );
  }
);

t(
  '[reticulum/msgpack-unpack] [reticulum/msgpack-types-kept] [reticulum/msgpack-ext-timestamp] reads what umsgpack reads, and writes it again as umsgpack would',
  () => {
    eachCase(
      golden,
      (item) => {
        const bytes = bytesOf(item);
        const { value, length } = decodeMsgpackPrefix(bytes);
        assert.equal(toNotation(value), toNotation(fromNotation(item.out?.['value'])));
        sameBytes(encodeMsgpack(value), item.out?.['reencoded'] as string);
        assert.is(length, item.out?.['consumed'] ?? bytes.length);
      },
      (item) => op('decode')(item) && item.error === undefined
    );
  }
);

t('[reticulum/msgpack-unpack] refuses what umsgpack refuses', () => {
  eachCase(
    golden,
    (item) => {
      const error = throwsCode(() => decodeMsgpack(bytesOf(item)), item.error as ErrorCode);
      // Depth and size limits may be met before an offset exists; all others name their place.
      assert.type(error.offset, 'number');
    },
    (item) => op('decode')(item) && item.error !== undefined
  );
});

t('[reticulum/msgpack-unpack] refuses every truncation of a sample', () => {
  eachCase(
    golden,
    (item) => {
      const bytes = bytesOf(item);
      for (let length = 0; length < bytes.length; length++) {
        throwsCode(() => decodeMsgpack(bytes.subarray(0, length)), 'MSGPACK_TRUNCATED');
      }
      decodeMsgpack(bytes);
    },
    op('prefixes')
  );
});

t('[tesserae/codec-limits] errors name the path into arrays and maps', () => {
  const bytes = fromHex('9201' + '81' + 'a161' + '92' + '02' + 'c1');
  const error = throwsCode(() => decodeMsgpack(bytes), 'MSGPACK_RESERVED');
  assert.is(error.at, '[1]{0}[1]');
  assert.is(error.offset, 7);
});

t('trailing bytes are ignored unless the caller refuses them', () => {
  assert.is(decodeMsgpack(fromHex('01ff')), 1);
  const error = throwsCode(
    () => decodeMsgpack(fromHex('01ff'), { trailing: 'refuse' }),
    'MSGPACK_TRAILING'
  );
  assert.is(error.offset, 1);
});

t('[tesserae/codec-limits] limits on bytes, depth and items hold', () => {
  throwsCode(() => decodeMsgpack(new Uint8Array(11), { maxBytes: 10 }), 'MSGPACK_LIMIT');
  throwsCode(() => decodeMsgpack(fromHex('919191c0'), { maxDepth: 2 }), 'MSGPACK_LIMIT');
  throwsCode(() => decodeMsgpack(fromHex('93010203'), { maxItems: 2 }), 'MSGPACK_LIMIT');
  assert.equal(decodeMsgpack(fromHex('9191c0'), { maxDepth: 2, maxItems: 2 }), [[null]]);
});

t('numbers without an exact form are refused with their path', () => {
  assert.throws(() => encodeMsgpack([1, [2 ** 60]]), /"value\[1\]\[0\]" is above 2\^53/);
  assert.throws(() => encodeMsgpack([undefined as unknown as MsgpackValue]), /"value\[0\]"/);
  assert.throws(() => encodeMsgpack({ a: 1 } as unknown as MsgpackValue), /use a Map/);
  assert.throws(() => encodeMsgpack('\ud800'), /lone surrogate/);
  const cycle: MsgpackValue[] = [];
  cycle.push(cycle);
  assert.throws(() => encodeMsgpack(cycle), /nested deeper/);
});

t('keys that are equal in Python cannot be written together', () => {
  const map = new Map<MsgpackValue, MsgpackValue>([
    [1, 'a'],
    [new MsgpackFloat(1), 'b'],
  ]);
  assert.throws(() => encodeMsgpack(map), /equal in Python/);
  assert.throws(() => encodeMsgpack(new Map([[new Map(), 1]])), /a map cannot be a key/);
});

t('a map is looked up by value, as in Python', () => {
  const map = decodeMsgpack(fromHex('83c40161a178c3a179cb4000000000000000a17a')) as Map<
    MsgpackValue,
    MsgpackValue
  >;
  assert.is(mapGet(map, new Uint8Array([0x61])), 'x');
  assert.is(mapGet(map, 1), 'y');
  assert.is(mapGet(map, 2), 'z');
  assert.is(mapGet(map, 3), undefined);
});

t.run();
