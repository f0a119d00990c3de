/**
 * One end of a connection of the Stellar overlay, in a process of its own; `overlay.ts` tells it over
 * the IPC channel what to do, and gets back what it cost. @module
 */
import { createRequire } from 'node:module';
import { systemRandom } from '../ts/base/random.ts';
import { connectPeer, listenForPeers } from '../ts/host/node/stellar-tcp.ts';
import { LocalNode } from '../ts/stellar/overlay/local-node.ts';
import type { PeerRunner } from '../ts/stellar/overlay/peer-runner.ts';
import { StellarMessage } from '../ts/stellar/xdr/message.ts';
import { MessageType } from '../ts/stellar/xdr/overlay.ts';

/** What an end is asked for; every request has one answer. */
export type Request =
  | { readonly do: 'listen' }
  /** Connect, and stay connected `times` times over. */
  | { readonly do: 'connect'; readonly port: number; readonly times: number }
  /** Keep these messages, in hexadecimal, for sending. */
  | { readonly do: 'load'; readonly messages: readonly string[] }
  | { readonly do: 'send'; readonly count: number }
  /** Answer when so many more transactions were processed; the first answer says "ready". */
  | { readonly do: 'expect'; readonly count: number }
  /** Connect and close so many times, one after the other. */
  | { readonly do: 'handshakes'; readonly port: number; readonly count: number }
  | { readonly do: 'usage' };

/** Answer to any request; `cpu` in seconds since the process began, `rss` in bytes. */
export interface Answer {
  readonly port?: number;
  readonly cpu: number;
  readonly rss: number;
}

