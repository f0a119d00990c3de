/**
 * The streams of a channel as web streams.
 * @module
 */
import { ProtocolError } from '../base/errors.ts';
import type { StreamReader, StreamWriter } from './channel/stream.ts';
import type { ReticulumInstance } from './instance.ts';

/** What comes over a stream; its end, and that of the link, close it. */
export function readableStream(
  instance: ReticulumInstance,
  reader: StreamReader
): ReadableStream<Uint8Array> {
  let off = (): void => undefined;
  return new ReadableStream<Uint8Array>({
    start(controller): void {
      off = instance.on('stream-data', (event) => {
        if (event.reader !== reader) return;
        if (event.data.length > 0) controller.enqueue(event.data);
        if (!event.end) return;
        off();
        controller.close();
      });
    },
    cancel(): void {
      off();
      reader.close();
    },
  });
}

/** Sends what is written as fast as the channel takes it. */
export function writableStream(
  instance: ReticulumInstance,
  writer: StreamWriter
): WritableStream<Uint8Array> {
  const { channel } = writer;
  /** Settles when the channel has room again, or never will. */
  const room = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const stop = (): void => {
        ready();
        closed();
      };
      const ready = instance.on('channel-ready', (event) => {
        if (event.channel !== channel) return;
        stop();
        resolve();
      });
      const closed = instance.on('link-closed', (event) => {
        if (event.link !== channel.link) return;
        stop();
        reject(new ProtocolError('RNS_LINK_CLOSED', 'the link was closed'));
      });
    });
  const assertOpen = (): void => {
    if (!channel.link.isOpen) throw new ProtocolError('RNS_LINK_CLOSED', 'the link is not open');
  };
  return new WritableStream<Uint8Array>({
    async write(chunk): Promise<void> {
      let rest = chunk;
      while (rest.length > 0) {
        assertOpen();
        const taken = instance.act((_, now) => writer.write(rest, now));
        rest = rest.subarray(taken);
        // Room cannot have come before this line: nothing happens between calls.
        if (taken === 0) await room();
      }
    },
    async close(): Promise<void> {
      for (;;) {
        assertOpen();
        if (instance.act((_, now) => writer.end(now))) return;
        await room();
      }
    },
  });
}
