/**
 * Which interfaces a configuration file may name: the kinds of this host, and those that a program adds.
 * @module
 */
import type { InterfaceSettings } from '../reticulum/config-interfaces.ts';
import type { HostInterface } from './interface.ts';

/**
 * Makes an interface from its section; opening it is the host's business.
 *
 * Settings that are none are refused with an error of the section, which names file, line and key.
 */
export type InterfaceFactory = (settings: InterfaceSettings) => HostInterface;

/** Kinds of interfaces by the `type` that sections give. */
export class InterfaceRegistry {
  readonly #factories = new Map<string, InterfaceFactory>();

  /** Start with the kinds of another registry, so that a program can add to those of its host. */
  constructor(base?: InterfaceRegistry) {
    if (base !== undefined) for (const [type, make] of base.#factories) this.register(type, make);
  }

  /** Add a kind. @throws RangeError when there is one of that name */
  register(type: string, make: InterfaceFactory): this {
    if (this.#factories.has(type)) throw new RangeError(`interface type "${type}" exists already`);
    this.#factories.set(type, make);
    return this;
  }

  /** The kinds, in the order in which they were added. */
  get types(): string[] {
    return [...this.#factories.keys()];
  }

  /**
   * Make the interface that a section describes.
   * @throws ProtocolError `RNS_CONFIG` when its type or an option is not known here
   */
  make(settings: InterfaceSettings): HostInterface {
    const make = this.#factories.get(settings.type);
    if (make === undefined) {
      const known = this.types.join(', ');
      throw settings.options.section.error(
        'type',
        `"${settings.type}" is not available here; there are: ${known}`
      );
    }
    return make(settings);
  }
}
