import { allIn, elementsOf, lineOf } from '../page/tree';
import type { PageElement, Snapshot } from '../page/types';
import { addValues, typesIn, type Thing, type Value } from './thing';

const MOST_THINGS = 500;
const DEEPEST = 10;
const MOST_ENTRIES = 1000;
/** How many elements are looked at, as things that refer to each other can be looked at again and again. */
const MOST_LOOKS = 500_000;

/** What a page describes for machines, in JSON-LD, microdata and RDFa Lite. What is malformed is left out. */
export function structuredData(snapshot: Snapshot): Thing[] {
  const marked = new MarkedThings(snapshot.root);
  return [...snapshot.structured.flatMap(linkedThings), ...marked.all()].slice(0, MOST_THINGS);
}

function linkedThings(text: string): Thing[] {
  try {
    return topThings(JSON.parse(text), 0);
  } catch {
    return [];
  }
}

function topThings(value: unknown, depth: number): Thing[] {
  if (depth > DEEPEST) return [];
  if (Array.isArray(value)) return value.slice(0, MOST_ENTRIES).flatMap((one: unknown) => topThings(one, depth + 1));
  const entry = entryOf(value);
  if (!entry) return [];
  const graph = entry.get('@graph');
  if (graph !== undefined) return topThings(graph, depth + 1);
  return [linkedThing(entry, depth)];
}

function linkedThing(entry: Map<string, unknown>, depth: number): Thing {
  const type = entry.get('@type');
  const types = (Array.isArray(type) ? type : [type]).flatMap((one: unknown) =>
    typeof one === 'string' ? typesIn(one) : [],
  );
  const id = entry.get('@id');
  const thing: Thing = { types, id: typeof id === 'string' ? id : null, source: 'json-ld', properties: [] };
  for (const [name, value] of entry) {
    if (!name.startsWith('@')) addValues(thing, name, linkedValues(value, depth + 1));
  }
  return thing;
}

function linkedValues(value: unknown, depth: number): Value[] {
  if (depth > DEEPEST) return [];
  if (typeof value === 'string') return [value];
  if (typeof value === 'number' || typeof value === 'boolean') return [String(value)];
  if (Array.isArray(value)) return value.slice(0, MOST_ENTRIES).flatMap((one: unknown) => linkedValues(one, depth + 1));
  const entry = entryOf(value);
  if (!entry) return [];
  // A value with its language or its type is that value.
  const plain = entry.get('@value');
  return plain === undefined ? [linkedThing(entry, depth)] : linkedValues(plain, depth + 1);
}

function entryOf(value: unknown): Map<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? new Map(Object.entries(value)) : null;
}

/** The things that are marked in a tree. */
class MarkedThings {
  private left = MOST_LOOKS;
  private readonly byName = new Map<string, PageElement>();

  constructor(private readonly root: PageElement) {
    for (const element of allIn(root)) {
      const { id } = element.attributes;
      if (id !== undefined && !this.byName.has(id)) this.byName.set(id, element);
    }
  }

  /** Those that are no values of others. */
  all(): Thing[] {
    const things: Thing[] = [];
    for (const element of allIn(this.root)) {
      const { itemscope, itemprop, typeof: type, property } = element.attributes;
      if (things.length >= MOST_THINGS) break;
      if (itemscope !== undefined && itemprop === undefined) things.push(this.item(element, 0));
      if (type !== undefined && property === undefined) things.push(this.resource(element, 0));
    }
    return things;
  }

  /** A thing in microdata. Elements that it refers to by their names belong to it as well. */
  private item(element: PageElement, depth: number): Thing {
    const { itemtype, itemid, itemref } = element.attributes;
    const thing: Thing = { types: typesIn(itemtype), id: itemid ?? null, source: 'microdata', properties: [] };
    const gather = (child: PageElement): void => {
      if (--this.left < 0) return;
      const { itemprop, itemscope } = child.attributes;
      if (itemprop !== undefined) {
        const value = itemscope !== undefined && depth < DEEPEST ? this.item(child, depth + 1) : valueOf(child);
        for (const name of itemprop.split(/\s+/)) addValues(thing, name, [value]);
      }
      if (itemscope === undefined) elementsOf(child).forEach(gather);
    };
    elementsOf(element).forEach(gather);
    for (const name of new Set((itemref ?? '').split(/\s+/))) {
      const referred = this.byName.get(name);
      if (referred && referred !== element) gather(referred);
    }
    return thing;
  }

  /** A thing in RDFa Lite. */
  private resource(element: PageElement, depth: number): Thing {
    const { typeof: type, resource } = element.attributes;
    const thing: Thing = { types: typesIn(type), id: resource ?? null, source: 'rdfa', properties: [] };
    const gather = (child: PageElement): void => {
      if (--this.left < 0) return;
      const { property, typeof: inner } = child.attributes;
      if (property !== undefined) {
        const value = inner !== undefined && depth < DEEPEST ? this.resource(child, depth + 1) : valueOf(child);
        for (const name of property.split(/\s+/)) addValues(thing, name, [value]);
      }
      if (inner === undefined) elementsOf(child).forEach(gather);
    };
    elementsOf(element).forEach(gather);
    return thing;
  }
}

function valueOf(element: PageElement): string {
  const { content, href, src, datetime, value, resource, alt } = element.attributes;
  return (
    content ??
    datetime ??
    href ??
    src ??
    (element.tag === 'data' ? value : undefined) ??
    (lineOf(element) || (resource ?? alt ?? ''))
  );
}
