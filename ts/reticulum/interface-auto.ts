/**
 * Discovery of neighbors on the local network: each node sends its token to a multicast group, and whoever
 * hears a good token of another address has a peer.
 *
 *     token: SHA-256(groupId ‖ link-local address as text)
 *
 * This is the state behind it. It opens no sockets: what it wants sent and opened it hands over as
 * effects, what arrives is put in with the time.
 * @module
 * @see RNS/Interfaces/AutoInterface.py (RNS 1.5.7)
 */
import { concat, equalBytes, utf8 } from '../base/bytes.ts';
import type { Millis } from '../base/clock.ts';
import { toHex } from '../base/hex.ts';
import { sha256 } from '../crypto/provider.ts';

/** Timing and ports, as the reference has them. */
export const AutoConstants = {
  DEFAULT_DISCOVERY_PORT: 29716,
  DEFAULT_DATA_PORT: 42671,
  DEFAULT_GROUP_ID: 'reticulum',
  ANNOUNCE_INTERVAL_MS: 1600,
  PEER_JOB_INTERVAL_MS: 4000,
  PEERING_TIMEOUT_MS: 22_000,
  REVERSE_PEERING_INTERVAL_MS: 5200,
  MULTICAST_ECHO_TIMEOUT_MS: 6500,
  /** Packets and announces of others are ignored this long after the start. */
  PEERING_WAIT_MS: 1920,
  DUPLICATE_COUNT: 48,
  DUPLICATE_TTL_MS: 750,
} as const;

/** Most peers that are kept; the reference sets no limit. */
const MAX_PEERS = 1024;
const TOKEN_BYTES = 32;

/** How far the multicast reaches. */
export type DiscoveryScope = 'link' | 'admin' | 'site' | 'organisation' | 'global';

/** Digits of the scopes in a multicast address. @see RNS/Interfaces/AutoInterface.py SCOPE_LINK */
export const DISCOVERY_SCOPES: Readonly<Record<DiscoveryScope, string>> = {
  link: '2',
  admin: '4',
  site: '5',
  organisation: '8',
  global: 'e',
};

/** An interface of the system, with its link-local IPv6 address without scope. */
export interface LinkLocalAddress {
  readonly name: string;
  readonly address: string;
}

/** Something for the host to do or know. */
export type AutoEffect =
  /** Open sockets on a system interface, in place of those it may have. */
  | { readonly kind: 'open'; readonly name: string; readonly address: string }
  /** Close the sockets on a system interface. */
  | { readonly kind: 'close'; readonly name: string }
  /** Send a token to the group, or to one peer's unicast port. */
  | {
      readonly kind: 'announce';
      readonly name: string;
      readonly token: Uint8Array;
      readonly to: string | undefined;
    }
  | { readonly kind: 'peer-added'; readonly name: string; readonly address: string }
  | { readonly kind: 'peer-removed'; readonly name: string; readonly address: string }
  | { readonly kind: 'packet'; readonly address: string; readonly data: Uint8Array }
  /** The own multicasts are no longer heard, or are again. */
  | { readonly kind: 'carrier'; readonly name: string; readonly lost: boolean };

interface Peer {
  readonly name: string;
  heardMs: Millis;
  answeredMs: Millis;
}

interface Adopted {
  address: string;
  nextAnnounceMs: Millis;
  echoedMs: Millis;
  lost: boolean | undefined;
}

/** The multicast address of a group. */
export function multicastAddress(
  groupId: string,
  scope: DiscoveryScope = 'link',
  permanent = false
): string {
  const hash = sha256(utf8(groupId));
  const words = [2, 4, 6, 8, 10, 12].map((at) =>
    (((hash[at] as number) << 8) | (hash[at + 1] as number)).toString(16).padStart(2, '0')
  );
  return `ff${permanent ? '0' : '1'}${DISCOVERY_SCOPES[scope]}:0:${words.join(':')}`;
}

/** What a node at this address sends to the members of a group. */
export function peeringToken(groupId: string, address: string): Uint8Array {
  return sha256(concat(utf8(groupId), utf8(address)));
}

/** A link-local address as tokens have it: without a scope behind it or within it. */
export function withoutScope(address: string): string {
  const bare = address.split('%')[0] as string;
  return bare.replace(/^fe80:[0-9a-f]*::/, 'fe80::');
}

/** Which interfaces of the system are used. */
export interface DeviceChoice {
  /** Only these, unless empty. */
  readonly devices: readonly string[];
  readonly ignoredDevices: readonly string[];
}

/** The loopback of the BSDs, which the reference never uses. */
const NEVER_USED = ['lo0'];

/** Whether an interface of the system is used. @see RNS/Interfaces/AutoInterface.py __init__ */
export function isDeviceChosen(name: string, choice: DeviceChoice): boolean {
  if (choice.ignoredDevices.includes(name) || NEVER_USED.includes(name)) return false;
  return choice.devices.length === 0 || choice.devices.includes(name);
}

/** Peers of one group, over all system interfaces that were adopted. */
export class AutoDiscovery {
  readonly #groupId: string;
  readonly #startedMs: Millis;
  readonly #adopted = new Map<string, Adopted>();
  readonly #peers = new Map<string, Peer>();
  /** Hashes of recent packets, by the time at which they came in; oldest first. */
  readonly #recent = new Map<string, Millis>();
  #nextJobMs: Millis;
  #effects: AutoEffect[] = [];
  /** Tokens that were not good. */
  badTokens = 0;

