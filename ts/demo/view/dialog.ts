/** Questions that must be answered before something is lost, and short news. @module */
import { button } from './control.ts';
import { freshId, h } from './element.ts';

/** What a question offers. */
export interface Question {
  readonly title: string;
  readonly text: string;
  /** The words on the button that goes ahead. */
  readonly yes: string;
  readonly danger?: boolean;
}

/** Ask; resolves to whether the user wants to go ahead. Escape and the other button mean no. */
export function ask(question: Question): Promise<boolean> {
  return new Promise((resolve) => {
    const id = freshId('question');
    const close = (answer: boolean): void => {
      dialog.close(answer ? 'yes' : 'no');
    };
    const no = button('Cancel', undefined, 'plain', () => close(false));
    const look = question.danger === true ? 'danger' : 'primary';
    const dialog = h(
      'dialog',
      { class: 'dialog', 'aria-labelledby': id, 'aria-describedby': `${id}-text` },
      h('h2', { id }, question.title),
      h('p', { id: `${id}-text` }, question.text),
      h(
        'div',
        { class: 'row end' },
        no,
        button(question.yes, undefined, look, () => close(true))
      )
    );
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
    document.body.append(dialog);
    dialog.showModal();
    // Whoever only presses Enter must not delete anything.
    no.focus();
  });
}

/** Tells news: seen for a while, and read out by screen readers when they are free. */
export class News {
  /** Belongs somewhere in the page. */
  readonly root: HTMLElement = h('div', { class: 'news', role: 'status', 'aria-live': 'polite' });
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Tell everybody. */
  say(text: string): void {
    this.#show(h('p', {}, text));
  }

  /** Tell those who do not see the page, of what is in plain sight for the others. */
  tell(text: string): void {
    this.#show(h('p', { class: 'unseen' }, text));
  }

  #show(words: HTMLElement): void {
    clearTimeout(this.#timer);
    this.root.replaceChildren(words);
    this.#timer = setTimeout(() => this.root.replaceChildren(), 5000);
  }
}
