// time limit: 300 s
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { contactCard } from '../../lxmf/contact.ts';
import { decodeImage, type RgbaImage } from '../../qr/image.ts';
import { scanQr } from '../../qr/scan.ts';
import { qrToPng } from '../../qr/png.ts';
import { encodeQr } from '../../qr/code.ts';
import { systemRandom } from '../../base/random.ts';
import { Identity } from '../../reticulum/identity.ts';
import { openPaper, parsePaperUri } from '../../lxmf/paper.ts';
import { contentText, titleText } from '../../lxmf/message.ts';
import { suite } from '../support/suite.ts';
import { assert } from '../support/assert.ts';
import { chromiumPath } from '../support/browser.ts';
import {
  addContact,
  bringIdentity,
  createIdentity,
  Demo,
  fillLetter,
  go,
  makeCode,
  paperFor,
  savedBy,
  settled,
  stepStates,
} from './visit.ts';

const t = suite('demo round trip', import.meta.url);

const VERIFIED = [
  'parsed ok',
  'addressed ok',
  'decrypted ok',
  'signature ok',
  'stamp note',
  'duplicate ok',
];

const LETTERS = [
  { title: '', content: 'Hi' },
  { title: 'Grüße', content: 'ä € 𝄞 \t two lines\nend' },
  { title: 'Long', content: 'All work and no play. '.repeat(85) },
];

const wasm = new Uint8Array(
  readFileSync(
    new URL('../../../node_modules/zxing-wasm/dist/reader/zxing_reader.wasm', import.meta.url)
  )
);

/** Read a picture with each decoder alone. */
async function bothRead(image: RgbaImage, uri: string, note: string): Promise<void> {
  assert.equal(await scanQr(image), [uri], `qr: ${note}`);
  const [code] = await zxing(image);
  assert.is(code?.text, uri, `zxing: ${note}`);
}

async function zxing(image: RgbaImage): ReturnType<typeof readBarcodes> {
  await prepareZXingModule({
    overrides: { wasmBinary: wasm.slice().buffer },
    fireImmediately: true,
  });
  const pixels = { ...image, data: new Uint8ClampedArray(image.data), colorSpace: 'srgb' };
  return readBarcodes(pixels as ImageData, { formats: ['QRCode'], textMode: 'Plain' });
}

function quiet(faults: readonly string[]): void {
  assert.equal(faults, []);
}

/** Give the page a picture by the file chooser. */
async function openPicture(
  page: Page,
  name: string,
  bytes: Uint8Array,
  type: string
): Promise<void> {
  await go(page, 'Read');
  await page
    .getByLabel('Open a picture')
    .setInputFiles({ name, mimeType: type, buffer: Buffer.from(bytes) });
  await settled(page);
}

