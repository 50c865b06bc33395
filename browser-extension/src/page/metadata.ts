import { attributeOf, baseOf, elementsIn, textContentOf } from './dom_access';
import type { Metadata } from './types';
import { withoutUnseen } from './unseen_characters';

/** The most that is read of one value. */
const LONGEST = 500;
/** The most JSON-LD that is read, in characters, and in how many scripts. */
const MOST_STRUCTURED = 300_000;
const MOST_SCRIPTS = 50;
const MOST_META = 300;
const MOST_ENTRIES = 500;

/** The JSON-LD of a document as it is written, up to a bound. */
export function structuredIn(document: Document): string[] {
  const texts: string[] = [];
  let left = MOST_STRUCTURED;
  for (const script of elementsIn(document, 'script[type="application/ld+json" i]').slice(0, MOST_SCRIPTS)) {
    const text = textContentOf(script) ?? '';
    // One that is cut would not be JSON any more.
    if (text.length > left) continue;
    left -= text.length;
    texts.push(text);
  }
  return texts;
}

/** What a document says of itself in its head, and in its JSON-LD where the head is silent. */
export function metadataOf(document: Document, structured: string[]): Metadata {
  const said = saidIn(document);
  const entry = articleIn(structured);
  const first = (...names: string[]): string | null => names.map((name) => said.get(name)).find((it) => it) ?? null;
  const canonical = elementsIn(document, 'link[rel~="canonical" i]').map((link) => attributeOf(link, 'href'))[0];
  return {
    canonical: absolute(canonical ?? said.get('og:url'), baseOf(document)),
    description: first('description', 'og:description', 'twitter:description') ?? textIn(entry?.get('description')),
    author:
      first('author', 'article:author', 'parsely-author', 'dc.creator', 'citation_author') ??
      textIn(entry?.get('author') ?? entry?.get('creator')),
    published:
      first('article:published_time', 'date', 'dc.date', 'citation_publication_date', 'publish-date') ??
      textIn(entry?.get('datePublished')),
    siteName: first('og:site_name', 'application-name') ?? textIn(entry?.get('publisher')),
    kind: first('og:type') ?? textIn(entry?.get('@type')),
  };
}

/** The address seen from a page; null when it is none on the web. */
export function absolute(address: string | null | undefined, base: string): string | null {
  if (address === null || address === undefined || address.length > 4000) return null;
  try {
    const url = new URL(address, base);
    return /^(?:https?|mailto|tel|ftp):$/.test(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

function saidIn(document: Document): Map<string, string> {
  const said = new Map<string, string>();
  for (const meta of elementsIn(document, 'meta[content]').slice(0, MOST_META)) {
    const name = (attributeOf(meta, 'property') ?? attributeOf(meta, 'name'))?.trim().toLowerCase();
    const content = tidy(attributeOf(meta, 'content') ?? '');
    // An author who is told by an address is of no use to a reader.
    if (!name || content === '' || (name === 'article:author' && /^https?:/.test(content))) continue;
    if (!said.has(name)) said.set(name, content);
  }
  return said;
}

/** The entry that tells of the page: the first with an author or a date, and otherwise the first. */
function articleIn(structured: string[]): Map<string, unknown> | null {
  const entries = structured.flatMap(entriesIn).slice(0, MOST_ENTRIES);
  return entries.find((entry) => entry.has('author') || entry.has('datePublished')) ?? entries[0] ?? null;
}

function entriesIn(text: string): Map<string, unknown>[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return [];
  }
  return (Array.isArray(parsed) ? parsed : [parsed]).flatMap((value: unknown) => {
    const entry = mapOf(value);
    const graph = entry?.get('@graph');
    if (Array.isArray(graph)) return graph.flatMap((node: unknown) => mapOf(node) ?? []);
    return entry ?? [];
  });
}

/** The properties of an object by name, so that names of what every object has mean nothing. */
function mapOf(value: unknown): Map<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? new Map(Object.entries(value)) : null;
}

/** The text of a value, or the name of a thing; those of several joined. */
function textIn(value: unknown): string | null {
  if (typeof value === 'string') return tidy(value) || null;
  if (Array.isArray(value)) {
    const texts = value.slice(0, 10).flatMap((one: unknown) => (Array.isArray(one) ? [] : (textIn(one) ?? [])));
    return texts.length > 0 ? tidy(texts.join(', ')) : null;
  }
  const name = mapOf(value)?.get('name');
  return typeof name === 'string' ? tidy(name) || null : null;
}

function tidy(text: string): string {
  return withoutUnseen(text.slice(0, LONGEST)).replace(/\s+/g, ' ').trim();
}
