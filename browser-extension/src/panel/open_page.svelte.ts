import { isRisky } from '../sites/risky';
import { turn, turnedOn } from '../sites/turned_on';

/** Why a page cannot be read now. `gesture`: the person has not let the extension read it yet. */
export type Obstacle = 'none' | 'closed' | 'gesture' | 'risky';

/** The page beside the panel: that of the tab which is in front, or the one that the panel was opened for. */
export class OpenPage {
  tab = $state<number | null>(null);
  /** Null where the browser does not tell it. */
  url = $state.raw<URL | null>(null);
  title = $state('');
  /** Whether the person has allowed its site for good. */
  isAllowed = $state(false);
  private turnedOn = $state.raw<string[]>([]);
  readonly site = $derived(this.url?.hostname ?? '');
  readonly obstacle: Obstacle | null = $derived.by(() => {
    if (this.tab === null) return 'none';
    if (this.url === null) return 'gesture';
    if (!/^(https?|file):$/.test(this.url.protocol)) return 'closed';
    return isRisky(this.url) && !this.turnedOn.includes(this.site) ? 'risky' : null;
  });

  /** @param fixed a tab to stay with; null: whichever is in front */
  constructor(private readonly fixed: number | null) {}

  /** Begins to watch; gives what ends it. */
  watch(): () => void {
    const renew = (): void => void this.renew();
    const changed = (tab: number, { status, url, title }: chrome.tabs.OnUpdatedInfo): void => {
      if (tab === this.tab && (status ?? url ?? title) !== undefined) renew();
    };
    chrome.tabs.onActivated.addListener(renew);
    chrome.tabs.onUpdated.addListener(changed);
    chrome.tabs.onRemoved.addListener(renew);
    chrome.permissions.onAdded.addListener(renew);
    chrome.permissions.onRemoved.addListener(renew);
    renew();
    return () => {
      chrome.tabs.onActivated.removeListener(renew);
      chrome.tabs.onUpdated.removeListener(changed);
      chrome.tabs.onRemoved.removeListener(renew);
      chrome.permissions.onAdded.removeListener(renew);
      chrome.permissions.onRemoved.removeListener(renew);
    };
  }

  /** Looks at it anew. */
  async renew(): Promise<void> {
    const tab = await this.inFront();
    const url = tab?.url === undefined || tab.url === '' ? null : URL.parse(tab.url);
    const isAllowed =
      url !== null && (await chrome.permissions.contains({ origins: [pattern(url)] }).catch(() => false));
    this.turnedOn = await turnedOn(chrome.storage.local);
    this.tab = tab?.id ?? null;
    this.url = url;
    this.title = tab?.title ?? '';
    this.isAllowed = isAllowed;
  }

  /** Lets a site for money, health or mail be read. */
  async turnOn(): Promise<void> {
    await turn(chrome.storage.local, this.site, true);
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

  private async inFront(): Promise<chrome.tabs.Tab | undefined> {
    if (this.fixed !== null) return chrome.tabs.get(this.fixed).catch(() => undefined);
    const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
    return tab;
  }
}

function pattern(url: URL): string {
  return `${url.protocol}//${url.hostname}/*`;
}
