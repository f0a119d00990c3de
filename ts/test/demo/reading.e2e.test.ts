// time limit: 300 s
import { utf8 } from '../../base/bytes.ts';
import { systemRandom } from '../../base/random.ts';
import type { MsgpackMap, MsgpackValue } from '../../codec/msgpack.ts';
import { Field, Renderer } from '../../lxmf/constants.ts';
import { contactCard } from '../../lxmf/contact.ts';
import { attachmentsField } from '../../lxmf/fields.ts';
import { deliveryHash, packMessage, withStamp } from '../../lxmf/message.ts';
import { paperUri, sealPaper } from '../../lxmf/paper.ts';
import { messageWorkblock, mineStamp } from '../../lxmf/stamp.ts';
import { toHex } from '../../base/hex.ts';
import { Identity } from '../../reticulum/identity.ts';
import { concat } from '../../base/bytes.ts';
import { suite } from '../support/suite.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { chromiumPath, type WatchedContext } from '../support/browser.ts';
import {
  addContact,
  bringIdentity,
  createIdentity,
  Demo,
  go,
  madeUri,
  makeCode,
  paperFor,
  readPaper,
  reasonOf,
  savedBy,
  settled,
  stepStates,
} from './visit.ts';

const t = suite('demo reading', import.meta.url);

const EVIL = [
  '<img src=x onerror="window.hit=1">',
  '<script>window.hit=1</script>',
  '"><svg onload=window.hit=1>',
  '{{constructor.constructor("window.hit=1")()}}',
  'javascript:window.hit=1',
];

function fieldsOf(entries: readonly (readonly [MsgpackValue, MsgpackValue])[]): MsgpackMap {
  return new Map(entries);
}

