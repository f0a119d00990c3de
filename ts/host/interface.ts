/**
 * What the host of an endpoint and the interfaces that it runs know of each other.
 *
 * A running interface has ways to others: a client has one, a server one for each peer. Each way is an
 * interface to the endpoint, with a name, counters and its own place in path tables.
 * @module
 */
import type { InterfaceDescription } from '../reticulum/interface.ts';

/** A way to others, as its interface hands it to the host. */
export interface Way {
  readonly description: InterfaceDescription;
  /** Send one packet. Never throws; a packet that cannot be sent is lost, as on the air. */
  send(packet: Uint8Array): void;
}

/** A way that the host has taken up. */
export interface AttachedWay {
  /** A packet came in; the bytes are handed over. */
  receive(packet: Uint8Array): void;
  /** Say whether packets can be sent at present. */
  setOnline(online: boolean): void;
  /** The way is gone for good. */
  detach(): void;
}

/** Something to tell the program. */
export interface InterfaceReport {
  /** Name of the interface. */
  readonly name: string;
  readonly level: 'info' | 'warning' | 'error';
  readonly text: string;
  readonly cause?: unknown;
}

/** What a host gives the interfaces that it runs. */
export interface InterfaceHost {
  /** Take up a way. It is offline until it says otherwise. */
  attach(way: Way): AttachedWay;
  report(report: InterfaceReport): void;
  /** Whether open sockets and timers should not keep the program running. */
  readonly background: boolean;
}

/** An interface that a host can run. */
export interface HostInterface {
  readonly name: string;
  /**
   * Start. Resolves when it runs; one that cannot connect yet runs too, and goes on trying.
   * @throws when it can never run, as when an address to listen on is taken
   */
  open(host: InterfaceHost): Promise<void>;
  /** Stop and free everything. Resolves when nothing is left open. */
  close(): Promise<void>;
}

/** Text of an error for a report. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && !error.message.includes(code)
    ? `${error.message} (${code})`
    : error.message;
}