  constructor(groupId: string, now: Millis) {
    this.#groupId = groupId;
    this.#startedMs = now;
    this.#nextJobMs = now + AutoConstants.PEER_JOB_INTERVAL_MS;
  }

  /** Addresses of the present peers. */
  get peers(): string[] {
    return [...this.#peers.keys()];
  }

  /**
   * Say which system interfaces there are and which addresses they have; call it at the start and after
   * changes. Interfaces that are gone, or changed their address, are closed and opened as is due.
   */
  setAddresses(list: readonly LinkLocalAddress[], now: Millis): void {
    const present = new Map(list.map(({ name, address }) => [name, withoutScope(address)]));
    for (const name of [...this.#adopted.keys()]) {
      if (!present.has(name)) this.#abandon(name);
    }
    for (const [name, address] of present) {
      const known = this.#adopted.get(name);
      if (known?.address === address) continue;
      this.#adopted.set(name, {
        address,
        nextAnnounceMs: now,
        echoedMs: known?.echoedMs ?? now,
        lost: known?.lost,
      });
      this.#effects.push({ kind: 'open', name, address });
    }
  }

  /** A datagram on the group's address, or on the unicast port beside it. */
  receiveToken(name: string, from: string, data: Uint8Array, now: Millis): void {
    if (now < this.#startedMs + AutoConstants.PEERING_WAIT_MS) return;
    const address = withoutScope(from);
    const expected = peeringToken(this.#groupId, address);
    if (!equalBytes(data.subarray(0, TOKEN_BYTES), expected)) {
      this.badTokens += 1;
      return;
    }
    for (const adopted of this.#adopted.values()) {
      if (adopted.address === address) {
        adopted.echoedMs = now;
        return;
      }
    }
    const peer = this.#peers.get(address);
    if (peer !== undefined) {
      peer.heardMs = now;
    } else if (this.#peers.size < MAX_PEERS && this.#adopted.has(name)) {
      this.#peers.set(address, { name, heardMs: now, answeredMs: now });
      this.#effects.push({ kind: 'peer-added', name, address });
    }
  }

  /** A datagram on the data port; a packet that came before over another interface is dropped. */
  receiveData(from: string, data: Uint8Array, now: Millis): void {
    if (now < this.#startedMs + AutoConstants.PEERING_WAIT_MS) return;
    const address = withoutScope(from);
    const peer = this.#peers.get(address);
    if (peer === undefined || data.length === 0) return;
    const hash = toHex(sha256(data));
    const seenMs = this.#recent.get(hash);
    if (seenMs !== undefined && now < seenMs + AutoConstants.DUPLICATE_TTL_MS) return;
    peer.heardMs = now;
    this.#recent.delete(hash);
    this.#recent.set(hash, now);
    if (this.#recent.size > AutoConstants.DUPLICATE_COUNT) {
      this.#recent.delete(this.#recent.keys().next().value as string);
    }
    this.#effects.push({ kind: 'packet', address, data });
  }

  /** When {@link tick} is wanted next. */
  due(): Millis {
    const announces = [...this.#adopted.values()].map((one) => one.nextAnnounceMs);
    return Math.min(this.#nextJobMs, ...announces);
  }

  /** Do what is due at `now`. Returns true when the addresses should be looked up again. */
  tick(now: Millis): boolean {
    for (const [name, adopted] of this.#adopted) {
      if (now < adopted.nextAnnounceMs) continue;
      adopted.nextAnnounceMs = now + AutoConstants.ANNOUNCE_INTERVAL_MS;
      this.#announce(name, adopted, undefined);
    }
    if (now < this.#nextJobMs) return false;
    this.#nextJobMs = now + AutoConstants.PEER_JOB_INTERVAL_MS;
    this.#dropSilentPeers(now);
    this.#answerPeers(now);
    this.#watchCarriers(now);
    return true;
  }

  /** Hand over what is to be done, in order. */
  drain(): AutoEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  #announce(name: string, adopted: Adopted, to: string | undefined): void {
    const token = peeringToken(this.#groupId, adopted.address);
    this.#effects.push({ kind: 'announce', name, token, to });
  }

  #dropSilentPeers(now: Millis): void {
    for (const [address, peer] of this.#peers) {
      if (now > peer.heardMs + AutoConstants.PEERING_TIMEOUT_MS) this.#drop(address, peer);
    }
  }

  #drop(address: string, peer: Peer): void {
    this.#peers.delete(address);
    this.#effects.push({ kind: 'peer-removed', name: peer.name, address });
  }

  /** Tell each peer directly, for networks that lose multicasts in one direction. */
  #answerPeers(now: Millis): void {
    for (const [address, peer] of this.#peers) {
      const adopted = this.#adopted.get(peer.name);
      const dueMs = peer.answeredMs + AutoConstants.REVERSE_PEERING_INTERVAL_MS;
      if (adopted === undefined || now <= dueMs) continue;
      peer.answeredMs = now;
      this.#announce(peer.name, adopted, address);
    }
  }

  #watchCarriers(now: Millis): void {
    for (const [name, adopted] of this.#adopted) {
      const lost = now - adopted.echoedMs > AutoConstants.MULTICAST_ECHO_TIMEOUT_MS;
      if (lost !== (adopted.lost ?? false)) this.#effects.push({ kind: 'carrier', name, lost });
      adopted.lost = lost;
    }
  }

  #abandon(name: string): void {
    this.#adopted.delete(name);
    this.#effects.push({ kind: 'close', name });
    for (const [address, peer] of this.#peers) if (peer.name === name) this.#drop(address, peer);
  }
}
