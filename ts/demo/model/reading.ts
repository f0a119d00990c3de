/**
 * A scanned or pasted text, step by step: is it a paper message, is it for me, can it be opened, who
 * signed it, what work went into it, was it read before. Every step says why. @module
 */
import { equalBytes } from '../../base/bytes.ts';
import { ProtocolError } from '../../base/errors.ts';
import { toHex } from '../../base/hex.ts';
import { sha256 } from '../../crypto/provider.ts';
import { DESTINATION_LENGTH, LXMF_OVERHEAD, TICKET_LENGTH } from '../../lxmf/constants.ts';
import { parseContactCard, type Contact } from '../../lxmf/contact.ts';
import { deliveryHash, verifyMessage, type Message } from '../../lxmf/message.ts';
import type { SignatureState } from '../../lxmf/message.ts';
import { openPaper, parsePaperUri } from '../../lxmf/paper.ts';
import { checkStamp, type StampCheck } from '../../lxmf/stamp.ts';
import type { Identity } from '../../reticulum/identity.ts';
import { bytesText, hashText, integer, moment, short } from './format.ts';

/** `wait` is a step that is still being worked out or needs something first. */
export type StepState = 'ok' | 'note' | 'warn' | 'fail' | 'wait';

/** One step of reading, in words. */
export interface Step {
  readonly id: 'parsed' | 'addressed' | 'decrypted' | 'signature' | 'stamp' | 'duplicate';
  readonly state: StepState;
  readonly title: string;
  readonly reason: string;
}

/** A sender whose card is known. */
export interface KnownSender {
  readonly identity: Identity;
  /** As the reader calls them; `undefined` for oneself. */
  readonly name: string | undefined;
}

/** What reading may look up. */
export interface Reader {
  readonly identity: Identity | undefined;
  /** Whether an identity is there that is not unlocked. */
  readonly locked: boolean;
  /** The sender or recipient behind an LXMF address. */
  known(destinationHash: Uint8Array): KnownSender | undefined;
  /** When this paper was first read, in milliseconds, or `undefined`. */
  firstRead(transientId: Uint8Array): number | undefined;
}

/** What came of a text. */
export interface Reading {
  readonly steps: readonly Step[];
  /** The paper as it was sealed, once the text was understood. */
  readonly sealed: Uint8Array | undefined;
  /** SHA-256 of the sealed paper: what the reference tells duplicates by. */
  readonly transientId: Uint8Array | undefined;
  readonly opened: OpenedMessage | undefined;
  /** The text was a contact card instead. */
  readonly card: Contact | undefined;
}

/** A message that was decrypted, and what is known of its sender. */
export interface OpenedMessage {
  readonly message: Message;
  readonly signature: SignatureState;
  readonly sender: KnownSender | undefined;
  readonly duplicate: boolean;
}

const NOTHING: Reading = {
  steps: [],
  sealed: undefined,
  transientId: undefined,
  opened: undefined,
  card: undefined,
};

/** Whether a text looks like something to {@link readText}, for choosing among several codes. */
export function isReadable(text: string): boolean {
  return /^\s*(?:web\+)?lxm:\/\//i.test(text);
}

/** Whether a text looks like a contact card. */
export function isCard(text: string): boolean {
  return /^\s*(?:web\+)?lxma:/i.test(text);
}

/** Take a text through all steps but the stamp, which {@link stampStep} works out. */
export function readText(text: string, reader: Reader): Reading {
  if (isCard(text)) return readCard(text);
  const parsed = parse(text);
  if (!(parsed instanceof Uint8Array)) return { ...NOTHING, steps: [parsed] };
  const transientId = sha256(parsed);
  const base = { ...NOTHING, sealed: parsed, transientId };
  const first: Step = {
    id: 'parsed',
    state: 'ok',
    title: 'A paper message',
    reason: `${bytesText(parsed.length)} sealed, ${integer(text.trim().length)} characters as text.`,
  };
  const addressed = addressStep(parsed, reader);
  const steps = [first, addressed];
  if (reader.identity === undefined || addressed.state !== 'ok') return { ...base, steps };
  try {
    const { message, ratchetId } = openPaper(parsed, reader.identity);
    const key = ratchetId === undefined ? 'your identity key' : 'one of your ratchets';
    steps.push({
      id: 'decrypted',
      state: 'ok',
      title: 'Decrypted',
      reason: `Opened with ${key}; the seal was unbroken.`,
    });
    return { ...base, ...judged(message, transientId, reader, steps) };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { ...base, steps: [...steps, decryptFailure(error)] };
  }
}

function judged(
  message: Message,
  transientId: Uint8Array,
  reader: Reader,
  steps: readonly Step[]
): Pick<Reading, 'steps' | 'opened'> {
  const sender = reader.known(message.sourceHash);
  const signature = verifyMessage(message, sender?.identity);
  const read = reader.firstRead(transientId);
  const opened = { message, signature, sender, duplicate: read !== undefined };
  return {
    opened,
    steps: [...steps, signatureStep(opened), waitingStamp(message), duplicateStep(read)],
  };
}

function readCard(text: string): Reading {
  try {
    const card = parseContactCard(text.trim().replace(/^web\+/i, ''));
    const step: Step = {
      id: 'parsed',
      state: 'ok',
      title: 'A contact card',
      reason: `The address ${hashText(card.destinationHash)} belongs to its public key.`,
    };
    return { ...NOTHING, steps: [step], card };
  } catch (error) {
    return {
      ...NOTHING,
      steps: [failure('parsed', 'Not a usable contact card', plainReason(error))],
    };
  }
}

