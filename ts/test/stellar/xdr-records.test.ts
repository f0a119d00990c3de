/** Record marking: headers, streams cut anywhere, limits. @module */
import { concat } from '../../base/bytes.ts';
import { fromHex, toHex } from '../../base/hex.ts';
import { SeededRandom } from '../../base/random.ts';
import {
  encodeRecord,
  readRecords,
  recordHeader,
  RecordReader,
  RECORD_MAX_BYTES,
  RECORD_MAX_BYTES_UNAUTHENTICATED,
} from '../../codec/record-marking.ts';
import { assert, sameBytes, throwsCode } from '../support/assert.ts';
import { suite } from '../support/suite.ts';

const t = suite('codec/record-marking', import.meta.url);

/** Everything a reader gives for a stream that comes in pieces. */
function read(reader: RecordReader, pieces: readonly Uint8Array[]): Uint8Array[] {
  const bodies: Uint8Array[] = [];
  for (const piece of pieces) {
    reader.push(piece);
    for (let body = reader.next(); body !== undefined; body = reader.next()) bodies.push(body);
  }
  return bodies;
}

function bodiesOf(random: SeededRandom, count: number): Uint8Array[] {
  return Array.from({ length: count }, () =>
    random.bytes(1 + random.below(random.below(4) === 0 ? 3000 : 60))
  );
}

t(
  '[stellar-overlay/messagecodec-rm-framing-4-byte-header] [stellar-overlay/messagecodec-auth-bit-handling-bit-31] every header says last fragment',
  () => {
    assert.is(toHex(recordHeader(1)), '80000001');
    assert.is(toHex(recordHeader(0x7fffffff)), 'ffffffff');
    sameBytes(encodeRecord(fromHex('aabb')), '80000002aabb');
    for (const length of [0, -1, 0.5, 0x80000000, NaN]) {
      assert.throws(() => recordHeader(length), /"length" must be/);
    }
    assert.throws(() => encodeRecord(new Uint8Array(0)), /"length" must be/);
  }
);

t(
  '[stellar-overlay/messagecodec-auth-bit-handling-bit-31] a header without the last-fragment bit is read all the same',
  () => {
    sameBytes(read(new RecordReader(), [fromHex('00000002aabb')])[0], 'aabb');
  }
);

t(
  '[stellar-overlay/messagecodec-rm-framing-4-byte-header] a stream cut anywhere gives the same records',
  () => {
    const random = new SeededRandom(11);
    for (let round = 0; round < 300; round++) {
      const bodies = bodiesOf(random, 1 + random.below(8));
      const stream = concat(...bodies.map(encodeRecord));
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < stream.length;) {
        const size = 1 + random.below(random.below(2) === 0 ? 5 : 2000);
        pieces.push(stream.slice(at, at + size), new Uint8Array(0));
        at += size;
      }
      const reader = new RecordReader();
      assert.equal(read(reader, pieces).map(toHex), bodies.map(toHex));
      assert.is(reader.buffered, 0);
      reader.end();
    }
  }
);

t(
  '[stellar-overlay/messagecodec-rm-framing-4-byte-header] a stream fed byte by byte gives the same records',
  () => {
    const bodies = bodiesOf(new SeededRandom(3), 20);
    const stream = concat(...bodies.map(encodeRecord));
    const bytes = Array.from(stream, (byte) => Uint8Array.of(byte));
    assert.equal(read(new RecordReader(), bytes).map(toHex), bodies.map(toHex));
  }
);

t(
  '[stellar-overlay/messagecodec-max-unauth-message-size] [tesserae/codec-limits] the limit is looked at when the header is complete',
  () => {
    const limit = RECORD_MAX_BYTES_UNAUTHENTICATED;
    assert.is(limit, 4096);
    const within = new RecordReader(limit);
    within.push(recordHeader(limit));
    assert.is(within.next(), undefined);
    const above = new RecordReader(limit);
    above.push(recordHeader(limit + 1).subarray(0, 3));
    assert.is(above.next(), undefined);
    above.push(recordHeader(limit + 1).subarray(3));
    throwsCode(() => above.next(), 'RECORD_LIMIT');
    throwsCode(() => above.next(), 'RECORD_LIMIT', 'the stream has lost its place');
    throwsCode(() => above.end(), 'RECORD_LIMIT');
    const largest = new RecordReader();
    assert.is(largest.maxBytes, 16_777_216);
    largest.push(recordHeader(RECORD_MAX_BYTES));
    assert.is(largest.next(), undefined);
    const beyond = new RecordReader();
    beyond.push(recordHeader(RECORD_MAX_BYTES + 1));
    throwsCode(() => beyond.next(), 'RECORD_LIMIT');
  }
);

t(
  '[stellar-overlay/messagecodec-max-unauth-message-size] the limit may be raised between two records of one piece',
  () => {
    const reader = new RecordReader(4);
    reader.push(concat(encodeRecord(new Uint8Array(4)), encodeRecord(new Uint8Array(5000))));
    assert.is(reader.next()?.length, 4);
    reader.maxBytes = 5000;
    assert.is(reader.next()?.length, 5000);
    reader.end();
  }
);

t('[stellar-overlay/messagecodec-rm-framing-4-byte-header] an empty record is refused', () => {
  for (const header of ['80000000', '00000000']) {
    const reader = new RecordReader();
    reader.push(fromHex(header));
    throwsCode(() => reader.next(), 'RECORD_EMPTY');
  }
});

t('a stream that ends inside a record is refused', () => {
  for (const cut of ['80', '800000', '80000002', '80000002aa']) {
    throwsCode(() => [...readRecords(fromHex(cut))], 'RECORD_TRUNCATED', cut);
  }
  assert.equal([...readRecords(new Uint8Array(0))], []);
  assert.equal([...readRecords(fromHex('80000001aa80000001bb'))].map(toHex), ['aa', 'bb']);
});

t('[tesserae/codec-limits] a header reserves nothing, and a slow record takes linear room', () => {
  const reader = new RecordReader();
  reader.push(recordHeader(RECORD_MAX_BYTES));
  assert.is(reader.next(), undefined);
  assert.is(reader.buffered, 0);
  const slow = new RecordReader(200_000);
  const body = new SeededRandom(8).bytes(200_000);
  for (const byte of encodeRecord(body)) slow.push(Uint8Array.of(byte));
  sameBytes(slow.next(), body);
});

t('bodies handed out are never overwritten by what follows', () => {
  const random = new SeededRandom(21);
  const bodies = bodiesOf(random, 60);
  const stream = concat(...bodies.map(encodeRecord));
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < stream.length; at += 37) pieces.push(stream.slice(at, at + 37));
  const seen = read(new RecordReader(), pieces);
  seen.forEach((body, i) => sameBytes(body, bodies[i] as Uint8Array));
});

t.run();
