import { escaped } from '../page/escape';
import type { PlainThing } from './plain_things';
import { distinct, type Cell, type Table } from './table';
import type { Thing, Value } from './thing';

/** Fewer things of a type are told one by one. */
const LEAST_OF_TYPE = 3;
const MOST_COLUMNS = 60;
const MOST_FACTS = 300;
const LONGEST_FACT = 300;
const LONGEST_SECTION = 20_000;

/** The things of each type of which there are at least three, as a table each with a column for each property. */
export function tablesOfThings(things: readonly PlainThing[]): Table[] {
  return [...byType(things)].flatMap(([type, alike]) => (alike.length < LEAST_OF_TYPE ? [] : [tableOf(type, alike)]));
}

/** Things that are in none of these tables. */
export function singleThings(things: readonly PlainThing[]): PlainThing[] {
  const types = byType(things);
  return things.filter(({ type }) => (types.get(type)?.length ?? 0) < LEAST_OF_TYPE);
}

/** The properties of a thing as a table with a row for each. */
export function tableOfThing({ type, name, properties }: PlainThing, columns: [string, string]): Table {
  const rows = properties.map(({ name: key, value }) => [cell(key), cell(value)]);
  return { kind: 'definitions', title: name || type, columns, rows, path: [] };
}

/** Things as JSON, with what is in them, as JSON-LD writes it. */
export function thingsToJson(things: readonly Thing[]): string {
  return `[${things.map((thing) => jsonOf(thing)).join(',')}\n]`;
}

/** The properties of things as a list of Markdown each, below what they are. Their texts are no markup. */
export function thingsToMarkdown(things: readonly PlainThing[], longest = Infinity): string {
  return things
    .map(({ type, name, properties }) => {
      const head = name === '' ? readableName(type) : `${readableName(type)}: ${name}`;
      const lines = properties.map(({ name: key, value }) => {
        const signs = Array.from(value);
        const told = signs.length > longest ? `${signs.slice(0, longest - 1).join('')}…` : value;
        return `- ${escaped(readableName(key))}: ${escaped(told)}`;
      });
      return [`**${escaped(head)}**`, lines.join('\n')].join('\n\n');
    })
    .join('\n\n');
}

/**
 * What a page says of things as the last section of its text, below a heading; empty when it says nothing. Long texts are cut, as they
 * are the text of the page once more, and no facts.
 */
export function factsSection(things: readonly PlainThing[], heading: string): string {
  let left = MOST_FACTS;
  const told: PlainThing[] = [];
  for (const thing of things) {
    if (left <= 0) break;
    const properties = thing.properties
      .filter(({ name }) => !/^(?:articleBody|reviewBody|text)$/.test(name))
      .slice(0, left);
    left -= properties.length;
    if (properties.length > 0) told.push({ ...thing, properties });
  }
  const parts: string[] = [];
  let length = 0;
  for (const thing of told) {
    const part = thingsToMarkdown([thing], LONGEST_FACT);
    length += part.length;
    if (length > LONGEST_SECTION) break;
    parts.push(part);
  }
  return parts.length === 0 ? '' : `## ${escaped(heading)}\n\n${parts.join('\n\n')}`;
}

/** The text of a page with what it states of things as its last section; without it where it states nothing, or no heading is given. */
export function withFacts(markdown: string, things: readonly PlainThing[], heading: string | null): string {
  const section = heading === null ? '' : factsSection(things, heading);
  return section === '' ? markdown : `${markdown}\n\n${section}`;
}

/** How many facts that section holds. */
export function countFacts(things: readonly PlainThing[]): number {
  return factsSection(things, 'x').match(/^- /gm)?.length ?? 0;
}

/** A name of JSON-LD as words: `offers.priceCurrency` is `Offers – price currency`. */
export function readableName(name: string): string {
  const words = name
    .split('.')
    .map((part) =>
      part.replace(/([\p{Ll}\d])(\p{Lu})/gu, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`),
    )
    .join(' – ')
    .replace(/_+/g, ' ')
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function byType(things: readonly PlainThing[]): Map<string, PlainThing[]> {
  const types = new Map<string, PlainThing[]>();
  for (const thing of things) {
    const alike = types.get(thing.type);
    if (alike) alike.push(thing);
    else types.set(thing.type, [thing]);
  }
  return types;
}

function tableOf(type: string, things: readonly PlainThing[]): Table {
  const keys = [...new Set(things.flatMap(({ properties }) => properties.map(({ name }) => name)))].slice(
    0,
    MOST_COLUMNS,
  );
  const rows = things.map(({ properties }) => {
    const values = new Map(properties.map(({ name, value }) => [name, value]));
    return keys.map((key) => cell(values.get(key) ?? ''));
  });
  return { kind: 'cards', title: readableName(type), columns: distinct(keys.map(readableName)), rows, path: [] };
}

function cell(text: string): Cell {
  return { text, address: /^https?:\/\/\S+$/.test(text) ? text : null };
}

/** Written by hand, as a property may have a name that objects understand otherwise. */
function jsonOf({ types, id, properties }: Thing, indent = '\n  '): string {
  const inner = `${indent}  `;
  const entries: string[] = [];
  if (types.length > 0) entries.push(`"@type": ${JSON.stringify(types.length === 1 ? types[0] : types)}`);
  if (id !== null) entries.push(`"@id": ${JSON.stringify(id)}`);
  const valueOf = (value: Value): string =>
    typeof value === 'string' ? JSON.stringify(value) : jsonOf(value, inner).trim();
  for (const { name, values } of properties) {
    const [first, ...rest] = values;
    if (first === undefined) continue;
    const written = rest.length === 0 ? valueOf(first) : `[${values.map(valueOf).join(', ')}]`;
    entries.push(`${JSON.stringify(name)}: ${written}`);
  }
  return `${indent}{${entries.map((entry) => inner + entry).join(',')}${indent}}`;
}
