/** The search for a stamp in sight: tries, rate, chance and time; and the button that ends it. @module */
import type { Message } from '../../lxmf/message.ts';
import { about, chanceWithin, short } from '../model/format.ts';
import type { Miner, Mined } from '../miner.ts';
import { button } from './control.ts';
import { h } from './element.ts';

/** The panel that shows one search at a time. */
export interface MiningPanel {
  readonly root: HTMLElement;
  /** Search; rejects with an `AbortError` when it is stopped. */
  run(miner: Miner, message: Message, costBits: number): Promise<Uint8Array>;
  /** End the search that runs, if one does. */
  stop(reason: string): void;
  wasStopped(error: unknown): boolean;
  readonly running: boolean;
}

/** Build the panel; it shows only while a search runs. */
export function miningPanel(): MiningPanel {
  const bar = h('progress', { max: 1, 'aria-label': 'Chance to have found a stamp by now' });
  const state = h('p', { class: 'mining-state' });
  const wait = h('p', { class: 'hint' });
  const cancel = button('Stop the search', 'close', 'plain', () => stop('Stopped.'));
  const root = h(
    'section',
    { class: 'card mining', 'aria-label': 'Search for a stamp' },
    h('h2', {}, 'Searching for a stamp'),
    bar,
    state,
    wait,
    cancel
  );
  root.hidden = true;
  let running: AbortController | undefined;

  function stop(reason: string): void {
    running?.abort(new DOMException(reason, 'AbortError'));
  }

  function show(progress: Mined, costBits: number): void {
    const expected = 2 ** costBits;
    const chance = chanceWithin(progress.tries, expected);
    bar.value = chance;
    state.textContent =
      `${short(progress.tries)} tries at ${short(progress.ratePerSecond)} a second. ` +
      `${Math.floor(chance * 100)} of 100 searches end earlier.`;
    const left = progress.ratePerSecond > 0 ? about(expected / progress.ratePerSecond) : 'unknown';
    wait.textContent = `Expected time left: ${left}. Every try is a new throw of the dice, so waiting does not shorten it.`;
  }

  return {
    root,
    async run(miner, message, costBits) {
      stop('Another search began.');
      const mine = new AbortController();
      running = mine;
      root.hidden = false;
      bar.removeAttribute('value');
      state.textContent = 'Preparing…';
      wait.textContent = '';
      cancel.focus();
      try {
        return await miner.find(message, costBits, {
          signal: mine.signal,
          onProgress: (progress) => {
            if (running === mine) show(progress, costBits);
          },
        });
      } finally {
        if (running === mine) {
          running = undefined;
          root.hidden = true;
        }
      }
    },
    stop,
    get running() {
      return running !== undefined;
    },
    wasStopped: (error) => error instanceof DOMException && error.name === 'AbortError',
  };
}
