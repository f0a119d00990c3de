/**
 * Frames: the bytes of one AuthenticatedMessage behind its record header.
 *
 * ```
 * header(4) = 0x80000000 | length   union v = 0 (4)   sequence (8)   StellarMessage   mac (32)
 * ```
 *
 * The last-fragment bit is set on all of them, as xdrpp does, and ignored on reading.
 * @see xdrpp/marshal.cc `message_t::alloc`, overlay/Hmac.cpp (stellar-core v27) @module
 */
import { ProtocolError } from '../../base/errors.ts';
import { XdrReader } from '../../codec/xdr-reader.ts';
import { XdrWriter } from '../../codec/xdr-writer.ts';
import { AuthenticatedMessage, StellarMessage, readStellarMessage } from '../xdr/message.ts';

/** Bytes of a frame before the StellarMessage: record header, union, sequence. */
export const FRAME_HEAD_BYTES = 16;
/** Bytes of the MAC at the end. */
export const FRAME_MAC_BYTES = 32;
/** What a frame adds to its StellarMessage. */
export const FRAME_OVERHEAD_BYTES: number = FRAME_HEAD_BYTES + FRAME_MAC_BYTES;

/** Offset of the part that the MAC covers (sequence and message) in a body without record header. */
const COVERED_FROM = 4;
const MESSAGE_FROM = 12;

/** A frame for a StellarMessage in XDR, with its sequence number and an empty MAC. */
export function layOutFrame(message: Uint8Array, sequence: bigint): Uint8Array {
  const frame = new Uint8Array(FRAME_OVERHEAD_BYTES + message.length);
  frame.set(message, FRAME_HEAD_BYTES);
  putHeader(frame);
  putSequence(frame, sequence);
  return frame;
}

const HEAD = /* @__PURE__ */ new Uint8Array(FRAME_HEAD_BYTES);
const NO_MAC = /* @__PURE__ */ new Uint8Array(FRAME_MAC_BYTES);
// Kept between calls, and taken out while in use: a getter of a message may encode another one.
let spare: XdrWriter | undefined;

/** A frame for a message, without sequence number and MAC: encoded right where it has to be. */
export function encodeFrame(message: StellarMessage): Uint8Array {
  const writer = spare ?? new XdrWriter();
  spare = undefined;
  writer.raw(HEAD);
  StellarMessage.encodeInto(writer, message);
  writer.raw(NO_MAC);
  const frame = writer.finish();
  if (writer.reset()) spare = writer;
  putHeader(frame);
  return frame;
}

/** Record header: byte by byte, because setting up a view costs more than four bytes. */
function putHeader(frame: Uint8Array): void {
  const length = frame.length - 4;
  frame[0] = 0x80 | (length >>> 24);
  frame[1] = length >>> 16;
  frame[2] = length >>> 8;
  frame[3] = length;
}

/** Write a sequence number into a frame that has none. */
export function putSequence(frame: Uint8Array, sequence: bigint): void {
  // Exact up to 2^53, which no connection lives to see.
  let rest = Number(sequence);
  for (let at = 15; at > 7 && rest > 0; at--) {
    frame[at] = rest & 255;
    rest = Math.floor(rest / 256);
  }
}

/** The part of a frame that its MAC covers. */
export function coveredPart(frame: Uint8Array): Uint8Array {
  return frame.subarray(COVERED_FROM + 4, frame.length - FRAME_MAC_BYTES);
}

/** A frame's body, taken apart. */
export interface OpenedBody {
  readonly sequence: bigint;
  readonly message: StellarMessage;
  /** The StellarMessage as XDR. */
  readonly bytes: Uint8Array;
  /** What the MAC covers. */
  readonly covered: Uint8Array;
  readonly mac: Uint8Array;
}

/**
 * Take a body (a record without its header) apart; nothing is authenticated yet.
 * @throws ProtocolError `XDR_*` with the field path and the offset
 */
export function openBody(body: Uint8Array): OpenedBody {
  try {
    const reader = new XdrReader(body);
    const version = reader.uint32();
    if (version !== 0) reader.badArm('AuthenticatedMessage', version);
    const sequence = reader.uint64();
    // Depth as in the reference: union, struct and then the message.
    const message = readStellarMessage(reader, 3);
    const end = reader.at;
    const mac = reader.opaque(FRAME_MAC_BYTES);
    reader.finish();
    return {
      sequence,
      message,
      bytes: body.subarray(MESSAGE_FROM, end),
      covered: body.subarray(COVERED_FROM, end),
      mac,
    };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    // Once more with the codec, which names the field.
    AuthenticatedMessage.decode(body);
    throw error;
  }
}
