/**
 * Requests over a link: asking the peer for something by path, and answering what the peer asks.
 *
 * A request waits for its response from before it is sent, and each one ends: with a response, or with
 * the reason why there is none.
 * @module
 * @see RNS/Link.py request, handle_request, handle_response, RequestReceipt (RNS 1.5.7)
 */
import type { Millis } from '../../base/clock.ts';
import { MsgpackFloat, encodeMsgpack, type MsgpackValue } from '../../codec/msgpack.ts';
import { HashMap } from '../hash-map.ts';
import { truncatedHash } from '../identity.ts';
import { PacketContext } from '../packet.ts';
import { hashOfFrame, type ReceivedPacket } from '../received-packet.ts';
import { isAllowed, requestPathHash, type RequestHandler } from '../request-handlers.ts';
import type { Advertisement } from '../resource/advertisement.ts';
import type { IncomingResource } from '../resource/incoming.ts';
import type { OutgoingResource } from '../resource/outgoing.ts';
import { ResourceStatus } from '../resource/constants.ts';
import { Timer } from '../timers.ts';
import { LinkStatus } from './constants.ts';
import { IncomingRequest } from './incoming-request.ts';
import type { Link } from './link.ts';
import { decodeRequest, decodeResponse } from './request-wire.ts';

/** Where a request stands. @see RNS/Link.py RequestReceipt.FAILED */
export const RequestStatus = { FAILED: 0, SENT: 1, DELIVERED: 2, RECEIVING: 3, READY: 4 } as const;
/** One of {@link RequestStatus}. */
export type RequestStatusCode = (typeof RequestStatus)[keyof typeof RequestStatus];

/** Why a request failed. */
export type RequestFailure =
  'timeout' | 'not-sent' | 'too-large' | 'response-failed' | 'link-closed' | 'cancelled';

/** Requests that wait on one link at the same time; the reference sets no limit. */
export const MAX_PENDING_REQUESTS = 1024;
/** Time on top of the round trips that an answer may take. @see RNS/Resource.py RESPONSE_MAX_GRACE_TIME */
export const RESPONSE_GRACE_MS: number = 10_000 * 1.125;

/** How a request is made. */
export interface RequestOptions {
  /** How long the answer may take; six round trips and 11.25 seconds unless set. */
  readonly timeoutMs?: number | undefined;
  /** Refuse responses above so many bytes. */
  readonly maxResponseBytes?: number | undefined;
}

/** A request under way, or what became of it. */
export class RequestReceipt {
  readonly link: Link;
  readonly path: string;
  /** 16 bytes. */
  readonly id: Uint8Array;
  readonly requestBytes: number;
  readonly sentMs: Millis;
  readonly timeoutMs: number;
  readonly maxResponseBytes: number | undefined;
  status: RequestStatusCode = RequestStatus.SENT;
  failure: RequestFailure | undefined;
  /** Part of the response that is here, 0 to 1. */
  progress = 0;
  response: MsgpackValue | undefined;
  /** Metadata of a response that is raw data. */
  metadata: MsgpackValue | undefined;
  responseBytes: number | undefined;
  responseTransferBytes: number | undefined;
  /** When the peer had the whole request, as far as that is known. */
  startedMs: Millis | undefined;
  concludedMs: Millis | undefined;
  /** @internal */
  readonly timer: Timer;

  constructor(
    link: Link,
    path: string,
    id: Uint8Array,
    requestBytes: number,
    timeoutMs: number,
    options: RequestOptions,
    expired: (receipt: RequestReceipt) => void
  ) {
    this.link = link;
    this.path = path;
    this.id = id;
    this.requestBytes = requestBytes;
    this.sentMs = link.core.now;
    this.timeoutMs = timeoutMs;
    this.maxResponseBytes = options.maxResponseBytes;
    this.timer = new Timer(() => expired(this));
  }

  /** Whether there is a response or a failure. */
  get concluded(): boolean {
    return this.status === RequestStatus.READY || this.status === RequestStatus.FAILED;
  }

  /** Time from the start to the response. @see RNS/Link.py get_response_time */
  get responseTimeMs(): number | undefined {
    if (this.status !== RequestStatus.READY || this.concludedMs === undefined) return undefined;
    return this.concludedMs - (this.startedMs ?? this.sentMs);
  }
}

