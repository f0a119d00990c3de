/** Buttons, fields and messages that all parts of the page share. @module */
import { fill, freshId, h } from './element.ts';
import { icon, type IconName } from './icon.ts';
import { plainReason } from '../model/reading.ts';

/** How a button looks: the one thing to do, one of several, or one that destroys. */
export type ButtonLook = 'primary' | 'plain' | 'quiet' | 'danger';

/** A button with a sign and words. */
export function button(
  text: string,
  sign: IconName | undefined,
  look: ButtonLook,
  onclick: () => void
): HTMLButtonElement {
  return h(
    'button',
    { type: 'button', class: `button ${look}`, onclick },
    sign !== undefined && icon(sign),
    h('span', {}, text)
  );
}

/** A labelled control with a place for what is wrong with it. */
export interface Field<C extends HTMLElement> {
  readonly root: HTMLElement;
  readonly control: C;
  /** Show what is wrong, beside the control and to screen readers; an empty text clears it. */
  fault(text: string): void;
  /** Show a remark under the control. */
  hint(text: string): void;
}

/** Label a control. */
export function field<C extends HTMLElement>(label: string, control: C, hint = ''): Field<C> {
  const id = control.id === '' ? freshId('field') : control.id;
  control.id = id;
  const remark = h('p', { class: 'hint', id: `${id}-hint` }, hint);
  const wrong = h('p', { class: 'fault', id: `${id}-fault`, role: 'alert' });
  remark.hidden = hint === '';
  wrong.hidden = true;
  control.setAttribute('aria-describedby', `${id}-hint ${id}-fault`);
  const root = h('div', { class: 'field' }, h('label', { for: id }, label), control, remark, wrong);
  return {
    root,
    control,
    fault(text) {
      wrong.hidden = text === '';
      fill(wrong, text !== '' && icon('warn'), text !== '' && h('span', {}, text));
      if (text === '') control.removeAttribute('aria-invalid');
      else control.setAttribute('aria-invalid', 'true');
    },
    hint(text) {
      remark.hidden = text === '';
      remark.textContent = text;
    },
  };
}

/** A check box with its words. */
export function check(
  text: string,
  checked: boolean,
  onchange: (on: boolean) => void
): { readonly root: HTMLElement; readonly control: HTMLInputElement } {
  const control = h('input', { type: 'checkbox', onchange: () => onchange(control.checked) });
  control.checked = checked;
  return { root: h('label', { class: 'check' }, control, h('span', {}, text)), control };
}

/** An input for a secret or an address: nothing is corrected, completed or sent to a spelling service. */
export function exactInput(type: 'text' | 'password', autocomplete = 'off'): HTMLInputElement {
  return h('input', { type, autocomplete, autocapitalize: 'none', spellcheck: 'false' });
}

/** A text area that nothing is corrected in. */
export function exactArea(rows: number): HTMLTextAreaElement {
  return h('textarea', {
    rows,
    class: 'exact',
    autocomplete: 'off',
    autocapitalize: 'none',
    spellcheck: 'false',
  });
}

/** A form that never leaves the page. */
export function form(onsubmit: () => void, ...children: readonly Node[]): HTMLFormElement {
  const submit = (event: Event): void => {
    event.preventDefault();
    onsubmit();
  };
  return h('form', { novalidate: true, onsubmit: submit }, ...children);
}

/** A button that submits the form it is in. */
export function submitButton(text: string, sign?: IconName): HTMLButtonElement {
  return h(
    'button',
    { type: 'submit', class: 'button primary' },
    sign !== undefined && icon(sign),
    h('span', {}, text)
  );
}

/** Run `work`, with the button out of use meanwhile; what goes wrong is handed to `fail` in plain words. */
export async function busy(
  control: HTMLButtonElement,
  work: () => Promise<void>,
  fail: (reason: string) => void
): Promise<void> {
  if (control.getAttribute('aria-disabled') === 'true') return;
  // `disabled` would throw the focus away.
  control.setAttribute('aria-disabled', 'true');
  try {
    await work();
  } catch (error) {
    fail(plainReason(error));
  } finally {
    control.removeAttribute('aria-disabled');
  }
}

/** A file chooser that looks like a button. */
export function fileButton(
  text: string,
  sign: IconName,
  accept: string,
  onfile: (file: File) => void
): { readonly root: HTMLElement; readonly control: HTMLInputElement } {
  const control = h('input', {
    type: 'file',
    accept,
    class: 'unseen',
    'aria-label': text,
    onchange: () => {
      const [file] = control.files ?? [];
      // The same file may be chosen again after a mistake.
      if (file !== undefined) onfile(file);
      control.value = '';
    },
  });
  const root = h('label', { class: 'button plain file' }, control, icon(sign), h('span', {}, text));
  return { root, control };
}

/** A hash or key that can be selected, broken anywhere. */
export function code(text: string): HTMLElement {
  return h('code', { class: 'hash' }, text);
}
