// time limit: 300 s
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { contactCard } from '../../lxmf/contact.ts';
import { systemRandom } from '../../base/random.ts';
import { decodeImage } from '../../qr/image.ts';
import { scanQr } from '../../qr/scan.ts';
import { Identity } from '../../reticulum/identity.ts';
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
  readPaper,
  settled,
} from './visit.ts';

const t = suite('demo access', import.meta.url);

const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

/** Pictures of every screen, for people to look at. */
const pictures = fileURLToPath(new URL('../../../.build/screens/', import.meta.url));

const WIDTHS = [
  ['phone', 360, 740],
  ['desktop', 1200, 900],
] as const;

/** Rules of WCAG 2.2 AA and good practice that the screen breaks, as `rule: element`. */
async function violations(page: Page): Promise<string[]> {
  // As a script of the test's own: the page's policy would not let it in as an element.
  await page.evaluate(axe);
  return page.evaluate(async () => {
    interface Result {
      violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[];
    }
    const { axe: tool } = globalThis as unknown as { axe: { run(): Promise<Result> } };
    const { violations: found } = await tool.run();
    return found.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`)
    );
  });
}

/** Controls smaller than 44 pixels, and anything that makes the page scroll sideways. */
function cramped(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const faults: string[] = [];
    if (document.documentElement.scrollWidth > innerWidth) {
      faults.push(`${document.documentElement.scrollWidth} pixels wide`);
    }
    const controls =
      'a[href], button, summary, select, textarea, input:not([type=file]), label.button';
    for (const element of document.querySelectorAll<HTMLElement>(controls)) {
      const box = element.matches('[type=checkbox]') ? element.closest('label') : element;
      const { width, height } = (box ?? element).getBoundingClientRect();
      const shown = element.checkVisibility() && width > 1 && !element.matches('.skip');
      if (shown && (height < 43.5 || width < 43.5)) {
        faults.push(`${element.tagName} "${element.textContent}" ${width} x ${height}`);
      }
    }
    return faults;
  });
}

/** Every screen of the page, brought into sight one after the other. */
async function everyScreen(page: Page, look: (name: string) => Promise<void>): Promise<void> {
  const [writer, reader] = [Identity.generate(systemRandom), Identity.generate(systemRandom)];
  await look('welcome');
  await page.getByRole('button', { name: 'I have an identity already' }).click();
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await look('import');
  await bringIdentity(page, reader);
  await addContact(page, contactCard(Identity.generate(systemRandom)), 'Ana of the North');
  await look('contacts');
  await page.getByLabel('Or paste a card').fill('nonsense');
  await page.getByRole('button', { name: 'Look at it' }).click();
  await page.getByRole('button', { name: 'Rename Ana of the North' }).click();
  await look('contacts with a fault');
  await go(page, 'Write');
  await look('write');
  await page.getByText('File, answer, format, stamp').click();
  await page.getByText('Add a stamp (proof of work)').click();
  await page.getByLabel('Add a small file').setInputFiles({
    name: 'map.txt',
    mimeType: 'text/plain',
    buffer: Buffer.from('x'),
  });
  await page.getByRole('button', { name: 'Make the code' }).click();
  await page.getByLabel('Print size').fill('30');
  await look('options');
  await page.getByText('Add a stamp (proof of work)').click();
  await fillLetter(page, { to: 'Ana of the North', title: 'Hello', content: 'A few words.' });
  await makeCode(page);
  await page.getByText('The printed sheet').click();
  await page.getByText('The paper as text').click();
  await look('code');
  await go(page, 'Read');
  await look('read');
  await readPaper(page, paperFor(writer, reader, { title: 'Hi', content: 'Who am I?' }));
  await page.getByText('Details').click();
  await look('unknown source');
  await readPaper(page, paperFor(reader, writer, { content: 'x' }));
  await look('not for me');
  await go(page, 'Identity');
  await page.getByRole('button', { name: 'Show as Base32' }).click();
  await page.getByText('Change how it is kept').click();
  await page.locator('footer summary').click();
  await look('identity');
  await page.getByRole('button', { name: 'Delete from this browser' }).click();
  await look('question');
  await page.keyboard.press('Escape');
  const card = page.locator('.card', { hasText: 'How it is kept here' });
  await card.getByLabel('Passphrase', { exact: true }).fill('eight or more');
  await card.getByLabel('Passphrase again').fill('eight or more');
  await card.getByRole('button', { name: 'Set the passphrase' }).click();
  await page.getByText('Encrypted with your passphrase').waitFor();
  await page.getByRole('button', { name: 'Lock' }).click();
  await look('locked');
}

if (chromiumPath() === undefined) {
  t.skip('everybody can use the page', 'no Chromium is installed');
} else {
  let demo: Demo;
  t.before(async () => {
    demo = await Demo.start();
  });
  t.after(() => Demo.stopAll());

  for (const dark of [false, true]) {
    for (const [name, width, height] of WIDTHS) {
      t(
        `[tesserae/demo-access] no screen breaks a rule of accessibility, ${name}, ${dark ? 'dark' : 'light'}`,
        async () => {
          const { context, page } = await demo.visit({ width, height, dark });
          const faults: string[] = [];
          const folder = join(pictures, `${name} ${dark ? 'dark' : 'light'}`);
          let screens = 0;
          await everyScreen(page, async (screen) => {
            screens += 1;
            const file = `${String(screens).padStart(2, '0')} ${screen}.png`;
            await page.screenshot({ path: join(folder, file), fullPage: true });
            for (const fault of [...(await violations(page)), ...(await cramped(page))]) {
              faults.push(`${screen}: ${fault}`);
            }
          });
          assert.is(screens, 13);
          assert.equal(faults, []);
          await context.close();
        }
      );
    }
  }

  t(
    '[tesserae/demo-access] the whole way from nothing to a read message goes by keyboard alone',
    async () => {
      const { context, page, watch } = await demo.visit({
        permissions: ['clipboard-read', 'clipboard-write'],
      });
      /** Press Tab until the control in focus has this name, as a reader of the screen would hear it. */
      const tabTo = async (name: RegExp): Promise<void> => {
        const heard: string[] = [];
        for (let presses = 0; presses < 60; presses++) {
          await page.keyboard.press('Tab');
          const said = await page.evaluate(() => {
            const focused = document.activeElement as HTMLInputElement | null;
            const outline = focused === null ? '' : getComputedStyle(focused).outlineStyle;
            const shadow = focused === null ? '' : getComputedStyle(focused).boxShadow;
            const label = focused?.getAttribute('aria-label') ?? focused?.labels?.[0]?.textContent;
            const visible = outline !== 'none' || shadow !== 'none' || focused?.type === 'file';
            return `${visible ? '' : 'UNSEEN '}${(label ?? focused?.textContent ?? '').slice(0, 60)}`;
          });
          assert.not(
            said.startsWith('UNSEEN') && !said.endsWith('UNSEEN '),
            `no focus to see: ${said}`
          );
          if (name.test(said)) return;
          heard.push(said);
        }
        assert.unreachable(`never came to ${String(name)}: ${heard.join(' | ')}`);
      };
      await tabTo(/Create my identity/);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Contacts' }).waitFor();
      await page.reload();
      await page.locator('h1').waitFor();
      await tabTo(/^Write$/);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Write a paper' }).waitFor();
      await tabTo(/^To$/);
      await page.keyboard.press('End');
      await tabTo(/^Title$/);
      await page.keyboard.type('Keys');
      await tabTo(/^Message$/);
      await page.keyboard.type('only keys');
      await page.keyboard.press('Control+Enter');
      await page.locator('.give .code svg').waitFor();
      await tabTo(/^Copy text$/);
      await page.keyboard.press('Enter');
      await page.getByText('The text was copied').waitFor();
      await page.reload();
      await page.locator('h1').waitFor();
      await tabTo(/^Read$/);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Read a paper' }).waitFor();
      await tabTo(/paste the text/);
      await page.keyboard.press('Control+V');
      await tabTo(/^Read it$/);
      await page.keyboard.press('Enter');
      await settled(page);
      assert.is(await page.locator('.letter .content').textContent(), 'only keys');
      assert.equal(watch.faults, []);
      await context.close();
    }
  );

  t('[tesserae/demo-access] what happens is told to screen readers', async () => {
    const { context, page } = await demo.visit();
    const live = page.locator('[role="status"][aria-live="polite"]').last();
    await createIdentity(page);
    assert.match((await live.textContent()) ?? '', /identity is ready/);
    await fillLetter(page, { to: 'Myself, as a note', content: 'x' });
    const uri = await makeCode(page);
    assert.match((await live.textContent()) ?? '', /code is made/);
    await readPaper(page, uri);
    assert.match((await live.textContent()) ?? '', /Signature verified/);
    await go(page, 'Contacts');
    await page.getByRole('heading', { name: 'Contacts' }).waitFor();
    assert.is(await page.evaluate(() => document.activeElement?.id), 'main');
    await context.close();
  });

  t('[tesserae/demo-access] in forced colors the code stays black on white', async () => {
    const { context, page } = await demo.visit({ forcedColors: true, dark: true });
    await createIdentity(page);
    await fillLetter(page, { to: 'Myself, as a note', content: 'contrast' });
    const uri = await makeCode(page);
    const shot = await page.locator('.give .code').screenshot();
    assert.equal(await scanQr(await decodeImage(new Uint8Array(shot))), [uri]);
    await context.close();
  });
}

t.run();
