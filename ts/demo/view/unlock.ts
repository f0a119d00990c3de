/** The screen before a locked identity. @module */
import type { App, Inbox, View } from '../app.ts';
import { ask } from './dialog.ts';
import { busy, button, exactInput, field, form, submitButton } from './control.ts';
import { h } from './element.ts';

/** Build the screen that asks for the passphrase, or says that what is stored is beyond reading. */
export function unlockView(app: App, inbox: Inbox): View {
  const { session } = app;
  const secret = field('Passphrase', exactInput('password', 'current-password'));
  const submit = submitButton('Unlock', 'unlock');
  const unlock = async (): Promise<void> => {
    secret.fault('');
    await session.unlock(secret.control.value);
    app.news.say('Unlocked.');
    if (inbox.paper !== undefined) app.go('read');
  };
  const fail = (reason: string): void => {
    secret.fault(reason);
    secret.control.select();
  };
  secret.control.addEventListener('input', () => secret.fault(''));
  const erase = button('Delete it from this browser', 'trash', 'quiet', () => {
    void ask({
      title: 'Delete the locked identity?',
      text: 'Without an export of it, papers addressed to it can never be opened again.',
      yes: 'Delete',
      danger: true,
    }).then(async (yes) => {
      if (yes) await session.erase();
    });
  });
  const body =
    session.damage === undefined
      ? form(() => void busy(submit, unlock, fail), secret.root, submit)
      : h('p', { class: 'fault' }, `What is stored cannot be read: ${session.damage}.`);
  const root = h(
    'section',
    { class: 'narrow' },
    h(
      'h1',
      {},
      session.damage === undefined ? 'Your identity is locked' : 'Your identity is damaged'
    ),
    h('div', { class: 'card' }, body),
    h('p', { class: 'aside' }, 'Forgot the passphrase? It cannot be recovered. ', erase)
  );
  return { root, enter: () => secret.control.focus() };
}
