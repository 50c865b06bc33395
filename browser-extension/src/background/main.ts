import { leaveWish, QUESTIONS, type Question, type Wish } from './wishes';

/** What of a page a menu entry is about. */
type About = 'page' | 'selection' | 'link';

/** The page of the panel, where the browser shows none beside its tabs. */
const PANEL = 'panel.html';

interface Sidebar {
  sidebarAction?: { open(): Promise<void> };
}

/** Shows the panel beside a tab. It has to be called in the turn of a person's gesture. */
function openPanel(tab: chrome.tabs.Tab | undefined): void {
  const { sidebarAction } = globalThis.chrome as unknown as Sidebar;
  const asTab = (): void => void chrome.tabs.create({ url: chrome.runtime.getURL(PANEL) });
  if (sidebarAction) sidebarAction.open().catch(asTab);
  else if (tab?.windowId !== undefined) chrome.sidePanel.open({ windowId: tab.windowId }).catch(asTab);
  else asTab();
}

function wish(wish: Wish): void {
  void leaveWish(chrome.storage.session, wish);
}

chrome.runtime.onInstalled.addListener(() => {
  chrome.contextMenus.removeAll(() => {
    const add = (id: string, title: string, contexts: [About, ...About[]]): void => {
      chrome.contextMenus.create({ id, title: chrome.i18n.getMessage(title), contexts });
    };
    add('ask', 'askAboutPage', ['page']);
    add('ask-selection', 'askAboutSelection', ['selection']);
    for (const question of QUESTIONS) add(question, question, ['page', 'selection']);
  });
});

chrome.contextMenus.onClicked.addListener(({ menuItemId, selectionText }, tab) => {
  openPanel(tab);
  if (tab?.id === undefined) return;
  const question: Question | null = QUESTIONS.find((known) => known === menuItemId) ?? null;
  const text = selectionText?.trim() ?? '';
  if (text !== '') wish({ kind: 'text', tab: tab.id, text, question });
  else wish({ kind: 'page', tab: tab.id, question });
});

// The click lets the extension read the tab until it shows another site.
chrome.action.onClicked.addListener((tab) => openPanel(tab));

chrome.commands.onCommand.addListener((command, tab) => {
  openPanel(tab);
  if (tab?.id === undefined) return;
  if (command === 'ask') wish({ kind: 'page', tab: tab.id, question: null });
  if (command === 'summarise') wish({ kind: 'page', tab: tab.id, question: 'summarise' });
});

chrome.omnibox.onInputEntered.addListener((text) => {
  wish({ kind: 'question', text });
  void chrome.tabs.query({ active: true, lastFocusedWindow: true }).then(([tab]) => openPanel(tab));
});
