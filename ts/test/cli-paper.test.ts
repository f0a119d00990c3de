import { utf8 } from '../base/bytes.ts';
import { toHex } from '../base/hex.ts';
import { SeededRandom } from '../base/random.ts';
import { MsgpackFloat, type MsgpackMap } from '../codec/msgpack.ts';
import { contactCard } from '../lxmf/contact.ts';
import { deliveryHash, packMessage, unpackMessage, type MessageDraft } from '../lxmf/message.ts';
import { openPaper, paperUri, parsePaperUri, sealPaper } from '../lxmf/paper.ts';
import { messageWorkblock, stampValid } from '../lxmf/stamp.ts';
import { encodeQr } from '../qr/code.ts';
import { qrToPng } from '../qr/png.ts';
import { Identity } from '../reticulum/identity.ts';
import { assert, sameBytes } from './support/assert.ts';
import { World, type WorldOptions } from './support/cli.ts';
import { matrixOf, pixelsOf } from './support/qrmatrix.ts';
import { sheet } from './support/photograph.ts';
import { suite } from './support/suite.ts';
import { encode } from 'fast-png';

const t = suite('tesserae paper', import.meta.url);

const ALICE = Identity.generate(new SeededRandom(101));
const BOB = Identity.generate(new SeededRandom(102));
const EVE = Identity.generate(new SeededRandom(103));

/** A disk with the three identities. */
function world(options: WorldOptions = {}): World {
  const made = new World(options);
  made.files.set('alice', ALICE.privateKey());
  made.files.set('bob', BOB.privateKey());
  made.files.set('eve', EVE.privateKey());
  return made;
}

const NEW = ['paper', 'new', '--from', 'alice', '--to', contactCard(BOB)];
const READ = ['paper', 'read', '--identity', 'bob', '--source', contactCard(ALICE)];

/** A paper message from Alice to Bob, made by the library. */
function paper(draft: Partial<MessageDraft> = {}, change = (bytes: Uint8Array) => bytes): string {
  const message = packMessage(
    { destinationHash: deliveryHash(BOB), timestamp: 1_795_000_000.25, ...draft },
    ALICE
  );
  const altered = unpackMessage(change(message.packed.slice()));
  return paperUri(sealPaper(altered, BOB, new SeededRandom(5)));
}

t(
  '[lxmf/paper-packed-uri-helper] a message written by paper new is read by paper read',
  async () => {
    const disk = world();
    const made = await disk.run([...NEW, '--title', 'Grüße', '--content', 'line one\nline two']);
    assert.is(made.code, 0);
    assert.is(made.err, '');
    assert.match(made.out, /^lxm:\/\/[A-Za-z0-9_-]+\n$/);
    const read = await disk.run([...READ, made.out.trim()]);
    assert.is(read.code, 0);
    assert.is(read.err, '');
    assert.is(
      read.out,
      `From       <${toHex(deliveryHash(ALICE))}>\n` +
        `To         <${toHex(deliveryHash(BOB))}>\n` +
        'Date       2026-11-20 14:46:48 UTC\n' +
        'Title      Grüße\n' +
        `Message    <${toHex(openPaper(parsePaperUri(made.out), BOB).message.messageHash)}>\n` +
        'Signature  verified\n' +
        'Stamp      none\n' +
        '\nline one\nline two\n'
    );
  }
);

t('paper new --json tells hashes and sizes, paper read --json every part', async () => {
  const disk = world();
  const made = await disk.run([...NEW, '--title', 'T', '--content', 'C', '--json']);
  const facts = JSON.parse(made.out) as Record<string, unknown>;
  const { message } = openPaper(parsePaperUri(facts['uri'] as string), BOB);
  assert.equal(facts, {
    uri: facts['uri'],
    destinationHash: toHex(deliveryHash(BOB)),
    sourceHash: toHex(deliveryHash(ALICE)),
    messageHash: toHex(message.messageHash),
    timestamp: 1_795_186_008.5,
    sealedBytes: parsePaperUri(facts['uri'] as string).length,
    bytesLeft: 2210 - parsePaperUri(facts['uri'] as string).length,
    stampValue: null,
    qr: { version: 11, level: 'L', modules: 61 },
  });
  const read = await disk.run([...READ, facts['uri'] as string, '--json']);
  assert.is(read.code, 0);
  assert.equal(JSON.parse(read.out), {
    destinationHash: toHex(deliveryHash(BOB)),
    sourceHash: toHex(deliveryHash(ALICE)),
    messageHash: toHex(message.messageHash),
    timestamp: 1_795_186_008.5,
    title: 'T',
    content: 'C',
    fields: [],
    signature: 'verified',
    stamp: null,
    ratchetId: null,
  });
});

