/**
 * One kernel under chosen engines side by side, whatever the automatic choice would be. @module
 */
import { forceEngine, type Engine, type Kernel } from '../ts/kernel/loader.ts';

/** A contract under the asked engine, or why this host cannot run it. */
export type Fixed<T> = { readonly contract: T } | { readonly absent: string };

/**
 * An instance of its own under `engine`.
 *
 * Call it while the topic's module loads, before anything uses the kernel: forcing an engine makes
 * every shared instance be made anew, and V8 calls one instance faster than several in turns.
 */
export function fixed<T>(kernel: Kernel<T>, engine: Engine): Fixed<T> {
  forceEngine(engine);
  try {
    const loaded = kernel.fresh();
    if (loaded.engine === engine) return { contract: loaded.contract };
    const refused = loaded.refused.find((item) => item.engine === engine);
    return { absent: refused?.reason ?? `${kernel.name} has no ${engine} build` };
  } finally {
    forceEngine(undefined);
  }
}
