import { marked } from 'marked';
import { describe, expect, test } from 'vitest';
import type { Table } from './table';
import { toCsv, toJson, toMarkdown } from './written';

function table(columns: string[], ...rows: string[][]): Table {
  const cells = rows.map((row) => row.map((text) => ({ text, address: null })));
  return { kind: 'table', title: null, columns, rows: cells, path: [] };
}

describe('CSV', () => {
  test('quotes what has commas, quotes and line ends, and ends each line', () => {
    expect(toCsv(table(['a', 'b,c'], ['say "hi"', 'two\nlines'], ['', ' x ']))).toBe(
      'a,"b,c"\r\n"say ""hi""","two\nlines"\r\n, x \r\n',
    );
  });

  test.each(['=1+1', '+cmd', '-2+3', '@SUM(A1)', '\t=1', '  =1', '\r=1', '=HYPERLINK("https://evil.test")'])(
    '%j is no formula',
    (text) =>
      expect(
        toCsv(table(['a'], [text]))
          .split('\r\n', 2)[1]!
          .replace(/^"/, ''),
      ).toMatch(/^'/),
  );

  test.each(['-5', '+3.2 %', '12', 'a=b', '-1,200'])('%s stays as it is', (text) => {
    expect(toCsv(table(['a'], [text]))).not.toContain("'");
  });

  test('guards names of columns too', () => expect(toCsv(table(['=x'], ['1']))).toBe("'=x\r\n1\r\n"));

  test('has addresses in columns of their own', () => {
    const linked = table(['Name', 'Name address'], ['Oak', 'here']);
    linked.rows[0]![0] = { text: 'Oak', address: 'https://a.test/' };
    expect(toCsv(linked)).toBe('Name,Name address 2,Name address\r\nOak,https://a.test/,here\r\n');
  });
});

describe('JSON', () => {
  test('has an object for each row', () => {
    expect(JSON.parse(toJson(table(['a', 'b'], ['1', '"2"'], ['3', '\n'])))).toEqual([
      { a: '1', b: '"2"' },
      { a: '3', b: '\n' },
    ]);
    expect(toJson(table(['a']))).toBe('[]');
  });

  test('takes any name for a column', () => {
    const [row] = JSON.parse(toJson(table(['__proto__', 'b'], ['1', '2']))) as object[];
    expect(Object.entries(row!)).toEqual([
      ['__proto__', '1'],
      ['b', '2'],
    ]);
  });
});

test('Markdown is one table whatever is in it', () => {
  const hostile = ['a | b', '`x|y`', '**bold**', '<b>', '\\|', 'two\nlines'];
  const [token, ...rest] = marked.lexer(toMarkdown(table(['x', '|'], ...hostile.map((text) => [text, '1']))));
  expect(rest).toEqual([]);
  expect(token).toMatchObject({ type: 'table' });
  expect((token as { rows: unknown[] }).rows).toHaveLength(hostile.length);
});
