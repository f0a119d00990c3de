/** `tesserae paper new`: write, sign and seal a message, and print it as URI. @module */
import { ProtocolError } from '../base/errors.ts';
import { toHex } from '../base/hex.ts';
import { PAPER_MDU, STAMP_SIZE } from '../lxmf/constants.ts';
import { parseContactCard } from '../lxmf/contact.ts';
import { packMessage, withStamp, type Message } from '../lxmf/message.ts';
import { paperUri, sealedSize, sealPaper } from '../lxmf/paper.ts';
import { messageWorkblock, stampValue } from '../lxmf/stamp.ts';
import { encodeQr } from '../qr/code.ts';
import type { CommandSpec, ParsedArgs } from './args.ts';
import { ExitCode, UsageError, type ExitStatus } from './exit.ts';
import { readIdentity, readInput } from './input.ts';
import type { CliIo } from './io.ts';
import { mine } from './mine.ts';
import { concerning, jsonLine } from './output.ts';

// More than fits on any paper; the exact limit depends on title and padding.
const MAX_CONTENT_BYTES = 64 * 1024;

// How a stamp travels: msgpack bin8, a length byte, the stamp.
const STAMP_BYTES = 2 + STAMP_SIZE;

/** Help and options of `paper new`. */
export const paperNewSpec: CommandSpec = {
  name: 'paper new',
  summary: 'write a message to a contact, sign and seal it, and print it as lxm:// URI',
  options: [
    { name: 'from', value: 'FILE', required: true, help: 'your identity file' },
    {
      name: 'to',
      value: 'CARD',
      required: true,
      help: 'contact card of the recipient: lxma://<32 hex>:<128 hex>',
    },
    { name: 'title', value: 'TEXT', help: 'title of the message' },
    { name: 'content', value: 'TEXT', help: 'the message' },
    { name: 'file', value: 'PATH', help: 'take the message from a file, - for standard input' },
    {
      name: 'stamp-cost',
      value: 'BITS',
      help: 'add proof of work; recipients do not ask for it on paper',
    },
    { name: 'json', help: 'print as JSON, with hashes and sizes' },
  ],
  notes: [
    `A sealed message may have ${PAPER_MDU} bytes, which is about 2000 bytes of text.\n` +
      'It is sealed to the key in the card, and can be read as long as that identity lives.',
  ],
};

/** Make the message; nothing is printed unless all of it succeeded. */
export async function paperNew(args: ParsedArgs, io: CliIo): Promise<ExitStatus> {
  if (args.has('content') === args.has('file')) {
    throw new UsageError('exactly one of --content TEXT and --file PATH is needed');
  }
  const costBits = args.number('stamp-cost', 0, 254) ?? 0;
  const source = await readIdentity('--from', args.required('from'), io);
  const contact = await concerning('--to', () => parseContactCard(args.required('to')));
  const argument = args.has('file') ? '--file' : '--content';
  const unstamped = packMessage(
    {
      destinationHash: contact.destinationHash,
      timestamp: io.clock.now() / 1000,
      title: wellFormed('--title', args.text('title') ?? ''),
      content: await contentOf(args, io),
    },
    source
  );
  // Before any work goes into a stamp for a message that is too long for paper.
  await concerning(argument, () => {
    assertFits(unstamped.packed.length + (costBits > 0 ? STAMP_BYTES : 0));
  });
  const message = costBits > 0 ? await stamped(unstamped, costBits, io) : unstamped;
  const sealed = sealPaper(message, contact.identity, io.random);
  const uri = paperUri(sealed);
  await io.stdout.write(args.has('json') ? jsonLine(facts(message, sealed, uri)) : `${uri}\n`);
  return ExitCode.OK;
}

async function contentOf(args: ParsedArgs, io: CliIo): Promise<string | Uint8Array> {
  const path = args.text('file');
  if (path !== undefined) return readInput('--file', path, MAX_CONTENT_BYTES, io);
  return wellFormed('--content', args.required('content'));
}

function wellFormed(argument: string, text: string): string {
  if (!text.isWellFormed()) throw new UsageError(`${argument} is not well-formed text`);
  return text;
}

function assertFits(packedLength: number): void {
  const size = sealedSize(packedLength);
  if (size <= PAPER_MDU) return;
  throw new ProtocolError(
    'LXMF_PAPER_TOO_LARGE',
    `the sealed message would have ${size} bytes, ${size - PAPER_MDU} more than the ${PAPER_MDU} that fit`
  );
}

async function stamped(message: Message, costBits: number, io: CliIo): Promise<Message> {
  return withStamp(message, await mine(messageWorkblock(message.messageHash), costBits, io));
}

function facts(message: Message, sealed: Uint8Array, uri: string): Parameters<typeof jsonLine>[0] {
  const { stamp } = message;
  const code = encodeQr(uri);
  return {
    uri,
    destinationHash: toHex(message.destinationHash),
    sourceHash: toHex(message.sourceHash),
    messageHash: toHex(message.messageHash),
    timestamp: message.timestamp,
    sealedBytes: sealed.length,
    bytesLeft: PAPER_MDU - sealed.length,
    stampValue:
      stamp === undefined ? null : stampValue(messageWorkblock(message.messageHash), stamp),
    qr: { version: code.version, level: code.level, modules: code.size },
  };
}
