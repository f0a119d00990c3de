// time limit: 300 s
import { checkStamp } from '../../lxmf/stamp.ts';
import { openPaper, parsePaperUri } from '../../lxmf/paper.ts';
import { contactCard } from '../../lxmf/contact.ts';
import { systemRandom } from '../../base/random.ts';
import { Identity } from '../../reticulum/identity.ts';
import type { Page } from 'playwright-core';
import { suite } from '../support/suite.ts';
import { assert } from '../support/assert.ts';
import { chromiumPath } from '../support/browser.ts';
import { addContact, createIdentity, Demo, fillLetter, makeCode } from './visit.ts';

const t = suite('demo stamps', import.meta.url);

async function askForStamp(page: Page, costBits: number): Promise<void> {
  await page.getByText('File, answer, format, stamp').click();
  const box = page.getByText('Add a stamp (proof of work)');
  await box.click();
  await page.getByLabel('Cost of the stamp').fill(String(costBits));
}

if (chromiumPath() === undefined) {
  t.skip('stamps in the page', 'no Chromium is installed');
} else {
  let demo: Demo;
  t.before(async () => {
    demo = await Demo.start();
  });
  t.after(() => Demo.stopAll());

  t(
    '[tesserae/pool-browser] [tesserae/demo-stamp] a stamp found by web workers is valid',
    async () => {
      const reader = Identity.generate(systemRandom);
      const { context, page, watch } = await demo.visit();
      await createIdentity(page);
      await addContact(page, contactCard(reader), 'Reader');
      await fillLetter(page, { to: 'Reader', content: 'stamped' });
      await askForStamp(page, 14);
      const { message } = openPaper(parsePaperUri(await makeCode(page)), reader);
      const check = checkStamp(message, 14);
      assert.is(check.state, 'valid');
      assert.ok(watch.requests.some((url) => url.endsWith('/stamp-worker.js')));
      assert.equal(watch.faults, []);
      await context.close();
    }
  );

  t(
    '[tesserae/pool-browser] [tesserae/demo-stamp] a search is watched, stopped at once, and started again',
    async () => {
      const { context, page, watch } = await demo.visit();
      await createIdentity(page);
      await fillLetter(page, { to: 'Myself, as a note', content: 'hard' });
      await askForStamp(page, 28);
      // Even 2^28 tries may end at once by luck; then another message is tried.
      let stopped = false;
      for (let attempt = 0; attempt < 8 && !stopped; attempt++) {
        await page.getByLabel('Message', { exact: true }).fill(`hard ${attempt}`);
        await page.getByRole('button', { name: 'Make the code' }).click();
        stopped = await stopWhileSearching(page);
      }
      assert.ok(stopped, 'every search ended before it could be stopped');
      await page.locator('.mining').waitFor({ state: 'hidden' });
      await page.getByRole('button', { name: 'Make the code' }).waitFor();
      await page.getByLabel('Cost of the stamp').fill('8');
      await makeCode(page);
      assert.equal(watch.faults, []);
      await context.close();
    }
  );

  t('[tesserae/demo-stamp] a change of the words ends the search', async () => {
    const { context, page } = await demo.visit();
    await createIdentity(page);
    await fillLetter(page, { to: 'Myself, as a note', content: 'hard' });
    await askForStamp(page, 28);
    let changed = false;
    for (let attempt = 0; attempt < 8 && !changed; attempt++) {
      await page.getByLabel('Message', { exact: true }).fill(`hard ${attempt}`);
      await page.getByRole('button', { name: 'Make the code' }).click();
      await page.locator('.mining, .give').first().waitFor({ state: 'attached' });
      changed = await page.locator('.mining').isVisible();
    }
    await page.getByLabel('Message', { exact: true }).fill('harder');
    await page.locator('.mining').waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Make the code' }).waitFor();
    assert.not(await page.locator('.give').isVisible());
    await context.close();
  });

  t('[tesserae/demo-engine] the foot says which engine runs, why, and how fast', async () => {
    const { context, page, watch } = await demo.visit();
    const summary = page.locator('footer summary');
    await page.locator('footer summary', { hasText: 'Running on' }).waitFor();
    assert.match((await summary.textContent()) ?? '', /Running on WebAssembly/);
    await summary.click();
    assert.match(
      (await page.locator('.engines').textContent()) ?? '',
      /stampsWebAssembly.*best build/
    );
    await page.getByRole('button', { name: 'Measure the stamp rate' }).click();
    await page.getByText(/stamp tries a second with \d+ workers/).waitFor();
    assert.equal(watch.faults, []);
    await context.close();
  });
}

/** Wait until the search states its rate, look at what it says, and stop it; false if it ended first. */
async function stopWhileSearching(page: Page): Promise<boolean> {
  const seen = await page.waitForFunction(() => {
    const state = document.querySelector('.mining-state')?.textContent ?? '';
    const hint = document.querySelector('.mining .hint')?.textContent ?? '';
    const button = [...document.querySelectorAll<HTMLElement>('.mining button')].find((element) =>
      (element.textContent ?? '').includes('Stop the search')
    );
    if (
      /tries at .* a second/.test(state) &&
      button !== undefined &&
      button.offsetParent !== null
    ) {
      button.click();
      return { state, hint };
    }
    const give = document.querySelector<HTMLElement>('.give');
    return give !== null && give.offsetParent !== null ? { state: '', hint: '' } : undefined;
  });
  const { state, hint } = (await seen.jsonValue()) as { state: string; hint: string };
  if (state === '') return false;
  assert.match(state, /of 100 searches end earlier/);
  assert.match(hint, /Expected time left: /);
  return true;
}

t.run();
