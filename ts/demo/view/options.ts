/** What may go along with a message: files, the message it answers, its format, a stamp. @module */
import type { App } from '../app.ts';
import { isHash } from '../model/format.ts';
import { about, bytesText, short } from '../model/format.ts';
import { RENDERERS, type Draft } from '../model/draft.ts';
import type { Attachment } from '../../lxmf/fields.ts';
import { PAPER_MDU } from '../../lxmf/constants.ts';
import { button, check, exactInput, field, fileButton } from './control.ts';
import { fill, h } from './element.ts';
import { icon } from './icon.ts';

/** The part of a draft that this panel holds. */
type Options = Omit<Draft, 'title' | 'content'>;

/** A panel of options. */
export interface OptionsPanel {
  readonly root: HTMLElement;
  value(): Options;
  /** Whether everything in it can be used; says what cannot, and opens itself to show it. */
  check(): boolean;
  setReply(messageHash: string): void;
}

const COST = { min: 1, max: 28, usual: 16 } as const;

/** Build the panel. @param onchange - called after every change */
export function optionsPanel(app: App, onchange: () => void): OptionsPanel {
  let attachments: Attachment[] = [];
  const files = h('ul', { class: 'files', 'aria-label': 'Files to send along' });
  const fileFault = h('p', { class: 'fault', role: 'alert' });
  fileFault.hidden = true;
  const addFile = fileButton('Add a small file', 'plus', '*/*', (file) => void attach(file));
  const reply = field(
    'Answers the message with this hash',
    exactInput('text'),
    '64 digits, shown under every message that was read. Answer fills it in.'
  );
  const format = field(
    'Format',
    h(
      'select',
      { onchange },
      h('option', { value: '' }, 'Not stated'),
      ...RENDERERS.map(([name, value]) => h('option', { value }, name))
    ),
    'How programs that can should show the text.'
  );
  const cost = field(
    'Cost of the stamp',
    h('input', { type: 'range', min: COST.min, max: COST.max })
  );
  cost.control.value = String(COST.usual);
  const stamp = check('Add a stamp (proof of work)', false, () => {
    cost.root.hidden = !stamp.control.checked;
    sayCost();
    onchange();
  });
  cost.root.hidden = true;

  function sayCost(): void {
    const bits = Number(cost.control.value);
    const { ratePerSecond } = app.miner;
    const tries = 2 ** bits;
    const wait =
      ratePerSecond === undefined ? '' : `, ${about(tries / ratePerSecond)} on this device`;
    cost.hint(`${bits} bits: ${short(tries)} tries on average${wait}. Paper needs no stamp.`);
    cost.control.setAttribute('aria-valuetext', `${bits} bits`);
  }

  async function attach(file: File): Promise<void> {
    fileFault.hidden = true;
    if (file.size > PAPER_MDU) {
      fileFault.hidden = false;
      fileFault.textContent = `${file.name} has ${bytesText(file.size)}; a whole paper holds ${bytesText(PAPER_MDU)}.`;
      return;
    }
    const data = new Uint8Array(await file.arrayBuffer());
    attachments = [...attachments, { name: file.name.toWellFormed(), data }];
    listFiles();
    onchange();
  }

  function listFiles(): void {
    fill(
      files,
      ...attachments.map((each) => {
        const remove = button('Remove', 'close', 'quiet', () => {
          attachments = attachments.filter((other) => other !== each);
          listFiles();
          onchange();
          addFile.control.focus();
        });
        remove.setAttribute('aria-label', `Remove ${each.name}`);
        return h(
          'li',
          {},
          icon('file'),
          h('span', { class: 'name', dir: 'auto' }, each.name),
          h('span', { class: 'size' }, bytesText(each.data.length)),
          remove
        );
      })
    );
    files.hidden = attachments.length === 0;
  }

  reply.control.addEventListener('input', () => {
    reply.fault('');
    onchange();
  });
  cost.control.addEventListener('input', () => {
    sayCost();
    onchange();
  });
  listFiles();
  const root = h(
    'details',
    { class: 'options' },
    h('summary', {}, 'File, answer, format, stamp'),
    h(
      'div',
      { class: 'fields' },
      files,
      fileFault,
      addFile.root,
      reply.root,
      format.root,
      stamp.root,
      cost.root
    )
  );
  root.addEventListener('toggle', () => {
    if (!root.open || app.miner.ratePerSecond !== undefined) return;
    void app.miner.measure().then(sayCost);
  });

  return {
    root,
    value: () => ({
      attachments,
      replyTo: reply.control.value,
      renderer: format.control.value === '' ? undefined : Number(format.control.value),
      stampCost: stamp.control.checked ? Number(cost.control.value) : undefined,
    }),
    check() {
      const text = reply.control.value.trim();
      const good = text === '' || isHash(text, 32);
      if (!good) {
        root.open = true;
        reply.fault('A message hash has 64 digits from 0 to 9 and a to f.');
        reply.control.focus();
      }
      return good;
    },
    setReply(messageHash) {
      reply.control.value = messageHash;
      root.open = true;
    },
  };
}
