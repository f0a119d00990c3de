import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utf8 } from '../base/bytes.ts';
import { toHex } from '../base/hex.ts';
import { systemRandom } from '../base/random.ts';
import { assert, sameBytes } from './support/assert.ts';
import { World, type Ran, type WorldOptions } from './support/cli.ts';
import { suite } from './support/suite.ts';

// time limit: 120 s
const t = suite('tesserae ces', import.meta.url);
const root = mkdtempSync(join(tmpdir(), 'tesserae-ces-'));
t.after(() => rmSync(root, { recursive: true, force: true }));
const LIMIT_MS = 60_000;

const KEY = new Uint8Array(32).fill(7);
const OTHER_KEY = new Uint8Array(32).fill(8);

/** Keys lie in the world's own files; everything else is on the real disk. */
function world(options: WorldOptions = {}): World {
  const made = new World({ random: systemRandom, ...options });
  made.files.set('key', KEY);
  made.files.set('other', OTHER_KEY);
  made.files.set('words', utf8('correct horse battery staple\n'));
  return made;
}

let count = 0;
/** A fresh folder with a source file of so many bytes. */
function place(bytes: number): { dir: string; source: string; content: Uint8Array } {
  count += 1;
  const base = join(root, String(count));
  mkdirSync(base);
  const source = join(base, 'source');
  const content = new Uint8Array(randomBytes(bytes));
  writeFileSync(source, content);
  return { dir: join(base, 'store'), source, content };
}

interface Put {
  readonly dir: string;
  readonly base: string;
  readonly content: Uint8Array;
  readonly address: string;
  readonly manifest: string;
  readonly shards: readonly string[];
}

async function put(bytes: number, ...more: string[]): Promise<Put> {
  const { dir, source, content } = place(bytes);
  const ran = await world().run([
    ...['ces', 'put', source, '--out', dir, '--key', 'key', '--json'],
    ...more,
  ]);
  assert.equal([ran.code, ran.err], [0, '']);
  const facts = JSON.parse(ran.out) as Pick<Put, 'address' | 'manifest' | 'shards'>;
  return { ...facts, dir, base: join(dir, '..'), content };
}

function get(of: Put, ...more: string[]): Promise<Ran> {
  const out = join(of.base, 'out');
  return world().run(['ces', 'get', of.manifest, '-o', out, '--key', 'key', ...more]);
}

function verify(of: Put): Promise<Ran> {
  return world().run(['ces', 'verify', of.manifest]);
}

