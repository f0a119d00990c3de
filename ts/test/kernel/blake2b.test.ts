/** BLAKE2b against RFC 7693, Python's hashlib, OpenSSL, and between its own engines. @module */
import { createHash } from 'node:crypto';
import { concat } from '../../base/bytes.ts';
import { fromHex, toHex } from '../../base/hex.ts';
import { SeededRandom } from '../../base/random.ts';
import { Blake2b, blake2b, blake2b256, blake2b512, blake2bKernel } from '../../kernel/blake2b.ts';
import { forceEngine, forcedEngine } from '../../kernel/loader.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { eachCase, loadGolden, type GoldenCase } from '../support/golden.ts';
import { suite } from '../support/suite.ts';

const t = suite('blake2b', import.meta.url);

/** Bytes that the WebAssembly engine takes in one call. */
const CAPACITY = 16384;
const EDGES = [0, 1, 127, 128, 129, 255, 256, 257, CAPACITY - 1, CAPACITY, CAPACITY + 1];

const counting = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => i % 251);

function native(message: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('blake2b512').update(message).digest());
}

interface Input {
  readonly message: Uint8Array;
  readonly key: Uint8Array;
  readonly digestBytes: number;
}

function inputOf(item: GoldenCase): Input {
  const { message, key, digestBytes } = item.in;
  const long = message as { length: number };
  return {
    message: typeof message === 'string' ? fromHex(message) : counting(long.length),
    key: fromHex(key as string),
    digestBytes: digestBytes as number,
  };
}

const streamed = ({ message, key, digestBytes }: Input): Uint8Array =>
  new Blake2b(digestBytes, key).update(message).digest();

t('runs the engine that was asked for, and scalar where the builds go no further', () => {
  const forced = forcedEngine();
  const { engine } = blake2bKernel.get();
  assert.is(engine, forced === 'ts' ? 'ts' : 'scalar');
});

t('gives the digest of RFC 7693 appendix A', () => {
  const abc = Uint8Array.of(0x61, 0x62, 0x63);
  sameBytes(
    blake2b512(abc),
    'ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1' +
      '7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923'
  );
});

t('passes the self-test of RFC 7693 appendix E', () => {
  const sequence = (length: number, seed: number): Uint8Array => {
    let a = Math.imul(0xdead4bad, seed);
    let b = 1;
    return Uint8Array.from({ length }, () => {
      const sum = (a + b) | 0;
      a = b;
      b = sum;
      return (sum >>> 24) & 255;
    });
  };
  const all = new Blake2b(32);
  for (const digestBytes of [20, 32, 48, 64]) {
    for (const length of [0, 3, 128, 129, 255, 1024]) {
      const message = sequence(length, length);
      all.update(blake2b(message, digestBytes));
      const key = sequence(digestBytes, digestBytes);
      all.update(new Blake2b(digestBytes, key).update(message).digest());
    }
  }
  sameBytes(all.digest(), 'c23a7800d98123bd10f506c61e29da5603d763b8bbad2e737f5e765a7bccd475');
});

t('agrees with hashlib.blake2b, keyed and unkeyed, in one call and in parts', () => {
  eachCase(
    loadGolden('kernel', 'blake2b'),
    (item) => {
      const input = inputOf(item);
      const expected = item.out?.['digest'] as string;
      if (input.key.length === 0) sameBytes(blake2b(input.message, input.digestBytes), expected);
      sameBytes(streamed(input), expected);
    },
    (item) => item.error === undefined
  );
});

t('refuses the digest and key sizes that hashlib refuses', () => {
  eachCase(
    loadGolden('kernel', 'blake2b'),
    (item) => {
      const input = inputOf(item);
      assert.throws(
        () => streamed(input),
        (error: unknown) => error instanceof RangeError
      );
      if (input.key.length === 0) {
        const run = (): Uint8Array => blake2b(input.message, input.digestBytes);
        assert.throws(run, (error: unknown) => error instanceof RangeError);
      }
    },
    (item) => item.error === 'RangeError'
  );
});

t('refuses a message that is not bytes', () => {
  const text = 'abc' as unknown as Uint8Array;
  assert.throws(() => blake2b256(text), /"message" must be a Uint8Array, got string/);
  assert.throws(() => new Blake2b(32).update(text), /"chunk" must be a Uint8Array, got string/);
});

