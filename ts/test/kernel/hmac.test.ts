/** HMAC-SHA256 and HKDF against the RFCs, OpenSSL, noble, the reference, and between engines. @module */
import { createHash, createHmac, hkdfSync } from 'node:crypto';
import { hkdf as nobleHkdf } from '@noble/hashes/hkdf.js';
import { hmac as nobleHmac } from '@noble/hashes/hmac.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { fromHex, toHex } from '../../base/hex.ts';
import { SeededRandom } from '../../base/random.ts';
import { hkdfSha256 } from '../../kernel/hkdf.ts';
import { hmacKernel } from '../../kernel/hmac-engine.ts';
import { hmacOracle } from '../../kernel/hmac-oracle.ts';
import { HmacKey, hmacSha256 } from '../../kernel/hmac.ts';
import { engineReport, forceEngine, type Engine } from '../../kernel/loader.ts';
import { nativeCrypto } from '../../kernel/native.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { eachCase, loadGolden } from '../support/golden.ts';
import { sameLong } from '../support/long.ts';
import { suite } from '../support/suite.ts';

const t = suite('kernel/hmac', import.meta.url);

/** Bytes of the kernel's message buffer. */
const CAPACITY = 32768;
const EDGES = [0, 1, 31, 32, 55, 56, 57, 63, 64, 65, 119, 120, 121, 127, 128, 129, 183, 184, 192];
const LARGE = [1000, 4096, CAPACITY - 73, CAPACITY - 1, CAPACITY, CAPACITY + 1, 2 * CAPACITY];
const SIZES = [...EDGES, ...LARGE, 2 * CAPACITY + 1, 100_000];
const KEY_SIZES = [0, 1, 16, 32, 63, 64, 65, 100, 131, 1000, CAPACITY, CAPACITY + 1, 70_000];

const random = new SeededRandom(2104);

function native(key: Uint8Array, message: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac('sha256', key).update(message).digest());
}

