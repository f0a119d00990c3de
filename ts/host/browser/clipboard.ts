/** The clipboard: text out, text and pictures in, with the reason where the browser refuses. @module */
import { ProtocolError } from '../../base/errors.ts';

/**
 * Put text on the clipboard; needs to be called from a click or key press.
 * @throws ProtocolError `HOST_CLIPBOARD` when the browser refuses
 */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch (cause) {
    throw new ProtocolError('HOST_CLIPBOARD', 'the browser does not let this page copy', { cause });
  }
}

/** What lay on the clipboard. */
export type Pasted = string | Blob;

/**
 * Read the clipboard: a picture if there is one, else text, else `undefined`.
 * @throws ProtocolError `HOST_CLIPBOARD` when the browser or its user refuses
 */
export async function readClipboard(): Promise<Pasted | undefined> {
  try {
    for (const item of await navigator.clipboard.read()) {
      const picture = item.types.find((type) => type.startsWith('image/'));
      if (picture !== undefined) return await item.getType(picture);
      if (item.types.includes('text/plain')) return await (await item.getType('text/plain')).text();
    }
    return undefined;
  } catch (cause) {
    throw new ProtocolError(
      'HOST_CLIPBOARD',
      'the browser does not let this page read the clipboard; paste with the keyboard instead',
      { cause }
    );
  }
}

/** The first picture, else file, else text of a paste or drop; `undefined` when it holds none. */
export function transferred(data: DataTransfer | null): Pasted | undefined {
  const files = [...(data?.files ?? [])];
  const file = files.find(({ type }) => type.startsWith('image/')) ?? files[0];
  if (file !== undefined) return file;
  const text = data?.getData('text/plain') ?? '';
  return text === '' ? undefined : text;
}
