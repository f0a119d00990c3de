/**
 * What an endpoint knows of the media it is attached to, and what it counts on each.
 * @module
 * @see RNS/Interfaces/Interface.py (RNS 1.5.7)
 */
import type { Millis } from '../base/clock.ts';
import { MTU } from './packet.ts';

/** How an interface takes part in spreading announces. @see RNS/Interfaces/Interface.py MODE_FULL */
export const InterfaceMode = {
  FULL: 1,
  POINT_TO_POINT: 2,
  ACCESS_POINT: 3,
  ROAMING: 4,
  BOUNDARY: 5,
  GATEWAY: 6,
  INTERNAL: 7,
} as const;
/** One of {@link InterfaceMode}. */
export type InterfaceModeCode = (typeof InterfaceMode)[keyof typeof InterfaceMode];

/** Names an interface within one endpoint. */
export type InterfaceId = number;

/** Puts the interface access code on and takes it off; see the interface's own configuration. */
export interface InterfaceAccess {
  /** Bytes that a code adds to a packet. */
  readonly sizeBytes: number;
  /** Sign and mask a packet. */
  seal(raw: Uint8Array): Uint8Array;
  /** Unmask and check; `undefined` when the code is not this network's. */
  open(raw: Uint8Array): Uint8Array | undefined;
}

/** Bits per second of an interface that does not say. @see RNS/Interfaces/Interface.py bitrate */
export const DEFAULT_BITRATE_BPS = 62_500;

/** An interface as its host describes it. */
export interface InterfaceDescription {
  readonly name: string;
  readonly mode?: InterfaceModeCode | undefined;
  readonly bitrateBps?: number | undefined;
  /** Largest packet that the medium takes; absent means 500 bytes and no larger links. */
  readonly hwMtu?: number | undefined;
  /** Whether links over it may use its whole MTU: it was set by hand or derived from the bit rate. */
  readonly mtuDiscovery?: boolean | undefined;
  /** Whether packets are sent on it; true unless said otherwise. */
  readonly sends?: boolean | undefined;
  readonly access?: InterfaceAccess | undefined;
  /** Whether floods of unknown announces are held back; true unless said otherwise. */
  readonly ingressControl?: boolean | undefined;
  /** Seconds that should lie between announces of one destination; absent means any. */
  readonly announceRateTargetS?: number | undefined;
  readonly announceRateGrace?: number | undefined;
  readonly announceRatePenaltyS?: number | undefined;
  /** Preference among paths of one announce; the higher wins. */
  readonly gravity?: number | undefined;
}

/** What is counted on one interface. */
export interface InterfaceCounters {
  rxPackets: number;
  rxBytes: number;
  txPackets: number;
  txBytes: number;
  /** Packets that could not be sent because the interface was offline. */
  txDropped: number;
  announcesIn: number;
  announcesOut: number;
  pathRequestsIn: number;
  pathRequestsOut: number;
  /** Malformed or forbidden packets. */
  protocolViolations: number;
  accessViolations: number;
  /** Packets that were for others, or had been seen. */
  filterHits: number;
}

/** An attached interface. */
export class InterfaceState {
  readonly id: InterfaceId;
  readonly name: string;
  readonly mode: InterfaceModeCode;
  readonly bitrateBps: number;
  readonly hwMtu: number | undefined;
  readonly mtuDiscovery: boolean;
  readonly sends: boolean;
  readonly access: InterfaceAccess | undefined;
  readonly description: InterfaceDescription;
  readonly addedMs: Millis;
  readonly counters: InterfaceCounters = {
    rxPackets: 0,
    rxBytes: 0,
    txPackets: 0,
    txBytes: 0,
    txDropped: 0,
    announcesIn: 0,
    announcesOut: 0,
    pathRequestsIn: 0,
    pathRequestsOut: 0,
    protocolViolations: 0,
    accessViolations: 0,
    filterHits: 0,
  };
  online = true;

  constructor(id: InterfaceId, description: InterfaceDescription, now: Millis) {
    this.id = id;
    this.name = description.name;
    this.mode = description.mode ?? InterfaceMode.FULL;
    this.bitrateBps = description.bitrateBps ?? DEFAULT_BITRATE_BPS;
    this.hwMtu = description.hwMtu;
    this.mtuDiscovery = description.mtuDiscovery ?? false;
    this.sends = description.sends ?? true;
    this.access = description.access;
    this.description = description;
    this.addedMs = now;
  }

  /** MTU that a link over this interface may have. @see RNS/Transport.py next_hop_interface_hw_mtu */
  get linkMtu(): number {
    return this.mtuDiscovery && this.hwMtu !== undefined ? this.hwMtu : MTU;
  }

  /** Longest frame that is not a violation, access code included. */
  get frameLimit(): number {
    return (this.hwMtu ?? MTU) + (this.access?.sizeBytes ?? 0);
  }

  /** Milliseconds that one packet of 500 bytes takes on the medium. */
  get packetTimeMs(): number {
    return (MTU * 8 * 1000) / this.bitrateBps;
  }
}

const MTU_BY_BITRATE: readonly (readonly [number, number])[] = [
  [1_000_000_000, 524288],
  [750_000_000, 262144],
  [400_000_000, 131072],
  [200_000_000, 65536],
  [100_000_000, 32768],
  [10_000_000, 16384],
  [5_000_000, 8192],
  [2_000_000, 4096],
  [1_000_000, 2048],
  [62_500, 1024],
];

/**
 * The MTU that the reference derives from a bit rate; `undefined` when the medium is too slow for more
 * than 500 bytes.
 * @see RNS/Interfaces/Interface.py optimise_mtu (1.5.7; 1.4.2 asks for more than the rate, not at least it)
 */
export function mtuForBitrate(bitrateBps: number): number | undefined {
  return MTU_BY_BITRATE.find(([atLeast]) => bitrateBps >= atLeast)?.[1];
}
