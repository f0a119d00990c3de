/** A host without an endpoint, for tests of interfaces: keeps what comes in on each way. @module */
import type {
  AttachedWay,
  HostInterface,
  InterfaceHost,
  InterfaceReport,
  Way,
} from '../../host/interface.ts';

/** One way of an interface under test. */
export class BedWay {
  readonly way: Way;
  readonly packets: Uint8Array[] = [];
  online = false;
  attached = true;

  constructor(way: Way) {
    this.way = way;
  }

  /** Send a packet on it. */
  send(packet: Uint8Array): void {
    this.way.send(packet);
  }
}

/** Runs interfaces and tells what they do. */
export class Bed implements InterfaceHost {
  readonly background: boolean = false;
  readonly ways: BedWay[] = [];
  readonly reports: InterfaceReport[] = [];
  readonly #open: HostInterface[] = [];
  readonly #waiting = new Set<() => void>();

  /** Open an interface; it is closed with the bed. */
  async open<T extends HostInterface>(one: T): Promise<T> {
    this.#open.push(one);
    await one.open(this);
    return one;
  }

  attach(way: Way): AttachedWay {
    const kept = new BedWay(way);
    this.ways.push(kept);
    this.#changed();
    return {
      receive: (packet) => {
        kept.packets.push(packet);
        this.#changed();
      },
      setOnline: (online) => {
        kept.online = online;
        this.#changed();
      },
      detach: () => {
        kept.attached = false;
        kept.online = false;
        this.#changed();
      },
    };
  }

  report(report: InterfaceReport): void {
    this.reports.push(report);
    this.#changed();
  }

  /** The ways that are attached and online. */
  get online(): BedWay[] {
    return this.ways.filter((way) => way.attached && way.online);
  }

  /** Wait until something is so; the test's own time limit ends a wait for what never comes. */
  async until(what: () => boolean): Promise<void> {
    while (!what()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  /** Wait for a way that is online. */
  async up(index = 0): Promise<BedWay> {
    await this.until(() => this.online[index] !== undefined);
    return this.online[index] as BedWay;
  }

  /** Close all interfaces. */
  async close(): Promise<void> {
    for (const one of this.#open.splice(0)) await one.close();
  }

  #changed(): void {
    for (const resolve of this.#waiting) {
      this.#waiting.delete(resolve);
      resolve();
    }
  }
}
