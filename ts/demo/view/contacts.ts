/** Contacts: one's own card to hand out, and the cards of others taken in. @module */
import type { App, Inbox, View } from '../app.ts';
import { copyText } from '../../host/browser/clipboard.ts';
import { saveFile } from '../../host/browser/save.ts';
import { contactCard, parseContactCard, type Contact } from '../../lxmf/contact.ts';
import { deliveryHash } from '../../lxmf/message.ts';
import { encodeQr } from '../../qr/code.ts';
import { qrToSvg } from '../../qr/svg.ts';
import type { Identity } from '../../reticulum/identity.ts';
import { hashText } from '../model/format.ts';
import { isReadable, plainReason } from '../model/reading.ts';
import { linkTo } from '../model/route.ts';
import type { NamedContact } from '../model/record.ts';
import { ask } from './dialog.ts';
import { busy, button, code, exactInput, field, form, submitButton } from './control.ts';
import { fill, h, svgFrom } from './element.ts';
import { intake } from './intake.ts';

/** Build the contacts part. */
export function contactsView(app: App, inbox: Inbox): View {
  const { session } = app;
  const list = h('ul', { class: 'people' });
  const empty = h('p', { class: 'hint' }, 'Nobody yet. You can always write to yourself.');
  const adding = addPanel(app);
  const root = h(
    'div',
    { class: 'view contacts' },
    h(
      'div',
      { class: 'head' },
      h('h1', {}, 'Contacts'),
      h(
        'p',
        { class: 'lead' },
        'A card holds an address and its public key: all that it takes to write to somebody.'
      )
    ),
    h(
      'div',
      { class: 'columns' },
      h(
        'div',
        { class: 'stack' },
        adding.root,
        h(
          'section',
          { 'aria-labelledby': 'people-title' },
          h('h2', { id: 'people-title' }, 'People'),
          empty,
          list
        )
      ),
      ownCard(app, session.identity as Identity)
    )
  );

  function follow(): void {
    empty.hidden = session.contacts.length > 0;
    fill(list, ...session.contacts.map((contact) => person(app, contact)));
  }

  const stopFollowing = session.onChange(follow);
  follow();
  return {
    root,
    enter() {
      const card = inbox.card;
      inbox.card = undefined;
      if (card !== undefined) adding.offer(card);
    },
    leave: () => adding.stop(),
    close: stopFollowing,
  };
}

interface AddPanel {
  readonly root: HTMLElement;
  offer(card: string): void;
  stop(): void;
}

/** First the card, then a name for it. */
function addPanel(app: App): AddPanel {
  const { session } = app;
  const entry = intake(
    app,
    {
      label: 'Or paste a card',
      hint: 'It begins with lxma:// – an address alone is not enough.',
      submit: 'Look at it',
      empty: 'Paste a card that begins with lxma:// first.',
    },
    async (material) => {
      if (typeof material === 'string' && !isReadable(material)) offer(material);
      else await app.take(material);
    }
  );
  const name = field('Name', exactInput('text'), 'Only you see it.');
  const address = h('p', { class: 'address' });
  const submit = submitButton('Add to contacts', 'plus');
  const cancel = button('Not now', undefined, 'plain', () => settle());
  const naming = form(
    () => void busy(submit, save, name.fault),
    h('p', { class: 'good' }, 'This card is sound: its address belongs to its key.'),
    address,
    name.root,
    h('div', { class: 'row' }, submit, cancel)
  );
  naming.hidden = true;
  let offered: Contact | undefined;

  function offer(card: string): void {
    entry.fault('');
    try {
      offered = parseContactCard(card);
    } catch (error) {
      entry.fault(plainReason(error));
      return;
    }
    const before = session.contactOf(offered.destinationHash);
    name.control.value = before?.name ?? '';
    name.hint(
      before === undefined
        ? 'Only you see it.'
        : 'You know this address already; the name will be changed.'
    );
    fill(address, code(hashText(offered.destinationHash)));
    naming.hidden = false;
    entry.root.hidden = true;
    name.control.focus();
  }

  async function save(): Promise<void> {
    if (offered === undefined) return;
    if (name.control.value.trim() === '') {
      name.fault('Give the contact a name.');
      name.control.focus();
      return;
    }
    const { name: called } = await session.saveContact(offered, name.control.value);
    settle();
    app.news.say(`${called} is one of your contacts now.`);
  }

  function settle(): void {
    offered = undefined;
    naming.hidden = true;
    entry.root.hidden = false;
    name.fault('');
    entry.clear();
  }

  name.control.addEventListener('input', () => name.fault(''));
  const root = h(
    'section',
    { class: 'card', 'aria-labelledby': 'add-title' },
    h('h2', { id: 'add-title' }, 'Add somebody'),
    entry.root,
    naming
  );
  return { root, offer, stop: () => entry.stop() };
}

