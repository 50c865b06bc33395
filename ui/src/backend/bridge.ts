import type { Backend } from './backend';
import { PieceBackend, type Call, type Line, type Piece } from './pieces';

/** With this element in its head, the page is shown by a program that embeds it and hands its requests on. */
const MARK = 'meta[name="ambit-bridge"]';

/** What goes to that program over its port. */
export type ToBridge = { call: Call } | { cancel: string };

/** What comes from it: a piece of the answer to a call. */
export interface FromBridge {
  id: string;
  piece: Piece;
}

/** Who waits for the answer to a call. */
type Waiting = Map<string, (piece: Piece) => void>;

/**
 * The host, by way of a program that embeds this page: an editor's view, another page. The page says that it is ready, and is
 * given a port, over which all goes: what others post to its window is not heard. It holds no token, and shows what it is told,
 * so that a program which embeds it unasked gains nothing by that.
 */
export class BridgeBackend extends PieceBackend implements Backend {
  constructor(port: Promise<MessagePort> = givenPort()) {
    super(line(port));
  }

  /** Whether such a program shows this page. */
  static get isHere(): boolean {
    return document.head.querySelector(MARK) !== null;
  }
}

/** The port that the program gives to the page, which asks for it. */
function givenPort(): Promise<MessagePort> {
  return new Promise((resolve) => {
    const hear = (event: MessageEvent<unknown>): void => {
      const [port] = event.ports;
      if (event.source !== window.parent || event.data !== 'ambit-port' || !port) return;
      removeEventListener('message', hear);
      resolve(port);
    };
    addEventListener('message', hear);
    // Nothing is told by this, so it does not matter who hears it.
    window.parent.postMessage('ambit-ready', '*');
  });
}

function line(given: Promise<MessagePort>): Line {
  const waiting: Waiting = new Map();
  const port = given.then((port) => {
    port.onmessage = ({ data }: MessageEvent<FromBridge>) => {
      const tell = waiting.get(data.id);
      if (!tell) return;
      if (!('data' in data.piece)) waiting.delete(data.id);
      tell(data.piece);
    };
    return port;
  });
  const send = (message: ToBridge): void => void port.then((port) => port.postMessage(message));
  return {
    begin(call, tell) {
      waiting.set(call.id, tell);
      send({ call });
    },
    cancel(id) {
      waiting.delete(id);
      send({ cancel: id });
    },
  };
}
