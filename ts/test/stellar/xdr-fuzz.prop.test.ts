/**
 * Hostile frames: whatever is done to a message, decoding ends in a value that encodes to the same
 * bytes or in a ProtocolError that names a place, and takes memory in proportion to the input.
 * `TESSERAE_FUZZ_CASES` and `TESSERAE_SEED` make it longer and different. @module
 */
// time limit: 600 s
import { ProtocolError } from '../../base/errors.ts';
import { fromHex } from '../../base/hex.ts';
import { SeededRandom } from '../../base/random.ts';
import { findFault } from '../../codec/xdr-locate.ts';
import { readRecords } from '../../codec/record-marking.ts';
import type { XdrCodec } from '../../codec/xdr.ts';
import { GeneralizedTransactionSet } from '../../stellar/xdr/tx-set.ts';
import { LedgerCloseMeta } from '../../stellar/xdr/ledger-close-meta.ts';
import { AuthenticatedMessage, StellarMessage } from '../../stellar/xdr/message.ts';
import { SCVal } from '../../stellar/xdr/contract-value.ts';
import { TransactionEnvelope } from '../../stellar/xdr/transaction-envelope.ts';
import { assert } from '../support/assert.ts';
import { suite } from '../support/suite.ts';
import { CODECS, XdrRandom } from './xdr-random.ts';

const t = suite('stellar/xdr fuzz', import.meta.url);

const CASES = Number(process.env['TESSERAE_FUZZ_CASES'] ?? 100_000);
const SEED = Number(process.env['TESSERAE_SEED'] ?? 1);

/** Change a copy of `bytes` in one of the ways that break or nearly break a message. */
function mutate(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const out = bytes.slice();
  const view = new DataView(out.buffer);
  const words = out.length >> 2;
  for (let changes = 1 + random.below(3); changes > 0; changes--) {
    const word = 4 * random.below(Math.max(1, words));
    switch (words === 0 ? 7 : random.below(8)) {
      case 0:
        view.setUint8(random.below(out.length), random.below(256));
        break;
      case 1:
        view.setUint32(word, random.below(5));
        break;
      case 2:
        view.setUint32(
          word,
          [0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe][random.below(4)] ?? 0
        );
        break;
      case 3:
        view.setUint32(word, view.getUint32(word) + (random.below(3) - 1));
        break;
      case 4:
        view.setUint8(word, view.getUint8(word) ^ (1 << random.below(8)));
        break;
      case 5:
        out.copyWithin(word, 4 * random.below(words), 4 * random.below(words));
        break;
      case 6:
        return out.slice(0, random.below(out.length + 1));
      default: {
        const longer = new Uint8Array(out.length + 4 * (1 + random.below(3)));
        longer.set(out);
        return longer;
      }
    }
  }
  return out;
}

/** Decode hostile bytes. Returns whether they were a value. */
function survive(codec: XdrCodec<unknown>, bytes: Uint8Array): boolean {
  let value: unknown;
  try {
    value = codec.decode(bytes);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    assert.ok(error.code.startsWith('XDR_'), error.code);
    const { offset } = error;
    assert.ok(offset !== undefined && offset >= 0 && offset <= bytes.length, error.message);
    // The walk along the shape is a second decoder: both must refuse, and for the same reason.
    const fault = findFault(codec, bytes, 0, {});
    assert.is(fault?.error.code ?? 'XDR_TRAILING', error.code, error.message);
    return false;
  }
  assert.is(findFault(codec, bytes, 0, {}), undefined, 'the walk refuses what was decoded');
  assert.ok(Buffer.compare(codec.encode(value), bytes) === 0, 'another encoding of the same value');
  return true;
}

const TARGETS: readonly XdrCodec<unknown>[] = [
  StellarMessage,
  AuthenticatedMessage,
  GeneralizedTransactionSet,
  TransactionEnvelope,
  SCVal,
  LedgerCloseMeta,
];

t(
  '[tesserae/codec-limits] [tesserae/xdr-runtime] mutated messages end in a value or a ProtocolError',
  () => {
    const random = new SeededRandom(SEED);
    const values = new XdrRandom(random, 5);
    let decoded = 0;
    let source = StellarMessage as XdrCodec<unknown>;
    let bytes: Uint8Array = new Uint8Array(0);
    for (let i = 0; i < CASES; i++) {
      if (i % 50 === 0) {
        source = TARGETS[random.below(TARGETS.length)] as XdrCodec<unknown>;
        bytes = source.encode(values.value(source)).slice(0, 4000);
      }
      try {
        if (survive(source, mutate(bytes, random))) decoded += 1;
      } catch (error) {
        if (error instanceof Error) error.message = `seed ${SEED}, case ${i}: ${error.message}`;
        throw error;
      }
    }
    assert.ok(decoded > CASES / 50 && decoded < CASES, `${decoded} of ${CASES} were values`);
  },
  500_000
);

t('[tesserae/codec-limits] no type breaks on random bytes, or on its own values cut short', () => {
  const random = new SeededRandom(SEED + 1);
  const values = new XdrRandom(random, 4);
  for (const codec of CODECS.values()) {
    survive(codec, new Uint8Array(0));
    for (let i = 0; i < 10; i++) survive(codec, random.bytes(random.below(64)));
    const bytes = codec.encode(values.value(codec));
    assert.ok(survive(codec, bytes), codec.name);
    for (let i = 0; i < 10; i++) {
      const length = random.below(bytes.length);
      assert.not(survive(codec, bytes.slice(0, length)), `${codec.name} cut to ${length}`);
    }
  }
});

t('[tesserae/codec-limits] small input never takes large memory', () => {
  // Counts of 2^32-1 wherever a count can stand, at every level.
  const bombs = [
    `00000012${'ffffffff'}`,
    `0000000b${'00'.repeat(36)}${'00'.repeat(8)}00000003${'00'.repeat(32)}ffffffff`,
    `00000011${'00000001'}${'00'.repeat(32)}ffffffff`,
    `00000007${'00'.repeat(32)}3fffffff`,
    `00000005${'00000064'}`,
  ];
  const before = process.memoryUsage();
  for (let i = 0; i < 2000; i++) {
    for (const bomb of bombs) assert.not(survive(StellarMessage, fromHex(bomb)));
  }
  const after = process.memoryUsage();
  const grown = after.heapTotal + after.arrayBuffers - before.heapTotal - before.arrayBuffers;
  assert.ok(grown < 200_000_000, `${grown} bytes`);
  // The deepest nesting that is read, and what lies beyond.
  const deep = (levels: number): Uint8Array =>
    fromHex('000000100000000100000001'.repeat(levels) + '00000001');
  assert.ok(survive(SCVal, deep(499)));
  assert.not(survive(SCVal, deep(500)));
  assert.not(survive(SCVal, deep(1_000_000)));
});

t('[tesserae/codec-limits] mutated record streams end in records or a ProtocolError', () => {
  const random = new SeededRandom(SEED + 2);
  const stream = fromHex('80000004aabbccdd80000001ee8000000800112233445566778000000299');
  for (let i = 0; i < 20_000; i++) {
    try {
      for (const body of readRecords(mutate(stream, random), 4096)) {
        assert.ok(body.length > 0 && body.length <= 4096);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      assert.ok(error.code.startsWith('RECORD_'), error.code);
    }
  }
});

t.run();
