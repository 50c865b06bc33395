import type { Host } from '../../../ui/src/backend/host';
import type { FoundTurn, Hit, SavedPage } from '../../../ui/src/backend/types';
import { changeBetween, type Change, type SavedPassage } from './change';

const MOST_FILES = 8;
const MOST_ANSWERS = 6;
const MOST_PAGES = 8;
/** How many passages are asked for: several may be of one file, or of the page itself. */
const ASKED = 30;
/** How much of the best passage's worth another one needs to be shown, and how much any needs. */
const SHARE = 0.4;
const LEAST = 0.2;

/** A passage of a file that speaks of a page's subject. */
export interface Related {
  hit: Hit;
  /** The page that the file was saved from; null where it is another file. */
  page: SavedPage | null;
}

/** What is saved of a page's address, and of its site. */
export interface SavedOf {
  /** Of this address: the page, and what was selected in it; the last saved first. */
  page: SavedPage[];
  /** Other pages of its site, the last saved first; at most 8 of them. */
  site: SavedPage[];
  /** How many those are. */
  siteCount: number;
}

/** Sorts saved pages by what they are to an address. */
export function savedOf(pages: readonly SavedPage[], url: string): SavedOf {
  const { host } = new URL(url);
  const page = pages.filter((one) => withoutFragment(one.url) === withoutFragment(url));
  const site = pages.filter((one) => !page.includes(one) && URL.parse(one.url)?.host === host);
  return { page, site: site.slice(0, MOST_PAGES), siteCount: site.length };
}

/**
 * The passages of files that speak of what was asked, the best of each file, without what was saved of the page itself.
 * @throws what the host says
 */
export async function passagesOn(
  host: Host,
  query: string,
  pages: readonly SavedPage[],
  own: readonly SavedPage[],
  signal: AbortSignal,
): Promise<Related[]> {
  if (query === '') return [];
  const { passages, relevance } = await host.post('/v1/search', { body: { query, limit: ASKED }, signal });
  if (relevance !== 'relevant') return [];
  const least = Math.max(LEAST, SHARE * (passages[0]?.scores.rerank ?? 0));
  const seen = new Set<number>();
  return passages
    .filter(({ path, document, scores }) => {
      const isShown = scores.rerank >= least && !seen.has(document) && !own.some((page) => page.path === path);
      seen.add(document);
      return isShown;
    })
    .slice(0, MOST_FILES)
    .map((hit) => ({ hit, page: pages.find(({ path }) => path === hit.path) ?? null }));
}

/**
 * Answers that hold all words of one of these sets, those first that hold the most of them.
 * @throws what the host says
 */
export async function answersWith(host: Host, sets: readonly string[][], signal: AbortSignal): Promise<FoundTurn[]> {
  const found = await Promise.all(
    sets.map((words) =>
      host.get('/v1/sessions/search', { query: { query: words.join(' '), limit: MOST_ANSWERS }, signal }),
    ),
  );
  const counts = new Map<string, { turn: FoundTurn; count: number }>();
  for (const turn of found.flatMap(({ turns }) => turns)) {
    const known = counts.get(turn.session);
    if (known) known.count++;
    else counts.set(turn.session, { turn, count: 1 });
  }
  return [...counts.values()]
    .sort((one, other) => other.count - one.count || other.turn.asked_at - one.turn.asked_at)
    .slice(0, MOST_ANSWERS)
    .map(({ turn }) => turn);
}

/**
 * How a page differs from what was saved of it; null when it does not, undefined when that cannot be told, as the host has not
 * read it yet. `now` gives what would be saved of the page now, where this was saved of it.
 * @throws what the host says
 */
export async function changeSince(
  host: Host,
  saved: SavedPage,
  now: (saved: readonly SavedPassage[]) => string,
  signal: AbortSignal,
): Promise<Change | null | undefined> {
  const { documents } = await host.get('/v1/documents', { query: { path: saved.path }, signal });
  const [document] = documents;
  if (document === undefined) return undefined;
  const { passages } = await host.get('/v1/documents/{id}', { path: { id: document.id }, signal });
  if (passages.length === 0) return undefined;
  return changeBetween(now(passages), passages);
}

function withoutFragment(url: string): string {
  return url.split('#')[0] ?? url;
}
