/**
 * LocalClientInterface: joins the shared instance that another program on this machine runs, over a
 * socket in the abstract name space where there is one, else over TCP.
 *
 * The control connection of a shared instance, over which programs ask for its tables, is another one.
 * @module
 * @see RNS/Interfaces/LocalInterface.py LocalClientInterface (RNS 1.5.7)
 */
import type { ReticulumSettings } from '../../reticulum/config-settings.ts';
import { hwMtuOf, interfaceKind } from '../../reticulum/interface-types.ts';
import type { InterfaceDescription } from '../../reticulum/interface.ts';
import type { HostInterface, InterfaceHost } from '../interface.ts';
import { Reconnecting, type Target } from './reconnecting.ts';

/** How a shared instance is reached. */
export interface LocalClientOptions {
  /** Name of the instance's socket, where sockets have names. */
  readonly instanceName?: string | undefined;
  /** Port of the instance otherwise. */
  readonly port?: number | undefined;
  /** `unix` unless the system has no abstract names, or the instance was told otherwise. */
  readonly type?: 'unix' | 'tcp' | undefined;
  readonly reconnectWaitMs?: number | undefined;
  /** Changes to what is assumed of a shared instance. */
  readonly description?: Partial<InterfaceDescription> | undefined;
}

const RECONNECT_WAIT_MS = 8000;
const DEFAULT_PORT = 37428;
const NAME = 'Local shared instance';

/** A connection to the shared instance of this machine. */
export class LocalClientInterface implements HostInterface {
  readonly name: string;
  readonly #connection: Reconnecting;

  constructor(options: LocalClientOptions = {}) {
    const description = { ...describeLocal(), ...options.description };
    this.name = description.name;
    this.#connection = new Reconnecting(
      {
        description,
        target: targetOf(options),
        framing: 'hdlc',
        reconnectWaitMs: options.reconnectWaitMs ?? RECONNECT_WAIT_MS,
        mustConnect: true,
      },
      // Setting this on a local socket does nothing.
      (socket) => void socket.setNoDelay(true)
    );
  }

  /** The shared instance that a configuration means. */
  static of(settings: ReticulumSettings): LocalClientInterface {
    return new LocalClientInterface({
      instanceName: settings.instanceName,
      port: settings.sharedInstancePort,
      type: settings.sharedInstanceType,
      description: { bitrateBps: settings.forceSharedInstanceBitrateBps },
    });
  }

  /**
   * Connect. A connection that is lost later is made again.
   * @throws ProtocolError `HOST_NETWORK` when no shared instance runs
   */
  open(host: InterfaceHost): Promise<void> {
    return this.#connection.open(host);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

function describeLocal(): InterfaceDescription {
  const kind = interfaceKind('LocalInterface');
  return {
    name: NAME,
    bitrateBps: kind.bitrateBps,
    hwMtu: hwMtuOf(kind, undefined),
    mtuDiscovery: true,
    ingressControl: kind.ingressControl,
  };
}

function targetOf({
  instanceName = 'default',
  port = DEFAULT_PORT,
  type,
}: LocalClientOptions): Target {
  const named = type !== 'tcp' && process.platform === 'linux';
  // A name that starts with a zero byte is no file.
  return named ? { path: `\0rns/${instanceName}` } : { host: '127.0.0.1', port };
}
