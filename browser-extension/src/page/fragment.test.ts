import { describe, expect, test } from 'vitest';
import { textFragment } from './fragment';

describe('an address of a passage', () => {
  test('names a short passage whole', () => {
    expect(textFragment('https://a.test/x?y=1', 'Well-known, isn’t it & more')).toBe(
      'https://a.test/x?y=1#:~:text=Well%2Dknown%2C%20isn%E2%80%99t%20it%20%26%20more',
    );
  });

  test('names a long one by its beginning and its end', () => {
    const long = `One two three four five six ${'seven '.repeat(20)}eight nine ten eleven twelve.`;
    expect(textFragment('https://a.test/', long)).toBe(
      'https://a.test/#:~:text=One%20two%20three%20four%20five,eight%20nine%20ten%20eleven%20twelve.',
    );
  });

  test('does not go over the end of a block with one text', () => {
    expect(textFragment('https://a.test/', '## Title\n\nText')).toBe('https://a.test/#:~:text=Title,Text');
  });

  test('keeps the page’s own fragment and replaces an older passage', () => {
    expect(textFragment('https://a.test/#part', 'Word')).toBe('https://a.test/#part:~:text=Word');
    expect(textFragment('https://a.test/#part:~:text=Old', 'Word')).toBe('https://a.test/#part:~:text=Word');
    expect(textFragment('https://a.test/#:~:text=Old', 'Word')).toBe('https://a.test/#:~:text=Word');
  });

  test('takes signs where words are not parted', () => {
    const text = '山の天気は変わりやすい。'.repeat(10);
    const [, start, end] = /text=([^,]*),(.*)$/.exec(textFragment('https://a.test/', text))!;
    expect([decodeURIComponent(start!), decodeURIComponent(end!)]).toEqual([
      '山の天気は変わりやすい。',
      '山の天気は変わりやすい。',
    ]);
  });

  test('is the address itself for a passage without words', () => {
    expect(textFragment('https://a.test/#x', '---')).toBe('https://a.test/#x');
  });
});
