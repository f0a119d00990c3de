/** The Stellar overlay: messages and handshakes between two processes, memory of idle peers. @module */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { toHex } from '../ts/base/hex.ts';
import { StellarMessage } from '../ts/stellar/xdr/message.ts';
import { MessageType } from '../ts/stellar/xdr/overlay.ts';
import type { Contender, Group } from './harness.ts';
import type { Answer, Request } from './overlay-end.ts';
import type { Bench, Figure, Topic } from './topic.ts';

const OURS = 'tesserae';
const THEIRS = 'js-stellar-node-connector';
const IDLE_PEERS = 100;

/** A process that answers one request at a time. */
class EndProcess {
  readonly #child: ChildProcess;
  readonly #waiting: ((answer: Answer | undefined) => void)[] = [];

  constructor(engine: string) {
    const script = fileURLToPath(new URL('overlay-end.js', import.meta.url));
    this.#child = fork(script, [engine === THEIRS ? 'connector' : 'ours'], {
      execArgv: ['--expose-gc'],
    });
    this.#child.on('message', (answer) => this.#waiting.shift()?.(answer as Answer));
    this.#child.on('exit', () => {
      for (const give of this.#waiting.splice(0)) give(undefined);
    });
  }

  async ask(request: Request): Promise<Answer> {
    const answer = this.next();
    this.#child.send(request);
    return answer;
  }

  async next(): Promise<Answer> {
    const answer = await new Promise<Answer | undefined>((resolve) => this.#waiting.push(resolve));
    if (answer === undefined) throw new Error('one end of the overlay ended');
    return answer;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill();
    await closed;
  }
}

interface Pair {
  readonly near: EndProcess;
  readonly far: EndProcess;
  readonly port: number;
}

async function pairOf(engine: string): Promise<Pair> {
  const [near, far] = [new EndProcess(engine), new EndProcess(engine)];
  const { port = 0 } = await far.ask({ do: 'listen' });
  return { near, far, port };
}

/** CPU seconds of the busier of the two: what decides how many units a second are possible. */
async function busier(pair: Pair, work: () => Promise<[Answer, Answer]>): Promise<number> {
  const before = [await pair.near.ask({ do: 'usage' }), await pair.far.ask({ do: 'usage' })];
  const after = await work();
  return Math.max(...after.map(({ cpu }, i) => cpu - (before[i] as Answer).cpu));
}

/** As many unlike payments as one read of a socket holds, so that none passes for a copy. */
function payments(): string[] {
  const key = new Uint8Array(32).fill(9);
  return Array.from({ length: 1024 }, (_, index) =>
    toHex(
      StellarMessage.encode({
        type: MessageType.TRANSACTION,
        value: {
          type: 2,
          value: {
            tx: {
              sourceAccount: { type: 0, value: key },
              fee: 100,
              seqNum: BigInt(index),
              cond: { type: 1, value: { minTime: 0n, maxTime: 1_700_000_000n } },
              memo: { type: 0 },
              operations: [
                {
                  sourceAccount: undefined,
                  body: {
                    type: 1,
                    value: {
                      destination: { type: 0, value: key },
                      asset: { type: 0 },
                      amount: 1n,
                    },
                  },
                },
              ],
              ext: { v: 0 },
            },
            signatures: [{ hint: new Uint8Array(4), signature: new Uint8Array(64) }],
          },
        },
      })
    )
  );
}

async function messages(): Promise<Group> {
  const pairs = [await pairOf(OURS), await pairOf(THEIRS)] as const;
  const sent = payments();
  const contender = (name: string, pair: Pair): Contender => ({
    name,
    run: () => undefined,
    remote: (units) =>
      busier(pair, async () => {
        await pair.far.ask({ do: 'expect', count: units });
        const done = pair.far.next();
        const near = await pair.near.ask({ do: 'send', count: units });
        return [near, await done];
      }),
  });
  for (const { near, port } of pairs) {
    await near.ask({ do: 'load', messages: sent });
    await near.ask({ do: 'connect', port, times: 1 });
  }
  return {
    title: 'transactions of 220 bytes from one process to another',
    unit: 'messages',
    unitBytes: 220,
    measurementS: 0.4,
    contenders: [contender(OURS, pairs[0]), contender(THEIRS, pairs[1])],
    goals: [{ name: 'authenticated messages', ratio: [OURS, THEIRS], goal: 3 }],
    close: async () => {
      for (const { near, far } of pairs) await Promise.all([near.close(), far.close()]);
    },
  };
}

async function handshakes(): Promise<Group> {
  const pairs = [await pairOf(OURS), await pairOf(THEIRS)] as const;
  const contender = (name: string, pair: Pair): Contender => ({
    name,
    run: () => undefined,
    remote: (units) =>
      busier(pair, async () => {
        const near = await pair.near.ask({ do: 'handshakes', port: pair.port, count: units });
        return [near, await pair.far.ask({ do: 'usage' })];
      }),
  });
  return {
    title: 'connect, shake hands, close, one after the other',
    unit: 'handshakes',
    measurementS: 0.4,
    contenders: [contender(OURS, pairs[0]), contender(THEIRS, pairs[1])],
    goals: [{ name: 'handshakes', ratio: [OURS, THEIRS], goal: 1 }],
    close: async () => {
      for (const { near, far } of pairs) await Promise.all([near.close(), far.close()]);
    },
  };
}

/** Growth of the process that holds the accepted side of idle connections. */
async function memory({ repetitions }: Bench): Promise<Figure[]> {
  const values: number[] = [];
  for (let i = 0; i < Math.min(3, repetitions); i++) {
    const pair = await pairOf(OURS);
    // The first connection loads code and kernels.
    await pair.near.ask({ do: 'connect', port: pair.port, times: 1 });
    const before = await pair.far.ask({ do: 'usage' });
    await pair.near.ask({ do: 'connect', port: pair.port, times: IDLE_PEERS });
    const after = await pair.far.ask({ do: 'usage' });
    values.push((after.rss - before.rss) / 1024);
    await Promise.all([pair.near.close(), pair.far.close()]);
  }
  return [
    {
      name: `Memory of ${IDLE_PEERS} idle authenticated peers`,
      unit: 'KB',
      values,
      atMost: 64 * 1024,
    },
  ];
}

/** What `run.ts` measures. */
export const topic: Topic = {
  name: 'overlay',
  title: 'The Stellar overlay',
  about:
    'Two processes on this machine, each with one end of a TCP connection. A message is encoded, ' +
    'sealed, sent, checked, decoded and processed, with flow control on; the connector ignores the ' +
    'credit it is given. Rates are units per CPU second of the busier process, because that decides ' +
    'what is possible. Handshakes are made one after the other with shared keys kept on both sides. ' +
    'Memory is what the accepting process grows by.',
  groups: [messages, handshakes],
  figures: memory,
};