/** Change one byte of a file. */
function spoil(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

/** Bytes, inode and time of each file, to tell whether it was touched. */
function state(paths: readonly string[]): string[] {
  return paths.map((path) => {
    const { ino, mtimeMs } = statSync(path);
    return `${ino} ${mtimeMs} ${toHex(readFileSync(path).subarray(0, 64))}`;
  });
}

t('put makes one file for each shard and a manifest, get restores', async () => {
  for (const bytes of [0, 1, 65536, 300_000]) {
    const of = await put(bytes);
    const names = Array.from(
      { length: 12 },
      (_, i) => `${of.address}.${String(i).padStart(2, '0')}.shard`
    );
    assert.equal(readdirSync(of.dir).sort(), [...names, `${of.address}.manifest`].sort());
    const ran = await get(of);
    assert.equal([ran.code, ran.err], [0, '']);
    assert.match(ran.out, `Address   ${of.address}\n`);
    sameBytes(new Uint8Array(readFileSync(join(of.base, 'out'))), of.content);
    assert.equal(readdirSync(of.base).sort(), ['out', 'source', 'store']);
    assert.is((await verify(of)).code, 0);
  }
});

t(
  'a passphrase locks and opens as a key does, a key may be written as digits',
  async () => {
    const { dir, source, content } = place(2000);
    const disk = world();
    disk.files.set('digits', utf8(`${toHex(KEY)}\n`));
    const made = await disk.run([
      'ces',
      'put',
      source,
      '--out',
      dir,
      '--passphrase-file',
      'words',
      '--json',
    ]);
    assert.is(made.code, 0, made.err);
    const { manifest } = JSON.parse(made.out) as { manifest: string };
    const out = join(dir, 'out');
    const piped = ['ces', 'get', manifest, '-o', out, '--passphrase-file', '-'];
    const ran = await disk.run(piped, { stdin: 'correct horse battery staple' });
    assert.is(ran.code, 0, ran.err);
    sameBytes(new Uint8Array(readFileSync(out)), content);
    const wrong = await disk.run([...piped, '--force'], { stdin: 'correct horse' });
    assert.equal(
      [wrong.code, wrong.err],
      [1, 'tesserae: --passphrase-file: is not the passphrase of this container\n']
    );
    const keyed = await put(10);
    const digits = ['ces', 'get', keyed.manifest, '-o', join(keyed.base, 'o'), '--key', 'digits'];
    assert.is((await disk.run(digits)).code, 0);
  },
  LIMIT_MS
);

t(
  'any four of twelve shard files may be missing or damaged: verify names them, get reads',
  async () => {
    const of = await put(300_000);
    const [a, , , b, , c, d] = of.shards as string[];
    rmSync(a as string);
    truncateSync(b as string, 100);
    const swapped = readFileSync(d as string);
    writeFileSync(d as string, readFileSync(c as string));
    writeFileSync(c as string, swapped);
    const checked = await verify(of);
    const due = statSync(c as string).size;
    assert.is(checked.code, 1);
    assert.is(
      checked.out,
      `Address   ${of.address}\n` +
        'Good      8 of 12 shard files\n' +
        'Shard 00  missing\n' +
        `Shard 03  truncated: 100 of ${due} bytes\n` +
        'Shard 05  holds shard 06\n' +
        'Shard 06  holds shard 05\n'
    );
    assert.is(
      checked.err,
      `tesserae: MANIFEST: ${of.manifest}: 4 of 12 shard files are damaged (00, 03, 05, 06); ` +
        'the file can still be read\n'
    );
    assert.is((await get(of)).code, 0);
    sameBytes(new Uint8Array(readFileSync(join(of.base, 'out'))), of.content);
  }
);

t('repair makes exactly the damaged files anew and leaves the good ones untouched', async () => {
  const of = await put(300_000);
  const before = of.shards.map((path) => toHex(readFileSync(path)));
  const at = (i: number): string => of.shards[i] as string;
  rmSync(at(1));
  spoil(at(4), 9000);
  appendFileSync(at(7), 'x');
  mkdirSync(join(of.dir, 'aside'));
  renameSync(at(11), join(of.dir, 'aside', 'shard'));
  writeFileSync(at(11), '');
  const good = of.shards.filter((_, i) => ![1, 4, 7, 11].includes(i));
  const untouched = state([...good, of.manifest]);
  const ran = await world().run(['ces', 'repair', of.manifest]);
  assert.equal([ran.code, ran.err], [0, '']);
  assert.is(
    ran.out,
    `Address   ${of.address}\n` +
      'Repaired  4 of 12 shard files\n' +
      'Shard 01  was missing\n' +
      'Shard 04  was corrupt\n' +
      'Shard 07  was 1 bytes too long\n' +
      `Shard 11  was truncated: 0 of ${statSync(at(0)).size} bytes\n`
  );
  assert.equal(
    of.shards.map((path) => toHex(readFileSync(path))),
    before
  );
  assert.equal(state([...good, of.manifest]), untouched);
  assert.is((await verify(of)).code, 0);
  const again = await world().run(['ces', 'repair', of.manifest, '--json']);
  assert.is(again.code, 0);
  assert.equal((JSON.parse(again.out) as { repaired: unknown[] }).repaired, []);
  assert.equal(state([...good, of.manifest]), untouched);
});

t('files that are each damaged in another stripe restore one another', async () => {
  const of = await put(12 * 65536);
  const before = of.shards.map((path) => toHex(readFileSync(path)));
  const stripe = statSync(of.shards[0] as string).size / 12;
  of.shards.forEach((path, i) => spoil(path, Math.floor(stripe * i) + 10));
  assert.match((await verify(of)).err, '12 of 12 shard files are damaged');
  assert.is((await get(of)).code, 0);
  assert.is((await world().run(['ces', 'repair', of.manifest])).code, 0);
  assert.equal(
    of.shards.map((path) => toHex(readFileSync(path))),
    before
  );
});

t('one damaged file too many is one error for each command, and nothing is written', async () => {
  const of = await put(100_000);
  for (const path of of.shards.slice(0, 5)) rmSync(path);
  const listed = readdirSync(of.dir).sort();
  const lost =
    `tesserae: MANIFEST: ${of.manifest}: 2 of 2 stripes are lost: of 12 shard files 5 are damaged ` +
    '(00, 01, 02, 03, 04), 8 good shards are needed\n';
  assert.equal([(await verify(of)).code, (await verify(of)).err], [1, lost]);
  const mended = await world().run(['ces', 'repair', of.manifest]);
  assert.equal([mended.code, mended.out, mended.err], [1, '', lost]);
  const read = await get(of);
  assert.equal([read.code, read.out], [1, '']);
  assert.is(
    read.err,
    'tesserae: stripe 0: 7 of 12 shards are good, 8 are needed; missing: 0, 1, 2, 3, 4\n'
  );
  for (const path of of.shards.slice(5)) rmSync(path);
  const none = `tesserae: MANIFEST: none of its 12 shard files is in ${of.dir}\n`;
  for (const ran of [await get(of), await verify(of)]) {
    assert.equal([ran.code, ran.out, ran.err], [1, '', none]);
  }
  assert.is(existsSync(join(of.base, 'out')), false);
  assert.is(listed.length, 8);
  assert.equal(readdirSync(of.base).sort(), ['source', 'store']);
});

t('wrong keys and manifests of other files are one error each', async () => {
  const of = await put(5000);
  const other = await put(5000);
  const misnamed = join(of.dir, `${'0'.repeat(64)}.manifest`);
  writeFileSync(misnamed, readFileSync(of.manifest));
  const cut = join(of.base, 'cut');
  writeFileSync(cut, readFileSync(of.manifest).subarray(0, 300));
  const strange = join(of.dir, 'strange');
  writeFileSync(strange, readFileSync(other.manifest));
  const forged = join(of.dir, 'forged');
  writeFileSync(forged, readFileSync(of.manifest));
  spoil(forged, 90);
  const keyed = ['-o', join(of.base, 'out'), '--key', 'key'];
  const cases: [string[], string][] = [
    [[of.manifest, ...keyed.slice(0, 2), '--key', 'other'], '--key: is not the key of this'],
    [[of.manifest, ...keyed.slice(0, 2), '--key', 'none'], '--key: none: does not exist'],
    [[of.manifest, ...keyed.slice(0, 2), '--key', 'words'], '--key: words: 29 bytes are neither'],
    [[misnamed, ...keyed], "the shards' hashes make"],
    [[cut, ...keyed], `MANIFEST: ${cut}: manifest.`],
    [[strange, ...keyed], 'none of its 12 shard files is in'],
    [[forged, ...keyed], '--key: is not the key of this container'],
    [[of.shards[0] as string, ...keyed], 'manifest.magic: no manifest'],
    [[join(of.dir, 'none'), ...keyed], 'none: does not exist'],
    [[of.dir, ...keyed], 'is a folder'],
  ];
  for (const [argv, message] of cases) {
    const ran = await world().run(['ces', 'get', ...argv]);
    assert.equal([ran.code, ran.out], [1, ''], message);
    assert.match(ran.err, message);
    assert.match(ran.err, /^tesserae: [^\n]+\n$/);
    assert.not.match(ran.err, toHex(KEY));
  }
  // The shards of one file under the names of another.
  of.shards.forEach((path, i) => writeFileSync(other.shards[i] as string, readFileSync(path)));
  assert.match((await get(other)).err, 'corrupt: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11');
  assert.equal(readdirSync(of.base).sort(), ['cut', 'source', 'store']);
  assert.equal(readdirSync(other.base).sort(), ['source', 'store']);
});

t(
  'get refuses to overwrite unless forced, and a failure under force keeps the old file',
  async () => {
    const of = await put(3000);
    const out = join(of.base, 'out');
    writeFileSync(out, 'precious');
    const refused = await get(of);
    assert.is(refused.code, 1);
    assert.is(refused.err, `tesserae: ${out}: exists already and is not overwritten\n`);
    for (const path of of.shards.slice(0, 5)) renameSync(path, `${path}.away`);
    assert.is((await get(of, '--force')).code, 1);
    assert.is(readFileSync(out, 'utf8'), 'precious');
    for (const path of of.shards.slice(0, 5)) renameSync(`${path}.away`, path);
    assert.is((await get(of, '--force')).code, 0);
    sameBytes(new Uint8Array(readFileSync(out)), of.content);
  }
);

t('wrong usage ends with 2 and writes nothing', async () => {
  const { dir, source } = place(10);
  const key = ['--key', 'key'];
  const cases: [string[], string][] = [
    [['put', source, '--out', dir], 'exactly one of --key FILE and --passphrase-file FILE'],
    [['put', source, '--out', dir, ...key, '--passphrase-file', 'words'], 'cannot be given both'],
    [['put', source, ...key], '--out DIR is required'],
    [['put', source, '--out', dir, ...key, '--data', '0'], '--data must be a whole number'],
    [['put', source, '--out', dir, ...key, '--data', '200', '--parity', '57'], '256 together'],
    [['get', 'm', ...key], '--out FILE is required'],
    [['get', 'm', '-o', '-', ...key], '-o must name a file'],
    [['get', '-o', 'x', ...key], 'MANIFEST is required'],
    [['repair', 'm', ...key], '--key is not an option of "tesserae ces repair"'],
    [['mend', 'm'], '"ces mend" is not a command (ces put, ces get'],
  ];
  for (const [argv, message] of cases) {
    const ran = await world().run(['ces', ...argv]);
    assert.equal([ran.code, ran.out], [2, ''], message);
    assert.match(ran.err, message);
  }
  assert.is(existsSync(dir), false);
  const help = await world().run(['ces', 'get', '--help']);
  assert.match(help.out, /-o, --out FILE +where the file goes/);
  assert.match((await world().run(['ces', '--help'])).out, /ces repair +make missing/);
});

t('--json of each command is one value that says the same', async () => {
  const of = await put(70_000, '--data', '3', '--parity', '2', '--no-compress');
  assert.is(of.shards.length, 5);
  rmSync(of.shards[1] as string);
  const json = async (code: number, ...argv: string[]): Promise<Record<string, unknown>> => {
    const ran = await world().run(['ces', ...argv, '--json']);
    assert.equal([ran.code, ran.err], [code, ''], argv[0] ?? '');
    return JSON.parse(ran.out) as Record<string, unknown>;
  };
  const shown = await json(0, 'inspect', of.manifest);
  // Form and tag of two stripes on top of the file, since nothing was compressed.
  assert.equal(
    [shown['address'], shown['dataShards'], shown['parityShards'], shown['stripes']],
    [of.address, 3, 2, 2]
  );
  assert.equal([shown['sealedBytes'], shown['fileBytes']], [70_034, null]);
  assert.equal(shown['locks'], [{ kind: 'key' }]);
  const opened = await json(0, 'inspect', of.manifest, '--key', 'key');
  assert.equal([opened['fileBytes'], opened['shardFileBytes']], [70_000, 23_345]);
  const path = of.shards[1] as string;
  const damage = [{ shard: 1, path, problem: 'missing', stripes: 2 }];
  const checked = await json(1, 'verify', of.manifest);
  assert.equal(checked['damaged'], damage);
  assert.equal(
    [checked['whole'], checked['readable'], checked['authenticated']],
    [false, true, false]
  );
  assert.equal((await json(0, 'repair', of.manifest))['repaired'], damage);
  const whole = await json(0, 'verify', of.manifest, '--key', 'key');
  assert.equal([whole['whole'], whole['authenticated'], whole['damaged']], [true, true, []]);
  const out = join(of.base, 'out');
  assert.equal(await json(0, 'get', of.manifest, '-o', out, '--key', 'key'), {
    address: of.address,
    out,
    fileBytes: 70_000,
  });
});

t('put sweeps what a killed put left, shards of its address too, and nothing else', async () => {
  const of = await put(1000);
  const [dead, gone] = ['a'.repeat(64), 'b'.repeat(64)];
  const leave = (name: string): string => {
    writeFileSync(join(of.dir, name), 'x');
    return name;
  };
  // No process has this number: Linux ends at 2^22.
  const swept = [
    leave('.tesserae-ces-99999999-0123456789ab.00.shard.tmp'),
    leave(`.tesserae-ces-99999999-0123456789ab.${dead}.manifest.tmp`),
    leave(`.tesserae-ces-${process.pid}-0123456789ab.out.tmp`),
    leave(`${dead}.00.shard`),
    leave(`${dead}.07.shard`),
  ];
  const kept = [
    leave(`.tesserae-ces-${process.ppid}-0123456789ab.00.shard.tmp`),
    leave(`${gone}.00.shard`),
    leave('.tesserae-ces-99999999-0123456789ab.99.shard.tmp.mine'),
    leave(`${dead}.00.shard.mine`),
  ];
  const source = join(of.base, 'source');
  const ran = await world().run(['ces', 'put', source, '--out', of.dir, '--key', 'key']);
  assert.is(ran.code, 0);
  assert.match(ran.out, /^Removed +5 files of an interrupted run$/m);
  const names = readdirSync(of.dir);
  for (const name of swept) assert.not(names.includes(name), name);
  for (const name of kept) assert.ok(names.includes(name), name);
  assert.is(names.length, 2 * 13 + kept.length);
});

t('a source that cannot be read leaves an empty folder at most', async () => {
  const { dir } = place(0);
  const argv = (source: string): string[] => ['ces', 'put', source, '--out', dir, '--key', 'key'];
  const none = await world().run(argv(join(dir, 'none')));
  assert.equal([none.code, none.err], [1, `tesserae: FILE: ${dir}/none: does not exist\n`]);
  const folder = await world().run(argv(root));
  assert.equal([folder.code, folder.err], [1, `tesserae: FILE: ${root}: is a folder\n`]);
  const onFile = await world().run([
    'ces',
    'put',
    join(dir, '..', 'source'),
    '--out',
    join(dir, '..', 'source'),
    '--key',
    'key',
  ]);
  assert.is(onFile.code, 1);
  assert.match(onFile.err, /^tesserae: [^\n]+source: is not a folder\n$/);
  assert.is(existsSync(dir), false);
});

t('progress shows on a terminal alone', async () => {
  const { dir, source } = place(3_000_000);
  for (const terminal of [true, false]) {
    const disk = world({ terminal });
    const timer = setInterval(() => disk.clock.advance(300), 1);
    const ran = await disk.run(['ces', 'put', source, '--out', dir, '--key', 'key']);
    clearInterval(timer);
    assert.is(ran.code, 0);
    if (terminal) assert.match(ran.err, /\rstoring [\d.]+ k?M?B\u001b\[K.*\r\u001b\[K$/);
    else assert.is(ran.err, '');
  }
});

t.run();
