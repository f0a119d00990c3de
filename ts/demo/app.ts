/**
 * The page put together: session, workers and views, and what each of them may ask of the others.
 * Nothing here knows what a view looks like. @module
 */
import { systemRandom } from '../base/random.ts';
import { openRecordStore } from '../host/browser/indexed-db.ts';
import { transferred } from '../host/browser/clipboard.ts';
import type { PageFiles } from './files.ts';
import { ingest, type Ingested } from './ingest.ts';
import { isCard, plainReason } from './model/reading.ts';
import { parseRoute, type ViewName } from './model/route.ts';
import { Miner } from './miner.ts';
import type { NamedContact } from './model/record.ts';
import { Session } from './session.ts';
import { News } from './view/dialog.ts';
import { Shell } from './view/shell.ts';
import { Scanner } from './worker/scanner.ts';

/** One part of the page. */
export interface View {
  readonly root: HTMLElement;
  /** Called each time the part comes into sight. */
  enter?(): void;
  /** Called when it goes out of sight: cameras stop here. */
  leave?(): void;
  /** Called when it is given up: nothing of it may listen any more. */
  close?(): void;
}

/** What to write next. */
export interface Letter {
  readonly to: NamedContact | 'myself' | undefined;
  /** 64 hexadecimal digits of the message that is answered. */
  readonly replyTo?: string;
}

/** What views may ask for. */
export interface App {
  readonly session: Session;
  readonly scanner: Scanner;
  readonly miner: Miner;
  /** Whether the page is one file, which no server has anything to do with. */
  readonly single: boolean;
  readonly news: News;
  /** Show a part of the page. */
  go(view: ViewName): void;
  /** Take in a text or a picture, and show what came of it. Rejects when there is nothing in it. */
  take(material: string | Blob): Promise<void>;
  /** Show the writing part with a recipient chosen. */
  compose(letter: Letter): void;
}

/** What was taken in and waits for the part that shows it. */
export interface Inbox {
  paper: Ingested | undefined;
  card: string | undefined;
  letter: Letter | undefined;
}

/** Start the page; failures that leave nothing to show are written into it. */
export function startApp(files: PageFiles): void {
  open(files).catch((error: unknown) => {
    const place = document.querySelector('main') ?? document.body;
    place.textContent = `The page could not start. ${plainReason(error)}`;
  });
}

async function open(files: PageFiles): Promise<void> {
  const session = await Session.start(await openRecordStore('tesserae'), systemRandom);
  const scanner = new Scanner(files);
  const news = new News();
  const inbox: Inbox = { paper: undefined, card: undefined, letter: undefined };
  const app: App = {
    session,
    scanner,
    miner: new Miner(files),
    single: files.offline === undefined,
    news,
    go: (view) => {
      if (location.hash === `#${view}`) shell.show(view);
      else location.hash = view;
    },
    async take(material) {
      const found = await ingest(material, scanner);
      if (isCard(found.text)) {
        inbox.card = found.text;
        app.go('contacts');
      } else {
        inbox.paper = found;
        app.go('read');
      }
    },
    compose(letter) {
      inbox.letter = letter;
      app.go('write');
    },
  };
  const shell = new Shell(app, inbox);
  followAddress(app, shell);
  followDrops(app);
  followOtherWindows(session);
  registerOffline(files.offline);
}

function followAddress(app: App, shell: Shell): void {
  const follow = (): void => {
    const route = parseRoute(location.hash);
    if (route.kind === 'view') {
      shell.show(route.view);
      return;
    }
    // Neither the history nor a copied address should keep the paper.
    history.replaceState(null, '', `${location.pathname}${location.search}#read`);
    app.take(route.text).catch((error: unknown) => app.news.say(plainReason(error)));
  };
  addEventListener('hashchange', follow);
  follow();
}

/** Pictures and texts may be dropped anywhere; pictures may be pasted anywhere. */
function followDrops(app: App): void {
  const offer = (data: DataTransfer | null, event: Event): void => {
    const pasted = transferred(data);
    const editable = event.target instanceof Element && event.target.closest('input, textarea');
    if (pasted === undefined || (typeof pasted === 'string' && editable)) return;
    if (event.target instanceof Element && event.target.closest('[data-own-drop]')) return;
    event.preventDefault();
    app.take(pasted).catch((error: unknown) => app.news.say(plainReason(error)));
  };
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('drop', (event) => offer(event.dataTransfer, event));
  document.addEventListener('paste', (event) => offer(event.clipboardData, event));
}

function followOtherWindows(session: Session): void {
  const channel = new BroadcastChannel('tesserae');
  let heard = false;
  channel.onmessage = () => {
    heard = true;
    void session.refresh().finally(() => {
      heard = false;
    });
  };
  // What was taken up from another window is not news to it.
  session.onChange(() => {
    if (!heard) channel.postMessage('changed');
  });
}

function registerOffline(file: string | undefined): void {
  if (file === undefined || !('serviceWorker' in navigator)) return;
  navigator.serviceWorker.register(file).catch(() => {
    // Without it the page works as long as there is a network; the foot of the page says which it is.
  });
}
