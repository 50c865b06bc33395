import type { Snapshot } from '../page/types';

/** What the panel has done in a page. */
export type PageRequest =
  | { ambit: 'read' }
  /** Scrolls to a passage and marks it; `passage` is Markdown, as the page was read. */
  | { ambit: 'show'; passage: string }
  | { ambit: 'clear' };

/** What came of it. */
export type PageReply = { snapshot: Snapshot } | { shown: boolean } | { cleared: true } | { failed: string };

/** Whether somebody of the extension's own pages asks: no content script, and no other extension. */
export function isFromExtension(sender: chrome.runtime.MessageSender, id: string, origin: string): boolean {
  // A panel that is open as a tab has a tab as well, so the address decides.
  return sender.id === id && typeof sender.url === 'string' && sender.url.startsWith(origin);
}

/** What is asked for; null when it is nothing that this version knows. */
export function requestIn(message: unknown): PageRequest | null {
  const { ambit, passage } = (message ?? {}) as Partial<Record<'ambit' | 'passage', unknown>>;
  if (ambit === 'read' || ambit === 'clear') return { ambit };
  return ambit === 'show' && typeof passage === 'string' ? { ambit, passage } : null;
}
