/** Laws of XChaCha20-Poly1305 that hold for any input, under each engine. @module */
import fc from 'fast-check';
import { xchacha20poly1305 as noble } from '@noble/ciphers/chacha.js';
import { XChaCha20Poly1305 } from '../../crypto/xchacha20poly1305.ts';
import { sameBytes, throwsCode } from '../support/assert.ts';
import { suite } from '../support/suite.ts';

const t = suite('kernel/chacha properties', import.meta.url);

const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });
const key = bytes(32);
const nonce = bytes(24);
const some = fc.uint8Array({ maxLength: 700, size: 'max' });

t(
  '[pangea/ces-xchacha20-poly1305-encryption] what was sealed opens, and is what noble makes',
  () => {
    fc.assert(
      fc.property(key, nonce, some, some, (k, n, aad, text) => {
        const cipher = new XChaCha20Poly1305(k);
        const sealed = cipher.seal(n, text, aad);
        sameBytes(sealed, new Uint8Array(noble(k, n, aad).encrypt(text)));
        sameBytes(cipher.open(n, sealed, aad), text);
      })
    );
  }
);

t('[pangea/ces-xchacha20-poly1305-encryption] any change of any part is refused', () => {
  const change = fc.record({ part: fc.nat(3), place: fc.nat(), bit: fc.nat(7) });
  fc.assert(
    fc.property(key, nonce, some, some, change, (k, n, aad, text, { part, place, bit }) => {
      const parts = [
        k.slice(),
        n.slice(),
        aad.slice(),
        new XChaCha20Poly1305(k).seal(n, text, aad),
      ];
      const changed = parts[part] as Uint8Array;
      fc.pre(changed.length > 0);
      const at = place % changed.length;
      changed[at] = (changed[at] as number) ^ (1 << bit);
      const [k2, n2, aad2, sealed] = parts as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
      throwsCode(() => new XChaCha20Poly1305(k2).open(n2, sealed, aad2), 'AEAD_TAG');
    })
  );
});

t('a part that is cut off is missed', () => {
  fc.assert(
    fc.property(key, nonce, some, fc.nat(), (k, n, text, cut) => {
      const cipher = new XChaCha20Poly1305(k);
      const sealed = cipher.seal(n, text);
      const length = cut % sealed.length;
      const code = length < 16 ? 'AEAD_TRUNCATED' : 'AEAD_TAG';
      throwsCode(() => cipher.open(n, sealed.subarray(0, length)), code);
    })
  );
});

t.run();
