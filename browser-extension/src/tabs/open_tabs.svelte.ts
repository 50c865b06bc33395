import { texts } from '../i18n/texts.svelte';
import { describedPage, type OpenPage, type TabPage } from '../panel/open_page.svelte';

/** How many pages are read at once, that beside the panel included: more would leave too little of each to a model. */
export const MOST_PAGES = 8;

/** The name of one site. Browsers take `*` for a part of a name, some of them written as a number. */
const SITE = /^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)+|localhost)$/;

/** A tab that may be read along with the page beside the panel. */
export interface OtherTab extends TabPage {
  tab: number;
  url: URL;
}

/**
 * The open tabs that the browser tells of, beside the page of the panel. Without the permission to know all tabs, which the
 * extension does not ask for, those are the tabs of sites that were allowed, and those in which its button was pressed.
 */
export class OpenTabs {
  seen = $state.raw<OtherTab[]>([]);
  /** How many others are open, of which the browser tells neither title nor address. */
  unseen = $state(0);
  /** The tabs that are to be read. */
  picked = $state.raw<ReadonlySet<number>>(new Set());
  private isFirst = true;
  private looks = 0;

  constructor(private readonly page: OpenPage) {}

  /** Begins to watch them; gives what ends it. */
  watch(): () => void {
    const renew = (): void => void this.renew();
    const events = [
      chrome.tabs.onCreated,
      chrome.tabs.onUpdated,
      chrome.tabs.onRemoved,
      chrome.tabs.onHighlighted,
      chrome.permissions.onAdded,
      chrome.permissions.onRemoved,
    ] as chrome.events.Event<() => void>[];
    for (const event of events) event.addListener(renew);
    renew();
    return () => {
      for (const event of events) event.removeListener(renew);
    };
  }

  /** How many more may be picked. */
  get room(): number {
    const present = this.page.obstacle === null ? 1 : 0;
    return MOST_PAGES - present - this.picked.size;
  }

  /** Picks a tab, or no more. */
  pick(tab: number, isPicked: boolean): void {
    const others = [...this.picked].filter((one) => one !== tab);
    if (isPicked && !this.picked.has(tab) && this.room <= 0) return;
    this.picked = new Set(isPicked ? [...others, tab] : others);
  }

  /** The tabs to be read, that beside the panel first. */
  get chosen(): number[] {
    const present = this.page.tab !== null && this.page.obstacle === null ? [this.page.tab] : [];
    return [...present, ...this.seen.flatMap(({ tab }) => (this.picked.has(tab) ? [tab] : []))];
  }

  /**
   * Asks the person to let a site be read, whose address they wrote. It has to be called in the turn of a gesture.
   * @throws that this is no site, or that it was not allowed
   */
  async allow(written: string): Promise<void> {
    const origins = originsOf(written);
    if (origins.length === 0) throw new Error(texts.t.tabs.noSite);
    if (!(await chrome.permissions.request({ origins }))) throw new Error(texts.t.tabs.notAllowed);
    await this.renew();
  }

  private async renew(): Promise<void> {
    const look = (this.looks += 1);
    const present = this.page.tab === null ? undefined : await chrome.tabs.get(this.page.tab).catch(() => undefined);
    const all = await chrome.tabs.query({});
    const others = all.filter(({ id, incognito }) => id !== present?.id && incognito === (present?.incognito ?? false));
    const pages = await Promise.all(others.map(async (tab) => ({ tab, page: await describedPage(tab) })));
    if (look !== this.looks) return;
    const own = pages.filter(({ tab }) => tab.windowId === present?.windowId);
    const elsewhere = pages.filter(({ tab }) => tab.windowId !== present?.windowId);
    const sorted = [...own, ...elsewhere];
    this.unseen = sorted.filter(({ page }) => page.url === null).length;
    this.seen = sorted.flatMap(({ page }) => (isReadable(page) ? [page] : []));
    const known = new Set(this.seen.flatMap(({ tab, obstacle }) => (obstacle === null ? [tab] : [])));
    // Who marked tabs in the browser's own list before means these.
    const marked = this.isFirst
      ? own.flatMap(({ tab }) => (tab.highlighted && tab.id !== undefined ? [tab.id] : []))
      : [];
    this.isFirst = false;
    this.picked = new Set([...this.picked].filter((tab) => known.has(tab)));
    for (const tab of marked) if (known.has(tab)) this.pick(tab, true);
  }
}

function isReadable(page: TabPage): page is OtherTab {
  return page.tab !== null && page.url !== null && page.obstacle !== 'closed';
}

/** The patterns of the site that a person wrote, as an address or a name; none where it is no site of the web. */
export function originsOf(written: string): string[] {
  const text = written.trim();
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  const url = URL.parse(hasScheme ? text : `https://${text}`);
  if (!url || !/^https?:$/.test(url.protocol) || !SITE.test(url.hostname)) return [];
  return (hasScheme ? [url.protocol] : ['https:', 'http:']).map((scheme) => `${scheme}//${url.hostname}/*`);
}
