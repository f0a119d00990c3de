/**
 * The kinds of interfaces, and what the reference assumes of each: bit rate, largest packet, bytes of the
 * access code.
 * @module
 * @see RNS/Interfaces (RNS 1.5.7)
 */
import { mtuForBitrate } from './interface.ts';

/** What is assumed of a kind of interface unless its configuration says otherwise. */
export interface InterfaceKind {
  /** Bits per second; `undefined` when the device says. */
  readonly bitrateBps: number | undefined;
  /** Largest packet, where it does not follow from the bit rate. */
  readonly hwMtu: number | undefined;
  /** Whether links may use the whole MTU: `bitrate` when it follows from the bit rate, `fixed` when not. */
  readonly linkMtu: 'bitrate' | 'fixed' | 'none';
  /** Bytes of the access code. */
  readonly ifacBytes: number;
  /** Whether announces are held back when they come in floods. */
  readonly ingressControl: boolean;
}

/** Names of the kinds, as configuration files spell them. */
export type InterfaceKindName =
  | 'TCPClientInterface'
  | 'TCPServerInterface'
  | 'BackboneInterface'
  | 'BackboneClientInterface'
  | 'LocalInterface'
  | 'UDPInterface'
  | 'AutoInterface'
  | 'PipeInterface'
  | 'SerialInterface'
  | 'KISSInterface'
  | 'AX25KISSInterface'
  | 'RNodeInterface'
  | 'WebSocketClientInterface'
  | 'WebSocketServerInterface';

/** Every kind by name. */
export const INTERFACE_KINDS: Readonly<Record<InterfaceKindName, InterfaceKind>> = {
  TCPClientInterface: byBitrate(10_000_000),
  TCPServerInterface: byBitrate(10_000_000),
  BackboneInterface: byBitrate(100_000_000),
  BackboneClientInterface: byBitrate(100_000_000),
  // The reference never derives the MTU of a shared instance, though its class asks for it.
  LocalInterface: {
    bitrateBps: 1_000_000_000,
    hwMtu: 262144,
    linkMtu: 'fixed',
    ifacBytes: 16,
    ingressControl: false,
  },
  UDPInterface: plain(10_000_000, 1064, 16),
  AutoInterface: { ...plain(10_000_000, 1196, 16), linkMtu: 'fixed' },
  PipeInterface: plain(1_000_000, 1064, 8),
  SerialInterface: { ...plain(9600, 564, 8), ingressControl: false },
  KISSInterface: { ...plain(1200, 564, 8), ingressControl: false },
  AX25KISSInterface: { ...plain(1200, 564, 8), ingressControl: false },
  RNodeInterface: { ...plain(undefined, 508, 8), ingressControl: false },
  // Not interfaces of the reference: one binary message is one packet.
  WebSocketClientInterface: byBitrate(10_000_000),
  WebSocketServerInterface: byBitrate(10_000_000),
};

/** What is assumed of a kind that is not known here. @see RNS/Interfaces/Interface.py */
export const UNKNOWN_KIND: InterfaceKind = plain(62_500, undefined, 16);

/** The kind of that name, or what is assumed of any other. */
export function interfaceKind(name: string): InterfaceKind {
  return Object.hasOwn(INTERFACE_KINDS, name)
    ? INTERFACE_KINDS[name as InterfaceKindName]
    : UNKNOWN_KIND;
}

/** Largest packet of a kind at a bit rate; `undefined` when it takes no more than 500 bytes. */
export function hwMtuOf(kind: InterfaceKind, bitrateBps: number | undefined): number | undefined {
  if (kind.linkMtu !== 'bitrate') return kind.hwMtu;
  const rate = bitrateBps ?? kind.bitrateBps;
  return rate === undefined ? undefined : mtuForBitrate(rate);
}

function byBitrate(bitrateBps: number): InterfaceKind {
  return { bitrateBps, hwMtu: undefined, linkMtu: 'bitrate', ifacBytes: 16, ingressControl: true };
}

function plain(
  bitrateBps: number | undefined,
  hwMtu: number | undefined,
  ifacBytes: number
): InterfaceKind {
  return { bitrateBps, hwMtu, linkMtu: 'none', ifacBytes, ingressControl: true };
}
