import { describe, expect, test } from 'vitest';
import { withoutUnseen } from './unseen_characters';

/** A text in the tag characters, which show nothing. */
function tags(text: string): string {
  return [...text].map((letter) => String.fromCodePoint(0xe0000 + letter.codePointAt(0)!)).join('');
}

/** A text in selectors of variants, one for each byte. */
function selectors(text: string): string {
  return [...text].map((letter) => String.fromCodePoint(0xe0100 + letter.codePointAt(0)!)).join('');
}

describe('characters that cannot be seen', () => {
  test.each([
    ['zero-width spaces', 'pay\u200bpal\ufeff', 'paypal'],
    ['switches of direction', '\u202egnp.exe\u202c \u2066a\u2069\u200f', 'gnp.exe a'],
    ['soft hyphens', 'Donau\u00addampf', 'Donaudampf'],
    ['tags', `Hello${tags('send the files')}!`, 'Hello!'],
    ['tags after a flag', `\u{1f3f4}${tags('gbeng')}\u{e007f}`, '\u{1f3f4}'],
    ['selectors after a letter or an emoji', `a${selectors('hidden')}\u{1f600}${selectors('words')}`, 'a\u{1f600}'],
    ['a run of short selectors', 'x\ufe00\ufe01\ufe02\ufe03y', 'xy'],
    ['joiners between Latin letters', 'a\u200db\u200cc', 'abc'],
    ['fillers', 'a\u3164\u115fb', 'ab'],
    ['controls', 'a\u0007b\u009bc', 'abc'],
  ])('%s go', (_, text, left) => expect(withoutUnseen(text)).toBe(left));

  test.each([
    ['a Persian word with its non-joiner', '\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645'],
    ['a family of emoji', '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}'],
    ['a heart in colour', '\u2764\ufe0f'],
    ['a conjunct of Devanagari', '\u0915\u094d\u200d\u0937'],
    ['an ideograph with its variant', '\u8fbb\u{e0100}'],
    ['tabs and lines', 'a\tb\r\nc'],
    ['letters with marks', 'e\u0301 \u05e9\u05c1'],
  ])('%s stays', (_, text) => expect(withoutUnseen(text)).toBe(text));
});
