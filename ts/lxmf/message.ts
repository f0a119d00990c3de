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
import { assertBytes, concat, equalBytes, fromUtf8, utf8 } from '../base/bytes.ts';
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

const HASH_LENGTH = 32;
/** The first byte of a msgpack array of four elements, as every message without a stamp has it. */
const FOUR_ELEMENTS = 0x94;

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

const deliveryHashes = new WeakMap<Identity, Uint8Array>();

/** The `lxmf.delivery` address of an identity. */
export function deliveryHash(identity: Identity): Uint8Array {
  return addressOf(identity).slice();
}

/** The address is asked for with every message, and takes two hashes. */
function addressOf(identity: Identity): Uint8Array {
  const known = deliveryHashes.get(identity);
  if (known !== undefined) return known;
  const address = destinationHash(identity.hash, APP_NAME, 'delivery');
  deliveryHashes.set(identity, address);
  return address;
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
  const { signed, messageHash } = signedPart(draft.destinationHash, sourceHash, payload);
  const signature = source.sign(signed);
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
    packed: concat(draft.destinationHash, sourceHash, signature, payload),
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
  const { messageHash } = signedPart(
    header.subarray(0, DESTINATION_LENGTH),
    message.sourceHash,
    encodeMsgpack(first)
  );
  if (!equalBytes(messageHash, message.messageHash)) {
    throw new ProtocolError('LXMF_PAYLOAD', 'payload is not in canonical form');
  }
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
  return {
    destinationHash: packed.slice(0, DESTINATION_LENGTH),
    sourceHash: packed.slice(DESTINATION_LENGTH, 2 * DESTINATION_LENGTH),
    signature: packed.slice(2 * DESTINATION_LENGTH, HEADER_LENGTH),
    timestamp: readTimestamp(payload[0]),
    title: readText('message.title', payload[1]),
    content: readText('message.content', payload[2]),
    fields: readFields(payload[3]),
    stamp: stamp instanceof Uint8Array ? stamp : undefined,
    messageHash: signedPart(
      packed.subarray(0, DESTINATION_LENGTH),
      packed.subarray(DESTINATION_LENGTH, 2 * DESTINATION_LENGTH),
      hashedPayload(received, payload)
    ).messageHash,
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
  if (!equalBytes(addressOf(source), message.sourceHash)) {
    throw new TypeError('"source" is another identity than the message names');
  }
  const payload = message.packed.subarray(HEADER_LENGTH);
  const { signed } = signedPart(
    message.packed.subarray(0, DESTINATION_LENGTH),
    message.sourceHash,
    hashedPayload(payload)
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

/** What the signature covers: `destinationHash ‖ sourceHash ‖ payload ‖ messageHash`, and that hash. */
function signedPart(
  destination: Uint8Array,
  sourceHash: Uint8Array,
  payload: Uint8Array
): { signed: Uint8Array; messageHash: Uint8Array } {
  const hashedLength = 2 * DESTINATION_LENGTH + payload.length;
  const signed = new Uint8Array(hashedLength + HASH_LENGTH);
  signed.set(destination);
  signed.set(sourceHash, DESTINATION_LENGTH);
  signed.set(payload, 2 * DESTINATION_LENGTH);
  const messageHash = sha256(signed.subarray(0, hashedLength));
  signed.set(messageHash, hashedLength);
  return { signed, messageHash };
}

/**
 * The payload bytes that hash and signature cover: as received, or in canonical form once a fifth
 * element was cut off.
 * @param elements - the decoded payload, where it is at hand
 */
function hashedPayload(payload: Uint8Array, elements?: MsgpackValue): Uint8Array {
  if (payload[0] === FOUR_ELEMENTS) return payload;
  const list = elements ?? decodeMsgpack(payload);
  const stamped = Array.isArray(list) && list.length > 4;
  return stamped ? encodeMsgpack(list.slice(0, 4)) : payload;
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
