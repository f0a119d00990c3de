/** `tesserae id new` and `id show`: identity files, byte for byte those of `rnid`. @module */
import { toHex } from '../base/hex.ts';
import { contactCard } from '../lxmf/contact.ts';
import { deliveryHash } from '../lxmf/message.ts';
import { PRIVATE_MODE } from '../host/node/files.ts';
import { Identity } from '../reticulum/identity.ts';
import type { CommandSpec, ParsedArgs } from './args.ts';
import { ExitCode, type ExitStatus } from './exit.ts';
import { readIdentity } from './input.ts';
import type { CliIo } from './io.ts';
import { concerning, hashText, jsonLine, table } from './output.ts';

/** Help and options of `id new`. */
export const idNewSpec: CommandSpec = {
  name: 'id new',
  summary: 'create an identity and write its 64-byte private key to a file that must not exist',
  options: [
    { name: 'out', value: 'FILE', required: true, help: 'where to write it, readable by you only' },
    { name: 'json', help: 'print the public half as JSON' },
  ],
  notes: ['Whoever has this file can read your messages and sign in your name. Keep a copy safe.'],
};

/** Help and options of `id show`. */
export const idShowSpec: CommandSpec = {
  name: 'id show',
  summary: 'print hash, address, public key and contact card of an identity file',
  positional: {
    name: 'FILE',
    help: 'a 64-byte identity file, or its text form as rnid exports it',
  },
  options: [{ name: 'json', help: 'print as JSON' }],
};

/** Create an identity; prints its public half, never the key. */
export async function idNew(args: ParsedArgs, io: CliIo): Promise<ExitStatus> {
  const path = args.required('out');
  const identity = Identity.generate(io.random);
  const key = identity.privateKey();
  try {
    await concerning('--out', () => io.createFile(path, key, { mode: PRIVATE_MODE }));
  } finally {
    key.fill(0);
  }
  await print(identity, args, io);
  return ExitCode.OK;
}

/** Show the public half of an identity file. */
export async function idShow(args: ParsedArgs, io: CliIo): Promise<ExitStatus> {
  await print(await readIdentity('FILE', args.positional, io), args, io);
  return ExitCode.OK;
}

async function print(identity: Identity, args: ParsedArgs, io: CliIo): Promise<void> {
  const address = deliveryHash(identity);
  const publicKey = toHex(identity.publicKey);
  const card = contactCard(identity);
  if (args.has('json')) {
    const identityHash = toHex(identity.hash);
    const facts = { identityHash, deliveryHash: toHex(address), publicKey, contactCard: card };
    return io.stdout.write(jsonLine(facts));
  }
  return io.stdout.write(
    table([
      ['Identity', hashText(identity.hash)],
      ['LXMF address', hashText(address)],
      ['Public key', publicKey],
      ['Contact card', card],
    ])
  );
}
