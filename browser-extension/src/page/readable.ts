import { Readability } from '@mozilla/readability';
import { cardsIn } from '../data/cards';
import { isAroundArticle, isFurniture } from './furniture';
import type { Skip } from './inline';
import { markdownOf } from './markdown';
import { MARK, parsed } from './parsed';
import { allIn, elementsOf, lineOf } from './tree';
import type { PageElement, Snapshot } from './types';

/** The text of a page, for people and models to read. */
export interface PageText {
  address: string;
  title: string;
  byline: string | null;
  siteName: string | null;
  published: string | null;
  language: string | null;
  direction: 'ltr' | 'rtl';
  /** The content as Markdown, in which nothing but the structure of the page is markup. */
  markdown: string;
  /** Whether it is an article, without what stands around it; otherwise all of the page that is content. */
  isArticle: boolean;
  /** Whether the page is larger than what was read. */
  isCut: boolean;
}

/** A text of fewer characters is no article. */
const SHORTEST_ARTICLE = 250;
/** The share of the page's content that an article has where the page does not say that it is one. */
const SHARE = 0.55;
const SHARE_OF_ARTICLE = 0.2;
/** Finding an article in more elements takes too long. */
const MOST_ELEMENTS = 60_000;
/** The share of a page's text from which on repeated parts are what the page is about. */
const LARGE = 0.4;
/** The share of a page's text from which on a form is what the page is about. */
const FORM = 0.25;
const ARTICLE = /article|news|blog|posting|report|story|recipe/i;

/** The text of a page: of its article where it is one, and otherwise of all that is its content. */
export function readable(snapshot: Snapshot): PageText {
  const { url, title, metadata, language, direction, isCut } = snapshot;
  const whole = markdownOf(contentOf(snapshot.root), skipIn(snapshot.root, isFurniture));
  const article = articleOf(snapshot, whole.length);
  return {
    address: addressOf(url, metadata.canonical),
    title: headlineIn(snapshot) ?? (article?.title || title),
    byline: metadata.author ?? article?.byline ?? null,
    siteName: metadata.siteName,
    published: metadata.published,
    language,
    direction,
    markdown: article?.markdown ?? (whole === '' ? markdownOf(snapshot.root) : whole),
    isArticle: article !== null,
    isCut,
  };
}

/** The address that a page prefers, if that is one of the same site: no page may speak for another. */
function addressOf(url: string, preferred: string | null): string {
  return preferred !== null && URL.canParse(url) && new URL(preferred).host === new URL(url).host ? preferred : url;
}

/** What is left out of a page, but nothing that holds most of it, whatever its names say. */
function skipIn(root: PageElement, isOut: Skip): Skip {
  const most = 0.5 * lineOf(root).length;
  return (element) => isOut(element) && (element.tag === 'nav' || lineOf(element).length < most);
}

/** The first heading where the page's title holds it, which often names the site besides; null where it does not. */
function headlineIn({ root, title }: Snapshot): string | null {
  const heading = allIn(root).find(({ tag }) => tag === 'h1');
  const line = heading ? lineOf(heading) : '';
  return line !== '' && title.includes(line) ? line : null;
}

interface Article {
  title: string;
  byline: string | null;
  markdown: string;
}

/** The article of a page; null when it has none, or several, or much content beside it. */
function articleOf({ root, title, language, metadata }: Snapshot, whole: number): Article | null {
  if (isSeries(root) || isForm(root)) return null;
  const [page, elements] = parsed(root, title, language);
  if (elements.length > MOST_ELEMENTS) return null;
  const found = foundIn(page);
  if (!found?.content) return null;
  const kept = new Set<PageElement>();
  for (const marked of found.content.querySelectorAll(`[${MARK}]`)) {
    const element = elements[Number(marked.getAttribute(MARK))];
    if (element) kept.add(element);
  }
  const body = withTitle(root, holderOf(root, kept));
  const skip = skipIn(root, isFurniture);
  const markdown = markdownOf(
    body,
    (element) => skip(element) || (isAroundArticle(element) && keptShare(element, kept) < 0.5),
  );
  const share = ARTICLE.test(metadata.kind ?? '') ? SHARE_OF_ARTICLE : SHARE;
  if (markdown.length < SHORTEST_ARTICLE || markdown.length < share * whole) return null;
  return { title: found.title ?? '', byline: found.byline ?? null, markdown };
}

