import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encode } from 'fast-png';
import { concat } from '../base/bytes.ts';
import { createFile } from '../host/node/files.ts';
import { encodeQr } from '../qr/code.ts';
import { assert } from './support/assert.ts';
import { photograph } from './support/photograph.ts';
import { suite } from './support/suite.ts';

// time limit: 240 s
const t = suite('tesserae, the process', import.meta.url);
const root = fileURLToPath(new URL('../../', import.meta.url));
const program = fileURLToPath(new URL('../cli/main.ts', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'tesserae-cli-'));
t.after(() => rmSync(dir, { recursive: true, force: true }));
const LIMIT_MS = 60_000;

interface Ended {
  code: number | null;
  signal: string | null;
  out: Uint8Array;
  text: string;
  err: string;
}

function start(argv: readonly string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, ['--import', 'tsx', program, ...argv], { cwd: root });
}

function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  return new Promise((resolve) => {
    const out: Uint8Array[] = [];
    let err = '';
    child.stdout.on('data', (chunk: Uint8Array) => out.push(chunk));
    child.stderr.on('data', (chunk: Uint8Array) => (err += new TextDecoder().decode(chunk)));
    child.on('close', (code, signal) => {
      const all = concat(...out);
      resolve({ code, signal, out: all, text: new TextDecoder().decode(all), err });
    });
  });
}

async function run(argv: readonly string[], stdin?: string | Uint8Array): Promise<Ended> {
  const child = start(argv);
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  return ended(child);
}

t(
  'prints the version of the package',
  async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      version: string;
    };
    const ran = await run(['--version']);
    assert.equal([ran.code, ran.text, ran.err], [0, `tesserae ${version}\n`, '']);
  },
  LIMIT_MS
);

t('the first line lets a shell run the program', () => {
  assert.is(readFileSync(program, 'utf8').split('\n')[0], '#!/usr/bin/env node');
});

t(
  'identity, message, picture and back, through real files and pipes',
  async () => {
    const [alice, bob, png] = [join(dir, 'alice'), join(dir, 'bob'), join(dir, 'code.png')];
    assert.is((await run(['id', 'new', '--out', alice])).code, 0);
    const made = await run(['id', 'new', '--out', bob, '--json']);
    assert.is(made.code, 0);
    assert.is(statSync(bob).mode & 0o777, 0o600);
    assert.is(statSync(bob).size, 64);
    const card = (JSON.parse(made.text) as { contactCard: string }).contactCard;
    const shown = await run(['id', 'show', alice, '--json']);
    const source = (JSON.parse(shown.text) as { contactCard: string }).contactCard;
    const uri = await run(
      ['paper', 'new', '--from', alice, '--to', card, '--file', '-'],
      'piped\n'
    );
    assert.equal([uri.code, uri.err], [0, '']);
    const drawn = await run(['paper', 'qr', '-', '--png', png], uri.text);
    assert.is(drawn.code, 0);
    const read = ['paper', 'read', '--identity', bob, '--source', source];
    for (const last of [await run([...read, png]), await run([...read, '-'], readFileSync(png))]) {
      assert.equal([last.code, last.err], [0, '']);
      assert.match(last.text, 'Signature  verified\n');
      assert.ok(last.text.endsWith('\n\npiped\n'));
    }
    const again = await run(['id', 'new', '--out', bob]);
    assert.equal([again.code, again.text], [1, '']);
    assert.match(again.err, 'exists already and is not overwritten');
    assert.equal(readdirSync(dir).sort(), ['alice', 'bob', 'code.png']);
  },
  120_000
);

t(
  'the thorough QR decoder is found in the installed packages',
  async () => {
    // The quick decoder cannot read mirrored codes, so this picture needs the other one.
    const picture = photograph(encodeQr('lxm://mirrored'), { module: 4, mirrored: true });
    const bytes = new Uint8Array(picture.data);
    await createFile(join(dir, 'key'), new Uint8Array(64).fill(7));
    const png = encode({ ...picture, data: bytes, channels: 4, depth: 8 });
    const ran = await run(['paper', 'read', '--identity', join(dir, 'key'), '-'], png);
    assert.is(ran.code, 1);
    assert.match(ran.err, 'needs at least 112 bytes');
  },
  LIMIT_MS
);

t(
  'a failure is one line without a stack',
  async () => {
    const ran = await run(['id', 'show', join(dir, 'none')]);
    assert.is(ran.code, 1);
    assert.match(ran.err, /^tesserae: FILE: [^\n]+ does not exist\n$/);
    const usage = await run(['paper', 'qr', 'lxm://x', '--nope']);
    assert.is(usage.code, 2);
    assert.match(usage.err, /^tesserae: --nope [^\n]+\n$/);
  },
  LIMIT_MS
);

t(
  'a reader that goes away is no error',
  async () => {
    const child = start(['--help']);
    child.stdout.destroy();
    const end = await ended(child);
    assert.equal([end.code, end.signal, end.err], [0, null, '']);
  },
  LIMIT_MS
);

t(
  'output that cannot be written is one',
  async () => {
    const child = spawn('sh', [
      '-c',
      `exec "$0" --import tsx "$1" --help > /dev/full`,
      process.execPath,
      program,
    ]);
    const end = await ended(child);
    assert.is(end.code, 1);
    assert.match(end.err, /^tesserae: cannot write the output: ENOSPC\n$/);
  },
  LIMIT_MS
);

for (const [what, argv] of [
  ['a measurement', ['stamp', 'bench', '--seconds', '500']],
  ['a search on all cores', ['--stamp-cost', '200']],
] as const) {
  t(
    `Ctrl-C ends ${what} with 130`,
    async () => {
      const key = join(dir, `key of ${what}`);
      await createFile(key, new Uint8Array(64).fill(9));
      const shown = await run(['id', 'show', key, '--json']);
      const { contactCard } = JSON.parse(shown.text) as { contactCard: string };
      const paper = ['paper', 'new', '--from', key, '--to', contactCard, '--content', 'x'];
      // Told from inside the process, since a signal before that moment would simply end it.
      const tell =
        'data:text/javascript,process.on("newListener",(name)=>' +
        '{if(name==="SIGINT")process.stderr.write("listening\\n")})';
      const words = argv[0] === 'stamp' ? argv : [...paper, ...argv];
      const child = spawn(
        process.execPath,
        ['--import', 'tsx', '--import', tell, program, ...words],
        { cwd: root }
      );
      const end = ended(child);
      await new Promise((resolve) => child.stderr.once('data', resolve));
      child.kill('SIGINT');
      const { code, text, err } = await end;
      assert.equal([code, text, err], [130, '', 'listening\ntesserae: interrupted\n']);
    },
    LIMIT_MS
  );
}

t(
  'a stamp is mined by worker threads and the process ends by itself',
  async () => {
    const key = join(dir, 'miner');
    await createFile(key, new Uint8Array(64).fill(5));
    const shown = await run(['id', 'show', key, '--json']);
    const { contactCard } = JSON.parse(shown.text) as { contactCard: string };
    const words = ['--from', key, '--to', contactCard, '--content', 'x', '--stamp-cost', '14'];
    const made = await run(['paper', 'new', ...words, '--json']);
    assert.equal([made.code, made.err], [0, '']);
    assert.ok((JSON.parse(made.text) as { stampValue: number }).stampValue >= 14);
  },
  LIMIT_MS
);

t.run();
