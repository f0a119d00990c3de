/**
 * Channel messages on the wire: `type 2 ‖ sequence 2 ‖ length 2 ‖ data`.
 * @module
 * @see RNS/Channel.py Envelope (RNS 1.5.7)
 */

/** Bytes in front of a message. */
export const ENVELOPE_BYTES = 6;
/** Types from here on are the system's own. @see RNS/Channel.py MessageBase.MSGTYPE */
export const SYSTEM_TYPES_FROM = 0xf000;
/** Sequence numbers before they start again. @see RNS/Channel.py SEQ_MODULUS */
export const SEQUENCE_MODULUS = 0x10000;

/** One message with its place in the sequence. */
export interface Envelope {
  readonly type: number;
  readonly sequence: number;
  readonly data: Uint8Array;
}

/** Pack an envelope. */
export function encodeEnvelope(envelope: Envelope): Uint8Array {
  const { type, sequence, data } = envelope;
  const out = new Uint8Array(ENVELOPE_BYTES + data.length);
  const view = new DataView(out.buffer);
  view.setUint16(0, type);
  view.setUint16(2, sequence);
  view.setUint16(4, data.length);
  out.set(data, ENVELOPE_BYTES);
  return out;
}

/**
 * Read an envelope; `undefined` when it is too short. The length is not compared with the data, as in
 * the reference.
 */
export function decodeEnvelope(bytes: Uint8Array): Envelope | undefined {
  if (bytes.length < ENVELOPE_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    type: view.getUint16(0),
    sequence: view.getUint16(2),
    data: bytes.subarray(ENVELOPE_BYTES),
  };
}
