import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { zipSync, strToU8 } from 'fflate';
import puppeteer, { type Browser as Driver, type Page } from 'puppeteer-core';
import { AmbitHost } from '../../../ui/tests/e2e/harness/host';
import { manifest } from '../../scripts/manifest.js';

const BUILT = fileURLToPath(new URL('../../dist/firefox', import.meta.url));

/** The extension's id, and that of its pages, which Firefox draws by lot where nobody says it. */
const ID = '{3114ce24-0852-45e4-bf79-44465a249909}';
const PAGES = '5d4a7d80-3c0e-4f0c-9a6b-0f2f1c6f7d11';

/** How long is waited for something to be seen, in milliseconds: Firefox takes its time where the processor is busy. */
export const PATIENCE = 90_000;

/** Where the program is. */
export const FIREFOX = process.env['FIREFOX'] ?? '/usr/bin/firefox-esr';

/** Firefox with the extension, which finds the Ambit of an installation of its own. */
export class Firefox {
  private constructor(
    readonly host: AmbitHost,
    private readonly scratch: string,
    private driver: Driver,
  ) {}

  /**
   * Starts both. `pages` is what the extension may read without being asked: nobody can be asked here. The browser is told of Ambit
   * unless `isTold` is false.
   */
  static async start(pages: string, isTold = true): Promise<Firefox> {
    const host = await AmbitHost.create();
    if (isTold) await host.run('browser', 'install', 'firefox');
    const scratch = await mkdtemp(join(tmpdir(), 'ambit-firefox-'));
    await install(scratch, pages);
    return new Firefox(host, scratch, await launch(scratch, host));
  }

  /** The folder that files are saved in. */
  get downloads(): string {
    return downloadsIn(this.scratch);
  }

  /** Ends Firefox and starts it with the same profile. */
  async restart(): Promise<void> {
    await this.driver.close();
    this.driver = await launch(this.scratch, this.host);
  }

  async stop(): Promise<void> {
    await this.driver.close();
    // It was started for the browser, and would wait for others.
    await this.host.run('stop').catch(() => undefined);
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

/** Presses a button of the panel, once it is there. */
export async function press(panel: Page, name: string): Promise<void> {
  await panel.locator(`::-p-aria(${name}[role="button"])`).click();
}

/** Chooses an entry of the menu about the page. It may have to be scrolled to, which the driver's own clicks do not bear here. */
export async function choose(panel: Page, name: string): Promise<void> {
  await press(panel, 'More about this page');
  await panel.locator(`::-p-aria(${name}[role="menuitem"])`).wait();
  await panel.$eval(`::-p-aria(${name}[role="menuitem"])`, (entry) => (entry as HTMLElement).click());
}

/** Asks a question in the panel. */
export async function ask(panel: Page, question: string): Promise<void> {
  await panel.locator('#question').fill(question);
  await panel.keyboard.press('Enter');
}

/** Whether the menu of Firefox for pages has an entry of an own prompt. There is no list, but what is not there cannot be changed. */
export function inMenu(panel: Page, id: string): Promise<boolean> {
  return panel.evaluate(
    (id) =>
      chrome.contextMenus.update(`prompt.${id}`, {}).then(
        () => true,
        () => false,
      ),
    id,
  );
}

/** What is read in the parts of the panel that a selector finds, in their order. */
export function textsOf(panel: Page, selector: string): Promise<string[]> {
  return panel.$$eval(selector, (all) => all.map((element) => (element as HTMLElement).innerText));
}

/** Puts the extension where Firefox finds it as one that a person installed, so that it is there after a restart as well. */
async function install(scratch: string, pages: string): Promise<void> {
  const files: Record<string, Uint8Array> = {};
  for (const entry of await readdir(BUILT, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files[path.slice(BUILT.length + 1)] = await readFile(path);
  }
  files['manifest.json'] = strToU8(JSON.stringify(manifest('firefox', pages)));
  const folder = join(profileIn(scratch), 'extensions');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${ID}.xpi`), zipSync(files));
}

function launch(scratch: string, host: AmbitHost): Promise<Driver> {
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: FIREFOX,
    headless: true,
    userDataDir: profileIn(scratch),
    // Or else no test could open a page of an extension.
    args: ['--remote-allow-system-access'],
    env: { ...host.environment(), MOZ_HEADLESS: '1' },
    extraPrefsFirefox: {
      'extensions.webextensions.uuids': JSON.stringify({ [ID]: PAGES }),
      // What lies in the profile is installed, though no store has signed it.
      'extensions.autoDisableScopes': 0,
      'xpinstall.signatures.required': false,
      // What stands in the manifest is granted, as a person would on a click.
      'extensions.originControls.grantByDefault': true,
      // What the extension asks for besides, a person grants.
      'extensions.webextOptionalPermissionPrompts': false,
      'intl.accept_languages': 'en-GB',
      // Files are saved without a question.
      'browser.download.folderList': 2,
      'browser.download.dir': downloadsIn(scratch),
      'browser.download.useDownloadDir': true,
      'browser.download.always_ask_before_handling_new_types': false,
    },
  });
}

function profileIn(scratch: string): string {
  return join(scratch, 'profile');
}

function downloadsIn(scratch: string): string {
  return join(scratch, 'downloads');
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
