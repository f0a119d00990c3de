/**
 * Our endpoint and a running reference, joined by TCP with either of them as the server.
 * @module
 */
import { bzip2 } from '../../codec/bzip2.ts';
import type { MsgpackMap, MsgpackValue } from '../../codec/msgpack.ts';
import { fromHex, toHex } from '../../base/hex.ts';
import { systemRandom } from '../../base/random.ts';
import { sha256 } from '../../crypto/provider.ts';
import { ReticulumApi } from '../../reticulum/api.ts';
import {
  Destination,
  ProofStrategy,
  type DestinationOptions,
} from '../../reticulum/destination.ts';
import type { EventOf, ReticulumEvent } from '../../reticulum/effect.ts';
import { Reticulum, type ReticulumOptions } from '../../reticulum/endpoint.ts';
import { Identity } from '../../reticulum/identity.ts';
import { ReticulumInstance } from '../../reticulum/instance.ts';
import type { LinkSession } from '../../reticulum/link-session.ts';
import { ResourceStrategy } from '../../reticulum/link/constants.ts';
import type { Link } from '../../reticulum/link/link.ts';
import { RequestPolicy } from '../../reticulum/request-handlers.ts';
import { assert } from './assert.ts';
import { PythonPeer, type Answer, type PythonReference } from './python.ts';
import { stream } from './stream.ts';
import { freePort, realDriver, tcpClient, tcpServer } from './tcp.ts';

/** Which end listens. */
export type Role = 'python-server' | 'python-client';

/** Both ends, joined. */
export class LivePair {
  readonly python: PythonPeer;
  readonly instance: ReticulumInstance;
  readonly api: ReticulumApi;
  /** Identity of the reference's destination. */
  readonly theirs: Identity = Identity.generate(systemRandom);
  /** Identity of our destination. */
  readonly ours: Identity = Identity.generate(systemRandom);
  /** The reference's version, as the evidence names it. */
  version = '';
  #stop: () => void = () => undefined;

  constructor(reference: PythonReference, options: Partial<ReticulumOptions> = {}) {
    this.python = new PythonPeer(reference, 'rns_peer.py');
    const reticulum = new Reticulum({ random: systemRandom, compression: bzip2, ...options });
    this.instance = new ReticulumInstance(reticulum, realDriver);
    this.api = new ReticulumApi(this.instance);
  }

  /** Start the reference and join both. */
  async start(role: Role, fields: Record<string, unknown> = {}): Promise<void> {
    if (role === 'python-server') {
      const port = await freePort();
      const started = await this.python.ask('start', { role: 'server', port, ...fields });
      this.version = `rns ${String(started['rns'])}`;
      this.#stop = await tcpClient(this.instance, port);
      return;
    }
    const { port, close } = await tcpServer(this.instance);
    this.#stop = close;
    const started = await this.python.ask('start', { role: 'client', port, ...fields });
    this.version = `rns ${String(started['rns'])}`;
    await this.until(() => this.instance.reticulum.core.interfaces.size > 0, 'the connection');
  }

  /** Part both, and end the reference. */
  async stop(): Promise<void> {
    this.instance.close();
    this.#stop();
    await this.python.stop();
  }

  /** A destination of the reference, and ours to reach it. */
  async theirDestination(
    aspects: readonly string[],
    fields: Record<string, unknown> = {}
  ): Promise<Destination> {
    const answer = await this.python.ask('destination', {
      private: toHex(this.theirs.privateKey()),
      app: 'app',
      aspects,
      ...fields,
    });
    const out = Destination.create({
      direction: 'out',
      identity: this.theirs.publicOnly(),
      appName: 'app',
      aspects,
    });
    if (answer['hash'] !== toHex(out.hash)) throw new Error('the addresses differ');
    return out;
  }

  /** A destination of ours, registered. */
  ourDestination(
    aspects: readonly string[],
    options: Partial<DestinationOptions> = {}
  ): Destination {
    const destination = Destination.create({
      direction: 'in',
      identity: this.ours,
      appName: 'app',
      aspects,
      ...options,
    });
    this.instance.reticulum.register(destination);
    return destination;
  }

