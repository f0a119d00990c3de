/**
 * An endpoint for Node programs, set up from a configuration file as the reference's programs are.
 * @module
 * @see RNS/Reticulum.py __apply_config (RNS 1.5.7)
 */
import { ProtocolError } from '../../base/errors.ts';
import { systemRandom } from '../../base/random.ts';
import { bzip2 } from '../../codec/bzip2.ts';
import type { ConfigFile } from '../../reticulum/config-file.ts';
import {
  readInterfaceSettings,
  type InterfaceSettings,
} from '../../reticulum/config-interfaces.ts';
import type { ConfigWarning } from '../../reticulum/config-reading.ts';
import {
  readLoggingSettings,
  readReticulumSettings,
  type LoggingSettings,
  type ReticulumSettings,
} from '../../reticulum/config-settings.ts';
import { Reticulum, type ReticulumOptions } from '../../reticulum/endpoint.ts';
import { reasonOf } from '../interface.ts';
import type { InterfaceRegistry } from '../registry.ts';
import { ReticulumHost, type HostOptions } from '../reticulum-host.ts';
import { nodeInterfaces } from './interfaces.ts';
import { LocalClientInterface } from './local.ts';

/** How {@link startFromConfig} starts. */
export interface StartOptions extends HostOptions {
  /** What the endpoint is made of, beside what the file says. */
  readonly reticulum?: Partial<ReticulumOptions> | undefined;
  /** Kinds of interfaces; those of {@link nodeInterfaces} unless set. */
  readonly registry?: InterfaceRegistry | undefined;
  /**
   * Whether the shared instance of this machine is joined in place of the interfaces of the file: `auto`
   * when the file allows it and one runs, `never`, or `required`.
   */
  readonly sharedInstance?: 'auto' | 'never' | 'required' | undefined;
}

/** What {@link startFromConfig} has started. */
export interface Started {
  readonly host: ReticulumHost;
  readonly settings: ReticulumSettings;
  readonly logging: LoggingSettings;
  /** Whether a shared instance was joined. */
  readonly shared: boolean;
  /** What the file says without effect. */
  readonly warnings: readonly ConfigWarning[];
}

/** An endpoint with the system's randomness and with bzip2, on a host for Node programs. */
export function nodeHost(
  options: HostOptions = {},
  reticulum: Partial<ReticulumOptions> = {}
): ReticulumHost {
  const endpoint = new Reticulum({ random: systemRandom, compression: bzip2, ...reticulum });
  return new ReticulumHost(endpoint, options);
}

/**
 * Start an endpoint and its interfaces from a configuration file.
 *
 * An interface that cannot be opened is told of and left out, unless the file asks to panic.
 * @throws ProtocolError `RNS_CONFIG` when the file is wrong, `HOST_NETWORK` when a shared instance is
 *   required and none runs; then nothing stays open
 */
export async function startFromConfig(
  file: ConfigFile,
  options: StartOptions = {}
): Promise<Started> {
  const warnings: ConfigWarning[] = [];
  const settings = readReticulumSettings(file, warnings);
  const logging = readLoggingSettings(file, warnings);
  const interfaces = readInterfaceSettings(file, settings, warnings);
  const host = nodeHost(options, {
    implicitProofs: settings.useImplicitProof,
    ...options.reticulum,
  });
  try {
    const shared = await joinShared(host, settings, options.sharedInstance ?? 'auto');
    if (!shared) {
      const registry = options.registry ?? nodeInterfaces();
      await openInterfaces(host, interfaces, registry, settings, options);
    }
    return { host, settings, logging, shared, warnings };
  } catch (error) {
    await host.close();
    throw error;
  }
}

async function joinShared(
  host: ReticulumHost,
  settings: ReticulumSettings,
  wish: 'auto' | 'never' | 'required'
): Promise<boolean> {
  if (wish === 'never' || (wish === 'auto' && !settings.shareInstance)) return false;
  try {
    await host.add(LocalClientInterface.of(settings));
    return true;
  } catch (error) {
    if (wish === 'required' || !isCode(error, 'HOST_NETWORK')) throw error;
    return false;
  }
}

async function openInterfaces(
  host: ReticulumHost,
  list: readonly InterfaceSettings[],
  registry: InterfaceRegistry,
  settings: ReticulumSettings,
  options: StartOptions
): Promise<void> {
  // All are made before the first is opened, so that a mistake in the file opens nothing.
  const made = list.filter(({ enabled }) => enabled).map((one) => registry.make(one));
  for (const one of made) {
    try {
      await host.add(one);
    } catch (cause) {
      if (settings.panicOnInterfaceError) throw cause;
      const text = `cannot be opened: ${reasonOf(cause)}`;
      options.onReport?.({ name: one.name, level: 'error', text, cause });
    }
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof ProtocolError && error.code === code;
}
