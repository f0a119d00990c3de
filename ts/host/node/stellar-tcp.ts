/**
 * Peers of the Stellar overlay on TCP.
 * @see overlay/TCPPeer.cpp, overlay/PeerDoor.cpp (stellar-core v27) @module
 */
import { createServer, connect, type Server, type Socket } from 'node:net';
import { concat } from '../../base/bytes.ts';
import { systemClock, type Clock } from '../../base/clock.ts';
import { ProtocolError } from '../../base/errors.ts';
import type { LocalNode } from '../../stellar/overlay/local-node.ts';
import type { Peer } from '../../stellar/overlay/peer.ts';
import {
  PeerRunner,
  type PeerListener,
  type Timers,
  type Wire,
} from '../../stellar/overlay/peer-runner.ts';

/** Connections that the system holds until we take them. */
const BACKLOG = 100;
/** Pieces up to this size are gathered into one. */
const GATHER_BYTES = 64 * 1024;

const timers: Timers = {
  set: (delayMs, run) => setTimeout(run, delayMs),
  clear: (handle) => clearTimeout(handle as NodeJS.Timeout),
  soon: (run) => void setImmediate(run),
};

/** Where to connect to, or to listen. */
export interface TcpAddress {
  /** Address or name; `127.0.0.1` unless given. */
  readonly host?: string;
  /** To listen, 0 lets the system choose. */
  readonly port: number;
}

/** Open a connection and greet the node there; every ending is told to the listener. */
export function connectPeer(
  node: LocalNode,
  { host = '127.0.0.1', port }: TcpAddress,
  listener: PeerListener = {},
  clock: Clock = systemClock
): PeerRunner {
  let runner: PeerRunner | undefined;
  const peer = node.initiate({ ip: host, port }, clock.now(), {
    gathers: true,
    wake: () => queueMicrotask(() => runner?.wake()),
  });
  // A peer without a place never gets a connection.
  const socket =
    peer.dropped === undefined
      ? connect({ host, port, noDelay: true, allowHalfOpen: true })
      : undefined;
  runner = run(peer, socket, clock, listener);
  const running = runner;
  socket?.once('connect', () => running.opened());
  running.start();
  return running;
}

/** A listening socket. */
export interface TcpDoor {
  readonly host: string;
  /** The port, also when the system chose it. */
  readonly port: number;
  /** Take no more connections; those there are stay. */
  close(): Promise<void>;
}

/**
 * Take connections, as many as the node has places for.
 * @throws ProtocolError `HOST_NETWORK` when the address cannot be had
 */
export async function listenForPeers(
  node: LocalNode,
  { host = '127.0.0.1', port }: TcpAddress,
  listener: PeerListener = {},
  clock: Clock = systemClock
): Promise<TcpDoor> {
  const server = createServer({ noDelay: true, allowHalfOpen: true });
  server.on('connection', (socket) => knock(node, socket, listener, clock));
  await listening(server, host, port);
  const bound = server.address();
  const actual = typeof bound === 'object' && bound !== null ? bound.port : port;
  return {
    host,
    port: actual,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const text = `cannot listen on ${host}:${port}: ${error.code ?? error.message}`;
      reject(new ProtocolError('HOST_NETWORK', text, { cause: error }));
    });
    server.listen({ host, port, backlog: BACKLOG }, resolve);
  });
}

function knock(node: LocalNode, socket: Socket, listener: PeerListener, clock: Clock): void {
  const ip = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const { connections } = node;
  // No peer, no memory, no reading for those that would be turned away.
  if (ip === '' || !connections.hasSpaceFor(ip)) {
    connections.refuseUnseen();
    socket.destroy();
    return;
  }
  connections.countLiveInbound(1);
  socket.once('close', () => connections.countLiveInbound(-1));
  let runner: PeerRunner | undefined;
  const peer = node.accept(ip, clock.now(), {
    gathers: true,
    wake: () => queueMicrotask(() => runner?.wake()),
  });
  runner = run(peer, socket, clock, listener);
  runner.start();
}

function run(
  peer: Peer,
  socket: Socket | undefined,
  clock: Clock,
  listener: PeerListener
): PeerRunner {
  const runner = new PeerRunner(peer, wireOf(socket), clock, timers, listener);
  if (socket === undefined) return runner;
  let failure = 'End of file';
  socket.on('data', (chunk: Uint8Array) => {
    runner.received(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length));
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    failure = error.code ?? error.message;
  });
  socket.on('end', () => runner.lost(failure));
  socket.on('close', () => runner.lost(failure));
  return runner;
}

function wireOf(socket: Socket | undefined): Wire {
  return {
    write(frames, done) {
      if (socket === undefined || socket.destroyed) return;
      const sent = (error?: Error | null): void => {
        // A failure is told by the socket's own events.
        if (error === null || error === undefined) done();
      };
      const groups = gathered(frames);
      groups.forEach((bytes, i) => {
        if (i === groups.length - 1) socket.write(bytes, sent);
        else socket.write(bytes);
      });
    },
    pause: () => void socket?.pause(),
    resume: () => void socket?.resume(),
    finish: () => void socket?.end(),
    close: () => void socket?.destroy(),
  };
}

/** Small frames together, in order; large ones by themselves. */
function gathered(frames: readonly Uint8Array[]): Uint8Array[] {
  if (frames.length === 1) return [...frames];
  const groups: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  const flush = (): void => {
    if (small.length > 0) groups.push(concat(...small));
    small = [];
  };
  for (const frame of frames) {
    if (frame.length <= GATHER_BYTES) {
      small.push(frame);
    } else {
      flush();
      groups.push(frame);
    }
  }
  flush();
  return groups;
}
