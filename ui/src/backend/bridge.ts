import type { Backend, Editor, GoMessage } from './backend';
import type { FromBridge, ToBridge } from './bridge_messages';
import { PieceBackend, type Line, type Piece } from './pieces';

/**
 * With this element in its head, the page is shown by a program that embeds it and hands its requests on. An editor says so as
 * its content (`editor`): it opens files, and gives the port by a script of its own in the page's window, since the frame around
 * its views is not its own.
 */
const MARK = 'meta[name="ambit-bridge"]';

/** Who waits for the answer to a call. */
type Waiting = Map<string, (piece: Piece) => void>;

/**
 * The host, by way of a program that embeds this page: an editor's view, another page. The page says that it is ready, and is
 * given a port, over which all goes: what others post to its window is not heard. It holds no token, and shows what it is told,
 * so that a program which embeds it unasked gains nothing by that.
 */
export class BridgeBackend extends PieceBackend implements Backend {
  readonly editor?: Editor;

  constructor(isEditor = mark()?.content === 'editor', port = givenPort(isEditor ? window : window.parent)) {
    const messages = new Messages();
    super(line(port, messages));
    if (!isEditor) return;
    this.editor = {
      openFile: (path, line) => void port.then((to) => to.postMessage({ open: { path, line } } satisfies ToBridge)),
      listen: (tell) => messages.listen(tell),
    };
  }

  /** Whether such a program shows this page. */
  static get isHere(): boolean {
    return mark() !== null;
  }
}

/** What an editor says, kept until somebody listens. */
class Messages {
  private tell: ((message: GoMessage) => void) | null = null;
  private kept: GoMessage[] = [];

  add(message: GoMessage): void {
    if (this.tell) this.tell(message);
    else this.kept.push(message);
  }

  listen(tell: (message: GoMessage) => void): () => void {
    this.tell = tell;
    for (const message of this.kept.splice(0)) tell(message);
    return () => {
      if (this.tell === tell) this.tell = null;
    };
  }
}

function mark(): HTMLMetaElement | null {
  return document.head.querySelector<HTMLMetaElement>(MARK);
}

/** The port that the program gives to the page, which asks for it. */
function givenPort(from: Window): Promise<MessagePort> {
  return new Promise((resolve) => {
    const hear = (event: MessageEvent<unknown>): void => {
      const [port] = event.ports;
      if (event.source !== from || event.data !== 'ambit-port' || !port) return;
      removeEventListener('message', hear);
      resolve(port);
    };
    addEventListener('message', hear);
    // Nothing is told by this, so it does not matter who hears it.
    from.postMessage('ambit-ready', '*');
  });
}

function line(given: Promise<MessagePort>, messages: Messages): Line {
  const waiting: Waiting = new Map();
  const port = given.then((port) => {
    port.onmessage = ({ data }: MessageEvent<FromBridge>) => {
      if ('go' in data) return messages.add(data.go);
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
