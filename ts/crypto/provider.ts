/**
 * The primitives that identities and tokens stand on, behind one synchronous interface with two
 * byte-equal implementations: the host's (OpenSSL in Node) and a portable one for browsers. @module
 */
import { environment, nativeCrypto } from '../kernel/native.ts';
import { nativeProvider } from './native-provider.ts';
import { portableProvider } from './portable-provider.ts';

/** An Ed25519 private key ready to sign. */
export interface SigningKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** A deterministic 64-byte signature (RFC 8032). */
  sign(message: Uint8Array): Uint8Array;
}

/** An Ed25519 public key ready to verify. */
export interface VerifyingKey {
  /**
   * True when the signature holds under OpenSSL's rules, which the reference uses: S below the group
   * order, no cofactor, R compared as bytes, non-canonical public keys accepted.
   */
  verify(signature: Uint8Array, message: Uint8Array): boolean;
}

/** An X25519 private key ready to agree on a secret. */
export interface ExchangeKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /**
   * The 32-byte shared secret.
   * @throws ProtocolError `CRYPTO_LOW_ORDER` when the peer's key gives the all-zero secret
   */
  exchange(peerPublicKey: Uint8Array): Uint8Array;
}

/** One implementation of the primitives. */
export interface CryptoProvider {
  readonly name: 'native' | 'portable';
  sha256(data: Uint8Array): Uint8Array;
  /** @param seed - 32 bytes */
  signingKey(seed: Uint8Array): SigningKey;
  /** @param publicKey - 32 bytes, not checked to be a point until a signature is verified */
  verifyingKey(publicKey: Uint8Array): VerifyingKey;
  /** @param privateKey - 32 bytes, clamped at use */
  exchangeKey(privateKey: Uint8Array): ExchangeKey;
  /** AES-CBC without padding; the input is a whole number of 16-byte blocks. */
  aesCbcEncrypt(key: Uint8Array, iv: Uint8Array, blocks: Uint8Array): Uint8Array;
  /** AES-CBC without padding; the input is a whole number of 16-byte blocks. */
  aesCbcDecrypt(key: Uint8Array, iv: Uint8Array, blocks: Uint8Array): Uint8Array;
}

let chosen: CryptoProvider | undefined;

/**
 * The implementation in use: the host's where there is one, unless `TESSERAE_CRYPTO=portable`.
 * @throws TypeError when the variable has another value, or asks for `native` where there is none
 */
export function cryptoProvider(): CryptoProvider {
  chosen ??= choose(environment('TESSERAE_CRYPTO'));
  return chosen;
}

/** Use another implementation from here on; `undefined` returns to the automatic choice. */
export function useCryptoProvider(provider: CryptoProvider | undefined): void {
  chosen = provider;
}

function choose(wanted: string | undefined): CryptoProvider {
  const native = nativeCrypto();
  if (wanted === undefined || wanted === '') {
    return native === undefined ? portableProvider : nativeProvider(native);
  }
  if (wanted === 'portable') return portableProvider;
  if (wanted === 'native' && native !== undefined) return nativeProvider(native);
  throw new TypeError(`TESSERAE_CRYPTO must be "native" (on Node) or "portable", got "${wanted}"`);
}

/** SHA-256 by the implementation in use. */
export function sha256(data: Uint8Array): Uint8Array {
  return cryptoProvider().sha256(data);
}
