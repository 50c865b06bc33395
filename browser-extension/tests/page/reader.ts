import { readFileSync } from 'node:fs';
import { test as base, type CDPSession, type Page } from '@playwright/test';
import type { PageText } from '../../src/page/readable';
import type { Snapshot } from '../../src/page/types';
import { BUILT } from './build';

/** Where the pages of the tests are: an address that nobody but the tests answers. */
export const SITE = 'https://pages.test/';

/** A page with the script that reads it, in a world of its own as an extension's content script is. */
export class Reader {
  private constructor(
    readonly page: Page,
    private readonly panel: Page,
    private readonly session: CDPSession,
  ) {}

  static async of(page: Page): Promise<Reader> {
    await page.route(`${SITE}**`, (route) => {
      const { pathname } = new URL(route.request().url());
      const body = contentOf(pathname.slice(1));
      return body === null
        ? route.fulfill({ status: 404 })
        : route.fulfill({ body, contentType: 'text/html; charset=utf-8' });
    });
    const panel = await page.context().newPage();
    await panel.addScriptTag({ path: `${BUILT}panel.js` });
    await page.bringToFront();
    return new Reader(page, panel, await page.context().newCDPSession(page));
  }

  /** Opens a page of the corpus: `pages/news`. */
  async open(name: string): Promise<void> {
    await this.page.goto(`${SITE}${name}.html`);
  }

  /** Shows a body that a test writes. */
  async show(html: string): Promise<void> {
    await this.page.route(`${SITE}written`, (route) =>
      route.fulfill({ body: html, contentType: 'text/html; charset=utf-8' }),
    );
    await this.page.goto(`${SITE}written`);
  }

  /** What an expression gives in the content script, in which `content` are its functions. */
  async inContent<T>(expression: string): Promise<T> {
    const { frameTree } = await this.session.send('Page.getFrameTree');
    const { executionContextId } = await this.session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id });
    const script = readFileSync(`${BUILT}content.js`, 'utf8');
    const { result, exceptionDetails } = await this.session.send('Runtime.evaluate', {
      contextId: executionContextId,
      expression: `(async () => {${script}; return JSON.stringify(${expression});})()`,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    // A tree may be deeper than what the protocol hands over as a value.
    return JSON.parse(String(result.value)) as T;
  }

  /** How long the page's process has worked in its tasks, without the time that other processes took, in milliseconds. */
  async processorTime(): Promise<number> {
    await this.session.send('Performance.enable', { timeDomain: 'threadTicks' });
    const { metrics } = await this.session.send('Performance.getMetrics');
    return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN);
  }

  /** A snapshot of the page as it is now. */
  snapshot(options = '{}'): Promise<Snapshot> {
    return this.inContent(`await content.takeSnapshot(document, ${options})`);
  }

  /** The text of the page, as the panel makes it. */
  async text(): Promise<PageText> {
    return this.inPanel('readable', await this.snapshot());
  }

  /** What a function of the panel gives. */
  inPanel<T>(name: string, ...values: unknown[]): Promise<T> {
    return this.panel
      .evaluate(
        ([called, given]) => {
          const { panel } = globalThis as unknown as { panel: Record<string, (...values: unknown[]) => unknown> };
          return JSON.stringify(panel[called]!(...(JSON.parse(given) as unknown[])));
        },
        [name, JSON.stringify(values)] as const,
      )
      .then((result) => JSON.parse(result) as T);
  }
}

/** Tests with a page that can be read. */
export const test = base.extend<{ reader: Reader }>({
  reader: async ({ page }, use) => use(await Reader.of(page)),
});

/** The text of Markdown, without the marks by which it means itself. */
export function unescaped(markdown: string): string {
  return markdown.replace(/\\\n/g, '\n').replace(/\\([!-/:-@[-`{-~])/g, '$1');
}

function contentOf(path: string): string | null {
  try {
    return readFileSync(new URL(path, import.meta.url), 'utf8');
  } catch {
    return null;
  }
}
