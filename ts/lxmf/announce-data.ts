/**
 * The app data of LXMF announces: what a delivery destination and a propagation node say of themselves.
 * @module
 * @see LXMF/LXMF.py, LXMF/LXMRouter.py get_announce_app_data, get_propagation_node_app_data (LXMF 1.2.1)
 */
import { assertInteger, fromUtf8, utf8 } from '../base/bytes.ts';
import { ProtocolError } from '../base/errors.ts';
import {
  MsgpackFloat,
  canonicalKey,
  encodeMsgpack,
  mapGet,
  type MsgpackMap,
  type MsgpackValue,
} from '../codec/msgpack.ts';
import { decodeMsgpack } from '../codec/msgpack-decode.ts';
import { Functionality, PropagationMeta } from './constants.ts';

/** What a delivery destination announces. */
export interface DeliveryAnnounceData {
  readonly displayName: string | undefined;
  /** Stamp cost that it asks of senders, 1..254. */
  readonly stampCost: number | undefined;
  /** Whether it can take bz2-compressed resources; assumed where it is not said. */
  readonly compression: boolean | undefined;
}

/**
 * Write the app data of a delivery announce: msgpack `[name bin|nil, cost|nil, [codes]]`.
 *
 * A cost of 0 means none, and is written as nil.
 * @throws RangeError when the cost is above 254
 * @see LXMF/LXMRouter.py get_announce_app_data
 */
export function encodeDeliveryAnnounceData(data: Partial<DeliveryAnnounceData>): Uint8Array {
  const cost = data.stampCost ?? 0;
  assertInteger('stampCost', cost, 0, 254);
  return encodeMsgpack([
    data.displayName === undefined ? null : utf8(data.displayName),
    cost === 0 ? null : cost,
    data.compression === false ? [] : [Functionality.SF_COMPRESSION],
  ]);
}

/**
 * Read the app data of a delivery announce, also the plain UTF-8 name of LXMF before 0.5.
 * @throws ProtocolError `LXMF_APP_DATA` on a damaged list, or when an old-style name is not UTF-8
 */
export function decodeDeliveryAnnounceData(appData: Uint8Array | undefined): DeliveryAnnounceData {
  if (appData === undefined || appData.length === 0) {
    return { displayName: undefined, stampCost: undefined, compression: undefined };
  }
  const list = readList(appData);
  if (list === undefined) {
    const name = fromUtf8(appData);
    if (name === undefined) {
      throw new ProtocolError('LXMF_APP_DATA', 'is not UTF-8', { at: 'displayName' });
    }
    return { displayName: name, stampCost: undefined, compression: true };
  }
  return {
    displayName: readName(list[0]),
    stampCost: typeof list[1] === 'number' ? list[1] : undefined,
    compression: readCompression(list[2]),
  };
}

/** Display name in delivery app data. @see LXMF/LXMF.py display_name_from_app_data */
export function displayNameFromAppData(appData: Uint8Array | undefined): string | undefined {
  return decodeDeliveryAnnounceData(appData).displayName;
}

/** Stamp cost in delivery app data. @see LXMF/LXMF.py stamp_cost_from_app_data */
export function stampCostFromAppData(appData: Uint8Array | undefined): number | undefined {
  if (appData === undefined || appData.length === 0) return undefined;
  // Unlike the name, the cost of an old-style announce is absent whatever its bytes are.
  const list = readList(appData);
  return typeof list?.[1] === 'number' ? list[1] : undefined;
}

/**
 * Whether the destination takes compressed resources; `undefined` without app data.
 * @see LXMF/LXMF.py compression_support_from_app_data
 */
export function compressionSupportFromAppData(
  appData: Uint8Array | undefined
): boolean | undefined {
  if (appData === undefined || appData.length === 0) return undefined;
  const list = readList(appData);
  return list === undefined ? true : readCompression(list[2]);
}

/** An array by its first byte, as the reference tells the forms apart; `undefined` for the old form. */
function readList(appData: Uint8Array): MsgpackValue[] | undefined {
  const first = appData[0] as number;
  if (!((first >= 0x90 && first <= 0x9f) || first === 0xdc)) return undefined;
  return unpack(appData) as MsgpackValue[];
}

// Python's str.strip: its white space differs from String.prototype.trim at both ends of the list.
const PYTHON_SPACE =
  '[\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const STRIP = /* @__PURE__ */ new RegExp(`^${PYTHON_SPACE}+|${PYTHON_SPACE}+$`, 'g');

function readName(value: MsgpackValue | undefined): string | undefined {
  if (!(value instanceof Uint8Array)) return undefined;
  return fromUtf8(value)?.replaceAll('\0', '').replace(STRIP, '');
}

function readCompression(value: MsgpackValue | undefined): boolean {
  if (!Array.isArray(value)) return true;
  return value.some((item) => !(item instanceof Map) && canonicalOrNone(item) === 'i0');
}

/** Python compares with `==`: `0`, `0.0` and `False` all name the code. */
function canonicalOrNone(value: MsgpackValue): string | undefined {
  return typeof value === 'object' && !(value instanceof MsgpackFloat)
    ? undefined
    : canonicalKey(value);
}