if (chromiumPath() === undefined) {
  t.skip('the page reads papers', 'no Chromium is installed');
} else {
  let demo: Demo;
  const writer = Identity.generate(systemRandom);
  const reader = Identity.generate(systemRandom);
  t.before(async () => {
    demo = await Demo.start();
  });
  t.after(() => Demo.stopAll());

  const visitAsReader = async (): Promise<WatchedContext> => {
    const visit = await demo.visit({ permissions: ['clipboard-read', 'clipboard-write'] });
    await bringIdentity(visit.page, reader);
    return visit;
  };

  t('[tesserae/demo-reading] an unknown source is verified once its card is added', async () => {
    const { context, page, watch } = await visitAsReader();
    const uri = paperFor(writer, reader, { title: 'Hello', content: 'From afar' });
    await readPaper(page, uri);
    assert.is((await stepStates(page))[3], 'signature warn');
    assert.match((await page.locator('.seal').textContent()) ?? '', /Unknown source/);
    assert.is(await page.locator('.letter .content').textContent(), 'From afar');
    const card = page.getByLabel('Card of the sender');
    await card.fill(contactCard(reader));
    await page.getByLabel('Name for this contact').fill('Afar');
    await page.getByRole('button', { name: 'Add and check again' }).click();
    assert.match(
      (await page.locator('.unknown .fault:visible').textContent()) ?? '',
      /somebody else/
    );
    await card.fill(contactCard(writer));
    await page.getByRole('button', { name: 'Add and check again' }).click();
    await page.locator('.seal.verified').waitFor();
    await settled(page);
    assert.equal((await stepStates(page)).slice(3), ['signature ok', 'stamp note', 'duplicate ok']);
    assert.match(await reasonOf(page, 'signature'), /Signed by Afar/);
    await readPaper(page, uri);
    assert.is((await stepStates(page))[5], 'duplicate note');
    assert.equal(watch.faults, []);
    await context.close();
  });

  t('[tesserae/demo-reading] a forged signature is invalid, in words, sign and color', async () => {
    const { context, page } = await visitAsReader();
    await addContact(page, contactCard(writer), 'Writer');
    const message = packMessage(
      { destinationHash: deliveryHash(reader), timestamp: 1, content: 'send gold' },
      writer
    );
    const packed = message.packed.slice();
    packed[40] = (packed[40] as number) ^ 1;
    const sealed = concat(
      message.destinationHash,
      reader.encrypt(packed.subarray(16), systemRandom)
    );
    await readPaper(page, paperUri(sealed));
    assert.is((await stepStates(page))[3], 'signature fail');
    assert.match((await page.locator('.seal.invalid').textContent()) ?? '', /Signature invalid/);
    assert.is(await page.locator('.seal.invalid svg.icon-fail').count(), 1);
    await context.close();
  });

  t('[tesserae/demo-reading] every other outcome is told with its reason', async () => {
    const { context, page, watch } = await visitAsReader();
    const good = paperFor(writer, reader, { content: 'x' });
    const damaged = good.slice(0, 120) + (good[120] === 'A' ? 'B' : 'A') + good.slice(121);
    const cases: readonly (readonly [string, string[], RegExp])[] = [
      ['https://example.org/', ['parsed fail'], /begins with lxm:\/\//],
      [toHex(deliveryHash(writer)), ['parsed fail'], /bare LXMF address/],
      ['lxm://abc', ['parsed fail'], /smallest message/],
      ['lxm://a*b', ['parsed fail'], /not base64url/],
      [paperFor(writer, writer, { content: 'x' }), ['parsed ok', 'addressed fail'], /It is for </],
      [damaged, ['parsed ok', 'addressed ok', 'decrypted fail'], /seal is broken/],
      [
        `${good.slice(0, 70)}\n  ${good.slice(70)}/`,
        ['parsed ok', 'addressed ok', 'decrypted ok'],
        /seal was unbroken/,
      ],
      [
        good.slice('lxm://'.length),
        ['parsed ok', 'addressed ok', 'decrypted ok'],
        /seal was unbroken/,
      ],
    ];
    for (const [text, states, reason] of cases) {
      await readPaper(page, text);
      assert.equal((await stepStates(page)).slice(0, states.length), states, text);
      const last = states.at(-1)?.split(' ')[0] ?? '';
      assert.match(await reasonOf(page, last), reason);
    }
    await go(page, 'Read');
    await page.getByRole('button', { name: 'Read it' }).click();
    assert.match((await page.locator('.intake .fault').textContent()) ?? '', /Paste a text/);
    await page.getByLabel('Open a picture').setInputFiles({
      name: 'noise.png',
      mimeType: 'image/png',
      buffer: Buffer.from('no picture at all'.repeat(9000)),
    });
    await page.locator('.intake .fault', { hasText: 'no picture' }).waitFor();
    assert.equal(watch.faults, []);
    await context.close();
  });

  t('[tesserae/demo-reading] a stamp is measured', async () => {
    const { context, page } = await visitAsReader();
    const plain = packMessage(
      { destinationHash: deliveryHash(reader), timestamp: 2, content: 'worked' },
      writer
    );
    const stamp = mineStamp(messageWorkblock(plain.messageHash), 8, systemRandom);
    const uri = paperUri(sealPaper(withStamp(plain, stamp), reader, systemRandom));
    await readPaper(page, uri);
    assert.is((await stepStates(page))[4], 'stamp ok');
    const title = (await page.locator('.step[data-step="stamp"] h3').textContent()) ?? '';
    const value = Number(/value (\d+)/.exec(title)?.[1]);
    assert.ok(value >= 8, title);
    await context.close();
  });

  t('[tesserae/demo-reading] what a stranger wrote is shown as text only', async () => {
    const { context, page, watch } = await visitAsReader();
    const evil = EVIL.join('\n');
    const fields = fieldsOf([
      [Field.FILE_ATTACHMENTS, attachmentsField([{ name: `../../${EVIL[0]}`, data: utf8('x') }])],
      [Field.REPLY_QUOTE, evil],
      [Field.RENDERER, Renderer.MARKDOWN],
      ['<b>key</b>', evil],
    ]);
    await readPaper(page, paperFor(writer, reader, { title: evil, content: evil, fields }));
    assert.is(await page.locator('.letter .content').textContent(), evil);
    assert.is(await page.locator('.letter .title').textContent(), evil);
    await addContact(page, contactCard(writer), EVIL[0] as string);
    await go(page, 'Write');
    await page.getByLabel('To', { exact: true }).selectOption({ label: EVIL[0] as string });
    await page.getByLabel('Message', { exact: true }).fill(evil);
    await makeCode(page);
    await page.getByLabel('Words beside the code').evaluate((input, text) => {
      (input as HTMLInputElement).value = text;
      input.dispatchEvent(new Event('input'));
    }, EVIL[2]);
    assert.ok((await page.locator('.print-sheet').textContent())?.includes(EVIL[0] as string));
    const strange = await page.evaluate(() => ({
      hit: (window as { hit?: number }).hit,
      images: document.querySelectorAll('img, iframe, object, embed').length,
      scripts: document.querySelectorAll('script').length,
    }));
    assert.equal(strange, { hit: undefined, images: 0, scripts: 1 });
    assert.equal(watch.faults, []);
    await context.close();
  });

  t(
    '[tesserae/demo-reading] attachments are saved byte for byte under harmless names',
    async () => {
      const { context, page } = await visitAsReader();
      const data = systemRandom.bytes(300);
      const name = `..\\../con/\u202Egpj.exe\n.txt`;
      const fields = fieldsOf([[Field.FILE_ATTACHMENTS, attachmentsField([{ name, data }])]]);
      await readPaper(page, paperFor(writer, reader, { content: 'see file', fields }));
      const saved = await savedBy(page, () => page.locator('.letter .files button').click());
      sameBytes(saved.bytes, data);
      assert.is(saved.name, 'gpj.exe_.txt');
      await context.close();
    }
  );

  t(
    '[tesserae/demo-reading] a file goes along, an answer points back, both come out again',
    async () => {
      const { context, page } = await demo.visit();
      await createIdentity(page);
      await go(page, 'Write');
      await page.getByLabel('To', { exact: true }).selectOption({ label: 'Myself, as a note' });
      await page.getByLabel('Message', { exact: true }).fill('with a file');
      await page.getByText('File, answer, format, stamp').click();
      await page.getByLabel('Add a small file').setInputFiles({
        name: 'map.bin',
        mimeType: 'application/octet-stream',
        buffer: Buffer.from([1, 2, 3]),
      });
      await page.locator('.options .files li').waitFor();
      await page.getByLabel('Format').selectOption({ label: 'Markdown' });
      await makeCode(page);
      await readPaper(page, await madeUri(page));
      const saved = await savedBy(page, () => page.locator('.letter .files button').click());
      sameBytes(saved.bytes, '010203');
      assert.match((await page.locator('.letter .notes').first().textContent()) ?? '', /Markdown/);
      await page.getByText('Details').click();
      const hash = (await page.locator('.letter details code').first().textContent()) ?? '';
      await page.getByRole('button', { name: 'Answer' }).click();
      const reply = page.getByLabel('Answers the message with this hash');
      assert.is(await reply.inputValue(), hash);
      await reply.fill('xyz');
      await page.getByRole('button', { name: 'Make the code' }).click();
      assert.match(
        (await page.locator('.options .fault:visible').textContent()) ?? '',
        /64 digits/
      );
      await reply.fill(hash);
      await page.getByLabel('Message', { exact: true }).fill('the answer');
      await readPaper(page, await makeCode(page));
      assert.match(
        (await page.locator('.letter .notes').first().textContent()) ?? '',
        new RegExp(hash)
      );
      await context.close();
    }
  );

  t('[tesserae/demo-reading] read papers are kept sealed, opened again and forgotten', async () => {
    const { context, page } = await visitAsReader();
    await readPaper(page, paperFor(writer, reader, { title: 'Keep me', content: 'kept' }));
    await page.locator('.kept-open', { hasText: 'Keep me' }).waitFor();
    await page.reload();
    await go(page, 'Read');
    await page.locator('.kept-open', { hasText: 'Keep me' }).click();
    await settled(page);
    assert.is((await stepStates(page))[5], 'duplicate note');
    await page.getByRole('button', { name: 'Forget Keep me' }).click();
    await page.locator('.kept').waitFor({ state: 'hidden' });
    await context.close();
  });

  t(
    '[tesserae/demo-contacts] a card must match its key, and a bare address is explained',
    async () => {
      const { context, page } = await visitAsReader();
      await go(page, 'Contacts');
      const paste = page.getByLabel('Or paste a card');
      const fault = page.locator('.intake .fault');
      const card = contactCard(writer);
      for (const [text, reason] of [
        [toHex(deliveryHash(writer)), /bare address is not enough/],
        [card.slice(0, 20) + (card[20] === '0' ? '1' : '0') + card.slice(21), /does not belong/],
        ['hello', /is not lxma/i],
      ] as const) {
        await paste.fill(text);
        await page.getByRole('button', { name: 'Look at it' }).click();
        assert.match((await fault.textContent()) ?? '', reason);
      }
      await addContact(page, card, 'Ana');
      await page.getByRole('button', { name: 'Rename Ana' }).click();
      await page.getByLabel('New name').fill('Anna');
      await page.getByRole('button', { name: 'Save the name' }).click();
      await page.getByRole('button', { name: 'Copy card Anna' }).click();
      assert.is(await page.evaluate(() => navigator.clipboard.readText()), card);
      await page.reload();
      await page.getByRole('button', { name: 'Remove Anna' }).click();
      await page.getByRole('button', { name: 'Remove', exact: true }).click();
      await page.locator('.person').waitFor({ state: 'detached' });
      await page.evaluate((text) => {
        location.hash = text;
      }, card);
      await page.getByText('This card is sound').waitFor();
      await context.close();
    }
  );
}

t.run();