  /** How the reference names our destination. */
  toOurs(aspects: readonly string[]): Record<string, unknown> {
    return { public: toHex(this.ours.publicKey), app: 'app', aspects };
  }

  /** The next event of a kind. */
  next<K extends ReticulumEvent['kind']>(
    kind: K,
    mine: (event: EventOf<K>) => boolean = () => true
  ): Promise<EventOf<K>> {
    return new Promise((resolve) => {
      const off = this.instance.on(kind, (event) => {
        if (!mine(event)) return;
        off();
        resolve(event);
      });
    });
  }

  /** The reference's next event of a kind. */
  take(kind: string, seconds = 30): Promise<Answer> {
    return this.python.ask('take', { kind, seconds });
  }

  /** Wait for something that has no event. */
  async until(ready: () => boolean, what: string, limitMs = 15_000): Promise<void> {
    const end = Date.now() + limitMs;
    while (!ready()) {
      if (Date.now() > end) throw new Error(`${what} did not come`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

/** What the reference tells of bytes instead of sending them back. */
export function digestOf(data: Uint8Array): { size: number; sha256: string } {
  return { size: data.length, sha256: toHex(sha256(data)) };
}

/** `size` bytes named by `label`, as the reference's peer makes them: 64 KiB of a stream, repeated. */
export function repeated(block: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size);
  for (let at = 0; at < size; at += block.length) {
    out.set(block.subarray(0, Math.min(block.length, size - at)), at);
  }
  return out;
}

/** Bytes of a hexadecimal field of an answer. */
export function bytesOf(answer: Answer, field: string): Uint8Array {
  return fromHex(String(answer[field]));
}

/** Destinations at both ends that prove and answer what the live tests send them. */
export async function prepareLive(
  pair: LivePair,
  role: Role
): Promise<{ theirs: Destination; ours: Destination }> {
  await pair.start(role);
  const { instance } = pair;
  const theirs = await pair.theirDestination(['their'], {
    proof: 'all',
    paths: {
      '/echo': { echo: true, compress: false },
      '/size': { asked: true, compress: false },
      '/packed': { asked: true, compress: true },
      '/nothing': { nothing: true },
    },
    listPaths: ['/list'],
    allowed: [toHex(pair.ours.hash)],
  });
  const ours = pair.ourDestination(['our']);
  ours.proofStrategy = ProofStrategy.PROVE_ALL;
  for (const path of ['/echo', '/size']) {
    ours.requests.register(path, { allow: RequestPolicy.ALLOW_ALL, autoCompress: false });
  }
  ours.requests.register('/file', { allow: RequestPolicy.ALLOW_ALL });
  instance.on('request', ({ request }) =>
    instance.act((_, now) => {
      if (request.path === '/echo') request.respond(request.data, now);
      if (request.path === '/size') request.respond(new Uint8Array(request.data as number), now);
      if (request.path === '/file') {
        request.respondWithData(stream('file', 3000), mapOf({ name: 'file' }), now);
      }
    })
  );
  instance.on('link-established', ({ link }) => {
    link.resourceStrategy = ResourceStrategy.ACCEPT_ALL;
  });
  return { theirs, ours };
}

/** A link that we opened, and one that the reference opened. */
export interface LiveLinks {
  readonly us: LinkSession;
  readonly them: { readonly link: Link; readonly id: string };
}

/** Open a link from either end; both ends must know a path. */
export async function openLive(pair: LivePair, theirs: Destination): Promise<LiveLinks> {
  const us = await pair.api.openLink(theirs);
  assert.is(us.link.mtu, 8192);
  const heard = await pair.take('link');
  assert.is(heard['link'], toHex(us.link.id));
  assert.is(heard['mtu'], 8192);
  const accepted = pair.next('link-established', (event) => !event.link.initiator);
  const answer = await pair.python.ask('link', pair.toOurs(['our']));
  assert.is(answer['established'], true);
  assert.is(answer['mtu'], 8192);
  const { link } = await accepted;
  assert.is(toHex(link.id), answer['link']);
  await pair.take('link');
  return { us, them: { link, id: String(answer['link']) } };
}

/** A map with text keys. */
export function mapOf(values: Record<string, MsgpackValue>): MsgpackMap {
  return new Map(Object.entries(values));
}
