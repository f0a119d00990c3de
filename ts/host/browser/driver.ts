/** An endpoint for pages. @module */
import { systemRandom } from '../../base/random.ts';
import { bzip2 } from '../../codec/bzip2.ts';
import { Reticulum, type ReticulumOptions } from '../../reticulum/endpoint.ts';
import { ReticulumHost, type HostOptions } from '../reticulum-host.ts';

/** An endpoint with the page's randomness and with bzip2, on a host for pages. */
export function browserHost(
  options: HostOptions = {},
  reticulum: Partial<ReticulumOptions> = {}
): ReticulumHost {
  const endpoint = new Reticulum({ random: systemRandom, compression: bzip2, ...reticulum });
  return new ReticulumHost(endpoint, options);
}
