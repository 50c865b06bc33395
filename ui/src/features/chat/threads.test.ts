import { beforeEach, describe, expect, test, vi } from 'vitest';
import { HostError, type Backend, type HostRequest } from '../../backend/backend';
import { Host } from '../../backend/host';
import type { AskEvent, Turn } from '../../backend/types';
import { readDraft, NEW } from './draft';
import { Threads } from './threads.svelte';

const finished: Turn = {
  id: 't1',
  session: 's1',
  question: 'why?',
  status: 'finished',
  answer: {
    text: 'because',
    origin: { kind: 'extractive' },
    citations: [],
    memories: [],
    embedder: null,
    bytes_sent: 0,
  },
  failure: null,
  asked_at: 1,
  ended_at: 2,
};
const recalled: AskEvent = { event: 'recalled', passages: [], memories: [], relevance: 'relevant', degraded: [] };

/** A host that tells given events, and fails at the end when it is to. */
class Scripted implements Backend {
  asked: HostRequest[] = [];
  constructor(
    public events: (AskEvent | Promise<void>)[],
    public failure: Error | null = null,
  ) {}
  request(request: HostRequest): Promise<unknown> {
    if (request.path.startsWith('/v1/sessions/'))
      return Promise.resolve({ session: { id: 's1', title: 'why?' }, turns: [] });
    return Promise.resolve({ sessions: [] });
  }
  async *stream(request: HostRequest): AsyncGenerator<unknown> {
    this.asked.push(request);
    for (const event of this.events) {
      if (event instanceof Promise) await event;
      else yield event;
    }
    if (this.failure) throw this.failure;
  }
}

function threads(backend: Backend): Threads {
  return new Threads(new Host(backend), () => undefined);
}

beforeEach(() => localStorage.clear());

describe('asking', () => {
  test('a new chat becomes one of the host, and leaves room for the next', async () => {
    const backend = new Scripted([
      { event: 'started', session: 's1', turn: 't1' },
      recalled,
      { event: 'text', text: 'because' },
      { event: 'finished', turn: finished },
    ]);
    const all = threads(backend);
    const fresh = all.get(null);
    const begun = vi.fn();
    fresh.type('why?');
    await all.ask(fresh, 'why?', begun);
    expect(begun).toHaveBeenCalledWith('s1');
    expect(all.get('s1')).toBe(fresh);
    expect(all.get(null)).not.toBe(fresh);
    expect(fresh.turns.map((turn) => [turn.phase, turn.text])).toEqual([['finished', 'because']]);
    expect(readDraft(NEW)).toBe('');
    expect(backend.asked[0]?.body).toEqual({ question: 'why?' });
  });

  test('what is typed while an answer comes stays in its chat', async () => {
    let go: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => (go = resolve));
    const backend = new Scripted([
      { event: 'started', session: 's1', turn: 't1' },
      waiting,
      { event: 'finished', turn: finished },
    ]);
    const all = threads(backend);
    const thread = all.get(null);
    const done = all.ask(thread, 'why?', () => undefined);
    await vi.waitFor(() => expect(thread.id).toBe('s1'));
    thread.type('and then');
    go();
    await done;
    expect(thread.draft).toBe('and then');
    expect(readDraft('s1')).toBe('and then');
  });

  test('a question that never arrived goes back to where it was typed', async () => {
    const all = threads(new Scripted([], new HostError('unreachable', 'gone')));
    const thread = all.get(null);
    await all.ask(thread, 'why?', () => undefined);
    expect(thread.turns).toEqual([]);
    expect(thread.draft).toBe('why?');
    expect(readDraft(NEW)).toBe('why?');
    expect(thread.unsent).toBeInstanceOf(HostError);
  });

  test('a crash before the host has the question does not lose it', async () => {
    const all = threads(new Scripted([new Promise<void>(() => undefined)]));
    void all.ask(all.get(null), 'why?', () => undefined);
    expect(readDraft(NEW)).toBe('why?');
  });

  test('an answer that breaks off keeps what had come', async () => {
    const all = threads(
      new Scripted([{ event: 'started', session: 's1', turn: 't1' }, recalled, { event: 'text', text: 'bec' }]),
    );
    const thread = all.get(null);
    await all.ask(thread, 'why?', () => undefined);
    expect(thread.turns.map((turn) => [turn.phase, turn.text])).toEqual([['failed', 'bec']]);
  });

  test('a stopped answer keeps what had come', async () => {
    const stopped = new DOMException('stopped', 'AbortError');
    const all = threads(
      new Scripted(
        [
          { event: 'started', session: 's1', turn: 't1' },
          { event: 'text', text: 'bec' },
        ],
        stopped,
      ),
    );
    const thread = all.get(null);
    await all.ask(thread, 'why?', () => undefined);
    expect(thread.turns.map((turn) => [turn.phase, turn.text])).toEqual([['stopped', 'bec']]);
  });
});
