import type { Page } from '@playwright/test';
import type { ShellMessage } from '../../../src/backend/backend';
import { forward } from './forward';

/** What a page asked of the app, and how often. */
export interface Asked {
  command: string;
  parameters: Record<string, unknown>;
}

/**
 * Has a page believe that the desktop app shows it: what it asks of the app is written down, and its requests go to the host.
 * The app itself is tested with its own webview; this is for what can be looked at in a browser alone.
 */
export async function asApp(page: Page, address: string, token: string): Promise<void> {
  await forward(page, address, token, 'desktop');
  await page.addInitScript(() => {
    const callbacks = new Map<number, (message: unknown) => void>();
    const numbers = new Map<string, { to: number; next: number }>();
    const all = window as unknown as Record<string, unknown>;
    const asked: Asked[] = [];
    const hand = (channel: { to: number; next: number }, message: unknown): void =>
      callbacks.get(channel.to)?.({ message, index: channel.next++ });
    interface Asked {
      command: string;
      parameters: Record<string, unknown>;
    }
    let listener: { to: number; next: number } | null = null;
    all['asked'] = asked;
    all['tell'] = (id: string, piece: unknown) => {
      const channel = numbers.get(id);
      if (channel) hand(channel, piece);
    };
    all['say'] = (message: unknown) => listener && hand(listener, message);
    all['__TAURI_INTERNALS__'] = {
      transformCallback(callback: (message: unknown) => void): number {
        const id = callbacks.size + 1;
        callbacks.set(id, callback);
        return id;
      },
      unregisterCallback: (id: number) => callbacks.delete(id),
      invoke(command: string, parameters: Record<string, unknown>): Promise<null> {
        if (command === 'send') {
          const { call, pieces } = parameters as { call: { id: string }; pieces: { id: number } };
          numbers.set(call.id, { to: pieces.id, next: 0 });
          void (all['forward'] as (call: unknown) => Promise<void>)(call);
        } else if (command === 'cancel') {
          void (all['giveUp'] as (id: unknown) => Promise<void>)(parameters['id']);
        } else {
          if (command === 'listen') listener = { to: (parameters['messages'] as { id: number }).id, next: 0 };
          asked.push({ command, parameters });
        }
        return Promise.resolve(null);
      },
    };
  });
}

/** Has the app say something to the page. */
export async function say(page: Page, message: ShellMessage): Promise<void> {
  await page.evaluate((said) => (window as unknown as { say: (message: unknown) => void }).say(said), message);
}

/** What the page asked of the app so far, but for requests. */
export function asked(page: Page): Promise<Asked[]> {
  return page.evaluate(() =>
    (window as unknown as { asked: Asked[] }).asked.map(({ command, parameters }) => ({
      command,
      parameters: JSON.parse(JSON.stringify(parameters)) as Record<string, unknown>,
    })),
  );
}
