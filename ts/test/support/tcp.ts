/**
 * Real time and TCP under an endpoint, for tests against running programs.
 * @module
 */
import { createServer, connect, type Server, type Socket } from 'node:net';
import { HdlcDecoder, encodeHdlc } from '../../codec/hdlc.ts';
import type { Driver, ReticulumInstance } from '../../reticulum/instance.ts';
import type { InterfaceDescription } from '../../reticulum/interface.ts';

/** The clock and timers of the machine; times have fractions of a millisecond. */
export const realDriver: Driver = {
  now: () => performance.timeOrigin + performance.now(),
  schedule: (at, run) => {
    const wait = at - (performance.timeOrigin + performance.now());
    const timer = setTimeout(run, Math.min(Math.max(0, Math.ceil(wait)), 0x7fffffff));
    return () => clearTimeout(timer);
  },
};

const DESCRIPTION: InterfaceDescription = {
  name: 'TCPInterface',
  bitrateBps: 10_000_000,
  hwMtu: 8192,
  mtuDiscovery: true,
};

function carry(
  instance: ReticulumInstance,
  socket: Socket,
  description: InterfaceDescription
): void {
  socket.setNoDelay(true);
  const attached = instance.attach(description, {
    send: (bytes) => {
      if (!socket.writable) return;
      // Held back until the turn is over, so that its frames leave together.
      if (socket.writableCorked === 0) socket.cork();
      socket.write(encodeHdlc(bytes));
    },
    flush: () => {
      while (socket.writableCorked > 0) socket.uncork();
    },
  });
  const decoder = new HdlcDecoder({ minBytes: 19, maxBytes: (description.hwMtu ?? 500) + 64 });
  socket.on('data', (chunk: Buffer) => {
    const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
    for (const frame of decoder.push(bytes)) attached.receive(frame);
  });
  socket.on('error', () => undefined);
  socket.on('close', () => attached.detach());
}

/** Connect an endpoint to a TCP server; the function that comes back disconnects it. */
export function tcpClient(
  instance: ReticulumInstance,
  port: number,
  description: Partial<InterfaceDescription> = {}
): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', reject);
    socket.once('connect', () => {
      carry(instance, socket, { ...DESCRIPTION, ...description });
      resolve(() => void socket.destroy());
    });
  });
}

/** Let others connect to an endpoint; resolves with the port and a function that ends it. */
export function tcpServer(
  instance: ReticulumInstance,
  description: Partial<InterfaceDescription> = {}
): Promise<{ port: number; close: () => void }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    carry(instance, socket, { ...DESCRIPTION, ...description });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({
        port: typeof address === 'object' && address !== null ? address.port : 0,
        close: () => {
          for (const socket of sockets) socket.destroy();
          server.close();
        },
      });
    });
  });
}

/** A port that nothing listens on at present. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
