/**
 * The kinds of interfaces that configuration files may name in Node programs.
 * @module
 */
import { describeInterface, type InterfaceSettings } from '../../reticulum/config-interfaces.ts';
import { longestFrame } from '../../reticulum/interface-framing.ts';
import {
  isBackboneClient,
  readAuto,
  readPipe,
  readRNode,
  readSerial,
  readTcpClient,
  readTcpServer,
  readTnc,
  readUdp,
  readWebSocketClient,
  readWebSocketServer,
} from '../../reticulum/interface-options.ts';
import { RNode } from '../../reticulum/interface-rnode.ts';
import { HdlcSerial } from '../../reticulum/interface-serial.ts';
import { KissTnc } from '../../reticulum/interface-tnc.ts';
import type { HostInterface } from '../interface.ts';
import { InterfaceRegistry } from '../registry.ts';
import { SerialPortInterface, type PortOpener } from '../serial-port.ts';
import { AutoInterface } from './auto.ts';
import { PipeInterface } from './pipe.ts';
import { serialPortOpener, tcpPortOpener } from './serial.ts';
import { TcpClientInterface, TcpServerInterface } from './tcp.ts';
import { UdpInterface } from './udp.ts';
import { WebSocketClientInterface, WebSocketServerInterface } from './websocket.ts';

/**
 * A registry with all kinds that this package runs in Node programs; add your own with `register`.
 *
 * I2PInterface, RNodeMultiInterface and WeaveInterface of the reference are not among them.
 */
export function nodeInterfaces(): InterfaceRegistry {
  return new InterfaceRegistry()
    .register('TCPClientInterface', tcpClient)
    .register('TCPServerInterface', tcpServer)
    .register('BackboneInterface', (settings) =>
      isBackboneClient(settings) ? tcpClient(settings) : tcpServer(settings)
    )
    .register('BackboneClientInterface', tcpClient)
    .register('UDPInterface', (settings) => {
      const options = readUdp(settings);
      return new UdpInterface({ description: describeInterface(settings), ...options });
    })
    .register('AutoInterface', (settings) => {
      const { bitrateBps, ...options } = readAuto(settings);
      return new AutoInterface({
        description: describeInterface(settings, { bitrateBps }),
        ...options,
      });
    })
    .register('PipeInterface', (settings) => {
      const options = readPipe(settings);
      return new PipeInterface({ description: describeInterface(settings), ...options });
    })
    .register('SerialInterface', serial)
    .register('KISSInterface', (settings) => tnc(settings, false))
    .register('AX25KISSInterface', (settings) => tnc(settings, true))
    .register('RNodeInterface', rnode)
    .register('WebSocketClientInterface', (settings) => {
      const options = readWebSocketClient(settings);
      return new WebSocketClientInterface({ description: describeInterface(settings), ...options });
    })
    .register('WebSocketServerInterface', (settings) => {
      const options = readWebSocketServer(settings);
      return new WebSocketServerInterface({ description: describeInterface(settings), ...options });
    });
}

function tcpClient(settings: InterfaceSettings): HostInterface {
  const { fixedMtu, ...options } = readTcpClient(settings);
  return new TcpClientInterface({
    description: describeInterface(settings, { fixedMtu }),
    ...options,
  });
}

function tcpServer(settings: InterfaceSettings): HostInterface {
  const options = readTcpServer(settings);
  return new TcpServerInterface({ description: describeInterface(settings), ...options });
}

function serial(settings: InterfaceSettings): HostInterface {
  const port = readSerial(settings);
  const description = describeInterface(settings, { bitrateBps: port.baudRate });
  const protocol = new HdlcSerial(longestFrame(description));
  return new SerialPortInterface({ description, protocol, open: serialPortOpener(port) });
}

function tnc(settings: InterfaceSettings, ax25: boolean): HostInterface {
  const description = describeInterface(settings);
  const { port, tnc: options } = readTnc(settings, longestFrame(description), ax25);
  const protocol = new KissTnc(options);
  return new SerialPortInterface({ description, protocol, open: serialPortOpener(port) });
}

/** RNodes with a cable talk at this rate. @see RNS/Interfaces/RNodeInterface.py */
const RNODE_BAUD_RATE = 115_200;

function rnode(settings: InterfaceSettings): HostInterface {
  const { place, node } = readRNode(settings);
  const open: PortOpener =
    'host' in place
      ? tcpPortOpener(place.host)
      : serialPortOpener({
          path: place.path,
          baudRate: RNODE_BAUD_RATE,
          dataBits: 8,
          parity: 'none',
          stopBits: 1,
        });
  const description = describeInterface(settings);
  return new SerialPortInterface({ description, protocol: new RNode(node), open });
}
