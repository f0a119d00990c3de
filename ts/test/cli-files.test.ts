import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFile, PRIVATE_MODE, readFileBounded, replaceFile } from '../host/node/files.ts';
import { assert, rejectsCode, sameBytes } from './support/assert.ts';
import { suite } from './support/suite.ts';

const t = suite('files on disk', import.meta.url);
const root = mkdtempSync(join(tmpdir(), 'tesserae-files-'));
t.after(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
/** A fresh folder for one test. */
function folder(): string {
  count += 1;
  const path = join(root, String(count));
  mkdirSync(path);
  return path;
}

const BYTES = Uint8Array.of(1, 2, 3, 250);

t('a created file holds the bytes, and nothing else is left in its folder', async () => {
  const dir = folder();
  await createFile(join(dir, 'a'), BYTES);
  sameBytes(await readFileBounded(join(dir, 'a'), 4), BYTES);
  assert.equal(readdirSync(dir), ['a']);
});

t('private files are for their owner only, whatever the umask', async () => {
  const dir = folder();
  const before = process.umask(0);
  try {
    await createFile(join(dir, 'key'), BYTES, { mode: PRIVATE_MODE });
    await createFile(join(dir, 'open'), BYTES);
  } finally {
    process.umask(before);
  }
  assert.is(statSync(join(dir, 'key')).mode & 0o777, 0o600);
  assert.is(statSync(join(dir, 'open')).mode & 0o777, 0o666);
});

t('a name that exists is never overwritten, be it file, folder or dangling link', async () => {
  const dir = folder();
  writeFileSync(join(dir, 'file'), 'old');
  mkdirSync(join(dir, 'folder'));
  symlinkSync(join(dir, 'nowhere'), join(dir, 'link'));
  for (const name of ['file', 'folder', 'link']) {
    const error = await rejectsCode(() => createFile(join(dir, name), BYTES), 'HOST_FILE', name);
    assert.match(error.message, 'exists already and is not overwritten');
    assert.match(error.message, name);
  }
  assert.is(readFileSync(join(dir, 'file'), 'utf8'), 'old');
  assert.is(existsSync(join(dir, 'nowhere')), false);
  assert.equal(readdirSync(dir).sort(), ['file', 'folder', 'link']);
});

t('of many writers of one name exactly one succeeds', async () => {
  const dir = folder();
  const path = join(dir, 'a');
  const outcomes = await Promise.allSettled(
    Array.from({ length: 12 }, (_, i) => createFile(path, new Uint8Array(1000).fill(i)))
  );
  const won = outcomes.flatMap((outcome, i) => (outcome.status === 'fulfilled' ? [i] : []));
  assert.is(won.length, 1);
  sameBytes(await readFileBounded(path, 1000), new Uint8Array(1000).fill(won[0] as number));
  assert.equal(readdirSync(dir), ['a']);
});

t('replacing keeps a whole file at every moment and leaves nothing beside it', async () => {
  const dir = folder();
  const path = join(dir, 'a');
  await replaceFile(path, new Uint8Array(5000).fill(1));
  const writing = Promise.all(
    Array.from({ length: 8 }, (_, i) => replaceFile(path, new Uint8Array(5000).fill(i + 2)))
  );
  for (let i = 0; i < 20; i++) {
    const seen = await readFileBounded(path, 5000);
    assert.is(seen.length, 5000);
    assert.is(new Set(seen).size, 1);
  }
  await writing;
  assert.equal(readdirSync(dir), ['a']);
});

t('a replacement that cannot be made leaves the old file and no traces', async () => {
  const dir = folder();
  mkdirSync(join(dir, 'a', 'inner'), { recursive: true });
  await rejectsCode(() => replaceFile(join(dir, 'a'), BYTES), 'HOST_FILE');
  assert.equal(readdirSync(dir), ['a']);
  assert.equal(readdirSync(join(dir, 'a')), ['inner']);
});

t('reasons are told in words with the path', async () => {
  const dir = folder();
  writeFileSync(join(dir, 'file'), BYTES);
  const cases: [() => Promise<unknown>, string][] = [
    [() => readFileBounded(join(dir, 'none'), 9), 'does not exist'],
    [() => readFileBounded(dir, 9), 'is a folder'],
    [() => readFileBounded(join(dir, 'file', 'x'), 9), 'not a folder'],
    [() => readFileBounded(join(dir, 'file'), 3), 'has more than 3 bytes'],
    [() => createFile(join(dir, 'none', 'x'), BYTES), 'does not exist'],
    [() => createFile(join(dir, 'n'.repeat(300)), BYTES), 'name is too long'],
  ];
  for (const [action, reason] of cases) {
    const error = await rejectsCode(action, 'HOST_FILE', reason);
    assert.match(error.message, reason);
    assert.match(error.message, dir);
  }
});

t('a file that may not be read or a folder that may not be written says so', async () => {
  if (process.getuid?.() === 0) {
    // The superuser is refused nothing by permission bits, but is by an immutable kernel folder.
    await rejectsCode(() => createFile('/proc/tesserae', BYTES), 'HOST_FILE');
    return;
  }
  const dir = folder();
  writeFileSync(join(dir, 'secret'), BYTES, { mode: 0 });
  const read = await rejectsCode(() => readFileBounded(join(dir, 'secret'), 9), 'HOST_FILE');
  assert.match(read.message, 'permission denied');
  chmodSync(dir, 0o500);
  const write = await rejectsCode(() => createFile(join(dir, 'x'), BYTES), 'HOST_FILE');
  chmodSync(dir, 0o700);
  assert.match(write.message, 'permission denied');
});

t('reads are bounded by what arrives, not by the stated size', async () => {
  const error = await rejectsCode(() => readFileBounded('/dev/zero', 100_000), 'HOST_FILE');
  assert.match(error.message, 'has more than 100000 bytes');
  assert.is((await readFileBounded('/dev/null', 10)).length, 0);
  const pipe = join(folder(), 'pipe');
  assert.is(spawnSync('mkfifo', [pipe]).status, 0);
  // Another process writes, more than a pipe holds at once.
  const writer = spawn('sh', ['-c', `head -c 200000 /dev/zero > "${pipe}"`]);
  sameBytes(await readFileBounded(pipe, 300_000), new Uint8Array(200_000));
  if (writer.exitCode === null) await new Promise((resolve) => writer.once('exit', resolve));
});

t('a file of exactly the limit is read', async () => {
  const path = join(folder(), 'a');
  for (const size of [0, 1, 65_535, 65_536, 65_537, 200_000]) {
    writeFileSync(path, new Uint8Array(size).fill(5));
    assert.is((await readFileBounded(path, size)).length, size);
    if (size > 0) await rejectsCode(() => readFileBounded(path, size - 1), 'HOST_FILE');
  }
});

t.run();
