// time limit: 300 s
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { contentPolicy } from '../../demo/policy.ts';
import { systemRandom } from '../../base/random.ts';
import { encodeQr } from '../../qr/code.ts';
import { qrToPng } from '../../qr/png.ts';
import { scanQr } from '../../qr/scan.ts';
import { Identity } from '../../reticulum/identity.ts';
import { photograph } from '../support/photograph.ts';
import { suite } from '../support/suite.ts';
import { assert, rejectsCode } from '../support/assert.ts';
import { chromiumPath, launchBrowser, openPage } from '../support/browser.ts';
import { encode } from 'fast-png';
import {
  bringIdentity,
  createIdentity,
  Demo,
  fillLetter,
  go,
  makeCode,
  paperFor,
  readPaper,
  settled,
  stepStates,
} from './visit.ts';

const t = suite('demo policy', import.meta.url);

/** A photograph from the wrong side of a window, which only the thorough decoder reads, as a PNG file. */
async function hardPhoto(uri: string): Promise<Uint8Array> {
  const shot = photograph(encodeQr(uri), { module: 6, noise: 6, mirrored: true });
  await rejectsCode(() => scanQr(shot), 'QR_NOT_FOUND', 'the quick decoder reads it too');
  return encode({ ...shot, channels: 4, depth: 8 });
}

