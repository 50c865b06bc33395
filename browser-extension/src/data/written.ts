import { escaped } from '../page/escape';
import type { Table } from './table';

/**
 * A table as CSV by RFC 4180, with a column more for the addresses of each column that has links. A cell that begins
 * with `=`, `+`, `-`, `@`, a tab or a line's end, after spaces as well, gets an apostrophe before it, as spreadsheets
 * would calculate it otherwise: with that they show the text. Numbers such as -5 or +3.2 % stay as they are.
 */
export function toCsv(table: Table): string {
  return spread(table)
    .map((row) => row.map(field).join(','))
    .map((line) => `${line}\r\n`)
    .join('');
}

/** A table as JSON: a list of objects by the names of the columns, with one more value for the address of a link. */
export function toJson(table: Table): string {
  const [names = [], ...rows] = spread(table);
  const objects = rows.map((row) => {
    const values = names.map((name, column) => `${JSON.stringify(name)}: ${JSON.stringify(row[column] ?? '')}`);
    return `  { ${values.join(', ')} }`;
  });
  // Written by hand, as the name of a column may be one that objects understand otherwise.
  return objects.length === 0 ? '[]' : `[\n${objects.join(',\n')}\n]`;
}

/** A table as one of Markdown in the GitHub flavour, in which its texts are no markup. */
export function toMarkdown(table: Table): string {
  const [names = [], ...rows] = spread(table);
  const line = (cells: string[]): string =>
    `| ${cells.map((cell) => escaped(cell.replace(/\s+/g, ' '))).join(' | ')} |`;
  return [line(names), `| ${names.map(() => '---').join(' | ')} |`, ...rows.map(line)].join('\n');
}

/** Names and rows as texts, with the addresses of links in columns of their own. */
function spread({ columns, rows }: Table): string[][] {
  const linked = columns.map((_, column) => rows.some((row) => row[column]?.address));
  const taken = new Set(columns);
  const names = columns.flatMap((name, column) =>
    linked[column] ? [name, freeName(`${name} address`, taken)] : [name],
  );
  return [
    names,
    ...rows.map((row) =>
      columns.flatMap((_, column) => {
        const { text = '', address = null } = row[column] ?? {};
        return linked[column] ? [text, address ?? ''] : [text];
      }),
    ),
  ];
}

function freeName(name: string, taken: Set<string>): string {
  let own = name;
  for (let count = 2; taken.has(own); count++) own = `${name} ${count}`;
  taken.add(own);
  return own;
}

const FORMULA = /^\s*[=+\-@\t\r\n]/;
const PLAIN_NUMBER = /^[-+]\d[\d.,\s]*%?$/;

function field(text: string): string {
  const safe = (FORMULA.test(text) || /^[\t\r\n]/.test(text)) && !PLAIN_NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
