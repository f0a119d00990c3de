/** `tesserae overlay ping`: shake hands with a node of the Stellar overlay and measure a round trip. @module */
import { connectPeer } from '../host/node/stellar-tcp.ts';
import { DEFAULT_PEER_PORT } from '../stellar/overlay/address.ts';
import type { Drop } from '../stellar/overlay/peer-contract.ts';
import type { PeerRunner } from '../stellar/overlay/peer-runner.ts';
import type { CommandSpec, ParsedArgs } from './args.ts';
import { ExitCode, InterruptedError, type ExitStatus } from './exit.ts';
import type { CliIo } from './io.ts';
import { NODE_OPTIONS, commandNode, helloJson, helloRows, portOf } from './overlay.ts';
import { jsonLine, safeLine, table } from './output.ts';

const DEFAULT_TIMEOUT_S = 10;
/** What we have to say to the node gets so long to leave before the command ends. */
const GRACE_MS = 250;

/** Help and options of `overlay ping`. */
export const overlayPingSpec: CommandSpec = {
  name: 'overlay ping',
  summary: 'shake hands with a Stellar node and measure a round trip',
  positional: { name: 'HOST', help: 'address or name of the node' },
  second: { name: 'PORT', help: `its peer port, ${DEFAULT_PEER_PORT} by default` },
  options: [
    ...NODE_OPTIONS,
    {
      name: 'timeout',
      value: 'SECONDS',
      help: `give up after so long, ${DEFAULT_TIMEOUT_S} by default`,
    },
  ],
  notes: [
    'Ends with 0 once the handshake is done, and with 1 and the reason when it fails. A node that',
    'does not answer pings is no failure: its latency is then left out.',
  ],
};

interface Outcome {
  readonly handshakeMs?: number;
  readonly latencyMs?: number;
  /** Why it ended, when that was not our doing. */
  readonly failure?: string;
}

/** Connect, print what the node says of itself, and leave. */
export async function overlayPing(args: ParsedArgs, io: CliIo): Promise<ExitStatus> {
  const host = args.positional;
  const port = args.second === undefined ? DEFAULT_PEER_PORT : portOf(args.second);
  const timeoutS = args.number('timeout', 0.1, 3600, 'any') ?? DEFAULT_TIMEOUT_S;
  const node = commandNode(args, io);
  let runner: PeerRunner | undefined;
  const outcome = await io.interruptible((signal) =>
    attempt(signal, timeoutS * 1000, io, (listener) => {
      runner = connectPeer(node, { host, port }, listener, io.clock);
      return runner;
    })
  );
  const peer = (runner as PeerRunner | undefined)?.peer;
  const { failure, handshakeMs, latencyMs } = outcome;
  const reached = handshakeMs !== undefined;
  if (args.has('json')) {
    await io.stdout.write(
      jsonLine({
        host,
        port,
        reached,
        ...(peer === undefined ? {} : helloJson(peer)),
        handshakeMs,
        latencyMs,
        reason: failure,
      })
    );
    return reached ? ExitCode.OK : ExitCode.FAILED;
  }
  const rows: [string, string][] = peer === undefined ? [] : helloRows(peer);
  if (handshakeMs !== undefined) rows.push(['Handshake', `${Math.round(handshakeMs)} ms`]);
  if (latencyMs !== undefined) rows.push(['Latency', `${Math.round(latencyMs)} ms`]);
  else if (reached) rows.push(['Latency', 'no answer to the ping']);
  if (rows.length > 0) await io.stdout.write(table(rows));
  if (reached) return ExitCode.OK;
  throw new Error(`${safeLine(host)}:${port}: ${safeLine(failure ?? 'no answer')}`);
}

type Listener = Parameters<typeof connectPeer>[2];

/** One connection until the ping is answered, the peer gives us up, or time is over. */
function attempt(
  signal: AbortSignal,
  timeoutMs: number,
  io: CliIo,
  open: (listener: Listener) => PeerRunner
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const start = io.clock.now();
    let handshakeMs: number | undefined;
    let outcome: Outcome | undefined;
    let isClosed = false;
    const settle = (): void => {
      if (outcome !== undefined && isClosed) resolve(outcome);
    };
    const finish = (result: Outcome): void => {
      outcome ??= { ...(handshakeMs === undefined ? {} : { handshakeMs }), ...result };
      clearTimeout(timer);
      signal.removeEventListener('abort', interrupted);
      settle();
    };
    const listener: Listener = {
      authenticated: (peer) => {
        handshakeMs = io.clock.now() - start;
        peer.ping();
      },
      pong: (latencyMs, peer) => {
        finish({ latencyMs });
        peer.destroy('the ping is answered');
      },
      dropped: (drop, peer) => {
        finish({ failure: ending(drop, peer.peer.hello !== undefined) });
        setTimeout(() => peer.destroy('done'), GRACE_MS);
      },
      closed: () => {
        isClosed = true;
        settle();
      },
    };
    const giveUp = (): void => {
      finish({ failure: `no answer within ${timeoutMs / 1000} s` });
      runner.destroy('out of time');
    };
    const timer = setTimeout(giveUp, timeoutMs);
    const interrupted = (): void => {
      clearTimeout(timer);
      runner.destroy('interrupted');
      reject(new InterruptedError());
    };
    const runner = open(listener);
    signal.addEventListener('abort', interrupted);
  });
}

function ending({ reason, direction }: Drop, gotHello: boolean): string {
  if (direction === 'remote-dropped-us') return `the node refused: ${reason}`;
  // A certificate for another network is refused without a word.
  if (!gotHello && reason.startsWith('error reading message header')) {
    return 'the node hung up at our HELLO; it may be on another network';
  }
  return reason;
}
