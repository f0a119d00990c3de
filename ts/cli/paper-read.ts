/** `tesserae paper read`: open a paper message from a URI, a text file or a picture of its QR code. @module */
import { equalBytes } from '../base/bytes.ts';
import { ProtocolError } from '../base/errors.ts';
import { parseContactCard } from '../lxmf/contact.ts';
import { deliveryHash, verifyMessage, type SignatureState } from '../lxmf/message.ts';
import { openPaper, parsePaperUri } from '../lxmf/paper.ts';
import type { Identity } from '../reticulum/identity.ts';
import type { CommandSpec, ParsedArgs } from './args.ts';
import { ExitCode, type ExitStatus } from './exit.ts';
import { readIdentity, readUris } from './input.ts';
import type { CliIo } from './io.ts';
import { messageJson, messageText, SIGNATURE_WORDS, type ReadMessage } from './message.ts';
import { concerning, errorLine, hashText, jsonLine } from './output.ts';

/** Help and options of `paper read`. */
export const paperReadSpec: CommandSpec = {
  name: 'paper read',
  summary: 'open a paper message with your identity and check who signed it',
  positional: {
    name: 'MESSAGE',
    help: 'an lxm:// URI, a PNG picture of its QR code, a text file with it, or - for standard input',
  },
  options: [
    { name: 'identity', value: 'FILE', required: true, help: 'your identity file' },
    {
      name: 'source',
      value: 'CARD',
      multiple: true,
      help: 'contact card (lxma://...) of a possible sender, to check the signature with',
    },
    { name: 'json', help: 'print one line of JSON for each message' },
  ],
  notes: [
    "A paper message does not carry its sender's public key: without a fitting --source the signature\n" +
      'cannot be checked, the message is shown nevertheless, and the exit code is 4.',
  ],
};

/** Open every message that the argument holds; the exit code is that of the gravest outcome. */
export async function paperRead(args: ParsedArgs, io: CliIo): Promise<ExitStatus> {
  const identity = await readIdentity('--identity', args.required('identity'), io);
  const sources = [identity];
  for (const card of args.all('source')) {
    sources.push((await concerning('--source', () => parseContactCard(card))).identity);
  }
  const uris = await readUris('MESSAGE', args.positional, ['lxm'], io);
  let worst: ExitStatus = ExitCode.OK;
  for (const [index, uri] of uris.entries()) {
    const name = uris.length > 1 ? `MESSAGE ${index + 1} of ${uris.length}` : 'MESSAGE';
    const status = await readOne(name, uri, identity, sources, args.has('json'), io);
    if (GRAVITY.indexOf(status) > GRAVITY.indexOf(worst)) worst = status;
  }
  return worst;
}

const GRAVITY: readonly ExitStatus[] = [
  ExitCode.OK,
  ExitCode.NOT_VERIFIED,
  ExitCode.NOT_ADDRESSED,
  ExitCode.FAILED,
];

async function readOne(
  name: string,
  uri: string,
  identity: Identity,
  sources: readonly Identity[],
  json: boolean,
  io: CliIo
): Promise<ExitStatus> {
  let read: ReadMessage;
  try {
    read = await concerning(name, () => open(uri, identity, sources));
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    await io.stderr.write(`tesserae: ${explain(error, identity)}\n`);
    return error.code === 'LXMF_NOT_ADDRESSED' ? ExitCode.NOT_ADDRESSED : ExitCode.FAILED;
  }
  await io.stdout.write(json ? jsonLine(messageJson(read)) : messageText(read));
  if (read.signature === 'verified') return ExitCode.OK;
  const words = SIGNATURE_WORDS[read.signature];
  await io.stderr.write(`tesserae: ${name}: signature ${words}\n`);
  return ExitCode.NOT_VERIFIED;
}

function open(uri: string, identity: Identity, sources: readonly Identity[]): ReadMessage {
  const { message, ratchetId } = openPaper(parsePaperUri(uri), identity);
  const source = sources.find((one) => equalBytes(deliveryHash(one), message.sourceHash));
  const signature: SignatureState = verifyMessage(message, source);
  return { message, signature, ratchetId };
}

function explain(error: ProtocolError, identity: Identity): string {
  const line = errorLine(error);
  if (error.code === 'LXMF_NOT_ADDRESSED') {
    return `${line} than yours, ${hashText(deliveryHash(identity))}`;
  }
  return error.code === 'RNS_DECRYPT'
    ? `${line} (or it was sealed to a ratchet, which an identity file does not hold)`
    : line;
}
