/** The papers written on this device, for printing one of them again. @module */
import type { App } from '../app.ts';
import { bytesText, moment } from '../model/format.ts';
import type { Paper } from '../model/draft.ts';
import type { WrittenPaper } from '../model/record.ts';
import { parsePaperUri } from '../../lxmf/paper.ts';
import { button } from './control.ts';
import { fill, h } from './element.ts';

/** A list that shows the state of the session when told to. */
export interface WrittenPapers {
  readonly root: HTMLElement;
  follow(): void;
}

const FIRST = 6;

/** Build the list. @param onshow - takes the paper that was chosen, and its recipient's name */
export function writtenPapers(
  app: App,
  onshow: (paper: Paper, recipient: string) => void
): WrittenPapers {
  const list = h('ul', { class: 'kept-list' });
  let all = false;
  const more = button('Show all', undefined, 'quiet', () => {
    all = true;
    follow();
  });
  const root = h(
    'section',
    { class: 'kept', 'aria-labelledby': 'written-title' },
    h('h2', { id: 'written-title' }, 'Written on this device'),
    h('p', { class: 'hint' }, 'Kept sealed, to print again. Only the recipients can open them.'),
    list,
    more
  );
  function follow(): void {
    const { written } = app.session;
    root.hidden = written.length === 0;
    more.hidden = all || written.length <= FIRST;
    const shown = written.slice(0, all ? written.length : FIRST);
    fill(list, ...shown.map((each) => line(app, each, onshow)));
  }
  follow();
  return { root, follow };
}

function line(
  app: App,
  written: WrittenPaper,
  onshow: (paper: Paper, recipient: string) => void
): HTMLElement {
  const { uri, recipient, destinationHash, timestamp } = written;
  const sealed = parsePaperUri(uri).length;
  const show = h(
    'button',
    {
      type: 'button',
      class: 'kept-open',
      onclick: () => onshow({ uri, sealed, destinationHash, timestamp }, recipient),
    },
    h('span', { class: 'kept-title', dir: 'auto' }, `For ${recipient}`),
    h('span', { class: 'kept-from' }, `${moment(timestamp)} · ${bytesText(sealed)}`)
  );
  const forget = button('Forget', 'trash', 'quiet', () => void app.session.forgetWritten(written));
  forget.setAttribute('aria-label', `Forget the paper for ${recipient}`);
  return h('li', {}, show, forget);
}
