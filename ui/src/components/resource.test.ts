import { expect, test } from 'vitest';
import { Resource } from './resource.svelte';

test('the answer to the last question counts, whenever it comes', async () => {
  const answers: ((value: string) => void)[] = [];
  const resource = new Resource(() => new Promise<string>((resolve) => answers.push(resolve)));
  const both = [resource.load(), resource.load()];
  answers[1]?.('new');
  answers[0]?.('old');
  await Promise.all(both);
  expect(resource.value).toBe('new');
});

test('a failure leaves what was there', async () => {
  let works = true;
  const resource = new Resource(() => (works ? Promise.resolve('here') : Promise.reject(new Error('gone'))));
  await resource.load();
  works = false;
  await resource.load();
  expect([resource.value, (resource.failure as Error).message]).toEqual(['here', 'gone']);
});
