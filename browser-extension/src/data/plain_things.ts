import { withoutUnseen } from '../page/unseen_characters';
import type { Thing, Value } from './thing';

/** Something that a page describes, without others in it: as JSON it can be handed on. */
export interface PlainThing {
  /** Such as `Product`; the first of its types. */
  type: string;
  /** What it is called; empty when it is not. */
  name: string;
  /** In the order of the page; a name with a point is of a thing in it: `offers.price`. No two have the same name. */
  properties: { name: string; value: string }[];
}

const MOST_THINGS = 50;
const MOST_PROPERTIES = 30;
const LONGEST_VALUE = 1000;
const LONGEST_NAME = 100;
const DEEPEST = 3;
/** How many values of a property are told. */
const MOST_VALUES = 30;

/** What describes pages and sites, and nothing that is in them. */
const OF_PAGES = new Set(
  (
    'BreadcrumbList WebSite WebPage AboutPage CollectionPage ContactPage ItemPage ProfilePage SearchResultsPage SearchAction ReadAction ' +
    'SiteNavigationElement WPHeader WPFooter WPSideBar WPAdBlock ImageObject'
  ).split(' '),
);
/** What calls a thing by its name, the surest first. */
const NAMES = ['name', 'headline', 'title', 'legalName', 'alternateName'];

/** At most 50 things, each with at most 30 properties of plain text. What describes the page and not what it is about is left out. */
export function thingsOf(things: readonly Thing[]): PlainThing[] {
  return plainThings(things).map(([, plain]) => plain);
}

/** The same, each with what it was made of. */
export function plainThings(things: readonly Thing[]): [Thing, PlainThing][] {
  const named = new Map<string, string>();
  for (const thing of things) {
    const name = nameOf(thing);
    if (thing.id !== null && name !== '' && !named.has(thing.id)) named.set(thing.id, name);
  }
  return things
    .filter(({ types }) => types.length === 0 || !types.every((type) => OF_PAGES.has(type)))
    .map((thing): [Thing, PlainThing] => [thing, plainThing(thing, named)])
    .filter(([, { properties }]) => properties.length > 0)
    .slice(0, MOST_THINGS);
}

/** A thing with what is in it as properties of its own. `named` are the names of things by their ids. */
function plainThing(thing: Thing, named: ReadonlyMap<string, string>): PlainThing {
  const name = nameOf(thing);
  const own: [string, string][] = [];
  const inner: [string, string][] = [];
  const gather = (from: Thing, way: string, depth: number): void => {
    for (const property of from.properties) {
      const key = tidy(property.name, LONGEST_NAME);
      if (key === '' || (depth > 0 && NAMES[0] === key)) continue;
      const values = property.values.slice(0, MOST_VALUES);
      const value = joined(values.map((one) => shortValue(one, named)));
      if (value !== '') (depth === 0 ? own : inner).push([way + key, value]);
      if (depth >= DEEPEST) continue;
      for (const one of values) if (typeof one !== 'string') gather(one, `${way}${key}.`, depth + 1);
    }
  };
  gather(thing, '', 0);
  // What it says of itself comes first, as there may be no room for all.
  const properties = new Map<string, string>();
  for (const [key, value] of [...own, ...inner]) {
    const before = properties.get(key);
    if (before === undefined && properties.size >= MOST_PROPERTIES) continue;
    properties.set(key, before === undefined ? value : joined([before, value]));
  }
  return {
    type: tidy(thing.types[0] ?? 'Thing', LONGEST_NAME) || 'Thing',
    name,
    properties: [...properties].map(([key, value]) => ({ name: key, value })),
  };
}

/** A value in short: a text, or what a thing is called. */
function shortValue(value: Value, named: ReadonlyMap<string, string>): string {
  if (typeof value === 'string') return plainText(value);
  const name = nameOf(value);
  if (name !== '') return name;
  // What is only referred to is told by what it is called where it is described.
  if (value.properties.length > 0 || value.id === null) return '';
  return named.get(value.id) ?? (/^https?:\/\//.test(value.id) ? tidy(value.id, LONGEST_VALUE) : '');
}

function nameOf({ properties }: Thing): string {
  for (const wanted of NAMES) {
    const value = properties.find(({ name }) => name === wanted)?.values[0];
    const name = typeof value === 'string' ? tidy(plainText(value), 200) : '';
    if (name !== '') return name;
  }
  return '';
}

const ENTITIES = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', ' '],
]);

/** A text of JSON-LD, which may be markup, as what is said in it. */
function plainText(text: string): string {
  const said = text
    .replace(/<(script|style|template)\b[^]*?(?:<\/\1\s*>|$)/gi, ' ')
    .replace(/<!--[^]*?(?:-->|$)/g, ' ')
    .replace(/<\/?(?:a|abbr|b|code|em|i|mark|small|span|strong|sub|sup|u)\b[^<>]*>/gi, '')
    .replace(/<\/?[a-z][^<>]*>/gi, ' ')
    .replace(
      /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,6}));/gi,
      (entity, decimal, hexadecimal, name: string | undefined) => {
        if (name !== undefined) return ENTITIES.get(name.toLowerCase()) ?? entity;
        const code = decimal ? Number(decimal) : Number.parseInt(String(hexadecimal), 16);
        return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
      },
    );
  return tidy(said, LONGEST_VALUE);
}

/** A text on one line, without what nobody sees. */
function tidy(text: string, longest: number): string {
  const line = withoutUnseen(text).toWellFormed().replace(/\s+/g, ' ').trim();
  const signs = Array.from(line.slice(0, 2 * longest));
  return signs.length > longest ? `${signs.slice(0, longest - 1).join('')}…` : line;
}

function joined(values: string[]): string {
  return tidy([...new Set(values.filter((value) => value !== ''))].join('; '), LONGEST_VALUE);
}
