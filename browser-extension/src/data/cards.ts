import { elementsOf, lineOf } from '../page/tree';
import type { PageElement } from '../page/types';
import { addressIn, distinct, EMPTY, type Cell, type Table } from './table';

/** So many parts of the same shape are a list of things. */
const LEAST_CARDS = 3;
/** The share of two parts' fields that has to be the same. */
const LIKENESS = 0.5;
/** A field that fewer of the parts have is left out. */
const LEAST_SHARE = 0.25;
const MOST_FIELDS = 40;
const MOST_CARDS = 2000;

/** A value in a part, and where it stands in it. */
interface Field {
  key: string;
  name: string;
  cell: Cell;
}

/** Children of an element that have the same shape, as rows; null when there are too few, or they have one field only. */
export function cardsIn(parent: PageElement, path: number[], title: string | null): Table | null {
  const children = elementsOf(parent).filter((child) => lineOf(child) !== '');
  if (children.length < LEAST_CARDS) return null;
  const [first, second] = children;
  // The first may be a title or a part of another kind.
  for (const example of [first, second]) {
    const cards = example ? alike(example, children) : [];
    if (cards.length < LEAST_CARDS || cards.length < 0.6 * children.length) continue;
    const table = tableOf(cards, path, title);
    if (table && table.columns.length > 1) return table;
  }
  return null;
}

/**
 * The parts in the parent of an example that have its shape, as rows; null when there is no other. Where such parts stand in several
 * parents of one shape, as in rows of a few each, those in all of them: `around` holds the parents.
 */
export function cardsLike(
  example: PageElement,
  parent: PageElement,
  around: PageElement | null,
  path: number[],
): Table | null {
  const own = alike(example, elementsOf(parent));
  if (own.length < 2) return null;
  const parents = around
    ? elementsOf(around).filter((one) => one.tag === parent.tag && wordIn(one) === wordIn(parent))
    : [];
  const all = parents.length < 2 ? own : alike(example, parents.flatMap(elementsOf));
  return tableOf(all.length > own.length ? all : own, path, null);
}

function alike(example: PageElement, among: PageElement[]): PageElement[] {
  const wanted = new Set(fieldsOf(example).map(({ key }) => key));
  return among.slice(0, MOST_CARDS).filter((other) => {
    if (other.tag !== example.tag) return false;
    const keys = new Set(fieldsOf(other).map(({ key }) => key));
    const both = [...keys].filter((key) => wanted.has(key)).length;
    return wanted.size > 0 && both / (wanted.size + keys.size - both) >= LIKENESS;
  });
}

function tableOf(cards: PageElement[], path: number[], title: string | null): Table | null {
  const columns = new Map<string, { name: string; count: number }>();
  const rows = cards.map((card) => {
    const row = new Map<string, Cell>();
    for (const { key, name, cell } of fieldsOf(card)) {
      row.set(key, cell);
      const column = columns.get(key);
      if (column) column.count++;
      else columns.set(key, { name, count: 1 });
    }
    return row;
  });
  const kept = [...columns].filter(([, { count }]) => count >= LEAST_SHARE * cards.length).slice(0, MOST_FIELDS);
  if (kept.length === 0) return null;
  return {
    kind: 'cards',
    title,
    columns: distinct(kept.map(([, { name }]) => name)),
    rows: rows.map((row) => kept.map(([key]) => row.get(key) ?? EMPTY)),
    path,
  };
}

/** The values in a part: each element with text of its own, and each picture with a text. */
function fieldsOf(card: PageElement): Field[] {
  const fields: Field[] = [];
  const counts = new Map<string, number>();
  const visit = (element: PageElement, trail: string, name: string, around: string | null): void => {
    if (fields.length >= MOST_FIELDS || element.tag === 'button') return;
    const step = `${trail}/${element.tag}.${wordIn(element)}`;
    const own = nameIn(element) || (/^h[1-6]$/.test(element.tag) ? usualName(element.tag) : name);
    const address = element.tag === 'a' ? (element.attributes.href ?? around) : around;
    const isValue =
      element.tag === 'img' || element.children.some((child) => typeof child === 'string' && child.trim() !== '');
    if (!isValue) {
      elementsOf(element).forEach((child) => visit(child, step, own, address));
      return;
    }
    const text = lineOf(element) || (element.attributes.alt ?? '');
    if (text === '') return;
    const count = (counts.get(step) ?? 0) + 1;
    counts.set(step, count);
    fields.push({
      key: `${step}#${count}`,
      name: own || usualName(element.tag),
      cell: { text, address: addressIn(element) ?? address },
    });
  };
  visit({ ...card, attributes: withoutName(card) }, '', '', null);
  return fields;
}

/** The attributes of a part itself, which say what the part is and not what a field in it is. */
function withoutName({ attributes: { href } }: PageElement): PageElement['attributes'] {
  return href === undefined ? {} : { href };
}

/** The first class of an element, without what only tells one part from another. */
function wordIn({ attributes }: PageElement): string {
  const [word = ''] = (attributes.itemprop ?? attributes.class ?? '').trim().split(/\s+/);
  return word.replace(/\d+/g, '');
}

/** What an element calls its value; empty when it does not. */
function nameIn(element: PageElement): string {
  const word = wordIn(element).split('__').at(-1) ?? '';
  const parts = word.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  const name = parts.split(/[\s_-]+/).filter((part) => /^[\p{L}]{2,}$/u.test(part));
  return name.length === 0 ? '' : capital(name.slice(-2).join(' '));
}

function usualName(tag: string): string {
  if (/^h[1-6]$/.test(tag)) return 'Title';
  return { a: 'Link', img: 'Image', time: 'Time', p: 'Text' }[tag] ?? 'Text';
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
