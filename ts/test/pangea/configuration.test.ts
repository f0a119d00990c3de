/** What a file is taken for, and how it is cut and compressed. @module */
import { SeededRandom } from '../../base/random.ts';
import {
  DEFAULT_COMPAT,
  adaptiveCompat,
  containerConfiguration,
} from '../../pangea/ces/configuration.ts';
import {
  FILE_TYPES,
  compressionLevel,
  fileType,
  isStoredRaw,
  typeOfContent,
  typeOfExtension,
  typeOfPath,
  type FileType,
} from '../../pangea/ces/file-type.ts';
import { assert } from '../support/assert.ts';
import { suite } from '../support/suite.ts';

const t = suite('pangea/configuration', import.meta.url);

const MIB = 1 << 20;
const bytes = (text: string): Uint8Array => Uint8Array.from(text, (one) => one.charCodeAt(0));
const padded = (text: string, length: number): Uint8Array => {
  const out = new Uint8Array(length).fill(0x80);
  out.set(bytes(text));
  return out;
};

t('[pangea/ces-zstd-compression-adaptive-level-3-9] each kind of file has its level', () => {
  const levels = FILE_TYPES.map((type) => `${type} ${compressionLevel(type)}`);
  assert.equal(levels, [
    'compressed 0',
    'image 1',
    'video 0',
    'audio 1',
    'text 9',
    'binary 6',
    'unknown 3',
  ]);
  for (const type of FILE_TYPES) assert.is(isStoredRaw(type), compressionLevel(type) === 0);
});

t('tells kinds by content, in the order of the Rust node', () => {
  const cases: [string, FileType][] = [
    ['', 'unknown'],
    ['PK\x03', 'unknown'],
    ['PK\x03\x04', 'compressed'],
    ['PK\x05\x06', 'unknown'],
    ['\x1f\x8b\x00\x00', 'compressed'],
    ['\x89PNG', 'image'],
    ['\xff\xd8\xff\xe0', 'image'],
    ['GIF8', 'image'],
    ['\xff\xd8\xfe\xe0', 'unknown'],
    ['\xff\xfb\x90\x00', 'audio'],
    ['\xff\xf0\x00\x00', 'audio'],
    ['\xff\xef\x00\x00', 'unknown'],
    ['fLaC', 'audio'],
    ['\x7fELF', 'binary'],
    ['MZ\x90\x00', 'binary'],
    ['RIFF', 'text'],
    ['RIFF\x80\x80\x80\x80AVI ', 'video'],
    ['RIFF\x80\x80\x80\x80WAVE', 'audio'],
    ['RIFF\x80\x80\x80\x80XXXX', 'unknown'],
    ['\x00\x00\x00\x18ftypisom', 'video'],
    ['\x1f\x8b\x00\x18ftypisom', 'compressed'],
    ['\xff\xfb\x00\x18ftypisom', 'video'],
    ['Hello, World!', 'text'],
    ['tab\tand\r\nline\f', 'text'],
    ['\x0b\x0b\x0b\x0b', 'unknown'],
  ];
  for (const [content, type] of cases) {
    assert.is(typeOfContent(bytes(content)), type, JSON.stringify(content));
  }
  assert.is(typeOfContent(bytes('....ftyp...')), 'text', 'eleven bytes are too few for a film');
  assert.is(typeOfContent(padded('x'.repeat(90), 100)), 'unknown', 'nine tenths are not more');
  assert.is(typeOfContent(padded('x'.repeat(91), 100)), 'text');
  assert.is(typeOfContent(padded('x'.repeat(512), 5000)), 'text', 'only the front counts');
});

