/**
 * Propagated messages: what a client uploads to a propagation node, and nodes hand to each other.
 * @module
 * @see LXMF/LXMessage.py pack (PROPAGATED); LXMF/LXMRouter.py, LXMF/LXMPeer.py (LXMF 1.2.1)
 */
import { assertBytes, concat, equalBytes } from '../base/bytes.ts';
import { ProtocolError, within } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { MsgpackFloat, encodeMsgpack, type MsgpackValue } from '../codec/msgpack.ts';
import { decodeMsgpack } from '../codec/msgpack-decode.ts';
import { sha256 } from '../crypto/provider.ts';
import type { Identity } from '../reticulum/identity.ts';
import { DESTINATION_LENGTH, STAMP_SIZE } from './constants.ts';
import { deliveryHash, type Message } from './message.ts';

/** A message as propagation nodes store it. */
export interface PropagatedMessage {
  /** `destinationHash(16) ‖ encrypted(sourceHash ‖ signature ‖ payload)`. */
  readonly lxmfData: Uint8Array;
  /** SHA-256 of `lxmfData`; the material of the propagation stamp. */
  readonly transientId: Uint8Array;
}

/**
 * Encrypt a message for storage at a propagation node.
 *
 * Keep the result: encrypting again would change the transient id, and with it the stamp's material.
 * @param random - supplies the ephemeral key (32 bytes), then the IV (16 bytes)
 * @throws TypeError when the message is addressed to another identity
 */
export function sealPropagated(
  message: Message,
  recipient: Identity,
  random: Random,
  ratchet?: Uint8Array
): PropagatedMessage {
  if (!equalBytes(deliveryHash(recipient), message.destinationHash)) {
    throw new TypeError('"recipient" is another identity than the message is addressed to');
  }
  const plaintext = message.packed.subarray(DESTINATION_LENGTH);
  const lxmfData = concat(message.destinationHash, recipient.encrypt(plaintext, random, ratchet));
  return { lxmfData, transientId: sha256(lxmfData) };
}

/**
 * The envelope of an upload or a sync: msgpack `[seconds float64, [lxmfData ‖ stamp(32), …]]`.
 * @param timeS - the sender's clock in seconds
 * @param messages - propagated messages with their stamps, where they have one
 */
export function encodeUpload(
  timeS: number,
  messages: readonly { readonly lxmfData: Uint8Array; readonly stamp?: Uint8Array | undefined }[]
): Uint8Array {
  const entries = messages.map(({ lxmfData, stamp }) => {
    if (stamp === undefined) return lxmfData;
    assertBytes('stamp', stamp, STAMP_SIZE);
    return concat(lxmfData, stamp);
  });
  return encodeMsgpack([new MsgpackFloat(timeS), entries]);
}

/** What came in an upload or a sync. */
export interface Upload {
  readonly timeS: number;
  /** Each `lxmfData ‖ stamp(32)`; see `checkPropagationStamp`. */
  readonly transientData: Uint8Array[];
}

/**
 * Read the envelope of an upload or a sync.
 * @throws ProtocolError `LXMF_PROPAGATION` on another shape, `MSGPACK_*` on damaged bytes
 */
export function decodeUpload(bytes: Uint8Array): Upload {
  const value = within('upload', 0, () => decodeMsgpack(bytes));
  if (!Array.isArray(value) || value.length < 2) throw shape('upload', 'needs [time, messages]');
  const [time, list] = value;
  const timeS = time instanceof MsgpackFloat ? time.value : time;
  if (typeof timeS !== 'number') throw shape('upload.time', 'needs a number');
  return { timeS, transientData: byteList('upload.messages', list) };
}

/** What a client asks of a node at `/get`. */
export type GetRequest =
  | { readonly kind: 'list' }
  | {
      readonly kind: 'get';
      readonly wants: readonly Uint8Array[];
      readonly haves: readonly Uint8Array[];
      /** Most kilobytes to send back; `undefined` asks for no limit. */
      readonly limitKb: number | undefined;
    }
  | { readonly kind: 'acknowledge'; readonly haves: readonly Uint8Array[] };

/**
 * The data of a `/get` request: `[nil, nil]` lists, `[wants, haves, limit]` fetches and `[nil, haves]`
 * acknowledges, so that the node may delete.
 * @see LXMF/LXMRouter.py request_messages_from_propagation_node, message_list_response, message_get_response
 */
export function getRequest(request: GetRequest): MsgpackValue {
  if (request.kind === 'list') return [null, null];
  if (request.kind === 'acknowledge') return [null, [...request.haves]];
  const limit = request.limitKb ?? null;
  return [[...request.wants], [...request.haves], limit];
}

/**
 * Read the data of a `/get` request.
 * @throws ProtocolError `LXMF_PROPAGATION` on another shape
 * @see LXMF/LXMRouter.py message_get_request
 */
export function readGetRequest(value: MsgpackValue): GetRequest {
  if (!Array.isArray(value) || value.length < 2) throw shape('get', 'needs [wants, haves]');
  const [wants, haves, limit] = value as [MsgpackValue, MsgpackValue, MsgpackValue?];
  if (wants === null && haves === null) return { kind: 'list' };
  const have = haves === null ? [] : byteList('get.haves', haves);
  if (wants === null) return { kind: 'acknowledge', haves: have };
  const limitValue = limit instanceof MsgpackFloat ? limit.value : limit;
  const limitKb = typeof limitValue === 'number' ? limitValue : undefined;
  return { kind: 'get', wants: byteList('get.wants', wants), haves: have, limitKb };
}

/** The data of an `/offer` request: `[peeringKey bin 32, [transientId bin 32, …]]`. @see LXMF/LXMPeer.py sync */
export function offerRequest(
  peeringKey: Uint8Array,
  transientIds: readonly Uint8Array[]
): MsgpackValue {
  return [peeringKey, [...transientIds]];
}

/** What a node answers to an offer. */
export type OfferResponse =
  | { readonly kind: 'error'; readonly code: number }
  | { readonly kind: 'none' }
  | { readonly kind: 'all' }
  | { readonly kind: 'some'; readonly wants: readonly Uint8Array[] };

/**
 * Read the answer to an offer: an error number, `false` (has all), `true` (wants all), or the wanted ids.
 *
 * The reference compares with `==`, so the integers 0 and 1 count as `false` and `true`.
 * @throws ProtocolError `LXMF_PROPAGATION` on another shape
 * @see LXMF/LXMPeer.py offer_response
 */
export function readOfferResponse(value: MsgpackValue): OfferResponse {
  if (value === false || value === 0) return { kind: 'none' };
  if (value === true || value === 1) return { kind: 'all' };
  if (typeof value === 'number') return { kind: 'error', code: value };
  return { kind: 'some', wants: byteList('offer.wants', value) };
}

function byteList(at: string, value: MsgpackValue | undefined): Uint8Array[] {
  if (!Array.isArray(value)) throw shape(at, 'needs a list');
  return value.map((item, i) => {
    if (!(item instanceof Uint8Array)) throw shape(`${at}[${i}]`, 'needs bin');
    return item;
  });
}

function shape(at: string, text: string): ProtocolError {
  return new ProtocolError('LXMF_PROPAGATION', text, { at });
}
