/**
 * The path table: by which interface and neighbor each announced destination is reached, and which
 * announce may replace what is known.
 * @module
 * @see RNS/Transport.py path_table, _inbound (RNS 1.5.7)
 */
import { equalBytes } from '../base/bytes.ts';
import type { Millis } from '../base/clock.ts';
import { emittedSeconds } from './announce.ts';
import { HashMap } from './hash-map.ts';
import { InterfaceMode, type InterfaceId, type InterfaceState } from './interface.ts';
import { MAX_HOPS } from './packet.ts';

const DAY_MS = 24 * 3600 * 1000;
/** How long a path is kept after it was last used. @see RNS/Transport.py DESTINATION_TIMEOUT */
export const PATH_EXPIRY_MS: number = 7 * DAY_MS;
/** The same for paths over access points. @see RNS/Transport.py AP_PATH_TIME */
export const ACCESS_POINT_PATH_EXPIRY_MS: number = DAY_MS;
/** The same for paths over roaming interfaces. @see RNS/Transport.py ROAMING_PATH_TIME */
export const ROAMING_PATH_EXPIRY_MS: number = 6 * 3600 * 1000;
/** Announces of one destination that are remembered. @see RNS/Transport.py MAX_RANDOM_BLOBS */
export const MAX_RANDOM_BLOBS = 64;
/** Paths that are kept; the reference sets no limit. */
export const MAX_PATHS = 65_536;

/** What is known of a path's quality. @see RNS/Transport.py STATE_UNKNOWN */
export const PathState = { UNKNOWN: 0, UNRESPONSIVE: 1, RESPONSIVE: 2 } as const;
/** One of {@link PathState}. */
export type PathStateCode = (typeof PathState)[keyof typeof PathState];

/** A way to a destination. */
export interface PathEntry {
  readonly destinationHash: Uint8Array;
  /** When it was learned, or last used. */
  timestampMs: Millis;
  /** The neighbor: a transport identity, or the destination itself when it is one hop away. */
  readonly nextHop: Uint8Array;
  hops: number;
  /** When another announce may replace it whatever its age. */
  readonly expiresMs: Millis;
  /** Random hashes of announces that were heard, oldest first. */
  readonly randomBlobs: readonly Uint8Array[];
  readonly interfaceId: InterfaceId;
  /** Hash of the announce it was learned from. */
  readonly packetHash: Uint8Array;
  state: PathStateCode;
}

/** An announce that may change the table. */
export interface PathCandidate {
  readonly destinationHash: Uint8Array;
  readonly nextHop: Uint8Array;
  readonly hops: number;
  readonly randomBlob: Uint8Array;
  readonly packetHash: Uint8Array;
  readonly via: InterfaceState;
}

/** All known paths. */
export class PathTable {
  readonly #paths: HashMap<PathEntry>;
  readonly #interfaces: ReadonlyMap<InterfaceId, InterfaceState>;

  constructor(interfaces: ReadonlyMap<InterfaceId, InterfaceState>, limit: number = MAX_PATHS) {
    this.#interfaces = interfaces;
    this.#paths = new HashMap(limit);
  }

  get size(): number {
    return this.#paths.size;
  }

  get(destinationHash: Uint8Array): PathEntry | undefined {
    return this.#paths.get(destinationHash);
  }

  /** Entries, oldest first. */
  values(): IterableIterator<PathEntry> {
    return this.#paths.values();
  }

  /** Hops to a destination; 128 when no path is known. @see RNS/Transport.py hops_to */
  hopsTo(destinationHash: Uint8Array): number {
    return this.#paths.get(destinationHash)?.hops ?? MAX_HOPS;
  }

  /** The interface that leads to a destination. */
  interfaceTo(destinationHash: Uint8Array): InterfaceState | undefined {
    const entry = this.#paths.get(destinationHash);
    return entry === undefined ? undefined : this.#interfaces.get(entry.interfaceId);
  }

