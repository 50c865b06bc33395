/** Where in a page a person opened the menu: the address of the page, and the frame with its own, where it is in one. */
export interface Place {
  page: string;
  frame: number;
  frameAddress?: string;
}

/** What a person chose in a menu, by keys or in the address bar, for the panel of their window to do. */
export type Wish =
  /** Ask about the page of a tab, with a question, or one that is still to be typed. */
  | { kind: 'page'; tab: number; question: Asked | null }
  /** Ask about a text of the page of a tab. */
  | { kind: 'text'; tab: number; text: string; question: Asked | null; place?: Place }
  /** Show what there is already on the page of a tab, or on a text of it. */
  | { kind: 'related'; tab: number; text: string | null }
  /** Keep the page of a tab, or a text of it. */
  | { kind: 'save'; tab: number; text: string | null; place?: Place }
  /** Ask about what is selected in the page of a tab. */
  | { kind: 'selection'; tab: number; question: Asked | null }
  /** Ask about a link, by where it leads and, where the browser tells it, what it says. */
  | { kind: 'link'; tab: number; frame: number; address: string; text: string }
  /** Ask about a picture, by its address. */
  | { kind: 'image'; tab: number; frame: number; address: string }
  /** A question about nothing in particular; it is put where one types. */
  | { kind: 'question'; text: string };

/** Questions that are put with a click. */
export type Question = 'explain' | 'summarise' | 'translate' | 'simplify';

/** What is asked with a click: one of these questions, or a prompt of the person's own by its id. */
export type Asked = Question | { prompt: string };

export const QUESTIONS: readonly Question[] = ['explain', 'summarise', 'translate', 'simplify'];

const KEY = 'wish.';

/** The parts that wishes have. */
type Part = 'kind' | 'tab' | 'frame' | 'text' | 'address' | 'question' | 'place';

/** The part of the browser's storage that wishes pass through. It is in memory, and only the extension's own pages see it. */
export interface WishStore {
  get(key: string): Promise<Record<string, unknown>>;
  set(items: Record<string, unknown>): Promise<void>;
  remove(key: string): Promise<void>;
}

/** Leaves a wish for the panel of a window, which may still have to be opened. */
export async function leaveWish(store: WishStore, window: number, wish: Wish): Promise<void> {
  await store.set({ [KEY + window]: wish });
}

/**
 * Takes the wish that was left last for the panel of a window; null when there is none. A panel that stays with a tab leaves what is
 * about others.
 */
export async function takeWish(store: WishStore, window: number, stays: number | null = null): Promise<Wish | null> {
  const key = KEY + window;
  const left = (await store.get(key))[key];
  if (left === undefined) return null;
  const wish = wishIn(left);
  if (stays !== null && wish !== null && wish.kind !== 'question' && wish.tab !== stays) return null;
  await store.remove(key);
  return wish;
}

function wishIn(left: unknown): Wish | null {
  const { kind, tab, frame, text, address, question, place } = (left ?? {}) as Partial<Record<Part, unknown>>;
  if (kind === 'question' && typeof text === 'string') return { kind, text };
  if (typeof tab !== 'number') return null;
  if (kind === 'page' || kind === 'selection') return { kind, tab, question: askedIn(question) };
  if (kind === 'related') return { kind, tab, text: typeof text === 'string' ? text : null };
  if (kind === 'save') return { kind, tab, text: typeof text === 'string' ? text : null, ...placeIn(place) };
  if (kind === 'text' && typeof text === 'string')
    return { kind, tab, text, question: askedIn(question), ...placeIn(place) };
  if (typeof frame !== 'number' || typeof address !== 'string') return null;
  if (kind === 'link' && typeof text === 'string') return { kind, tab, frame, address, text };
  return kind === 'image' ? { kind, tab, frame, address } : null;
}

function placeIn(left: unknown): { place?: Place } {
  const { page, frame, frameAddress } = (left ?? {}) as Partial<Record<keyof Place, unknown>>;
  if (typeof page !== 'string' || typeof frame !== 'number') return {};
  return { place: { page, frame, ...(typeof frameAddress === 'string' && { frameAddress }) } };
}

function askedIn(left: unknown): Asked | null {
  const { prompt } = (left ?? {}) as { prompt?: unknown };
  return typeof prompt === 'string' ? { prompt } : (QUESTIONS.find((known) => known === left) ?? null);
}
