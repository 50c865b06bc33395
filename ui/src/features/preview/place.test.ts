import { expect, test } from 'vitest';
import { lineInFile } from './place';

test('a passage has a line in its file where its text is the file’s own', () => {
  expect(lineInFile('/notes/a.md', { unit: 'lines', start: 7, end: 9 })).toBe(7);
  expect(lineInFile('/notes/a.rs', null)).toBe(1);
  expect(lineInFile('/notes/a.pdf', { unit: 'pages', start: 2, end: 2 })).toBeNull();
  expect(lineInFile('/notes/a.docx', { unit: 'lines', start: 7, end: 9 })).toBeNull();
});
