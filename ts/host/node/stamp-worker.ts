/** The worker thread of {@link StampPool}; started by it, never imported. @module */
import { parentPort } from 'node:worker_threads';
import { StampRunner } from '../../kernel/stamp-job.ts';
import type { StampCommand } from '../../kernel/stamp-job.ts';

/** A cancel waits at most about this long. */
const SLICE_MS = 20;

if (parentPort === null) throw new Error('stamp-worker runs in a worker thread only');
const port = parentPort;
const runner = new StampRunner({
  post: (report) => port.postMessage(report),
  later: (next) => void setImmediate(next),
  clock: { now: () => performance.now() },
  sliceMs: SLICE_MS,
});
port.on('message', (command: StampCommand) => runner.receive(command));
