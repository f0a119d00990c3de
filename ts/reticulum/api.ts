/**
 * Reticulum with promises: paths, packets, announces and links for programs that can wait.
 *
 * A thin layer over {@link ReticulumInstance}; everything it does can be done with events as well.
 * @module
 */
import { equalBytes } from '../base/bytes.ts';
import { ProtocolError } from '../base/errors.ts';
import type { AnnounceHandler, AnnounceOptions } from './announces.ts';
import { AsyncQueue } from './async-queue.ts';
import type { Destination } from './destination.ts';
import type { EventOf, ReticulumEvent } from './effect.ts';
import type { Identity } from './identity.ts';
import type { ReticulumInstance } from './instance.ts';
import { LinkSession } from './link-session.ts';
import type { Link } from './link/link.ts';
import type { LinkOptions } from './link/links.ts';
import { PATH_REQUEST_TIMEOUT_MS } from './path-requests.ts';
import { ReceiptStatus } from './receipts.ts';

/** How long a program waits. */
export interface WaitOptions {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Promises and iterations over one instance. */
export class ReticulumApi {
  readonly instance: ReticulumInstance;
  readonly #sessions = new WeakMap<Link, LinkSession>();

  constructor(instance: ReticulumInstance) {
    this.instance = instance;
  }

  /** Announce a destination of this endpoint; false when no interface took the announce. */
  announce(destination: Destination, options?: AnnounceOptions): boolean {
    return this.instance.act((reticulum, now) => reticulum.announce(destination, now, options));
  }

  /** Announces as they come, until the iteration ends or the signal aborts. */
  announces(handler: AnnounceHandler = {}, signal?: AbortSignal): AsyncQueue<EventOf<'announce'>> {
    // A handler of its own, so that two iterations with one filter do not share events.
    const own = { ...handler };
    const { reticulum } = this.instance;
    reticulum.onAnnounce(own);
    const stop = (): void => void reticulum.announces.removeHandler(own);
    return this.#iterate(
      'announce',
      (event) => (event.handler === own ? event : undefined),
      stop,
      signal
    );
  }

  /** Packets for a destination of this endpoint as they come. */
  packets(destination: Destination, signal?: AbortSignal): AsyncQueue<EventOf<'packet'>> {
    return this.iterate('packet', (event) => event.destination === destination, signal);
  }

