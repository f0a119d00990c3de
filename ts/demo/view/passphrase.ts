/** Choosing a passphrase: twice the same, or none with the consequence said plainly. @module */
import { canEncrypt } from '../../host/browser/vault.ts';
import { exactInput, field } from './control.ts';
import { h } from './element.ts';

/** Two inputs for a new passphrase. */
export interface PassphraseFields {
  readonly root: HTMLElement;
  /** The passphrase, `undefined` for none, or `null` when the inputs are not in order, which they then say. */
  value(): string | undefined | null;
  fault(text: string): void;
  clear(): void;
}

const SHORTEST = 8;
const NONE =
  'Without one the key is stored unencrypted: whoever can use this browser can read your messages.';

/** Build the inputs; with `optional` both may stay empty. */
export function passphraseFields(need: 'optional' | 'needed'): PassphraseFields {
  const optional = need === 'optional';
  const label = optional ? 'Passphrase (optional)' : 'Passphrase';
  const first = field(label, exactInput('password', 'new-password'));
  const again = field('Passphrase again', exactInput('password', 'new-password'));
  const follow = (): void => {
    const empty = first.control.value === '';
    first.fault('');
    again.fault('');
    again.root.hidden = empty;
    first.hint(
      optional && empty ? NONE : 'Encrypts what this browser stores. Nobody can restore it for you.'
    );
  };
  first.control.addEventListener('input', follow);
  again.control.addEventListener('input', () => again.fault(''));
  follow();
  const root = h('div', { class: 'fields' }, first.root, again.root);
  // Nothing to offer where the page cannot encrypt.
  root.hidden = optional && !canEncrypt();
  return {
    root,
    value() {
      const text = first.control.value;
      if (text === '' && optional) return undefined;
      const short = [...text].length < SHORTEST;
      if (short) {
        first.fault(`Use at least ${SHORTEST} characters; several words are best.`);
        first.control.focus();
        return null;
      }
      if (text !== again.control.value) {
        again.fault('The two passphrases differ.');
        again.control.focus();
        return null;
      }
      return text;
    },
    fault: (text) => first.fault(text),
    clear() {
      first.control.value = '';
      again.control.value = '';
      follow();
    },
  };
}
