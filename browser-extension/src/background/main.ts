import { keptPrompts, PROMPTS } from '../prompts/kept_prompts';
import { listenForPdf } from '../pdf/pdf_of_tab';
import { menuEntries, wishOf, wishOfCommand } from './menus';
import { leaveWish, type Wish } from './wishes';

/** The page of the panel, where the browser shows none beside its tabs. */
const PANEL = 'panel.html';

/** What only one of the browsers has. */
interface Panels {
  sidebarAction?: { open(): Promise<void> };
  sidePanel?: { open(options: { windowId: number }): Promise<void> };
}

/** Shows the panel beside a tab. It has to be called in the turn of a person's gesture. */
function openPanel(tab: chrome.tabs.Tab | undefined): void {
  const { sidebarAction, sidePanel } = globalThis.chrome as unknown as Panels;
  const asTab = (): void => {
    const which = tab?.id === undefined ? '' : `?tab=${tab.id}`;
    void chrome.tabs.create({ url: chrome.runtime.getURL(PANEL) + which });
  };
  if (sidebarAction) sidebarAction.open().catch(asTab);
  else if (sidePanel && tab?.windowId !== undefined) sidePanel.open({ windowId: tab.windowId }).catch(asTab);
  else asTab();
}

/** Leaves a wish for the panel, and shows that. */
function wish(tab: chrome.tabs.Tab | undefined, wish: Wish | null): void {
  if (wish && tab?.windowId !== undefined) void leaveWish(chrome.storage.session, tab.windowId, wish);
  openPanel(tab);
}

// What lets a paired browser in is kept there: nothing that runs in a page may read it. Firefox keeps it from pages by itself.
void chrome.storage.local.setAccessLevel?.({ accessLevel: 'TRUSTED_CONTEXTS' });

// Chromium lets scripts into the page around its viewer of PDFs instead, and the background fetches nothing.
if ('sidebarAction' in globalThis.chrome) listenForPdf();

/** Changes of the menu come one after the other: two at once would each add what the other has. */
let menu: Promise<void> = Promise.resolve();

/** Builds the menu anew, with the person's prompts as they are by then. */
function buildMenu(): void {
  menu = menu
    .catch(() => undefined)
    .then(async () => {
      const prompts = await keptPrompts(chrome.storage.local);
      await chrome.contextMenus.removeAll();
      for (const entry of menuEntries((name) => chrome.i18n.getMessage(name), prompts))
        chrome.contextMenus.create(entry);
    });
}

chrome.runtime.onInstalled.addListener(buildMenu);
// Another language of the browser, or another version of it, may have let go of what it had.
chrome.runtime.onStartup.addListener(buildMenu);
chrome.storage.local.onChanged.addListener((changes) => {
  if (PROMPTS in changes) buildMenu();
});

chrome.contextMenus.onClicked.addListener((click, tab) => {
  wish(tab, tab?.id === undefined ? null : wishOf(click, tab.id));
});

// The click lets the extension read the tab until it shows another site.
chrome.action.onClicked.addListener((tab) => openPanel(tab));

chrome.commands.onCommand.addListener((command, tab) => {
  wish(tab, tab?.id === undefined ? null : wishOfCommand(command, tab.id));
});

// Which tab is in front can only be asked for, and after an answer it is no gesture any more: so it is asked for before.
let inFront: chrome.tabs.Tab | undefined;
chrome.omnibox.onInputStarted.addListener(() => {
  void chrome.tabs.query({ active: true, lastFocusedWindow: true }).then(([tab]) => (inFront = tab));
});
chrome.omnibox.onInputEntered.addListener((text) => wish(inFront, { kind: 'question', text }));
