/** What visitors of the page do, for the tests: the built page served, and its controls by their names. @module */
import type { Browser, Page } from 'playwright-core';
import { buildPage, type BuiltPage } from '../../demo/build.ts';
import { serveFiles, type RunningServer } from '../../demo/serve.ts';
import { deliveryHash, packMessage, type MessageDraft } from '../../lxmf/message.ts';
import { paperUri, sealPaper } from '../../lxmf/paper.ts';
import { systemRandom } from '../../base/random.ts';
import { toHex } from '../../base/hex.ts';
import type { Identity } from '../../reticulum/identity.ts';
import {
  closeBrowsers,
  launchBrowser,
  openPage,
  type OpenOptions,
  type WatchedContext,
} from '../support/browser.ts';

/** A built and served page with a browser to visit it. */
export class Demo {
  readonly built: BuiltPage;
  readonly browser: Browser;
  readonly #server: RunningServer;

  static readonly #running: Demo[] = [];

  private constructor(built: BuiltPage, browser: Browser, server: RunningServer) {
    this.built = built;
    this.browser = browser;
    this.#server = server;
  }

  /** @param extra - arguments of the browser; `wasm: false` serves a policy without WebAssembly */
  static async start(extra: readonly string[] = [], wasm = true): Promise<Demo> {
    const built = await buildPage();
    const server = await serveFiles({ port: 0, files: built.hosted, wasm });
    const demo = new Demo(built, await launchBrowser(extra), server);
    Demo.#running.push(demo);
    return demo;
  }

  /** End every demo and every browser; for the end of a suite, also after a failure. */
  static async stopAll(): Promise<void> {
    await closeBrowsers();
    await Promise.all(Demo.#running.splice(0).map((demo) => demo.stopServer()));
  }

  get url(): string {
    return this.#server.url;
  }

  /** Open the page with nothing stored. */
  async visit(options: OpenOptions = {}, fragment = ''): Promise<WatchedContext> {
    const opened = await openPage(this.browser, this.url + fragment, options);
    await opened.page.locator('h1').waitFor();
    return opened;
  }

  /** Stop answering, as a network does that is gone. */
  stopServer(): Promise<void> {
    return this.#server.close();
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.#server.close();
  }
}

/** Make an identity on the first screen; ends at the contacts. */
export async function createIdentity(page: Page, passphrase?: string): Promise<void> {
  if (passphrase !== undefined) {
    await page.getByLabel('Passphrase (optional)').first().fill(passphrase);
    await page.getByLabel('Passphrase again').first().fill(passphrase);
  }
  await page.getByRole('button', { name: 'Create my identity' }).click();
  await page.getByRole('heading', { name: 'Contacts' }).waitFor();
}

/** Import an identity on the first screen as hexadecimal; ends at the contacts. */
export async function bringIdentity(page: Page, identity: Identity): Promise<void> {
  await page.getByRole('button', { name: 'I have an identity already' }).click();
  await page.getByLabel('Private key').fill(toHex(identity.privateKey()));
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await page.getByRole('heading', { name: 'Contacts' }).waitFor();
}

/** Go to a part of the page by its link. */
export async function go(
  page: Page,
  part: 'Write' | 'Read' | 'Contacts' | 'Identity'
): Promise<void> {
  await page.getByRole('link', { name: part, exact: true }).click();
}

/** Add a contact by its card. */
export async function addContact(page: Page, card: string, name: string): Promise<void> {
  await go(page, 'Contacts');
  await page.getByLabel('Or paste a card').fill(card);
  await page.getByRole('button', { name: 'Look at it' }).click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Add to contacts' }).click();
  await page.locator('.person', { hasText: name }).waitFor();
}

/** What is written. */
export interface Words {
  readonly to: string;
  readonly title?: string;
  readonly content: string;
}

/** Fill in the letter; makes no code yet. */
export async function fillLetter(page: Page, words: Words): Promise<void> {
  await go(page, 'Write');
  await page.getByLabel('To', { exact: true }).selectOption({ label: words.to });
  await page.getByLabel('Title', { exact: true }).fill(words.title ?? '');
  await page.getByLabel('Message', { exact: true }).fill(words.content);
}

/** Press the button and give back the URI of the code. */
export async function makeCode(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Make the code' }).click();
  await page.locator('.give .code svg').waitFor();
  return madeUri(page);
}

/** The URI of the code in sight. */
export function madeUri(page: Page): Promise<string> {
  return page.locator('textarea.uri').inputValue();
}

/** Paste a text under Read and wait until all steps are worked out. */
export async function readPaper(page: Page, text: string): Promise<void> {
  await go(page, 'Read');
  await page.getByLabel('Or paste the text of a paper').fill(text);
  await page.getByRole('button', { name: 'Read it' }).click();
  await settled(page);
}

/** Wait until the result says all it has to say. */
export async function settled(page: Page): Promise<void> {
  await page.locator('.result .steps').waitFor();
  await page.waitForFunction(() => {
    const waiting = document.querySelector('.step[data-step="stamp"][data-state="wait"]');
    return waiting === null;
  });
}

/** The steps shown, as `id state`. */
export function stepStates(page: Page): Promise<string[]> {
  return page
    .locator('.step')
    .evaluateAll((items) =>
      items.map((item) => `${item.getAttribute('data-step')} ${item.getAttribute('data-state')}`)
    );
}

/** The reason shown under one step. */
export async function reasonOf(page: Page, step: string): Promise<string> {
  return (await page.locator(`.step[data-step="${step}"] p`).textContent()) ?? '';
}

/** A paper from `source` to `target`, made by the library instead of the page. */
export function paperFor(
  source: Identity,
  target: Identity,
  draft: Omit<MessageDraft, 'destinationHash' | 'timestamp'>
): string {
  const message = packMessage(
    { destinationHash: deliveryHash(target), timestamp: 1_790_000_000, ...draft },
    source
  );
  return paperUri(sealPaper(message, target, systemRandom));
}

/** Bytes of a file that a click makes the page save, and its name. */
export async function savedBy(
  page: Page,
  click: () => Promise<void>
): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
  const [download] = await Promise.all([page.waitForEvent('download'), click()]);
  const chunks: Uint8Array[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Uint8Array);
  return { name: download.suggestedFilename(), bytes: new Uint8Array(Buffer.concat(chunks)) };
}
