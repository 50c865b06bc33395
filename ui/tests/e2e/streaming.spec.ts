// How an answer that streams fast, and one that cannot be shown, are borne. The answers come from the test, as events or as stored.
import type { Page } from '@playwright/test';
import type { Turn } from '../../src/backend/types';
import { expect, test } from './harness/test';

const session = { id: 'streamed', title: 'Streamed', surface: 'desktop', created_at: 1, updated_at: 1 };

/** Has the page's next question answered by this text again and again, a few milliseconds apart. */
async function answerWith(page: Page, text: string, times: number): Promise<void> {
  await page.route('**/v1/sessions/streamed', (route) => route.fulfill({ json: { session, turns: [] } }));
  await page.evaluate(
    ([text, times]) => {
      const told = window as unknown as { longest: number };
      told.longest = 0;
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) told.longest = Math.max(told.longest, duration);
      }).observe({ type: 'longtask' });
      const ask = window.fetch;
      window.fetch = (input, init) => {
        if (String(input) !== '/v1/ask') return ask(input, init);
        const encoder = new TextEncoder();
        const event = (value: unknown): Uint8Array => encoder.encode(`data: ${JSON.stringify(value)}\n\n`);
        let sent = 0;
        const body = new ReadableStream<Uint8Array>({
          start: (stream) => stream.enqueue(event({ event: 'started', session: 'streamed', turn: 't' })),
          pull: async (stream) => {
            await new Promise((resolve) => setTimeout(resolve, 1));
            if (sent++ < times) stream.enqueue(event({ event: 'text', text }));
            else {
              stream.enqueue(event({ event: 'failed', problem: { code: 'internal', detail: 'The end.' } }));
              stream.close();
            }
          },
        });
        return Promise.resolve(new Response(body));
      };
    },
    [text, times] as const,
  );
  await page.getByRole('textbox', { name: 'Question' }).fill('Say much.');
  await page.keyboard.press('Enter');
  // To look for words in so long a text would take longer than the page does.
  await expect(page.locator('.failure')).toContainText('The end.', { timeout: 60_000 });
}

const longest = (page: Page): Promise<number> =>
  page.evaluate(() => (window as unknown as { longest: number }).longest);

/** Longer tasks would hold up what one types; a machine that does something else as well makes all of them longer. */
const BAR = 500;

test('2,000 small pieces of an answer do not hold the page up', async ({ ambit: page }) => {
  await answerWith(page, '- **words** of `code` and more\n\nAnd [1].\n\n', 2_000);
  expect(await longest(page)).toBeLessThan(BAR);
  await expect(page.getByRole('article').locator('strong').first()).toHaveText('words');
});

test('an answer of 5 MB does not hold the page up', async ({ ambit: page }) => {
  await answerWith(page, 'Words that go on and on. '.repeat(100), 2_000);
  expect(await longest(page)).toBeLessThan(BAR);
  await expect(page.locator('.markdown > p')).toHaveText(/This answer is very long/);
});

test('a turn that cannot be shown leaves the others alone', async ({ ambit: page }) => {
  const answer = {
    text: 'Its words.',
    origin: { kind: 'model', model: 'm' },
    citations: [],
    memories: [],
    embedder: null,
    bytes_sent: 0,
  };
  const turn = {
    id: 'a',
    session: 'odd',
    question: 'First?',
    status: 'finished',
    failure: null,
    asked_at: 1,
    ended_at: 2,
  };
  // As a host of another version may tell it.
  const odd = { ...turn, id: 'b', question: 'Second?', answer: { ...answer, text: 'Odd words.', memories: undefined } };
  const turns = [{ ...turn, answer }, odd, { ...turn, id: 'c', question: 'Third?', answer }] as unknown as Turn[];
  await page.route('**/v1/sessions/odd', (route) =>
    route.fulfill({ json: { session: { ...session, id: 'odd' }, turns } }),
  );
  await page.evaluate(() => (location.hash = '#/chat/odd'));
  const articles = page.getByRole('article');
  await expect(articles).toHaveCount(3);
  await expect(articles.nth(1)).toContainText('Second?');
  await expect(articles.nth(1)).toContainText('cannot be laid out');
  await expect(articles.nth(1)).toContainText('Odd words.');
  await expect(articles.nth(2).getByRole('button', { name: 'Copy answer' })).toBeVisible();
});
