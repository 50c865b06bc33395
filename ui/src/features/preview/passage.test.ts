import { expect, test } from 'vitest';
import { piecesOf } from './passage';

test('the tables of a passage are found', () => {
  const passage =
    'What is kept\n\nwhat | kept for\nphotos | 90 days\nconfiguration |\n\nMount the newest.\n\nBut it goes on.';
  expect(piecesOf(passage)).toEqual([
    { kind: 'text', text: 'What is kept' },
    {
      kind: 'table',
      rows: [
        ['what', 'kept for'],
        ['photos', '90 days'],
        ['configuration', ''],
      ],
    },
    { kind: 'text', text: 'Mount the newest.\n\nBut it goes on.' },
  ]);
});

test('a line alone is no table, nor are lines of different width', () => {
  expect(piecesOf('a | b')).toEqual([{ kind: 'text', text: 'a | b' }]);
  expect(piecesOf('a | b\nc | d | e')).toEqual([{ kind: 'text', text: 'a | b\nc | d | e' }]);
  expect(piecesOf('')).toEqual([]);
});
