import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toHex } from '../base/hex.ts';
import { assert, sameBytes } from './support/assert.ts';
import { suite } from './support/suite.ts';

// time limit: 240 s
const t = suite('tesserae ces, the process', import.meta.url);
const root = fileURLToPath(new URL('../../', import.meta.url));
const program = fileURLToPath(new URL('../cli/main.ts', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'tesserae-ces-process-'));
t.after(() => rmSync(dir, { recursive: true, force: true }));
const LIMIT_MS = 120_000;

const key = join(dir, 'key');
const source = join(dir, 'source');
const content = new Uint8Array(randomBytes(400_000));
writeFileSync(key, randomBytes(32));
writeFileSync(source, content);

interface Ended {
  code: number | null;
  signal: string | null;
  out: string;
  err: string;
}

function start(argv: readonly string[], preload?: string): ChildProcessWithoutNullStreams {
  const first = preload === undefined ? [] : ['--import', `data:text/javascript,${preload}`];
  return spawn(process.execPath, ['--import', 'tsx', ...first, program, 'ces', ...argv], {
    cwd: root,
  });
}

function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  return new Promise((resolve) => {
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Uint8Array) => (out += new TextDecoder().decode(chunk)));
    child.stderr.on('data', (chunk: Uint8Array) => (err += new TextDecoder().decode(chunk)));
    child.on('close', (code, signal) => resolve({ code, signal, out, err }));
  });
}

function run(argv: readonly string[], preload?: string): Promise<Ended> {
  return ended(start(argv, preload));
}

/** Ends the process by SIGKILL instead of its n-th renaming, counted from 0. */
function killAtRename(n: number): string {
  return encodeURIComponent(
    `import fs from 'node:fs/promises';import{syncBuiltinESMExports}from'node:module';` +
      `const rename=fs.rename;let n=0;fs.rename=(from,to)=>{` +
      `if(String(from).includes('.tesserae-ces-')&&n++===${n})process.kill(process.pid,'SIGKILL');` +
      `return rename(from,to)};syncBuiltinESMExports();`
  );
}

const isTemporary = (name: string): boolean => name.startsWith('.tesserae-ces-');

async function put(store: string): Promise<{ manifest: string; shards: string[] }> {
  const ran = await run(['put', source, '--out', store, '--key', key, '--json']);
  assert.equal([ran.code, ran.err], [0, '']);
  return JSON.parse(ran.out) as { manifest: string; shards: string[] };
}

async function restores(manifest: string): Promise<void> {
  const out = join(dir, 'out');
  const ran = await run(['get', manifest, '-o', out, '--key', key, '--force']);
  assert.equal([ran.code, ran.err], [0, '']);
  sameBytes(new Uint8Array(readFileSync(out)), content);
}

t(
  'put, loss, verify, repair and get through real files',
  async () => {
    const { manifest, shards } = await put(join(dir, 'plain'));
    for (const path of shards.slice(2, 6)) rmSync(path);
    const checked = await run(['verify', manifest]);
    assert.is(checked.code, 1);
    assert.match(checked.err, /^tesserae: [^\n]+\(02, 03, 04, 05\); the file can still be read\n$/);
    await restores(manifest);
    assert.is((await run(['repair', manifest])).code, 0);
    const whole = await run(['verify', manifest]);
    assert.equal([whole.code, whole.err], [0, '']);
  },
  LIMIT_MS
);

/** Tells each sync of a file or folder as `s`, each renaming as `r`. */
const TELL_STEPS = encodeURIComponent(
  `import fs from 'node:fs/promises';import{syncBuiltinESMExports}from'node:module';` +
    `const handle=await fs.open(process.execPath);const kind=Object.getPrototypeOf(handle);` +
    `await handle.close();const sync=kind.sync;kind.sync=function(){` +
    `process.stderr.write('s');return sync.call(this)};const rename=fs.rename;` +
    `fs.rename=(from,to)=>{if(String(from).includes('.tesserae-ces-'))process.stderr.write('r');` +
    `return rename(from,to)};syncBuiltinESMExports();`
);

t(
  '[tesserae/files-durable] everything is synced before it has a name, the manifest comes last',
  async () => {
    const store = join(dir, 'steps');
    mkdirSync(store);
    const argv = ['put', source, '--out', store, '--key', key, '--json'];
    const made = await run(argv, TELL_STEPS);
    // Twelve shards, the manifest and the folder; the names; the folder, the manifest's name, again.
    assert.equal([made.code, made.err], [0, `${'s'.repeat(14)}${'r'.repeat(12)}srs`]);
    const { manifest, shards } = JSON.parse(made.out) as { manifest: string; shards: string[] };
    for (const path of shards.slice(0, 3)) truncateSync(path, 7);
    const mended = await run(['repair', manifest], TELL_STEPS);
    assert.equal([mended.code, mended.err], [0, 'sssrrrs']);
  },
  LIMIT_MS
);

