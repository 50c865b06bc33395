import { expect, test } from 'vitest';
import type { Provider } from '../../backend/types';
import { isElsewhere, isHere, providerOf, sends } from './reach';

function provider(name: string, remote: boolean, passed_on?: string[]): Provider {
  const rest = { kind: 'ollama', url: '', host: '', models: ['small', 'large'], context_tokens: 4096 } as const;
  return {
    ...rest,
    models: [...rest.models],
    name,
    remote,
    consented: false,
    folders: [],
    ...(passed_on && { passed_on }),
  };
}

test('what a server of this machine passes on is elsewhere, and only that', () => {
  const ollama = provider('ollama', false, ['large']);
  expect([isElsewhere(ollama, 'large'), isElsewhere(ollama, 'small'), sends(ollama)]).toEqual([true, false, true]);
  expect(['small', 'large', 'never-seen'].map((model) => isHere(ollama, model))).toEqual([true, false, false]);
  expect(sends(provider('lm', false))).toBe(false);
  expect([isElsewhere(provider('far', true), 'small'), sends(provider('far', true))]).toEqual([true, true]);
});

test('a name with a slash is a provider’s only if there is one of that name', () => {
  const providers = [provider('ollama', false)];
  expect(providerOf('ollama/hf.co/owner/name', providers)?.model).toBe('hf.co/owner/name');
  expect(providerOf('owner/name', providers)).toBeNull();
  expect(providerOf('ollama', providers)).toBeNull();
});
