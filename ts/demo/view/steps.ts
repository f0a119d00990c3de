/** What came of a text, one step under the other: sign, words and color say the same. @module */
import type { Step, StepState } from '../model/reading.ts';
import { h } from './element.ts';
import { icon, type IconName } from './icon.ts';

const SIGNS: Record<StepState, IconName> = {
  ok: 'ok',
  note: 'note',
  warn: 'warn',
  fail: 'fail',
  wait: 'wait',
};

/** What a state is called, for those who see neither sign nor color. */
const SPOKEN: Record<StepState, string> = {
  ok: 'Done',
  note: 'Note',
  warn: 'Caution',
  fail: 'Failed',
  wait: 'Waiting',
};

/** The list of steps. */
export function stepList(steps: readonly Step[]): HTMLElement {
  return h('ol', { class: 'steps' }, ...steps.map(stepItem));
}

function stepItem(step: Step): HTMLElement {
  return h(
    'li',
    { class: `step ${step.state}`, 'data-step': step.id, 'data-state': step.state },
    h('span', { class: 'sign' }, icon(SIGNS[step.state])),
    h(
      'div',
      {},
      h('h3', {}, h('span', { class: 'unseen' }, `${SPOKEN[step.state]}: `), step.title),
      h('p', {}, step.reason)
    )
  );
}

/** One sentence on how reading went, for the live region. */
export function spokenOutcome(steps: readonly Step[]): string {
  const worst =
    steps.find(({ state }) => state === 'fail') ??
    steps.find(({ state, id }) => state === 'wait' && id === 'addressed') ??
    steps.find(({ state }) => state === 'warn');
  const said = worst ?? steps.find(({ id }) => id === 'signature') ?? steps[0];
  return said === undefined ? '' : `${said.title}. ${said.reason}`;
}
