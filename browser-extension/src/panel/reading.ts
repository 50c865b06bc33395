import type { PageReply, PageRequest } from '../content/messages';
import { readable } from '../page/readable';
import type { PageText } from '../page/readable';

/** The script that reads pages. */
const SCRIPT = 'content.js';

/**
 * Has a tab's page do something.
 * @throws when the browser does not let this page be read, or it is closed
 */
export async function ask(tab: number, request: PageRequest): Promise<PageReply> {
  await chrome.scripting.executeScript({ target: { tabId: tab }, files: [SCRIPT] });
  const reply: PageReply = await chrome.tabs.sendMessage(tab, request, { frameId: 0 });
  if ('failed' in reply) throw new Error(reply.failed);
  return reply;
}

/**
 * Reads the page of a tab.
 * @throws as `ask`
 */
export async function read(tab: number): Promise<PageText> {
  const reply = await ask(tab, { ambit: 'read' });
  if (!('snapshot' in reply)) throw new Error('the page was not read');
  return readable(reply.snapshot);
}

/**
 * Shows a passage in the page of a tab; false where it does not stand there any more.
 * @throws as `ask`
 */
export async function show(tab: number, passage: string): Promise<boolean> {
  const reply = await ask(tab, { ambit: 'show', passage });
  return 'shown' in reply && reply.shown;
}
