import { expect, test } from 'vitest';
import { mentionAt, withoutMention } from './mention_query';

/** The query at the bar, which stands for the caret. */
function at(text: string): ReturnType<typeof mentionAt> {
  return mentionAt(text.replace('|', ''), text.indexOf('|'));
}

test('an @ at the beginning of a word begins a mention', () => {
  expect(at('@|')).toEqual({ from: 0, text: '' });
  expect(at('what of @gar|den')).toEqual({ from: 8, text: 'gar' });
  expect(at('line\n(@a|')).toEqual({ from: 6, text: 'a' });
  expect(at('„@ü|')).toEqual({ from: 1, text: 'ü' });
});

test('an address, a word that has ended and what stands elsewhere begin none', () => {
  for (const text of ['me@home|', '@garden |', '@garden\n|', '|@garden', '@@|', 'none|']) expect(at(text)).toBeNull();
});

test('what was mentioned leaves the text, with one of the blanks around it', () => {
  const without = (text: string): string => {
    const caret = text.indexOf('|');
    const plain = text.replace('|', '');
    const left = withoutMention(plain, mentionAt(plain, caret)!.from, caret);
    return `${left.text.slice(0, left.caret)}|${left.text.slice(left.caret)}`;
  };
  expect(without('@gar|')).toBe('|');
  expect(without('@gar| what grows?')).toBe('|what grows?');
  expect(without('what of @gar| grows?')).toBe('what of |grows?');
  expect(without('see (@gar|)')).toBe('see (|)');
  expect(without('see @gar|, then')).toBe('see |, then');
});
