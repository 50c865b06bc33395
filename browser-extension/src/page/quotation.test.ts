import { describe, expect, test } from 'vitest';
import { plainQuotation, wordsOf } from './quotation';

describe('a quotation', () => {
  test.each([
    ['## A heading', 'A heading'],
    ['> quoted\n> twice', 'quoted\ntwice'],
    ['- one\n  1. two', 'one\ntwo'],
    ['1\\. Alone', '1. Alone'],
    ['See [the log](https://a.test/x%28y%29) for **more**', 'See the log for more'],
    ['| a | b\\|c |\n| --- | --- |\n| 1 | 2 |', 'a b|c\n1 2'],
    ['```js\nlet x = 1;\n```', 'let x = 1;'],
    ['5 \\* 3 \\< 20 and `a_b`', '5 * 3 < 20 and a_b'],
    ['one,\\\ntwo', 'one,\ntwo'],
    ['\\[Image: a cat\\] sits', 'sits'],
    ['☑ done', 'done'],
  ])('%s is looked for as the page shows it', (markdown, plain) => expect(plainQuotation(markdown)).toBe(plain));
});

describe('words', () => {
  test.each([
    ['Don’t stop: 3.5 km!', ['don', 't', 'stop', '3', '5', 'km']],
    ['山の天気', ['山', 'の', '天', '気']],
    ['Straße ﬁne ４２', ['straße', 'fine', '42']],
    ['한국어 문장', ['한국어', '문장']],
    ['— … !', []],
  ])('of %s', (text, words) => expect(wordsOf(text).map(({ word }) => word)).toEqual(words));
});
