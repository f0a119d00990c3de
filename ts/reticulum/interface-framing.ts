/**
 * Packets on a stream of bytes: framed in HDLC or KISS, with the bounds of the interface.
 * @module
 * @see RNS/Interfaces/TCPInterface.py read_loop, process_outgoing (RNS 1.5.7)
 */
import { HdlcDecoder, encodeHdlc } from '../codec/hdlc.ts';
import { KISS_DATA, KissDecoder, encodeKiss } from '../codec/kiss.ts';
import { TRUNCATED_HASH_BYTES } from './identity.ts';
import type { InterfaceDescription } from './interface.ts';
import { MTU } from './packet.ts';

/** How packets are told apart on a stream. */
export type FramingName = 'hdlc' | 'kiss';

/** No packet is as short as a header without data. @see RNS/Reticulum.py HEADER_MINSIZE */
const HEADER_MIN_BYTES = 2 + 1 + TRUNCATED_HASH_BYTES;

/** Frames packets and takes frames apart; one for each connection. */
export interface StreamFraming {
  /** The bytes that carry a packet. */
  encode(packet: Uint8Array): Uint8Array;
  /** Feed bytes as they came, and get the packets that they completed. */
  push(chunk: Uint8Array): Uint8Array[];
  /** Forget half a frame, as after a reconnect or a pause. */
  reset(): void;
}

/** Longest packet on an interface, its access code included. */
export function longestFrame(description: InterfaceDescription): number {
  return (description.hwMtu ?? MTU) + (description.access?.sizeBytes ?? 0);
}

/** A framing for packets of up to `maxBytes`; shorter frames than any packet are dropped. */
export function streamFraming(name: FramingName, maxBytes: number): StreamFraming {
  return name === 'kiss' ? kissFraming(maxBytes) : hdlcFraming(maxBytes);
}

function hdlcFraming(maxBytes: number): StreamFraming {
  const decoder = new HdlcDecoder({ minBytes: HEADER_MIN_BYTES + 1, maxBytes });
  return {
    encode: encodeHdlc,
    push: (chunk) => decoder.push(chunk),
    reset: () => decoder.reset(),
  };
}

function kissFraming(maxBytes: number): StreamFraming {
  const decoder = new KissDecoder({ maxBytes });
  return {
    encode: (packet) => encodeKiss(packet),
    push: (chunk) =>
      decoder
        .push(chunk)
        .filter((frame) => frame.command === KISS_DATA)
        .map((frame) => frame.data),
    reset: () => decoder.reset(),
  };
}
