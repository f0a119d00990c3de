/** What commands read, with the argument named in every refusal. @module */
import { fromUtf8 } from '../base/bytes.ts';
import { ProtocolError } from '../base/errors.ts';
import { decodeImage, imageFormat } from '../qr/image.ts';
import { scanQr } from '../qr/scan.ts';
import { decodeKeyText } from '../reticulum/identity-text.ts';
import { Identity } from '../reticulum/identity.ts';
import type { CliIo } from './io.ts';
import { concerning } from './output.ts';

/** Largest image or text file that a message is looked for in. */
export const MAX_INPUT_BYTES: number = 64 * 1024 * 1024;

const MAX_IDENTITY_BYTES = 4096;

/**
 * Load an identity with its private key: 64 raw bytes, or their text form.
 * @param argument - what the user calls it, such as `--from`
 * @throws ProtocolError `HOST_FILE`, `RNS_IDENTITY_SIZE` or `RNS_IDENTITY_KEY`; never repeats the content
 */
export async function readIdentity(argument: string, path: string, io: CliIo): Promise<Identity> {
  return concerning(argument, async () => {
    const bytes = await io.readFile(path, MAX_IDENTITY_BYTES);
    try {
      return await concerning(path, () => Identity.fromPrivateKey(keyOf(bytes)));
    } finally {
      bytes.fill(0);
    }
  });
}

function keyOf(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 64) return bytes;
  const text = fromUtf8(bytes);
  return text !== undefined && /^[\x21-\x7e\s]{80,}$/.test(text) ? decodeKeyText(text) : bytes;
}

/** Read standard input for `-`, else the file, whole. */
export async function readInput(
  argument: string,
  path: string,
  maxBytes: number,
  io: CliIo
): Promise<Uint8Array> {
  return concerning(argument, () =>
    path === '-' ? io.readStdin(maxBytes) : io.readFile(path, maxBytes)
  );
}

/**
 * The texts that an argument holds: itself when it begins with a scheme, else the QR codes of an image,
 * or the words of a text file that begin with a scheme; `-` reads either from standard input.
 * @param schemes - such as `lxm`
 * @throws ProtocolError `IMAGE_FORMAT`, `QR_NOT_FOUND`, `HOST_FILE`, or `LXMF_URI` when nothing fits
 */
export async function readUris(
  argument: string,
  given: string,
  schemes: readonly string[],
  io: CliIo
): Promise<string[]> {
  const hasScheme = (text: string): boolean =>
    schemes.some((scheme) => text.trimStart().toLowerCase().startsWith(`${scheme}://`));
  if (hasScheme(given)) return [given];
  if (/^\s*[a-z][a-z0-9+.-]*:\/\//i.test(given)) {
    return concerning(argument, () => refuse(`begins with none of ${list(schemes)}`));
  }
  const bytes = await readInput(argument, given, MAX_INPUT_BYTES, io);
  return concerning(argument, async () => {
    if (imageFormat(bytes) === undefined) return fromText(fromUtf8(bytes), hasScheme, schemes);
    const image = await decodeImage(bytes);
    const texts = await scanQr(image, { zxingWasm: () => io.zxingWasm() });
    const fitting = texts.filter(hasScheme);
    if (fitting.length > 0) return fitting;
    return refuse(`the picture has QR codes, but none begins with ${list(schemes)}`);
  });
}

function fromText(
  text: string | undefined,
  hasScheme: (text: string) => boolean,
  schemes: readonly string[]
): string[] {
  if (text === undefined) return refuse('is neither text nor an image');
  // Mail programs wrap long lines: everything up to the next blank line belongs to the URI.
  const paragraphs = text.split(/\r?\n[ \t]*\r?\n/).filter(hasScheme);
  if (paragraphs.length > 0) return paragraphs.map((paragraph) => paragraph.trim());
  return refuse(`holds no text that begins with ${list(schemes)}`);
}

function list(schemes: readonly string[]): string {
  return schemes.map((scheme) => `${scheme}://`).join(' or ');
}

function refuse(reason: string): never {
  throw new ProtocolError('LXMF_URI', reason);
}
