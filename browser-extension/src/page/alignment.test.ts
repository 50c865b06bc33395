import { describe, expect, test } from 'vitest';
import { exactPassages, likelyPassage } from './alignment';

const TEXT = 'the light was out when the keeper came home and the sea was rough all night long'.split(' ');

describe('passages', () => {
  test('that stand there are all found', () => {
    expect(exactPassages(TEXT, ['the'], 10).map(({ first }) => first)).toEqual([0, 5, 10]);
    expect(exactPassages(TEXT, ['the', 'sea', 'was'], 10)).toEqual([{ first: 10, last: 12 }]);
    expect(exactPassages(TEXT, ['sea', 'the'], 10)).toEqual([]);
  });

  test('that have changed a little are found', () => {
    expect(likelyPassage(TEXT, 'when our keeper came back home and the sea'.split(' '))).toEqual({
      first: 4,
      last: 11,
    });
  });

  test('that only share common words are not', () => {
    expect(likelyPassage(TEXT, 'the cat and the dog was all the rage when night'.split(' '))).toBeNull();
    expect(likelyPassage(TEXT, 'night all rough was sea the and home came'.split(' '))).toBeNull();
  });

  test('that are short have to stand there as they are', () => {
    expect(likelyPassage(TEXT, 'the keeper came'.split(' '))).toBeNull();
  });
});