if (chromiumPath() === undefined) {
  t.skip('the page keeps its policy', 'no Chromium is installed');
} else {
  t.after(() => Demo.stopAll());
  const writer = Identity.generate(systemRandom);
  const reader = Identity.generate(systemRandom);

  t(
    '[tesserae/demo-policy] the served policy is the strict one, as header and in the page',
    async () => {
      const demo = await Demo.start();
      const response = await fetch(demo.url);
      const policy =
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; " +
        "img-src 'self' blob: data:; media-src 'self' blob:; worker-src 'self'; connect-src 'self'; " +
        "manifest-src 'self'; base-uri 'none'; form-action 'none'";
      assert.is(response.headers.get('content-security-policy'), policy);
      assert.is(contentPolicy(), policy);
      assert.ok((await response.text()).includes(`content="${policy}"`));
      for (const [file, type] of [
        ['page.js', 'text/javascript; charset=utf-8'],
        ['page.css', 'text/css; charset=utf-8'],
        ['zxing_reader.wasm', 'application/wasm'],
        ['manifest.webmanifest', 'application/manifest+json'],
        ['icon.svg', 'image/svg+xml'],
      ] as const) {
        const answer = await fetch(demo.url + file);
        assert.is(answer.headers.get('content-type'), type);
        assert.is(answer.headers.get('x-content-type-options'), 'nosniff');
        await answer.arrayBuffer();
      }
      assert.is((await fetch(`${demo.url}..%2fpackage.json`)).status, 404);
      assert.is((await fetch(demo.url, { method: 'POST' })).status, 405);
      await demo.stop();
    }
  );

  t(
    '[tesserae/demo-policy] the watch of these tests sees a breach, and the policy stops it',
    async () => {
      const demo = await Demo.start();
      const { page, watch } = await demo.visit();
      await page.evaluate(async () => {
        await fetch('https://example.org/').catch(() => undefined);
        const image = document.createElement('div');
        image.innerHTML = '<p style="color:red" onclick="1"></p>';
        document.body.append(image);
      });
      await page.waitForTimeout(200);
      assert.ok(
        watch.faults.some((fault) => fault.includes('policy: connect-src')),
        watch.faults.join()
      );
      assert.ok(
        watch.faults.some((fault) => fault.includes('style-src')),
        watch.faults.join()
      );
      await demo.stop();
    }
  );

  t(
    '[tesserae/demo-policy] [tesserae/kernel-without-webassembly] without WebAssembly the page works on TypeScript and says so',
    async () => {
      const demo = await Demo.start([], false);
      const { page, watch } = await demo.visit();
      await page.locator('footer summary', { hasText: 'Running on TypeScript' }).waitFor();
      await page.locator('footer summary').click();
      assert.match(
        (await page.locator('.engines').textContent()) ?? '',
        /TypeScript: fell to ts.*WebAssembly is not allowed here/s
      );
      await bringIdentity(page, reader);
      await fillLetter(page, { to: 'Myself, as a note', content: 'slow but sure' });
      await page.getByText('File, answer, format, stamp').click();
      await page.getByText('Add a stamp (proof of work)').click();
      await page.getByLabel('Cost of the stamp').fill('13');
      await readPaper(page, await makeCode(page));
      assert.equal((await stepStates(page)).slice(2, 5), [
        'decrypted ok',
        'signature ok',
        'stamp ok',
      ]);
      const uri = paperFor(writer, reader, { content: 'by picture' });
      await page.getByLabel('Open a picture').setInputFiles({
        name: 'x.png',
        mimeType: 'image/png',
        buffer: Buffer.from(qrToPng(encodeQr(uri))),
      });
      await page.locator('.letter .content', { hasText: 'by picture' }).waitFor();
      // Asking whether WebAssembly may run is itself a breach that the browser reports.
      watch.expect('wasm-eval');
      watch.expect('WebAssembly');
      assert.equal(watch.faults, []);
      await demo.stop();
    }
  );

  t(
    '[tesserae/demo-offline] after the first visit the page opens, writes and reads without a network',
    async () => {
      const demo = await Demo.start();
      const { context, page, watch } = await demo.visit();
      await page.evaluate(() => navigator.serviceWorker.ready);
      await page.waitForFunction(async () => {
        const [name] = await caches.keys();
        return name !== undefined && (await (await caches.open(name)).keys()).length >= 10;
      });
      await bringIdentity(page, reader);
      await demo.stopServer();
      await context.setOffline(true);
      await page.reload();
      await page.getByRole('heading', { name: 'Contacts' }).waitFor();
      await fillLetter(page, { to: 'Myself, as a note', content: 'offline' });
      await readPaper(page, await makeCode(page));
      assert.is((await stepStates(page))[3], 'signature ok');
      // This picture needs the thorough decoder, which comes from the cache too.
      const uri = paperFor(writer, reader, { content: 'w'.repeat(330) });
      const picture = await hardPhoto(uri);
      await page.getByLabel('Open a picture').setInputFiles({
        name: 'photo.png',
        mimeType: 'image/png',
        buffer: Buffer.from(picture),
      });
      await page.locator('.letter .content', { hasText: 'wwww' }).waitFor();
      for (const other of ['index.html', 'licenses.txt']) {
        const direct = await context.newPage();
        await direct.goto(demo.url + other);
        const wanted = other === 'index.html' ? 'Write a paper' : 'MIT License';
        await direct.getByText(wanted).first().waitFor();
        await direct.close();
      }
      assert.equal(
        watch.faults.filter((fault) => !fault.includes('ERR_FAILED')),
        []
      );
      // For a plain text the browser asks for a favicon of its own accord.
      watch.expect('ERR_FAILED');
      const second = await context.newPage();
      await second.goto(`${demo.url}?x=1#write`);
      await second.getByRole('heading', { name: 'Write a paper' }).waitFor();
      watch.expect('ERR_INTERNET_DISCONNECTED');
      assert.equal(watch.faults, []);
    }
  );

  t(
    '[tesserae/demo-offline] the page can be installed: manifest, icons and service worker',
    async () => {
      const demo = await Demo.start();
      const manifest = (await (await fetch(`${demo.url}manifest.webmanifest`)).json()) as {
        start_url: string;
        display: string;
        icons: { src: string }[];
      };
      assert.is(manifest.display, 'standalone');
      for (const { src } of manifest.icons) {
        const icon = await fetch(new URL(src, demo.url));
        assert.is(icon.status, 200);
        assert.match(await icon.text(), /^<svg /);
      }
      const { page } = await demo.visit();
      const session = await page.context().newCDPSession(page);
      const { errors } = (await session.send('Page.getAppManifest')) as { errors: unknown[] };
      assert.equal(errors, []);
      await demo.stop();
    }
  );

  t(
    '[tesserae/demo-single-file] one file opens from disk, asks nobody for anything, writes, stamps and reads',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'tesserae-single-'));
      const file = join(folder, 'demo.html');
      const demo = await Demo.start();
      writeFileSync(file, demo.built.single);
      await demo.stop();
      const { page, watch } = await openPage(await launchBrowser(), pathToFileURL(file).href);
      await createIdentity(page);
      await fillLetter(page, { to: 'Myself, as a note', content: 'from a file '.repeat(25) });
      await page.getByText('File, answer, format, stamp').click();
      await page.getByText('Add a stamp (proof of work)').click();
      await page.getByLabel('Cost of the stamp').fill('14');
      const uri = await makeCode(page);
      const picture = await hardPhoto(uri);
      await go(page, 'Read');
      await page.getByLabel('Open a picture').setInputFiles({
        name: 'photo.png',
        mimeType: 'image/png',
        buffer: Buffer.from(picture),
      });
      await settled(page);
      assert.equal((await stepStates(page)).slice(2, 5), [
        'decrypted ok',
        'signature ok',
        'stamp ok',
      ]);
      assert.equal(watch.faults, []);
      await page.reload();
      await page.locator('.kept-open').waitFor();
      const asked = watch.requests.filter((url) => !/^(?:blob|data):/.test(url));
      assert.ok(
        asked.every((url) => url.startsWith(pathToFileURL(file).href)),
        asked.join()
      );
      rmSync(folder, { recursive: true });
    }
  );
}

t.run();
