/**
 * Known destinations: keys and app data that announces brought, kept while they are of use.
 * @module
 * @see RNS/Identity.py remember, recall, clean_known_destinations (RNS 1.5.7)
 */
import { equalBytes } from '../base/bytes.ts';
import type { Millis } from '../base/clock.ts';
import { ProtocolError } from '../base/errors.ts';
import {
  MsgpackFloat,
  encodeMsgpack,
  type MsgpackMap,
  type MsgpackValue,
} from '../codec/msgpack.ts';
import { decodeMsgpack } from '../codec/msgpack-decode.ts';
import { HashMap, hashKey } from './hash-map.ts';
import { IDENTITY_KEY_BYTES, Identity, TRUNCATED_HASH_BYTES, truncatedHash } from './identity.ts';
import { PATH_EXPIRY_MS } from './paths.ts';

/** How long one without a path is kept if it was never used. @see RNS/Transport.py UNUSED_DESTINATION_LINGER */
export const UNUSED_LINGER_MS: number = 6 * 60 * 1000;
/** How long one without a path is kept after its last use. */
export const UNUSED_EXPIRY_MS: number = PATH_EXPIRY_MS * 1.25;
/** Known destinations are looked through this often. @see RNS/Transport.py known_destinations_interval */
export const KNOWN_CLEAN_INTERVAL_MS: number = 5 * 60 * 1000;
/** Entries that are kept; the reference sets no limit. */
export const MAX_KNOWN_DESTINATIONS = 131_072;

/** Use of an entry that must never be dropped. */
const RETAINED = -1;

/** What is known of a destination. */
export interface KnownDestination {
  readonly destinationHash: Uint8Array;
  /** When its last announce came. */
  readonly heardMs: Millis;
  /** Hash of that announce. */
  readonly packetHash: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly appData: Uint8Array | undefined;
  /** When it was last used; 0 never, -1 kept for good. */
  readonly usedMs: number;
}

/** All known destinations. */
export class KnownDestinations {
  readonly #entries: HashMap<KnownDestination>;
  /** Identities are made once for each key: their curve points are costly. */
  readonly #identities = new Map<string, Identity>();
  readonly #limit: number;
  #changed = false;

