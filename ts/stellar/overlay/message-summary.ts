/**
 * Messages and nodes in a few words, for logs and reasons.
 * @see overlay/Peer.cpp `msgSummary`, crypto/KeyUtils.cpp `toShortString` (stellar-core v27) @module
 */
import { toHex } from '../../base/hex.ts';
import { encodeStrKey } from '../../crypto/strkey.ts';
import type { StellarMessage } from '../xdr/message.ts';
import { ErrorCode, MessageType } from '../xdr/overlay.ts';
import { SCPStatementType } from '../xdr/scp.ts';

const TYPE_NAMES = /* @__PURE__ */ namesOf(MessageType);
const ERROR_NAMES = /* @__PURE__ */ namesOf(ErrorCode);

function namesOf(members: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(members).map(([name, value]) => [value, name]));
}

/** A message type as XDR names it. */
export function messageTypeName(type: MessageType): string {
  return TYPE_NAMES.get(type) ?? String(type);
}

/** An error code as XDR names it. */
export function errorCodeName(code: ErrorCode): string {
  return ERROR_NAMES.get(code) ?? 'UNKNOWN';
}

/** The first five characters of a node's StrKey. */
export function shortNodeName(nodeId: Uint8Array): string {
  return encodeStrKey('publicKey', nodeId).slice(0, 5);
}

/** Text of a peer's ERROR_MSG in which everything but letters, digits and spaces is a star. */
export function sanitizedText(text: Uint8Array): string {
  return String.fromCharCode(...text).replace(/[^A-Za-z0-9 ]/g, '*');
}

const STATEMENTS: Readonly<Record<SCPStatementType, string>> = {
  [SCPStatementType.SCP_ST_PREPARE]: 'SCP::PREPARE',
  [SCPStatementType.SCP_ST_CONFIRM]: 'SCP::CONFIRM',
  [SCPStatementType.SCP_ST_EXTERNALIZE]: 'SCP::EXTERNALIZE',
  [SCPStatementType.SCP_ST_NOMINATE]: 'SCP::NOMINATE',
};

const abbreviated = (hash: Uint8Array): string => toHex(hash.subarray(0, 3));

/** One message in the reference's words. */
export function messageSummary(message: StellarMessage): string {
  switch (message.type) {
    case MessageType.ERROR_MSG:
      return 'ERROR';
    case MessageType.DONT_HAVE: {
      const { type, reqHash } = message.value;
      return `DONTHAVE ${messageTypeName(type)}:${abbreviated(reqHash)}`;
    }
    case MessageType.PEERS:
      return `PEERS ${message.value.length}`;
    case MessageType.GET_TX_SET:
      return `GETTXSET ${abbreviated(message.value)}`;
    case MessageType.TX_SET:
    case MessageType.GENERALIZED_TX_SET:
      return 'TXSET';
    case MessageType.GET_SCP_QUORUMSET:
      return `GET_SCP_QSET ${abbreviated(message.value)}`;
    case MessageType.SCP_QUORUMSET:
      return 'SCP_QSET';
    case MessageType.SCP_MESSAGE: {
      const { pledges, nodeID } = message.value.statement;
      return `${STATEMENTS[pledges.type]} (${shortNodeName(nodeID.value)})`;
    }
    case MessageType.GET_SCP_STATE:
      return `GET_SCP_STATE ${message.value}`;
    case MessageType.TIME_SLICED_SURVEY_REQUEST:
    case MessageType.TIME_SLICED_SURVEY_RESPONSE:
      // There is one command.
      return `${messageTypeName(message.type)}:TIME_SLICED_SURVEY_TOPOLOGY`;
    case MessageType.SEND_MORE:
      return 'SENDMORE';
    case MessageType.SEND_MORE_EXTENDED:
      return 'SENDMORE_EXTENDED';
    case MessageType.FLOOD_ADVERT:
      return 'FLODADVERT';
    case MessageType.FLOOD_DEMAND:
      return 'FLOODDEMAND';
    default:
      return messageTypeName(message.type);
  }
}
