/** The primitives by the host's own library (`node:crypto`, which is OpenSSL). @module */
import { concat } from '../base/bytes.ts';
import { ProtocolError } from '../base/errors.ts';
import type { NativeCrypto, NativeKey } from '../kernel/native.ts';
import type { CryptoProvider } from './provider.ts';

// DER heads of a raw 32-byte key (RFC 8410): PKCS#8 for private, SubjectPublicKeyInfo for public.
const PKCS8_X25519 = der('302e020100300506032b656e04220420');
const PKCS8_ED25519 = der('302e020100300506032b657004220420');
const SPKI_X25519 = der('302a300506032b656e032100');
const SPKI_ED25519 = der('302a300506032b6570032100');

function der(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** Wrap the host's library; results are plain `Uint8Array`, never `Buffer`. */
export function nativeProvider(host: NativeCrypto): CryptoProvider {
  const privateKey = (head: Uint8Array, raw: Uint8Array): NativeKey =>
    host.createPrivateKey({ key: concat(head, raw), format: 'der', type: 'pkcs8' });
  const publicKey = (head: Uint8Array, raw: Uint8Array): NativeKey =>
    host.createPublicKey({ key: concat(head, raw), format: 'der', type: 'spki' });
  const publicBytes = (key: NativeKey): Uint8Array =>
    new Uint8Array(host.createPublicKey(key).export({ format: 'der', type: 'spki' })).slice(-32);

  return {
    name: 'native',
    sha256: (data) => new Uint8Array(host.createHash('sha256').update(data).digest()),
    signingKey(seed) {
      const key = privateKey(PKCS8_ED25519, seed);
      return {
        publicKey: publicBytes(key),
        sign: (message) => new Uint8Array(host.sign(null, message, key)),
      };
    },
    verifyingKey(raw) {
      const key = publicKey(SPKI_ED25519, raw);
      return { verify: (signature, message) => host.verify(null, message, key, signature) };
    },
    exchangeKey(raw) {
      const key = privateKey(PKCS8_X25519, raw);
      return {
        publicKey: publicBytes(key),
        exchange(peer) {
          try {
            const peerKey = publicKey(SPKI_X25519, peer);
            return new Uint8Array(host.diffieHellman({ privateKey: key, publicKey: peerKey }));
          } catch {
            // OpenSSL refuses an exchange only when the secret would be all zero.
            throw new ProtocolError('CRYPTO_LOW_ORDER', 'public key has low order');
          }
        },
      };
    },
    aesCbcEncrypt(key, iv, blocks) {
      const cipher = host.createCipheriv(`aes-${key.length * 8}-cbc`, key, iv);
      cipher.setAutoPadding(false);
      const out = new Uint8Array(cipher.update(blocks));
      cipher.final();
      return out;
    },
    aesCbcDecrypt(key, iv, blocks) {
      const cipher = host.createDecipheriv(`aes-${key.length * 8}-cbc`, key, iv);
      cipher.setAutoPadding(false);
      const out = new Uint8Array(cipher.update(blocks));
      cipher.final();
      return out;
    },
  };
}
