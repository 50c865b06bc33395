import { expect, test } from 'vitest';
import { HostError, type Backend } from './backend';
import { Connection } from './connection.svelte';
import { Host } from './host';

class Scripted implements Backend {
  constructor(public answer: unknown) {}
  request(): Promise<unknown> {
    return this.answer instanceof Error ? Promise.reject(this.answer) : Promise.resolve(this.answer);
  }
  async *stream(): AsyncGenerator<unknown> {
    throw new Error('nothing streams here');
  }
}

test('whatever the host answers, the page has a state that says something', async () => {
  const backend = new Scripted({ process: 1, host: {}, progress: {} });
  const connection = new Connection(new Host(backend));
  const stop = connection.start();
  await connection.refresh();
  expect([connection.state, connection.failure]).toEqual(['ready', null]);
  const states: [string, string][] = [
    ['unauthenticated', 'refused'],
    ['forbidden', 'refused'],
    ['unreachable', 'lost'],
    ['internal', 'lost'],
    ['rate-limited', 'lost'],
  ];
  for (const [code, state] of states) {
    backend.answer = new HostError(code, 'because');
    await connection.refresh();
    expect([code, connection.state, (connection.failure as HostError).code]).toEqual([code, state, code]);
  }
  backend.answer = { process: 1, host: {}, progress: {} };
  await connection.refresh();
  expect([connection.state, connection.epoch, connection.failure]).toEqual(['ready', 1, null]);
  stop();
});
