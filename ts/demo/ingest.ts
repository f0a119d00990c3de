/**
 * The one way in: whatever was scanned, opened, dropped, pasted or handed over in the address becomes
 * texts here, and the first that is a paper or a card is taken. @module
 */
import { fromUtf8 } from '../base/bytes.ts';
import { imageFormat } from '../qr/image.ts';
import { ProtocolError } from '../base/errors.ts';
import { isCard, isReadable } from './model/reading.ts';
import type { Scanner } from './worker/scanner.ts';

/** A text, and the cards that were found beside it. */
export interface Ingested {
  readonly text: string;
  readonly cards: readonly string[];
}

// A URI of the largest paper has 2953 characters; a file many times that is something else.
const MAX_TEXT_FILE = 64 * 1024;

/**
 * Turn a text, a picture of a code or a text file into the text to read.
 * @throws ProtocolError `QR_NOT_FOUND`, `IMAGE_FORMAT`
 */
export async function ingest(material: string | Blob, scanner: Scanner): Promise<Ingested> {
  const texts = typeof material === 'string' ? [material] : await textsOf(material, scanner);
  const text = texts.find(isReadable) ?? texts.find(isCard) ?? texts[0] ?? '';
  return { text, cards: texts.filter((each) => each !== text && isCard(each)) };
}

async function textsOf(file: Blob, scanner: Scanner): Promise<readonly string[]> {
  if (file.size <= MAX_TEXT_FILE && !file.type.startsWith('image/')) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const text = imageFormat(bytes) === undefined ? fromUtf8(bytes) : undefined;
    if (text !== undefined && text.trim() !== '') return [text];
  }
  const head = new Uint8Array(await file.slice(0, 512).arrayBuffer());
  if (imageFormat(head) === 'PDF') {
    throw new ProtocolError(
      'IMAGE_FORMAT',
      'this is a PDF file; take a picture of the page instead'
    );
  }
  return scanner.scanPicture(file);
}
