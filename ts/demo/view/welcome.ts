/** The first screen: make an identity, or bring one along. @module */
import type { App, Inbox, View } from '../app.ts';
import { systemRandom } from '../../base/random.ts';
import { canEncrypt } from '../../host/browser/vault.ts';
import { Identity } from '../../reticulum/identity.ts';
import { busy, button, form, submitButton } from './control.ts';
import { h } from './element.ts';
import { importForm } from './identity-import.ts';
import { passphraseFields } from './passphrase.ts';
import { icon } from './icon.ts';
import { brokenTile } from './tile.ts';

/** Build the first screen. */
export function welcomeView(app: App, inbox: Inbox): View {
  const bringing = h('section', { class: 'card', 'aria-labelledby': 'bring-title' });
  bringing.hidden = true;
  bringing.append(
    h('h2', { id: 'bring-title' }, 'Bring an identity along'),
    h('p', {}, 'From rnid, Sideband, NomadNet or an export of this page.'),
    importForm(app, () => settled(app, inbox))
  );
  const bring = button('I have an identity already', 'file', 'plain', () => {
    bringing.hidden = false;
    bringing.querySelector('textarea')?.focus();
  });
  const root = h(
    'section',
    { class: 'welcome' },
    h(
      'div',
      { class: 'hero' },
      h('h1', {}, 'A sealed letter on a piece of paper'),
      h(
        'p',
        { class: 'lead' },
        'Write a message, get a code. Print it, pin it to a door, hand it over, send it as a picture. Only the ' +
          'person it is addressed to can open it, with this page or with any LXMF program.'
      ),
      h(
        'ul',
        { class: 'promises' },
        promise('No server reads it', 'Keys and messages stay in this browser.'),
        promise('No network needed', 'After this visit the page opens offline.'),
        promise('No lock-in', 'The same papers as Sideband and NomadNet make and read.')
      ),
      brokenTile()
    ),
    h('div', { class: 'start' }, createCard(app, inbox), bring, bringing)
  );
  return { root };
}

function promise(title: string, text: string): HTMLElement {
  return h('li', {}, icon('ok'), h('span', {}, h('strong', {}, title), ` ${text}`));
}

function createCard(app: App, inbox: Inbox): HTMLElement {
  const secret = passphraseFields('optional');
  const submit = submitButton('Create my identity', 'identity');
  const create = async (): Promise<void> => {
    const passphrase = secret.value();
    if (passphrase === null) return;
    await app.session.adopt(Identity.generate(systemRandom), passphrase);
    settled(app, inbox);
  };
  return h(
    'section',
    { class: 'card', 'aria-labelledby': 'create-title' },
    h('h2', { id: 'create-title' }, 'Create an identity'),
    h('p', {}, 'A pair of keys that is your address. Made here, by this browser, for you alone.'),
    form(() => void busy(submit, create, secret.fault), secret.root, submit),
    !app.session.persistent &&
      h(
        'p',
        { class: 'remark' },
        'This browser lets the page store nothing: export the identity before you close it.'
      ),
    !canEncrypt() &&
      h(
        'p',
        { class: 'remark' },
        'This page was not opened over https, so it cannot encrypt what it stores.'
      )
  );
}

/** A paper that waited for an identity is shown now; else the new identity's card is. */
function settled(app: App, inbox: Inbox): void {
  app.news.say('Your identity is ready.');
  app.go(inbox.paper === undefined ? 'contacts' : 'read');
}
