import { expect, test } from 'vitest';
import { quoted } from './quoted';

test('what is selected is quoted with its file, below the place for the question', () => {
  expect(quoted('src/a.py', 'python', '\n  x = 1\n')).toBe('\n\nsrc/a.py:\n```python\n  x = 1\n```');
});

test('without a selection the file is named', () => {
  expect(quoted('src/a.py', 'python', ' \n')).toBe('src/a.py: ');
});

test('a fence within the code ends no quotation', () => {
  expect(quoted('a.md', 'markdown', '````\nx\n````')).toBe('\n\na.md:\n`````markdown\n````\nx\n````\n`````');
});
