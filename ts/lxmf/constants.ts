/**
 * The numbers of LXMF, under the reference's names.
 * @module
 * @see LXMF/LXMF.py, LXMF/LXMessage.py, LXMF/LXStamper.py (LXMF 1.2.1)
 */

/** App name of every LXMF destination. */
export const APP_NAME = 'lxmf';

/** Keys of a message's fields. 0x00..0x80 are reserved, experiments use keys above 0xFF. */
export const Field = {
  EMBEDDED_LXMS: 0x01,
  TELEMETRY: 0x02,
  TELEMETRY_STREAM: 0x03,
  ICON_APPEARANCE: 0x04,
  FILE_ATTACHMENTS: 0x05,
  IMAGE: 0x06,
  AUDIO: 0x07,
  THREAD: 0x08,
  COMMANDS: 0x09,
  RESULTS: 0x0a,
  GROUP: 0x0b,
  TICKET: 0x0c,
  EVENT: 0x0d,
  RNR_REFS: 0x0e,
  RENDERER: 0x0f,
  REPLY_TO: 0x30,
  REPLY_QUOTE: 0x31,
  REACTION: 0x40,
  COMMENT: 0x41,
  CONTINUATION: 0x42,
  CUSTOM_TYPE: 0xfb,
  CUSTOM_DATA: 0xfc,
  CUSTOM_META: 0xfd,
  NON_SPECIFIC: 0xfe,
  DEBUG: 0xff,
} as const;

/** Audio modes in `Field.AUDIO`. */
export const AudioMode = {
  AM_CODEC2_450PWB: 0x01,
  AM_CODEC2_450: 0x02,
  AM_CODEC2_700C: 0x03,
  AM_CODEC2_1200: 0x04,
  AM_CODEC2_1300: 0x05,
  AM_CODEC2_1400: 0x06,
  AM_CODEC2_1600: 0x07,
  AM_CODEC2_2400: 0x08,
  AM_CODEC2_3200: 0x09,
  AM_OPUS_OGG: 0x10,
  AM_OPUS_LBW: 0x11,
  AM_OPUS_MBW: 0x12,
  AM_OPUS_PTT: 0x13,
  AM_OPUS_RT_HDX: 0x14,
  AM_OPUS_RT_FDX: 0x15,
  AM_OPUS_STANDARD: 0x16,
  AM_OPUS_HQ: 0x17,
  AM_OPUS_BROADCAST: 0x18,
  AM_OPUS_LOSSLESS: 0x19,
  AM_CUSTOM: 0xff,
} as const;

/** How `Field.RENDERER` asks for the content to be shown. */
export const Renderer = { PLAIN: 0x00, MICRON: 0x01, MARKDOWN: 0x02, BBCODE: 0x03 } as const;

/** Keys of the map in `Field.REACTION`. */
export const Reaction = { TO: 0x00, CONTENT: 0x01 } as const;
/** Keys of the map in `Field.COMMENT`. */
export const Comment = { FOR: 0x00 } as const;
/** Keys of the map in `Field.CONTINUATION`. */
export const Continuation = { OF: 0x00 } as const;

/** Keys of a propagation node's metadata; `IMPL_NAME` is known since LXMF 1.2. */
export const PropagationMeta = {
  VERSION: 0x00,
  NAME: 0x01,
  SYNC_STRATUM: 0x02,
  SYNC_THROTTLE: 0x03,
  AUTH_BAND: 0x04,
  UTIL_PRESSURE: 0x05,
  IMPL_NAME: 0xfe,
  CUSTOM: 0xff,
} as const;

/** Functionality codes in a delivery announce. */
export const Functionality = { SF_COMPRESSION: 0x00 } as const;

/** States of a message. `PAPER` is what the reference sets once a paper message is made. */
export const MessageState = {
  GENERATING: 0x00,
  OUTBOUND: 0x01,
  SENDING: 0x02,
  SENT: 0x04,
  PAPER: 0x05,
  DELIVERED: 0x08,
  REJECTED: 0xfd,
  CANCELLED: 0xfe,
  FAILED: 0xff,
} as const;

/** Wire numbers of the delivery methods. */
export const MethodCode = {
  UNKNOWN: 0x00,
  OPPORTUNISTIC: 0x01,
  DIRECT: 0x02,
  PROPAGATED: 0x03,
  PAPER: 0x05,
} as const;

/** Numbers of the representations. */
export const RepresentationCode = { UNKNOWN: 0x00, PACKET: 0x01, RESOURCE: 0x02 } as const;

