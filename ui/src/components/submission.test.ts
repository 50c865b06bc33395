import { expect, test } from 'vitest';
import { HostError } from '../backend/backend';
import { Submission } from './submission.svelte';

test('a form that is on its way is not sent again', async () => {
  const submission = new Submission();
  let sent = 0;
  let done: () => void = () => undefined;
  const work = (): Promise<void> => {
    sent += 1;
    return new Promise((resolve) => (done = resolve));
  };
  const first = submission.send(work);
  expect([submission.busy, await submission.send(work)]).toEqual([true, false]);
  done();
  expect([await first, submission.busy, sent]).toEqual([true, false, 1]);
});

test('a refusal is told with what one can do, and gone with the next attempt', async () => {
  const submission = new Submission();
  const refused = Promise.reject(new HostError('conflict', 'there is one', 'choose another name'));
  expect(await submission.send(() => refused)).toBe(false);
  expect(submission.error).toBe('There is one. Choose another name');
  expect(await submission.send(() => Promise.resolve())).toBe(true);
  expect(submission.error).toBeNull();
});
