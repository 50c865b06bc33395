import { expect, it } from 'vitest';
import { entriesOf } from './remembered';

function kinds(...texts: string[]): string[] {
  return entriesOf(texts.map((text, index) => ({ id: String(index), text }))).map(
    ({ kind, value }) => `${kind}=${value}`,
  );
}

it('memories that name a field and its value are taken', () => {
  expect(
    kinds(
      'Email: ada@example.org',
      'My postcode is 10115',
      'My name is Ada Lovelace.',
      'Meine Telefonnummer ist +49 30 123456',
      'Date of birth: 1815-12-10',
      'Work email: ada@engine.example',
    ),
  ).toEqual([
    'email=ada@example.org',
    'postal-code=10115',
    'name=Ada Lovelace',
    'tel=+49 30 123456',
    'bday=1815-12-10',
    'work email=ada@engine.example',
  ]);
});

it('several lines of a memory may each be one, and know where they are from', () => {
  const text = 'First name: Ada\nLast name: Lovelace\nShe likes tea.';
  const entries = entriesOf([{ id: '7', text }]);
  expect(entries.map(({ kind }) => kind)).toEqual(['given-name', 'family-name']);
  expect(entries.every(({ source }) => source.id === '7' && source.text === text)).toBe(true);
});

it('other memories are not', () => {
  expect(
    kinds(
      'The certificate of the summer house is renewed by hand',
      'Answers are to be short',
      'Passport number: C01X00T47',
      'Tax ID: 123',
      'https://example.org/a',
      'Email:',
      `My name is ${'x'.repeat(400)}`,
      'My password is hunter2',
    ),
  ).toEqual([]);
});
