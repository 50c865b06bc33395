import { expect, test } from 'vitest';
import type { Backend, HostRequest } from '../../backend/backend';
import { Host } from '../../backend/host';
import { Transformation } from './transformation.svelte';

const SELECTED = { text: 'a text', isCut: false, isCopied: false, canPaste: true };

function host(events: unknown[], asked: HostRequest[] = []): Host {
  const backend: Backend = {
    request: () => Promise.reject(new Error('nothing else is asked')),
    async *stream(request) {
      asked.push(request);
      for (const event of events) {
        await Promise.resolve();
        request.signal?.throwIfAborted();
        yield event;
      }
    },
  };
  return new Host(backend);
}

const chunk = (content: string | null, finish_reason: string | null = null): unknown => ({
  choices: [{ index: 0, delta: { content }, finish_reason }],
});

test('what the model writes comes piece by piece', async () => {
  const asked: HostRequest[] = [];
  const work = new Transformation('fix', SELECTED, 'small');
  await work.run(host([chunk(''), chunk(' One\r\u001b'), chunk(' two.\n'), chunk(null, 'stop')], asked), 'English');
  expect([work.phase, work.result, work.isCut]).toEqual(['finished', 'One two.', false]);
  expect(asked[0]).toMatchObject({ method: 'POST', path: '/v1/chat/completions' });
  expect(asked[0]?.body).toMatchObject({ model: 'small', stream: true });
});

test('an answer that had to end early says so', async () => {
  const work = new Transformation('explain', SELECTED, 'small');
  await work.run(host([chunk('One'), chunk(null, 'length')]), 'English');
  expect([work.phase, work.isCut]).toEqual(['finished', true]);
});

test('a failure keeps what was written, and is told', async () => {
  const work = new Transformation('explain', SELECTED, 'small');
  await work.run(host([chunk('One'), { error: { message: 'the engine worker ended' } }]), 'English');
  expect([work.phase, work.text]).toEqual(['failed', 'One']);
  expect(work.failure).toMatchObject({ message: 'the engine worker ended' });
});

test('nobody has to wait', async () => {
  const work = new Transformation('explain', SELECTED, 'small');
  const running = work.run(host([chunk('One'), chunk('Two')]), 'English');
  work.stop();
  await running;
  expect([work.phase, work.failure]).toEqual(['stopped', null]);
});
