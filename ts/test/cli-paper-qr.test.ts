import { SeededRandom } from '../base/random.ts';
import { contactCard, parseContactCard } from '../lxmf/contact.ts';
import { deliveryHash, packMessage } from '../lxmf/message.ts';
import { paperUri, sealPaper } from '../lxmf/paper.ts';
import { decodeImage } from '../qr/image.ts';
import { scanQr } from '../qr/scan.ts';
import { Identity } from '../reticulum/identity.ts';
import { assert, sameBytes } from './support/assert.ts';
import { World, type WorldOptions } from './support/cli.ts';
import { suite } from './support/suite.ts';

const t = suite('tesserae paper qr', import.meta.url);

const ALICE = Identity.generate(new SeededRandom(101));
const BOB = Identity.generate(new SeededRandom(102));
const READ = ['paper', 'read', '--identity', 'bob', '--source', contactCard(ALICE)];

function world(options: WorldOptions = {}): World {
  const made = new World(options);
  made.files.set('bob', BOB.privateKey());
  return made;
}

/** A paper message from Alice to Bob. */
function paper({ content = '' } = {}): string {
  const draft = { destinationHash: deliveryHash(BOB), timestamp: 1_795_000_000.25, content };
  return paperUri(sealPaper(packMessage(draft, ALICE), BOB, new SeededRandom(5)));
}

t('[lxmf/qr-helper-text-render] paper qr draws files that lead back to the URI', async () => {
  const uri = paper({ content: 'draw me' });
  const disk = world({ stdin: `${uri}\n` });
  const svg = await disk.run(['paper', 'qr', uri, '--svg', 'code.svg', '--mm', '70']);
  assert.equal([svg.code, svg.out], [0, '']);
  assert.match(
    svg.err,
    /^tesserae: version \d+-[LMQH], \d+ modules, 1\.0\d mm a module at 70 mm: good\n$/
  );
  assert.match(new TextDecoder().decode(disk.files.get('code.svg')), 'width="70mm"');
  assert.is((await disk.run(['paper', 'qr', '-', '--png', 'code.png'])).code, 0);
  assert.equal(await scanQr(await decodeImage(disk.files.get('code.png') as Uint8Array)), [uri]);
  assert.is((await disk.run([...READ, 'code.png'])).code, 0);
  const piped = await disk.run(['paper', 'qr', uri, '--png', '-']);
  assert.equal(await scanQr(await decodeImage(piped.outBytes)), [uri]);
  const again = await disk.run(['paper', 'qr', uri, '--png', 'code.png']);
  assert.is(again.code, 1);
  assert.is(again.err, 'tesserae: --png: code.png: exists already and is not overwritten\n');
});

t('paper qr --text is plain in a pipe and colored on a terminal', async () => {
  const uri = paper();
  const plain = await world().run(['paper', 'qr', uri, '--text']);
  assert.equal([plain.code, plain.err], [0, '']);
  assert.match(plain.out, /^[ ▀▄█\n]+$/);
  const colored = await world({ terminal: true }).run(['paper', 'qr', uri, '--text']);
  assert.match(colored.out, '\u001b[30;107m');
  const inverse = await world({ terminal: true }).run(['paper', 'qr', uri, '--text', '--inverse']);
  assert.match(inverse.out, /^[ ▀▄█\n]+$/);
  assert.match((await world().run(['paper', 'qr', uri, '--ascii'])).out, /^[ #\n]+$/);
});

t('paper qr warns of prints that phones will not read, and says what would do', async () => {
  const uri = paper({ content: 'x'.repeat(1900) });
  const disk = world();
  const small = await disk.run(['paper', 'qr', uri, '--svg', 'a', '--mm', '60']);
  assert.match(small.err, /likely unreadable, print it at \d+ mm or more\n$/);
  const json = await disk.run(['paper', 'qr', uri, '--svg', 'b', '--mm', '60', '--json']);
  const facts = JSON.parse(json.out) as Record<string, unknown>;
  assert.is(facts['verdict'], 'too-small');
  assert.is(facts['file'], 'b');
  assert.is(json.err, '');
  const good = await disk.run(['paper', 'qr', uri, '--svg', 'c', '--mm', String(facts['goodMm'])]);
  assert.match(good.err, ': good\n');
  const text = JSON.parse((await disk.run(['paper', 'qr', uri, '--text', '--json'])).out) as object;
  assert.match((text as { text: string }).text, /^[ ▀▄█\n]+$/);
});

t('paper qr draws contact cards, and checks what it draws', async () => {
  const card = contactCard(BOB);
  const disk = world();
  assert.is((await disk.run(['paper', 'qr', card, '--png', 'card.png'])).code, 0);
  const [text] = await scanQr(await decodeImage(disk.files.get('card.png') as Uint8Array));
  sameBytes(parseContactCard(text ?? '').identity.publicKey, BOB.publicKey);
  const cases: [string[], number, string][] = [
    [['lxma://00:11', '--text'], 1, 'URI: is not lxma://'],
    [['lxm://@@@', '--text'], 1, 'URI: data is not base64url'],
    [['http://x', '--text'], 1, 'URI: begins with none of lxm:// or lxma://'],
    [[card], 2, 'exactly one of --svg FILE, --png FILE, --text and --ascii is needed'],
    [[card, '--text', '--svg', 'x'], 2, 'exactly one of'],
    [[card, '--svg', 'x', '--mm', '0'], 2, '--mm must be a number from 1 to 10000'],
    [[card, '--svg', 'x', '--inverse'], 2, '--inverse needs --text or --ascii'],
    [[card, '--svg', '-', '--json'], 2, '--json and --svg - cannot share standard output'],
  ];
  for (const [argv, code, message] of cases) {
    const ran = await disk.run(['paper', 'qr', ...argv]);
    assert.is(ran.code, code, message);
    assert.is(ran.out, '');
    assert.match(ran.err, message);
  }
  const terminal = await world({ terminal: true }).run(['paper', 'qr', card, '--png', '-']);
  assert.is(terminal.code, 2);
  assert.match(terminal.err, 'standard output is a terminal');
});

t.run();