  /** Links that are opened to a destination of this endpoint, as they become usable. */
  links(destination: Destination, signal?: AbortSignal): AsyncQueue<LinkSession> {
    return this.#iterate(
      'link-established',
      ({ link }) =>
        !link.initiator && link.destination === destination ? this.session(link) : undefined,
      () => undefined,
      signal
    );
  }

  /**
   * A path to a destination: known, or asked for.
   * @returns its hops
   * @throws ProtocolError `RNS_PATH_UNKNOWN` when nobody answers in time
   */
  async path(destinationHash: Uint8Array, options: WaitOptions = {}): Promise<number> {
    const { instance } = this;
    const known = instance.reticulum.paths.get(destinationHash);
    if (known !== undefined) return known.hops;
    const { timeoutMs = PATH_REQUEST_TIMEOUT_MS, signal } = options;
    return this.once<number>(signal, (resolve, reject) => [
      instance.on('path-found', (event) => {
        if (equalBytes(event.destinationHash, destinationHash)) resolve(event.hops);
      }),
      instance.on('path-failed', (event) => {
        if (!equalBytes(event.destinationHash, destinationHash)) return;
        reject(new ProtocolError('RNS_PATH_UNKNOWN', 'nobody answered the path request'));
      }),
      this.#start((reticulum, now) => reticulum.requestPath(destinationHash, now, { timeoutMs })),
    ]);
  }

  /**
   * The identity behind an address, asking for a path where it is not known.
   * @throws ProtocolError `RNS_PATH_UNKNOWN`
   */
  async identity(destinationHash: Uint8Array, options: WaitOptions = {}): Promise<Identity> {
    const { reticulum } = this.instance;
    const known = reticulum.recall(destinationHash, this.instance.now);
    if (known !== undefined) return known;
    await this.path(destinationHash, options);
    const found = reticulum.recall(destinationHash, this.instance.now);
    if (found === undefined) throw new ProtocolError('RNS_PATH_UNKNOWN', 'no identity is known');
    return found;
  }

  /**
   * Send a packet and wait until the receiver has proven it.
   * @returns the round trip in milliseconds
   * @throws ProtocolError `RNS_UNPROVEN` when no proof comes in time, or nothing took the packet
   */
  send(destination: Destination, data: Uint8Array, signal?: AbortSignal): Promise<number> {
    const { instance } = this;
    return this.once<number>(signal, (resolve, reject) => {
      const { receipt } = instance.act((reticulum, now) => reticulum.send(destination, data, now));
      if (receipt === undefined) {
        reject(new ProtocolError('RNS_UNPROVEN', 'the packet was not sent, or cannot be proven'));
        return [];
      }
      return [
        instance.on('receipt', (event) => {
          if (event.receipt !== receipt) return;
          if (receipt.status === ReceiptStatus.DELIVERED) resolve(receipt.rttMs ?? 0);
          else reject(new ProtocolError('RNS_UNPROVEN', 'no proof came in time'));
        }),
      ];
    });
  }

  /**
   * Open a link and wait until it can be used.
   * @throws ProtocolError `RNS_LINK_CLOSED` when it does not come to be in time
   */
  openLink(
    destination: Destination,
    options: LinkOptions & { readonly signal?: AbortSignal | undefined } = {}
  ): Promise<LinkSession> {
    const { instance } = this;
    const link = instance.act((reticulum, now) => reticulum.openLink(destination, now, options));
    const opening = this.once<LinkSession>(options.signal, (resolve, reject) => [
      instance.on('link-established', (event) => {
        if (event.link === link) resolve(this.session(link));
      }),
      instance.on('link-closed', (event) => {
        if (event.link !== link) return;
        reject(new ProtocolError('RNS_LINK_CLOSED', 'the link was not established'));
      }),
    ]);
    return opening.catch((error: unknown) => {
      instance.act((_, now) => link.close(now));
      throw error;
    });
  }

  /** The promises of a link; the same for the same link. */
  session(link: Link): LinkSession {
    let session = this.#sessions.get(link);
    if (session === undefined) {
      session = new LinkSession(this, link);
      this.#sessions.set(link, session);
    }
    return session;
  }

  /** Wait for the first of what `begin` sets up; its listeners end with the wait. @internal */
  once<T>(
    signal: AbortSignal | undefined,
    begin: (resolve: (value: T) => void, reject: (error: unknown) => void) => (() => void)[]
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let stops: (() => void)[] = [];
      let settled = false;
      const settle = (run: () => void): void => {
        settled = true;
        for (const stop of stops) stop();
        signal?.removeEventListener('abort', abort);
        run();
      };
      const abort = (): void => settle(() => reject(abortReason(signal)));
      if (signal?.aborted === true) return abort();
      signal?.addEventListener('abort', abort);
      stops = begin(
        (value) => settle(() => resolve(value)),
        (error) => settle(() => reject(error))
      );
      if (settled) for (const stop of stops) stop();
    });
  }

  /** Events of one kind as they come. @internal */
  iterate<K extends ReticulumEvent['kind']>(
    kind: K,
    mine: (event: EventOf<K>) => boolean,
    signal?: AbortSignal
  ): AsyncQueue<EventOf<K>> {
    const pick = (event: EventOf<K>): EventOf<K> | undefined => (mine(event) ? event : undefined);
    return this.#iterate(kind, pick, () => undefined, signal);
  }

  #iterate<K extends ReticulumEvent['kind'], T>(
    kind: K,
    pick: (event: EventOf<K>) => T | undefined,
    stop: () => void,
    signal: AbortSignal | undefined
  ): AsyncQueue<T> {
    const off = this.instance.on(kind, (event) => {
      const value = pick(event);
      if (value !== undefined) queue.push(value);
    });
    const abort = (): void => queue.end();
    const queue = new AsyncQueue<T>(() => {
      off();
      stop();
      signal?.removeEventListener('abort', abort);
    });
    if (signal?.aborted === true) queue.end();
    else signal?.addEventListener('abort', abort);
    return queue;
  }

  /** Begin something after its listeners are in place; nothing is left to end. */
  #start(action: Parameters<ReticulumInstance['act']>[0]): () => void {
    this.instance.act(action);
    return () => undefined;
  }
}

function abortReason(signal: AbortSignal | undefined): unknown {
  return signal?.reason ?? new Error('aborted');
}
