// time limit: 300 s
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRandom } from '../../base/random.ts';
import { contactCard } from '../../lxmf/contact.ts';
import { encodeQr } from '../../qr/code.ts';
import type { RgbaImage } from '../../qr/image.ts';
import { Identity } from '../../reticulum/identity.ts';
import { suite } from '../support/suite.ts';
import { assert } from '../support/assert.ts';
import { chromiumPath } from '../support/browser.ts';
import { photograph } from '../support/photograph.ts';
import { bringIdentity, Demo, go, paperFor, settled, stepStates } from './visit.ts';

const t = suite('demo camera', import.meta.url);

const WIDTH = 1280;
const HEIGHT = 720;
const FRAMES = 4;

/** A film of a picture held before a gray wall, in the form that Chromium plays as a camera. */
function film(picture: RgbaImage): Uint8Array {
  assert.ok(
    picture.width <= WIDTH && picture.height <= HEIGHT,
    'the picture is larger than the film'
  );
  const luma = new Uint8Array(WIDTH * HEIGHT).fill(150);
  const [left, top] = [(WIDTH - picture.width) >> 1, (HEIGHT - picture.height) >> 1];
  for (let y = 0; y < picture.height; y++) {
    for (let x = 0; x < picture.width; x++) {
      luma[(top + y) * WIDTH + left + x] = picture.data[(y * picture.width + x) * 4] as number;
    }
  }
  const chroma = new Uint8Array((WIDTH * HEIGHT) / 2).fill(128);
  const head = `YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`;
  const frames = Array.from({ length: FRAMES }, () => [Buffer.from('FRAME\n'), luma, chroma]);
  return new Uint8Array(Buffer.concat([Buffer.from(head), ...frames.flat()]));
}

/** A browser whose camera shows a code as a phone would see it. */
async function filmed(text: string, module: number): Promise<{ demo: Demo; clear: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'tesserae-camera-'));
  const file = join(folder, 'camera.y4m');
  const shot = { module, degrees: 3, noise: 6, blur: 1, shade: 30, tilt: 0.04 };
  writeFileSync(file, film(photograph(encodeQr(text), shot)));
  const demo = await Demo.start([
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-video-capture=${file}`,
  ]);
  return { demo, clear: () => rmSync(folder, { recursive: true, force: true }) };
}

if (chromiumPath() === undefined) {
  t.skip('the page reads from a camera', 'no Chromium is installed');
} else {
  t.after(() => Demo.stopAll());
  const writer = Identity.generate(systemRandom);
  const reader = Identity.generate(systemRandom);

  for (const [size, content, module] of [
    ['small', 'before the camera', 6],
    ['large', 'z'.repeat(900), 5],
  ] as const) {
    t(
      `[tesserae/demo-camera] a ${size} code before the camera is read, and the camera stops`,
      async () => {
        const { demo, clear } = await filmed(paperFor(writer, reader, { content }), module);
        const { page, watch } = await demo.visit({ permissions: ['camera'] });
        await bringIdentity(page, reader);
        await go(page, 'Read');
        await page.getByRole('button', { name: 'Use the camera' }).click();
        await page.locator('.letter .content').waitFor({ timeout: 30_000 });
        assert.is(await page.locator('.letter .content').textContent(), content);
        await settled(page);
        assert.is((await stepStates(page))[2], 'decrypted ok');
        assert.not(await page.locator('video').isVisible());
        const live = await page.evaluate(
          () => (document.querySelector('video')?.srcObject ?? null) !== null
        );
        assert.not(live, 'the camera is still on');
        assert.equal(watch.faults, []);
        await demo.stop();
        clear();
      }
    );
  }

  t(
    '[tesserae/demo-camera] a card before the camera becomes a contact; leaving stops the camera',
    async () => {
      const { demo, clear } = await filmed(contactCard(writer), 8);
      const { page, watch } = await demo.visit({ permissions: ['camera'] });
      await bringIdentity(page, reader);
      await page.getByRole('button', { name: 'Use the camera' }).click();
      await page.getByText('This card is sound').waitFor({ timeout: 30_000 });
      await page.getByLabel('Name', { exact: true }).fill('Seen');
      await page.getByRole('button', { name: 'Add to contacts' }).click();
      await page.locator('.person', { hasText: 'Seen' }).waitFor();
      assert.equal(watch.faults, []);
      await demo.stop();
      clear();
    }
  );

  t(
    '[tesserae/demo-camera] the camera is let go when the reader looks elsewhere or stops it',
    async () => {
      const { demo, clear } = await filmed('no paper, no card', 8);
      const { page } = await demo.visit({ permissions: ['camera'] });
      await bringIdentity(page, reader);
      await go(page, 'Read');
      const isOn = (): Promise<boolean> =>
        page.evaluate(() => {
          const stream = document.querySelector('video')?.srcObject;
          return stream instanceof MediaStream && stream.active;
        });
      await page.getByRole('button', { name: 'Use the camera' }).click();
      // What it shows is read, and is no paper: that is said, with the reason.
      await page.locator('.step.fail').waitFor({ timeout: 30_000 });
      assert.not(await isOn());
      await page.getByRole('button', { name: 'Use the camera' }).click();
      await go(page, 'Write');
      await go(page, 'Read');
      assert.not(await isOn());
      await demo.stop();
      clear();
    }
  );

  t(
    '[tesserae/demo-camera] a camera that is not allowed is explained beside the button',
    async () => {
      const demo = await Demo.start();
      const { page } = await demo.visit();
      await go(page, 'Read');
      await page.getByRole('button', { name: 'Use the camera' }).click();
      const fault = page.locator('.intake .fault:visible');
      await fault.waitFor();
      assert.match((await fault.textContent()) ?? '', /camera/);
      await demo.stop();
    }
  );
}

t.run();