interface End {
  listen(): Promise<number>;
  connect(port: number): Promise<void>;
  load(messages: readonly Uint8Array[]): void;
  send(count: number): Promise<void>;
  expect(count: number): Promise<void>;
  handshake(port: number): Promise<void>;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function ours(): End {
  const node = (): LocalNode =>
    new LocalNode({
      seed: systemRandom.bytes(32),
      random: systemRandom,
      config: { maxAdditionalPeerConnections: 200 },
    });
  const callers = [node(), node(), node(), node()];
  let next = 0;
  let received = 0;
  let awaited: { count: number; done: () => void } | undefined;
  let peer: PeerRunner | undefined;
  let decoded: StellarMessage[] = [];
  return {
    async listen() {
      const door = await listenForPeers(
        node(),
        { host: '127.0.0.1', port: 0 },
        {
          message({ message }) {
            if (message.type !== MessageType.TRANSACTION) return;
            received += 1;
            if (received === awaited?.count) awaited.done();
          },
        }
      );
      return door.port;
    },
    connect: (port) =>
      new Promise((resolve, reject) => {
        peer = connectPeer(
          node(),
          { port },
          { authenticated: () => resolve(), dropped: ({ reason }) => reject(new Error(reason)) }
        );
      }),
    load(messages) {
      decoded = messages.map((bytes) => StellarMessage.decode(bytes));
    },
    async send(count) {
      const runner = peer as PeerRunner;
      const { queues } = runner.peer.flow;
      for (let i = 0; i < count;) {
        // Longer queues would be dropped, as if the peer were too slow.
        for (; i < count && queues.length(1) < 2000; i++) {
          runner.send(decoded[i % decoded.length] as StellarMessage);
        }
        await turn();
      }
      while (runner.peer.unwritten > 0 || queues.length(1) > 0) await turn();
    },
    expect: (count) =>
      new Promise((resolve) => (awaited = { count: received + count, done: resolve })),
    handshake: (port) =>
      new Promise((resolve, reject) => {
        const caller = callers[next++ % callers.length] as LocalNode;
        let isDone = false;
        connectPeer(
          caller,
          { port },
          {
            authenticated(runner) {
              isDone = true;
              setImmediate(() => runner.destroy('done'));
            },
            dropped({ reason }) {
              if (!isDone) reject(new Error(reason));
            },
            closed: () => resolve(),
          }
        );
      }),
  };
}

function theirs(): End {
  process.env['LOG_LEVEL'] = 'silent';
  const requireHere = createRequire(import.meta.url);
  const name = '@stellarbeat/js-stellar-node-connector';
  type Module = typeof import('@stellarbeat/js-stellar-node-connector');
  type Connection = ReturnType<ReturnType<Module['createNode']>['connectTo']>;
  type Message = Parameters<Connection['sendStellarMessage']>[0];
  const { createNode } = requireHere(name) as Module;
  const base = createRequire(requireHere.resolve(name))('@stellar/stellar-base') as {
    xdr: { StellarMessage: { fromXDR(bytes: Buffer): Message } };
  };
  const node = createNode({
    network: 'Test SDF Network ; September 2015',
    nodeInfo: { ledgerVersion: 27, overlayVersion: 42, overlayMinVersion: 41, versionString: 'x' },
    listeningPort: 11625,
    receiveSCPMessages: true,
    receiveTransactionMessages: true,
    peerFloodReadingCapacity: 200,
    flowControlSendMoreBatchSize: 40,
    peerFloodReadingCapacityBytes: 300_000,
    flowControlSendMoreBatchSizeBytes: 100_000,
  });
  let received = 0;
  let awaited: { count: number; done: () => void } | undefined;
  let connection: Connection | undefined;
  let decoded: Message[] = [];
  const quiet = (one: Connection): void => void one.on('error', () => undefined);
  return {
    listen: () =>
      new Promise((resolve) => {
        node.on('connection', (one: Connection) => {
          quiet(one);
          one.on(
            'data',
            (work: { stellarMessage: { switch(): { name: string } }; done(): void }) => {
              if (work.stellarMessage.switch().name === 'transaction') received += 1;
              work.done();
              if (received === awaited?.count) awaited.done();
            }
          );
        });
        node.on('listening', () => {
          const { server } = node as unknown as { server: { address(): { port: number } } };
          resolve(server.address().port);
        });
        node.acceptIncomingConnections(0, '127.0.0.1');
      }),
    connect: (port) =>
      new Promise((resolve) => {
        const one = node.connectTo('127.0.0.1', port);
        quiet(one);
        one.on('connect', () => resolve());
        one.on('data', (work: { done(): void }) => work.done());
        connection = one;
      }),
    load(messages) {
      decoded = messages.map((bytes) => base.xdr.StellarMessage.fromXDR(Buffer.from(bytes)));
    },
    async send(count) {
      const one = connection as Connection;
      for (let i = 0; i < count; i++) {
        const isFull = !one.sendStellarMessage(decoded[i % decoded.length] as Message);
        if (isFull) await new Promise((resolve) => one.once('drain', resolve));
      }
    },
    expect: (count) =>
      new Promise((resolve) => (awaited = { count: received + count, done: resolve })),
    handshake: (port) =>
      new Promise((resolve) => {
        const one = node.connectTo('127.0.0.1', port);
        quiet(one);
        one.on('connect', () => one.destroy());
        one.on('close', () => resolve());
      }),
  };
}

const end = process.argv[2] === 'connector' ? theirs() : ours();

function usage(): Answer {
  const { user, system } = process.cpuUsage();
  return { cpu: (user + system) / 1e6, rss: process.memoryUsage().rss };
}

async function perform(request: Request): Promise<Answer> {
  switch (request.do) {
    case 'listen':
      return { port: await end.listen(), ...usage() };
    case 'connect':
      for (let i = 0; i < request.times; i++) await end.connect(request.port);
      return usage();
    case 'load':
      end.load(request.messages.map((text) => new Uint8Array(Buffer.from(text, 'hex'))));
      return usage();
    case 'send':
      await end.send(request.count);
      return usage();
    case 'expect': {
      const reached = end.expect(request.count);
      process.send?.(usage());
      await reached;
      return usage();
    }
    case 'handshakes':
      for (let i = 0; i < request.count; i++) await end.handshake(request.port);
      return usage();
    case 'usage':
      (globalThis as { gc?: () => void }).gc?.();
      return usage();
  }
}

process.on('message', (request: Request) => {
  void perform(request).then((answer) => process.send?.(answer));
});
// Without the program that asks there is nothing to do.
process.on('disconnect', () => process.exit());
