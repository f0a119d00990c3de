/** Giving the page or worker a turn between pieces of work. @module */

/**
 * Call `next` after the events that wait by now.
 *
 * By a message to itself, because nested timers wait at least 4 ms each.
 */
export function afterTurn(next: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    next();
  };
  port2.postMessage(null);
}