t('tells kinds by name', () => {
  const cases: [string, FileType][] = [
    ['a.ZIP', 'compressed'],
    ['dir.d/photo.jpeg', 'image'],
    ['C:\\films\\x.mkv', 'video'],
    ['song.opus', 'audio'],
    ['main.rs', 'text'],
    ['lib.so', 'binary'],
    ['archive.tar.gz', 'compressed'],
    ['.zip', 'unknown'],
    ['zip', 'unknown'],
    ['name.', 'unknown'],
    ['x.docx', 'unknown'],
    ['dir.zip/name', 'unknown'],
  ];
  for (const [path, type] of cases) assert.is(typeOfPath(path), type, path);
  assert.is(typeOfExtension('Py'), 'text');
  assert.is(typeOfExtension(''), 'unknown');
});

t('content outweighs the name where it says anything', () => {
  const noise = new SeededRandom(3).bytes(600);
  assert.is(fileType(noise), 'unknown');
  assert.is(fileType(noise, 'x.mp3'), 'audio');
  assert.is(fileType(bytes('PK\x03\x04'), 'x.txt'), 'compressed');
  assert.is(fileType(bytes('plain text'), 'x.png'), 'text');
  assert.is(fileType(bytes('plain text'), 'x.zzz'), 'text');
});

t(
  '[pangea/ces-adaptive-configuration] has the counts of the Rust node for every machine and size',
  () => {
    const cases: [
      ramGib: number,
      fileBytes: number,
      data: number,
      parity: number,
      chunk: number,
    ][] = [
      [32, MIB, 4, 2, 100 * MIB],
      [17, 500 * MIB, 5, 2, 100 * MIB],
      [17, 499 * MIB, 4, 2, 100 * MIB],
      [17, 10_000 * MIB, 32, 16, 100 * MIB],
      [16, MIB, 4, 2, 10 * MIB],
      [16, 80 * MIB, 8, 4, 10 * MIB],
      [5, 320 * MIB, 32, 16, 10 * MIB],
      [5, 319 * MIB, 31, 15, 10 * MIB],
      [4, MIB, 16, 8, 65536],
      [4, 0, 4, 2, 65536],
      [0, 5 * 65536, 5, 2, 65536],
      [1, 2 ** 50, 32, 16, 65536],
    ];
    for (const [ramGib, fileBytes, dataShards, parityShards, chunkBytes] of cases) {
      const configuration = adaptiveCompat({ ramGib, cores: 2 }, fileBytes);
      const expected = { compressionLevel: 3, dataShards, parityShards, chunkBytes };
      assert.equal(configuration, expected, `${ramGib} GiB, ${fileBytes} bytes`);
    }
    assert.is(adaptiveCompat({ ramGib: 8, cores: 8 }, 0).compressionLevel, 3);
    assert.is(adaptiveCompat({ ramGib: 8, cores: 9 }, 0).compressionLevel, 9);
    assert.equal(DEFAULT_COMPAT, {
      compressionLevel: 3,
      dataShards: 8,
      parityShards: 4,
      chunkBytes: MIB,
    });
    assert.throws(
      () => adaptiveCompat({ ramGib: 8, cores: 1 }, -1),
      /"fileBytes" must be an integer/
    );
  }
);

t(
  '[pangea/ces-adaptive-configuration] new files are cut by their size alone, with small manifests',
  () => {
    let before = 0;
    for (const fileBytes of [
      0,
      1,
      MIB,
      MIB + 1,
      64 * MIB,
      65 * MIB,
      4096 * MIB,
      4097 * MIB,
      2 ** 41,
    ]) {
      const one = containerConfiguration('text', fileBytes);
      assert.is(one.dataShards, 8);
      assert.is(one.parityShards, 4);
      assert.is(one.compressionLevel, 9);
      assert.ok(one.stripeBytes >= before, 'larger files never have smaller stripes');
      before = one.stripeBytes;
      const manifest = 300 + Math.ceil(fileBytes / one.stripeBytes) * (4 + 12 * 32);
      if (fileBytes > 2 * MIB)
        assert.ok(manifest < fileBytes / 1000, `${manifest} for ${fileBytes}`);
    }
    assert.is(containerConfiguration('video', undefined).stripeBytes, MIB);
    assert.is(containerConfiguration('video', 5).compressionLevel, 0);
  }
);

t.run();