/** Errors that a propagation node answers with, as one msgpack integer. @see LXMF/LXMPeer.py */
export const PropagationError = {
  ERROR_NO_IDENTITY: 0xf0,
  ERROR_NO_ACCESS: 0xf1,
  ERROR_INVALID_KEY: 0xf3,
  ERROR_INVALID_DATA: 0xf4,
  ERROR_INVALID_STAMP: 0xf5,
  ERROR_THROTTLED: 0xf6,
  ERROR_NOT_FOUND: 0xfd,
  ERROR_TIMEOUT: 0xfe,
} as const;

/** Bytes of a destination hash. */
export const DESTINATION_LENGTH = 16;
/** Bytes of a signature. */
export const SIGNATURE_LENGTH = 64;
/** Bytes before the payload: destination hash, source hash, signature. */
export const HEADER_LENGTH: number = 2 * DESTINATION_LENGTH + SIGNATURE_LENGTH;
/** Bytes that the reference counts for timestamp and msgpack structure, besides title and content. */
export const PAYLOAD_OVERHEAD = 16;
/** Bytes that a message takes besides its title, content and fields. */
export const LXMF_OVERHEAD: number = HEADER_LENGTH + PAYLOAD_OVERHEAD;

/** Largest encrypted payload of one packet at the 500-byte MTU (RNS.Packet.ENCRYPTED_MDU). */
export const ENCRYPTED_PACKET_MDU = 383;
/** Largest content of an opportunistic message; LXMF before 1.2 allowed 295, eight bytes too many. */
export const ENCRYPTED_PACKET_MAX_CONTENT: number =
  ENCRYPTED_PACKET_MDU - LXMF_OVERHEAD + DESTINATION_LENGTH;
/** Largest payload of one link packet at the 500-byte MTU (RNS.Link.MDU). */
export const LINK_PACKET_MDU = 431;
/** Largest content that goes over a link in one packet. */
export const LINK_PACKET_MAX_CONTENT: number = LINK_PACKET_MDU - LXMF_OVERHEAD;
/** Largest payload of one unencrypted packet at the 500-byte MTU (RNS.Packet.PLAIN_MDU). */
export const PLAIN_PACKET_MDU = 464;
/** Largest content of an opportunistic message to a PLAIN destination. */
export const PLAIN_PACKET_MAX_CONTENT: number =
  PLAIN_PACKET_MDU - LXMF_OVERHEAD + DESTINATION_LENGTH;

/** Scheme of a paper message's URI. */
export const URI_SCHEMA = 'lxm';
/** Bytes that a QR code of version 40 holds at error correction L. */
export const QR_MAX_STORAGE = 2953;
/** Largest sealed paper message in bytes: what base64url fits into the largest QR code. */
export const PAPER_MDU: number = Math.floor(
  ((QR_MAX_STORAGE - URI_SCHEMA.length - '://'.length) * 6) / 8
);

/** Rounds of the workblock of a message stamp. */
export const WORKBLOCK_EXPAND_ROUNDS = 3000;
/** Rounds of the workblock of a propagation stamp. */
export const WORKBLOCK_EXPAND_ROUNDS_PN = 1000;
/** Rounds of the workblock of a peering key. */
export const WORKBLOCK_EXPAND_ROUNDS_PEERING = 25;
/** Bytes of a proof-of-work stamp. */
export const STAMP_SIZE = 32;

/** Bytes of a ticket, and of the stamp made with it. */
export const TICKET_LENGTH = 16;
/** Validity of a fresh ticket. */
export const TICKET_EXPIRY_S: number = 21 * 24 * 3600;
/** How long after its expiry a ticket is still kept, for clocks that differ. */
export const TICKET_GRACE_S: number = 5 * 24 * 3600;
/** A ticket with less validity left than this is replaced by a fresh one. */
export const TICKET_RENEW_S: number = 14 * 24 * 3600;
/** Shortest time between two tickets handed to one peer. */
export const TICKET_INTERVAL_S: number = 24 * 3600;
/** Stamp value that stands for a ticket. */
export const COST_TICKET = 0x100;

/** What containers call the encryption of a message to a SINGLE destination. */
export const ENCRYPTION_DESCRIPTION_EC = 'Curve25519';
/** What containers call the encryption to a GROUP destination; LXMF before 1.2 wrote `AES-128`. */
export const ENCRYPTION_DESCRIPTION_AES = 'AES-256';
/** What containers call no encryption. */
export const ENCRYPTION_DESCRIPTION_UNENCRYPTED = 'Unencrypted';
