/**
 * The LXMF message: pack, sign, unpack, verify.
 *
 *     destinationHash 16 ‖ sourceHash 16 ‖ signature 64 ‖ msgpack [timestamp, title, content, fields (, stamp)]
 *
 * The message hash covers destination, source and the first four payload elements; the signature covers
 * the same bytes and the hash. The stamp is covered by neither, so it can be added afterwards.
 * @module
 * @see LXMF/LXMessage.py pack, unpack_from_bytes (LXMF 1.2.1)
 */
import { assertBytes, concat, fromUtf8, utf8 } from '../base/bytes.ts';
import { ProtocolError, within } from '../base/errors.ts';
import {
  MsgpackFloat,
  encodeMsgpack,
  type MsgpackMap,
  type MsgpackValue,
} from '../codec/msgpack.ts';
import { decodeMsgpack, type MsgpackLimits } from '../codec/msgpack-decode.ts';
import { sha256 } from '../crypto/provider.ts';
import { destinationHash } from '../reticulum/destination-hash.ts';
import type { Identity } from '../reticulum/identity.ts';
import { APP_NAME, DESTINATION_LENGTH, HEADER_LENGTH } from './constants.ts';

/**
 * Outcome of checking a signature. `unknown-source` is not an error: a first contact on paper carries
 * no public key.
 */
export type SignatureState = 'verified' | 'unknown-source' | 'invalid';

/** What a sender fills in. */
export interface MessageDraft {
  /** 16 bytes: the recipient's `lxmf.delivery` address. */
  readonly destinationHash: Uint8Array;
  /** Seconds since the Unix epoch, always written as float64. */
  readonly timestamp: number;
  readonly title?: string | Uint8Array;
  readonly content?: string | Uint8Array;
  readonly fields?: MsgpackMap;
}

/** A message in both forms: its parts and its bytes. */
export interface Message {
  readonly destinationHash: Uint8Array;
  readonly sourceHash: Uint8Array;
  /** 64 bytes. */
  readonly signature: Uint8Array;
  /** Seconds since the Unix epoch. */
  readonly timestamp: number;
  /** Bytes, usually UTF-8; see {@link titleText}. */
  readonly title: Uint8Array;
  /** Bytes, usually UTF-8; see {@link contentText}. */
  readonly content: Uint8Array;
  readonly fields: MsgpackMap;
  /** 32 bytes of proof of work, 16 bytes made with a ticket, or another length from a careless sender. */
  readonly stamp: Uint8Array | undefined;
  /** 32 bytes; also the material of the message's stamp. */
  readonly messageHash: Uint8Array;
  /** The whole message as it travels, stamp included. */
  readonly packed: Uint8Array;
}

/** The `lxmf.delivery` address of an identity. */
export function deliveryHash(identity: Identity): Uint8Array {
  return destinationHash(identity.hash, APP_NAME, 'delivery');
}

/**
 * Pack and sign a message.
 * @param source - the sender, with its private key
 * @param stamp - proof of work or ticket stamp to append; see {@link withStamp} to add it later
 * @throws ProtocolError `RNS_NO_PRIVATE_KEY`; `TypeError` or `RangeError` on a draft that cannot be packed
 * @see LXMF/LXMessage.py pack
 */
export function packMessage(draft: MessageDraft, source: Identity, stamp?: Uint8Array): Message {
  assertBytes('destinationHash', draft.destinationHash, DESTINATION_LENGTH);
  if (typeof draft.timestamp !== 'number') throw new TypeError('"timestamp" must be a number');
  const title = asBytes(draft.title);
  const content = asBytes(draft.content);
  const fields = draft.fields ?? new Map();
  if (!(fields instanceof Map)) throw new TypeError('"fields" must be a Map');
  const sourceHash = deliveryHash(source);
  const payload = encodeMsgpack([new MsgpackFloat(draft.timestamp), title, content, fields]);
  const hashed = concat(draft.destinationHash, sourceHash, payload);
  const messageHash = sha256(hashed);
  const signature = source.sign(concat(hashed, messageHash));
  const header = concat(draft.destinationHash, sourceHash, signature);
  const message: Message = {
    destinationHash: draft.destinationHash.slice(),
    sourceHash,
    signature,
    timestamp: draft.timestamp,
    title,
    content,
    fields,
    stamp: undefined,
    messageHash,
    packed: concat(header, payload),
  };
  return stamp === undefined ? message : withStamp(message, stamp);
}

/**
 * The same message with a stamp appended (or replaced); hash and signature stay as they are.
 *
 * The payload is written anew in the reference's canonical form, as it will be when it is checked.
 * @throws ProtocolError `LXMF_PAYLOAD` when the message came in another encoding, so that appending a
 *   stamp would change the hash that its signature covers
 */
