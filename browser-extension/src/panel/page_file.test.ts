import { expect, it } from 'vitest';
import { distinctTitles, fileName, pageFile } from './page_file';

it('a page becomes a file with its title, address and day', async () => {
  const page = { title: 'Bees *of* July', url: 'https://example.org/bees?a=1', markdown: 'The honey.\n' };
  const file = pageFile(page, new Date('2026-11-27T10:00:00Z'));
  expect(file.name).toBe('Bees of July.md');
  expect(await file.text()).toBe('# Bees \\*of\\* July\n\n<https://example.org/bees?a=1>, 2026-11-27\n\nThe honey.\n');
});

it('a name is one that file systems take', () => {
  expect(fileName('a/b\\c:d*e?f"g<h>i|j')).toBe('a b c d e f g h i j');
  expect(fileName('../../etc/passwd')).toBe('etc passwd');
  expect(fileName('\u202Egnp.exe\u0000')).toBe('gnp.exe');
  expect(fileName(' \n ')).toBe('page');
  expect(fileName('…')).toBe('…');
  const long = fileName('蜂'.repeat(300));
  expect(new TextEncoder().encode(long).length).toBeLessThanOrEqual(200);
  expect(long).toMatch(/^蜂+$/);
});

it('a page without a title is named after its site', () => {
  expect(pageFile({ title: ' ', url: 'https://example.org/x', markdown: '' }, new Date(0)).name).toBe('example.org.md');
});

it('pages of the same title are told apart', () => {
  const pages = [
    { title: 'Bees', url: 'https://one.example/a' },
    { title: ' Bees', url: 'https://two.example/b' },
    { title: 'Wasps', url: 'https://two.example/c' },
    { title: '', url: 'https://two.example/d' },
  ];
  expect(distinctTitles(pages)).toEqual(['Bees (one.example, 1)', 'Bees (two.example, 2)', 'Wasps', 'two.example']);
});
