/**
 * A message being written: how large it will be, and the code made of it. Sizes are computed, never
 * tried; a code is sealed once for each content, so that looking at it again shows the same code. @module
 */
import { ProtocolError } from '../../base/errors.ts';
import { fromHex, toHex } from '../../base/hex.ts';
import type { Random } from '../../base/random.ts';
import { encodeMsgpack, MsgpackFloat, type MsgpackMap } from '../../codec/msgpack.ts';
import { Field, HEADER_LENGTH, PAPER_MDU, Renderer, STAMP_SIZE } from '../../lxmf/constants.ts';
import { attachmentsField, type Attachment } from '../../lxmf/fields.ts';
import { deliveryHash, packMessage, withStamp, type Message } from '../../lxmf/message.ts';
import { paperUri, sealedSize, sealPaper } from '../../lxmf/paper.ts';
import { qrCapacity, type QrLevel } from '../../qr/code.ts';
import type { Identity } from '../../reticulum/identity.ts';

/** What the writer has put in so far. */
export interface Draft {
  readonly title: string;
  readonly content: string;
  /** 64 hexadecimal digits, or nothing. */
  readonly replyTo: string;
  /** One of `Renderer`, or `undefined` to leave the field out. */
  readonly renderer: number | undefined;
  readonly attachments: readonly Attachment[];
  /** Bits of proof of work, or `undefined` for no stamp. */
  readonly stampCost: number | undefined;
}

/** An empty sheet. */
export const EMPTY_DRAFT: Draft = {
  title: '',
  content: '',
  replyTo: '',
  renderer: undefined,
  attachments: [],
  stampCost: undefined,
};

/** Bytes that a stamp adds to a message: the two of its msgpack head, and itself. */
export const STAMP_BYTES: number = 2 + STAMP_SIZE;

/** Names of the renderers in the order in which they are offered. */
export const RENDERERS: readonly (readonly [name: string, value: number])[] = [
  ['Plain text', Renderer.PLAIN],
  ['Markdown', Renderer.MARKDOWN],
  ['Micron', Renderer.MICRON],
  ['BBCode', Renderer.BBCODE],
];

/** How much of a paper a draft takes. */
export interface Budget {
  /** Bytes once sealed; at most 2210 fit. */
  readonly sealed: number;
  /** Bytes that may still be added to the message; negative when it is too long. */
  readonly left: number;
  /** Characters of the URI. */
  readonly uriLength: number;
  /** The QR code, or `undefined` when the message does not fit. */
  readonly code:
    { readonly version: number; readonly size: number; readonly level: QrLevel } | undefined;
}

/** The largest message that can be sealed into {@link PAPER_MDU}: padding comes in blocks of 16. */
const MAX_PACKED = largestPacked();

/** The fields of a draft. @throws ProtocolError `HEX_INVALID` when the reply hash is none */
export function draftFields(draft: Draft): MsgpackMap {
  const fields: MsgpackMap = new Map();
  if (draft.attachments.length > 0) {
    fields.set(Field.FILE_ATTACHMENTS, attachmentsField(draft.attachments));
  }
  if (draft.renderer !== undefined) fields.set(Field.RENDERER, draft.renderer);
  const reply = draft.replyTo.trim();
  if (reply !== '') {
    const hash = fromHex(reply);
    if (hash.length !== 32) {
      throw new ProtocolError('HEX_INVALID', `a message hash has 64 digits, not ${reply.length}`);
    }
    fields.set(Field.REPLY_TO, hash);
  }
  return fields;
}

/** Size and QR code of a draft, without sealing it. A reply hash that is none counts as absent. */
export function draftBudget(draft: Draft): Budget {
  let fields: MsgpackMap;
  try {
    fields = draftFields(draft);
  } catch {
    // The field itself shows what is wrong with the hash; the size is needed meanwhile.
    fields = draftFields({ ...draft, replyTo: '' });
  }
  const encoder = new TextEncoder();
  const payload = encodeMsgpack([
    new MsgpackFloat(0),
    encoder.encode(draft.title),
    encoder.encode(draft.content),
    fields,
  ]);
  const stamp = draft.stampCost === undefined ? 0 : STAMP_BYTES;
  const packed = HEADER_LENGTH + payload.length + stamp;
  const sealed = sealedSize(packed);
  const uriLength = 'lxm://'.length + Math.ceil((sealed * 4) / 3);
  return {
    sealed,
    left: MAX_PACKED - packed,
    uriLength,
    code: sealed > PAPER_MDU ? undefined : codeFor(uriLength),
  };
}

