import { utf8 } from '../base/bytes.ts';
import { fromHex, toHex } from '../base/hex.ts';
import { SeededRandom } from '../base/random.ts';
import { deliveryHash } from '../lxmf/message.ts';
import { contactCard } from '../lxmf/contact.ts';
import { encodeKeyText } from '../reticulum/identity-text.ts';
import { Identity } from '../reticulum/identity.ts';
import { assert, sameBytes } from './support/assert.ts';
import { World } from './support/cli.ts';
import { eachCase, loadGolden } from './support/golden.ts';
import { suite } from './support/suite.ts';

const t = suite('tesserae id', import.meta.url);

t(
  'id new writes the 64-byte private key for its owner only and prints the public half',
  async () => {
    const world = new World({ random: new SeededRandom(3) });
    const ran = await world.run(['id', 'new', '--out', 'alice']);
    const expected = Identity.generate(new SeededRandom(3));
    assert.is(ran.code, 0);
    assert.is(ran.err, '');
    sameBytes(world.files.get('alice'), expected.privateKey());
    assert.is(world.modes.get('alice'), 0o600);
    assert.is(
      ran.out,
      `Identity      <${toHex(expected.hash)}>\n` +
        `LXMF address  <${toHex(deliveryHash(expected))}>\n` +
        `Public key    ${toHex(expected.publicKey)}\n` +
        `Contact card  ${contactCard(expected)}\n`
    );
  }
);

t('no half of the private key appears in any output', async () => {
  const world = new World();
  const outputs = [
    await world.run(['id', 'new', '--out', 'a']),
    await world.run(['id', 'new', '--out', 'b', '--json']),
    await world.run(['id', 'show', 'a']),
    await world.run(['id', 'show', 'a', '--json']),
    await world.run(['id', 'new', '--out', 'a']),
  ];
  const key = world.files.get('a') as Uint8Array;
  for (const { out, err } of outputs) {
    for (const half of [key.subarray(0, 32), key.subarray(32)]) {
      assert.not.match(out + err, toHex(half));
    }
  }
});

t('id new refuses to overwrite', async () => {
  const world = new World();
  world.files.set('taken', utf8('precious'));
  const ran = await world.run(['id', 'new', '--out', 'taken']);
  assert.is(ran.code, 1);
  assert.is(ran.out, '');
  assert.is(ran.err, 'tesserae: --out: taken: exists already and is not overwritten\n');
  sameBytes(world.files.get('taken'), utf8('precious'));
});

t('id show prints for identity files of the reference what the reference computes', async () => {
  const waiting: Promise<void>[] = [];
  const golden = loadGolden('reticulum', 'identity');
  const addressOf = new Map(
    golden.cases
      .filter((item) => item.in['op'] === 'destination' && item.out?.['name'] !== undefined)
      .filter((item) => String(item.out?.['name']).startsWith('lxmf.delivery.'))
      .map((item) => [item.in['identityHash'], item.out?.['hash']])
  );
  assert.ok(addressOf.size >= 2);
  eachCase(
    golden,
    (item) => {
      const check = async (): Promise<void> => {
        const world = new World();
        world.files.set('id', fromHex(item.in['private'] as string));
        const ran = await world.run(['id', 'show', 'id', '--json']);
        const shown = JSON.parse(ran.out) as Record<string, string>;
        assert.is(shown['identityHash'], item.out?.['hash'], item.id);
        assert.is(shown['deliveryHash'], addressOf.get(item.out?.['hash']), item.id);
        assert.is(
          shown['contactCard'],
          `lxma://${shown['deliveryHash']}:${shown['publicKey']}`,
          item.id
        );
      };
      waiting.push(check());
    },
    (item) =>
      item.in['op'] === 'load-private' &&
      item.error === undefined &&
      addressOf.has(item.out?.['hash'])
  );
  await Promise.all(waiting);
});

t('id show reads the text forms that rnid exports', async () => {
  const identity = Identity.generate(new SeededRandom(9));
  const world = new World();
  world.files.set('raw', identity.privateKey());
  const expected = (await world.run(['id', 'show', 'raw'])).out;
  for (const encoding of ['hex', 'base32', 'base64'] as const) {
    world.files.set('text', utf8(`${encodeKeyText(identity.privateKey(), encoding)}\n`));
    assert.is((await world.run(['id', 'show', 'text'])).out, expected, encoding);
  }
});

t('files that are no identity are refused without a word of their content', async () => {
  const world = new World();
  const cases: [string, Uint8Array, string][] = [
    ['empty', new Uint8Array(), 'needs 64 bytes, got 0'],
    ['short', new Uint8Array(63), 'needs 64 bytes, got 63'],
    ['long', new Uint8Array(65).fill(255), 'needs 64 bytes, got 65'],
    ['text', utf8('secretsecret'.repeat(9)), '108 characters are no key'],
    ['huge', new Uint8Array(5000), 'has more than 4096 bytes'],
  ];
  for (const [name, bytes, reason] of cases) {
    world.files.set(name, bytes);
    const ran = await world.run(['id', 'show', name]);
    assert.is(ran.code, 1, name);
    assert.is(ran.out, '', name);
    assert.ok(ran.err.startsWith(`tesserae: FILE: ${name}: `), ran.err);
    assert.match(ran.err, reason);
    assert.not.match(ran.err, 'secret');
    assert.is(ran.err.split('\n').length, 2);
  }
  const missing = await world.run(['id', 'show', 'none']);
  assert.is(missing.err, 'tesserae: FILE: none: does not exist\n');
});

t('version, help and wrong commands', async () => {
  const world = new World();
  assert.equal(await outcome(world, ['--version']), [0, 'tesserae 1.2.3\n', '']);
  for (const argv of [['--help'], ['-h'], ['id', '--help'], ['id', '-h'], ['paper', '--help']]) {
    const ran = await world.run(argv);
    assert.is(ran.code, 0);
    assert.match(ran.out, /^usage: tesserae /);
    assert.is(ran.err, '');
  }
  for (const argv of [[], ['id'], ['paper']]) {
    const ran = await world.run(argv);
    assert.is(ran.code, 2);
    assert.is(ran.out, '');
    assert.match(ran.err, /^usage: tesserae /);
  }
  for (const command of [
    'id new',
    'id show',
    'paper new',
    'paper read',
    'paper qr',
    'stamp bench',
    'probe',
  ]) {
    const ran = await world.run([...command.split(' '), '--help']);
    assert.is(ran.code, 0);
    assert.ok(ran.out.startsWith(`usage: tesserae ${command} `), command);
    assert.match((await world.run(['--help'])).out, `  ${command} `);
  }
  assert.equal(await outcome(world, ['id', 'nwe']), [
    2,
    '',
    'tesserae: "id nwe" is not a command (id new, id show)\n',
  ]);
  assert.match(
    (await world.run(['frob\u001b[2J'])).err,
    'tesserae: "frob\\x1b[2J" is not a command'
  );
  assert.equal(await outcome(world, ['id', 'new']), [2, '', 'tesserae: --out FILE is required\n']);
});

async function outcome(world: World, argv: readonly string[]): Promise<[number, string, string]> {
  const { code, out, err } = await world.run(argv);
  return [code, out, err];
}

t.run();
