/**
 * Frames addressed to a link: the 19-byte header, and what is sealed with the link's key.
 * @module
 */
import { DestinationType, PacketContext, type PacketTypeCode } from '../packet.ts';

/** Bytes before the data of a link packet. */
export const LINK_HEADER_BYTES = 19;

/** Write the header of a link packet to the start of `frame`. */
export function writeLinkHeader(
  frame: Uint8Array,
  linkId: Uint8Array,
  packetType: PacketTypeCode,
  context: number
): void {
  frame[0] = (DestinationType.LINK << 2) | packetType;
  frame[1] = 0;
  frame.set(linkId, 2);
  frame[18] = context;
}

/** A whole link packet. */
export function linkFrame(
  linkId: Uint8Array,
  packetType: PacketTypeCode,
  context: number,
  data: Uint8Array
): Uint8Array {
  const frame = new Uint8Array(LINK_HEADER_BYTES + data.length);
  writeLinkHeader(frame, linkId, packetType, context);
  frame.set(data, LINK_HEADER_BYTES);
  return frame;
}

/** Whether packets of this kind may come again: then the duplicate filter lets them pass. */
export function isRepeatable(context: number): boolean {
  switch (context) {
    case PacketContext.KEEPALIVE:
    case PacketContext.RESOURCE_REQ:
    case PacketContext.RESOURCE_PRF:
    case PacketContext.RESOURCE:
    case PacketContext.CACHE_REQUEST:
    case PacketContext.CHANNEL:
      return true;
    default:
      return false;
  }
}