/** Version, modules and error correction of the code that holds `length` bytes. */
export function codeFor(length: number): Budget['code'] {
  for (let version = 1; version <= 40; version++) {
    if (length > qrCapacity(version, 'L')) continue;
    const levels: readonly QrLevel[] = ['H', 'Q', 'M', 'L'];
    const level = levels.find((each) => length <= qrCapacity(version, each)) ?? 'L';
    return { version, size: 17 + 4 * version, level };
  }
  return undefined;
}

/** A sealed paper, and what is known of it without opening it. */
export interface Paper {
  readonly uri: string;
  /** Bytes once sealed. */
  readonly sealed: number;
  readonly destinationHash: Uint8Array;
  /** Seconds since the Unix epoch, as in the message. */
  readonly timestamp: number;
}

/** A paper that was made just now. */
export interface MadePaper extends Paper {
  readonly message: Message;
}

/** The room that a finished paper takes. */
export function paperBudget(paper: Paper): Budget {
  return {
    sealed: paper.sealed,
    left: PAPER_MDU - paper.sealed,
    uriLength: paper.uri.length,
    code: codeFor(paper.uri.length),
  };
}

/** How a stamp is found: over a message, at a cost, until `signal` says stop. */
export type FindStamp = (message: Message, costBits: number) => Promise<Uint8Array>;

/**
 * Turns drafts into sealed papers, each draft once.
 *
 * Asking again for the same words to the same person gives the same paper, time included, as long as
 * this object lives; any other draft gets fresh randomness.
 */
export class PaperMaker {
  readonly #source: Identity;
  readonly #random: Random;
  readonly #made = new Map<string, MadePaper>();

  constructor(source: Identity, random: Random) {
    this.#source = source;
    this.#random = random;
  }

  /** The paper already made of this draft, if there is one. */
  made(draft: Draft, recipient: Identity): MadePaper | undefined {
    return this.#made.get(keyOf(draft, recipient));
  }

  /**
   * Pack, sign, stamp if the draft asks for it, and seal.
   * @param timestamp - seconds since the Unix epoch, used if the draft is new
   * @throws ProtocolError `LXMF_PAPER_TOO_LARGE`, `HEX_INVALID` on a bad reply hash; what `findStamp` throws
   */
  async make(
    draft: Draft,
    recipient: Identity,
    timestamp: number,
    findStamp: FindStamp
  ): Promise<MadePaper> {
    const key = keyOf(draft, recipient);
    const before = this.#made.get(key);
    if (before !== undefined) return before;
    const plain = packMessage(
      {
        destinationHash: deliveryHash(recipient),
        timestamp,
        title: draft.title.toWellFormed(),
        content: draft.content.toWellFormed(),
        fields: draftFields(draft),
      },
      this.#source
    );
    const { stampCost } = draft;
    const stamped =
      stampCost === undefined ? plain : withStamp(plain, await findStamp(plain, stampCost));
    const sealed = sealPaper(stamped, recipient, this.#random);
    const made = {
      message: stamped,
      uri: paperUri(sealed),
      sealed: sealed.length,
      destinationHash: plain.destinationHash,
      timestamp,
    };
    this.#made.set(key, made);
    return made;
  }
}

/** Everything that the recipient will read, and whether work was asked for. */
function keyOf(draft: Draft, recipient: Identity): string {
  const files = draft.attachments.map(({ name, data }) => [name, toHex(data)]);
  return JSON.stringify([
    toHex(recipient.hash),
    draft.title,
    draft.content,
    draft.replyTo.trim().toLowerCase(),
    draft.renderer ?? null,
    files,
    draft.stampCost ?? null,
  ]);
}

function largestPacked(): number {
  let packed = PAPER_MDU;
  while (sealedSize(packed) > PAPER_MDU) packed -= 1;
  return packed;
}
