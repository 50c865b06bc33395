import type { Prompt } from '../prompts/prompt';
import { LONGEST_ADDRESS } from '../page/address_length';
import { QUESTIONS, type Asked, type Place, type Wish } from './wishes';

/** What of a page an entry is about. */
type About = 'page' | 'selection' | 'link' | 'image';

/** An entry of the menu that the browser shows in a page. */
export interface MenuEntry {
  id: string;
  title?: string;
  type?: 'separator';
  contexts: [About, ...About[]];
}

/** What the browser tells of a click on an entry. */
type Click = Partial<Omit<chrome.contextMenus.OnClickData, 'menuItemId'>> & {
  menuItemId: number | string;
  /** What a link says, where the browser tells it. */
  linkText?: string;
};

const ANY: [About, ...About[]] = ['page', 'selection'];
/** The entry that asks for nothing, but shows what there is already. */
const RELATED = 'related';
/** The entries that keep the page, and what is selected in it. */
const SAVE = 'save';
const SAVE_SELECTION = 'save-selection';
/** What the ids of the entries of own prompts begin with. */
const OWN = 'prompt.';

/** The entries of the menu. `text` gives the words of the extension by their names. */
export function menuEntries(text: (name: string) => string, prompts: readonly Prompt[]): MenuEntry[] {
  return [
    { id: 'ask', title: text('askAboutPage'), contexts: ['page'] },
    { id: 'ask-selection', title: text('askAboutSelection'), contexts: ['selection'] },
    { id: 'ask-link', title: text('askAboutLink'), contexts: ['link'] },
    { id: 'ask-image', title: text('askAboutImage'), contexts: ['image'] },
    ...QUESTIONS.map((question) => ({ id: question, title: text(question), contexts: ANY })),
    { id: SAVE, title: text('savePage'), contexts: ['page'] },
    { id: SAVE_SELECTION, title: text('saveSelection'), contexts: ['selection'] },
    { id: RELATED, title: text('related'), contexts: ANY },
    ...(prompts.length > 0 ? [{ id: 'own', type: 'separator' as const, contexts: ANY }] : []),
    ...prompts.map(({ id, name }) => ({ id: OWN + id, title: literal(name), contexts: ANY })),
  ];
}

/** What a click on an entry asks the panel of the tab to do. */
export function wishOf(click: Click, tab: number): Wish {
  const { menuItemId, selectionText, frameId: frame = 0, linkUrl, linkText = '', srcUrl } = click;
  if (menuItemId === 'ask-link' && linkUrl !== undefined)
    return { kind: 'link', tab, frame, address: short(linkUrl), text: linkText };
  if (menuItemId === 'ask-image' && srcUrl !== undefined) return { kind: 'image', tab, frame, address: short(srcUrl) };
  const question = askedBy(String(menuItemId));
  const text = selectionText?.trim() ?? '';
  const place = placeOf(click);
  if (menuItemId === SAVE) return { kind: 'save', tab, text: null, ...place };
  if (menuItemId === SAVE_SELECTION) return { kind: 'save', tab, text, ...place };
  if (menuItemId === RELATED) return { kind: 'related', tab, text: text === '' ? null : text };
  return text === '' ? { kind: 'page', tab, question } : { kind: 'text', tab, text, question, ...place };
}

/** What keys that the manifest names ask the panel of the tab to do. */
export function wishOfCommand(command: string, tab: number): Wish {
  if (command === 'ask-selection') return { kind: 'selection', tab, question: null };
  return { kind: 'page', tab, question: command === 'summarise' ? 'summarise' : null };
}

/** Where the menu was opened, as the browser tells it. */
function placeOf({ pageUrl, frameId: frame = 0, frameUrl }: Click): { place?: Place } {
  if (pageUrl === undefined) return {};
  return { place: { page: short(pageUrl), frame, ...(frameUrl !== undefined && { frameAddress: short(frameUrl) }) } };
}

/** As much of an address as is compared. Of a picture that stands in it itself, it may have megabytes. */
function short(address: string): string {
  return address.slice(0, LONGEST_ADDRESS);
}

function askedBy(id: string): Asked | null {
  if (id.startsWith(OWN)) return { prompt: id.slice(OWN.length) };
  return QUESTIONS.find((known) => known === id) ?? null;
}

/** A title that stands in a menu as it was written: there, `&` marks a key, and `%s` is what is selected. */
function literal(name: string): string {
  return name.replaceAll('&', '&&').replaceAll('%s', '%\u2060s');
}
