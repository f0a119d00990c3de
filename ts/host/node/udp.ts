/**
 * UDPInterface: each datagram is a packet, sent to one address that may be a broadcast address.
 * @module
 * @see RNS/Interfaces/UDPInterface.py (RNS 1.5.7)
 */
import { createSocket, type Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { ProtocolError } from '../../base/errors.ts';
import type { InterfaceDescription } from '../../reticulum/interface.ts';
import {
  reasonOf,
  type AttachedWay,
  type HostInterface,
  type InterfaceHost,
} from '../interface.ts';

/** How a UDP interface is set up. It listens, sends, or both, as addresses are given. */
export interface UdpOptions {
  readonly description: InterfaceDescription;
  readonly listenHost?: string | undefined;
  /** 0 lets the system choose. */
  readonly listenPort?: number | undefined;
  readonly forwardHost?: string | undefined;
  readonly forwardPort?: number | undefined;
  /** System interface whose broadcast address stands for an address that is not given. */
  readonly device?: string | undefined;
}

/** Packets in datagrams. */
export class UdpInterface implements HostInterface {
  readonly name: string;
  readonly #options: UdpOptions;
  #socket: Socket | undefined;
  #way: AttachedWay | undefined;
  /** Datagrams that the system did not take. */
  dropped = 0;

  constructor(options: UdpOptions) {
    this.#options = options;
    this.name = options.description.name;
  }

  /** The port on which datagrams come in and from which they are sent; `undefined` while closed. */
  get port(): number | undefined {
    return this.#socket?.address().port;
  }

  /** @throws ProtocolError `HOST_NETWORK` when the address cannot be listened on */
  async open(host: InterfaceHost): Promise<void> {
    const { description, listenPort, forwardPort, device } = this.#options;
    const broadcast = device === undefined ? undefined : this.#broadcastAddress(device);
    const listenHost = this.#options.listenHost ?? broadcast;
    const forwardHost = this.#options.forwardHost ?? broadcast;
    const listens = listenHost !== undefined && listenPort !== undefined;
    const forwards = forwardHost !== undefined && forwardPort !== undefined;
    const socket = createSocket({ type: 'udp4', reuseAddr: listens && device !== undefined });
    this.#socket = socket;
    await this.#bind(socket, listens ? { address: listenHost, port: listenPort } : { port: 0 });
    socket.setBroadcast(true);
    if (host.background) socket.unref();
    socket.on('error', (cause) => {
      host.report({ name: this.name, level: 'warning', text: reasonOf(cause), cause });
    });
    const way = host.attach({
      description: { ...description, sends: forwards && description.sends !== false },
      send: (packet) => {
        if (forwards) this.#send(packet, forwardHost, forwardPort);
      },
    });
    this.#way = way;
    if (listens) socket.on('message', (data) => way.receive(new Uint8Array(data)));
    way.setOnline(true);
  }

  async close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#way?.detach();
    this.#way = undefined;
    if (socket !== undefined) await new Promise<void>((resolve) => socket.close(() => resolve()));
  }

  #bind(socket: Socket, to: { address?: string; port: number }): Promise<void> {
    return new Promise((resolve, reject) => {
      socket.once('error', (cause) => {
        const where = `${to.address ?? 'any address'}:${to.port}`;
        const text = `cannot listen on ${where}: ${reasonOf(cause)}`;
        reject(new ProtocolError('HOST_NETWORK', text, { at: this.name, cause }));
      });
      socket.bind(to, () => {
        socket.removeAllListeners('error');
        resolve();
      });
    });
  }

  #send(packet: Uint8Array, host: string, port: number): void {
    this.#socket?.send(packet, port, host, (error) => {
      // Nobody listening, or no way there, is as good as a packet lost on the air.
      if (error !== null && error !== undefined) this.dropped += 1;
    });
  }

  #broadcastAddress(device: string): string {
    const found = networkInterfaces()[device]?.find(({ family }) => family === 'IPv4');
    if (found === undefined) {
      const text = `there is no IPv4 address on ${device}`;
      throw new ProtocolError('HOST_NETWORK', text, { at: this.name });
    }
    const address = found.address.split('.').map(Number);
    const mask = found.netmask.split('.').map(Number);
    return address.map((byte, i) => (byte | (~(mask[i] as number) & 255)) & 255).join('.');
  }
}
