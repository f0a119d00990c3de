/**
 * WebSocket interfaces for Node programs, client and server, on the `ws` package.
 * @module
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer, type RawData } from 'ws';
import { ProtocolError } from '../../base/errors.ts';
import { longestFrame } from '../../reticulum/interface-framing.ts';
import type { InterfaceDescription } from '../../reticulum/interface.ts';
import { letGo } from '../time.ts';
import {
  reasonOf,
  type AttachedWay,
  type HostInterface,
  type InterfaceHost,
} from '../interface.ts';
import { WebSocketClient, type WebSocketClientOptions } from '../websocket-client.ts';
import { MAX_UNSENT_BYTES } from './stream-way.ts';

/** How a WebSocket server is set up. */
export interface WebSocketServerOptions {
  /** Of each client's way; the name is that of the server. */
  readonly description: InterfaceDescription;
  /** Address to listen on; this machine only unless set. */
  readonly host?: string | undefined;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Path that clients must ask for; any unless set. */
  readonly path?: string | undefined;
  /**
   * Origins of the pages that may connect, such as `https://example.org`, or `*` for all. Unless set,
   * pages from this machine may, and programs, which have no origin, always may.
   */
  readonly origins?: readonly string[] | '*' | undefined;
  /** Most clients at a time. */
  readonly maxClients?: number | undefined;
  /** How often clients are asked for a sign of life. */
  readonly pingIntervalMs?: number | undefined;
}

const LOOPBACK = '127.0.0.1';
const MAX_CLIENTS = 1024;
const PING_INTERVAL_MS = 30_000;
const FORBIDDEN = 403;
const UPGRADE_REQUIRED = 426;
const UNAVAILABLE = 503;

/** A WebSocket client for Node programs. @see WebSocketClient */
export class WebSocketClientInterface extends WebSocketClient {
  constructor(options: WebSocketClientOptions) {
    const maxPayload = longestFrame(options.description);
    super(options, (url) => new WebSocket(url, { perMessageDeflate: false, maxPayload }));
  }
}

interface Client {
  readonly socket: WebSocket;
  way: AttachedWay | undefined;
  answered: boolean;
}

/** Listens for WebSocket clients; each becomes a way of its own. */
export class WebSocketServerInterface implements HostInterface {
  readonly name: string;
  readonly #options: WebSocketServerOptions;
  readonly #clients = new Set<Client>();
  readonly #maxBytes: number;
  #server: Server | undefined;
  #pings: ReturnType<typeof setInterval> | undefined;
  /** Messages that were no packets, and packets for which there was no room. */
  dropped = 0;

  constructor(options: WebSocketServerOptions) {
    this.#options = options;
    this.name = options.description.name;
    this.#maxBytes = longestFrame(options.description);
  }

  /** The port that is listened on; `undefined` while closed. */
  get port(): number | undefined {
    return (this.#server?.address() as AddressInfo | null | undefined)?.port;
  }

  /** How many clients are connected. */
  get clients(): number {
    return this.#clients.size;
  }

  /** @throws ProtocolError `HOST_NETWORK` when the address cannot be listened on */
  open(host: InterfaceHost): Promise<void> {
    const {
      host: address = LOOPBACK,
      port,
      path,
      pingIntervalMs = PING_INTERVAL_MS,
    } = this.#options;
    const server = createServer((_, response) => response.writeHead(UPGRADE_REQUIRED).end());
    this.#server = server;
    const upgrades = new WebSocketServer({
      server,
      ...(path === undefined ? {} : { path }),
      perMessageDeflate: false,
      maxPayload: this.#maxBytes,
      clientTracking: false,
      verifyClient: (info, answer) => {
        const refusal = this.#refuse(info.req);
        answer(refusal === undefined, refusal);
      },
    });
    upgrades.on('connection', (socket, request) => {
      if (host.background) request.socket.unref();
      this.#accept(socket, host);
    });
    this.#pings = setInterval(() => this.#ping(), pingIntervalMs);
    if (host.background) letGo(this.#pings);
    return new Promise((resolve, reject) => {
      // Errors of the server come through its upgrades.
      upgrades.once('error', (cause) => {
        const text = `cannot listen on ${address}:${port}: ${reasonOf(cause)}`;
        reject(new ProtocolError('HOST_NETWORK', text, { at: this.name, cause }));
      });
      server.listen({ host: address, port }, () => {
        upgrades.removeAllListeners('error');
        upgrades.on('error', (cause) => {
          host.report({ name: this.name, level: 'error', text: reasonOf(cause), cause });
        });
        if (host.background) server.unref();
        resolve();
      });
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#pings);
    const server = this.#server;
    this.#server = undefined;
    for (const { socket, way } of this.#clients) {
      socket.terminate();
      way?.detach();
    }
    if (server === undefined) return;
    server.closeAllConnections();
    // A server that never came to listen has nothing to close, which is an error to it but not here.
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  /** Why a client is turned away: an HTTP status, or `undefined` when it is not. */
  #refuse(request: IncomingMessage): number | undefined {
    const { maxClients = MAX_CLIENTS, origins } = this.#options;
    if (this.#clients.size >= maxClients) return UNAVAILABLE;
    const { origin } = request.headers;
    if (origin === undefined || origins === '*') return undefined;
    const allowed = origins === undefined ? isLocalOrigin(origin) : origins.includes(origin);
    return allowed ? undefined : FORBIDDEN;
  }

  #accept(socket: WebSocket, host: InterfaceHost): void {
    const description = { ...this.#options.description, name: `Client on ${this.name}` };
    const client: Client = { socket, way: undefined, answered: true };
    this.#clients.add(client);
    socket.on('message', (data, isBinary) => this.#receive(client, data, isBinary));
    socket.on('pong', () => (client.answered = true));
    // What breaks a connection is told by its close.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#clients.delete(client);
      client.way?.detach();
    });
    client.way = host.attach({ description, send: (packet) => this.#send(socket, packet) });
    client.way.setOnline(true);
  }

  #receive(client: Client, data: RawData, isBinary: boolean): void {
    client.answered = true;
    const whole = Array.isArray(data) ? Buffer.concat(data) : data;
    if (!isBinary) this.dropped += 1;
    else client.way?.receive(new Uint8Array(whole));
  }

  #send(socket: WebSocket, packet: Uint8Array): void {
    if (socket.readyState !== WebSocket.OPEN || socket.bufferedAmount > MAX_UNSENT_BYTES) {
      this.dropped += 1;
      return;
    }
    socket.send(packet, { binary: true });
  }

  #ping(): void {
    for (const client of this.#clients) {
      if (!client.answered) client.socket.terminate();
      client.answered = false;
      if (client.socket.readyState === WebSocket.OPEN) client.socket.ping();
    }
  }
}

/** Whether a page comes from this machine. */
function isLocalOrigin(origin: string): boolean {
  const host = URL.canParse(origin) ? new URL(origin).hostname : '';
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
