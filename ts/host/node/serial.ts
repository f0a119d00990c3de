/**
 * Serial ports for Node programs, through the package `serialport`, which the program installs itself;
 * and RNodes that are reached over a network.
 * @module
 */
import { connect } from 'node:net';
import { ProtocolError } from '../../base/errors.ts';
import type { SerialSettings } from '../../reticulum/interface-options.ts';
import type { OpenPort, PortEvents, PortOpener } from '../serial-port.ts';

/** TCP port of RNodes on a network. @see RNS/Interfaces/RNodeInterface.py TCPConnection */
export const RNODE_TCP_PORT = 7633;
const CONNECT_TIMEOUT_MS = 5000;

/**
 * Opens a serial port of the system.
 *
 * The opener rejects with `HOST_DEVICE` when `serialport` is not installed, or the port cannot be opened.
 */
export function serialPortOpener(settings: SerialSettings): PortOpener {
  const { path, baudRate, dataBits, stopBits, parity } = settings;
  return async (events) => {
    const { SerialPort } = await loadSerialPort();
    const port = new SerialPort({ path, baudRate, dataBits, stopBits, parity, autoOpen: false });
    await settle((done) => port.open(done), path);
    let closing = false;
    port.on('data', (data) => events.data(new Uint8Array(data)));
    let failure: Error | undefined;
    port.on('error', (error) => (failure = error ?? undefined));
    port.on('close', (error) => {
      if (!closing) events.closed(error ?? failure);
    });
    return {
      write: (bytes) => void port.write(bytes),
      close: async () => {
        closing = true;
        await settle((done) => port.drain(done), path);
        await settle((done) => port.close(done), path);
      },
    };
  };
}

/** Reaches a serial device over TCP, as RNodes with a network connection are. */
export function tcpPortOpener(host: string, port: number = RNODE_TCP_PORT): PortOpener {
  return (events: PortEvents) =>
    new Promise<OpenPort>((resolve, reject) => {
      const socket = connect({ host, port });
      socket.setNoDelay(true);
      const late = setTimeout(() => socket.destroy(new Error('no answer')), CONNECT_TIMEOUT_MS);
      let failure: Error | undefined;
      let closing = false;
      socket.on('error', (error) => (failure = error));
      socket.on('data', (data: Uint8Array) => events.data(new Uint8Array(data)));
      socket.once('connect', () => {
        clearTimeout(late);
        resolve({
          write: (bytes) => void socket.write(bytes),
          close: () => {
            closing = true;
            return new Promise<void>((done) => {
              socket.once('close', () => done());
              socket.end(() => socket.destroy());
            });
          },
        });
      });
      socket.once('close', () => {
        clearTimeout(late);
        // Rejecting does nothing once the port was handed over.
        reject(new ProtocolError('HOST_NETWORK', failure?.message ?? 'closed', { at: host }));
        if (!closing) events.closed(failure);
      });
    });
}

async function loadSerialPort(): Promise<typeof import('serialport')> {
  try {
    return await import('serialport');
  } catch (cause) {
    const text = 'serial ports need the package "serialport": npm install serialport';
    throw new ProtocolError('HOST_DEVICE', text, { cause });
  }
}

function settle(run: (done: (error: Error | null) => void) => void, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    run((error) => {
      if (error === null || error === undefined) resolve();
      else reject(new ProtocolError('HOST_DEVICE', error.message, { at: path, cause: error }));
    });
  });
}
