// time limit: 300 s
import { systemRandom } from '../../base/random.ts';
import { toHex } from '../../base/hex.ts';
import { utf8 } from '../../base/bytes.ts';
import { encodeMsgpack, type MsgpackMap } from '../../codec/msgpack.ts';
import { Field } from '../../lxmf/constants.ts';
import { contactCard } from '../../lxmf/contact.ts';
import { deliveryHash } from '../../lxmf/message.ts';
import { encodeQr } from '../../qr/code.ts';
import { decodeImage } from '../../qr/image.ts';
import { qrToPng } from '../../qr/png.ts';
import { scanQr } from '../../qr/scan.ts';
import { Identity } from '../../reticulum/identity.ts';
import { suite } from '../support/suite.ts';
import { assert } from '../support/assert.ts';
import { chromiumPath, type WatchedContext } from '../support/browser.ts';
import { PythonPeer, pythonReferences, type Answer } from '../support/python.ts';
import { usesReference } from '../support/reference.ts';
import {
  addContact,
  bringIdentity,
  Demo,
  fillLetter,
  go,
  makeCode,
  readPaper,
  savedBy,
  settled,
  stepStates,
} from './visit.ts';

const LETTERS = [
  { title: '', content: '' },
  { title: 'Grüße', content: 'ä € 𝄞 two\nlines' },
  { title: 'Long', content: 'z'.repeat(1900) },
];

const references = chromiumPath() === undefined ? [] : pythonReferences();
if (references.length === 0) {
  const t = suite('demo live', import.meta.url);
  const missing =
    chromiumPath() === undefined ? 'no Chromium' : 'no Python reference: run make interop';
  t.skip('the page and LXMF in Python', missing);
  t.run();
}

for (const reference of references) {
  const t = suite(`demo live (${reference.name})`, import.meta.url);
  const py = new PythonPeer(reference, 'lxmf_peer.py');
  const us = Identity.generate(systemRandom);
  const them = Identity.generate(systemRandom);
  const names: string[] = [];
  let demo: Demo;
  let visit: WatchedContext;

  const live = (title: string, body: () => Promise<void>): void =>
    t(
      title,
      async () => {
        for (const name of names) usesReference(name);
        await body();
        assert.equal(visit.watch.faults, []);
      },
      120_000
    );

  t.before(async () => {
    const started = await py.ask('start', { private: toHex(them.privateKey()), stampCost: 8 });
    names.push(`lxmf ${String(started['lxmf'])}`, `rns ${String(started['rns'])}`);
    await py.ask('remember', { public: toHex(us.publicKey) });
    demo = await Demo.start();
    visit = await demo.visit();
    await bringIdentity(visit.page, us);
    await addContact(visit.page, contactCard(them), 'Python');
  });
  t.after(async () => {
    await Demo.stopAll();
    await py.stop();
  });

  live(
    '[tesserae/demo-interop] [lxmf/paper-packed-uri-helper] Python ingests the codes of the page',
    async () => {
      const { page } = visit;
      for (const letter of LETTERS) {
        await fillLetter(page, { to: 'Python', ...letter });
        const uri = await makeCode(page);
        const png = await savedBy(page, () =>
          page.getByRole('button', { name: 'Save PNG' }).click()
        );
        const [scanned] = await scanQr(await decodeImage(png.bytes));
        assert.is(scanned, uri);
        const answer = await py.ask('ingest', { uri: scanned });
        assert.is(answer['result'], 'delivered');
        const [got] = answer['delivered'] as [Answer];
        assert.is(got['title'], toHex(utf8(letter.title)));
        assert.is(got['content'], toHex(utf8(letter.content)));
        assert.is(got['sourceHash'], toHex(deliveryHash(us)));
        assert.is(got['verified'], true);
        assert.is((await py.ask('ingest', { uri }))['result'], 'duplicate');
      }
    }
  );

  live(
    '[tesserae/demo-interop] Python sees the stamp, the file and the answer that the page sent',
    async () => {
      const { page } = visit;
      await fillLetter(page, { to: 'Python', title: 'All', content: 'with everything' });
      await page.getByText('File, answer, format, stamp').click();
      await page.getByLabel('Add a small file').setInputFiles({
        name: 'a.bin',
        mimeType: 'application/octet-stream',
        buffer: Buffer.from([1, 2, 3]),
      });
      await page.getByLabel('Answers the message').fill('ab'.repeat(32));
      await page.getByLabel('Format').selectOption({ label: 'Micron' });
      await page.getByText('Add a stamp (proof of work)').click();
      await page.getByLabel('Cost of the stamp').fill('13');
      const answer = await py.ask('ingest', { uri: await makeCode(page) });
      const [got] = answer['delivered'] as [Answer];
      const fields: MsgpackMap = new Map();
      fields.set(Field.FILE_ATTACHMENTS, [['a.bin', new Uint8Array([1, 2, 3])]]);
      fields.set(Field.RENDERER, 1);
      fields.set(Field.REPLY_TO, new Uint8Array(32).fill(0xab));
      assert.is(got['fields'], toHex(encodeMsgpack(fields)));
      assert.is(got['stampValid'], true);
      assert.ok((got['stampValue'] as number) >= 13);
      assert.is(got['verified'], true);
    }
  );

  live(
    '[tesserae/demo-interop] [lxmf/lxmessage-as-uri] the page reads what Python made, as text and as picture',
    async () => {
      const { page } = visit;
      for (const letter of LETTERS) {
        const made = await py.ask('make', {
          method: 'paper',
          public: toHex(us.publicKey),
          title: toHex(utf8(letter.title)),
          content: toHex(utf8(letter.content)),
          stampCost: letter.title === 'Long' ? undefined : 6,
        });
        const uri = made['uri'] as string;
        await readPaper(page, uri);
        const stamp = letter.title === 'Long' ? 'stamp note' : 'stamp ok';
        const steps = ['parsed ok', 'addressed ok', 'decrypted ok', 'signature ok', stamp];
        assert.equal((await stepStates(page)).slice(0, 5), steps);
        await go(page, 'Read');
        // As LXMF draws it: level L, the smallest version, a border of one module.
        const png = qrToPng(encodeQr(uri, { raise: false }), { quietZone: 1, scale: 6 });
        await page.getByLabel('Open a picture').setInputFiles({
          name: 'python.png',
          mimeType: 'image/png',
          buffer: Buffer.from(png),
        });
        await settled(page);
        assert.equal(await stepStates(page), [...steps, 'duplicate note']);
        const content = await page.locator('.letter .content').textContent();
        assert.is(content, letter.content);
      }
    }
  );

  t.run();
}
