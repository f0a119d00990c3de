/** A program that opens interfaces in the background and then has nothing more to do. @module */
import { nodeHost } from '../../host/node/driver.ts';
import { PipeInterface } from '../../host/node/pipe.ts';
import { TcpClientInterface, TcpServerInterface } from '../../host/node/tcp.ts';
import { UdpInterface } from '../../host/node/udp.ts';
import { WebSocketServerInterface } from '../../host/node/websocket.ts';

const description = { name: 'background', hwMtu: 1064 };
const host = nodeHost({ keepAlive: false });
const server = new TcpServerInterface({ description, port: 0 });
await host.add(server);
await host.add(
  new TcpClientInterface({ description, host: '127.0.0.1', port: server.port as number })
);
await host.add(new UdpInterface({ description, listenHost: '127.0.0.1', listenPort: 0 }));
await host.add(new WebSocketServerInterface({ description, port: 0 }));
host.act((reticulum, now) => reticulum.requestPath(new Uint8Array(16), now));
process.stdout.write(`open: ${host.interfaces.length}\n`);
// Not opened, so that no program outlives this one; making it must not keep it running either.
new PipeInterface({ description, command: ['true'] });
