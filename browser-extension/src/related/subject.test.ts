import { describe, expect, it } from 'vitest';
import type { PageText } from '../page/readable';
import { questionOf, subjectOf, wordSets } from './subject';

function page(title: string, markdown: string, more: Partial<PageText> = {}): PageText {
  const rest = {
    byline: null,
    siteName: null,
    published: null,
    direction: 'ltr',
    isArticle: true,
    isCut: false,
  } as const;
  return { address: 'https://a.test/', title, markdown, language: 'en', ...rest, ...more };
}

describe('the question that a page is', () => {
  it('has its title without its site, and its headings', () => {
    const text = page(
      'Keeping bees – The Post',
      '# Keeping bees\n\nText.\n\n## Queens \\& drones\n\n### [Hives](https://a.test/x)',
      {
        siteName: 'The Post',
      },
    );
    expect(questionOf(subjectOf(text, ''))).toBe('Keeping bees. Queens & drones. Hives');
  });

  it('is what is selected, with the title where that is short', () => {
    const text = page('Keeping bees', '## Queens');
    expect(questionOf(subjectOf(text, ' the  queen '))).toBe('the queen. Keeping bees');
    const long = 'The queen of the second hive was marked blue in May.';
    expect(questionOf(subjectOf(text, long))).toBe(long);
  });

  it('is bounded whatever a page writes', () => {
    const text = page('x'.repeat(5000), `## ${'y'.repeat(5000)}\n\n## z`);
    expect(questionOf(subjectOf(text, '')).length).toBeLessThanOrEqual(600);
    expect(questionOf(subjectOf(page('a', ''), '🐝'.repeat(5000)))).toBe('🐝'.repeat(600));
    expect(questionOf(subjectOf(page('', ''), ''))).toBe('');
  });
});

describe('words that name a subject', () => {
  it('are those of the title first, in twos, without how they end', () => {
    const subject = subjectOf(page('The hives of the orchard', '## Queens\n\n## About this page'), '');
    expect(wordSets(subject)).toEqual([
      ['orchar', 'hive'],
      ['orchar', 'queen'],
      ['hive', 'queen'],
    ]);
  });

  it('are those of the selection, where something is selected', () => {
    const subject = subjectOf(page('Weather', '## Queens'), 'Theodora was marked blue');
    expect(wordSets(subject).flat()).toContain('theodo');
    expect(wordSets(subject).flat()).not.toContain('queen');
  });

  it('are found where no spaces part them, and in languages that there are not', () => {
    expect(wordSets(subjectOf(page('東京の天気予報', '', { language: 'ja' }), '')).flat()).toContain('東京');
    expect(wordSets(subjectOf(page('Boilers', '', { language: 'x-nonsense-0' }), ''))).toEqual([['boiler']]);
    expect(wordSets(subjectOf(page('', ''), ''))).toEqual([]);
  });
});
