/** A received message as text and as JSON. @module */
import { fromUtf8 } from '../base/bytes.ts';
import { toHex } from '../base/hex.ts';
import {
  MsgpackExt,
  MsgpackFloat,
  MsgpackTime,
  type MsgpackMap,
  type MsgpackValue,
} from '../codec/msgpack.ts';
import { fieldName } from '../lxmf/fields.ts';
import { type Message, type SignatureState } from '../lxmf/message.ts';
import { messageWorkblock, stampValue } from '../lxmf/stamp.ts';
import { dateText, hashText, safeLine, safeText, table, type Json } from './output.ts';

/** A message with what was found out about it. */
export interface ReadMessage {
  readonly message: Message;
  readonly signature: SignatureState;
  /** Id of the ratchet it was sealed to, if it was not the identity's own key. */
  readonly ratchetId: Uint8Array | undefined;
}

/** The message as JSON; title and content that are not UTF-8 are `null` beside their hexadecimal. */
export function messageJson({ message, signature, ratchetId }: ReadMessage): Json {
  const { timestamp } = message;
  return {
    destinationHash: toHex(message.destinationHash),
    sourceHash: toHex(message.sourceHash),
    messageHash: toHex(message.messageHash),
    // JSON has no NaN and no infinity.
    timestamp: Number.isFinite(timestamp) ? timestamp : null,
    ...textJson('title', message.title),
    ...textJson('content', message.content),
    fields: fieldsJson(message.fields),
    signature,
    stamp: stampJson(message),
    ratchetId: ratchetId === undefined ? null : toHex(ratchetId),
  };
}

function textJson(name: string, bytes: Uint8Array): Readonly<Record<string, Json>> {
  const text = fromUtf8(bytes);
  return text === undefined ? { [name]: null, [`${name}Hex`]: toHex(bytes) } : { [name]: text };
}

function stampJson(message: Message): Json {
  const { stamp } = message;
  if (stamp === undefined) return null;
  return { hex: toHex(stamp), value: stampValue(messageWorkblock(message.messageHash), stamp) };
}

function fieldsJson(fields: MsgpackMap): Json {
  return [...fields].map(([key, value]) => ({
    key: valueJson(key),
    name: fieldName(key),
    value: valueJson(value),
  }));
}

/**
 * A MessagePack value as JSON: what JSON lacks is an object with one telling key, such as
 * `{"hex": "00ff"}`, `{"map": [[key, value]]}`, `{"int": "18446744073709551615"}`, `{"float": "NaN"}`.
 */
export function valueJson(value: MsgpackValue): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return { int: String(value) };
  if (value instanceof Uint8Array) return { hex: toHex(value) };
  if (value instanceof MsgpackFloat) {
    return Number.isFinite(value.value) ? value.value : { float: String(value.value) };
  }
  if (value instanceof MsgpackExt) return { ext: value.type, hex: toHex(value.data) };
  if (value instanceof MsgpackTime) {
    return { seconds: String(value.seconds), microseconds: value.microseconds };
  }
  if (Array.isArray(value)) return value.map(valueJson);
  return { map: [...value].map(([key, item]) => [valueJson(key), valueJson(item)]) };
}

/** What each signature state means, in words. */
export const SIGNATURE_WORDS: Readonly<Record<SignatureState, string>> = {
  verified: 'verified',
  'unknown-source': 'not verified, the sender is unknown (give their card with --source)',
  invalid: 'INVALID: this was not signed by the sender it names',
};

/** The message as text: a head, an empty line, the content; nothing in it can steer a terminal. */
export function messageText({ message, signature }: ReadMessage): string {
  const content = fromUtf8(message.content);
  const rows: (readonly [string, string])[] = [
    ['From', hashText(message.sourceHash)],
    ['To', hashText(message.destinationHash)],
    ['Date', dateText(message.timestamp)],
    ['Title', titleWords(message.title)],
    ['Message', hashText(message.messageHash)],
    ['Signature', SIGNATURE_WORDS[signature]],
    ['Stamp', stampWords(message)],
  ];
  if (message.fields.size > 0)
    rows.push(['Fields', [...message.fields.keys()].map(keyWords).join(', ')]);
  if (content === undefined) rows.push(['Content', 'not UTF-8, shown as hexadecimal']);
  const body = content === undefined ? toHex(message.content) : safeText(content);
  return `${table(rows)}\n${body}${body.endsWith('\n') ? '' : '\n'}`;
}

function titleWords(title: Uint8Array): string {
  const text = fromUtf8(title);
  return text === undefined ? `${toHex(title)} (not UTF-8, hexadecimal)` : safeLine(text);
}

function stampWords(message: Message): string {
  const { stamp } = message;
  if (stamp === undefined) return 'none';
  return `value ${stampValue(messageWorkblock(message.messageHash), stamp)}`;
}

function keyWords(key: MsgpackValue): string {
  return fieldName(key) ?? safeLine(JSON.stringify(valueJson(key)));
}
