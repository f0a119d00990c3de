/**
 * Destinations: the addressable ends of a network, one's own and others'.
 * @module
 * @see RNS/Destination.py (RNS 1.5.7)
 */
import { ProtocolError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { Token, generateTokenKey } from '../crypto/token.ts';
import { destinationHashOf, expandName, nameHash } from './destination-hash.ts';
import type { Decrypted, Identity } from './identity.ts';
import { DestinationType, type DestinationTypeCode } from './packet.ts';
import { RatchetRing, decodeRatchetFile } from './ratchet.ts';
import { RequestHandlers } from './request-handlers.ts';

/** When a destination proves to the sender that a packet arrived. @see RNS/Destination.py PROVE_NONE */
export const ProofStrategy = { PROVE_NONE: 0x21, PROVE_APP: 0x22, PROVE_ALL: 0x23 } as const;
/** One of {@link ProofStrategy}. */
export type ProofStrategyCode = (typeof ProofStrategy)[keyof typeof ProofStrategy];

/** Whether packets are received at a destination or sent to it. */
export type Direction = 'in' | 'out';

/** What a destination is made of. */
export interface DestinationOptions {
  readonly direction: Direction;
  /** SINGLE unless said otherwise; a LINK is made by opening one. */
  readonly type?: Exclude<DestinationTypeCode, 3> | undefined;
  /** Required for SINGLE, optional for GROUP, forbidden for PLAIN. */
  readonly identity?: Identity | undefined;
  readonly appName: string;
  readonly aspects?: readonly string[] | undefined;
}

/** App data of announces: bytes, or what gives them anew each time. */
export type AppDataSource = Uint8Array | (() => Uint8Array | undefined);

/**
 * One end of a network.
 *
 * Inbound ones are registered with an endpoint, which then receives for them; outbound ones say whom a
 * packet or a link is for.
 */
export class Destination {
  readonly direction: Direction;
  readonly type: Exclude<DestinationTypeCode, 3>;
  readonly identity: Identity | undefined;
  /** The dotted name, with the identity hash at its end; empty when only the address is known. */
  readonly name: string;
  readonly nameHash: Uint8Array | undefined;
  /** The 16-byte address. */
  readonly hash: Uint8Array;
  readonly appName: string;
  readonly aspects: readonly string[];

  /** Answer to packets, none unless set. */
  proofStrategy: ProofStrategyCode = ProofStrategy.PROVE_NONE;
  /** Whether links may be opened to it. */
  acceptsLinks = true;
  /** Largest request in bytes; absent means any. @see RNS/Destination.py set_max_request_size */
  maxRequestBytes: number | undefined;
  /** App data of announces that bring none of their own. */
  defaultAppData: AppDataSource | undefined;
  /** Paths that may be requested over links to it. */
  readonly requests: RequestHandlers = new RequestHandlers();
  #ratchets: RatchetRing | undefined;
  #enforceRatchets = false;
  #group: Token | undefined;
  #groupKey: Uint8Array | undefined;

  private constructor(
    direction: Direction,
    type: Exclude<DestinationTypeCode, 3>,
    identity: Identity | undefined,
    name: { appName: string; aspects: readonly string[]; hash: Uint8Array | undefined },
    address: Uint8Array
  ) {
    this.direction = direction;
    this.type = type;
    this.identity = identity;
    this.appName = name.appName;
    this.aspects = name.aspects;
    this.nameHash = name.hash;
    this.hash = address;
    this.name =
      name.hash === undefined ? '' : expandName(identity?.hash, name.appName, ...name.aspects);
  }

  /**
   * Make a destination from its name.
   * @throws TypeError when the identity is missing, or given for a PLAIN destination
   * @throws RangeError when a part of the name holds a dot
   */
  static create(options: DestinationOptions): Destination {
    const { direction, identity, appName, aspects = [] } = options;
    const type = options.type ?? DestinationType.SINGLE;
    if (type === DestinationType.PLAIN && identity !== undefined) {
      throw new TypeError('"identity" cannot be held by a PLAIN destination');
    }
    if (type === DestinationType.SINGLE && identity === undefined) {
      throw new TypeError('"identity" is needed for a SINGLE destination');
    }
    if (type === DestinationType.SINGLE && direction === 'in' && identity?.hasPrivateKey !== true) {
      throw new TypeError('"identity" needs its private key to receive');
    }
    const hash = nameHash(appName, ...aspects);
    const address = destinationHashOf(hash, identity?.hash);
    return new Destination(direction, type, identity, { appName, aspects, hash }, address);
  }

  /** An outbound SINGLE destination of which the address is known but not the name. */
  static known(identity: Identity, address: Uint8Array): Destination {
    const name = { appName: '', aspects: [], hash: undefined };
    return new Destination('out', DestinationType.SINGLE, identity, name, address.slice());
  }

  /** The ratchets, where they are enabled. */
  get ratchets(): RatchetRing | undefined {
    return this.#ratchets;
  }

  /** Whether packets for the identity's own key are refused. */
  get enforcesRatchets(): boolean {
    return this.#enforceRatchets;
  }

  /**
   * Rotate keys from the next announce on.
   * @param file - the signed ratchet file of an earlier run
   * @param retained - ratchets to keep
   * @param intervalMs - shortest time between rotations
   * @throws ProtocolError `RNS_RATCHET_FILE` or `RNS_RATCHET_SIGNATURE` on a bad file, as the reference
   *   refuses to start with one
   * @see RNS/Destination.py enable_ratchets
   */
  enableRatchets(file?: Uint8Array, retained?: number, intervalMs?: number): void {
    const identity = this.#singleIdentity('rotate ratchets');
    const ratchets = file === undefined ? [] : decodeRatchetFile(identity, file);
    this.#ratchets = new RatchetRing(ratchets, 0, retained, intervalMs);
  }

  /** Refuse what only the identity's own key opens; false while ratchets are not enabled. */
  enforceRatchets(): boolean {
    if (this.#ratchets === undefined) return false;
    this.#enforceRatchets = true;
    return true;
  }

  /** Make a fresh key of a GROUP destination. @throws TypeError on another type */
  createGroupKey(random: Random): void {
    this.loadGroupKey(generateTokenKey(random));
  }

  /**
   * Use a key that the group shares: 64 bytes, or 32 for AES-128.
   * @throws TypeError on a destination that is no GROUP; ProtocolError `CRYPTO_KEY` on another length
   */
  loadGroupKey(key: Uint8Array): void {
    if (this.type !== DestinationType.GROUP) {
      throw new TypeError('only a GROUP destination holds a symmetric key');
    }
    this.#group = new Token(key);
    this.#groupKey = key.slice();
  }

  /** A copy of the GROUP key. @throws TypeError when there is none */
  groupKey(): Uint8Array {
    if (this.#groupKey === undefined) throw new TypeError('no GROUP key is loaded');
    return this.#groupKey.slice();
  }

  /**
   * Encrypt for this destination; what is for a PLAIN one stays as it is.
   * @param ratchet - the peer's public ratchet, where one is known
   * @throws TypeError when a GROUP key is missing
   * @see RNS/Destination.py encrypt
   */
  encrypt(plaintext: Uint8Array, random: Random, ratchet?: Uint8Array): Uint8Array {
    if (this.type === DestinationType.PLAIN) return plaintext;
    if (this.type === DestinationType.GROUP) return this.#groupToken().seal(plaintext, random);
    return this.#singleIdentity('encrypt').encrypt(plaintext, random, ratchet);
  }

  /**
   * Decrypt what was sent to this destination.
   * @throws ProtocolError `RNS_DECRYPT`, `RNS_TRUNCATED` or a `TOKEN_*` code
   * @see RNS/Destination.py decrypt
   */
  decrypt(ciphertext: Uint8Array): Decrypted {
    if (this.type === DestinationType.PLAIN) return { plaintext: ciphertext, ratchetId: undefined };
    if (this.type === DestinationType.GROUP) {
      return { plaintext: this.#groupToken().open(ciphertext), ratchetId: undefined };
    }
    return this.#singleIdentity('decrypt').decrypt(ciphertext, {
      ratchets: this.#ratchets?.ratchets ?? [],
      enforceRatchets: this.#enforceRatchets,
    });
  }

  /** The name and address as the reference prints them. */
  toString(): string {
    return `<${this.name}:${[...this.hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')}>`;
  }

  #singleIdentity(action: string): Identity {
    if (this.identity === undefined || this.type !== DestinationType.SINGLE) {
      throw new TypeError(`only a SINGLE destination can ${action} with an identity`);
    }
    return this.identity;
  }

  #groupToken(): Token {
    if (this.#group === undefined) {
      throw new ProtocolError('CRYPTO_KEY', 'the GROUP destination holds no key');
    }
    return this.#group;
  }
}
