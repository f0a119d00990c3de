/**
 * Addresses of nodes: IPv4 and a port, as the overlay knows them.
 * @see overlay/PeerBareAddress.cpp (stellar-core v27) @module
 */
import type { PeerAddress } from '../xdr/overlay.ts';
import { IPAddrType } from '../xdr/overlay.ts';

/** Where a node listens; port 0 while it is not known. */
export interface NodeAddress {
  /** Dotted decimal; empty when the connection could not tell. */
  readonly ip: string;
  readonly port: number;
}

/** Port of a node unless it says otherwise. */
export const DEFAULT_PEER_PORT = 11625;

const PATTERN = /^(\d{1,3}(?:\.\d{1,3}){3}|[A-Za-z0-9.-]+)(?::(\d{1,5}))?$/;

/** Host and port of `host[:port]`; `undefined` unless both are well formed. No name is looked up. */
export function splitHostPort(
  text: string,
  defaultPort: number = DEFAULT_PEER_PORT
): { host: string; port: number } | undefined {
  const [, host, digits] = PATTERN.exec(text) ?? [];
  if (host === undefined) return undefined;
  const port = digits === undefined ? defaultPort : Number(digits);
  return port >= 1 && port <= 0xffff ? { host, port } : undefined;
}

/** The address in `ip[:port]`; `undefined` for anything else, names included. */
export function parseAddress(text: string, defaultPort?: number): NodeAddress | undefined {
  const split = splitHostPort(text, defaultPort);
  const octets = split === undefined ? undefined : ipOctets(split.host);
  if (split === undefined || octets === undefined) return undefined;
  return { ip: octets.join('.'), port: split.port };
}

/** `ip:port`, as logs, queries and configuration have it. */
export function formatAddress({ ip, port }: NodeAddress): string {
  return `${ip}:${port}`;
}

/** Whether both name the same listener. */
export function sameAddress(a: NodeAddress, b: NodeAddress): boolean {
  return a.ip === b.ip && a.port === b.port;
}

/** The order of addresses in the reference's containers: by port, then by the text of the IP. */
export function compareAddresses(a: NodeAddress, b: NodeAddress): number {
  if (a.port !== b.port) return a.port - b.port;
  if (a.ip === b.ip) return 0;
  return a.ip < b.ip ? -1 : 1;
}

/** Whether there is no address at all. */
export function isEmptyAddress({ ip }: NodeAddress): boolean {
  return ip === '';
}

/** 10/8, 172.16/12 or 192.168/16. */
export function isPrivateAddress({ ip }: NodeAddress): boolean {
  const [a = 0, b = 0] = ipOctets(ip) ?? [];
  return a === 10 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168);
}

/** Exactly 127.0.0.1; other loopback addresses are not looked at, as in the reference. */
export function isLocalhost({ ip }: NodeAddress): boolean {
  return ip === '127.0.0.1';
}

/** As PEERS carries it; the other side does not look at the failures. */
export function addressToXdr(address: NodeAddress, numFailures: number = 0): PeerAddress {
  const octets = ipOctets(address.ip);
  if (octets === undefined) throw new RangeError(`"address" must be IPv4, got "${address.ip}"`);
  return {
    ip: { type: IPAddrType.IPv4, value: Uint8Array.from(octets) },
    port: address.port,
    numFailures,
  };
}

/** What PEERS carried; `undefined` for IPv6 and for ports that do not exist. */
export function addressFromXdr({ ip, port }: PeerAddress): NodeAddress | undefined {
  if (ip.type !== IPAddrType.IPv4 || port < 1 || port > 0xffff) return undefined;
  return { ip: ip.value.join('.'), port };
}

function ipOctets(ip: string): number[] | undefined {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(ip)) return undefined;
  const octets = ip.split('.').map(Number);
  return octets.every((octet) => octet <= 255) ? octets : undefined;
}