/** Requests of one link, both ways. */
export class LinkRequests {
  readonly #link: Link;
  readonly #pending: HashMap<RequestReceipt>;

  constructor(link: Link) {
    this.#link = link;
    this.#pending = new HashMap(MAX_PENDING_REQUESTS, (oldest) => this.#fail(oldest, 'timeout'));
  }

  /** How many wait for a response. */
  get size(): number {
    return this.#pending.size;
  }

  /** Requests that wait, oldest first. */
  values(): IterableIterator<RequestReceipt> {
    return this.#pending.values();
  }

  /** Send a request: as a packet when it fits one, else as a resource. */
  request(path: string, data: MsgpackValue, options: RequestOptions = {}): RequestReceipt {
    const link = this.#link;
    const { core } = link;
    const seconds = new MsgpackFloat(core.now / 1000);
    const packed = encodeMsgpack([seconds, requestPathHash(path), data]);
    const timeoutMs = options.timeoutMs ?? link.trafficTimeoutMs + RESPONSE_GRACE_MS;
    const waitFor = (id: Uint8Array): RequestReceipt => {
      const receipt = new RequestReceipt(
        link,
        path,
        id,
        packed.length,
        timeoutMs,
        options,
        (late) => this.#fail(late, 'timeout')
      );
      this.#pending.set(id, receipt);
      return receipt;
    };
    if (packed.length > link.mdu) return this.#sendResource(packed, timeoutMs, waitFor);
    const raw = link.seal(PacketContext.REQUEST, packed);
    const hash = hashOfFrame(raw);
    const receipt = waitFor(hash.slice(0, 16));
    receipt.startedMs = core.now;
    core.timers.schedule(receipt.timer, core.now + timeoutMs);
    if (!link.transmit(raw, hash)) this.#fail(receipt, 'not-sent');
    return receipt;
  }

  /** Take in a request that came as a packet. */
  receiveRequest(packet: ReceivedPacket, packed: Uint8Array): void {
    const { core, destination } = this.#link;
    const limit = destination.maxRequestBytes;
    if (limit !== undefined && packed.length > limit) return core.drop('request-refused');
    this.#handle(packet.truncatedHash.slice(), packed);
  }

  /** Take in a request that came as a resource. */
  receiveRequestResource(resource: IncomingResource): void {
    if (resource.status !== ResourceStatus.COMPLETE)
      return this.#link.core.drop('request-malformed');
    const packed = resource.data;
    this.#handle(truncatedHash(packed), packed);
  }

  /** Take in a response that came as a packet. @see RNS/Link.py handle_response */
  receiveResponse(packed: Uint8Array): void {
    const { core } = this.#link;
    const response = decodeResponse(packed);
    if (response === undefined) return core.drop('request-malformed');
    const receipt = this.#pending.get(response.id);
    if (receipt === undefined) return core.drop('response-unmatched');
    receipt.responseBytes = response.valueBytes;
    receipt.responseTransferBytes = (receipt.responseTransferBytes ?? 0) + response.valueBytes;
    const limit = receipt.maxResponseBytes;
    if (limit !== undefined && response.valueBytes > limit) return this.#fail(receipt, 'too-large');
    this.#succeed(receipt, response.value, undefined);
  }

  /** Whether a response resource may come in; the waiting request if so. */
  acceptResponse(advertisement: Advertisement): RequestReceipt | undefined {
    const { core } = this.#link;
    const id = advertisement.requestId;
    const receipt = id === undefined ? undefined : this.#pending.get(id);
    if (receipt === undefined) {
      core.drop('response-unmatched');
      return undefined;
    }
    const limit = receipt.maxResponseBytes;
    if (limit !== undefined && advertisement.dataBytes > limit) {
      this.#fail(receipt, 'too-large');
      return undefined;
    }
    receipt.status = RequestStatus.RECEIVING;
    receipt.responseBytes ??= advertisement.dataBytes;
    receipt.responseTransferBytes =
      (receipt.responseTransferBytes ?? 0) + advertisement.transferBytes;
    receipt.startedMs ??= core.now;
    // From here on the resource has deadlines of its own.
    core.timers.cancel(receipt.timer);
    return receipt;
  }