t('content comes from a file or standard input byte for byte, UTF-8 or not', async () => {
  const disk = world({ stdin: Uint8Array.of(0xff, 0x00, 0x0a) });
  disk.files.set('note', utf8('from a file\n'));
  const file = await disk.run([...NEW, '--file', 'note']);
  sameBytes(openPaper(parsePaperUri(file.out), BOB).message.content, utf8('from a file\n'));
  const piped = await disk.run([...NEW, '--file', '-']);
  const read = await disk.run([...READ, '--json', piped.out.trim()]);
  const json = JSON.parse(read.out) as Record<string, unknown>;
  assert.is(json['content'], null);
  assert.is(json['contentHex'], 'ff000a');
  assert.is(json['title'], '');
  const shown = await disk.run([...READ, piped.out.trim()]);
  assert.match(shown.out, 'Content    not UTF-8, shown as hexadecimal\n\nff000a\n');
});

t('the largest message fits and one byte more is refused with the overshoot', async () => {
  const disk = world();
  const most = await disk.run([...NEW, '--content', 'x'.repeat(2015), '--json']);
  assert.is(most.code, 0);
  assert.is((JSON.parse(most.out) as { bytesLeft: number }).bytesLeft, 2);
  const over = await disk.run([...NEW, '--content', 'x'.repeat(2016)]);
  assert.is(over.code, 1);
  assert.is(over.out, '');
  assert.is(
    over.err,
    'tesserae: --content: the sealed message would have 2224 bytes, 14 more than the 2210 that fit\n'
  );
  disk.files.set('big', new Uint8Array(70_000));
  const file = await disk.run([...NEW, '--file', 'big']);
  assert.is(file.err, 'tesserae: --file: big: has more than 65536 bytes\n');
});

t('a message that has no room for its stamp is refused before any is mined', async () => {
  const ran = await world().run([...NEW, '--content', 'x'.repeat(2015), '--stamp-cost', '254']);
  assert.is(ran.code, 1);
  assert.match(ran.err, 'more than the 2210 that fit');
});

t('--stamp-cost adds a stamp that meets the cost, with progress for people only', async () => {
  const disk = world();
  const made = await disk.run([...NEW, '--content', 'stamped', '--stamp-cost', '9', '--json']);
  assert.is(made.code, 0);
  assert.is(made.err, '');
  const facts = JSON.parse(made.out) as { uri: string; stampValue: number };
  const { message } = openPaper(parsePaperUri(facts.uri), BOB);
  assert.ok(stampValid(messageWorkblock(message.messageHash), message.stamp as Uint8Array, 9));
  assert.ok(facts.stampValue >= 9);
  const read = await disk.run([...READ, '--json', facts.uri]);
  assert.equal((JSON.parse(read.out) as { stamp: unknown }).stamp, {
    hex: toHex(message.stamp as Uint8Array),
    value: facts.stampValue,
  });
  assert.match(
    (await disk.run([...READ, facts.uri])).out,
    `Stamp      value ${facts.stampValue}\n`
  );
});

t('Ctrl-C while mining ends with 130, clears the progress line and prints nothing', async () => {
  const ran = await world({ terminal: true, interruptAfter: 6 }).run([
    ...NEW,
    '--content',
    'x',
    '--stamp-cost',
    '200',
  ]);
  assert.is(ran.code, 130);
  assert.is(ran.out, '');
  assert.match(ran.err, 'stamp of cost 200: ');
  assert.ok(ran.err.endsWith('\r\u001b[Ktesserae: interrupted\n'));
});

t('an unknown sender and a broken signature are told apart, shown, and end with 4', async () => {
  const disk = world();
  const good = paper({ content: 'hello' });
  const unknown = await disk.run(['paper', 'read', '--identity', 'bob', good]);
  assert.is(unknown.code, 4);
  assert.match(unknown.out, 'Signature  not verified, the sender is unknown');
  assert.match(unknown.out, '\nhello\n');
  assert.match(unknown.err, /^tesserae: MESSAGE: signature not verified, the sender is unknown/);
  const other = await disk.run([
    'paper',
    'read',
    '--identity',
    'bob',
    '--source',
    contactCard(EVE),
    good,
  ]);
  assert.is(other.code, 4);
  const forged = paper({ content: 'hello' }, (bytes) => {
    bytes[40] = (bytes[40] as number) ^ 1;
    return bytes;
  });
  const invalid = await disk.run([...READ, forged]);
  assert.is(invalid.code, 4);
  assert.match(invalid.out, 'Signature  INVALID');
  assert.match(invalid.err, 'tesserae: MESSAGE: signature INVALID');
  const json = await disk.run([...READ, '--json', forged]);
  assert.is((JSON.parse(json.out) as { signature: string }).signature, 'invalid');
  assert.is(json.code, 4);
});

