/**
 * TCPClientInterface and TCPServerInterface, and with other assumptions the Backbone interfaces.
 * @module
 * @see RNS/Interfaces/TCPInterface.py (RNS 1.5.7)
 */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { ProtocolError } from '../../base/errors.ts';
import type { FramingName } from '../../reticulum/interface-framing.ts';
import type { InterfaceDescription } from '../../reticulum/interface.ts';
import {
  reasonOf,
  type AttachedWay,
  type HostInterface,
  type InterfaceHost,
} from '../interface.ts';
import { Reconnecting, type ReconnectOptions } from './reconnecting.ts';
import { SocketStream } from './stream-way.ts';

/** How a TCP client is set up. */
export interface TcpClientOptions extends ReconnectOptions {
  readonly description: InterfaceDescription;
  readonly host: string;
  readonly port: number;
  readonly framing?: FramingName | undefined;
  readonly i2pTunneled?: boolean | undefined;
}

/** How a TCP server is set up. */
export interface TcpServerOptions {
  /** Of each client's way; the name is that of the server. */
  readonly description: InterfaceDescription;
  /** Address to listen on; this machine only unless set. */
  readonly host?: string | undefined;
  /** 0 lets the system choose. */
  readonly port: number;
  /** System interface whose address is listened on, in place of `host`. */
  readonly device?: string | undefined;
  readonly preferIpv6?: boolean | undefined;
  readonly framing?: FramingName | undefined;
  readonly i2pTunneled?: boolean | undefined;
  /** Most clients at a time. */
  readonly maxClients?: number | undefined;
}

/** Time without a packet after which the system asks for a sign of life. */
const PROBE_AFTER_MS = 5000;
const I2P_PROBE_AFTER_MS = 10_000;
const MAX_CLIENTS = 1024;
const LOOPBACK = '127.0.0.1';

/** A connection to a TCP server, made again whenever it is lost. */
export class TcpClientInterface implements HostInterface {
  readonly name: string;
  readonly #connection: Reconnecting;

  constructor(options: TcpClientOptions) {
    const { description, host, port, framing = 'hdlc', i2pTunneled = false } = options;
    this.name = description.name;
    this.#connection = new Reconnecting({ ...options, framing, target: { host, port } }, (socket) =>
      tune(socket, i2pTunneled)
    );
  }

  /** Resolves after the first attempt to connect, whether or not it succeeded. */
  open(host: InterfaceHost): Promise<void> {
    return this.#connection.open(host);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

/** Listens for TCP clients; each becomes a way of its own. */
export class TcpServerInterface implements HostInterface {
  readonly name: string;
  readonly #options: TcpServerOptions;
  readonly #streams = new Set<SocketStream>();
  #server: Server | undefined;

  constructor(options: TcpServerOptions) {
    this.#options = options;
    this.name = options.description.name;
  }

  /** The port that is listened on; `undefined` while closed. */
  get port(): number | undefined {
    return (this.#server?.address() as AddressInfo | null | undefined)?.port;
  }

  /** How many clients are connected. */
  get clients(): number {
    return this.#streams.size;
  }

  /** @throws ProtocolError `HOST_NETWORK` when the address cannot be listened on */
  open(host: InterfaceHost): Promise<void> {
    const { port, maxClients = MAX_CLIENTS } = this.#options;
    const address = this.#address();
    const server = createServer((socket) => this.#accept(socket, host));
    server.maxConnections = maxClients;
    this.#server = server;
    return new Promise((resolve, reject) => {
      server.once('error', (cause) => {
        const text = `cannot listen on ${address}:${port}: ${reasonOf(cause)}`;
        reject(new ProtocolError('HOST_NETWORK', text, { at: this.name, cause }));
      });
      server.listen({ host: address, port }, () => {
        server.removeAllListeners('error');
        server.on('error', (cause) => {
          host.report({ name: this.name, level: 'error', text: reasonOf(cause), cause });
        });
        if (host.background) server.unref();
        resolve();
      });
    });
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const stream of this.#streams) stream.close();
    if (server === undefined) return;
    // A server that never came to listen has nothing to close, which is an error to it but not here.
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #accept(socket: Socket, host: InterfaceHost): void {
    const { description, framing = 'hdlc', i2pTunneled = false } = this.#options;
    tune(socket, i2pTunneled);
    if (host.background) socket.unref();
    const own = { ...description, name: `Client on ${this.name}` };
    let way: AttachedWay | undefined;
    const stream = new SocketStream(socket, own, framing, {
      packet: (packet) => way?.receive(packet),
      closed: () => {
        this.#streams.delete(stream);
        way?.detach();
      },
    });
    this.#streams.add(stream);
    way = host.attach({ description: own, send: (packet) => stream.send(packet) });
    way.setOnline(true);
  }

  #address(): string {
    const { host = LOOPBACK, device, preferIpv6 = false } = this.#options;
    if (device === undefined) return host;
    const addresses = networkInterfaces()[device] ?? [];
    const wanted = preferIpv6 ? 'IPv6' : 'IPv4';
    const found = addresses.find(({ family }) => family === wanted) ?? addresses[0];
    if (found === undefined) {
      throw new ProtocolError('HOST_NETWORK', `there is no address on ${device}`, {
        at: this.name,
      });
    }
    return found.address.startsWith('fe80:') ? `${found.address}%${device}` : found.address;
  }
}

/**
 * Set a socket up as the reference does. The number and pace of the probes for signs of life are the
 * system's: Node has no way to set them.
 */
function tune(socket: Socket, i2pTunneled: boolean): void {
  socket.setNoDelay(true);
  socket.setKeepAlive(true, i2pTunneled ? I2P_PROBE_AFTER_MS : PROBE_AFTER_MS);
}
