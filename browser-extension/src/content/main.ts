import { clear, highlight } from '../page/highlight';
import { locate } from '../page/locate';
import { takeSnapshot } from '../page/snapshot';
import { isFromExtension, requestIn, type PageReply, type PageRequest } from './messages';

/** Marks the page as one that listens already. It stands in the extension's own world, which the page does not see. */
const LISTENS = Symbol.for('ambit.listens');
const world = globalThis as { [LISTENS]?: true };

async function answer(request: PageRequest): Promise<PageReply> {
  switch (request.ambit) {
    case 'read':
      return { snapshot: await takeSnapshot(document) };
    case 'show': {
      const range = locate(document, request.passage);
      if (range) highlight(range);
      return { shown: range !== null };
    }
    case 'clear':
      clear();
      return { cleared: true };
  }
}

if (!world[LISTENS]) {
  world[LISTENS] = true;
  const origin = chrome.runtime.getURL('');
  chrome.runtime.onMessage.addListener((message: unknown, sender, reply: (answer: PageReply) => void) => {
    const request = requestIn(message);
    if (request === null || !isFromExtension(sender, chrome.runtime.id, origin)) return undefined;
    answer(request).then(reply, (failure: unknown) => reply({ failed: String(failure) }));
    // The reply comes later.
    return true;
  });
}