t('several --source cards are tried, and a message to oneself needs none', async () => {
  const disk = world();
  const several = ['--source', contactCard(EVE), ...READ.slice(4)];
  const read = await disk.run(['paper', 'read', '--identity', 'bob', ...several, paper()]);
  assert.is(read.code, 0);
  const own = await disk.run([
    'paper',
    'new',
    '--from',
    'bob',
    '--to',
    contactCard(BOB),
    '--content',
    'me',
  ]);
  assert.is((await disk.run(['paper', 'read', '--identity', 'bob', own.out.trim()])).code, 0);
});

t('a message for somebody else ends with 3 and shows nothing', async () => {
  for (const json of [[], ['--json']]) {
    const ran = await world().run(['paper', 'read', '--identity', 'eve', paper(), ...json]);
    assert.is(ran.code, 3);
    assert.is(ran.out, '');
    assert.is(
      ran.err,
      'tesserae: MESSAGE: the message is for another destination than yours, ' +
        `<${toHex(deliveryHash(EVE))}>\n`
    );
  }
});

t('a damaged message ends with 1 and names the likely reasons', async () => {
  const uri = paper({ content: 'x'.repeat(100) });
  const damaged = uri.slice(0, 120) + (uri[120] === 'A' ? 'B' : 'A') + uri.slice(121);
  const ran = await world().run([...READ, damaged]);
  assert.is(ran.code, 1);
  assert.is(ran.out, '');
  assert.match(ran.err, /^tesserae: MESSAGE: .*damaged.*ratchet.*\n$/);
  for (const bad of ['lxm://', 'lxm://AAAA', `lxm://${'*'.repeat(300)}`, 'lxma://00', 'http://x']) {
    const refused = await world().run([...READ, bad]);
    assert.is(refused.code, 1, bad);
    assert.is(refused.out, '');
    assert.match(refused.err, /^tesserae: MESSAGE: [^\n]+\n$/);
  }
});

t('a received message cannot steer the terminal, neither as text nor as JSON', async () => {
  const evil = '\u001b]0;owned\u0007\u001b[2J\u009b1m\rFrom: you\u202e';
  const fields: MsgpackMap = new Map([[evil, evil]]);
  const uri = paper({ title: `${evil}\nSignature  verified`, content: `a\n\tb${evil}`, fields });
  for (const terminal of [false, true]) {
    const shown = await world({ terminal }).run([...READ, uri]);
    assert.is(shown.code, 0);
    assert.is(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/.test(shown.out), false);
    assert.match(shown.out, '\na\n\tb\\x1b]0;owned\\x07');
    assert.is(shown.out.split('\n').filter((line) => line.startsWith('Signature')).length, 1);
    const json = await world({ terminal }).run([...READ, '--json', uri]);
    assert.is(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/.test(json.out), false);
    assert.equal((JSON.parse(json.out) as { fields: unknown }).fields, [
      { key: evil, value: evil },
    ]);
  }
});

t('fields are shown by name and number, values in JSON without loss', async () => {
  const fields: MsgpackMap = new Map<number | string, MsgpackFloat | Uint8Array>([
    [5, Uint8Array.of(1, 2)],
    [200, new MsgpackFloat(0.5)],
    ['x', Uint8Array.of()],
  ]);
  const uri = paper({ fields });
  assert.match((await world().run([...READ, uri])).out, 'Fields     FILE_ATTACHMENTS, 200, "x"\n');
  const json = await world().run([...READ, uri, '--json']);
  assert.equal((JSON.parse(json.out) as { fields: unknown }).fields, [
    { key: 5, name: 'FILE_ATTACHMENTS', value: { hex: '0102' } },
    { key: 200, value: 0.5 },
    { key: 'x', value: { hex: '' } },
  ]);
});

t('a timestamp that no calendar holds does not stop the message', async () => {
  for (const [timestamp, shown] of [
    [NaN, 'NaN s'],
    [1e300, `${1e300} s`],
  ] as const) {
    const uri = paper({ timestamp });
    const read = await world().run([...READ, uri]);
    assert.is(read.code, 0);
    assert.match(read.out, `Date       ${shown}\n`);
    const json = JSON.parse((await world().run([...READ, uri, '--json'])).out) as {
      timestamp: unknown;
    };
    assert.is(json.timestamp, Number.isFinite(timestamp) ? timestamp : null);
  }
});

