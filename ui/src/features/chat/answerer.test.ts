import { expect, test } from 'vitest';
import type { Provider } from '../../backend/types';
import { answererOf } from './answerer';

const known: Provider = {
  name: 'cloud',
  kind: 'openai',
  url: 'https://models.example/v1',
  host: 'models.example',
  remote: true,
  consented: true,
  context_tokens: 8192,
  folders: [],
  models: ['large', 'seeing'],
  image_models: ['seeing'],
};

test('where a question goes, and whether images can go with it', () => {
  const told = (model: string | null, providers: Provider[] | null): (boolean | null)[] => {
    const { mayBeElsewhere, takesImages } = answererOf(model, providers);
    return [mayBeElsewhere, takesImages];
  };
  expect(told(null, null)).toEqual([false, false]);
  expect(told('tiny', [known])).toEqual([false, false]);
  expect(told('cloud/seeing', [known])).toEqual([true, true]);
  expect(told('cloud/large', [known])).toEqual([true, false]);
  expect(told('cloud/large', null), 'until it is known, nothing is promised').toEqual([true, null]);
  const near = { ...known, name: 'near', remote: false };
  expect(told('near/large', [near])).toEqual([false, false]);
  expect(told('near/unlisted', [near])).toEqual([true, false]);
  expect(told('hub/tiny', [known]), 'a model of this machine with a slash in its name').toEqual([false, false]);
  expect(answererOf(undefined, []), 'it may be anybody').toEqual({
    model: null,
    mayBeElsewhere: true,
    takesImages: null,
  });
});
