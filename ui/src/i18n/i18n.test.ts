import { afterEach, expect, test } from 'vitest';
import { flushSync } from 'svelte';
import { i18n } from './i18n.svelte';
import { locale, ofSystem } from './locale.svelte';

afterEach(() => locale.choose(null));

test('the first language of the system that the page speaks counts', () => {
  expect(ofSystem(['fr-FR', 'de-CH', 'en'])).toBe('de');
  expect(ofSystem(['fr'])).toBe('en');
});

test('numbers are written as in the chosen language, also within texts', () => {
  locale.choose('de');
  flushSync();
  expect(i18n.number(1234567)).toBe('1.234.567');
  expect(i18n.t.models.context(4096)).toBe('4.096 Token Kontext');
  locale.choose('en');
  flushSync();
  expect(i18n.t.models.context(4096)).toBe('4,096 tokens of context');
});

test('one is one', () => {
  locale.choose('en');
  expect(i18n.t.models.speed(1)).toBe('at most 1 token a second');
  expect(i18n.t.index.scanned(1, 1)).toBe('1 of 1 file read');
  expect(i18n.t.index.scanned(1, 2)).toBe('1 of 2 files read');
});
