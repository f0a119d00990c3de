/**
 * AutoInterface on the sockets of Node: neighbors on the local network are found by IPv6 multicast, and
 * each becomes a way of its own.
 * @module
 * @see RNS/Interfaces/AutoInterface.py (RNS 1.5.7)
 */
import { createSocket, type Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { systemClock } from '../../base/clock.ts';
import { ProtocolError } from '../../base/errors.ts';
import {
  AutoDiscovery,
  isDeviceChosen,
  multicastAddress,
  withoutScope,
  type AutoEffect,
  type LinkLocalAddress,
} from '../../reticulum/interface-auto.ts';
import type { AutoSettings } from '../../reticulum/interface-options.ts';
import type { InterfaceDescription } from '../../reticulum/interface.ts';
import { letGo } from '../time.ts';
import {
  reasonOf,
  type AttachedWay,
  type HostInterface,
  type InterfaceHost,
} from '../interface.ts';

/** How an AutoInterface is set up. */
export interface AutoOptions extends AutoSettings {
  /** Of each peer's way. */
  readonly description: InterfaceDescription;
}

/** The sockets on one system interface. */
interface Sockets {
  readonly group: Socket;
  readonly unicast: Socket;
  readonly data: Socket;
}

/** Finds neighbors and carries packets to them. */
export class AutoInterface implements HostInterface {
  readonly name: string;
  readonly #options: AutoOptions;
  readonly #group: string;
  readonly #sockets = new Map<string, Sockets>();
  readonly #ways = new Map<string, AttachedWay>();
  #discovery: AutoDiscovery | undefined;
  #host: InterfaceHost | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #opening: Promise<unknown> = Promise.resolve();
  /** Datagrams that the system did not take. */
  dropped = 0;

  constructor(options: AutoOptions) {
    this.#options = options;
    this.name = options.description.name;
    this.#group = multicastAddress(options.groupId, options.scope, options.permanentAddress);
  }

  /** Addresses of the present peers. */
  get peers(): string[] {
    return this.#discovery?.peers ?? [];
  }

  /** Resolves when the sockets are open. An interface of the system that refuses is told of and left out. */
  async open(host: InterfaceHost): Promise<void> {
    this.#host = host;
    this.#discovery = new AutoDiscovery(this.#options.groupId, systemClock.now());
    this.#look();
    this.#run();
    await this.#opening;
    if (this.#sockets.size === 0) this.#report('warning', 'no usable system interface was found');
  }

  async close(): Promise<void> {
    this.#discovery = undefined;
    clearTimeout(this.#timer);
    await this.#opening;
    for (const way of this.#ways.values()) way.detach();
    this.#ways.clear();
    await Promise.all([...this.#sockets.keys()].map((name) => this.#closeSockets(name)));
  }

  /** Tell the discovery which link-local addresses there are now. */
  #look(): void {
    const found: LinkLocalAddress[] = [];
    for (const [name, addresses] of Object.entries(networkInterfaces())) {
      if (!isDeviceChosen(name, this.#options)) continue;
      // The last one counts where there are several, as in the reference.
      const own = addresses?.findLast(({ address }) => address.startsWith('fe80:'));
      if (own !== undefined) found.push({ name, address: own.address });
    }
    this.#discovery?.setAddresses(found, systemClock.now());
  }

  #run(): void {
    const discovery = this.#discovery;
    if (discovery === undefined) return;
    for (const effect of discovery.drain()) this.#carryOut(effect);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => {
        if (discovery.tick(systemClock.now())) this.#look();
        this.#run();
      },
      Math.max(0, discovery.due() - systemClock.now())
    );
    if (this.#host?.background === true) letGo(this.#timer);
  }

  #carryOut(effect: AutoEffect): void {
    switch (effect.kind) {
      case 'open':
        this.#opening = this.#opening.then(() => this.#openSockets(effect.name, effect.address));
        return;
      case 'close':
        this.#opening = this.#opening.then(() => this.#closeSockets(effect.name));
        return;
      case 'announce':
        return this.#announce(effect.name, effect.token, effect.to);
      case 'peer-added':
        return this.#addPeer(effect.name, effect.address);
      case 'peer-removed':
        this.#ways.get(effect.address)?.detach();
        this.#ways.delete(effect.address);
        return;
      case 'packet':
        this.#ways.get(effect.address)?.receive(effect.data);
        return;
      case 'carrier':
        return this.#report(
          'warning',
          `carrier ${effect.lost ? 'lost' : 'recovered'} on ${effect.name}`
        );
    }
  }

  async #openSockets(name: string, address: string): Promise<void> {
    await this.#closeSockets(name);
    if (this.#discovery === undefined) return;
    const { discoveryPort, dataPort } = this.#options;
    const own = `${address}%${name}`;
    const made: Socket[] = [];
    const make = async (where: string, port: number, shared: boolean): Promise<Socket> => {
      const socket = createSocket({ type: 'udp6', reuseAddr: shared });
      made.push(socket);
      await bind(socket, where, port);
      if (this.#host?.background === true) socket.unref();
      // What the system has to say of a datagram that is gone does not matter any more.
      socket.on('error', () => (this.dropped += 1));
      return socket;
    };
    try {
      const group = await make(`${this.#group}%${name}`, discoveryPort, true);
      group.addMembership(this.#group, own);
      group.setMulticastInterface(own);
      const unicast = await make(own, discoveryPort + 1, true);
      const data = await make(own, dataPort, false);
      for (const socket of [group, unicast]) {
        socket.on('message', (bytes, from) => this.#token(name, from.address, bytes));
      }
      data.on('message', (bytes, from) => this.#data(from.address, bytes));
      this.#sockets.set(name, { group, unicast, data });
    } catch (cause) {
      for (const socket of made) socket.close();
      const text = `cannot use ${name}: ${reasonOf(cause)}`;
      this.#host?.report({ name: this.name, level: 'error', text, cause });
    }
  }

  async #closeSockets(name: string): Promise<void> {
    const sockets = this.#sockets.get(name);
    if (sockets === undefined) return;
    this.#sockets.delete(name);
    const all = [sockets.group, sockets.unicast, sockets.data];
    await Promise.all(all.map((one) => new Promise<void>((done) => one.close(() => done()))));
  }

  #token(name: string, from: string, bytes: Uint8Array): void {
    this.#discovery?.receiveToken(name, from, bytes, systemClock.now());
    this.#run();
  }

  #data(from: string, bytes: Uint8Array): void {
    this.#discovery?.receiveData(from, new Uint8Array(bytes), systemClock.now());
    this.#run();
  }

  #announce(name: string, token: Uint8Array, to: string | undefined): void {
    const { discoveryPort } = this.#options;
    const socket = this.#sockets.get(name)?.group;
    if (to === undefined) this.#send(socket, token, `${this.#group}%${name}`, discoveryPort);
    else this.#send(socket, token, `${to}%${name}`, discoveryPort + 1);
  }

  #addPeer(name: string, address: string): void {
    const way = this.#host?.attach({
      description: { ...this.#options.description, name: `${this.name}[${name}/${address}]` },
      send: (packet) => {
        const socket = this.#sockets.get(name)?.data;
        this.#send(socket, packet, `${address}%${name}`, this.#options.dataPort);
      },
    });
    if (way === undefined) return;
    this.#ways.set(address, way);
    way.setOnline(true);
  }

  #send(socket: Socket | undefined, bytes: Uint8Array, to: string, port: number): void {
    socket?.send(bytes, port, to, (error) => {
      if (error !== null && error !== undefined) this.dropped += 1;
    });
  }

  #report(level: 'info' | 'warning', text: string): void {
    this.#host?.report({ name: this.name, level, text });
  }
}

function bind(socket: Socket, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', (cause) => {
      const text = `cannot listen on [${withoutScope(address)}]:${port}: ${reasonOf(cause)}`;
      reject(new ProtocolError('HOST_NETWORK', text, { cause }));
    });
    socket.bind({ address, port, exclusive: true }, () => {
      socket.removeAllListeners('error');
      resolve();
    });
  });
}
