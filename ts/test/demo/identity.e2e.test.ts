// time limit: 300 s
import type { Page } from 'playwright-core';
import { systemRandom } from '../../base/random.ts';
import { toHex } from '../../base/hex.ts';
import { contactCard } from '../../lxmf/contact.ts';
import { deliveryHash } from '../../lxmf/message.ts';
import { Identity } from '../../reticulum/identity.ts';
import { encodeKeyText, type KeyEncoding } from '../../reticulum/identity-text.ts';
import { suite } from '../support/suite.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { chromiumPath } from '../support/browser.ts';
import { addContact, bringIdentity, createIdentity, Demo, go, savedBy } from './visit.ts';

const t = suite('demo identity', import.meta.url);

const FORMS: readonly (readonly [string, KeyEncoding])[] = [
  ['Hexadecimal', 'hex'],
  ['Base32', 'base32'],
  ['Base64', 'base64'],
];

/** Everything that the page stored, as one text of hexadecimal and characters. */
function stored(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open('tesserae');
      request.onsuccess = () => resolve(request.result);
    });
    const records = await new Promise<unknown[]>((resolve) => {
      const request = database.transaction('records').objectStore('records').getAll();
      request.onsuccess = () => resolve(request.result as unknown[]);
    });
    database.close();
    return records
      .map((record) => {
        const bytes = [...(record as Uint8Array)];
        const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
        return `${hex} ${String.fromCharCode(...bytes)}`;
      })
      .join('\n');
  });
}

/** Where a secret of 64 bytes could show: any attribute, the address, any stored value outside the vault. */
function traces(page: Page): Promise<string> {
  return page.evaluate(() => {
    const attributes = [...document.querySelectorAll('*')].flatMap((element) =>
      [...element.attributes].map(({ value }) => value)
    );
    return [location.href, document.cookie, ...attributes, ...Object.values(localStorage)].join(
      '\n'
    );
  });
}

