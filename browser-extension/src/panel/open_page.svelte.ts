import { texts } from '../i18n/texts.svelte';
import { isRisky } from '../sites/risky';
import { turn, turnedOn } from '../sites/turned_on';

/** Why a page cannot be read now. `gesture`: the person has not let the extension read it yet. */
export type Obstacle = 'none' | 'closed' | 'gesture' | 'risky';

/** What the browser tells of the page of a tab, and whether it may be read. */
export interface TabPage {
  tab: number | null;
  /** Null where the browser does not tell it. */
  url: URL | null;
  title: string;
  obstacle: Obstacle | null;
}

/** Pages may change their titles as often as they like: they are looked at after so many milliseconds, once for all changes. */
const PACE = 100;

const NO_PAGE: TabPage = { tab: null, url: null, title: '', obstacle: 'none' };

/** The page of a tab, as the browser tells it now. */
export async function pageOf(tab: number): Promise<TabPage> {
  const found = await chrome.tabs.get(tab).catch(() => undefined);
  return found === undefined ? NO_PAGE : describedPage(found);
}

/** Whether a page is of a site that is off until a person turns it on, and nobody did. */
async function isOff(url: URL): Promise<boolean> {
  return isRisky(url) && !(await turnedOn(chrome.storage.local)).includes(url.hostname);
}

/**
 * Refuses a page of a site that is off.
 * @throws that it is, in words for the person
 */
export async function refuseOff(url: URL | null): Promise<void> {
  if (url && (await isOff(url))) throw new Error(texts.t.page.risky(url.hostname));
}

/** The page of a tab, as the browser tells of it. */
export async function describedPage(tab: chrome.tabs.Tab): Promise<TabPage> {
  const url = tab.url === undefined || tab.url === '' ? null : URL.parse(tab.url);
  return { tab: tab.id ?? null, url, title: tab.title ?? '', obstacle: await obstacleTo(url) };
}

async function obstacleTo(url: URL | null): Promise<Obstacle | null> {
  if (url === null) return 'gesture';
  if (!/^(https?|file):$/.test(url.protocol)) return 'closed';
  return (await isOff(url)) ? 'risky' : null;
}

/** The page beside the panel: that of the tab which is in front, or the one that the panel was opened for. */
export class OpenPage {
  private present = $state.raw<TabPage>(NO_PAGE);
  readonly tab = $derived(this.present.tab);
  readonly url = $derived(this.present.url);
  readonly title = $derived(this.present.title);
  readonly obstacle = $derived(this.present.obstacle);
  readonly site = $derived(this.url?.hostname ?? '');
  /** Whether it is of the web: such a page can be saved, and its site allowed. */
  readonly isOfWeb = $derived(/^https?:$/.test(this.url?.protocol ?? ''));
  /** Whether the person has allowed its site for good, or turned it on. */
  isAllowed = $state(false);
  /** How often it was looked at: of looks that overlap the last one counts. */
  private looks = 0;

  /** @param fixed a tab to stay with; null: whichever is in front */
  constructor(private readonly fixed: number | null) {}

  /** Begins to watch; gives what ends it. */
  watch(): () => void {
    const renew = (): void => void this.renew();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const settled = (): void => {
      timer = undefined;
      renew();
    };
    const changed = (tab: number, { status, url, title }: chrome.tabs.OnUpdatedInfo): void => {
      if (tab === this.tab && (status ?? url ?? title) !== undefined) timer ??= setTimeout(settled, PACE);
    };
    chrome.tabs.onActivated.addListener(renew);
    chrome.tabs.onUpdated.addListener(changed);
    chrome.tabs.onRemoved.addListener(renew);
    chrome.permissions.onAdded.addListener(renew);
    chrome.permissions.onRemoved.addListener(renew);
    renew();
    return () => {
      clearTimeout(timer);
      chrome.tabs.onActivated.removeListener(renew);
      chrome.tabs.onUpdated.removeListener(changed);
      chrome.tabs.onRemoved.removeListener(renew);
      chrome.permissions.onAdded.removeListener(renew);
      chrome.permissions.onRemoved.removeListener(renew);
    };
  }

  /** Looks at it anew. */
  async renew(): Promise<void> {
    const look = (this.looks += 1);
    const present = await this.inFront();
    const { url } = present;
    const isAllowed = url !== null && ((await isGranted(url)) || (isRisky(url) && !(await isOff(url))));
    if (look !== this.looks) return;
    // An address that is the same stays the same object: what depends on it is asked of the host.
    const isSame = url?.href === this.present.url?.href;
    this.present = isSame ? { ...present, url: this.present.url } : present;
    this.isAllowed = isAllowed;
  }

  /**
   * Lets a site for money, health or mail be read.
   * @throws when the browser cannot keep that
   */
  async turnOn(): Promise<void> {
    await turn(chrome.storage.local, this.site, true).catch((failure: unknown) => {
      throw /quota/i.test(String(failure)) ? new Error(texts.t.page.notKept) : failure;
    });
    await this.renew();
  }

  /** Asks the person to let its site be read for good. It has to be called in the turn of a gesture. */
  async allow(): Promise<void> {
    if (this.url) await chrome.permissions.request({ origins: [pattern(this.url)] });
    await this.renew();
  }

  /** Takes that back, and that it was turned on. */
  async disallow(): Promise<void> {
    if (this.url) await chrome.permissions.remove({ origins: [pattern(this.url)] });
    await turn(chrome.storage.local, this.site, false);
    await this.renew();
  }

  private async inFront(): Promise<TabPage> {
    if (this.fixed !== null) return pageOf(this.fixed);
    const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
    return tab === undefined ? NO_PAGE : describedPage(tab);
  }
}

function isGranted(url: URL): Promise<boolean> {
  return chrome.permissions.contains({ origins: [pattern(url)] }).catch(() => false);
}

function pattern(url: URL): string {
  return `${url.protocol}//${url.hostname}/*`;
}
