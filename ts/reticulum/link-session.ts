/**
 * A link with promises.
 * @module
 */
import { ProtocolError } from '../base/errors.ts';
import type { MsgpackValue } from '../codec/msgpack.ts';
import type { ReticulumApi } from './api.ts';
import type { AsyncQueue } from './async-queue.ts';
import type { EventOf } from './effect.ts';
import type { Identity } from './identity.ts';
import type { TeardownReasonCode } from './link/constants.ts';
import type { Link } from './link/link.ts';
import type { RequestOptions } from './link/requests.ts';
import { readableStream, writableStream } from './link-streams.ts';
import { ReceiptStatus } from './receipts.ts';
import { ResourceStatus } from './resource/constants.ts';
import { IncomingResource } from './resource/incoming.ts';
import type { OutgoingResource, ResourceOptions } from './resource/outgoing.ts';
import type { ResourceSource } from './resource/source.ts';

/** One end of an open link. */
export class LinkSession {
  readonly link: Link;
  readonly #api: ReticulumApi;
  /** Settles when the link ends, with the reason. */
  readonly closed: Promise<TeardownReasonCode>;

  constructor(api: ReticulumApi, link: Link) {
    this.#api = api;
    this.link = link;
    this.closed = api.once(undefined, (resolve) => {
      if (link.reason !== undefined) resolve(link.reason);
      return [
        api.instance.on('link-closed', (event) => {
          if (event.link === link) resolve(event.reason);
        }),
      ];
    });
  }

  /** Tell the peer who this end is. @throws ProtocolError `RNS_LINK_CLOSED` */
  identify(identity: Identity): void {
    const sent = this.#api.instance.act((_, now) => this.link.identify(identity, now));
    if (!sent) throw closedError();
  }

  /** Close the link. */
  close(): void {
    this.#api.instance.act((_, now) => this.link.close(now));
  }

  /**
   * Send a packet and wait for the peer's proof.
   * @returns the round trip in milliseconds
   * @throws ProtocolError `RNS_LINK_CLOSED`, or `RNS_UNPROVEN` when no proof comes in time
   */
  send(data: Uint8Array, signal?: AbortSignal): Promise<number> {
    const { instance } = this.#api;
    return this.#api.once<number>(signal, (resolve, reject) => {
      const receipt = instance.act((_, now) => this.link.send(data, now));
      if (receipt === undefined) {
        reject(closedError());
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
   * Ask the peer for something.
   * @throws ProtocolError `RNS_LINK_CLOSED`, or `RNS_REQUEST_FAILED` with the reason
   */
  request(
    path: string,
    data: MsgpackValue = null,
    options: RequestOptions & { readonly signal?: AbortSignal | undefined } = {}
  ): Promise<MsgpackValue> {
    const { instance } = this.#api;
    return this.#api.once<MsgpackValue>(options.signal, (resolve, reject) => {
      const request = instance.act((_, now) => this.link.request(path, data, now, options));
      if (request === undefined) {
        reject(closedError());
        return [];
      }
      // It may have failed in the act, before anyone could listen.
      if (request.failure !== undefined) {
        reject(new ProtocolError('RNS_REQUEST_FAILED', request.failure));
        return [];
      }
      return [
        instance.on('response', (event) => {
          if (event.request === request) resolve(request.response ?? null);
        }),
        instance.on('request-failed', (event) => {
          if (event.request !== request) return;
          reject(new ProtocolError('RNS_REQUEST_FAILED', event.failure));
        }),
        () => instance.act(() => this.link.requests.cancel(request)),
      ];
    });
  }

  /**
   * Send any amount of data and wait until the peer has proven it.
   * @throws ProtocolError `RNS_LINK_CLOSED`, or `RNS_RESOURCE` when it is refused or fails
   */
  sendResource(
    source: Uint8Array | ResourceSource,
    options: ResourceOptions & { readonly signal?: AbortSignal | undefined } = {}
  ): Promise<OutgoingResource> {
    const { instance } = this.#api;
    return this.#api.once<OutgoingResource>(options.signal, (resolve, reject) => {
      const resource = instance.act((_, now) => this.link.sendResource(source, now, options));
      if (resource === undefined) {
        reject(closedError());
        return [];
      }
      return [
        instance.on('resource-concluded', (event) => {
          if (event.resource !== resource) return;
          if (resource.status === ResourceStatus.COMPLETE) resolve(resource);
          else reject(new ProtocolError('RNS_RESOURCE', `ended with status ${resource.status}`));
        }),
        () => instance.act((_, now) => resource.cancel(now)),
      ];
    });
  }

  /** Packets of the peer as they come. */
  packets(signal?: AbortSignal): AsyncQueue<EventOf<'link-packet'>> {
    return this.#until(this.#api.iterate('link-packet', (e) => e.link === this.link, signal));
  }

  /** Requests of the peer as they come. */
  requests(signal?: AbortSignal): AsyncQueue<EventOf<'request'>> {
    return this.#until(this.#api.iterate('request', (e) => e.request.link === this.link, signal));
  }

  /** Resources that the peer would send, as they are offered; see `link.resourceStrategy`. */
  offers(signal?: AbortSignal): AsyncQueue<EventOf<'resource-offered'>> {
    return this.#until(
      this.#api.iterate('resource-offered', (e) => e.offer.link === this.link, signal)
    );
  }

  /** Resources of the peer that have come in whole, or failed. */
  resources(signal?: AbortSignal): AsyncQueue<EventOf<'resource-concluded'>> {
    const mine = ({ resource }: EventOf<'resource-concluded'>): boolean =>
      resource.link === this.link && resource instanceof IncomingResource;
    return this.#until(this.#api.iterate('resource-concluded', mine, signal));
  }

  /** Messages of the channel; register their types on `link.channel()` first. */
  messages(signal?: AbortSignal): AsyncQueue<EventOf<'channel-message'>> {
    const channel = this.link.channel();
    return this.#until(this.#api.iterate('channel-message', (e) => e.channel === channel, signal));
  }

  /** Bytes that the peer writes to a stream. */
  readable(streamId: number): ReadableStream<Uint8Array> {
    return readableStream(this.#api.instance, this.link.channel().reader(streamId));
  }

  /** A stream that the peer reads. */
  writable(streamId: number): WritableStream<Uint8Array> {
    return writableStream(this.#api.instance, this.link.channel().writer(streamId));
  }

  /** End an iteration with the link. */
  #until<T>(queue: AsyncQueue<T>): AsyncQueue<T> {
    void this.closed.then(() => queue.end());
    return queue;
  }
}

function closedError(): ProtocolError {
  return new ProtocolError('RNS_LINK_CLOSED', 'the link is not open');
}