for (const [renames, what] of [
  [0, 'before the first shard has its name'],
  [5, 'when five shards have their names'],
  [12, 'when only the manifest is wanting'],
] as const) {
  t(
    `[tesserae/files-durable] kill -9 of put ${what} leaves nothing that counts, the next sweeps`,
    async () => {
      const store = join(dir, `put ${renames}`);
      const argv = ['put', source, '--out', store, '--key', key];
      const killed = await run(argv, killAtRename(renames));
      assert.equal([killed.signal, killed.out, killed.err], ['SIGKILL', '', '']);
      const left = readdirSync(store);
      assert.is(left.length, 13);
      assert.is(left.filter(isTemporary).length, 13 - renames);
      assert.is(left.filter((name) => name.endsWith('.manifest')).length, 0);
      const { manifest, shards } = await put(store);
      const due = [manifest, ...shards].map((path) => path.slice(store.length + 1));
      assert.equal(readdirSync(store).sort(), due.sort());
      await restores(manifest);
    },
    LIMIT_MS
  );
}

for (const renames of [0, 2]) {
  t(
    `[tesserae/files-durable] kill -9 of repair after ${renames} of 4 renamings loses nothing`,
    async () => {
      const store = join(dir, `repair ${renames}`);
      const { manifest, shards } = await put(store);
      const before = shards.map((path) => toHex(readFileSync(path)));
      const [a, b, c, d] = shards as [string, string, string, string];
      for (const path of [a, b]) rmSync(path);
      for (const path of [c, d]) truncateSync(path, 1000);
      const killed = await run(['repair', manifest], killAtRename(renames));
      assert.equal([killed.signal, killed.out], ['SIGKILL', '']);
      assert.is(readdirSync(store).filter(isTemporary).length, 4 - renames);
      assert.equal([existsSync(a), existsSync(b)], [renames > 0, renames > 1]);
      const checked = await run(['verify', manifest, '--json']);
      const { damaged } = JSON.parse(checked.out) as { damaged: { shard: number }[] };
      assert.equal(
        damaged.map(({ shard }) => shard),
        [0, 1, 2, 3].slice(renames)
      );
      await restores(manifest);
      assert.is((await run(['repair', manifest])).code, 0);
      assert.equal(
        shards.map((path) => toHex(readFileSync(path))),
        before
      );
      assert.is(readdirSync(store).filter(isTemporary).length, 0);
    },
    LIMIT_MS
  );
}

/** A disk that loses the last byte of everything that is written. */
const BAD_DISK = encodeURIComponent(
  `import fs from 'node:fs/promises';const handle=await fs.open(process.execPath);` +
    `const kind=Object.getPrototypeOf(handle);await handle.close();const write=kind.write;` +
    `kind.write=function(bytes,at,length,place){const wrong=bytes.slice();` +
    `wrong[at+length-1]^=1;return write.call(this,wrong,at,length,place)};`
);

t(
  'repair reads back what it wrote, and replaces nothing when the disk was wrong',
  async () => {
    const store = join(dir, 'bad disk');
    const { manifest, shards } = await put(store);
    const [a, b] = shards as [string, string];
    truncateSync(a, 1000);
    rmSync(b);
    const old = toHex(readFileSync(a));
    const ran = await run(['repair', manifest], BAD_DISK);
    assert.equal([ran.code, ran.out], [1, '']);
    assert.is(ran.err, 'tesserae: stripe 0: shard 0 came back wrong from the disk\n');
    assert.equal([toHex(readFileSync(a)), existsSync(b)], [old, false]);
    assert.is(readdirSync(store).filter(isTemporary).length, 0);
    await restores(manifest);
  },
  LIMIT_MS
);

/** Resolves when the folder holds a temporary file, so that the work has begun. */
async function begun(folder: string): Promise<void> {
  while (!existsSync(folder) || !readdirSync(folder).some(isTemporary)) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

for (const [signal, what] of [
  ['SIGKILL', 'kill -9'],
  ['SIGINT', 'Ctrl-C'],
] as const) {
  t(
    `${what} in the middle of writing leaves no file that counts`,
    async () => {
      const store = join(dir, what);
      const large = join(dir, 'large');
      mkdirSync(store);
      writeFileSync(large, '');
      truncateSync(large, 512 << 20);
      const argv = ['put', large, '--out', store, '--key', key, '--no-compress'];
      const child = start(argv);
      const end = ended(child);
      await begun(store);
      child.kill(signal);
      const ran = await end;
      const names = readdirSync(store);
      if (signal === 'SIGKILL') {
        assert.is(ran.signal, 'SIGKILL');
        assert.ok(names.length > 0 && names.every(isTemporary), names.join(' '));
      } else {
        assert.equal([ran.code, ran.out, ran.err], [130, '', 'tesserae: interrupted\n']);
        assert.equal(names, []);
      }
      await put(store);
      assert.is(readdirSync(store).length, 13);
    },
    LIMIT_MS
  );
}

t(
  'files far larger than the memory that is taken go through',
  async () => {
    const large = join(dir, 'huge');
    const store = join(dir, 'huge store');
    const bytes = 320 << 20;
    writeFileSync(large, '');
    truncateSync(large, bytes);
    const tell = `process.on('exit',()=>process.stderr.write(String(process.resourceUsage().maxRSS)))`;
    const argv = ['put', large, '--out', store, '--key', key, '--no-compress', '--json'];
    const made = await run(argv, tell);
    assert.is(made.code, 0, made.err);
    const { manifest } = JSON.parse(made.out) as { manifest: string };
    const out = join(dir, 'huge out');
    const read = await run(['get', manifest, '-o', out, '--key', key], tell);
    assert.is(read.code, 0, read.err);
    for (const { err } of [made, read]) {
      const most = Number(err) * 1024;
      assert.ok(most > 0 && most < bytes, `${most} bytes of memory`);
    }
  },
  LIMIT_MS
);

t.run();
