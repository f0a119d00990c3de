/**
 * Which kind of file it is, by name and by content, as the Rust node guesses it: it decides whether and
 * how hard a file is compressed, and what is stored raw. @module
 * @see rust/src/file_detector.rs FileDetector (Pangea 0.3)
 */

/** Kinds of files that are told apart. */
export const FILE_TYPES = [
  'compressed',
  'image',
  'video',
  'audio',
  'text',
  'binary',
  'unknown',
] as const;

/** One kind of file. */
export type FileType = (typeof FILE_TYPES)[number];

const EXTENSIONS: Readonly<Record<Exclude<FileType, 'unknown'>, string>> = {
  compressed: 'zip gz bz2 xz 7z tar rar zst lz4',
  image: 'jpg jpeg png gif bmp tiff webp svg ico',
  video: 'mp4 avi mkv mov wmv flv webm m4v mpg mpeg',
  audio: 'mp3 wav flac aac ogg wma m4a opus',
  text: 'txt log json xml yaml yml toml ini md rst csv tsv html htm css js py rs go c cpp h java sh bash',
  binary: 'exe dll so dylib o a lib bin dat',
};

const LEVELS: Readonly<Record<FileType, number>> = {
  compressed: 0,
  image: 1,
  video: 0,
  audio: 1,
  text: 9,
  binary: 6,
  unknown: 3,
};

/** zstd level for a kind of file; 0 means that it is stored raw. */
export function compressionLevel(type: FileType): number {
  return LEVELS[type];
}

/** Whether the Rust node stores such a file raw, because it is compressed already. */
export function isStoredRaw(type: FileType): boolean {
  return type === 'compressed' || type === 'video';
}

/** The kind of file that an extension without its dot stands for, in either case. */
export function typeOfExtension(extension: string): FileType {
  const wanted = extension.toLowerCase();
  if (wanted === '') return 'unknown';
  for (const type of FILE_TYPES) {
    if (type !== 'unknown' && EXTENSIONS[type].split(' ').includes(wanted)) return type;
  }
  return 'unknown';
}

/** The kind of file by its path; a leading dot alone begins no extension. */
export function typeOfPath(path: string): FileType {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? 'unknown' : typeOfExtension(name.slice(dot + 1));
}

/** A signature: text or byte values at an offset. */
type Signature = readonly [offset: number, bytes: string | readonly number[]];

/** In the order in which they are tried; all signatures of an entry must be there. */
const SIGNATURES: readonly (readonly [FileType, ...Signature[]])[] = [
  ['compressed', [0, [0x50, 0x4b, 0x03, 0x04]]],
  ['compressed', [0, [0x1f, 0x8b]]],
  ['image', [0, [0x89, 0x50, 0x4e, 0x47]]],
  ['image', [0, [0xff, 0xd8, 0xff]]],
  ['image', [0, 'GIF8']],
  ['video', [4, 'ftyp']],
  ['video', [0, 'RIFF'], [8, 'AVI ']],
];

/** Those that come after the frame mark of MPEG audio, which is no fixed string. */
const LATER_SIGNATURES: typeof SIGNATURES = [
  ['audio', [0, 'fLaC']],
  ['audio', [0, 'RIFF'], [8, 'WAVE']],
  ['binary', [0, [0x7f, 0x45, 0x4c, 0x46]]],
  ['binary', [0, [0x4d, 0x5a]]],
];

/** Bytes at the front from which text is told. */
const SAMPLE_BYTES = 512;

/** `ftyp` counts only in files of at least this many bytes. */
const FTYP_MINIMUM = 12;

/** The kind of file by its content; fewer than four bytes are of unknown kind. */
export function typeOfContent(data: Uint8Array): FileType {
  if (data.length < 4) return 'unknown';
  const early = signedType(data, SIGNATURES);
  if (early !== undefined) return early;
  if (data[0] === 0xff && (data[1] as number) >= 0xf0) return 'audio';
  return signedType(data, LATER_SIGNATURES) ?? (isText(data) ? 'text' : 'unknown');
}

function signedType(data: Uint8Array, signatures: typeof SIGNATURES): FileType | undefined {
  for (const [type, ...parts] of signatures) {
    if (parts.every((part) => hasSignature(data, part))) return type;
  }
  return undefined;
}

function hasSignature(data: Uint8Array, [offset, bytes]: Signature): boolean {
  if (offset > 0 && data.length < FTYP_MINIMUM) return false;
  for (let i = 0; i < bytes.length; i++) {
    const wanted = typeof bytes === 'string' ? bytes.charCodeAt(i) : bytes[i];
    if (data[offset + i] !== wanted) return false;
  }
  return true;
}

/** More than nine tenths of the front are printable ASCII or white space. */
function isText(data: Uint8Array): boolean {
  const sample = data.subarray(0, SAMPLE_BYTES);
  let printable = 0;
  for (const byte of sample) {
    // White space of ASCII, to which the vertical tab does not count.
    const isSpace = byte === 32 || byte === 9 || byte === 10 || byte === 12 || byte === 13;
    if (isSpace || (byte > 32 && byte < 127)) printable += 1;
  }
  return printable / sample.length > 0.9;
}

/**
 * The kind of file by name and content: the name counts unless the content clearly says otherwise.
 * @param path - absent means that the content decides alone
 */
export function fileType(data: Uint8Array, path?: string): FileType {
  const byContent = typeOfContent(data);
  if (path === undefined) return byContent;
  const byPath = typeOfPath(path);
  return byPath === 'unknown' || byContent !== 'unknown' ? byContent : byPath;
}
