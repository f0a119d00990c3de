import fc from 'fast-check';
import { suite } from '../support/suite.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { concat } from '../../base/bytes.ts';
import { fromHex } from '../../base/hex.ts';
import { SeededRandom } from '../../base/random.ts';
import { HdlcDecoder, encodeHdlc } from '../../codec/hdlc.ts';
import { KissDecoder, encodeKiss } from '../../codec/kiss.ts';

const t = suite('codec/framing', import.meta.url);
const packets = fc.array(
  fc.uint8Array({ minLength: 1, maxLength: 80 }).map((bytes) =>
    // Flags and escapes are rare in random bytes, and all that matters here.
    bytes.map((byte) =>
      byte < 60 ? ([0x7e, 0x7d, 0x5e, 0x5d, 0xc0, 0xdb][byte % 6] as number) : byte
    )
  ),
  { minLength: 1, maxLength: 8 }
);

t('HDLC frames survive any chunking, and shared flags', () => {
  fc.assert(
    fc.property(packets, fc.integer({ min: 1, max: 7 }), fc.boolean(), (list, step, shared) => {
      const frames = list.map(encodeHdlc);
      const stream = concat(...frames.map((f, i) => (shared && i > 0 ? f.subarray(1) : f)));
      const decoder = new HdlcDecoder({ minBytes: 1, maxBytes: 200 });
      same(
        feed(stream, step, (chunk) => decoder.push(chunk)),
        list
      );
      assert.is(decoder.dropped, 0);
    })
  );
});

t('KISS frames survive any chunking', () => {
  fc.assert(
    fc.property(packets, fc.integer({ min: 1, max: 7 }), (list, step) => {
      const stream = concat(...list.map((packet) => encodeKiss(packet)));
      const decoder = new KissDecoder({ maxBytes: 200 });
      const frames = feed(stream, step, (chunk) => decoder.push(chunk));
      same(
        frames.map(({ data }) => data),
        list
      );
      assert.ok(frames.every(({ command }) => command === 0));
    })
  );
});

t('HDLC escapes exactly flag and escape', () => {
  sameBytes(encodeHdlc(fromHex('007e7d5e5d')), '7e007d5e7d5d5e5d7e');
});

t('HDLC drops short and long frames and goes on, in bounded memory', () => {
  const decoder = new HdlcDecoder({ minBytes: 3, maxBytes: 8 });
  const good = fromHex('7e0102037e');
  assert.is(decoder.push(fromHex('7e01027e')).length, 0);
  assert.is(decoder.push(new Uint8Array(1_000_000)).length, 0);
  same(decoder.push(good), [fromHex('010203')]);
  assert.is(decoder.dropped, 2);
  decoder.push(fromHex('7e01020304'));
  decoder.reset();
  same(decoder.push(fromHex('05067e0102037e')), [fromHex('010203')]);
});

t('HDLC leaves stray escapes as the reference does', () => {
  const decode = (hex: string): Uint8Array[] =>
    new HdlcDecoder({ minBytes: 1, maxBytes: 50 }).push(fromHex(hex));
  same(decode('7e017d027e'), [fromHex('017d02')]);
  same(decode('7e017d7e'), [fromHex('017d')]);
  same(decode('7e7d7d5e7e'), [fromHex('7d7e')]);
});

t('KISS keeps the port nibble or the whole command, and cuts long frames', () => {
  same(
    new KissDecoder({ maxBytes: 2 }).push(fromHex('c010010203c0')).map((f) => f.data),
    [fromHex('0102')]
  );
  assert.is(new KissDecoder({ maxBytes: 9 }).push(fromHex('c01001c0'))[0]?.command, 0);
  const rnode = new KissDecoder({ maxBytes: 9, head: 'command' });
  assert.is(rnode.push(fromHex('c01001c0'))[0]?.command, 0x10);
  sameBytes(encodeKiss(fromHex('c0db'), 5), 'c005dbdcdbddc0');
});

t('random streams never throw', () => {
  const random = new SeededRandom(4);
  const hdlc = new HdlcDecoder({ minBytes: 1, maxBytes: 64 });
  const kiss = new KissDecoder({ maxBytes: 64 });
  for (let round = 0; round < 3000; round++) {
    const chunk = random.bytes(random.below(40));
    for (const frame of hdlc.push(chunk)) assert.ok(frame.length <= 64);
    for (const frame of kiss.push(chunk)) assert.ok(frame.data.length <= 64);
  }
});

function feed<T>(stream: Uint8Array, step: number, push: (chunk: Uint8Array) => T[]): T[] {
  const out: T[] = [];
  for (let at = 0; at < stream.length; at += step)
    out.push(...push(stream.subarray(at, at + step)));
  return out;
}

function same(actual: readonly Uint8Array[], expected: readonly Uint8Array[]): void {
  assert.is(actual.length, expected.length);
  for (const [i, frame] of actual.entries()) sameBytes(frame, expected[i] as Uint8Array);
}

t.run();