export function withStamp(message: Message, stamp: Uint8Array): Message {
  assertBytes('stamp', stamp);
  const payload = decodeMsgpack(message.packed.subarray(HEADER_LENGTH)) as MsgpackValue[];
  const first = payload.slice(0, 4);
  const header = message.packed.subarray(0, HEADER_LENGTH);
  const hashed = concat(header.subarray(0, 2 * DESTINATION_LENGTH), encodeMsgpack(first));
  const same = sha256(hashed).every((byte, i) => byte === message.messageHash[i]);
  if (!same) throw new ProtocolError('LXMF_PAYLOAD', 'payload is not in canonical form');
  return {
    ...message,
    stamp: stamp.slice(),
    packed: concat(header, encodeMsgpack([...first, stamp])),
  };
}

/**
 * Read a message; its signature is not checked yet, see {@link verifyMessage}.
 *
 * With a fifth element the first four are hashed as the reference would write them anew; without it the
 * received bytes are hashed as they are, trailing bytes included.
 * @throws ProtocolError `LXMF_TRUNCATED`, `LXMF_PAYLOAD` or `MSGPACK_*`, with path and offset
 * @see LXMF/LXMessage.py unpack_from_bytes
 */
export function unpackMessage(bytes: Uint8Array, limits: MsgpackLimits = {}): Message {
  assertBytes('bytes', bytes);
  if (bytes.length <= HEADER_LENGTH) {
    throw new ProtocolError('LXMF_TRUNCATED', `needs more than ${HEADER_LENGTH} bytes`, {
      at: 'message',
      offset: bytes.length,
    });
  }
  const packed = bytes.slice();
  const received = packed.subarray(HEADER_LENGTH);
  const payload = within('message.payload', HEADER_LENGTH, () => decodeMsgpack(received, limits));
  if (!Array.isArray(payload) || payload.length < 4) {
    throw payloadError('message.payload', 'needs an array of four or five elements');
  }
  const stamp = payload[4];
  const addresses = packed.subarray(0, 2 * DESTINATION_LENGTH);
  return {
    destinationHash: packed.slice(0, DESTINATION_LENGTH),
    sourceHash: packed.slice(DESTINATION_LENGTH, 2 * DESTINATION_LENGTH),
    signature: packed.slice(2 * DESTINATION_LENGTH, HEADER_LENGTH),
    timestamp: readTimestamp(payload[0]),
    title: readText('message.title', payload[1]),
    content: readText('message.content', payload[2]),
    fields: readFields(payload[3]),
    stamp: stamp instanceof Uint8Array ? stamp : undefined,
    messageHash: sha256(concat(addresses, hashedPart(received, payload))),
    packed,
  };
}

/**
 * Check the signature against the sender, if the sender is known.
 * @param source - the identity that the source hash belongs to; `undefined` when it was never heard
 * @throws TypeError when the identity is not the one that the source hash names
 * @see LXMF/LXMessage.py unpack_from_bytes (SOURCE_UNKNOWN, SIGNATURE_INVALID)
 */
export function verifyMessage(message: Message, source: Identity | undefined): SignatureState {
  if (source === undefined) return 'unknown-source';
  if (!deliveryHash(source).every((byte, i) => byte === message.sourceHash[i])) {
    throw new TypeError('"source" is another identity than the message names');
  }
  const payload = message.packed.subarray(HEADER_LENGTH);
  const addresses = message.packed.subarray(0, 2 * DESTINATION_LENGTH);
  const signed = concat(
    addresses,
    hashedPart(payload, decodeMsgpack(payload)),
    message.messageHash
  );
  return source.validate(message.signature, signed) ? 'verified' : 'invalid';
}

/** The title as text, or `undefined` when it is not UTF-8. @see LXMF/LXMessage.py title_as_string */
export function titleText(message: Message): string | undefined {
  return fromUtf8(message.title);
}

/** The content as text, or `undefined` when it is not UTF-8. @see LXMF/LXMessage.py content_as_string */
export function contentText(message: Message): string | undefined {
  return fromUtf8(message.content);
}

/** The payload bytes that hash and signature cover: verbatim, or canonical when a stamp was cut off. */
function hashedPart(payload: Uint8Array, elements: MsgpackValue): Uint8Array {
  const stamped = Array.isArray(elements) && elements.length > 4;
  return stamped ? encodeMsgpack(elements.slice(0, 4)) : payload;
}

function asBytes(value: string | Uint8Array | undefined): Uint8Array {
  if (value === undefined) return new Uint8Array();
  return typeof value === 'string' ? utf8(value) : value.slice();
}

function payloadError(at: string, text: string): ProtocolError {
  return new ProtocolError('LXMF_PAYLOAD', text, { at, offset: HEADER_LENGTH });
}

// PARITY: the reference hands any type through and fails later, when the application reads it; here a
// timestamp that is no number, and a title or content that is no text, are refused at the edge.
function readTimestamp(value: MsgpackValue | undefined): number {
  if (value instanceof MsgpackFloat) return value.value;
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  throw payloadError('message.timestamp', 'needs a number');
}

function readText(at: string, value: MsgpackValue | undefined): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string') return utf8(value);
  if (value === null) return new Uint8Array();
  throw payloadError(at, 'needs bin, str or nil');
}

function readFields(value: MsgpackValue | undefined): MsgpackMap {
  if (value instanceof Map) return value;
  if (value === null) return new Map();
  throw payloadError('message.fields', 'needs a map or nil');
}