/** What the library finds in a document; null when that is nothing, or it cannot cope with so odd a page. */
function foundIn(page: Document): ReturnType<Readability<Element>['parse']> {
  try {
    return new Readability<Element>(page, {
      charThreshold: SHORTEST_ARTICLE,
      keepClasses: true,
      disableJSONLD: true,
      serializer: (node) => node as Element,
    }).parse();
  } catch {
    return null;
  }
}

/** Whether a page is a series of posts or things, each of which is content. */
function isSeries(root: PageElement): boolean {
  const most = LARGE * lineOf(root).length;
  return allIn(root).some((parent) => {
    const posts = elementsOf(parent).filter(({ tag, attributes }) => {
      return tag === 'article' || attributes.role === 'article' || attributes.itemscope !== undefined;
    });
    return posts.filter((post) => lineOf(post).length > 60).length >= 3 || (isMany(parent) && isOfLinks(parent, most));
  });
}

/** Whether a page is there to be filled in, or holds all of itself in a form. */
function isForm(root: PageElement): boolean {
  const most = FORM * lineOf(root).length;
  return allIn(root).some((element) => element.tag === 'form' && lineOf(element).length > most);
}

function isMany(parent: PageElement): boolean {
  return parent.children.length >= 3 && parent.tag !== 'p' && parent.tag !== 'tr';
}

/** Whether the children of an element are repeated parts that lead elsewhere, and are much of the page. */
function isOfLinks(parent: PageElement, most: number): boolean {
  if (lineOf(parent).length < most) return false;
  const rows = cardsIn(parent, [], null)?.rows ?? [];
  return (
    rows.length > 0 && rows.filter((row) => row.some(({ address }) => address !== null)).length > 0.8 * rows.length
  );
}

/** The deepest element that holds nearly all of the text that was kept. */
function holderOf(root: PageElement, kept: ReadonlySet<PageElement>): PageElement {
  const amounts = new Map<PageElement, number>();
  const amountIn = (element: PageElement): number => {
    let amount = kept.has(element) ? ownText(element) : 0;
    for (const child of elementsOf(element)) amount += amountIn(child);
    amounts.set(element, amount);
    return amount;
  };
  const all = amountIn(root);
  let holder = root;
  for (;;) {
    const next = elementsOf(holder).find((child) => (amounts.get(child) ?? 0) >= 0.9 * all);
    if (!next || all === 0 || /^(?:p|table|ul|ol|blockquote|pre)$/.test(next.tag)) return holder;
    holder = next;
  }
}

/** An element, or what is around it if that has little besides, or the page's first heading and not much besides. */
function withTitle(root: PageElement, holder: PageElement): PageElement {
  const title = allIn(root).find(({ tag }) => tag === 'h1');
  const isTitled = (element: PageElement): boolean => title !== undefined && allIn(element).includes(title);
  const own = contentLength(holder);
  let around = holder;
  for (const element of pathTo(root, holder).reverse().slice(1)) {
    const length = contentLength(element);
    if (length >= 1.5 * own + 400) break;
    if (length < 1.2 * own + 200 || (isTitled(element) && !isTitled(around))) around = element;
  }
  if (title === undefined || isTitled(around)) return around;
  return { tag: 'div', attributes: {}, children: [title, around], isBlock: true };
}

/** The elements from a root to one in it. */
function pathTo(root: PageElement, wanted: PageElement): PageElement[] {
  if (root === wanted) return [root];
  for (const child of elementsOf(root)) {
    const path = pathTo(child, wanted);
    if (path.length > 0) return [root, ...path];
  }
  return [];
}

function contentLength(element: PageElement): number {
  return markdownOf(element, isAroundArticle).length;
}

function ownText({ children }: PageElement): number {
  return children.reduce((sum, child) => sum + (typeof child === 'string' ? child.trim().length : 0), 0);
}

/** How much of an element's text was kept, from 0 to 1. */
function keptShare(element: PageElement, kept: ReadonlySet<PageElement>): number {
  let [all, some] = [0, 0];
  for (const inner of allIn(element)) {
    const own = ownText(inner);
    all += own;
    if (kept.has(inner)) some += own;
  }
  return all === 0 ? 0 : some / all;
}

/** What a page marks as its main content, if that is most of it; otherwise all of it. */
function contentOf(root: PageElement): PageElement {
  const mains = allIn(root).filter(({ tag, attributes }) => tag === 'main' || attributes.role === 'main');
  const [main] = mains;
  if (!main || mains.length > 1) return root;
  const own = lineOf(main).length;
  return own > 200 && own > 0.5 * markdownOf(root, isFurniture).length ? main : root;
}