/** RFC 4231 section 4; a repeated byte is given as value and count. */
const RFC4231: readonly (readonly [key: string, message: string, tag: string])[] = [
  [
    '0b'.repeat(20),
    '4869205468657265',
    'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  ],
  [
    '4a656665',
    '7768617420646f2079612077616e7420666f72206e6f7468696e673f',
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  ],
  [
    'aa'.repeat(20),
    'dd'.repeat(50),
    '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe',
  ],
  [
    '0102030405060708090a0b0c0d0e0f10111213141516171819',
    'cd'.repeat(50),
    '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b',
  ],
  ['0c'.repeat(20), '546573742057697468205472756e636174696f6e', 'a3b6167473100ee06e0c796c2955552b'],
  [
    'aa'.repeat(131),
    '54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374',
    '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  ],
  [
    'aa'.repeat(131),
    '5468697320697320612074657374207573696e672061206c6172676572207468616e20626c6f636b2d73697a65206b657920616e642061206c6172676572207468616e20626c6f636b2d73697a6520646174612e20546865206b6579206e6565647320746f20626520686173686564206265666f7265206265696e6720757365642062792074686520484d414320616c676f726974686d2e',
    '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2',
  ],
];

/** RFC 5869 appendix A, the cases with SHA-256: ikm, salt, info, length, output. */
const RFC5869: readonly (readonly [string, string, string, number, string])[] = [
  [
    '0b'.repeat(22),
    '000102030405060708090a0b0c',
    'f0f1f2f3f4f5f6f7f8f9',
    42,
    '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
  ],
  [
    counting(0x00, 80),
    counting(0x60, 80),
    counting(0xb0, 80),
    82,
    'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87',
  ],
  [
    '0b'.repeat(22),
    '',
    '',
    42,
    '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
  ],
];

function counting(from: number, count: number): string {
  return toHex(Uint8Array.from({ length: count }, (_, i) => from + i));
}

/** Run `body` under each engine of the kernel, then give the choice back to the environment. */
function underEach(body: (engine: Engine) => void): void {
  for (const engine of ['ts', 'scalar', 'simd'] as const) {
    forceEngine(engine);
    try {
      assert.is(hmacKernel.get().engine, engine);
      body(engine);
    } finally {
      forceEngine(undefined);
    }
  }
}

t('[tesserae/kernel-hmac] runs the engine that was asked for, simd where relaxed was', () => {
  const asked = process.env['TESSERAE_ENGINE'] ?? 'simd';
  assert.is(hmacKernel.get().engine, asked === 'relaxed' ? 'simd' : asked);
  const report = engineReport().find(({ kernel }) => kernel === 'hmac');
  assert.is(report?.engine, hmacKernel.get().engine);
});

t('[tesserae/kernel-hmac] gives the tags of RFC 4231', () => {
  for (const [key, message, tag] of RFC4231) {
    const [keyBytes, messageBytes] = [fromHex(key), fromHex(message)];
    const size = tag.length / 2;
    sameBytes(hmacSha256(keyBytes, messageBytes).subarray(0, size), tag);
    const handle = new HmacKey(keyBytes);
    sameBytes(handle.mac(messageBytes).subarray(0, size), tag);
    for (const each of handle.macBatch(new Array<Uint8Array>(5).fill(messageBytes))) {
      sameBytes(each.subarray(0, size), tag);
    }
  }
});

t('[tesserae/kernel-hmac] agrees with OpenSSL and noble on every edge of key and message', () => {
  for (const keySize of KEY_SIZES) {
    const key = random.bytes(keySize);
    const handle = new HmacKey(key);
    for (const size of keySize === 32 ? SIZES : EDGES) {
      const message = random.bytes(size);
      const expected = native(key, message);
      const note = `key ${keySize}, message ${size}`;
      sameBytes(handle.mac(message), expected, note);
      sameBytes(hmacSha256(key, message), expected, note);
      sameBytes(nobleHmac(nobleSha256, key, message), expected, note);
      assert.ok(handle.verify(message, expected), note);
    }
  }
});

t('[tesserae/kernel-hmac] agrees with OpenSSL on every size from 0 to 300', () => {
  const key = random.bytes(32);
  const handle = new HmacKey(key);
  const messages = Array.from({ length: 301 }, (_, size) => random.bytes(size));
  const tags = handle.macBatch(messages);
  messages.forEach((message, size) => {
    const expected = native(key, message);
    sameBytes(handle.mac(message), expected, `message ${size}`);
    sameBytes(tags[size], expected, `message ${size} in a batch`);
  });
});

t('[tesserae/kernel-engines-agree] each engine of HMAC gives the bytes of the oracle', () => {
  const oracle = hmacOracle();
  for (let round = 0; round < 40; round++) {
    const key = random.bytes(random.next() % 150);
    const messages = Array.from({ length: random.next() % 14 }, () =>
      random.bytes(random.next() % 700)
    );
    const states = new Uint32Array(16);
    oracle.deriveStates(key, states);
    const expected = oracle.macBatch(states, messages).map(toHex);
    const output = new Uint8Array(1 + (random.next() % 300));
    const [ikm, salt] = [messages[0] ?? key, random.bytes(random.next() % 100)];
    oracle.hkdf(output, ikm, salt, key);
    underEach((engine) => {
      const { contract } = hmacKernel.get();
      const mine = new Uint32Array(16);
      contract.deriveStates(key, mine);
      assert.equal([...mine], [...states], `${engine} states`);
      assert.equal(contract.macBatch(mine, messages).map(toHex), expected, `${engine} batch`);
      assert.equal(
        messages.map((message) => toHex(contract.mac(mine, message))),
        expected
      );
      const derived = new Uint8Array(output.length);
      contract.hkdf(derived, ikm, salt, key);
      sameBytes(derived, output, `${engine} hkdf`);
    });
  }
});

t('[tesserae/kernel-hmac] keeps the order of batches of mixed sizes, of any count', () => {
  const key = random.bytes(32);
  const handle = new HmacKey(key);
  assert.equal(handle.macBatch([]), []);
  for (const count of [1, 2, 3, 4, 5, 6, 7, 8, 127, 128, 129, 300]) {
    const messages = Array.from({ length: count }, () => random.bytes(random.next() % 260));
    assert.equal(
      handle.macBatch(messages).map(toHex),
      messages.map((message) => toHex(native(key, message))),
      `${count} messages`
    );
  }
  for (let count = 1; count < 20; count++) {
    const messages = Array.from({ length: count }, (_, i) => random.bytes(120 + i));
    assert.equal(
      handle.macBatch(messages).map(toHex),
      messages.map((message) => toHex(native(key, message))),
      `${count} messages of three blocks`
    );
  }
  const sizes = [
    100_000,
    10,
    9000,
    9000,
    9001,
    CAPACITY,
    0,
    16_000,
    16_000,
    8000,
    8000,
    8000,
    8000,
  ];
  const messages = sizes.map((size) => random.bytes(size));
  assert.equal(
    handle.macBatch(messages).map(toHex),
    messages.map((message) => toHex(native(key, message)))
  );
});

t(
  '[tesserae/kernel-hmac] verify refuses every flipped bit, other lengths and other messages',
  () => {
    const handle = new HmacKey(random.bytes(32));
    for (const size of [0, 64, 200]) {
      const message = random.bytes(size);
      const tag = handle.mac(message);
      assert.ok(handle.verify(message, tag));
      for (let bit = 0; bit < 256; bit++) {
        const forged = tag.slice();
        forged[bit >> 3] = (forged[bit >> 3] as number) ^ (1 << (bit & 7));
        assert.not(handle.verify(message, forged), `bit ${bit}`);
      }
      for (const length of [0, 1, 16, 31]) assert.not(handle.verify(message, tag.slice(0, length)));
      assert.not(handle.verify(message, Uint8Array.of(...tag, 0)));
      assert.not(handle.verify(random.bytes(size + 1), tag));
      assert.not(new HmacKey(random.bytes(32)).verify(message, tag));
      assert.ok(handle.verify(message, tag), 'a refusal leaves nothing behind');
    }
  }
);

t('macInto writes 32 bytes at the offset and nothing else', () => {
  const key = random.bytes(32);
  const handle = new HmacKey(key);
  const message = random.bytes(100);
  const target = new Uint8Array(40).fill(0xee);
  handle.macInto(message, target, 5);
  sameBytes(target, 'ee'.repeat(5) + toHex(native(key, message)) + 'ee'.repeat(3));
  handle.macInto(message, target);
  sameBytes(target.slice(0, 32), native(key, message));
  for (const offset of [-1, 9, 0.5, Number.NaN]) {
    assert.throws(() => handle.macInto(message, target, offset), /"offset" must be an integer/);
  }
});

t('leaves key and message as they were, and returns bytes of its own', () => {
  const key = random.bytes(100);
  const message = random.bytes(100);
  const [keyBefore, messageBefore] = [toHex(key), toHex(message)];
  const handle = new HmacKey(key);
  const tag = handle.mac(message);
  const before = toHex(tag);
  handle.mac(random.bytes(10));
  handle.macBatch([message, message, message, message]);
  sameBytes(tag, before);
  sameBytes(key, keyBefore);
  sameBytes(message, messageBefore);
  key.fill(0);
  sameBytes(handle.mac(message), before, 'the caller may wipe its copy of the key');
});

t('keys in use side by side do not mix', () => {
  const keys = Array.from({ length: 5 }, () => random.bytes(32));
  const handles = keys.map((key) => new HmacKey(key));
  for (let round = 0; round < 20; round++) {
    const message = random.bytes(round * 9);
    handles.forEach((handle, i) =>
      sameBytes(handle.mac(message), native(keys[i] as Uint8Array, message))
    );
  }
});

t('a key set up under one engine serves under any other', () => {
  const key = random.bytes(32);
  const message = random.bytes(90);
  underEach((from) => {
    const handle = new HmacKey(key);
    underEach((to) => sameBytes(handle.mac(message), native(key, message), `${from} to ${to}`));
    forceEngine(from);
  });
});

t('a wiped key is refused', () => {
  const handle = new HmacKey(random.bytes(32));
  const message = random.bytes(2000);
  handle.mac(message);
  handle.wipe();
  handle.wipe();
  const uses = [
    () => handle.mac(message),
    () => handle.macInto(message, new Uint8Array(32)),
    () => handle.verify(message, new Uint8Array(32)),
    () => handle.macBatch([message]),
  ];
  for (const use of uses) assert.throws(use, /"HmacKey" has been wiped/);
});

t('refuses keys and messages that are not bytes, by name', () => {
  const text = 'abc' as unknown as Uint8Array;
  const handle = new HmacKey(new Uint8Array(3));
  assert.throws(() => new HmacKey(text), /"key" must be a Uint8Array, got string/);
  assert.throws(() => hmacSha256(text, new Uint8Array(1)), /"key" must be/);
  assert.throws(() => hmacSha256(new Uint8Array(1), text), /"message" must be/);
  assert.throws(() => handle.mac(text), /"message" must be a Uint8Array, got string/);
  assert.throws(() => handle.macBatch([text]), /"messages" must be/);
  assert.throws(() => hkdfSha256(32, text, undefined), /"ikm" must be/);
  assert.throws(() => hkdfSha256(32, new Uint8Array(1), text), /"salt" must be/);
  assert.throws(() => hkdfSha256(32, new Uint8Array(1), undefined, text), /"info" must be/);
});

t('a forced engine never hands work to node:crypto', () => {
  const crypto = nativeCrypto();
  if (crypto === undefined) throw new Error('Node has node:crypto');
  const original = crypto.createHmac;
  let calls = 0;
  crypto.createHmac = (...given) => {
    calls += 1;
    return original(...given);
  };
  try {
    const message = random.bytes(5000);
    underEach(() => {
      const handle = new HmacKey(new Uint8Array(32));
      handle.mac(message);
      handle.verify(message, new Uint8Array(32));
      handle.macBatch([message, message, message]);
      hmacSha256(new Uint8Array(32), message);
    });
    assert.is(calls, 0);
    crypto.createHmac('sha256', message);
    assert.is(calls, 1, 'the count works');
  } finally {
    crypto.createHmac = original;
  }
});

t('[tesserae/kernel-hmac] leaves no key in the memory of the instance', () => {
  if (hmacKernel.get().engine === 'ts') {
    assert.is(process.env['TESSERAE_ENGINE'], 'ts', 'the oracle has no such memory');
    return;
  }
  const instances: WebAssembly.Instance[] = [];
  const instantiate = WebAssembly.Instance;
  WebAssembly.Instance = function (module: WebAssembly.Module): WebAssembly.Instance {
    const instance = new instantiate(module);
    instances.push(instance);
    return instance;
  } as unknown as typeof WebAssembly.Instance;
  try {
    const { contract } = hmacKernel.fresh();
    const memory = instances[0]?.exports['memory'];
    if (!(memory instanceof WebAssembly.Memory)) throw new Error('no memory');
    const bytes = (): string => toHex(new Uint8Array(memory.buffer));
    for (const keySize of [32, 64, 100, 40_000]) {
      const key = random.bytes(keySize);
      const hashed = keySize > 64 ? new Uint8Array(createHash('sha256').update(key).digest()) : key;
      const states = new Uint32Array(16);
      contract.deriveStates(key, states);
      const message = random.bytes(50);
      const output = new Uint8Array(70);
      const uses = [
        () => contract.mac(states, message),
        () => contract.verify(states, message, new Uint8Array(32)),
        () => contract.macBatch(states, new Array<Uint8Array>(4).fill(message)),
        () => contract.macBatch(states, new Array<Uint8Array>(13).fill(message)),
        () => contract.mac(states, random.bytes(CAPACITY + 5)),
        () => contract.hkdf(output, key, key.subarray(0, 32), message),
      ];
      const secrets = [key.subarray(-16), hashed.subarray(0, 16)];
      secrets.push(hashed.map((byte) => byte ^ 0x36).subarray(0, 16));
      secrets.push(hashed.map((byte) => byte ^ 0x5c).subarray(0, 16));
      const halves = new Uint8Array(states.buffer);
      secrets.push(halves.slice(0, 16), halves.slice(32, 48));
      // A word of the states as it stands in the four lanes of a vector.
      for (let at = 0; at < 64; at += 4) {
        const word = halves.subarray(at, at + 4);
        secrets.push(Uint8Array.of(...word, ...word, ...word, ...word));
      }
      uses.forEach((use, i) => {
        use();
        const left = bytes();
        if (i === uses.length - 1) secrets.push(output.slice(0, 16), output.slice(32, 48));
        for (const secret of secrets)
          assert.not(left.includes(toHex(secret)), `${keySize} use ${i}`);
      });
    }
  } finally {
    WebAssembly.Instance = instantiate;
  }
});

t('HKDF gives the output of RFC 5869', () => {
  for (const [ikm, salt, info, length, output] of RFC5869) {
    sameBytes(hkdfSha256(length, fromHex(ikm), fromHex(salt), fromHex(info)), output);
  }
});

t(
  '[reticulum/hkdf] [reticulum/hkdf-counter-wrap] HKDF derives as the reference, past 255 blocks too',
  () => {
    eachCase(loadGolden('reticulum', 'hkdf'), (item) => {
      const { length, ikm, salt, context } = item.in as {
        length: number;
        ikm: string;
        salt: string | null;
        context: string | null;
      };
      const optional = (hex: string | null): Uint8Array | undefined =>
        hex === null ? undefined : fromHex(hex);
      const derive = (): Uint8Array =>
        hkdfSha256(length, fromHex(ikm), optional(salt), optional(context));
      if (item.error === undefined) sameLong(derive(), item.out?.['key']);
      else assert.throws(derive, /"lengthBytes" must be an integer from 1/);
    });
  }
);

t('HKDF agrees with OpenSSL and noble for inputs of every size', () => {
  const sizes = [0, 1, 16, 32, 64, 65, 200, 4096, 4097, 40_000];
  for (const ikmSize of sizes) {
    for (const otherSize of [0, 1, 64, 65, 4097]) {
      const ikm = random.bytes(ikmSize);
      const salt = random.bytes(otherSize);
      const info = random.bytes(Math.min(otherSize, 1024));
      for (const length of [1, 32, 33, 64, 4096, 4097, 8160]) {
        const expected = new Uint8Array(hkdfSync('sha256', ikm, salt, info, length));
        sameBytes(
          hkdfSha256(length, ikm, salt, info),
          expected,
          `${ikmSize} ${otherSize} ${length}`
        );
      }
      sameBytes(hkdfSha256(64, ikm, salt, info), nobleHkdf(nobleSha256, ikm, salt, info, 64));
    }
  }
});

t('HKDF refuses lengths below one and fractions', () => {
  for (const length of [0, -1, 1.5, Number.NaN, Infinity]) {
    assert.throws(() => hkdfSha256(length, new Uint8Array(1), undefined), RangeError);
  }
});

t.run();
