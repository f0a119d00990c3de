import fc from 'fast-check';
import { suite } from '../support/suite.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { underBoth } from '../support/providers.ts';
import { ProtocolError } from '../../base/errors.ts';
import { SeededRandom } from '../../base/random.ts';
import { Identity } from '../../reticulum/identity.ts';
import { decodeKeyText, encodeKeyText } from '../../reticulum/identity-text.ts';
import {
  decodeKnownRatchet,
  decodeRatchetFile,
  encodeRatchetFile,
} from '../../reticulum/ratchet.ts';

const t = suite('reticulum/identity properties', import.meta.url);
const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });

t('what is encrypted for an identity only that identity decrypts', () => {
  underBoth(() =>
    fc.assert(
      fc.property(
        bytes(64),
        bytes(64),
        fc.uint8Array({ maxLength: 100 }),
        fc.nat(),
        (a, b, text, n) => {
          fc.pre(!a.every((byte, i) => byte === b[i]));
          const sealed = Identity.fromPrivateKey(a).publicOnly().encrypt(text, new SeededRandom(n));
          sameBytes(Identity.fromPrivateKey(a).decrypt(sealed).plaintext, text);
          refuses(() => Identity.fromPrivateKey(b).decrypt(sealed));
        }
      ),
      { numRuns: 25 }
    )
  );
});

t('a damaged token never decrypts', () => {
  const random = new SeededRandom(11);
  const identity = Identity.generate(random);
  const sealed = identity.encrypt(random.bytes(50), random);
  // X25519 ignores the top bit of a public key, so that one bit may change without effect.
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    if (bit === 255) continue;
    const damaged = sealed.slice();
    damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
    refuses(() => identity.decrypt(damaged));
  }
  for (let length = 0; length < sealed.length; length++) {
    refuses(() => identity.decrypt(sealed.subarray(0, length)));
  }
});

t('signatures hold for their message and no other', () => {
  underBoth(() =>
    fc.assert(
      fc.property(bytes(64), fc.uint8Array({ maxLength: 200 }), fc.nat(511), (key, text, bit) => {
        const identity = Identity.fromPrivateKey(key);
        const signature = identity.sign(text);
        assert.ok(identity.validate(signature, text));
        assert.not(identity.validate(signature, Uint8Array.of(...text, 1)));
        signature[bit >> 3] = (signature[bit >> 3] as number) ^ (1 << (bit & 7));
        assert.not(identity.validate(signature, text));
      }),
      { numRuns: 25 }
    )
  );
});

t('keys survive every text form', () => {
  fc.assert(
    fc.property(bytes(64), fc.constantFrom('hex', 'base32', 'base64'), (key, encoding) =>
      sameBytes(decodeKeyText(encodeKeyText(key, encoding)), key)
    )
  );
  fc.assert(
    fc.property(fc.string({ maxLength: 140 }), (text) => survives(() => decodeKeyText(text)))
  );
});

t('ratchet files of any bytes yield ratchets or a ProtocolError', () => {
  const random = new SeededRandom(5);
  const identity = Identity.generate(random);
  const file = encodeRatchetFile(identity, [random.bytes(32), random.bytes(32)]);
  for (let round = 0; round < 2000; round++) {
    const damaged = file.slice(0, random.below(6) === 0 ? random.below(file.length) : file.length);
    if (damaged.length > 0) damaged[random.below(damaged.length)] = random.below(256);
    survives(() => decodeRatchetFile(identity, damaged));
    survives(() => decodeKnownRatchet(damaged, 0));
  }
});

function survives(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    assert.instance(error, ProtocolError, String(error));
  }
}

function refuses(run: () => unknown): void {
  let refused = false;
  try {
    run();
  } catch (error) {
    assert.instance(error, ProtocolError, String(error));
    refused = true;
  }
  assert.ok(refused, 'expected a refusal');
}

t.run();
