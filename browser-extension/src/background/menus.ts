import type { Prompt } from '../prompts/prompt';
import { QUESTIONS, type Asked, type Wish } from './wishes';

/** What of a page an entry is about. */
type About = 'page' | 'selection';

/** An entry of the menu that the browser shows in a page. */
export interface MenuEntry {
  id: string;
  title?: string;
  type?: 'separator';
  contexts: [About, ...About[]];
}

/** What the browser tells of a click on an entry. */
type Click = Pick<chrome.contextMenus.OnClickData, 'menuItemId' | 'selectionText'>;

const ANY: [About, ...About[]] = ['page', 'selection'];
/** The entry that asks for nothing, but shows what there is already. */
const RELATED = 'related';
/** What the ids of the entries of own prompts begin with. */
const OWN = 'prompt.';

/** The entries of the menu. `text` gives the words of the extension by their names. */
export function menuEntries(text: (name: string) => string, prompts: readonly Prompt[]): MenuEntry[] {
  return [
    { id: 'ask', title: text('askAboutPage'), contexts: ['page'] },
    { id: 'ask-selection', title: text('askAboutSelection'), contexts: ['selection'] },
    ...QUESTIONS.map((question) => ({ id: question, title: text(question), contexts: ANY })),
    { id: RELATED, title: text('related'), contexts: ANY },
    ...(prompts.length > 0 ? [{ id: 'own', type: 'separator' as const, contexts: ANY }] : []),
    ...prompts.map(({ id, name }) => ({ id: OWN + id, title: literal(name), contexts: ANY })),
  ];
}

/** What a click on an entry asks the panel of the tab to do. */
export function wishOf({ menuItemId, selectionText }: Click, tab: number): Wish {
  const question = askedBy(String(menuItemId));
  const text = selectionText?.trim() ?? '';
  if (menuItemId === RELATED) return { kind: 'related', tab, text: text === '' ? null : text };
  return text === '' ? { kind: 'page', tab, question } : { kind: 'text', tab, text, question };
}

function askedBy(id: string): Asked | null {
  if (id.startsWith(OWN)) return { prompt: id.slice(OWN.length) };
  return QUESTIONS.find((known) => known === id) ?? null;
}

/** A title that stands in a menu as it was written: there, `&` marks a key, and `%s` is what is selected. */
function literal(name: string): string {
  return name.replaceAll('&', '&&').replaceAll('%s', '%\u2060s');
}
