/** Bringing an identity along, in every form that rnid and Sideband write. @module */
import type { App } from '../app.ts';
import { fromUtf8, wipe } from '../../base/bytes.ts';
import { Identity, IDENTITY_KEY_BYTES } from '../../reticulum/identity.ts';
import { decodeKeyText } from '../../reticulum/identity-text.ts';
import { busy, exactArea, field, fileButton, form, submitButton } from './control.ts';
import { ask } from './dialog.ts';
import { h } from './element.ts';
import { passphraseFields } from './passphrase.ts';

// The longest text form has 128 characters; a file many times that holds no key.
const MAX_FILE = 4096;

/** A form for a private key as text or file. @param ondone - called once the identity is in place */
export function importForm(app: App, ondone: () => void): HTMLElement {
  const text = field(
    'Private key',
    exactArea(3),
    'Hexadecimal, base32 or base64, as rnid and Sideband print it. It stays in this browser.'
  );
  const secret = passphraseFields('optional');
  const submit = submitButton('Import', 'identity');
  let key: Uint8Array | undefined;
  const chosen = h('p', { class: 'good', role: 'status' });
  const file = fileButton('Open an identity file', 'file', '*/*', (opened) => void open(opened));

  async function open(opened: File): Promise<void> {
    text.fault('');
    chosen.textContent = '';
    if (opened.size > MAX_FILE) {
      text.fault('That file is too large for an identity, which has 64 bytes.');
      return;
    }
    const bytes = new Uint8Array(await opened.arrayBuffer());
    try {
      key = bytes.length === IDENTITY_KEY_BYTES ? bytes : decodeKeyText(fromUtf8(bytes) ?? '');
      text.control.value = '';
      chosen.textContent = 'The file holds an identity. Now import it.';
    } catch {
      // Whatever the decoder says is about text; the user opened a file.
      text.fault('That file is no identity: it needs 64 bytes, or the key as text.');
    }
  }

  async function take(): Promise<void> {
    text.fault('');
    const typed = text.control.value.trim();
    if (typed === '' && key === undefined) {
      text.fault('Paste the key, or open the file, first.');
      text.control.focus();
      return;
    }
    const identity = Identity.fromPrivateKey(
      typed === '' ? (key as Uint8Array) : decodeKeyText(typed)
    );
    const passphrase = secret.value();
    if (passphrase === null || !(await mayReplace(app))) return;
    await app.session.adopt(identity, passphrase);
    if (key !== undefined) wipe(key);
    key = undefined;
    text.control.value = '';
    ondone();
  }

  text.control.addEventListener('input', () => text.fault(''));
  return form(
    () => void busy(submit, take, text.fault),
    text.root,
    file.root,
    chosen,
    secret.root,
    submit
  );
}

/** An identity that is there already is not replaced without a word. */
function mayReplace(app: App): Promise<boolean> {
  if (app.session.stage === 'empty') return Promise.resolve(true);
  return ask({
    title: 'Replace your identity?',
    text: 'The present identity, its contacts and its papers are deleted from this browser. Export it first if you still need it.',
    yes: 'Replace',
    danger: true,
  });
}
