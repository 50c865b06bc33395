import type { ReadPiece } from '../../src/content/messages';

/** A page that either driver controls. */
interface Panel {
  evaluate<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** Has a panel read the page of its tab as it does to answer, and tells how long that took, in milliseconds. */
export function timedRead(panel: Panel): Promise<{ took: number; pieces: number; isCut: boolean }> {
  return panel.evaluate(async () => {
    const tab = Number(new URLSearchParams(location.search).get('tab'));
    const began = performance.now();
    await chrome.scripting.executeScript({ target: { tabId: tab }, files: ['page.js'] });
    const port = chrome.tabs.connect(tab, { name: 'ambit.reading', frameId: 0 });
    let pieces = 0;
    const isCut = await new Promise<boolean>((resolve, reject) => {
      port.onMessage.addListener((piece: ReadPiece | { failed: string }) => {
        if ('tree' in piece) pieces += 1;
        else if ('failed' in piece) reject(new Error(piece.failed));
        else resolve(piece.snapshot.isCut);
      });
      port.onDisconnect.addListener(() => reject(new Error('the page hung up')));
      port.postMessage({ ambit: 'read' });
    });
    port.disconnect();
    return { took: performance.now() - began, pieces, isCut };
  });
}