  /** The response resource cannot be taken in after all. */
  refuseResponse(receipt: RequestReceipt): void {
    this.#fail(receipt, 'response-failed');
  }

  /** Note how far a response resource has come. */
  responseProgress(resource: IncomingResource): void {
    const id = resource.requestId;
    const receipt = id === undefined ? undefined : this.#pending.get(id);
    if (receipt === undefined) return;
    receipt.progress = resource.progress;
    this.#link.core.emit({ kind: 'request-progress', request: receipt });
  }

  /** Take in a response that came as a resource. @see RNS/Link.py response_resource_concluded */
  receiveResponseResource(resource: IncomingResource): void {
    const { core } = this.#link;
    const id = resource.requestId;
    const receipt = id === undefined ? undefined : this.#pending.get(id);
    if (receipt === undefined) return;
    if (resource.status !== ResourceStatus.COMPLETE) return this.#fail(receipt, 'response-failed');
    if (resource.metadata !== undefined) {
      return this.#succeed(receipt, resource.data, resource.metadata);
    }
    const response = decodeResponse(resource.data);
    if (response === undefined) {
      core.drop('request-malformed');
      return this.#fail(receipt, 'response-failed');
    }
    this.#succeed(receipt, response.value, undefined);
  }

  /** Give a request up; its response is not taken any more. */
  cancel(receipt: RequestReceipt): void {
    this.#fail(receipt, 'cancelled');
  }

  /** Fail whatever waits: the link is closed. */
  close(): void {
    for (const receipt of [...this.#pending.values()]) this.#fail(receipt, 'link-closed');
  }

  #sendResource(
    packed: Uint8Array,
    timeoutMs: number,
    waitFor: (id: Uint8Array) => RequestReceipt
  ): RequestReceipt {
    const id = truncatedHash(packed);
    const receipt = waitFor(id);
    const concluded = (resource: OutgoingResource): void => {
      if (receipt.concluded) return;
      if (resource.status !== ResourceStatus.COMPLETE) return this.#fail(receipt, 'not-sent');
      const { core } = this.#link;
      receipt.startedMs ??= core.now;
      // The response may be on its way in already.
      if (receipt.status !== RequestStatus.SENT) return;
      receipt.status = RequestStatus.DELIVERED;
      core.timers.schedule(receipt.timer, core.now + timeoutMs);
    };
    this.#link.resources.send(packed, {
      requestId: id,
      isResponse: false,
      advertiseTimeoutMs: timeoutMs,
      concluded,
    });
    return receipt;
  }

  #handle(id: Uint8Array, packed: Uint8Array): void {
    const link = this.#link;
    const { core } = link;
    const request = decodeRequest(packed);
    if (request === undefined) return core.drop('request-malformed');
    if (link.status !== LinkStatus.ACTIVE) return core.drop('link-closed');
    const handler: RequestHandler | undefined = link.destination.requests.find(request.pathHash);
    if (handler === undefined || !isAllowed(handler, link.remoteIdentity)) {
      return core.drop('request-refused');
    }
    core.emit({ kind: 'request', request: new IncomingRequest(link, id, request, handler) });
  }

  #succeed(
    receipt: RequestReceipt,
    response: MsgpackValue,
    metadata: MsgpackValue | undefined
  ): void {
    receipt.status = RequestStatus.READY;
    receipt.progress = 1;
    receipt.response = response;
    receipt.metadata = metadata;
    this.#conclude(receipt);
    this.#link.core.emit({ kind: 'response', request: receipt });
  }

  #fail(receipt: RequestReceipt, failure: RequestFailure): void {
    if (receipt.concluded) return;
    receipt.status = RequestStatus.FAILED;
    receipt.failure = failure;
    this.#conclude(receipt);
    this.#link.core.emit({ kind: 'request-failed', request: receipt, failure });
  }

  #conclude(receipt: RequestReceipt): void {
    const { core } = this.#link;
    core.timers.cancel(receipt.timer);
    receipt.concludedMs = core.now;
    this.#pending.delete(receipt.id);
  }
}
