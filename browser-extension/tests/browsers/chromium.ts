import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type BrowserContext, type Page } from '@playwright/test';
import { AmbitHost } from '../../../ui/tests/e2e/harness/host';
import { manifest } from '../../scripts/manifest.js';

const BUILT = fileURLToPath(new URL('../../dist/chromium', import.meta.url));
const ID = 'cldnlbhgalpipoimihcfoojmahcomjok';

/** Chromium with the extension, which finds the Ambit of an installation of its own. */
export class Browser {
  private constructor(
    readonly host: AmbitHost,
    private readonly scratch: string,
    private context: BrowserContext,
  ) {}

  /** Starts both. `pages` is what the extension may read without being asked: nobody can be asked here. */
  static async start(pages: string): Promise<Browser> {
    const host = await AmbitHost.create();
    const scratch = await mkdtemp(join(tmpdir(), 'ambit-chromium-'));
    await cp(BUILT, join(scratch, 'extension'), { recursive: true });
    await writeFile(join(scratch, 'extension/manifest.json'), JSON.stringify(manifest('chromium', pages)));
    const profile = join(scratch, 'profile');
    await host.run('browser', 'install', 'chromium', '--user-data', profile);
    return new Browser(host, scratch, await launch(scratch, host));
  }

  /** Has Chromium know of no program that it could start. */
  async forget(): Promise<void> {
    await this.host.run('browser', 'uninstall', 'chromium', '--user-data', join(this.scratch, 'profile'));
  }

  /** Ends Chromium and starts it with the same profile. */
  async restart(): Promise<void> {
    await this.context.close();
    this.context = await launch(this.scratch, this.host);
  }

  async stop(): Promise<void> {
    await this.context.close();
    await this.host.remove();
    await rm(this.scratch, { recursive: true, force: true });
  }

  /** A tab with a page, in place of all tabs that there were. */
  async open(url: string): Promise<Page> {
    const page = await this.context.newPage();
    for (const other of this.context.pages()) if (other !== page) await other.close();
    await page.goto(url);
    return page;
  }

  /** The panel for a tab, as a tab of its own: the browser's own panel is out of reach for tests. */
  async panel(page: Page): Promise<Page> {
    const tab = await this.tab(page);
    const panel = await this.context.newPage();
    await panel.goto(`chrome-extension://${ID}/panel.html?tab=${tab}`);
    return panel;
  }

  /** Does something in the extension's background, as its own scripts can. */
  async inBackground<T, A>(script: (given: A) => T | Promise<T>, given: A): Promise<T> {
    const [worker = await this.context.waitForEvent('serviceworker')] = this.context.serviceWorkers();
    return worker.evaluate(script as (given: unknown) => T | Promise<T>, given as unknown);
  }

  private tab(page: Page): Promise<number> {
    return this.inBackground(async (url) => {
      const tab = (await chrome.tabs.query({})).findLast((one) => one.url === url);
      if (tab?.id === undefined) throw new Error(`no tab shows ${url}`);
      return tab.id;
    }, page.url());
  }
}

function launch(scratch: string, host: AmbitHost): Promise<BrowserContext> {
  const extension = join(scratch, 'extension');
  const environment = Object.entries({ ...host.environment(), DISPLAY: '' });
  return chromium.launchPersistentContext(join(scratch, 'profile'), {
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    headless: true,
    env: Object.fromEntries(environment.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      `--disable-extensions-except=${extension}`,
      `--load-extension=${extension}`,
    ],
    locale: 'en-GB',
    viewport: { width: 420, height: 800 },
  });
}
