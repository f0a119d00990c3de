/** Reading: things come in, the steps and the letter come out, and read papers are kept sealed. @module */
import type { App, Inbox, View } from '../app.ts';
import type { Ingested } from '../ingest.ts';
import { equalBytes } from '../../base/bytes.ts';
import { toHex } from '../../base/hex.ts';
import { parseContactCard, type Contact } from '../../lxmf/contact.ts';
import { paperKey, readText, stampStep, type Reader, type Reading } from '../model/reading.ts';
import { button, busy, exactArea, exactInput, field, form, submitButton } from './control.ts';
import { fill, h } from './element.ts';
import { icon } from './icon.ts';
import { intake } from './intake.ts';
import { keptPapers } from './kept.ts';
import { letter } from './message.ts';
import { spokenOutcome, stepList } from './steps.ts';

/** Build the reading part. */
export function readView(app: App, inbox: Inbox): View {
  const result = h('section', { class: 'result', 'aria-label': 'Result' });
  const entry = intake(
    app,
    {
      label: 'Or paste the text of a paper',
      hint: 'It begins with lxm:// – line breaks do no harm.',
      submit: 'Read it',
      empty: 'Paste a text that begins with lxm:// first.',
    },
    (material) => {
      // Nobody should take the last result for that of the picture being looked at.
      fill(result);
      return app.take(material);
    }
  );
  const kept = keptPapers(app, (uri) => void app.take(uri));
  const root = h(
    'div',
    { class: 'view read' },
    h(
      'div',
      { class: 'head' },
      h('h1', {}, 'Read a paper'),
      h('p', { class: 'lead' }, 'Scan it, open a picture of it, or drop one anywhere on this page.')
    ),
    h('div', { class: 'columns' }, h('div', { class: 'card entry' }, entry.root), result, kept.root)
  );
  const stopFollowing = app.session.onChange(kept.follow);
  let shown: Ingested | undefined;
  // Only the latest reading may write into the page: its stamp is measured later.
  let run = 0;
  let fresh: string | undefined;

  /** Looking again after the sender was added must not call a paper read that was new a moment ago. */
  const readerFor = (first: boolean): Reader => {
    const reader = app.session.reader();
    if (first) fresh = undefined;
    return {
      ...reader,
      firstRead(transientId) {
        const key = paperKey(transientId);
        const read = key === fresh ? undefined : reader.firstRead(transientId);
        if (read === undefined) fresh = key;
        return read;
      },
    };
  };

  const show = (found: Ingested, first: boolean): void => {
    run += 1;
    const mine = run;
    shown = found;
    const reading = readText(found.text, readerFor(first));
    const place = (current: Reading): void => {
      fill(result, ...resultOf(app, current, found, () => show(found, false)));
      result.dataset['done'] = String(current.steps.every(({ state }) => state !== 'wait'));
    };
    place(reading);
    if (first) {
      app.news.tell(spokenOutcome(reading.steps));
      const { top } = result.getBoundingClientRect();
      if (top < 0 || top > innerHeight / 2) result.scrollIntoView({ block: 'start' });
    }
    void finish(reading).then((finished) => {
      if (mine === run) place(finished);
    });
  };

  /** Measure the stamp after the page had time to show the rest, then remember the paper. */
  const finish = async (reading: Reading): Promise<Reading> => {
    const { opened, transientId, sealed } = reading;
    if (opened === undefined || transientId === undefined || sealed === undefined) return reading;
    await new Promise((resolve) => setTimeout(resolve, 30));
    const steps = reading.steps.map((step) =>
      step.id === 'stamp' && step.state === 'wait' ? stampStep(opened.message) : step
    );
    await app.session.keepPaper(transientId, sealed, Date.now());
    return { ...reading, steps };
  };

  return {
    root,
    enter() {
      const next = inbox.paper;
      inbox.paper = undefined;
      if (next === undefined) {
        kept.follow();
        return;
      }
      entry.clear();
      show(next, true);
      // Without an identity the same paper is looked at again once there is one.
      if (app.session.identity === undefined && shown !== undefined) inbox.paper = shown;
    },
    leave: () => entry.stop(),
    close: stopFollowing,
  };
}

function resultOf(app: App, reading: Reading, found: Ingested, again: () => void): HTMLElement[] {
  const parts: HTMLElement[] = [];
  const { opened } = reading;
  if (opened !== undefined) {
    parts.push(letter(opened, actionsOf(app, reading)));
    if (opened.signature === 'unknown-source')
      parts.push(senderCard(app, opened.message.sourceHash, found, again));
  }
  parts.push(
    h(
      'div',
      { class: 'card checks' },
      h('h2', {}, 'How it was checked'),
      stepList(reading.steps),
      needed(app, reading)
    )
  );
  return parts;
}

/** The way on when an identity is missing or locked. */
function needed(app: App, reading: Reading): HTMLElement {
  const waits = reading.steps.some(({ id, state }) => id === 'addressed' && state === 'wait');
  const locked = app.session.stage === 'locked';
  const go = button(
    locked ? 'Unlock' : 'Set up an identity',
    locked ? 'unlock' : 'identity',
    'primary',
    () => app.go('identity')
  );
  const row = h('div', { class: 'row' }, go);
  row.hidden = !waits;
  return row;
}

function actionsOf(app: App, { opened, sealed }: Reading): HTMLElement[] {
  if (opened === undefined || sealed === undefined) return [];
  const { message, sender } = opened;
  const contact = app.session.contactOf(message.sourceHash);
  const to = contact ?? (sender !== undefined ? ('myself' as const) : undefined);
  const actions: HTMLElement[] = [];
  if (to !== undefined) {
    const replyTo = toHex(message.messageHash);
    actions.push(button('Answer', 'reply', 'plain', () => app.compose({ to, replyTo })));
  }
  return actions;
}

/** An unknown source is a normal first contact: its card settles the question. */
function senderCard(app: App, source: Uint8Array, found: Ingested, again: () => void): HTMLElement {
  const beside = found.cards
    .map(cardOf)
    .find((card) => card !== undefined && equalBytes(card.destinationHash, source));
  const text = field(
    'Card of the sender',
    exactArea(3),
    'It begins with lxma:// – ask the sender for it, or scan it under Contacts.'
  );
  const name = field('Name for this contact', exactInput('text'));
  const submit = submitButton('Add and check again', 'contacts');
  if (beside !== undefined) {
    text.root.hidden = true;
    text.hint('');
  }
  const add = async (): Promise<void> => {
    text.fault('');
    name.fault('');
    const card = beside ?? parseContactCard(text.control.value);
    if (!equalBytes(card.destinationHash, source)) {
      text.fault('This card is of somebody else: its address is not that of the sender.');
      return;
    }
    if (name.control.value.trim() === '') {
      name.fault('Give the contact a name.');
      name.control.focus();
      return;
    }
    await app.session.saveContact(card, name.control.value);
    again();
    app.news.say('Added. The signature was checked again.');
  };
  return h(
    'section',
    { class: 'card unknown', 'aria-label': 'Who is it from?' },
    h('h2', {}, icon('warn'), h('span', {}, 'Who is it from?')),
    h(
      'p',
      {},
      beside === undefined
        ? 'Nobody in your contacts has this address. With the card of the sender the signature can be checked.'
        : 'A card of the sender was printed beside the message. It proves that both come from the same hand, not whose hand it is.'
    ),
    form(() => void busy(submit, add, text.fault), text.root, name.root, submit)
  );
}

function cardOf(text: string): Contact | undefined {
  try {
    return parseContactCard(text);
  } catch {
    // A broken card beside a message is no help, and no harm.
    return undefined;
  }
}