function person(app: App, contact: NamedContact): HTMLElement {
  const { session } = app;
  const write = button('Write', 'write', 'plain', () => app.compose({ to: contact }));
  const edit = button('Rename', 'edit', 'quiet', () => {
    renaming.hidden = !renaming.hidden;
    name.control.value = contact.name;
    if (!renaming.hidden) name.control.focus();
  });
  const copy = button('Copy card', 'copy', 'quiet', () => {
    copyText(contactCard(contact.identity)).then(
      () => app.news.say('The card was copied.'),
      (error: unknown) => app.news.say(plainReason(error))
    );
  });
  const remove = button('Remove', 'trash', 'quiet', () => {
    void ask({
      title: 'Remove this contact?',
      text: 'You will need the card again to write, and to check signatures.',
      yes: 'Remove',
      danger: true,
    }).then(async (yes) => {
      if (yes) await session.removeContact(contact);
    });
  });
  for (const each of [write, edit, copy, remove]) {
    each.setAttribute('aria-label', `${each.textContent} ${contact.name}`);
  }
  const name = field('New name', exactInput('text'));
  const submit = submitButton('Save the name');
  const rename = async (): Promise<void> => {
    if (name.control.value.trim() === '') name.fault('Give the contact a name.');
    else await session.saveContact(contact, name.control.value);
  };
  const renaming = form(() => void busy(submit, rename, name.fault), name.root, submit);
  renaming.hidden = true;
  return h(
    'li',
    { class: 'person' },
    h(
      'div',
      {},
      h('strong', { dir: 'auto' }, contact.name),
      code(hashText(contact.destinationHash))
    ),
    h('div', { class: 'row' }, write, edit, copy, remove),
    renaming
  );
}

function ownCard(app: App, identity: Identity): HTMLElement {
  const card = contactCard(identity);
  const drawn = encodeQr(card, { minLevel: 'M' });
  const tell = (work: Promise<void>, said: string): void => {
    work.then(
      () => app.news.say(said),
      (error: unknown) => app.news.say(plainReason(error))
    );
  };
  return h(
    'section',
    { class: 'card own', 'aria-labelledby': 'own-title' },
    h('h2', { id: 'own-title' }, 'Your card'),
    h('p', {}, 'Let others scan it, then they can write to you and check what you signed.'),
    h('div', { class: 'code' }, svgFrom(qrToSvg(drawn, { title: 'QR code of your contact card' }))),
    code(hashText(deliveryHash(identity))),
    h(
      'div',
      { class: 'row ways' },
      button('Copy card', 'copy', 'plain', () => tell(copyText(card), 'Your card was copied.')),
      button('Copy link', 'link', 'plain', () =>
        tell(copyText(linkTo(location.href, card)), 'A link to your card was copied.')
      ),
      button('Save SVG', 'save', 'plain', () =>
        saveFile(
          'my card.svg',
          qrToSvg(drawn, { mm: 40, title: 'LXMF contact card' }),
          'image/svg+xml'
        )
      )
    )
  );
}
