/** An opened message as a letter: every word of the sender goes in as text, never as markup. @module */
import { fromUtf8 } from '../../base/bytes.ts';
import { toHex } from '../../base/hex.ts';
import { encodeMsgpack, mapGet, type MsgpackValue } from '../../codec/msgpack.ts';
import { safeFileName, saveFile } from '../../host/browser/save.ts';
import { Field } from '../../lxmf/constants.ts';
import {
  fieldName,
  readAttachments,
  readImage,
  readReferences,
  type Attachment,
} from '../../lxmf/fields.ts';
import type { Message, SignatureState } from '../../lxmf/message.ts';
import type { OpenedMessage } from '../model/reading.ts';
import { bytesText, hashText, moment } from '../model/format.ts';
import { RENDERERS } from '../model/draft.ts';
import { button, code } from './control.ts';
import { h } from './element.ts';
import { icon, type IconName } from './icon.ts';

/** Show an opened message; `actions` go under its head. */
export function letter(opened: OpenedMessage, actions: readonly HTMLElement[]): HTMLElement {
  const { message, sender, signature } = opened;
  const title = fromUtf8(message.title);
  const content = fromUtf8(message.content);
  const from = sender === undefined ? 'an unknown sender' : (sender.name ?? 'yourself');
  const files = [...readAttachments(message.fields), ...imageFile(message)];
  return h(
    'article',
    { class: `letter ${signature}`, 'aria-label': 'Message' },
    h(
      'header',
      {},
      h(
        'div',
        { class: 'sender' },
        h('p', { class: 'from' }, 'From ', h('strong', { dir: 'auto' }, from)),
        code(hashText(message.sourceHash)),
        h('p', { class: 'when' }, `Written ${moment(message.timestamp)}, by the sender’s clock`)
      ),
      badge(signature)
    ),
    title === undefined
      ? unreadable('title', message.title)
      : title !== '' && h('h2', { class: 'title', dir: 'auto' }, title),
    content === undefined
      ? unreadable('content', message.content)
      : h('div', { class: 'content', dir: 'auto' }, content),
    content === '' && h('p', { class: 'remark' }, 'The message has no content.'),
    files.length > 0 && attachmentList(files),
    fieldNotes(message),
    h(
      'details',
      { class: 'options' },
      h('summary', {}, 'Details'),
      noteList([
        ['Message hash', code(toHex(message.messageHash))],
        ['Stamp', message.stamp === undefined ? 'none' : code(toHex(message.stamp))],
        ['Unsealed', bytesText(message.packed.length)],
      ])
    ),
    actions.length > 0 && h('div', { class: 'row actions' }, ...actions)
  );
}

const BADGES: Record<SignatureState, readonly [IconName, string]> = {
  verified: ['ok', 'Signature verified'],
  'unknown-source': ['warn', 'Unknown source'],
  invalid: ['fail', 'Signature invalid'],
};

/** The seal of the letter: sign, words and color say the same. */
function badge(signature: SignatureState): HTMLElement {
  const [sign, words] = BADGES[signature];
  return h('p', { class: `seal ${signature}` }, icon(sign), h('span', {}, words));
}

function unreadable(what: string, bytes: Uint8Array): HTMLElement {
  return h(
    'p',
    { class: 'remark' },
    `The ${what} is not text (${bytesText(bytes.length)} that are no UTF-8).`
  );
}

function imageFile(message: Message): Attachment[] {
  const image = readImage(message.fields);
  return image === undefined ? [] : [{ name: `image.${image.type}`, data: image.data }];
}

function attachmentList(files: readonly Attachment[]): HTMLElement {
  return h(
    'ul',
    { class: 'files', 'aria-label': 'Attached files' },
    ...files.map((file) => {
      const name = safeFileName(file.name);
      // Never the sender's type: the browser must not run what was sent.
      const save = button('Save', 'save', 'plain', () =>
        saveFile(name, file.data, 'application/octet-stream')
      );
      save.setAttribute('aria-label', `Save ${name}`);
      return h(
        'li',
        {},
        icon('file'),
        h('span', { class: 'name', dir: 'auto' }, name),
        h('span', { class: 'size' }, bytesText(file.data.length)),
        save
      );
    })
  );
}

/** What else the message carries, by name or number. */
function fieldNotes(message: Message): HTMLElement | undefined {
  const references = readReferences(message.fields);
  const notes: Note[] = [];
  if (references.replyTo !== undefined) notes.push(['Answers', code(toHex(references.replyTo))]);
  if (references.replyQuote !== undefined) notes.push(['Quote', references.replyQuote]);
  const renderer = mapGet(message.fields, Field.RENDERER);
  const format = RENDERERS.find(([, value]) => value === renderer)?.[0];
  if (format !== undefined) notes.push(['Format', `${format}, shown here as plain text`]);
  const shown: readonly MsgpackValue[] = [
    Field.FILE_ATTACHMENTS,
    Field.REPLY_TO,
    Field.REPLY_QUOTE,
    ...(format === undefined ? [] : [Field.RENDERER]),
    ...(readImage(message.fields) === undefined ? [] : [Field.IMAGE]),
  ];
  for (const [id, value] of message.fields) {
    if (shown.includes(id)) continue;
    notes.push([`Field ${fieldLabel(id)}`, bytesText(encodeMsgpack(value).length)]);
  }
  return notes.length === 0 ? undefined : noteList(notes);
}

type Note = readonly [term: string, said: string | HTMLElement];

function noteList(notes: readonly Note[]): HTMLElement {
  return h(
    'dl',
    { class: 'notes' },
    ...notes.map(([term, said]) => h('div', {}, h('dt', {}, term), h('dd', { dir: 'auto' }, said)))
  );
}

function fieldLabel(id: MsgpackValue): string {
  const name = fieldName(id);
  if (name !== undefined) return name;
  return typeof id === 'number' || typeof id === 'string'
    ? String(id).slice(0, 40)
    : 'of another kind';
}
