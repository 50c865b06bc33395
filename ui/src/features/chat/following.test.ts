import { beforeEach, expect, test, vi } from 'vitest';
import { HostError, type Backend } from '../../backend/backend';
import { Host } from '../../backend/host';
import type { AskEvent, Turn } from '../../backend/types';
import { Chats, type ChatListener } from './chats.svelte';
import { finished, gate, recalled, Scripted, shown, started } from './scripted';

const running: Turn = { ...finished, status: 'running', answer: null };
const listener = { failed: vi.fn(), begun: vi.fn(), ended: vi.fn() } satisfies ChatListener;

function chatsOf(backend: Backend): Chats {
  return new Chats(new Host(backend), listener);
}

beforeEach(() => {
  localStorage.clear();
  vi.clearAllMocks();
});

test('an answer that is being made is followed from its beginning, told, and can be stopped', async () => {
  const { wait, open } = gate();
  const backend = new Scripted([
    started,
    recalled,
    { event: 'text', text: 'bec' },
    wait,
    { event: 'finished', turn: finished },
  ]);
  backend.sessions['s1'] = [running];
  const chats = chatsOf(backend);
  await chats.enter('s1');
  const chat = chats.get('s1');
  await vi.waitFor(() => expect(shown(chat)).toEqual([['writing', 'bec']]));
  expect([backend.asked[0]?.method, backend.asked[0]?.path]).toEqual(['GET', '/v1/answers/t1']);
  expect([chat.isRunning, chats.isWorking('s1')]).toEqual([true, true]);
  open();
  await vi.waitFor(() => expect(listener.ended).toHaveBeenCalledOnce());
  expect([shown(chat), chats.isWorking('s1')]).toEqual([[['finished', 'because']], false]);
});

test('an answer that ends before it can be followed is loaded', async () => {
  const backend = new Scripted([new HostError('not-found', 'no answer to this turn is being made')]);
  backend.sessions['s1'] = [running];
  const chats = chatsOf(backend);
  await chats.enter('s1');
  const chat = chats.get('s1');
  await vi.waitFor(() => expect(shown(chat)).toEqual([['elsewhere', '']]));
  backend.sessions['s1'] = [finished];
  await chats.renew(chat);
  expect(shown(chat)).toEqual([['finished', 'because']]);
});

test('an answer that somebody else stops is stopped, not failed', async () => {
  const problem = { code: 'cancelled', detail: 'the request was cancelled', title: '', status: 499, type: '' };
  const chats = chatsOf(new Scripted([started, { event: 'text', text: 'bec' }, { event: 'failed', problem }]));
  const chat = chats.get(null);
  await chats.ask(chat, 'why?');
  expect(shown(chat)).toEqual([['stopped', 'bec']]);
});

test('an answer whose telling broke off is looked for again', async () => {
  const rest: AskEvent[] = [started, { event: 'text', text: 'because' }, { event: 'finished', turn: finished }];
  const backend = new Scripted([started, { event: 'text', text: 'bec' }], rest);
  backend.sessions['s1'] = [running];
  const chats = chatsOf(backend);
  const chat = chats.get(null);
  await chats.ask(chat, 'why?');
  await vi.waitFor(() => expect(shown(chat)).toEqual([['finished', 'because']]));
});
