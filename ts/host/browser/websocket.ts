/** A WebSocket client for pages. @module */
import { WebSocketClient, type WebSocketClientOptions } from '../websocket-client.ts';

/**
 * Carries packets over the page's own WebSocket, one in each binary message.
 * @see WebSocketServerInterface in `tesserae/node` for the other end
 */
export class WebSocketClientInterface extends WebSocketClient {
  constructor(options: WebSocketClientOptions) {
    super(options, (url) => new WebSocket(url));
  }
}
