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
  // It stands in the extension's own world, which the page does not see.
  const world = globalThis as unknown as Record<symbol, true | undefined>;
  const mark = Symbol.for(`ambit.${name}`);
  if (world[mark]) return;
  world[mark] = true;
  const origin = chrome.runtime.getURL('');
  chrome.runtime.onMessage.addListener((message: unknown, sender, reply: (answer: Reply | Failed) => void) => {
    const request = take(message);
    if (request === null || !isFromExtension(sender, chrome.runtime.id, origin)) return undefined;
    answer(request).then(reply, (failure: unknown) => reply({ failed: String(failure) }));
    // The reply comes later.
    return true;
  });
}