/** The sealed bytes, or the step that says why there are none. */
function parse(text: string): Uint8Array | Step {
  const trimmed = text.trim().replace(/^web\+/i, '');
  // Sideband copies papers without their scheme as well.
  const bare = /^[\w-]{150,}={0,2}$/.test(trimmed.replace(/\s+/g, ''));
  try {
    const sealed = parsePaperUri(bare ? `lxm://${trimmed}` : trimmed);
    if (sealed.length < LXMF_OVERHEAD) {
      return failure(
        'parsed',
        'The text is cut short',
        `It holds ${bytesText(sealed.length)}; the smallest message has ${LXMF_OVERHEAD}.`
      );
    }
    return sealed;
  } catch (error) {
    return failure('parsed', 'Not a paper message', notPaper(trimmed, error));
  }
}

function notPaper(text: string, error: unknown): string {
  if (text === '') return 'There is no text.';
  if (/^lxm:\/\//i.test(text)) return plainReason(error);
  if (/^<?[0-9a-f]{32}>?$/i.test(text)) {
    return 'This is a bare LXMF address. A paper message begins with lxm://';
  }
  return 'A paper message begins with lxm://; this text does not.';
}

function addressStep(sealed: Uint8Array, reader: Reader): Step {
  const destination = sealed.slice(0, DESTINATION_LENGTH);
  const { identity } = reader;
  const to = hashText(destination);
  if (identity === undefined) {
    return {
      id: 'addressed',
      state: 'wait',
      title: reader.locked ? 'Your identity is locked' : 'You have no identity here yet',
      reason: reader.locked
        ? `It is addressed to ${to}. Unlock your identity to see whether that is you.`
        : `It is addressed to ${to}. Import the identity that this address belongs to.`,
    };
  }
  const own = deliveryHash(identity);
  if (equalBytes(own, destination)) {
    return { id: 'addressed', state: 'ok', title: 'Addressed to you', reason: `For ${to}.` };
  }
  const name = reader.known(destination)?.name;
  const whom = name === undefined ? to : `your contact ${name}, ${to}`;
  return failure(
    'addressed',
    'Not addressed to you',
    `It is for ${whom}; you are ${hashText(own)}. Only they can open it.`
  );
}

function decryptFailure(error: ProtocolError): Step {
  if (error.code === 'RNS_DECRYPT' || error.code === 'RNS_TRUNCATED') {
    return failure(
      'decrypted',
      'Could not be decrypted',
      'It is addressed to you, but the seal is broken: the text is damaged, or it was sealed to a ' +
        'ratchet that only another program of yours keeps.'
    );
  }
  return failure('decrypted', 'Decrypted, but not a message', plainReason(error));
}

function signatureStep({ message, signature, sender }: Omit<OpenedMessage, 'duplicate'>): Step {
  const from = hashText(message.sourceHash);
  const name = sender?.name;
  if (signature === 'verified') {
    const whose = name === undefined ? 'you' : name;
    const reason = `Signed by ${whose}, ${from}, and not a byte was changed.`;
    return { id: 'signature', state: 'ok', title: 'Signature verified', reason };
  }
  if (signature === 'invalid') {
    return {
      id: 'signature',
      state: 'fail',
      title: 'Signature invalid',
      reason: `It claims to be from ${name ?? 'you'}, ${from}, but that key did not sign it. Do not trust it.`,
    };
  }
  return {
    id: 'signature',
    state: 'warn',
    title: 'Unknown source',
    reason:
      `It says it is from ${from}. A paper carries no public key, so this can be checked only with ` +
      'the card of the sender.',
  };
}

function waitingStamp(message: Message): Step {
  if (message.stamp === undefined) return describeStamp({ state: 'absent' }, 0);
  return {
    id: 'stamp',
    state: 'wait',
    title: 'Checking the stamp',
    reason: 'The proof of work is being measured.',
  };
}

/** Measure the stamp of a message; takes a tenth of a second where WebAssembly is missing. */
export function stampStep(message: Message): Step {
  return describeStamp(checkStamp(message, 0), message.stamp?.length ?? 0);
}

function describeStamp(check: StampCheck, length: number): Step {
  const step = (state: StepState, title: string, reason: string): Step => ({
    id: 'stamp',
    state,
    title,
    reason,
  });
  if (check.state === 'absent') {
    return step('note', 'No stamp', 'Paper needs none: carrying it to you was work enough.');
  }
  if (length === TICKET_LENGTH) {
    return step('note', 'Ticket stamp', 'Made with a ticket from an earlier talk, unknown here.');
  }
  return step(
    'ok',
    `Stamp of value ${check.value}`,
    `About ${short(2 ** check.value)} tries of work went into it.`
  );
}

function duplicateStep(firstReadMs: number | undefined): Step {
  return firstReadMs === undefined
    ? { id: 'duplicate', state: 'ok', title: 'New', reason: 'This paper was not read here before.' }
    : {
        id: 'duplicate',
        state: 'note',
        title: 'Read before',
        reason: `This very paper was first read here on ${moment(firstReadMs / 1000)}.`,
      };
}

/** The sentence of a protocol error without its code, as people read it. */
export function plainReason(error: unknown): string {
  if (!(error instanceof ProtocolError)) {
    return error instanceof Error ? sentence(error.message) : 'Something went wrong.';
  }
  return sentence(error.message.slice(error.code.length + 2));
}

function sentence(text: string): string {
  const [first = ''] = text;
  return first.toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.');
}

function failure(id: Step['id'], title: string, reason: string): Step {
  return { id, state: 'fail', title, reason };
}

/** Hexadecimal key of a paper in the record of what was read. */
export function paperKey(transientId: Uint8Array): string {
  return toHex(transientId);
}
