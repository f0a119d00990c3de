/** `tesserae overlay listen`: take connections of Stellar nodes and say what they send. @module */
import { listenForPeers } from '../host/node/stellar-tcp.ts';
import { DEFAULT_PEER_PORT } from '../stellar/overlay/address.ts';
import { messageSummary } from '../stellar/overlay/message-summary.ts';
import type { PeerListener, PeerRunner } from '../stellar/overlay/peer-runner.ts';
import type { CommandSpec, ParsedArgs } from './args.ts';
import { ExitCode, type ExitStatus } from './exit.ts';
import type { CliIo } from './io.ts';
import { NODE_OPTIONS, commandNode, helloJson, portOf } from './overlay.ts';
import { jsonLine, safeLine, type Json } from './output.ts';

/** Help and options of `overlay listen`. */
export const overlayListenSpec: CommandSpec = {
  name: 'overlay listen',
  summary: 'take connections of Stellar nodes and print what they send',
  options: [
    { name: 'host', value: 'ADDRESS', help: 'where to listen, 127.0.0.1 by default' },
    { name: 'port', value: 'PORT', help: `TCP port, ${DEFAULT_PEER_PORT} by default` },
    { name: 'messages', help: 'print every message, not only who comes and goes' },
    { name: 'for', value: 'SECONDS', help: 'stop after so long; otherwise Ctrl-C does' },
    ...NODE_OPTIONS,
  ],
  notes: ['Each run has a new key. Nothing that is received is stored or passed on.'],
};

/** Listen until the time is over or the user stops it. */
export async function overlayListen(args: ParsedArgs, io: CliIo): Promise<ExitStatus> {
  const host = args.text('host') ?? '127.0.0.1';
  const port = portOf(args.text('port') ?? String(DEFAULT_PEER_PORT));
  const seconds = args.number('for', 0.1, 31_536_000, 'any');
  const node = commandNode(args, io, { listeningPort: port });
  const json = args.has('json');
  // Lines appear in the order in which things happened, although each write takes its time.
  let lines: Promise<void> = Promise.resolve();
  const say = (event: string, facts: Record<string, Json>, text: string): void => {
    const line = json ? jsonLine({ event, ...facts }) : `${text}\n`;
    lines = lines.then(() => io.stdout.write(line));
  };
  const about = (peer: PeerRunner): Record<string, Json> => ({
    address: peer.peer.toString(),
    ...helloJson(peer.peer),
  });
  const open = new Set<PeerRunner>();
  let allClosed: () => void = () => undefined;
  const listener: PeerListener = {
    authenticated: (peer) => {
      open.add(peer);
      const { remoteVersion } = peer.peer;
      const facts = about(peer);
      say(
        'authenticated',
        facts,
        `${peer.peer.toString()} authenticated, ${safeLine(remoteVersion)}`
      );
    },
    message: ({ message, bytes }, peer) => {
      if (!args.has('messages')) return;
      const summary = messageSummary(message);
      const facts = { address: peer.peer.toString(), message: summary, bytes: bytes.length };
      say('message', facts, `${peer.peer.toString()} sent ${safeLine(summary)}`);
    },
    dropped: ({ reason, direction }, peer) => {
      open.add(peer);
      const facts = { ...about(peer), reason, direction };
      say('dropped', facts, `${peer.peer.toString()} is gone: ${safeLine(reason)}`);
    },
    closed: (peer) => {
      open.delete(peer);
      if (open.size === 0) allClosed();
    },
  };
  const door = await listenForPeers(node, { host, port }, listener, io.clock);
  say('listening', { host, port: door.port }, `listening on ${safeLine(host)}:${door.port}`);
  await io.interruptible((signal) => stopped(signal, seconds));
  node.connections.shutdown(io.clock.now());
  const closed = new Promise<void>((resolve) => (allClosed = resolve));
  if (open.size > 0) await closed;
  await door.close();
  await lines;
  return ExitCode.OK;
}

function stopped(signal: AbortSignal, seconds: number | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = seconds === undefined ? undefined : setTimeout(resolve, seconds * 1000);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
