/**
 * A real browser for tests of the page: Chromium where it is installed, and a page that is watched for
 * what it must never do: ask another origin, break its policy, fail in silence.
 * @module
 */
import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The browser's program, or `undefined` where there is none; `CHROMIUM` names another place. */
export function chromiumPath(): string | undefined {
  const named = process.env['CHROMIUM'];
  return [...(named === undefined ? [] : [named]), ...PLACES].find((path) => existsSync(path));
}

/** Start the browser without a window. @param extra - further arguments, such as those of a fake camera */
export function launchBrowser(extra: readonly string[] = []): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === undefined) throw new Error('no browser is installed');
  const started = chromium.launch({ executablePath, args: [...ARGUMENTS, ...extra] });
  running.push(started);
  return started;
}

const running: Promise<Browser>[] = [];

/** End every browser that was started; for the end of a suite, also after a failure. */
export async function closeBrowsers(): Promise<void> {
  await Promise.all(running.splice(0).map(async (browser) => (await browser).close()));
}

/** What a page did that it should not, in words; empty when all is well. */
export class Watch {
  readonly faults: string[] = [];
  /** Every request that left the page or its workers, in order. */
  readonly requests: string[] = [];
  readonly #allowed: string;

  /** @param allowed - the only origin that may be asked, or the beginning of the only file address */
  constructor(allowed: string) {
    this.#allowed = allowed;
  }

  /** Watch a context: its pages, workers and service workers. */
  async follow(context: BrowserContext): Promise<void> {
    context.on('request', (request) => {
      const url = request.url();
      this.requests.push(url);
      if (!this.#isOwn(url)) this.faults.push(`request to ${url}`);
    });
    context.on('weberror', (error) => this.faults.push(`uncaught: ${error.error().message}`));
    context.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') {
        this.faults.push(`console ${message.type()}: ${message.text()}`);
      }
    });
    await context.exposeFunction('reportViolation', (text: string) => {
      this.faults.push(`policy: ${text}`);
    });
    await context.addInitScript(() => {
      addEventListener('securitypolicyviolation', (event) => {
        const report = (globalThis as unknown as { reportViolation(text: string): void })
          .reportViolation;
        report(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
      });
    });
  }

  /** Take a fault that a test expects off the list, all of them that contain `text`. */
  expect(text: string): void {
    const kept = this.faults.filter((fault) => !fault.includes(text));
    this.faults.splice(0, this.faults.length, ...kept);
  }

  #isOwn(url: string): boolean {
    return url.startsWith(this.#allowed) || /^(?:data|blob|about):/.test(url);
  }
}

/** A context with its watch. */
export interface WatchedContext {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly watch: Watch;
}

/** Options of {@link openPage}. */
export interface OpenOptions {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  readonly permissions?: readonly string[];
  readonly reducedMotion?: boolean;
  readonly forcedColors?: boolean;
}

/** Open a watched page with a storage of its own. */
export async function openPage(
  browser: Browser,
  url: string,
  options: OpenOptions = {}
): Promise<WatchedContext> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1200, height: options.height ?? 900 },
    colorScheme: options.dark === true ? 'dark' : 'light',
    reducedMotion: options.reducedMotion === false ? 'no-preference' : 'reduce',
    forcedColors: options.forcedColors === true ? 'active' : 'none',
    permissions: [...(options.permissions ?? [])],
    acceptDownloads: true,
    locale: 'en-GB',
    timezoneId: 'UTC',
  });
  context.setDefaultTimeout(15_000);
  const origin = url.startsWith('http') ? new URL(url).origin + '/' : url.replace(/#.*$/, '');
  const watch = new Watch(origin);
  await watch.follow(context);
  const page = await context.newPage();
  await page.goto(url);
  return { context, page, watch };
}
