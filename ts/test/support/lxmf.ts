/** Reading LXMF messages out of golden cases. @module */
import { assert, sameBytes } from './assert.ts';
import type { GoldenCase } from './golden.ts';
import { fromNotation, toNotation } from './notation.ts';
import { fromHex } from '../../base/hex.ts';
import { MsgpackFloat, type MsgpackMap, type MsgpackValue } from '../../codec/msgpack.ts';
import { Identity } from '../../reticulum/identity.ts';
import { deliveryHash, type Message, type MessageDraft } from '../../lxmf/message.ts';

/** Hexadecimal input of a case. */
export function hexOf(item: GoldenCase, name: string): Uint8Array {
  return fromHex(item.in[name] as string);
}

/** A number in the notation, integer or float. */
export function numberOf(notation: unknown): number {
  const value = fromNotation(notation);
  return value instanceof MsgpackFloat ? value.value : Number(value);
}

/** Sender, recipient and draft of a case that packs a message. */
export function draftOf(item: GoldenCase): {
  source: Identity;
  recipient: Identity;
  draft: MessageDraft;
} {
  const recipient = Identity.fromPublicKey(hexOf(item, 'destination'));
  const fields = fromNotation(item.in['fields']);
  return {
    source: Identity.fromPrivateKey(hexOf(item, 'source')),
    recipient,
    draft: {
      destinationHash: deliveryHash(recipient),
      timestamp: numberOf(item.in['timestamp'] ?? item.in['now']),
      title: textOf(fromNotation(item.in['title'])),
      content: textOf(fromNotation(item.in['content'])),
      ...(fields instanceof Map ? { fields: fields as MsgpackMap } : {}),
    },
  };
}

function textOf(value: MsgpackValue): string | Uint8Array {
  if (typeof value === 'string' || value instanceof Uint8Array) return value;
  if (value === null) return '';
  throw new Error('a title or content is neither str nor bin');
}

/** Compare an unpacked message with what the reference unpacked. */
export function sameMessage(message: Message, expected: Record<string, unknown>): void {
  sameBytes(message.destinationHash, expected['destinationHash'] as string);
  sameBytes(message.sourceHash, expected['sourceHash'] as string);
  sameBytes(message.messageHash, expected['hash'] as string);
  assert.is(message.timestamp, numberOf(expected['timestamp']));
  sameText(message.title, fromNotation(expected['title']));
  sameText(message.content, fromNotation(expected['content']));
  assert.equal(toNotation(message.fields), toNotation(fromNotation(expected['fields'])));
  const stamp = fromNotation(expected['stamp']);
  // A stamp that is no byte string cannot prove anything; it is left out.
  if (stamp instanceof Uint8Array) sameBytes(message.stamp, stamp);
  else assert.is(message.stamp, undefined);
}

/** Text is kept as UTF-8 bytes, and nil as no bytes. */
function sameText(actual: Uint8Array, expected: MsgpackValue): void {
  if (expected instanceof Uint8Array) sameBytes(actual, expected);
  else sameBytes(actual, new TextEncoder().encode(expected === null ? '' : (expected as string)));
}
