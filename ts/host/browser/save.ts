/** Files handed to the user by the browser's own download, and names that are safe to give them. @module */

/** Longest file name given out, ending included; below every file system's limit in bytes. */
const MAX_NAME = 80;

/** Characters that no file system or reader should be asked to take: controls, separators, direction marks. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}/\\:*?"<>|%]+/gu;

/** Names that Windows keeps for devices, with any ending. */
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/**
 * A file name for `name`, which may be a stranger's words: no folders, no hidden files, no invisible or
 * direction-changing characters, no device names, at most 80 characters with the ending kept.
 */
export function safeFileName(name: string, fallback = 'file'): string {
  const last = name.toWellFormed().normalize('NFC').split(/[/\\]/).pop() ?? '';
  const clean = last
    .replace(UNSAFE, '_')
    .replace(/\s+/g, ' ')
    .replace(/^[. _]+|[. ]+$/g, '');
  const named = clean === '' ? fallback : RESERVED.test(clean) ? `_${clean}` : clean;
  const characters = [...named];
  if (characters.length <= MAX_NAME) return named;
  const ending = /\.[\p{L}\p{N}]{1,10}$/u.exec(named)?.[0] ?? '';
  return (
    characters
      .slice(0, MAX_NAME - [...ending].length)
      .join('')
      .trimEnd() + ending
  );
}

/**
 * Offer bytes or text to the user as a file.
 * @param name - cleaned by {@link safeFileName}
 */
export function saveFile(name: string, content: Uint8Array | string, type: string): void {
  const part = typeof content === 'string' ? content : new Uint8Array(content);
  const url = URL.createObjectURL(new Blob([part], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = safeFileName(name);
  link.click();
  // The download has its own hold on the data once the click is done with.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
