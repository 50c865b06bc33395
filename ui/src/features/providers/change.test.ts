import { expect, test } from 'vitest';
import type { Provider } from '../../backend/types';
import { changeOf, namesIn } from './change';

const provider: Provider = {
  name: 'near',
  kind: 'openai',
  url: 'http://localhost:1234/v1',
  host: 'localhost',
  models: ['a', 'b'],
  image_models: ['b'],
  context_tokens: 8192,
  folders: [],
  remote: false,
  consented: false,
};
const same = { url: provider.url, models: ['a', 'b'], images: ['b'] };

test('names are read as they are separated', () => {
  expect(namesIn(' a, b:7b ,,a ')).toEqual(['a', 'b:7b']);
  expect(namesIn('')).toEqual([]);
});

test('only what is different is told', () => {
  expect(changeOf(provider, same)).toEqual({});
  expect(changeOf(provider, { ...same, url: ' http://localhost:9/v1 ' })).toEqual({ url: 'http://localhost:9/v1' });
  expect(changeOf(provider, { ...same, images: ['b', 'a'] })).toEqual({ image_models: ['a', 'b'] });
  expect(changeOf(provider, { ...same, models: ['a'] })).toEqual({ models: ['a'], image_models: [] });
});
