// The knowledge graph as a person walks it: what is asked of it in SPARQL, and what the answers mean.
import type { GraphResult, Span } from '../../backend/types';
import { visibleName } from '../../components/visible';

/** What a node stands for. */
export type Kind = 'document' | 'section' | 'symbol' | 'person' | 'page' | 'tag' | 'name';

/** How a neighbour hangs together with the node in the middle, told from there. */
export type Relation =
  | 'links'
  | 'linked'
  | 'calls'
  | 'called'
  | 'author'
  | 'wrote'
  | 'contributor'
  | 'contributed'
  | 'tag'
  | 'tagged'
  | 'imports'
  | 'imported'
  | 'within'
  | 'holds'
  | 'in'
  | 'section'
  | 'definedIn'
  | 'defines'
  | 'web';

/** Something that the graph knows. */
export interface GraphNode {
  /** Its IRI; of a tag and of the name of something imported the text, after `tag:` or `name:`. */
  id: string;
  kind: Kind;
  name: string;
  /** The document that it is, or stands in. */
  document: number | null;
  /** Where it stands there. */
  span: Span | null;
  /** Of a document: its file. */
  path: string | null;
}

/** A node, and how it hangs together with the one in the middle. */
export interface Neighbour {
  relation: Relation;
  node: GraphNode;
}

/** So many neighbours are shown. One row more tells whether there are others. */
export const MOST = 400;
/** So many nodes are shown of those that were searched. A node may be found by its name and by its file. */
export const MOST_FOUND = 30;

/** What each relation is in the graph, in the order in which they are told; `$n` is the node in the middle. */
const PATTERNS: Record<Relation, string> = {
  links: '$n ambit:linksTo ?url . ?node schema:url ?url',
  linked: '$n schema:url ?url . ?node ambit:linksTo ?url',
  calls: '$n ambit:calls ?callee . ?node schema:name ?callee . ?node a ambit:Symbol',
  called: '$n a ambit:Symbol . $n schema:name ?own . ?node ambit:calls ?own',
  author: '$n schema:author ?node',
  wrote: '?node schema:author $n',
  contributor: '$n schema:contributor ?node',
  contributed: '?node schema:contributor $n',
  tag: '$n schema:keywords ?node',
  tagged: '?node schema:keywords $n',
  imports: '$n ambit:imports ?node',
  imported: '?node ambit:imports $n',
  within: '$n ambit:within ?node',
  holds: '?node ambit:within $n',
  in: '?node schema:hasPart $n',
  section: '$n schema:hasPart ?node',
  definedIn: '?node ambit:defines $n',
  defines: '$n ambit:defines ?node',
  web: '$n ambit:linksTo ?node . FILTER NOT EXISTS { ?document schema:url ?node }',
};

export const RELATIONS = Object.keys(PATTERNS) as Relation[];

/** What is known of each node of an answer. */
const DETAILS = ['schema:name ?name', 'ambit:path ?path', 'ambit:line ?line', 'ambit:page ?page']
  .map((known) => `OPTIONAL { ?node ${known} }`)
  .join(' ');

/** Which relations can hold of a node; the others are not asked for. */
function relationsOf(id: string): Relation[] {
  if (id.startsWith('tag:')) return ['tagged'];
  if (id.startsWith('name:')) return ['imported'];
  if (id.startsWith('urn:ambit:person:')) return ['wrote', 'contributed'];
  if (id.includes('#section-')) return ['in', 'within', 'holds'];
  if (id.includes('#symbol-')) return ['definedIn', 'calls', 'called'];
  if (id.startsWith('urn:ambit:document:')) {
    return ['links', 'linked', 'author', 'contributor', 'tag', 'imports', 'section', 'defines', 'web'];
  }
  return ['linked'];
}

/** What is asked for the neighbours of a node. */
export function neighboursQuery(id: string): string {
  const node = term(id);
  const isPage = !id.startsWith('urn:') && !id.startsWith('tag:') && !id.startsWith('name:');
  const parts = relationsOf(id).map((relation) => {
    const pattern = isPage ? '?node ambit:linksTo $n' : PATTERNS[relation];
    return `{ ${pattern.replaceAll('$n', () => node)} BIND("${relation}" AS ?relation) }`;
  });
  return `SELECT DISTINCT ?relation ?node ?name ?path ?line ?page WHERE { ${parts.join(' UNION ')} ${DETAILS} } LIMIT ${MOST + 1}`;
}

/** What is asked for a node itself. */
export function nodeQuery(id: string): string {
  return `SELECT ?node ?name ?path ?line ?page WHERE { VALUES ?node { ${term(id)} } ${DETAILS} } LIMIT 1`;
}

/** Where the name of a node stands: its own, its file's, or itself, of a tag and of what is imported. */
const NAMES = [
  '?node schema:name ?found',
  '?node ambit:path ?file . BIND(REPLACE(?file, "^.*[/\\\\\\\\]", "") AS ?found)',
  '?document schema:keywords ?node . BIND(STR(?node) AS ?found) BIND("tag" AS ?relation)',
  '?document ambit:imports ?node . FILTER(isLiteral(?node)) BIND(STR(?node) AS ?found) BIND("imports" AS ?relation)',
];