if (chromiumPath() === undefined) {
  t.skip('identities in the page', 'no Chromium is installed');
} else {
  let demo: Demo;
  t.before(async () => {
    demo = await Demo.start();
  });
  t.after(() => Demo.stopAll());

  t('[tesserae/demo-identity] every form is imported and exported as rnid writes it', async () => {
    const identity = Identity.generate(systemRandom);
    const address = `<${toHex(deliveryHash(identity))}>`;
    for (const [, encoding] of FORMS) {
      const { context, page } = await demo.visit();
      await page.getByRole('button', { name: 'I have an identity already' }).click();
      await page
        .getByLabel('Private key')
        .fill(` ${encodeKeyText(identity.privateKey(), encoding)}\n`);
      await page.getByRole('button', { name: 'Import', exact: true }).click();
      await page.getByText(address).first().waitFor();
      await context.close();
    }
    const { context, page, watch } = await demo.visit({
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await page.getByRole('button', { name: 'I have an identity already' }).click();
    await page.getByLabel('Open an identity file').setInputFiles({
      name: 'identity',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(identity.privateKey()),
    });
    await page.getByText('The file holds an identity').waitFor();
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByText(address).first().waitFor();
    await go(page, 'Identity');
    await page.getByText(`<${toHex(identity.hash)}>`).waitFor();
    for (const [name, encoding] of FORMS) {
      const text = encodeKeyText(identity.privateKey(), encoding);
      await page.getByRole('button', { name: `Copy as ${name}` }).click();
      await page.getByText(`${name} key copied`).waitFor();
      assert.is(await page.evaluate(() => navigator.clipboard.readText()), text);
      await page.getByRole('button', { name: `Show as ${name}` }).click();
      assert.is(await page.getByLabel('Private key', { exact: true }).first().inputValue(), text);
      assert.not((await traces(page)).includes(text), 'the key is in an attribute or address');
    }
    await go(page, 'Contacts');
    await go(page, 'Identity');
    assert.not(await page.locator('textarea.secret').isVisible());
    const file = await savedBy(page, () =>
      page.getByRole('button', { name: 'Save the identity file' }).click()
    );
    sameBytes(file.bytes, identity.privateKey());
    assert.equal(watch.faults, []);
    await context.close();
  });

  t('[tesserae/demo-identity] what is no key is refused beside the field', async () => {
    const { context, page } = await demo.visit();
    await page.getByRole('button', { name: 'I have an identity already' }).click();
    const fault = page.locator('.start form .fault:visible');
    for (const text of ['abc', 'z'.repeat(128), 'A'.repeat(103) + '!']) {
      await page.getByLabel('Private key').fill(text);
      await page.getByRole('button', { name: 'Import', exact: true }).click();
      await fault.waitFor();
      assert.not((await fault.textContent())?.includes(text), 'the text is repeated');
      await page.getByLabel('Private key').fill('');
    }
    await page.getByLabel('Open an identity file').setInputFiles({
      name: 'x',
      mimeType: 'text/plain',
      buffer: Buffer.from('63 bytes'),
    });
    assert.match((await fault.textContent()) ?? '', /no identity/);
    await context.close();
  });

  t('[tesserae/demo-identity] a passphrase encrypts everything that is stored', async () => {
    const identity = Identity.generate(systemRandom);
    const friend = Identity.generate(systemRandom);
    const { context, page, watch } = await demo.visit();
    await page.getByRole('button', { name: 'I have an identity already' }).click();
    const card = page.locator('.card', { hasText: 'Bring an identity along' });
    await card.getByLabel('Private key').fill(toHex(identity.privateKey()));
    await card.getByLabel('Passphrase (optional)').fill('correct horse');
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    assert.match((await card.locator('.fault:visible').textContent()) ?? '', /differ/);
    await card.getByLabel('Passphrase again').fill('correct horse');
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await addContact(page, contactCard(friend), 'Philomena');
    const seen = await stored(page);
    for (const secret of [
      toHex(identity.privateKey().slice(0, 32)),
      toHex(identity.publicKey),
      toHex(friend.publicKey),
      'Philomena',
      'correct horse',
    ]) {
      assert.not(seen.includes(secret), `${secret.slice(0, 12)} is stored in the clear`);
    }
    const header = /"rounds":(\d+)/.exec(seen);
    assert.ok(Number(header?.[1]) >= 600_000);

    await page.reload();
    await page.getByRole('heading', { name: 'Your identity is locked' }).waitFor();
    await page.getByLabel('Passphrase').fill('wrong horse');
    await page.getByRole('button', { name: 'Unlock' }).click();
    const fault = page.locator('.fault:visible');
    assert.match((await fault.textContent()) ?? '', /The passphrase is wrong/);
    assert.is(await page.getByLabel('Passphrase').getAttribute('aria-invalid'), 'true');
    await page.getByLabel('Passphrase').fill('correct horse');
    await page.keyboard.press('Enter');
    await page.locator('.person', { hasText: 'Philomena' }).waitFor();
    await page.getByRole('button', { name: 'Lock' }).click();
    await page.getByRole('heading', { name: 'Your identity is locked' }).waitFor();
    assert.not((await page.content()).includes('Philomena'));
    assert.equal(watch.faults, []);
    await context.close();
  });

  t('[tesserae/demo-identity] a passphrase is set, changed and removed later', async () => {
    const { context, page } = await demo.visit();
    await createIdentity(page);
    await addContact(page, contactCard(Identity.generate(systemRandom)), 'Ana');
    await go(page, 'Identity');
    await page.getByText('Not encrypted').waitFor();
    assert.match(await stored(page), /"open":true/);
    await page.getByText('Change how it is kept').click();
    const card = page.locator('.card', { hasText: 'How it is kept here' });
    await card.getByLabel('Passphrase', { exact: true }).fill('short');
    await card.getByRole('button', { name: 'Set the passphrase' }).click();
    assert.match((await card.locator('.fault:visible').textContent()) ?? '', /at least 8/);
    await card.getByLabel('Passphrase', { exact: true }).fill('longer than that');
    await card.getByLabel('Passphrase again').fill('longer than that');
    await card.getByRole('button', { name: 'Set the passphrase' }).click();
    await page.getByText('Encrypted with your passphrase').waitFor();
    assert.not(/"open":true/.test(await stored(page)));
    await page.reload();
    await page.getByLabel('Passphrase').fill('longer than that');
    await page.keyboard.press('Enter');
    await page.getByText('Change how it is kept').click();
    await page.getByRole('button', { name: 'Remove the passphrase' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove the passphrase' }).click();
    await page.getByText('Not encrypted').waitFor();
    await page.reload();
    await go(page, 'Contacts');
    await page.locator('.person', { hasText: 'Ana' }).waitFor();
    await context.close();
  });

  t('[tesserae/demo-identity] deleting asks first and leaves nothing', async () => {
    const { context, page } = await demo.visit();
    await createIdentity(page);
    await go(page, 'Identity');
    await page.getByRole('button', { name: 'Delete from this browser' }).click();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Your identity' }).waitFor();
    assert.not.equal(await stored(page), '');
    await page.getByRole('button', { name: 'Delete from this browser' }).click();
    await page.getByRole('button', { name: 'Delete everything' }).click();
    await page.getByRole('button', { name: 'Create my identity' }).waitFor();
    assert.is(await stored(page), '');
    await context.close();
  });

  t(
    '[tesserae/demo-identity] another identity takes the place of the first only after a question',
    async () => {
      const { context, page } = await demo.visit();
      await createIdentity(page);
      const other = Identity.generate(systemRandom);
      await go(page, 'Identity');
      await page.getByText('Import another identity').click();
      await page.getByRole('textbox', { name: 'Private key' }).fill(toHex(other.privateKey()));
      await page.getByRole('button', { name: 'Import', exact: true }).click();
      await page.getByRole('button', { name: 'Cancel' }).click();
      assert.not((await page.content()).includes(toHex(other.hash)));
      await page.getByRole('button', { name: 'Import', exact: true }).click();
      await page.getByRole('button', { name: 'Replace' }).click();
      await page.getByText(`<${toHex(other.hash)}>`).waitFor();
      await context.close();
    }
  );

  t('[tesserae/demo-identity] two windows agree, and a changed key harms neither', async () => {
    const { context, page } = await demo.visit();
    const identity = Identity.generate(systemRandom);
    await bringIdentity(page, identity);
    const second = await context.newPage();
    await second.goto(demo.url);
    await addContact(page, contactCard(Identity.generate(systemRandom)), 'Ana');
    await go(second, 'Contacts');
    await second.locator('.person', { hasText: 'Ana' }).waitFor();
    await go(page, 'Identity');
    await page.getByText('Change how it is kept').click();
    const card = page.locator('.card', { hasText: 'How it is kept here' });
    await card.getByLabel('Passphrase', { exact: true }).fill('two windows');
    await card.getByLabel('Passphrase again').fill('two windows');
    await card.getByRole('button', { name: 'Set the passphrase' }).click();
    await second.getByRole('heading', { name: 'Your identity is locked' }).waitFor();
    await second.getByLabel('Passphrase').fill('two windows');
    await second.keyboard.press('Enter');
    await second.locator('.person', { hasText: 'Ana' }).waitFor();
    await context.close();
  });
}

t.run();
