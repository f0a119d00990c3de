/** The primitives by the host's own library (`node:crypto`, which is OpenSSL). @module */
import { ProtocolError } from '../base/errors.ts';
import type { NativeCrypto } from '../kernel/native.ts';
import { nativeKeys } from './native-keys.ts';
import type { CryptoProvider } from './provider.ts';

/** Wrap the host's library; results are plain `Uint8Array`, never `Buffer`. */
export function nativeProvider(host: NativeCrypto): CryptoProvider {
  const keys = nativeKeys(host);

  return {
    name: 'native',
    sha256: nativeSha256(host),
    signingKey(seed) {
      const key = keys.privateKey('Ed25519', seed);
      return {
        publicKey: keys.publicBytes(key),
        sign: (message) => new Uint8Array(host.sign(null, message, key)),
      };
    },
    verifyingKey(raw) {
      const key = keys.publicKey('Ed25519', raw);
      return { verify: (signature, message) => host.verify(null, message, key, signature) };
    },
    exchangeKey(raw) {
      const key = keys.privateKey('X25519', raw);
      return {
        publicKey: keys.publicBytes(key),
        exchange(peer) {
          try {
            const peerKey = keys.publicKey('X25519', peer);
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

function nativeSha256(host: NativeCrypto): (data: Uint8Array) => Uint8Array {
  const oneCall = host.hash?.bind(host);
  if (oneCall === undefined) {
    return (data) => new Uint8Array(host.createHash('sha256').update(data).digest());
  }
  return (data) => new Uint8Array(oneCall('sha256', data, 'buffer'));
}
