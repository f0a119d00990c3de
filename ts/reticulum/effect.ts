/**
 * What an endpoint asks its host to do, and what it tells the application.
 * @module
 */
import type { MsgpackValue } from '../codec/msgpack.ts';
import type { Announce } from './announce.ts';
import type { AnnounceHandler } from './announces.ts';
import type { Channel, SentMessage } from './channel/channel.ts';
import type { StreamReader } from './channel/stream.ts';
import type { Destination } from './destination.ts';
import type { Identity } from './identity.ts';
import type { InterfaceId } from './interface.ts';
import type { TeardownReasonCode } from './link/constants.ts';
import type { IncomingRequest } from './link/incoming-request.ts';
import type { Link } from './link/link.ts';
import type { RequestFailure, RequestReceipt } from './link/requests.ts';
import type { PacketReceipt } from './receipts.ts';
import type { ReceivedPacket } from './received-packet.ts';
import type { IncomingResource } from './resource/incoming.ts';
import type { ResourceOffer } from './resource/offer.ts';
import type { OutgoingResource } from './resource/outgoing.ts';

/** Something to carry out, in the order in which it was asked for. */
export type Effect = SendEffect | StoreEffect | EventEffect;

/** Send one frame on one interface; the bytes must not be written to. */
export interface SendEffect {
  readonly kind: 'send';
  readonly interfaceId: InterfaceId;
  readonly bytes: Uint8Array;
}

/** Keep bytes for the next run, or forget them when `bytes` is absent. */
export type StoreEffect =
  | {
      readonly kind: 'store';
      /** The ratchets of a destination, or the ratchet of a peer: one file for each address. */
      readonly record: 'ratchets' | 'known-ratchet';
      readonly destinationHash: Uint8Array;
      readonly bytes: Uint8Array | undefined;
    }
  | {
      readonly kind: 'store';
      readonly record: 'known-destinations';
      readonly bytes: Uint8Array;
    };

/** Something happened. */
export interface EventEffect {
  readonly kind: 'event';
  readonly event: ReticulumEvent;
}

/** What an application may want to know. */
export type ReticulumEvent =
  /** A destination was announced that a handler asks about. */
  | {
      readonly kind: 'announce';
      readonly handler: AnnounceHandler;
      readonly announce: Announce;
      readonly hops: number;
      readonly interfaceId: InterfaceId;
      readonly packetHash: Uint8Array;
    }
  /** A path that was asked for is known. */
  | { readonly kind: 'path-found'; readonly destinationHash: Uint8Array; readonly hops: number }
  /** Nobody answered a path request. */
  | { readonly kind: 'path-failed'; readonly destinationHash: Uint8Array }
  /** A packet came for a destination. */
  | {
      readonly kind: 'packet';
      readonly destination: Destination;
      readonly data: Uint8Array;
      readonly packet: ReceivedPacket;
      /** Which ratchet opened it. */
      readonly ratchetId: Uint8Array | undefined;
      /** Whether the application decides on a proof. */
      readonly proofRequested: boolean;
    }
  /** A packet was proven, or its proof did not come; `link` is absent for packets outside links. */
  | { readonly kind: 'receipt'; readonly receipt: PacketReceipt; readonly link: Link | undefined }
  /** A link can be used. */
  | { readonly kind: 'link-established'; readonly link: Link }
  /** The initiator of a link has said who it is. */
  | { readonly kind: 'link-identified'; readonly link: Link; readonly identity: Identity }
  /** A link has ended, or never came to be. */
  | { readonly kind: 'link-closed'; readonly link: Link; readonly reason: TeardownReasonCode }
  /** A packet came over a link. */
  | {
      readonly kind: 'link-packet';
      readonly link: Link;
      readonly data: Uint8Array;
      readonly packetHash: Uint8Array;
      /** Whether the application decides on a proof. */
      readonly proofRequested: boolean;
    }
  /** The peer asks for something. */
  | { readonly kind: 'request'; readonly request: IncomingRequest }
  /** A response is here: see the request. */
  | { readonly kind: 'response'; readonly request: RequestReceipt }
  /** A request will have no response. */
  | {
      readonly kind: 'request-failed';
      readonly request: RequestReceipt;
      readonly failure: RequestFailure;
    }
  /** More of a response is here. */
  | { readonly kind: 'request-progress'; readonly request: RequestReceipt }
  /** The peer would send a resource. */
  | { readonly kind: 'resource-offered'; readonly offer: ResourceOffer }
  /** A resource begins to come in. */
  | { readonly kind: 'resource-started'; readonly resource: IncomingResource }
  /** More of a resource is through. */
  | {
      readonly kind: 'resource-progress';
      readonly resource: IncomingResource | OutgoingResource;
    }
  /** A resource is through, or will not be: see its status. */
  | {
      readonly kind: 'resource-concluded';
      readonly resource: IncomingResource | OutgoingResource;
    }
  /** A message came over a channel. */
  | {
      readonly kind: 'channel-message';
      readonly channel: Channel;
      readonly type: number;
      readonly data: Uint8Array;
    }
  /** The fate of a message is known. */
  | { readonly kind: 'channel-settled'; readonly channel: Channel; readonly message: SentMessage }
  /** A channel that had no room has some again. */
  | { readonly kind: 'channel-ready'; readonly channel: Channel }
  /** Bytes came over a stream. */
  | {
      readonly kind: 'stream-data';
      readonly reader: StreamReader;
      readonly data: Uint8Array;
      /** Whether these are the last. */
      readonly end: boolean;
    };

/** The event of one kind. */
export type EventOf<K extends ReticulumEvent['kind']> = Extract<ReticulumEvent, { kind: K }>;

/** A value that a request or response may carry. */
export type RequestValue = MsgpackValue;