  constructor(limit: number = MAX_KNOWN_DESTINATIONS) {
    this.#limit = limit;
    this.#entries = new HashMap(limit);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Entries, oldest first. */
  values(): IterableIterator<KnownDestination> {
    return this.#entries.values();
  }

  get(destinationHash: Uint8Array): KnownDestination | undefined {
    return this.#entries.get(destinationHash);
  }

  /**
   * Keep what an announce brought.
   * @throws RangeError when the key is not 64 bytes
   * @see RNS/Identity.py remember
   */
  remember(
    packetHash: Uint8Array,
    destinationHash: Uint8Array,
    publicKey: Uint8Array,
    appData: Uint8Array | undefined,
    now: Millis
  ): void {
    if (publicKey.length !== IDENTITY_KEY_BYTES) {
      throw new RangeError(`"publicKey" must be 64 bytes, got ${publicKey.length}`);
    }
    this.#changed = true;
    this.#entries.set(destinationHash, {
      destinationHash: destinationHash.slice(),
      heardMs: now,
      packetHash: packetHash.slice(),
      publicKey: publicKey.slice(),
      appData: appData?.slice(),
      usedMs: this.#entries.get(destinationHash)?.usedMs ?? 0,
    });
  }

  /** The identity behind a destination; counts as a use. @see RNS/Identity.py recall */
  recall(destinationHash: Uint8Array, now: Millis): Identity | undefined {
    const entry = this.#entries.get(destinationHash);
    if (entry === undefined) return undefined;
    this.use(destinationHash, now);
    return this.#identity(entry.publicKey);
  }

  /** The identity of a hash, from any of its destinations; counts as a use. */
  recallIdentity(identityHash: Uint8Array, now: Millis): Identity | undefined {
    for (const entry of this.#entries.values()) {
      if (!equalBytes(truncatedHash(entry.publicKey), identityHash)) continue;
      this.use(entry.destinationHash, now);
      return this.#identity(entry.publicKey);
    }
    return undefined;
  }

  /** App data last heard; counts as a use. @see RNS/Identity.py recall_app_data */
  recallAppData(destinationHash: Uint8Array, now: Millis): Uint8Array | undefined {
    this.use(destinationHash, now);
    return this.#entries.get(destinationHash)?.appData;
  }

  /** Note a use. @see RNS/Identity.py _used_destination_data */
  use(destinationHash: Uint8Array, now: Millis): boolean {
    const entry = this.#entries.get(destinationHash);
    if (entry === undefined || entry.usedMs === RETAINED) return false;
    this.#entries.set(destinationHash, { ...entry, usedMs: now });
    return true;
  }

  /** Keep an entry for good. */
  retain(destinationHash: Uint8Array): boolean {
    return this.#setUse(destinationHash, RETAINED);
  }

  /** Let an entry age again. */
  unretain(destinationHash: Uint8Array, now: Millis): boolean {
    return this.#setUse(destinationHash, now);
  }

  /** Keep every destination of an identity for good; false when none is known. */
  retainIdentity(identityHash: Uint8Array): boolean {
    let found = false;
    for (const entry of [...this.#entries.values()]) {
      if (!equalBytes(truncatedHash(entry.publicKey), identityHash)) continue;
      found = this.retain(entry.destinationHash) || found;
    }
    return found;
  }

  /**
   * Drop what has no path and is of no use: never used for six minutes, or not for 8.75 days.
   * @returns the addresses that were dropped
   * @see RNS/Identity.py clean_known_destinations
   */
  clean(hasPath: (destinationHash: Uint8Array) => boolean, now: Millis): Uint8Array[] {
    const stale = [...this.#entries.values()].filter((entry) => {
      if (entry.usedMs === RETAINED || hasPath(entry.destinationHash)) return false;
      // PARITY: the reference counts one that was never used as unused since 1970, so it lingers not
      // six minutes but to the next cleaning.
      if (entry.usedMs === 0) return now - entry.heardMs > UNUSED_LINGER_MS;
      return now - entry.usedMs > UNUSED_EXPIRY_MS;
    });
    for (const { destinationHash } of stale) this.#entries.delete(destinationHash);
    if (stale.length > 0) {
      this.#identities.clear();
      this.#changed = true;
    }
    return stale.map((entry) => entry.destinationHash);
  }

  /** Whether there is something to store that was not there at the last call. */
  takeChanged(): boolean {
    const changed = this.#changed;
    this.#changed = false;
    return changed;
  }

  /**
   * The file of known destinations.
   *
   * Shape: msgpack `{address 16: [heard float64, packetHash, publicKey 64, appData|nil, used]}`; times
   * in seconds, `used` 0 when never and -1 when kept for good.
   * @see RNS/Identity.py save_known_destinations
   */
  encode(): Uint8Array {
    const map: MsgpackMap = new Map();
    for (const entry of this.#entries.values()) {
      map.set(entry.destinationHash, [
        new MsgpackFloat(entry.heardMs / 1000),
        entry.packetHash,
        entry.publicKey,
        entry.appData ?? null,
        entry.usedMs > 0 ? new MsgpackFloat(entry.usedMs / 1000) : entry.usedMs,
      ]);
    }
    return encodeMsgpack(map);
  }

  /**
   * Take a file of known destinations in; entries of another shape are passed over.
   * @returns how many were taken
   * @throws ProtocolError `RNS_KNOWN_FILE` when the file is damaged
   * @see RNS/Identity.py load_known_destinations
   */
  decode(file: Uint8Array): number {
    let map: MsgpackValue;
    try {
      map = decodeMsgpack(file);
    } catch (cause) {
      if (!(cause instanceof ProtocolError)) throw cause;
      throw new ProtocolError('RNS_KNOWN_FILE', 'is damaged', { at: cause.at, cause });
    }
    if (!(map instanceof Map)) throw new ProtocolError('RNS_KNOWN_FILE', 'is no map');
    let taken = 0;
    for (const [key, value] of map) {
      const entry = entryOf(key, value);
      if (entry === undefined) continue;
      this.#entries.set(entry.destinationHash, entry);
      taken += 1;
    }
    return taken;
  }

  #identity(publicKey: Uint8Array): Identity {
    const key = hashKey(publicKey);
    let identity = this.#identities.get(key);
    if (identity === undefined) {
      if (this.#identities.size >= this.#limit) this.#identities.clear();
      identity = Identity.fromPublicKey(publicKey);
      this.#identities.set(key, identity);
    }
    return identity;
  }

  #setUse(destinationHash: Uint8Array, usedMs: number): boolean {
    const entry = this.#entries.get(destinationHash);
    if (entry === undefined) return false;
    this.#entries.set(destinationHash, { ...entry, usedMs });
    this.#changed = true;
    return true;
  }
}

/** An entry of the file; old ones have no fifth element. */
function entryOf(key: MsgpackValue, value: MsgpackValue): KnownDestination | undefined {
  if (!(key instanceof Uint8Array) || key.length !== TRUNCATED_HASH_BYTES) return undefined;
  if (!Array.isArray(value)) return undefined;
  const [heard, packetHash, publicKey, appData, used] = value;
  const heardMs = secondsOf(heard);
  const usedS = used === undefined ? 0 : secondsOf(used);
  if (heardMs === undefined || usedS === undefined) return undefined;
  if (!(publicKey instanceof Uint8Array) || publicKey.length !== IDENTITY_KEY_BYTES) {
    return undefined;
  }
  return {
    destinationHash: key,
    heardMs: heardMs * 1000,
    packetHash: packetHash instanceof Uint8Array ? packetHash : new Uint8Array(32),
    publicKey,
    appData: appData instanceof Uint8Array ? appData : undefined,
    usedMs: usedS > 0 ? usedS * 1000 : usedS,
  };
}

function secondsOf(value: MsgpackValue | undefined): number | undefined {
  if (value instanceof MsgpackFloat) return value.value;
  return typeof value === 'number' ? value : undefined;
}
