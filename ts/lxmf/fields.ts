/**
 * Reading and writing the common fields of a message; everything else stays reachable by its number.
 * @module
 * @see LXMF/LXMF.py (LXMF 1.2.1)
 */
import { fromUtf8, utf8 } from '../base/bytes.ts';
import { mapGet, type MsgpackMap, type MsgpackValue } from '../codec/msgpack.ts';
import { Comment, Continuation, Field, Reaction } from './constants.ts';

/** A file in `Field.FILE_ATTACHMENTS`. */
export interface Attachment {
  readonly name: string;
  readonly data: Uint8Array;
}

/** The name of a field id, such as `FILE_ATTACHMENTS`; `undefined` for ids that LXMF does not define. */
export function fieldName(id: MsgpackValue): string | undefined {
  return Object.entries(Field).find(([, value]) => value === id)?.[0];
}

/** The value of `Field.FILE_ATTACHMENTS`: `[[name str, data bin], …]`. */
export function attachmentsField(attachments: readonly Attachment[]): MsgpackValue {
  return attachments.map(({ name, data }) => [name, data]);
}

/**
 * Files attached to a message; entries of another shape are left out.
 *
 * Names are the sender's words: cut path separators before using one as a file name.
 */
export function readAttachments(fields: MsgpackMap): Attachment[] {
  const list = mapGet(fields, Field.FILE_ATTACHMENTS);
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry) => {
    if (!Array.isArray(entry) || !(entry[1] instanceof Uint8Array)) return [];
    const name = asText(entry[0]);
    return name === undefined ? [] : [{ name, data: entry[1] }];
  });
}

/** An image in `Field.IMAGE` with its type, such as `webp`. */
export interface MessageImage {
  readonly type: string;
  readonly data: Uint8Array;
}

/** The value of `Field.IMAGE`: `[type str, data bin]`. */
export function imageField(image: MessageImage): MsgpackValue {
  return [image.type, image.data];
}

/** The image of a message, if it has one of that shape. */
export function readImage(fields: MsgpackMap): MessageImage | undefined {
  const value = mapGet(fields, Field.IMAGE);
  if (!Array.isArray(value) || !(value[1] instanceof Uint8Array)) return undefined;
  const type = asText(value[0]);
  return type === undefined ? undefined : { type, data: value[1] };
}

/** Audio in `Field.AUDIO`; `mode` is one of `AudioMode`. */
export interface MessageAudio {
  readonly mode: number;
  readonly data: Uint8Array;
}

/** The value of `Field.AUDIO`: `[mode int, data bin]`. */
export function audioField(audio: MessageAudio): MsgpackValue {
  return [audio.mode, audio.data];
}

/** The audio of a message, if it has one of that shape. */
export function readAudio(fields: MsgpackMap): MessageAudio | undefined {
  const value = mapGet(fields, Field.AUDIO);
  if (!Array.isArray(value)) return undefined;
  const [mode, data] = value;
  return typeof mode === 'number' && data instanceof Uint8Array ? { mode, data } : undefined;
}

/** How a message refers to earlier ones, by their 32-byte hashes. */
export interface MessageReferences {
  readonly replyTo: Uint8Array | undefined;
  readonly replyQuote: string | undefined;
  readonly reaction: { readonly to: Uint8Array; readonly content: string } | undefined;
  readonly commentFor: Uint8Array | undefined;
  readonly continuationOf: Uint8Array | undefined;
}

/** The value of `Field.REACTION`: `{0: hash, 1: content}` with the content as UTF-8 bytes. */
export function reactionField(to: Uint8Array, content: string): MsgpackValue {
  return new Map<MsgpackValue, MsgpackValue>([
    [Reaction.TO, to],
    [Reaction.CONTENT, utf8(content)],
  ]);
}

/** The value of `Field.COMMENT`: `{0: hash}`. */
export function commentField(messageHash: Uint8Array): MsgpackValue {
  return new Map<MsgpackValue, MsgpackValue>([[Comment.FOR, messageHash]]);
}

/** The value of `Field.CONTINUATION`: `{0: hash}`. */
export function continuationField(messageHash: Uint8Array): MsgpackValue {
  return new Map<MsgpackValue, MsgpackValue>([[Continuation.OF, messageHash]]);
}

/** Which earlier messages a message refers to; what has another shape is `undefined`. */
export function readReferences(fields: MsgpackMap): MessageReferences {
  const reaction = mapGet(fields, Field.REACTION);
  const to = reaction instanceof Map ? asBytes(mapGet(reaction, Reaction.TO)) : undefined;
  const content = reaction instanceof Map ? asText(mapGet(reaction, Reaction.CONTENT)) : undefined;
  const comment = mapGet(fields, Field.COMMENT);
  const continuation = mapGet(fields, Field.CONTINUATION);
  return {
    replyTo: asBytes(mapGet(fields, Field.REPLY_TO)),
    replyQuote: asText(mapGet(fields, Field.REPLY_QUOTE)),
    reaction: to === undefined || content === undefined ? undefined : { to, content },
    commentFor: comment instanceof Map ? asBytes(mapGet(comment, Comment.FOR)) : undefined,
    continuationOf:
      continuation instanceof Map ? asBytes(mapGet(continuation, Continuation.OF)) : undefined,
  };
}

function asBytes(value: MsgpackValue | undefined): Uint8Array | undefined {
  return value instanceof Uint8Array ? value : undefined;
}

/** Text from `str`, or from `bin` that is UTF-8: senders use both. */
function asText(value: MsgpackValue | undefined): string | undefined {
  if (typeof value === 'string') return value;
  return value instanceof Uint8Array ? fromUtf8(value) : undefined;
}