t('paper read takes pictures, text files and standard input of either kind', async () => {
  const uri = paper({ content: 'found' });
  const png = qrToPng(encodeQr(uri), { scale: 3 });
  const wrapped = utf8(`Dear Bob,\r\n\r\n${uri.replace(/(.{60})/g, '$1\r\n')}\r\n\r\nAlice\r\n`);
  const disk = world();
  disk.files.set('code.png', png);
  disk.files.set('mail.txt', wrapped);
  const runs = [
    await disk.run([...READ, 'code.png']),
    await disk.run([...READ, 'mail.txt']),
    await disk.run([...READ, '-'], { stdin: `  ${uri}\n` }),
    await disk.run([...READ, '-'], { stdin: png }),
    await disk.run([...READ, `  ${uri.replace('lxm', 'LXM')}/ `]),
  ];
  for (const ran of runs) {
    assert.is(ran.err, '');
    assert.is(ran.code, 0);
    assert.is(ran.out, runs[0]?.out);
    assert.match(ran.out, '\nfound\n');
  }
});

t('a sheet of several codes gives every message and the gravest exit code', async () => {
  const toEve = paperUri(
    sealPaper(
      packMessage({ destinationHash: deliveryHash(EVE), timestamp: 1 }, ALICE),
      EVE,
      new SeededRandom(1)
    )
  );
  const texts = [paper({ content: 'first' }), toEve, paper({ content: 'second' }), 'http://other'];
  const image = sheet(
    texts.map((text) => pixelsOf(matrixOf(encodeQr(text), 4), 3)),
    2
  );
  const disk = world();
  const bytes = new Uint8Array(image.data);
  disk.files.set('sheet.png', encode({ ...image, data: bytes, channels: 4, depth: 8 }));
  const ran = await disk.run([...READ, 'sheet.png', '--json']);
  assert.is(ran.code, 3);
  const contents = ran.out
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { content: string }).content);
  assert.equal(contents.sort(), ['first', 'second']);
  assert.match(ran.err, /^tesserae: MESSAGE \d of 3: the message is for another destination/);
});

t('pictures and files without a message are refused in one line', async () => {
  const disk = world();
  disk.files.set('jpeg', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 0));
  disk.files.set('cut.png', qrToPng(encodeQr('lxm://x')).slice(0, 200));
  disk.files.set('other.png', qrToPng(encodeQr('http://example.org')));
  disk.files.set(
    'blank.png',
    encode({ width: 9, height: 9, data: new Uint8Array(81), channels: 1 })
  );
  disk.files.set('words', utf8('no message here'));
  disk.files.set('binary', Uint8Array.of(0xfe, 0xff, 0));
  for (const [name, reason] of [
    ['jpeg', 'this is a JPEG file, only PNG can be read here'],
    ['cut.png', /ends before|longer than the file/],
    ['other.png', 'the picture has QR codes, but none begins with lxm://'],
    ['blank.png', 'the picture shows no QR code that can be read'],
    ['words', 'holds no text that begins with lxm://'],
    ['binary', 'is neither text nor an image'],
    ['none', 'none: does not exist'],
  ] as const) {
    const ran = await disk.run([...READ, name]);
    assert.is(ran.code, 1, name);
    assert.is(ran.out, '', name);
    assert.match(ran.err, reason);
    assert.match(ran.err, /^tesserae: MESSAGE: [^\n]+\n$/);
  }
});

t('every wrong or missing argument is named', async () => {
  const cases: [string[], number, string][] = [
    [NEW, 2, 'exactly one of --content TEXT and --file PATH is needed'],
    [[...NEW, '--content', 'a', '--file', 'b'], 2, 'exactly one of --content TEXT'],
    [[...NEW, '--content', 'a', '--stamp-cost', '255'], 2, '--stamp-cost must be a whole number'],
    [[...NEW, '--content', '\ud800'], 2, '--content is not well-formed text'],
    [[...NEW, '--title', '\ud800', '--content', ''], 2, '--title is not well-formed text'],
    [[...NEW, '--file', 'none'], 1, '--file: none: does not exist'],
    [['paper', 'new', '--from', 'none', '--to', 'x', '--content', ''], 1, '--from: none: does not'],
    [['paper', 'new', '--from', 'bob', '--to', 'x', '--content', ''], 1, '--to: is not lxma://'],
    [
      ['paper', 'new', '--from', 'bob', '--to', toHex(deliveryHash(BOB)), '--content', ''],
      1,
      '--to: a bare address is not enough',
    ],
    [
      [
        'paper',
        'new',
        '--from',
        'bob',
        '--to',
        contactCard(BOB).replace(/.$/, '!'),
        '--content',
        '',
      ],
      1,
      '--to: is not lxma://',
    ],
    [[...READ.slice(0, 5), 'lxma://x', paper()], 1, '--source: is not lxma://'],
    [READ, 2, 'MESSAGE is required'],
    [['paper', 'read', paper()], 2, '--identity FILE is required'],
  ];
  for (const [argv, code, message] of cases) {
    const ran = await world().run(argv);
    assert.is(ran.code, code, message);
    assert.is(ran.out, '');
    assert.match(ran.err, /^tesserae: [^\n]+\n$/);
    assert.match(ran.err, message);
  }
});

t.run();
