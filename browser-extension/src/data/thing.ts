/** A value of a property: a text, or a thing. */
export type Value = string | Thing;

/** A property with its values. */
export interface Property {
  name: string;
  values: Value[];
}

/** Something that a page describes for machines. People do not see all of it: it is data, and no text of the page. */
export interface Thing {
  /** Such as `Product`; types that are not of schema.org with their address. */
  types: string[];
  /** Its address, as the page writes it; null when it has none. */
  id: string | null;
  source: 'json-ld' | 'microdata' | 'rdfa';
  /** By names that are written once each. A list, as a page may choose any name. */
  properties: Property[];
}

const LONGEST = 2000;
const MOST_PROPERTIES = 100;
const MOST_VALUES = 100;

/** Adds values to a property of a thing, within bounds. */
export function addValues(thing: Thing, name: string, values: readonly Value[]): void {
  const key = shortName(name).slice(0, 200);
  if (key === '' || values.length === 0) return;
  let property = thing.properties.find((it) => it.name === key);
  if (!property) {
    if (thing.properties.length >= MOST_PROPERTIES) return;
    property = { name: key, values: [] };
    thing.properties.push(property);
  }
  const kept = values.map((value) => (typeof value === 'string' ? value.slice(0, LONGEST) : value));
  property.values.push(...kept.slice(0, MOST_VALUES - property.values.length));
}

/** A name without the address of schema.org. */
function shortName(name: string): string {
  return name.trim().replace(/^(?:https?:\/\/schema\.org\/|schema:)/, '');
}

/** Types that stand in one text. */
export function typesIn(text: string | undefined): string[] {
  return (text ?? '')
    .split(/\s+/)
    .map(shortName)
    .filter((type) => type !== '')
    .slice(0, 10);
}
