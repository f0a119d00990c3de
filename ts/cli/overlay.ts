/** What the overlay commands share: the options of a node, and its peers in words. @module */
import { encodeStrKey } from '../crypto/strkey.ts';
import { WIDEST_VERSIONS, type OverlayConfig } from '../stellar/overlay/config.ts';
import { LocalNode } from '../stellar/overlay/local-node.ts';
import { NetworkPassphrase } from '../stellar/overlay/network.ts';
import type { Peer } from '../stellar/overlay/peer.ts';
import type { OptionSpec, ParsedArgs } from './args.ts';
import { UsageError } from './exit.ts';
import type { CliIo } from './io.ts';
import { safeLine, type Json } from './output.ts';

/** Options of every overlay command. */
export const NODE_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'network',
    value: 'NAME',
    help: 'public (the default), testnet, or the passphrase of another network',
  },
  {
    name: 'overlay-versions',
    value: 'LOW-HIGH',
    help: `versions to offer, ${WIDEST_VERSIONS.overlayMinVersion}-${WIDEST_VERSIONS.overlayVersion} by default`,
  },
  { name: 'json', help: 'print as JSON, one object a line' },
];

/** A node for one command, with a key of its own that nobody has seen before. */
export function commandNode(
  args: ParsedArgs,
  io: CliIo,
  settings: Partial<OverlayConfig> = {}
): LocalNode {
  return new LocalNode({
    seed: io.random.bytes(32),
    random: io.random,
    config: {
      networkPassphrase: passphrase(args.text('network') ?? 'public'),
      versionText: `tesserae ${io.version}`,
      ...WIDEST_VERSIONS,
      ...versions(args.text('overlay-versions')),
      ...settings,
    },
  });
}

/** A port given as text. @throws UsageError unless there can be such a port */
export function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65535) {
    throw new UsageError(`PORT must be a whole number from 1 to 65535, got "${text}"`);
  }
  return port;
}

function passphrase(name: string): string {
  if (name === 'public' || name === 'testnet') return NetworkPassphrase[name];
  return name;
}

function versions(text: string | undefined): Partial<OverlayConfig> {
  if (text === undefined) return {};
  const [, low, high] = /^(\d{1,9})-(\d{1,9})$/.exec(text) ?? [];
  const [overlayMinVersion, overlayVersion] = [Number(low), Number(high)];
  if (low === undefined || overlayMinVersion > overlayVersion) {
    throw new UsageError(`--overlay-versions must be like 41-42, got "${text}"`);
  }
  return { overlayMinVersion, overlayVersion };
}

/** What the other side said of itself, for JSON; nothing before its HELLO. */
export function helloJson(peer: Peer): Record<string, Json> {
  const { hello, nodeId } = peer;
  if (hello === undefined || nodeId === undefined) return {};
  return {
    nodeId: encodeStrKey('publicKey', nodeId),
    version: safeLine(peer.remoteVersion),
    ledgerVersion: hello.ledgerVersion,
    overlayVersion: hello.overlayVersion,
    overlayMinVersion: hello.overlayMinVersion,
    listeningPort: hello.listeningPort,
  };
}

/** What the other side said of itself, as rows of a table. */
export function helloRows(peer: Peer): [string, string][] {
  const { hello, nodeId } = peer;
  if (hello === undefined || nodeId === undefined) return [];
  return [
    ['Node', encodeStrKey('publicKey', nodeId)],
    ['Version', safeLine(peer.remoteVersion)],
    ['Ledger protocol', String(hello.ledgerVersion)],
    ['Overlay', `${hello.overlayMinVersion} to ${hello.overlayVersion}`],
    ['Listens on', String(hello.listeningPort)],
  ];
}
