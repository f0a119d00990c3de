/** The web worker of {@link StampPool}; started by it as a module, never imported. @module */
import { StampRunner } from '../../kernel/stamp-job.ts';
import type { StampCommand } from '../../kernel/stamp-job.ts';
import { afterTurn } from './turns.ts';

/** A cancel waits at most about this long. */
const SLICE_MS = 20;

const runner = new StampRunner({
  post: (report) => globalThis.postMessage(report),
  later: afterTurn,
  clock: { now: () => performance.now() },
  sliceMs: SLICE_MS,
});
globalThis.addEventListener('message', (event: MessageEvent<StampCommand>) =>
  runner.receive(event.data)
);
