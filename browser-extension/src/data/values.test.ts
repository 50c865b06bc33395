import { describe, expect, test } from 'vitest';
import { dayIn, numberIn } from './values';

describe('numbers', () => {
  test.each([
    ['129', 'en', '129'],
    ['£1,234.50', 'en', '1234.50'],
    ['1.234,50 €', 'de', '1234.50'],
    ['1.234', 'de', '1234'],
    ['1.234', 'en', '1.234'],
    ['1,234', 'en', '1234'],
    ['1,234', 'fr', '1.234'],
    ['0,123', 'en', '0.123'],
    ['12,5 kg', 'en', '12.5'],
    ['4.5 stars', 'en', '4.5'],
    ['1 234 567,8', 'fr', '1234567.8'],
    ["1'234.5", 'de-CH', '1234.5'],
    ['−5 %', null, '-5'],
    ['1,234,567', 'de', '1234567'],
  ])('%s in %s', (text, language, number) => expect(numberIn(text, language)).toBe(number));

  test.each(['', 'none', '3–5', '2 of 7', '1,23,4', '1.2.3', 'The bridge was built in the year of 1890 by many'])(
    'none in %j',
    (text) => expect(numberIn(text, 'en')).toBeNull(),
  );
});

describe('days', () => {
  test.each([
    ['2026-03-04T06:30:00Z', null, '2026-03-04'],
    ['04.03.2026', 'de', '2026-03-04'],
    ['4 March 2026', 'en', '2026-03-04'],
    ['Mar 4, 2026', 'en-US', '2026-03-04'],
    ['Mittwoch, 4. März 2026', 'de', '2026-03-04'],
    ['4 mars 2026', 'fr', '2026-03-04'],
    ['31/03/2026', 'en', '2026-03-31'],
    ['03/04/2026', 'en-US', '2026-03-04'],
    ['03/04/2026', 'fr', '2026-04-03'],
    ['4 March 2026', 'x-nonsense-0', '2026-03-04'],
  ])('%s in %s', (text, language, day) => expect(dayIn(text, language)).toBe(day));

  test.each(['', '03/04/2026', '2026-02-30', '4 March', 'March 2026', '4 to 6 March 2026', '31.02.2026'])(
    'none in %j',
    (text) => expect(dayIn(text, 'en')).toBeNull(),
  );
});
