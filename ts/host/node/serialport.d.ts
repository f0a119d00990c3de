/** The part of the optional package `serialport` that is used; it is not installed with this one. */
declare module 'serialport' {
  /** How a port is opened. */
  interface SerialPortOpenOptions {
    path: string;
    baudRate: number;
    dataBits: 5 | 6 | 7 | 8;
    stopBits: 1 | 2;
    parity: 'none' | 'even' | 'odd';
    autoOpen: false;
  }

  /** A serial port of the system. */
  class SerialPort {
    constructor(options: SerialPortOpenOptions);
    open(callback: (error: Error | null) => void): void;
    close(callback: (error: Error | null) => void): void;
    drain(callback: (error: Error | null) => void): void;
    write(data: Uint8Array): boolean;
    on(event: 'data', listener: (data: Uint8Array) => void): this;
    on(event: 'close' | 'error', listener: (error: Error | null) => void): this;
  }
}
