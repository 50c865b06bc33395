import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type BrowserContext, type Page } from '@playwright/test';
import { AmbitHost } from '../../../ui/tests/e2e/harness/host';
import { manifest } from '../../scripts/manifest.js';

const BUILT = fileURLToPath(new URL('../../dist/chromium', import.meta.url));
const ID = 'cldnlbhgalpipoimihcfoojmahcomjok';

/** What some tests want otherwise. */
interface Options {
  /** By way of which Chromium asks for everything. */
  proxy?: string;
  /** An installation of Ambit that another browser has already, and goes on having. */
  host?: AmbitHost;
  /** Whether the browser is told of Ambit; it is unless this is false. */
  isInstalled?: boolean;
}

/** Chromium with the extension, which finds the Ambit of an installation of its own. */
export class Browser {
  private constructor(
    readonly host: AmbitHost,
    private readonly scratch: string,
    private context: BrowserContext,
    private readonly options: Options,
  ) {}

  /** Starts both. `pages` is what the extension may read without being asked: nobody can be asked here. */
  static async start(pages: string, options: Options = {}): Promise<Browser> {
    const host = options.host ?? (await AmbitHost.create());
    const scratch = await mkdtemp(join(tmpdir(), 'ambit-chromium-'));
    await cp(BUILT, join(scratch, 'extension'), { recursive: true });
    await writeFile(join(scratch, 'extension/manifest.json'), JSON.stringify(manifest('chromium', pages)));
    const browser = new Browser(host, scratch, await launch(scratch, host, options), options);
    if (options.isInstalled !== false) await browser.install();
    return browser;
  }

  /** The folder of its profile. */
  get profile(): string {
    return join(this.scratch, 'profile');
  }

  /** Tells it where Ambit is. */
  async install(): Promise<void> {
    await this.host.run('browser', 'install', 'chromium', '--user-data', this.profile);
  }

  /** Has Chromium know of no program that it could start. */
  async forget(): Promise<void> {
    await this.host.run('browser', 'uninstall', 'chromium', '--user-data', join(this.scratch, 'profile'));
  }

  /** Ends Chromium and starts it with the same profile. */
  async restart(): Promise<void> {
    await this.context.close();
    this.context = await launch(this.scratch, this.host, this.options);
  }

  async stop(): Promise<void> {
    await this.context.close();
    if (this.options.host === undefined) {
      // It was started for the browser, and would wait for others.
      await this.host.run('stop').catch(() => undefined);
      await this.host.remove();
    }
    await rm(this.scratch, { recursive: true, force: true });
  }

  /** A tab with a page, in place of all tabs that there were. */
  async open(url: string): Promise<Page> {
    const page = await this.context.newPage();
    for (const other of this.context.pages()) if (other !== page) await other.close();
    await page.goto(url);
    return page;
  }

  /** A tab with a page, beside those that there are. */
  async beside(url: string): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(url);
    return page;
  }

  /** The panel for a tab, as a tab of its own: the browser's own panel is out of reach for tests. */
  async panel(page: Page): Promise<Page> {
    const address = await this.addressFor(page);
    const panel = await this.context.newPage();
    await panel.goto(address);
    return panel;
  }

  /** The address of the panel for a tab. */
  async addressFor(page: Page): Promise<string> {
    return `chrome-extension://${ID}/panel.html?tab=${await this.tab(page)}`;
  }

  /** Has the browser let the extension read its pages only when the person asks for it, or always, as in its settings. */
  async allow(access: 'ON_CLICK' | 'ON_ALL_SITES'): Promise<void> {
    const settings = await this.context.newPage();
    await settings.goto('chrome://extensions');
    await settings.evaluate(
      ([extensionId, hostAccess]) => {
        const { developerPrivate } = chrome as unknown as {
          developerPrivate: { updateExtensionConfiguration(update: object): Promise<void> };
        };
        return developerPrivate.updateExtensionConfiguration({ extensionId, hostAccess });
      },
      [ID, access],
    );
    await settings.close();
  }

  /** Does something in the extension's background, as its own scripts can. */
  async inBackground<T, A>(script: (given: A) => T | Promise<T>, given: A): Promise<T> {
    const [worker = await this.context.waitForEvent('serviceworker')] = this.context.serviceWorkers();
    return worker.evaluate(script as (given: unknown) => T | Promise<T>, given as unknown);
  }

  /** Chooses an entry of the browser's menu for a page, as a click on it does: that menu is out of reach for tests. */
  async choose(page: Page, click: Partial<chrome.contextMenus.OnClickData>): Promise<void> {
    await this.dispatch('contextMenus', 'onClicked', page, click);
  }

  /** Leaves a wish for the panel of a page without opening another one, as `choose` does where no panel can be opened. */
  async leave(page: Page, wish: object): Promise<void> {
    await this.inBackground(
      async ({ tab, wish }) => {
        const { windowId } = await chrome.tabs.get(tab);
        await chrome.storage.session.set({ [`wish.${windowId}`]: { ...wish, tab } });
      },
      { tab: await this.tab(page), wish },
    );
  }

  /** Has keys of the extension pressed in a page, by the name of what they do. */
  async press(page: Page, command: string): Promise<void> {
    await this.dispatch('commands', 'onCommand', page, command);
  }

  /** The browser's number of a frame in a page. */
  async frame(page: Page, url: string): Promise<number> {
    return this.inBackground(
      async ({ tab, url }) => {
        const frames = await chrome.scripting.executeScript({
          target: { tabId: tab, allFrames: true },
          func: () => location.href,
        });
        const found = frames.find(({ result }) => result === url);
        if (!found) throw new Error(`no frame shows ${url}`);
        return found.frameId;
      },
      { tab: await this.tab(page), url },
    );
  }

  private async dispatch(area: string, event: string, page: Page, told: unknown): Promise<void> {
    await this.inBackground(
      async ({ area, event, tab, told }) => {
        type Dispatched = { dispatch(told: unknown, tab: chrome.tabs.Tab): void };
        const areas = chrome as unknown as Record<string, Record<string, Dispatched>>;
        areas[area]?.[event]?.dispatch(told, await chrome.tabs.get(tab));
      },
      { area, event, tab: await this.tab(page), told },
    );
  }

  private tab(page: Page): Promise<number> {
    return this.inBackground(async (url) => {
      const tab = (await chrome.tabs.query({})).findLast((one) => one.url === url);
      if (tab?.id === undefined) throw new Error(`no tab shows ${url}`);
      return tab.id;
    }, page.url());
  }
}

function launch(scratch: string, host: AmbitHost, { proxy }: Options): Promise<BrowserContext> {
  const extension = join(scratch, 'extension');
  const environment = Object.entries({ ...host.environment(), DISPLAY: '' });
  return chromium.launchPersistentContext(join(scratch, 'profile'), {
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    headless: true,
    // For addresses of this machine as well.
    ...(proxy === undefined ? {} : { proxy: { server: proxy, bypass: '<-loopback>' } }),
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
