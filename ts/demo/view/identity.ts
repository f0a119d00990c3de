/** The identity: what it is called, how it is kept, how it goes elsewhere, and its end. @module */
import type { App, View } from '../app.ts';
import { copyText } from '../../host/browser/clipboard.ts';
import { saveFile } from '../../host/browser/save.ts';
import { canEncrypt } from '../../host/browser/vault.ts';
import { deliveryHash } from '../../lxmf/message.ts';
import type { Identity } from '../../reticulum/identity.ts';
import { encodeKeyText, type KeyEncoding } from '../../reticulum/identity-text.ts';
import { hashText } from '../model/format.ts';
import { plainReason } from '../model/reading.ts';
import { busy, button, code, form, submitButton } from './control.ts';
import { ask } from './dialog.ts';
import { fill, h } from './element.ts';
import { icon } from './icon.ts';
import { importForm } from './identity-import.ts';
import { passphraseFields } from './passphrase.ts';

const FORMS: readonly (readonly [name: string, encoding: KeyEncoding, whose: string])[] = [
  ['Hexadecimal', 'hex', 'rnid -F'],
  ['Base32', 'base32', 'Sideband, rnid -B'],
  ['Base64', 'base64', 'rnid -b'],
];

/** Build the identity part. */
export function identityView(app: App): View {
  const identity = app.session.identity as Identity;
  const keeping = keepingCard(app);
  const exporting = exportCard(app, identity);
  const root = h(
    'div',
    { class: 'view identity' },
    h('div', { class: 'head' }, h('h1', {}, 'Your identity')),
    h(
      'div',
      { class: 'columns' },
      h('div', { class: 'stack' }, nameCard(app, identity), keeping.root),
      h(
        'div',
        { class: 'stack' },
        exporting.root,
        h(
          'details',
          { class: 'card options' },
          h('summary', {}, 'Import another identity'),
          importForm(app, () => app.news.say('The identity was imported.'))
        ),
        deleteCard(app)
      )
    )
  );
  const stopFollowing = app.session.onChange(keeping.follow);
  return {
    root,
    leave: () => exporting.hide(),
    close: stopFollowing,
  };
}

function nameCard(app: App, identity: Identity): HTMLElement {
  const address = hashText(deliveryHash(identity));
  const copy = button('Copy the address', 'copy', 'plain', () => {
    copyText(address.slice(1, -1)).then(
      () => app.news.say('The address was copied.'),
      (error: unknown) => app.news.say(plainReason(error))
    );
  });
  return h(
    'section',
    { class: 'card', 'aria-labelledby': 'name-title' },
    h('h2', { id: 'name-title' }, 'How others know you'),
    h(
      'dl',
      { class: 'facts-list' },
      h('div', {}, h('dt', {}, 'LXMF address'), h('dd', {}, code(address))),
      h('div', {}, h('dt', {}, 'Identity hash'), h('dd', {}, code(hashText(identity.hash))))
    ),
    h(
      'div',
      { class: 'row' },
      copy,
      button('Show my card', 'contacts', 'plain', () => app.go('contacts'))
    )
  );
}

function keepingCard(app: App): { readonly root: HTMLElement; follow(): void } {
  const { session } = app;
  const state = h('p', { class: 'state' });
  const secret = passphraseFields('needed');
  const submit = submitButton('Set the passphrase', 'lock');
  const change = async (): Promise<void> => {
    const passphrase = secret.value();
    if (passphrase === null) return;
    await session.changePassphrase(passphrase);
    secret.clear();
    app.news.say('The passphrase is set. Everything was encrypted anew.');
  };
  const drop = button('Remove the passphrase', 'unlock', 'plain', () => {
    void ask({
      title: 'Store the key unencrypted?',
      text: 'Whoever can use this browser could then read your messages and write in your name.',
      yes: 'Remove the passphrase',
      danger: true,
    }).then(async (yes) => {
      if (yes) await session.changePassphrase(undefined);
    });
  });
  function follow(): void {
    drop.hidden = !session.protected;
    const words = !session.persistent
      ? 'Kept in memory only: this browser stores nothing for this page. Export the identity before you close it.'
      : session.protected
        ? 'Encrypted with your passphrase: key, contacts and papers.'
        : 'Not encrypted. Whoever can use this browser can read the key.';
    const good = session.protected && session.persistent;
    state.className = `state ${good ? 'good' : 'doubt'}`;
    fill(state, icon(good ? 'lock' : 'warn'), h('span', {}, words));
  }
  follow();
  const setting = h(
    'details',
    { class: 'options' },
    h('summary', {}, 'Change how it is kept'),
    form(() => void busy(submit, change, secret.fault), secret.root, submit),
    drop
  );
  setting.hidden = !canEncrypt();
  const root = h(
    'section',
    { class: 'card', 'aria-labelledby': 'keep-title' },
    h('h2', { id: 'keep-title' }, 'How it is kept here'),
    state,
    setting
  );
  return { root, follow };
}

function exportCard(app: App, identity: Identity): { readonly root: HTMLElement; hide(): void } {
  const shown = h('textarea', {
    class: 'exact secret',
    readonly: true,
    rows: 4,
    'aria-label': 'Private key',
    spellcheck: 'false',
  });
  const conceal = button('Hide it again', 'lock', 'plain', () => hide());
  const revealed = h('div', { class: 'fields' }, shown, conceal);
  function hide(): void {
    shown.value = '';
    revealed.hidden = true;
  }
  hide();
  const rows = FORMS.map(([name, encoding, whose]) => {
    const copy = button('Copy', 'copy', 'quiet', () => {
      copyText(encodeKeyText(identity.privateKey(), encoding)).then(
        () => app.news.say(`${name} key copied. Clear the clipboard when you are done.`),
        (error: unknown) => app.news.say(plainReason(error))
      );
    });
    const reveal = button('Show', 'read', 'quiet', () => {
      shown.value = encodeKeyText(identity.privateKey(), encoding);
      revealed.hidden = false;
      shown.focus();
      shown.select();
    });
    copy.setAttribute('aria-label', `Copy as ${name}`);
    reveal.setAttribute('aria-label', `Show as ${name}`);
    return h('li', {}, h('span', { class: 'name' }, name, h('small', {}, whose)), copy, reveal);
  });
  const save = button('Save the identity file', 'save', 'plain', () =>
    saveFile('identity', identity.privateKey(), 'application/octet-stream')
  );
  const root = h(
    'section',
    { class: 'card', 'aria-labelledby': 'export-title' },
    h('h2', { id: 'export-title' }, 'Take it elsewhere'),
    h(
      'p',
      {},
      'This is the private key: whoever has it reads your messages and writes in your name.'
    ),
    h('div', { class: 'row' }, save),
    h('p', { class: 'hint' }, '64 bytes, the file that rnid and every Reticulum program uses.'),
    h('ul', { class: 'forms' }, ...rows),
    revealed
  );
  return { root, hide };
}

function deleteCard(app: App): HTMLElement {
  const erase = button('Delete from this browser', 'trash', 'danger', () => {
    void ask({
      title: 'Delete your identity?',
      text: 'Key, contacts and papers are deleted from this browser. Without an export, papers addressed to you can never be opened again.',
      yes: 'Delete everything',
      danger: true,
    }).then(async (yes) => {
      if (yes) await app.session.erase();
    });
  });
  return h(
    'section',
    { class: 'card', 'aria-labelledby': 'delete-title' },
    h('h2', { id: 'delete-title' }, 'Leave no trace'),
    h('p', {}, 'Deletes the identity, the contacts and the papers kept here.'),
    erase
  );
}
