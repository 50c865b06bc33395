import { expect, test } from 'vitest';

// Temml looks for this before it draws anything, and the document of the tests does not tell it.
Object.defineProperty(document, 'compatMode', { value: 'CSS1Compat' });
const { draw } = await import('./mathematics');

test('a label gives the page no name', () => {
  const place = document.createElement('span');
  draw('\\label{question} x = 1', false, place);
  expect(place.querySelector('math')).not.toBeNull();
  expect(place.querySelector('[id]')).toBeNull();
});

test('a reference is no link', () => {
  const place = document.createElement('span');
  draw('x = \\ref{abc}', false, place);
  expect(place.querySelector('math')).not.toBeNull();
  expect(place.querySelector('a, [href]')).toBeNull();
});
