/** What the page keeps of its user: contacts, papers read, papers written; and the form they are stored in. @module */
import { fromHex, toHex } from '../../base/hex.ts';
import { ProtocolError } from '../../base/errors.ts';
import { encodeMsgpack } from '../../codec/msgpack.ts';
import { decodeMsgpack } from '../../codec/msgpack-decode.ts';
import { contactCard, parseContactCard, type Contact } from '../../lxmf/contact.ts';
import { parsePaperUri, paperUri } from '../../lxmf/paper.ts';

/** A contact with the name that the user gave it. */
export interface NamedContact extends Contact {
  readonly id: string;
  readonly name: string;
}

/** A paper that was read, still sealed. */
export interface KeptPaper {
  readonly id: string;
  /** Its transient id in hexadecimal, by which duplicates are told. */
  readonly key: string;
  readonly sealed: Uint8Array;
  /** Milliseconds since the Unix epoch. */
  readonly firstReadMs: number;
}

/** A paper that was written here; sealed, so not even its writer can open it. */
export interface WrittenPaper {
  readonly id: string;
  readonly uri: string;
  /** As the recipient was called when it was written. */
  readonly recipient: string;
  readonly destinationHash: Uint8Array;
  /** Seconds since the Unix epoch, as in the message. */
  readonly timestamp: number;
}

/** A kind of stored record. */
export interface RecordKind<T extends { readonly id: string }> {
  /** What the names of its records begin with. */
  readonly prefix: string;
  encode(item: T): Uint8Array;
  /** @throws ProtocolError when it has another shape */
  decode(id: string, record: ReadonlyMap<string, string>): T;
}

/** How contacts are stored. */
export const CONTACTS: RecordKind<NamedContact> = {
  prefix: 'contact:',
  encode: ({ name, identity }) => encodeRecord({ name, card: contactCard(identity) }),
  decode: (id, record) => ({
    ...parseContactCard(record.get('card') ?? ''),
    id,
    name: record.get('name') ?? '',
  }),
};

/** How papers that were read are stored. */
export const PAPERS: RecordKind<KeptPaper> = {
  prefix: 'paper:',
  encode: ({ key, sealed, firstReadMs }) =>
    encodeRecord({ key, uri: paperUri(sealed), firstReadMs: String(firstReadMs) }),
  decode: (id, record) => ({
    id,
    key: record.get('key') ?? '',
    sealed: parsePaperUri(record.get('uri') ?? ''),
    firstReadMs: Number(record.get('firstReadMs')),
  }),
};

/** How papers that were written are stored. */
export const WRITTEN: RecordKind<WrittenPaper> = {
  prefix: 'written:',
  encode: ({ uri, recipient, destinationHash, timestamp }) =>
    encodeRecord({
      uri,
      recipient,
      destination: toHex(destinationHash),
      timestamp: String(timestamp),
    }),
  decode: (id, record) => ({
    id,
    uri: record.get('uri') ?? '',
    recipient: record.get('recipient') ?? '',
    destinationHash: fromHex(record.get('destination') ?? ''),
    timestamp: Number(record.get('timestamp')),
  }),
};

/** Write a record of named texts. */
export function encodeRecord(record: Readonly<Record<string, string>>): Uint8Array {
  return encodeMsgpack(new Map(Object.entries(record)));
}

/** Read a record; entries that are no text are left out. @throws ProtocolError `VAULT_DAMAGED` */
export function decodeRecord(bytes: Uint8Array): ReadonlyMap<string, string> {
  let value: unknown;
  try {
    value = decodeMsgpack(bytes);
  } catch (cause) {
    throw new ProtocolError('VAULT_DAMAGED', 'a stored record cannot be read', { cause });
  }
  if (!(value instanceof Map)) {
    throw new ProtocolError('VAULT_DAMAGED', 'a stored record has another shape');
  }
  const texts = new Map<string, string>();
  for (const [key, item] of value as Map<unknown, unknown>) {
    if (typeof key === 'string' && typeof item === 'string') texts.set(key, item);
  }
  return texts;
}
