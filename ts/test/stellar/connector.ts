/**
 * `@stellarbeat/js-stellar-node-connector` as a peer: an independent implementation with codecs and
 * crypto of its own. Messages go in and out as XDR, because its codec is another version than ours.
 * @module
 */
import { createRequire } from 'node:module';
import type { Connection, Node } from '@stellarbeat/js-stellar-node-connector';

/** As the evidence names it. */
export const CONNECTOR = 'js-stellar-node-connector 7.0.1';

type Config = Parameters<typeof import('@stellarbeat/js-stellar-node-connector').createNode>[0];
type TheirMessage = Parameters<Connection['sendStellarMessage']>[0];

interface TheirBase {
  readonly xdr: {
    readonly StellarMessage: { fromXDR(bytes: Buffer): TheirMessage };
  };
}

const requireHere = createRequire(import.meta.url);
const NAME = '@stellarbeat/js-stellar-node-connector';
// Read when a node is made without a logger of its own.
process.env['LOG_LEVEL'] = 'silent';
const { createNode } = requireHere(NAME) as typeof import('@stellarbeat/js-stellar-node-connector');
const base = createRequire(requireHere.resolve(NAME))('@stellar/stellar-base') as TheirBase;

/** A node of the connector. */
export function connectorNode(settings: Partial<Config> = {}): Node {
  return createNode({
    network: 'Test SDF Network ; September 2015',
    nodeInfo: {
      ledgerVersion: 27,
      overlayVersion: 42,
      overlayMinVersion: 41,
      versionString: 'connector',
    },
    listeningPort: 11625,
    receiveSCPMessages: true,
    receiveTransactionMessages: true,
    peerFloodReadingCapacity: 200,
    flowControlSendMoreBatchSize: 40,
    peerFloodReadingCapacityBytes: 300_000,
    flowControlSendMoreBatchSizeBytes: 100_000,
    ...settings,
  });
}

/** Let it send a message. */
export function connectorSend(connection: Connection, message: Uint8Array): void {
  connection.sendStellarMessage(base.xdr.StellarMessage.fromXDR(Buffer.from(message)));
}

/** Collect the messages that it takes in, as XDR; each counts as processed at once. */
export function connectorInbox(connection: Connection): Uint8Array[] {
  const inbox: Uint8Array[] = [];
  connection.on('data', (work: { stellarMessage: TheirMessage; done: () => void }) => {
    inbox.push(new Uint8Array(work.stellarMessage.toXDR()));
    work.done();
  });
  // Its errors are told by the end of the connection as well.
  connection.on('error', () => undefined);
  return inbox;
}

export type { Connection, Node };
