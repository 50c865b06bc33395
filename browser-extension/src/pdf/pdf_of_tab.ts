import { isFromExtension } from '../content/messages';
import { fetchPdf, type FetchedPdf } from './fetched';

/** What the panel asks the background of the extension for: the PDF that a tab shows, of at most so many bytes. */
interface PdfRequest {
  ambit: 'pdf-of-tab';
  tab: number;
  /** What the tab showed when it was found that it may be read. */
  address: string;
  most: number;
}

/**
 * The PDF that a tab of Firefox shows, which the background asks its site for once more: no page of the extension that shows
 * anything may speak with the web.
 */
export async function pdfOfTab(tab: number, address: string, most: number): Promise<FetchedPdf> {
  const request: PdfRequest = { ambit: 'pdf-of-tab', tab, address, most };
  const fetched = await chrome.runtime.sendMessage<PdfRequest, FetchedPdf | undefined>(request).catch(() => undefined);
  // The background may have ended meanwhile.
  return fetched ?? { bytes: null, problem: 'refused' };
}

/** Has the background answer that. It asks for nothing but what the tab shows by the word of the browser. */
export function listenForPdf(): void {
  const origin = chrome.runtime.getURL('');
  chrome.runtime.onMessage.addListener((message: unknown, sender, reply: (answer: FetchedPdf) => void) => {
    const request = pdfRequestIn(message);
    if (request === null || !isFromExtension(sender, chrome.runtime.id, origin)) return undefined;
    void answer(request).then(reply);
    // The reply comes later.
    return true;
  });
}

async function answer({ tab, address, most }: PdfRequest): Promise<FetchedPdf> {
  const shown = await chrome.tabs.get(tab).catch(() => undefined);
  return shown?.url === address ? fetchPdf(address, most) : { bytes: null, problem: 'refused' };
}

/** What is asked for; null when it is nothing that this version knows. */
export function pdfRequestIn(message: unknown): PdfRequest | null {
  const { ambit, tab, address, most } = (message ?? {}) as Partial<Record<keyof PdfRequest, unknown>>;
  const isAsked = typeof tab === 'number' && typeof address === 'string' && typeof most === 'number';
  return ambit === 'pdf-of-tab' && isAsked ? { ambit, tab, address, most } : null;
}