/** What a propagation node announces. */
export interface PropagationAnnounceData {
  /** The node's clock, whole seconds since the Unix epoch. */
  readonly timebaseS: number;
  /** Whether it takes messages from everyone. */
  readonly enabled: boolean;
  /** Largest single message in kilobytes. */
  readonly transferLimitKb: number;
  /** Largest sync in kilobytes. */
  readonly syncLimitKb: number;
  readonly stampCost: number;
  readonly stampCostFlexibility: number;
  readonly peeringCost: number;
  /** Keys of `PropagationMeta`. */
  readonly metadata: MsgpackMap;
}

/** Numbers as the node wrote them: the daemon writes its limits as floats, the library as integers. */
export type PropagationAnnounceInput = Omit<
  PropagationAnnounceData,
  'transferLimitKb' | 'syncLimitKb'
> & {
  readonly transferLimitKb: number | MsgpackFloat;
  readonly syncLimitKb: number | MsgpackFloat;
};

/**
 * Write the app data of a propagation node's announce:
 * msgpack `[false, timebase, enabled, transferLimit, syncLimit, [cost, flexibility, peeringCost], meta]`.
 * @see LXMF/LXMRouter.py get_propagation_node_app_data
 */
export function encodePropagationAnnounceData(data: PropagationAnnounceInput): Uint8Array {
  return encodeMsgpack([
    false,
    data.timebaseS,
    data.enabled,
    data.transferLimitKb,
    data.syncLimitKb,
    [data.stampCost, data.stampCostFlexibility, data.peeringCost],
    data.metadata,
  ]);
}

/**
 * Read the app data of a propagation node's announce, with the reference's checks.
 * @throws ProtocolError `LXMF_APP_DATA` naming the element, or the place where the bytes are damaged
 * @see LXMF/LXMF.py pn_announce_data_is_valid
 */
export function decodePropagationAnnounceData(appData: Uint8Array): PropagationAnnounceData {
  const list = unpack(appData);
  if (!Array.isArray(list) || list.length < 7) throw invalid('appData', 'needs seven elements');
  const costs = list[5];
  const metadata = list[6];
  const enabled = asBoolean(list[2]);
  if (enabled === undefined) throw invalid('enabled', 'needs a boolean');
  if (!Array.isArray(costs)) throw invalid('costs', 'needs a list');
  if (!(metadata instanceof Map)) throw invalid('metadata', 'needs a map');
  return {
    timebaseS: asWhole('timebase', list[1]),
    enabled,
    transferLimitKb: asNumber('transferLimit', list[3]),
    syncLimitKb: asNumber('syncLimit', list[4]),
    stampCost: asNumber('stampCost', costs[0]),
    stampCostFlexibility: asNumber('stampCostFlexibility', costs[1]),
    peeringCost: asNumber('peeringCost', costs[2]),
    metadata,
  };
}

/** Whether the bytes are a propagation node's app data. @see LXMF/LXMF.py pn_announce_data_is_valid */
export function isPropagationAnnounceData(appData: Uint8Array): boolean {
  return tryDecode(appData) !== undefined;
}

/** Name of a propagation node, if its app data is valid and has one. @see LXMF/LXMF.py pn_name_from_app_data */
export function propagationNameFromAppData(appData: Uint8Array | undefined): string | undefined {
  const data = appData === undefined ? undefined : tryDecode(appData);
  const name = data === undefined ? undefined : mapGet(data.metadata, PropagationMeta.NAME);
  return name instanceof Uint8Array ? fromUtf8(name) : undefined;
}

/** Stamp cost of a propagation node, if its app data is valid. @see LXMF/LXMF.py pn_stamp_cost_from_app_data */
export function propagationStampCostFromAppData(
  appData: Uint8Array | undefined
): number | undefined {
  return appData === undefined ? undefined : tryDecode(appData)?.stampCost;
}

function tryDecode(appData: Uint8Array): PropagationAnnounceData | undefined {
  try {
    return decodePropagationAnnounceData(appData);
  } catch (error) {
    // Announces of other applications and versions are normal on a network: a plain "no".
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

function invalid(at: string, text: string): ProtocolError {
  return new ProtocolError('LXMF_APP_DATA', text, { at });
}

/** `True`, `False` and what Python holds equal to them. */
function asBoolean(value: MsgpackValue | undefined): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const number = value instanceof MsgpackFloat ? value.value : value;
  return number === 1 ? true : number === 0 ? false : undefined;
}

/** What Python's `int()` takes: numbers that are finite, booleans, and decimal text. */
function asNumber(at: string, value: MsgpackValue | undefined): number {
  const number = value instanceof MsgpackFloat ? value.value : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  if (typeof number === 'bigint' || typeof number === 'boolean') return Number(number);
  const text = number instanceof Uint8Array ? fromUtf8(number) : number;
  if (typeof text === 'string' && /^\s*[+-]?\d+(_\d+)*\s*$/.test(text)) {
    return Number(text.replaceAll('_', ''));
  }
  throw invalid(at, 'needs a number');
}

function asWhole(at: string, value: MsgpackValue | undefined): number {
  return Math.trunc(asNumber(at, value));
}

function unpack(appData: Uint8Array): MsgpackValue {
  try {
    return decodeMsgpack(appData);
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    const { at, offset } = cause;
    throw new ProtocolError('LXMF_APP_DATA', 'is damaged', { at, offset, cause });
  }
}
