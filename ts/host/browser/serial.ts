/**
 * Serial ports for pages, through Web Serial: the page asks the user for a port and hands it over.
 * @module
 */
import type { SerialSettings } from '../../reticulum/interface-options.ts';
import type { OpenPort, PortEvents, PortOpener } from '../serial-port.ts';

/** A port as `navigator.serial.requestPort()` gives it. */
export interface WebSerialPort {
  readonly readable: ReadableStream<Uint8Array> | null;
  readonly writable: WritableStream<Uint8Array> | null;
  open(options: {
    baudRate: number;
    dataBits?: number;
    stopBits?: number;
    parity?: 'none' | 'even' | 'odd';
  }): Promise<void>;
  close(): Promise<void>;
}

/** Opens a port that the user has chosen. */
export function webSerialOpener(
  port: WebSerialPort,
  settings: Omit<SerialSettings, 'path'>
): PortOpener {
  const { baudRate, dataBits, stopBits, parity } = settings;
  return async (events) => {
    await port.open({ baudRate, dataBits, stopBits, parity });
    const { readable, writable } = port;
    if (readable === null || writable === null) {
      await port.close();
      throw new Error('the port cannot be read and written');
    }
    return startPort(port, readable.getReader(), writable.getWriter(), events);
  };
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;
type Writer = WritableStreamDefaultWriter<Uint8Array>;

function startPort(
  port: WebSerialPort,
  reader: Reader,
  writer: Writer,
  events: PortEvents
): OpenPort {
  let closing = false;
  const fail = (error: unknown): void => {
    if (closing) return;
    closing = true;
    // The device is gone; what is left of the port is closed without regard to how.
    void release(port, reader, writer).catch(() => undefined);
    events.closed(error instanceof Error ? error : new Error(String(error)));
  };
  void readAll(reader, events).then(() => fail(new Error('port closed')), fail);
  return {
    write: (bytes) => void writer.write(bytes).catch(fail),
    close: async () => {
      if (closing) return;
      closing = true;
      await release(port, reader, writer);
    },
  };
}

async function readAll(reader: Reader, events: PortEvents): Promise<void> {
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    events.data(value);
  }
}

async function release(port: WebSerialPort, reader: Reader, writer: Writer): Promise<void> {
  // Closing the writer lets out what is queued; a device that is gone takes nothing more.
  await writer.close().catch(() => undefined);
  writer.releaseLock();
  await reader.cancel().catch(() => undefined);
  reader.releaseLock();
  await port.close();
}
