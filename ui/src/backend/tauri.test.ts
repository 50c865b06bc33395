import { clearMocks, mockIPC } from '@tauri-apps/api/mocks';
import { afterEach, expect, test } from 'vitest';
import { HostError, isAborted } from './backend';
import { TauriBackend } from './tauri';

interface Sent {
  call: { id: string; method: string; path: string; body: string | null; isStream: boolean };
  pieces: { onmessage: (piece: unknown) => void };
  id: string;
}

/** A desktop app that answers each request with these pieces, and what it was asked. */
function app(...pieces: unknown[]): [command: string, sent: Sent][] {
  const asked: [string, Sent][] = [];
  mockIPC((command, payload) => {
    const sent = payload as unknown as Sent;
    asked.push([command, sent]);
    if (command === 'send') setTimeout(() => pieces.forEach((piece) => sent.pieces.onmessage(piece)));
  });
  return asked;
}

/** The requests that were begun and given up, by their names. */
function named(asked: [string, Sent][]): [string, string][] {
  return asked.map(([command, sent]) => [command, sent.call?.id ?? sent.id]);
}

const ASK = { method: 'POST', path: '/v1/ask', body: { question: 'why?' } } as const;
const ENDED = { ended: true };
const FAILED = { failed: { code: 'not-found', detail: 'there is no such session', hint: 'look again' } };

afterEach(clearMocks);

test('a request is handed over, and its answer comes back', async () => {
  const asked = app({ data: { sessions: [] } }, ENDED);
  const backend = new TauriBackend();
  expect(await backend.request({ method: 'GET', path: '/v1/sessions' })).toEqual({ sessions: [] });
  expect(asked).toHaveLength(1);
  expect(asked[0]?.[1].call).toMatchObject({ method: 'GET', path: '/v1/sessions', body: null, isStream: false });
});

test('an answer without content is undefined', async () => {
  app(ENDED);
  expect(await new TauriBackend().request({ method: 'DELETE', path: '/v1/sessions/1' })).toBeUndefined();
});

test('a refusal is told in the words of the host', async () => {
  app(FAILED);
  const failure = await new TauriBackend().request(ASK).catch((failure: unknown) => failure);
  expect(failure).toBeInstanceOf(HostError);
  expect(failure).toMatchObject({ code: 'not-found', message: 'there is no such session', hint: 'look again' });
});

test('events come in order, until the end', async () => {
  const asked = app({ data: 1 }, { data: 2 }, ENDED);
  const events: unknown[] = [];
  for await (const event of new TauriBackend().stream(ASK)) events.push(event);
  expect(events).toEqual([1, 2]);
  expect(asked.map(([command]) => command)).toEqual(['send']);
  expect(asked[0]?.[1].call).toMatchObject({ body: '{"question":"why?"}', isStream: true });
});

test('a stream that breaks off says why', async () => {
  const asked = app({ data: 1 }, FAILED);
  const events = new TauriBackend().stream(ASK);
  expect((await events.next()).value).toBe(1);
  await expect(events.next()).rejects.toThrow('there is no such session');
  expect(asked.map(([command]) => command)).toEqual(['send']);
});

test('who stops reading ends the work', async () => {
  const asked = app({ data: 1 }, { data: 2 });
  for await (const event of new TauriBackend().stream(ASK)) {
    expect(event).toBe(1);
    break;
  }
  const id = asked[0]?.[1].call.id;
  expect(named(asked)).toEqual([
    ['send', id],
    ['cancel', id],
  ]);
});

test('a signal ends a request and a stream, and the app hears of it', async () => {
  const asked = app();
  const backend = new TauriBackend();
  for (const begin of [
    (signal: AbortSignal) => backend.request({ ...ASK, signal }),
    (signal: AbortSignal) => backend.stream({ ...ASK, signal }).next(),
  ]) {
    asked.length = 0;
    const abort = new AbortController();
    const failure = begin(abort.signal).catch((failure: unknown) => failure);
    abort.abort();
    expect(isAborted(await failure)).toBe(true);
    const id = asked[0]?.[1].call.id;
    expect(named(asked)).toEqual([
      ['send', id],
      ['cancel', id],
    ]);
  }
});

test('an app that refuses a command is an error of the page', async () => {
  mockIPC(() => Promise.reject('not allowed'));
  await expect(new TauriBackend().request(ASK)).rejects.toThrow('not allowed');
});

test('the app hears what the page has to say of windows and answers', () => {
  const told: [string, unknown][] = [];
  mockIPC((command, payload) => void told.push([command, payload]));
  const { shell } = new TauriBackend();
  shell.open('#/chat/1');
  shell.hideLauncher();
  shell.answered('#/chat/1', 'why?');
  expect(told).toEqual([
    ['open', { address: '#/chat/1' }],
    ['hide_launcher', {}],
    ['answered', { address: '#/chat/1', title: 'why?' }],
  ]);
});
