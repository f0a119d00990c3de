/** Writing: the letter on the left; what it will take, and the code made of it, on the right. @module */
import type { App, Inbox, Letter, View } from '../app.ts';
import { systemRandom } from '../../base/random.ts';
import { deliveryHash } from '../../lxmf/message.ts';
import type { Identity } from '../../reticulum/identity.ts';
import { draftBudget, paperBudget, PaperMaker, type Draft, type Paper } from '../model/draft.ts';
import { hashText, integer } from '../model/format.ts';
import { plainReason } from '../model/reading.ts';
import { budgetPanel } from './budget.ts';
import { button, code, field } from './control.ts';
import { fill, h } from './element.ts';
import { givePanel } from './give.ts';
import { miningPanel } from './mining.ts';
import { optionsPanel } from './options.ts';
import { writtenPapers } from './written.ts';

const MYSELF = 'myself';

/** Build the writing part. */
export function writeView(app: App, inbox: Inbox): View {
  const { session } = app;
  const own = session.identity as Identity;
  const maker = new PaperMaker(own, systemRandom);

  const to = field('To', h('select', {}));
  const address = h('p', { class: 'address' });
  const somebody = button('Somebody new', 'plus', 'quiet', () => app.go('contacts'));
  to.root.append(h('div', { class: 'row under' }, address, somebody));
  const title = field(
    'Title',
    h('input', { type: 'text', class: 'title-input', autocomplete: 'off' })
  );
  const content = field('Message', h('textarea', { rows: 10, class: 'content-input' }));
  const options = optionsPanel(app, () => changed());
  const budget = budgetPanel();
  const make = button('Make the code', 'bolt', 'primary', () => void makeCode());
  const wrong = h('p', { class: 'fault', role: 'alert' });
  wrong.hidden = true;
  const mining = miningPanel();
  const give = givePanel(app);
  const before = writtenPapers(app, (paper, name) => {
    again = { paper, name };
    follow();
    give.focus();
  });
  // A paper written earlier that is looked at now, until the letter is worked on.
  let again: { readonly paper: Paper; readonly name: string } | undefined;
  const making = h('div', { class: 'making' }, make, wrong, mining.root);
  const root = h(
    'div',
    { class: 'view write' },
    h('div', { class: 'head' }, h('h1', {}, 'Write a paper')),
    h(
      'div',
      { class: 'columns' },
      h('div', { class: 'card sheet-form' }, to.root, title.root, content.root, options.root),
      h('div', { class: 'side' }, budget.root, making, give.root),
      before.root
    )
  );

  const draft = (): Draft => ({
    title: title.control.value,
    content: content.control.value,
    ...options.value(),
  });

  const recipient = (): Identity | undefined => {
    if (to.control.value === MYSELF) return own;
    return session.contacts.find(({ id }) => id === to.control.value)?.identity;
  };

  const recipientName = (): string =>
    session.contacts.find(({ id }) => id === to.control.value)?.name ?? 'Myself';

  function listRecipients(): void {
    const chosen = to.control.value;
    const names = session.contacts.map(({ id, name }) => h('option', { value: id }, name));
    fill(
      to.control,
      h('option', { value: '' }, 'Choose a contact'),
      ...names,
      h('option', { value: MYSELF }, 'Myself, as a note')
    );
    to.control.value = chosen;
    if (to.control.value !== chosen) to.control.value = '';
  }

  /** Bring everything that depends on the draft in line with it. */
  function follow(): void {
    wrong.hidden = true;
    const current = draft();
    const target = recipient();
    fill(address, target !== undefined && code(hashText(deliveryHash(target))));
    const made = target === undefined ? undefined : maker.made(current, target);
    const room = draftBudget(current);
    content.hint(`${integer(Math.abs(room.left))} bytes ${room.left < 0 ? 'too many' : 'left'}`);
    const paper = again?.paper ?? made;
    budget.show(again === undefined ? room : paperBudget(again.paper), paper !== undefined);
    make.hidden = (made !== undefined && again === undefined) || mining.running;
    give.show(paper, again?.name ?? recipientName(), budget.mm());
  }

  /** The writer did something to the letter: what was going on for the one before ends. */
  function changed(): void {
    again = undefined;
    mining.stop('The search was stopped, because the message changed.');
    follow();
  }

  async function makeCode(): Promise<void> {
    const target = recipient();
    const current = draft();
    to.fault('');
    again = undefined;
    wrong.hidden = true;
    if (target === undefined) {
      to.fault('Choose whom it is for. Only they will be able to open it.');
      to.control.focus();
      return;
    }
    if (!options.check()) return;
    const { left } = draftBudget(current);
    if (left < 0) {
      content.fault(`The message is ${-left} bytes too long for one paper.`);
      content.control.focus();
      return;
    }
    const isNew = maker.made(current, target) === undefined;
    const name = recipientName();
    make.hidden = true;
    try {
      const made = await maker.make(current, target, Date.now() / 1000, (message, costBits) =>
        mining.run(app.miner, message, costBits)
      );
      app.news.say('The code is made.');
      follow();
      give.focus();
      if (isNew) await session.keepWritten({ ...made, recipient: name });
    } catch (error) {
      make.hidden = false;
      if (mining.wasStopped(error)) {
        app.news.say('The search was stopped.');
        make.focus();
        return;
      }
      wrong.hidden = false;
      wrong.textContent = plainReason(error);
    }
  }

  function take(letter: Letter): void {
    const { to: whom } = letter;
    if (whom !== undefined) to.control.value = whom === 'myself' ? MYSELF : whom.id;
    if (letter.replyTo !== undefined) options.setReply(letter.replyTo);
    changed();
    (title.control.value === '' ? title : content).control.focus();
  }

  to.control.addEventListener('change', () => {
    to.fault('');
    changed();
  });
  for (const control of [title.control, content.control]) {
    control.addEventListener('input', () => {
      content.fault('');
      changed();
    });
  }
  root.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (!make.hidden) void makeCode();
  });
  budget.onsize(() => give.resize(budget.mm()));
  const stopFollowing = session.onChange(() => {
    // Locking ends this part; there is nobody to write as any more.
    if (session.identity === undefined) return;
    listRecipients();
    before.follow();
    follow();
  });
  listRecipients();
  follow();

  return {
    root,
    enter() {
      const next = inbox.letter;
      inbox.letter = undefined;
      if (next !== undefined) take(next);
    },
    close() {
      stopFollowing();
      mining.stop('');
    },
  };
}
