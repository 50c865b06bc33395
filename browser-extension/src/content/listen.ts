import { isFromExtension, type Failed } from './messages';

/**
 * Has a content script answer the extension's own pages. `take` tells whether a message is for it; `answer` does what was asked.
 * A script that is put into a page twice listens once.
 */
export function listen<Request, Reply>(
  name: string,
  take: (message: unknown) => Request | null,
  answer: (request: Request) => Promise<Reply>,
): void {
  if (isThere(name)) return;
  const origin = chrome.runtime.getURL('');
  chrome.runtime.onMessage.addListener((message: unknown, sender, reply: (answer: Reply | Failed) => void) => {
    const request = take(message);
    if (request === null || !isFromExtension(sender, chrome.runtime.id, origin)) return undefined;
    answer(request).then(reply, (failure: unknown) => reply({ failed: String(failure) }));
    // The reply comes later.
    return true;
  });
}

/**
 * Has a content script answer the extension's own pages in pieces, over a port of this name. Who asked ends the work by closing
 * the port.
 */
export function listenOver<Request, Piece>(
  name: string,
  take: (message: unknown) => Request | null,
  answer: (request: Request, send: (piece: Piece) => void, signal: AbortSignal) => Promise<void>,
): void {
  if (isThere(name)) return;
  const origin = chrome.runtime.getURL('');
  chrome.runtime.onConnect.addListener((port) => {
    if (port.name !== name || !port.sender || !isFromExtension(port.sender, chrome.runtime.id, origin)) return;
    const closed = new AbortController();
    const send = (piece: Piece | Failed): void => {
      if (!closed.signal.aborted) port.postMessage(piece);
    };
    port.onDisconnect.addListener(() => closed.abort());
    port.onMessage.addListener((message: unknown) => {
      const request = take(message);
      if (request === null) return;
      answer(request, send, closed.signal).catch((failure: unknown) => send({ failed: String(failure) }));
    });
  });
}

/** Whether this was put into the page before; from now on it was. */
function isThere(name: string): boolean {
  // It stands in the extension's own world, which the page does not see.
  const world = globalThis as unknown as Record<symbol, true | undefined>;
  const mark = Symbol.for(`ambit.${name}`);
  const before = world[mark] === true;
  world[mark] = true;
  return before;
}
