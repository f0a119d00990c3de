/** The frame of the page: name, parts, foot; and which part is in sight at which stage. @module */
import type { App, Inbox, View } from '../app.ts';
import { VIEWS, type ViewName } from '../model/route.ts';
import type { Identity } from '../../reticulum/identity.ts';
import type { Stage } from '../session.ts';
import { contactsView } from './contacts.ts';
import { button } from './control.ts';
import { fill, h } from './element.ts';
import { engineLine } from './engine.ts';
import { icon, mark } from './icon.ts';
import { identityView } from './identity.ts';
import { readView } from './read.ts';
import { unlockView } from './unlock.ts';
import { welcomeView } from './welcome.ts';
import { writeView } from './write.ts';

const TITLES: Record<ViewName, string> = {
  write: 'Write',
  read: 'Read',
  contacts: 'Contacts',
  identity: 'Identity',
};

type PartName = ViewName | 'welcome' | 'unlock';

const MAKERS: Record<PartName, (app: App, inbox: Inbox) => View> = {
  write: writeView,
  read: readView,
  contacts: contactsView,
  identity: identityView,
  welcome: welcomeView,
  unlock: unlockView,
};

/** Shows one part at a time. Parts live as long as the stage does, so that drafts survive a look elsewhere. */
export class Shell {
  readonly #app: App;
  readonly #inbox: Inbox;
  readonly #main: HTMLElement = h('main', { id: 'main', tabindex: '-1' });
  readonly #links = new Map<ViewName, HTMLAnchorElement>();
  readonly #lock: HTMLButtonElement;
  #parts = new Map<PartName, View>();
  #stage: Stage;
  #identity: Identity | undefined;
  #shown: PartName | undefined;
  #wanted: ViewName = 'write';
  #started = false;

  constructor(app: App, inbox: Inbox) {
    this.#app = app;
    this.#inbox = inbox;
    this.#stage = app.session.stage;
    this.#identity = app.session.identity;
    this.#lock = button('Lock', 'lock', 'quiet', () => app.session.lock());
    document.body.replaceChildren(
      h(
        'a',
        { class: 'skip', href: '#main', onclick: (event: Event) => this.#skip(event) },
        'Skip to content'
      ),
      this.#header(),
      this.#main,
      h('footer', {}, engineLine(app)),
      app.news.root,
      h('div', { class: 'print-root', 'aria-hidden': 'true' })
    );
    app.session.onChange(() => this.#follow());
    this.#follow();
  }

  /** Bring a part into sight, or what must come before it. */
  show(view: ViewName): void {
    this.#wanted = view;
    const part = this.#partFor(view);
    const again = part === this.#shown;
    for (const [name, link] of this.#links) {
      if (name === view) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    document.title = `${TITLES[view]} – tesserae paper messages`;
    const shown = this.#part(part);
    if (!again) {
      if (this.#shown !== undefined) this.#parts.get(this.#shown)?.leave?.();
      this.#shown = part;
      fill(this.#main, shown.root);
      // The first screen leaves the focus where the browser has it.
      if (this.#started) this.#main.focus({ preventScroll: true });
      this.#started = true;
      scrollTo(0, 0);
    }
    shown.enter?.();
  }

  #partFor(view: ViewName): PartName {
    if (view === 'read' || this.#stage === 'ready') return view;
    return this.#stage === 'locked' ? 'unlock' : 'welcome';
  }

  #part(name: PartName): View {
    const part = this.#parts.get(name) ?? MAKERS[name](this.#app, this.#inbox);
    this.#parts.set(name, part);
    return part;
  }

  #follow(): void {
    const { session } = this.#app;
    this.#lock.hidden = session.stage !== 'ready' || !session.protected;
    if (session.stage === this.#stage && session.identity === this.#identity) return;
    // Somebody else, or nobody: what the old parts hold, drafts and opened messages, goes with them.
    this.#stage = session.stage;
    this.#identity = session.identity;
    for (const part of this.#parts.values()) {
      part.leave?.();
      part.close?.();
    }
    this.#parts = new Map();
    this.#shown = undefined;
    document.querySelector('.print-root')?.replaceChildren();
    this.show(this.#wanted);
  }

  #header(): HTMLElement {
    const links = VIEWS.map((view) => {
      const link = h('a', { href: `#${view}` }, icon(view), h('span', {}, TITLES[view]));
      this.#links.set(view, link);
      return link;
    });
    return h(
      'header',
      { class: 'top' },
      h(
        'div',
        { class: 'brand' },
        mark(),
        h('span', {}, 'tesserae'),
        h('small', {}, 'paper messages')
      ),
      h('nav', { 'aria-label': 'Parts of the page' }, ...links),
      this.#lock
    );
  }

  #skip(event: Event): void {
    event.preventDefault();
    this.#main.focus();
  }
}