if (chromiumPath() === undefined) {
  t.skip('the page reads what it wrote', 'no Chromium is installed');
} else {
  let demo: Demo;
  t.before(async () => {
    demo = await Demo.start();
  });
  t.after(() => Demo.stopAll());

  t(
    '[tesserae/demo-round-trip] [tesserae/demo-paper-page] what is written is read back from SVG and PNG, by the page and by both decoders',
    async () => {
      const { context, page, watch } = await demo.visit();
      await createIdentity(page);
      for (const letter of LETTERS) {
        await fillLetter(page, { to: 'Myself, as a note', ...letter });
        const uri = await makeCode(page);
        const png = await savedBy(page, () =>
          page.getByRole('button', { name: 'Save PNG' }).click()
        );
        assert.match(png.name, /^paper for Myself \d{4}-\d\d-\d\d\.png$/);
        await bothRead(await decodeImage(png.bytes), uri, 'PNG');
        const svg = await savedBy(page, () =>
          page.getByRole('button', { name: 'Save SVG' }).click()
        );
        await openPicture(page, 'paper.svg', svg.bytes, 'image/svg+xml');
        assert.equal(await stepStates(page), VERIFIED);
        assert.is(await page.locator('.letter .content').textContent(), letter.content);
        const title = page.locator('.letter .title');
        assert.is(letter.title === '' ? '' : await title.textContent(), letter.title);
        await openPicture(page, 'paper.png', png.bytes, 'image/png');
        assert.is((await stepStates(page))[5], 'duplicate note');
        assert.is(await page.locator('.letter .content').textContent(), letter.content);
      }
      quiet(watch.faults);
      await context.close();
    }
  );

  t('[tesserae/demo-round-trip] the code on the screen is read from a screenshot', async () => {
    const { context, page } = await demo.visit({ width: 360, height: 740, dark: true });
    await createIdentity(page);
    await fillLetter(page, { to: 'Myself, as a note', content: 'x'.repeat(600) });
    const uri = await makeCode(page);
    const shot = await page.locator('.give .code').screenshot();
    assert.equal(
      await scanQr(await decodeImage(new Uint8Array(shot)), {
        zxingWasm: () => Promise.resolve(wasm),
      }),
      [uri]
    );
    await context.close();
  });

  t(
    '[tesserae/demo-round-trip] the same words give the same code, other words another',
    async () => {
      const { context, page } = await demo.visit();
      await createIdentity(page);
      await fillLetter(page, { to: 'Myself, as a note', content: 'one' });
      const first = await makeCode(page);
      await page.getByLabel('Message', { exact: true }).fill('one two');
      assert.not(await page.locator('.give').isVisible());
      const second = await makeCode(page);
      assert.is.not(second, first);
      await page.getByLabel('Message', { exact: true }).fill('one');
      await page.locator('.give .code svg').waitFor();
      assert.is(await page.locator('textarea.uri').inputValue(), first);
      await context.close();
    }
  );

  t('[tesserae/demo-round-trip] the budget ends exactly where the reference does', async () => {
    const { context, page } = await demo.visit();
    await createIdentity(page);
    await fillLetter(page, { to: 'Myself, as a note', content: 'x'.repeat(2015) });
    assert.is(await page.locator('.used').textContent(), '2,208 of 2,210 bytes0 left');
    assert.match(
      (await page.locator('.budget .facts').textContent()) ?? '',
      /version 40, 177 × 177/
    );
    const uri = await makeCode(page);
    assert.is(uri.length, 2950);
    await page.getByLabel('Message', { exact: true }).fill('x'.repeat(2016));
    assert.match((await page.locator('.used').textContent()) ?? '', /1 byte too many/);
    await page.getByRole('button', { name: 'Make the code' }).click();
    assert.match(
      (await page.locator('.field .fault:visible').textContent()) ?? '',
      /1 bytes? too long/
    );
    await context.close();
  });

  const pdfTool = ['/usr/bin/pdftoppm', '/usr/local/bin/pdftoppm'].find((path) => existsSync(path));
  if (pdfTool === undefined) {
    t.skip('the printed sheet is read back', 'pdftoppm is not installed');
  } else {
    t(
      '[tesserae/demo-print] the printed sheet has exact millimeters, a quiet zone, and is read back',
      async () => {
        const folder = mkdtempSync(join(tmpdir(), 'tesserae-print-'));
        const { context, page } = await demo.visit();
        await createIdentity(page);
        for (const [length, mm] of [
          [100, 60],
          [2015, 120],
        ] as const) {
          await fillLetter(page, { to: 'Myself, as a note', content: 'y'.repeat(length) });
          const uri = await makeCode(page);
          await page.getByLabel('Print size').fill(String(mm));
          const pdf = await page.pdf({ format: 'A4', preferCSSPageSize: true });
          writeFileSync(join(folder, 'sheet.pdf'), pdf);
          execFileSync(pdfTool, ['-r', '300', '-gray', '-png', 'sheet.pdf', 'sheet'], {
            cwd: folder,
          });
          const image = await decodeImage(
            new Uint8Array(readFileSync(join(folder, 'sheet-1.png')))
          );
          await bothRead(image, uri, `print of ${mm} mm`);
          const [code] = await zxing(image);
          const modules = encodeQr(uri).size;
          const { topLeft, topRight } = code?.position ?? { topLeft: { x: 0 }, topRight: { x: 0 } };
          const printed = ((topRight.x - topLeft.x) * 25.4) / 300;
          const wanted = (mm * modules) / (modules + 8);
          assert.ok(Math.abs(printed - wanted) < 0.5, `${printed} mm instead of ${wanted}`);
        }
        const words = execFileSync(pdfTool.replace('pdftoppm', 'pdftotext'), ['sheet.pdf', '-'], {
          cwd: folder,
          encoding: 'utf8',
        });
        assert.match(words, /For Myself/);
        assert.match(words, /A sealed LXMF message/);
        assert.ok(words.replace(/\s/g, '').includes('lxm://'));
        rmSync(folder, { recursive: true });
        await context.close();
      }
    );
  }

  t(
    '[tesserae/demo-print] a sheet with the card of the sender settles the unknown source',
    async () => {
      const reader = Identity.generate(systemRandom);
      const writing = await demo.visit();
      await createIdentity(writing.page);
      await addContact(writing.page, contactCard(reader), 'Reader');
      await fillLetter(writing.page, { to: 'Reader', title: 'First', content: 'contact' });
      await makeCode(writing.page);
      await writing.page.getByText('The printed sheet').click();
      await writing.page.getByText('Print my card as well').click();
      await writing.page.emulateMedia({ media: 'print' });
      const sheet = await writing.page.locator('.print-sheet').screenshot();
      await writing.context.close();

      const reading = await demo.visit();
      await bringIdentity(reading.page, reader);
      await openPicture(reading.page, 'sheet.png', new Uint8Array(sheet), 'image/png');
      assert.is((await stepStates(reading.page))[3], 'signature warn');
      await reading.page.getByLabel('Name for this contact').fill('Writer');
      await reading.page.getByRole('button', { name: 'Add and check again' }).click();
      await reading.page.locator('.seal.verified').waitFor();
      await settled(reading.page);
      assert.equal(await stepStates(reading.page), VERIFIED);
      quiet(reading.watch.faults);
      await reading.context.close();
    }
  );

  t('[tesserae/demo-round-trip] a paper of the page is opened by the library', async () => {
    const reader = Identity.generate(systemRandom);
    const { context, page } = await demo.visit();
    await createIdentity(page);
    await addContact(page, contactCard(reader), 'Reader');
    await fillLetter(page, { to: 'Reader', title: 'T', content: 'C' });
    const { message } = openPaper(parsePaperUri(await makeCode(page)), reader);
    assert.is(titleText(message), 'T');
    assert.is(contentText(message), 'C');
    await context.close();
  });

  t('[tesserae/demo-round-trip] pictures come in by drop, by paste and by link', async () => {
    const [writer, reader] = [Identity.generate(systemRandom), Identity.generate(systemRandom)];
    const { context, page } = await demo.visit();
    await bringIdentity(page, reader);
    const ways = ['drop', 'paste'] as const;
    for (const way of ways) {
      const uri = paperFor(writer, reader, { content: `by ${way}` });
      const png = [...qrToPng(encodeQr(uri), { scale: 4 })];
      await page.evaluate(
        ([bytes, kind]) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], 'x.png', { type: 'image/png' }));
          const event =
            kind === 'drop'
              ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
              : new ClipboardEvent('paste', {
                  clipboardData: data,
                  bubbles: true,
                  cancelable: true,
                });
          document.querySelector('main')?.dispatchEvent(event);
        },
        [png, way] as const
      );
      await page.locator('.letter .content', { hasText: `by ${way}` }).waitFor();
    }
    const uri = paperFor(writer, reader, { content: 'by link' });
    await page.evaluate((text) => {
      location.hash = text;
    }, uri);
    await page.locator('.letter .content', { hasText: 'by link' }).waitFor();
    assert.is(new URL(page.url()).hash, '#read', 'the paper stays in the address');
    await context.close();
  });

  t(
    '[tesserae/demo-round-trip] a paper written earlier is shown, enlarged and forgotten',
    async () => {
      const { context, page, watch } = await demo.visit();
      await createIdentity(page);
      await fillLetter(page, { to: 'Myself, as a note', content: 'print me again' });
      const uri = await makeCode(page);
      await page.reload();
      await go(page, 'Write');
      assert.not(await page.locator('.give').isVisible());
      await page.locator('.kept-open', { hasText: 'For Myself' }).click();
      await page.locator('.give .code svg').waitFor();
      assert.is(await page.locator('textarea.uri').inputValue(), uri);
      assert.ok((await page.locator('.print-sheet').textContent())?.includes(uri));
      await page.getByRole('button', { name: 'Enlarge', exact: true }).click();
      const shot = await page.locator('dialog.large .code').screenshot();
      assert.equal(await scanQr(await decodeImage(new Uint8Array(shot))), [uri]);
      await page.keyboard.press('Escape');
      await page.locator('dialog.large').waitFor({ state: 'detached' });
      await page.getByLabel('Message', { exact: true }).fill('another letter');
      assert.not(await page.locator('.give').isVisible());
      await page.getByRole('button', { name: 'Forget the paper for Myself' }).click();
      await page.locator('.kept').waitFor({ state: 'hidden' });
      assert.equal(watch.faults, []);
      await context.close();
    }
  );
}

t.run();
