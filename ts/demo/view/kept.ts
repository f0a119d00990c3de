/** The papers read on this device: kept sealed as they came, opened again on demand. @module */
import type { App } from '../app.ts';
import { fromUtf8 } from '../../base/bytes.ts';
import { openPaper, paperUri } from '../../lxmf/paper.ts';
import { bytesText, moment, shortHash } from '../model/format.ts';
import type { KeptPaper } from '../model/record.ts';
import { button } from './control.ts';
import { fill, h } from './element.ts';

/** A list that shows the state of the session when told to. */
export interface KeptPapers {
  readonly root: HTMLElement;
  follow(): void;
}

// Each line costs a decryption; the rest is a click away.
const FIRST = 8;

/** Build the list. @param onopen - takes the text of the paper that was chosen */
export function keptPapers(app: App, onopen: (uri: string) => void): KeptPapers {
  const list = h('ul', { class: 'kept-list' });
  const more = button('Show all', undefined, 'quiet', () => {
    all = true;
    follow();
  });
  const root = h(
    'section',
    { class: 'kept', 'aria-labelledby': 'kept-title' },
    h('h2', { id: 'kept-title' }, 'Read on this device'),
    h('p', { class: 'hint' }, 'Kept sealed, as they came. Only your key opens them.'),
    list,
    more
  );
  let all = false;
  function follow(): void {
    const { papers } = app.session;
    root.hidden = papers.length === 0;
    more.hidden = all || papers.length <= FIRST;
    fill(
      list,
      ...papers.slice(0, all ? papers.length : FIRST).map((paper) => line(app, paper, onopen))
    );
  }
  follow();
  return { root, follow };
}

function line(app: App, paper: KeptPaper, onopen: (uri: string) => void): HTMLElement {
  const { heading, from } = summary(app, paper);
  const open = h(
    'button',
    { type: 'button', class: 'kept-open', onclick: () => onopen(paperUri(paper.sealed)) },
    h('span', { class: 'kept-title', dir: 'auto' }, heading),
    h(
      'span',
      { class: 'kept-from', dir: 'auto' },
      `${from} · read ${moment(paper.firstReadMs / 1000)}`
    )
  );
  const forget = button('Forget', 'trash', 'quiet', () => void app.session.forgetPaper(paper));
  forget.setAttribute('aria-label', `Forget ${heading}`);
  return h('li', {}, open, forget);
}

function summary(app: App, paper: KeptPaper): { heading: string; from: string } {
  const { identity } = app.session;
  if (identity === undefined) return { heading: 'Sealed', from: bytesText(paper.sealed.length) };
  try {
    const { message } = openPaper(paper.sealed, identity);
    const known = app.session.reader().known(message.sourceHash);
    const from = known === undefined ? shortHash(message.sourceHash) : (known.name ?? 'yourself');
    const title = fromUtf8(message.title) ?? '';
    const [first = ''] = (fromUtf8(message.content) ?? '').trim().split('\n');
    return { heading: (title || first || 'Without words').slice(0, 80), from };
  } catch {
    // Kept papers were opened once; what no longer opens is shown as what it is.
    return { heading: 'Cannot be opened any more', from: bytesText(paper.sealed.length) };
  }
}