/** What is asked for nodes whose name has a text in it: those that are called so first, then those whose names begin so. */
export function searchQuery(words: string): string {
  const text = literal(words.toLowerCase());
  const names = NAMES.map((name) => `{ ${name} }`).join(' UNION ');
  const found = `{ ${names} BIND(LCASE(STR(?found)) AS ?small) FILTER(CONTAINS(?small, ${text})) }`;
  const order = `DESC(?small = ${text}) DESC(STRSTARTS(?small, ${text})) STRLEN(?small) ?small`;
  const shown = '?relation ?node ?name ?path ?line ?page ?small';
  return `SELECT DISTINCT ${shown} WHERE { ${found} ${DETAILS} } ORDER BY ${order} LIMIT ${2 * MOST_FOUND + 1}`;
}

/** What is asked for documents by their files; for any when none is named. */
export function documentsQuery(paths: string[]): string {
  const wanted = paths.length > 0 ? `VALUES ?path { ${paths.map(literal).join(' ')} }` : '';
  return `SELECT ?node ?name ?path WHERE { ${wanted} ?node ambit:path ?path . ?node schema:name ?name } LIMIT 30`;
}

/** Whether there are more rows than are shown. */
export function isCut({ rows, truncated }: GraphResult, most: number): boolean {
  return truncated || rows.length > most;
}

/** The nodes of an answer, each once. */
export function nodesOf(result: GraphResult): GraphNode[] {
  const nodes = rowsOf(result).map(nodeOf);
  return [...new Map(nodes.map((node) => [node.id, node])).values()];
}

/** The neighbours of an answer in the order in which they are told: by relation, then by place, then by name. */
export function neighboursOf(result: GraphResult): Neighbour[] {
  const found = rowsOf({ ...result, rows: result.rows.slice(0, MOST) }).map((row) => ({
    relation: row['relation'] as Relation,
    node: nodeOf(row),
  }));
  const each = [...new Map(found.map((it) => [`${it.relation} ${it.node.id}`, it])).values()];
  const rank = (it: Neighbour): number => RELATIONS.indexOf(it.relation);
  const place = (it: Neighbour): number => it.node.span?.start ?? 0;
  return each.sort(
    (a, b) =>
      rank(a) - rank(b) ||
      place(a) - place(b) ||
      a.node.name.localeCompare(b.node.name) ||
      (a.node.id < b.node.id ? -1 : 1),
  );
}

/** A row by its variables; a node that is a text gets an id by what it is. */
function rowsOf({ variables, rows }: GraphResult): Record<string, string>[] {
  return rows.map((row) => {
    const values: Record<string, string> = {};
    row.forEach((value, at) => {
      const variable = variables[at];
      if (value && variable) values[variable] = value.value;
      if (value?.type === 'literal' && variable === 'node') values['text'] = value.value;
    });
    if (values['text'] !== undefined) {
      values['node'] = `${values['relation'] === 'tag' ? 'tag' : 'name'}:${values['text']}`;
    }
    return values;
  });
}

function nodeOf(row: Record<string, string>): GraphNode {
  const id = row['node'] ?? '';
  const document = /^urn:ambit:document:(\d+)/.exec(id)?.[1];
  return {
    id,
    kind: kindOf(id),
    name: visibleName(row['text'] ?? row['name'] ?? textOf(id)),
    document: document === undefined ? null : Number(document),
    span: spanOf(row),
    path: row['path'] ?? null,
  };
}

function spanOf(row: Record<string, string>): Span | null {
  const [line, page] = [Number(row['line'] ?? NaN), Number(row['page'] ?? NaN)];
  if (Number.isFinite(line)) return { unit: 'lines', start: line, end: line };
  return Number.isFinite(page) ? { unit: 'pages', start: page, end: page } : null;
}

/** A node of which no more is known than its id. */
export function bareNode(id: string): GraphNode {
  return nodeOf({ node: id });
}

function kindOf(id: string): Kind {
  if (id.startsWith('tag:')) return 'tag';
  if (id.startsWith('name:')) return 'name';
  if (id.startsWith('urn:ambit:person:')) return 'person';
  if (id.includes('#section-')) return 'section';
  if (id.includes('#symbol-')) return 'symbol';
  return id.startsWith('urn:ambit:document:') ? 'document' : 'page';
}

/** What people read of an id that has no name. */
function textOf(id: string): string {
  if (id.startsWith('tag:')) return id.slice(4);
  if (id.startsWith('name:')) return id.slice(5);
  try {
    return decodeURIComponent(id.replace(/^(file:\/\/|https?:\/\/)/, ''));
  } catch {
    return id;
  }
}

/** A node as SPARQL writes it. What cannot stand in an IRI is escaped, so that no id can be more than a name. */
function term(id: string): string {
  if (id.startsWith('tag:')) return literal(id.slice(4));
  if (id.startsWith('name:')) return literal(id.slice(5));
  // eslint-disable-next-line no-control-regex
  return `<${id.replace(/[\u0000-\u0020<>"{}|\\^`]/g, (letter) => encodeURIComponent(letter))}>`;
}

function literal(text: string): string {
  return JSON.stringify(text);
}