t('agrees with OpenSSL on every size from 0 to 300 and on random larger ones', () => {
  const random = new SeededRandom(7693);
  const sizes = Array.from({ length: 301 }, (_, i) => i);
  for (let i = 0; i < 12; i++) {
    const [low, high] = random.bytes(2);
    sizes.push(((low as number) | ((high as number) << 8)) + 300);
  }
  for (const size of sizes) {
    const message = random.bytes(size);
    sameBytes(blake2b512(message), native(message), `${size} bytes`);
  }
});

t('agrees with OpenSSL on the edges of the block and of the input area, and on 100 KB', () => {
  for (const size of [...EDGES, 2 * CAPACITY, 2 * CAPACITY + 1, 100_000]) {
    const message = counting(size);
    const expected = native(message);
    sameBytes(blake2b512(message), expected, `${size} bytes`);
    sameBytes(new Blake2b(64).update(message).digest(), expected, `${size} bytes in one part`);
  }
});

t('makes the same digest however the message is split', () => {
  const message = counting(CAPACITY + 300);
  const key = counting(32);
  const plain = blake2b256(message);
  const keyed = streamed({ message, key, digestBytes: 32 });
  assert.is.not(plain.join(), keyed.join());
  for (const step of [1, 63, 127, 128, 129, 255, 256, 1000, CAPACITY - 1, CAPACITY, CAPACITY + 1]) {
    const parts = new Blake2b(32);
    const keyedParts = new Blake2b(32, key);
    for (let at = 0; at < message.length; at += step) {
      parts.update(message.subarray(at, at + step));
      keyedParts.update(message.subarray(at, at + step)).update(new Uint8Array(0));
    }
    sameBytes(parts.digest(), plain, `steps of ${step}`);
    sameBytes(keyedParts.digest(), keyed, `steps of ${step}, keyed`);
  }
});

t('keeps messages that are under way at the same time apart', () => {
  const one = new Blake2b(32, counting(5));
  const two = new Blake2b(48);
  const a = counting(1000);
  const b = counting(777).reverse();
  for (let at = 0; at < 1000; at += 100) {
    one.update(a.subarray(at, at + 100));
    two.update(b.subarray(at, at + 100));
    blake2b512(b);
  }
  sameBytes(one.digest(), streamed({ message: a, key: counting(5), digestBytes: 32 }));
  sameBytes(two.digest(), blake2b(b, 48));
});

t('carries a message from one engine to another', () => {
  const before = forcedEngine();
  const message = counting(900);
  try {
    const hash = new Blake2b(64).update(message.subarray(0, 400));
    forceEngine('ts');
    hash.update(message.subarray(400, 700));
    forceEngine('scalar');
    sameBytes(hash.update(message.subarray(700)).digest(), native(message));
  } finally {
    forceEngine(before);
  }
});

t('counts bytes beyond 32 bits', () => {
  // As if that much had been mixed in already; both engines must agree on what follows.
  const before = forcedEngine();
  const digests = new Map<number, string[]>();
  try {
    for (const engine of ['ts', 'scalar'] as const) {
      forceEngine(engine);
      const { contract } = blake2bKernel.get();
      for (const count of [0, 2 ** 32 - 128, 2 ** 32, 2 ** 52]) {
        const state = new Uint32Array(16);
        contract.start(state, 64, 0);
        contract.absorb(state, count, counting(256));
        const digest = contract.finish(state, count + 256, counting(77), 64);
        digests.set(count, [...(digests.get(count) ?? []), toHex(digest)]);
      }
    }
  } finally {
    forceEngine(before);
  }
  for (const [count, [ts, scalar]] of digests) assert.is(ts, scalar, `after ${count} bytes`);
  assert.is(new Set([...digests.values()].flat()).size, 4, 'the count is part of the digest');
});

t('leaves the input as it was and returns bytes of its own', () => {
  const message = counting(200);
  const first = blake2b256(message);
  sameBytes(message, counting(200));
  const kept = first.slice();
  blake2b256(counting(300));
  sameBytes(first, kept);
  const long = concat(message, new Uint8Array(70_000));
  assert.is(blake2b512(long).buffer.byteLength, 64);
});

t('refuses further use after the digest was taken', () => {
  const hash = new Blake2b(32).update(counting(3));
  hash.digest();
  assert.throws(() => hash.digest(), /digest\(\) called twice/);
  assert.throws(() => hash.update(counting(1)), /update\(\) after digest\(\)/);
});

t.run();
