/**
 * The node's side of authentication, shared by all its connections: the signed certificate of an
 * X25519 key, and the MAC keys that two such keys and two nonces give.
 * @see overlay/PeerAuth.cpp, crypto/Curve25519.cpp (stellar-core v27) @module
 */
import { assertBytes, concat, wipe } from '../../base/bytes.ts';
import type { Millis } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import {
  cryptoProvider,
  sha256,
  type ExchangeKey,
  type SigningKey,
} from '../../crypto/provider.ts';
import { HmacKey, hmacSha256 } from '../../kernel/hmac.ts';
import type { AuthCert } from '../xdr/overlay.ts';
import { EnvelopeType } from '../xdr/bucket.ts';
import { BoundedMap } from './bounded-map.ts';
import { networkId } from './network.ts';
import { PeerRole } from './peer-contract.ts';

/** Seconds that a certificate is good for; a new one is made when half of them are over. */
export const CERT_VALID_S = 3600;
/** Shared keys kept, by remote key and role. */
export const SHARED_KEYS_KEPT = 0xffff;
/** Signatures of certificates kept with their verdict, so that a peer that returns costs less. */
const SIGNATURES_KEPT = 4096;

const ZERO_SALT = /* @__PURE__ */ new Uint8Array(32);

/** Hash that a certificate signs: network id, envelope type, expiration and key. */
export function certHash(id: Uint8Array, expiration: bigint, publicKey: Uint8Array): Uint8Array {
  const head = new Uint8Array(12);
  const view = new DataView(head.buffer);
  view.setUint32(0, EnvelopeType.ENVELOPE_TYPE_AUTH);
  view.setBigUint64(4, expiration);
  return sha256(concat(id, head, publicKey));
}

/** Keys of one node for all its connections. */
export class PeerAuth {
  /** Ed25519 public key, the node's identity: 32 bytes. */
  readonly nodeId: Uint8Array;
  /** SHA-256 of the network's passphrase: 32 bytes. */
  readonly networkId: Uint8Array;
  readonly #signer: SigningKey;
  readonly #exchange: ExchangeKey;
  readonly #shared: BoundedMap<string, Uint8Array>;
  /** Signatures looked at before, and whether they hold. */
  readonly #verified: BoundedMap<string, boolean>;
  #cert: AuthCert | undefined;

  /**
   * @param seed - the node's Ed25519 seed, 32 bytes
   * @param random - gives the X25519 key of this process, 32 bytes, and decides which of too many
   *   shared keys is forgotten
   */
  constructor(passphrase: string, seed: Uint8Array, random: Random) {
    assertBytes('seed', seed, 32);
    this.#signer = cryptoProvider().signingKey(seed);
    this.nodeId = this.#signer.publicKey;
    this.networkId = networkId(passphrase);
    const secret = random.bytes(32);
    this.#exchange = cryptoProvider().exchangeKey(secret);
    wipe(secret);
    this.#shared = new BoundedMap(SHARED_KEYS_KEPT, random);
    this.#verified = new BoundedMap(SIGNATURES_KEPT, random);
  }

  /** X25519 public key of this process: 32 bytes. */
  get publicKey(): Uint8Array {
    return this.#exchange.publicKey;
  }

  /** A certificate with at least half of its hour left. */
  cert(now: Millis): AuthCert {
    const seconds = BigInt(Math.floor(now / 1000));
    if (this.#cert === undefined || this.#cert.expiration < seconds + BigInt(CERT_VALID_S / 2)) {
      const expiration = seconds + BigInt(CERT_VALID_S);
      const hash = certHash(this.networkId, expiration, this.publicKey);
      const sig = this.#signer.sign(hash);
      this.#cert = { pubkey: { key: this.publicKey }, expiration, sig };
    }
    return this.#cert;
  }

  /**
   * Whether a certificate is in force and signed by that node for our network.
   *
   * There is no upper bound on the expiration: some peers write it in milliseconds.
   */
  verifyCert(nodeId: Uint8Array, cert: AuthCert, now: Millis): boolean {
    if (cert.expiration < BigInt(Math.floor(now / 1000))) return false;
    const hash = certHash(this.networkId, cert.expiration, cert.pubkey.key);
    // Key, signature and hash whole: a digest of them would cost as much as it saves.
    const key = keyText(concat(nodeId, hash, cert.sig));
    let holds = this.#verified.get(key);
    if (holds === undefined) {
      holds = cryptoProvider().verifyingKey(nodeId.slice()).verify(cert.sig, hash);
      this.#verified.set(key, holds);
    }
    return holds;
  }

  /**
   * The key for what we send.
   * @throws ProtocolError `CRYPTO_LOW_ORDER` when the peer's key gives no secret
   */
  sendingKey(
    peer: Uint8Array,
    ourNonce: Uint8Array,
    theirNonce: Uint8Array,
    role: PeerRole
  ): HmacKey {
    const direction = role === PeerRole.WE_CALLED_REMOTE ? 0 : 1;
    return this.#macKey(peer, role, direction, ourNonce, theirNonce);
  }

  /**
   * The key for what the peer sends.
   * @throws ProtocolError `CRYPTO_LOW_ORDER` when the peer's key gives no secret
   */
  receivingKey(
    peer: Uint8Array,
    ourNonce: Uint8Array,
    theirNonce: Uint8Array,
    role: PeerRole
  ): HmacKey {
    const direction = role === PeerRole.WE_CALLED_REMOTE ? 1 : 0;
    return this.#macKey(peer, role, direction, theirNonce, ourNonce);
  }

  /** Shared keys in memory. */
  get sharedKeysKept(): number {
    return this.#shared.size;
  }

  /** HKDF-Expand with `direction(1) ‖ sender's nonce(32) ‖ receiver's nonce(32)`. */
  #macKey(
    peer: Uint8Array,
    role: PeerRole,
    direction: 0 | 1,
    senderNonce: Uint8Array,
    receiverNonce: Uint8Array
  ): HmacKey {
    const info = new Uint8Array(66);
    info[0] = direction;
    info.set(senderNonce, 1);
    info.set(receiverNonce, 33);
    // The first and only block of RFC 5869 section 2.3.
    info[65] = 1;
    const key = hmacSha256(this.#sharedKey(peer, role), info);
    const mac = new HmacKey(key);
    wipe(key);
    return mac;
  }

  /** HKDF-Extract over `secret(32) ‖ initiator's key(32) ‖ acceptor's key(32)`. */
  #sharedKey(peer: Uint8Array, role: PeerRole): Uint8Array {
    const id = keyText(peer) + String(role);
    const kept = this.#shared.get(id);
    if (kept !== undefined) return kept;
    const secret = this.#exchange.exchange(peer);
    const called = role === PeerRole.WE_CALLED_REMOTE;
    const [first, second] = called ? [this.publicKey, peer] : [peer, this.publicKey];
    const material = concat(secret, first, second);
    const shared = hmacSha256(ZERO_SALT, material);
    wipe(secret, material);
    this.#shared.set(id, shared);
    return shared;
  }
}

/** Bytes as a key of a map: one character a byte. */
function keyText(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
