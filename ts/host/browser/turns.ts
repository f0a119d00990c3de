/** Giving the page or worker a turn between pieces of work. @module */

/**
 * A function that calls its argument after the events that wait by now.
 *
 * By messages to itself, because nested timers wait at least 4 ms each.
 */
export function messageTurns(): (next: () => void) => void {
  const waiting: (() => void)[] = [];
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => waiting.shift()?.();
  return (next) => {
    waiting.push(next);
    port2.postMessage(null);
  };
}
