import type { Frame, Page } from '@playwright/test';
import { eventData } from '../../../src/backend/events';
import type { Call, Piece } from '../../../src/backend/pieces';

/**
 * Hands requests on to a host, as a program does that shows the page: `window.forward(call)` begins one, whose pieces come to
 * `window.tell(id, piece)`, and `window.giveUp(id)` ends it.
 */
export async function forward(page: Page, address: string, token: string, surface: string): Promise<void> {
  const running = new Map<string, AbortController>();
  const tell = (frame: Frame, id: string, piece: Piece): Promise<void> =>
    frame.evaluate(([to, what]) => (window as unknown as { tell: (...all: unknown[]) => void }).tell(to, what), [
      id,
      piece,
    ] as const);
  await page.exposeBinding('giveUp', (_, id: string) => running.get(id)?.abort());
  await page.exposeBinding('forward', async ({ frame }, { id, method, path, body, isStream }: Call) => {
    const abort = new AbortController();
    running.set(id, abort);
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', 'Ambit-Surface': surface };
    try {
      const response = await fetch(address + path, { method, headers, body, signal: abort.signal });
      if (!response.ok) return await tell(frame, id, { failed: await response.json() });
      if (isStream && response.body) {
        for await (const event of eventData(response.body)) {
          if (event !== '[DONE]') await tell(frame, id, { data: JSON.parse(event) });
        }
      } else if (response.status !== 204) {
        await tell(frame, id, { data: await response.json() });
      }
      await tell(frame, id, { ended: true });
    } catch (failure) {
      // Nobody waits for what was given up.
      if (!abort.signal.aborted && !page.isClosed()) throw failure;
    }
  });
}
