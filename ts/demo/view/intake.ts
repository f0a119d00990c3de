/** The ways in: camera, picture file, clipboard and a field for text. Read and contacts share them. @module */
import type { App } from '../app.ts';
import { readClipboard } from '../../host/browser/clipboard.ts';
import { plainReason } from '../model/reading.ts';
import { cameraPanel } from './camera.ts';
import { button, exactArea, field, fileButton, form, submitButton } from './control.ts';
import { h } from './element.ts';

/** The words of one place where things come in. */
export interface IntakeWords {
  readonly label: string;
  readonly hint: string;
  readonly submit: string;
  readonly empty: string;
}

/** The controls, and what else their owner may do. */
export interface Intake {
  readonly root: HTMLElement;
  /** Show what is wrong, beside the text field. */
  fault(reason: string): void;
  stop(): void;
  clear(): void;
}

/**
 * Build the controls.
 * @param onmaterial - takes what came in; when it rejects, the reason is shown
 */
export function intake(
  app: App,
  words: IntakeWords,
  onmaterial: (material: string | Blob) => Promise<void>
): Intake {
  const text = field(words.label, exactArea(3), words.hint);
  const busyNote = h('p', { class: 'busy', role: 'status' });
  const take = async (material: string | Blob): Promise<void> => {
    text.fault('');
    if (typeof material !== 'string') busyNote.textContent = 'Looking for a code in the picture…';
    try {
      await onmaterial(material);
    } catch (error) {
      text.fault(plainReason(error));
    } finally {
      busyNote.textContent = '';
    }
  };
  const camera = cameraPanel(app, (found) => void take(found), text.fault);
  const start = button('Use the camera', 'camera', 'primary', () => {
    text.fault('');
    void camera.start();
  });
  const picture = fileButton(
    'Open a picture',
    'image',
    'image/*,.svg,.txt',
    (file) => void take(file)
  );
  const paste = button('Paste', 'paste', 'plain', () => {
    text.fault('');
    readClipboard().then(
      (pasted) => {
        if (pasted === undefined) text.fault('The clipboard holds neither text nor a picture.');
        else return take(pasted);
        return undefined;
      },
      (error: unknown) => text.fault(plainReason(error))
    );
  });
  const submit = (): void => {
    const typed = text.control.value.trim();
    if (typed === '') {
      text.fault(words.empty);
      text.control.focus();
    } else void take(typed);
  };
  text.control.addEventListener('input', () => text.fault(''));
  const root = h(
    'div',
    { class: 'intake' },
    h('div', { class: 'row ways' }, start, picture.root, paste),
    camera.root,
    busyNote,
    form(submit, text.root, submitButton(words.submit))
  );
  return {
    root,
    fault: (reason) => text.fault(reason),
    stop: () => camera.stop(),
    clear() {
      text.control.value = '';
      text.fault('');
    },
  };
}
