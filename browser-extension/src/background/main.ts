import { leaveWish, QUESTIONS, type Question, type Wish } from './wishes';

/** What of a page a menu entry is about. */
type About = 'page' | 'selection';

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

chrome.runtime.onInstalled.addListener(() => {
  chrome.contextMenus.removeAll(() => {
    const add = (id: string, title: string, contexts: [About, ...About[]]): void => {
      chrome.contextMenus.create({ id, title: chrome.i18n.getMessage(title), contexts });
    };
    add('ask', 'askAboutPage', ['page']);
    add('ask-selection', 'askAboutSelection', ['selection']);
    for (const question of QUESTIONS) add(question, question, ['page', 'selection']);
    add('related', 'related', ['page', 'selection']);
  });
});

chrome.contextMenus.onClicked.addListener(({ menuItemId, selectionText }, tab) => {
  if (tab?.id === undefined) return openPanel(tab);
  const question: Question | null = QUESTIONS.find((known) => known === menuItemId) ?? null;
  const text = selectionText?.trim() ?? '';
  if (menuItemId === 'related') wish(tab, { kind: 'related', tab: tab.id, text: text === '' ? null : text });
  else if (text !== '') wish(tab, { kind: 'text', tab: tab.id, text, question });
  else wish(tab, { kind: 'page', tab: tab.id, question });
});

// The click lets the extension read the tab until it shows another site.
chrome.action.onClicked.addListener((tab) => openPanel(tab));

chrome.commands.onCommand.addListener((command, tab) => {
  if (tab?.id === undefined) return wish(tab, null);
  if (command === 'related') return wish(tab, { kind: 'related', tab: tab.id, text: null });
  wish(tab, { kind: 'page', tab: tab.id, question: command === 'summarise' ? 'summarise' : null });
});

// Which tab is in front can only be asked for, and after an answer it is no gesture any more: so it is asked for before.
let inFront: chrome.tabs.Tab | undefined;
chrome.omnibox.onInputStarted.addListener(() => {
  void chrome.tabs.query({ active: true, lastFocusedWindow: true }).then(([tab]) => (inFront = tab));
});
chrome.omnibox.onInputEntered.addListener((text) => wish(inFront, { kind: 'question', text }));