  /**
   * Take an announce into the table if it is new, or better than what is there.
   * @returns whether it was taken
   */
  offer(candidate: PathCandidate, now: Millis): boolean {
    const known = this.#paths.get(candidate.destinationHash);
    if (known !== undefined && !this.#replaces(known, candidate, now)) return false;
    const blobs = known?.randomBlobs ?? [];
    const heard = blobs.some((blob) => equalBytes(blob, candidate.randomBlob));
    this.#paths.set(candidate.destinationHash, {
      destinationHash: candidate.destinationHash.slice(),
      timestampMs: now,
      nextHop: candidate.nextHop.slice(),
      hops: candidate.hops,
      expiresMs: now + pathExpiryMs(candidate.via),
      randomBlobs: heard ? blobs : [...blobs, candidate.randomBlob].slice(-MAX_RANDOM_BLOBS),
      interfaceId: candidate.via.id,
      packetHash: candidate.packetHash,
      state: PathState.UNKNOWN,
    });
    return true;
  }

  /** Note that a path was used. */
  touch(entry: PathEntry, now: Millis): void {
    entry.timestampMs = now;
  }

  /** Correct the hops of a path after a link proof came another way. */
  rebalance(destinationHash: Uint8Array, hops: number): void {
    const entry = this.#paths.get(destinationHash);
    if (entry !== undefined) entry.hops = hops;
  }

  /** Forget a path. @see RNS/Transport.py expire_path */
  expire(destinationHash: Uint8Array): boolean {
    return this.#paths.delete(destinationHash);
  }

  /** Say what is known of a path's quality; false when there is none. */
  mark(destinationHash: Uint8Array, state: PathStateCode): boolean {
    const entry = this.#paths.get(destinationHash);
    if (entry === undefined) return false;
    entry.state = state;
    return true;
  }

  /** Whether talking over a path has failed. */
  isUnresponsive(destinationHash: Uint8Array): boolean {
    return this.#paths.get(destinationHash)?.state === PathState.UNRESPONSIVE;
  }

  /** Forget paths that were not used for long, and those over interfaces that are gone. */
  cull(now: Millis): number {
    let removed = 0;
    for (const entry of this.#paths.values()) {
      const via = this.#interfaces.get(entry.interfaceId);
      if (via !== undefined && now <= entry.timestampMs + pathExpiryMs(via)) continue;
      this.#paths.delete(entry.destinationHash);
      removed += 1;
    }
    return removed;
  }

  /** When the first path is due to be forgotten. */
  earliestExpiry(): Millis | undefined {
    let earliest: Millis | undefined;
    for (const entry of this.#paths.values()) {
      const via = this.#interfaces.get(entry.interfaceId);
      const expiry = via === undefined ? 0 : entry.timestampMs + pathExpiryMs(via);
      if (earliest === undefined || expiry < earliest) earliest = expiry;
    }
    return earliest;
  }

  /** The rules by which an announce replaces a known path. @see RNS/Transport.py _inbound */
  #replaces(known: PathEntry, candidate: PathCandidate, now: Millis): boolean {
    const emitted = emittedSeconds(candidate.randomBlob);
    const newest = Math.max(0, ...known.randomBlobs.map(emittedSeconds));
    const heard = known.randomBlobs.some((blob) => equalBytes(blob, candidate.randomBlob));
    if (candidate.hops <= known.hops) {
      if (!heard && emitted > newest) return true;
      return emitted === newest && this.#outweighs(candidate, known);
    }
    if (now >= known.expiresMs) return !heard;
    if (emitted > newest) return !heard;
    return emitted === newest && known.state === PathState.UNRESPONSIVE;
  }

  /** The same announce over an interface of higher gravity moves the path there. */
  #outweighs(candidate: PathCandidate, known: PathEntry): boolean {
    const present = this.#interfaces.get(known.interfaceId)?.description.gravity ?? 0;
    return (candidate.via.description.gravity ?? 0) > present;
  }
}

/** How long a path over an interface is kept unused. */
export function pathExpiryMs(via: InterfaceState): number {
  if (via.mode === InterfaceMode.ACCESS_POINT) return ACCESS_POINT_PATH_EXPIRY_MS;
  return via.mode === InterfaceMode.ROAMING ? ROAMING_PATH_EXPIRY_MS : PATH_EXPIRY_MS;
}
