/**
 * A request that the peer made, and the one answer that may be given to it.
 * @module
 * @see RNS/Link.py handle_request (RNS 1.5.7)
 */
import type { Millis } from '../../base/clock.ts';
import type { MsgpackValue } from '../../codec/msgpack.ts';
import type { Identity } from '../identity.ts';
import { PacketContext } from '../packet.ts';
import type { RequestHandler } from '../request-handlers.ts';
import type { OutgoingResource } from '../resource/outgoing.ts';
import type { ResourceSource } from '../resource/source.ts';
import type { Link } from './link.ts';
import { encodeResponse, type DecodedRequest } from './request-wire.ts';

/** A request to answer. */
export class IncomingRequest {
  readonly link: Link;
  /** 16 bytes. */
  readonly id: Uint8Array;
  readonly path: string;
  readonly data: MsgpackValue;
  /** When it was made, by the peer's clock. */
  readonly requestedAtS: number;
  /** Who asks, where the peer has said so. */
  readonly remoteIdentity: Identity | undefined;
  readonly #handler: RequestHandler;
  #answered = false;

  constructor(link: Link, id: Uint8Array, request: DecodedRequest, handler: RequestHandler) {
    this.link = link;
    this.id = id;
    this.path = handler.path;
    this.data = request.data;
    this.requestedAtS = request.requestedAtS;
    this.remoteIdentity = link.remoteIdentity;
    this.#handler = handler;
  }

  /** Whether an answer was given. */
  get answered(): boolean {
    return this.#answered;
  }

  /**
   * Answer with a value; `null` means no answer, and the peer's request times out.
   * @returns false when the link is not open, or an answer was given before
   */
  respond(value: MsgpackValue, now: Millis): boolean {
    const { link } = this;
    link.core.now = now;
    if (this.#answered || !link.isOpen) return false;
    this.#answered = true;
    if (value === null) return true;
    const packed = encodeResponse(this.id, value);
    if (packed.length <= link.mdu) {
      link.repeats.add(() => link.sendSealed(PacketContext.RESPONSE, packed));
      return link.sendSealed(PacketContext.RESPONSE, packed);
    }
    this.#resource(packed, undefined);
    return true;
  }

  /**
   * Answer with raw data and metadata, as the reference does with files.
   * @returns `undefined` when the link is not open, or an answer was given before
   */
  respondWithData(
    source: Uint8Array | ResourceSource,
    metadata: MsgpackValue,
    now: Millis
  ): OutgoingResource | undefined {
    this.link.core.now = now;
    if (this.#answered || !this.link.isOpen) return undefined;
    this.#answered = true;
    return this.#resource(source, metadata);
  }

  #resource(
    source: Uint8Array | ResourceSource,
    metadata: MsgpackValue | undefined
  ): OutgoingResource {
    return this.link.resources.send(source, {
      requestId: this.id,
      isResponse: true,
      metadata,
      autoCompress: this.#handler.autoCompress,
    });
  }
}
