import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import puppeteer, { type Browser as Driver, type Page } from 'puppeteer-core';
import { AmbitHost } from '../../../ui/tests/e2e/harness/host';
import { manifest } from '../../scripts/manifest.js';

const BUILT = fileURLToPath(new URL('../../dist/firefox', import.meta.url));

/** The extension's id, and that of its pages, which Firefox draws by lot where nobody says it. */
const ID = '{3114ce24-0852-45e4-bf79-44465a249909}';
const PAGES = '5d4a7d80-3c0e-4f0c-9a6b-0f2f1c6f7d11';

/** How long is waited for something to be seen, in milliseconds: Firefox takes its time where the processor is busy. */
const PATIENCE = 90_000;

/** Where the program is. */
export const FIREFOX = process.env['FIREFOX'] ?? '/usr/bin/firefox-esr';

/** Firefox with the extension, which finds the Ambit of an installation of its own. */
export class Firefox {
  private constructor(
    readonly host: AmbitHost,
    private readonly scratch: string,
    private readonly driver: Driver,
  ) {}

  /** Starts both. `pages` is what the extension may read without being asked: nobody can be asked here. */
  static async start(pages: string): Promise<Firefox> {
    const host = await AmbitHost.create();
    await host.run('browser', 'install', 'firefox');
    const scratch = await mkdtemp(join(tmpdir(), 'ambit-firefox-'));
    const extension = join(scratch, 'extension');
    await cp(BUILT, extension, { recursive: true });
    await writeFile(join(extension, 'manifest.json'), JSON.stringify(manifest('firefox', pages)));
    const driver = await puppeteer.launch({
      browser: 'firefox',
      executablePath: FIREFOX,
      headless: true,
      // Or else no test could open a page of an extension.
      args: ['--remote-allow-system-access'],
      env: { ...host.environment(), MOZ_HEADLESS: '1' },
      extraPrefsFirefox: {
        'extensions.webextensions.uuids': JSON.stringify({ [ID]: PAGES }),
        // What stands in the manifest is granted, as a person would on a click.
        'extensions.originControls.grantByDefault': true,
        // What the extension asks for besides, a person grants.
        'extensions.webextOptionalPermissionPrompts': false,
        'intl.accept_languages': 'en-GB',
      },
    });
    await driver.installExtension(extension);
    return new Firefox(host, scratch, driver);
  }

  async stop(): Promise<void> {
    await this.driver.close();
    await this.host.remove();
    await rm(this.scratch, { recursive: true, force: true });
  }

  /** A tab with a page. */
  async open(url: string): Promise<Page> {
    const page = await this.tab();
    await page.goto(url);
    return page;
  }

  /** A tab with a PDF, in the viewer of Firefox. Of that the driver does not hear that it has been loaded. */
  async openPdf(url: string): Promise<Page> {
    const page = await this.tab();
    await page.goto(url, { timeout: 5_000 }).catch(() => undefined);
    return page;
  }

  /** The panel for a tab that shows an address, as a tab of its own: the side bar is out of reach for tests. */
  async panel(page: Page, shown = page.url()): Promise<Page> {
    const address = `moz-extension://${PAGES}/panel.html`;
    const panel = await this.tab();
    await visit(panel, address);
    const tab = await panel.evaluate(async (url) => {
      const tabs = await chrome.tabs.query({});
      return tabs.findLast((one) => one.url === url)?.id;
    }, shown);
    if (tab === undefined) throw new Error(`no tab shows ${shown}`);
    await visit(panel, `${address}?tab=${tab}`);
    return panel;
  }

  private async tab(): Promise<Page> {
    const page = await this.driver.newPage();
    page.setDefaultTimeout(PATIENCE);
    return page;
  }
}

/** Shows a page of the extension. Of such pages the driver does not hear that they have been loaded. */
async function visit(page: Page, address: string): Promise<void> {
  await page.goto(address, { timeout: 1 }).catch(() => undefined);
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const isThere = await page.evaluate(
      (address) => location.href === address && document.readyState === 'complete',
      address,
    );
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${address} does not come`);
}
