import { suite } from '../support/suite.ts';
import { assert, sameBytes, throwsCode } from '../support/assert.ts';
import { native, underBoth } from '../support/providers.ts';
import { fromHex } from '../../base/hex.ts';
import { SeededRandom } from '../../base/random.ts';
import { cryptoProvider, sha256, useCryptoProvider } from '../../crypto/provider.ts';
import { portableProvider } from '../../crypto/portable-provider.ts';

const t = suite('crypto/provider', import.meta.url);

/** RFC 7748 section 5.2: one iteration with scalar and point both 9. */
const RFC7748_ONCE = '422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079';

t('Node uses its own library unless told otherwise', () => {
  assert.is(cryptoProvider().name, 'native');
  useCryptoProvider(portableProvider);
  assert.is(cryptoProvider().name, 'portable');
  useCryptoProvider(undefined);
});

t('a wrong TESSERAE_CRYPTO is named', () => {
  const before = process.env['TESSERAE_CRYPTO'];
  process.env['TESSERAE_CRYPTO'] = 'fast';
  useCryptoProvider(undefined);
  assert.throws(() => cryptoProvider(), /TESSERAE_CRYPTO must be "native"/);
  if (before === undefined) delete process.env['TESSERAE_CRYPTO'];
  else process.env['TESSERAE_CRYPTO'] = before;
});

t('both implementations agree on random keys and messages', () => {
  const random = new SeededRandom(99);
  for (let round = 0; round < 20; round++) {
    const seed = random.bytes(32);
    const message = random.bytes(random.below(300));
    const a = native.signingKey(seed);
    const b = portableProvider.signingKey(seed);
    sameBytes(a.publicKey, b.publicKey);
    sameBytes(a.sign(message), b.sign(message));
    const x = native.exchangeKey(seed);
    const y = portableProvider.exchangeKey(seed);
    sameBytes(x.publicKey, y.publicKey);
    const peer = native.exchangeKey(random.bytes(32)).publicKey;
    sameBytes(x.exchange(peer), y.exchange(peer));
    for (const size of [16, 32]) {
      const key = random.bytes(size);
      const iv = random.bytes(16);
      const blocks = random.bytes(16 * (1 + random.below(20)));
      const sealed = native.aesCbcEncrypt(key, iv, blocks);
      sameBytes(portableProvider.aesCbcEncrypt(key, iv, blocks), sealed);
      sameBytes(portableProvider.aesCbcDecrypt(key, iv, sealed), blocks);
      sameBytes(native.aesCbcDecrypt(key, iv, sealed), blocks);
    }
    sameBytes(native.sha256(message), portableProvider.sha256(message));
  }
});

t('RFC 8032 and RFC 7748 test vectors hold', () => {
  underBoth((provider) => {
    const seed = fromHex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb');
    const key = provider.signingKey(seed);
    sameBytes(key.publicKey, '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
    const signature = key.sign(new Uint8Array([0x72]));
    sameBytes(
      signature,
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
        '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00'
    );
    assert.ok(provider.verifyingKey(key.publicKey).verify(signature, new Uint8Array([0x72])));
    const nine = new Uint8Array(32);
    nine[0] = 9;
    sameBytes(provider.exchangeKey(nine).exchange(nine), RFC7748_ONCE);
    sameBytes(provider.exchangeKey(nine).publicKey, RFC7748_ONCE);
    sameBytes(sha256(new TextEncoder().encode('abc')).slice(0, 8), 'ba7816bf8f01cfea');
  });
});

t('low-order exchange keys are refused by both', () => {
  underBoth((provider) => {
    const key = provider.exchangeKey(new SeededRandom(5).bytes(32));
    throwsCode(() => key.exchange(new Uint8Array(32)), 'CRYPTO_LOW_ORDER');
    const one = new Uint8Array(32);
    one[0] = 1;
    throwsCode(() => key.exchange(one), 'CRYPTO_LOW_ORDER');
  });
});

t.run();
