import { beforeEach, describe, expect, test, vi } from 'vitest';
import { HostError, type Backend } from '../../backend/backend';
import { Host } from '../../backend/host';
import type { AskEvent, Mention, Turn } from '../../backend/types';
import { finished, gate, recalled, Scripted, shown, started } from './scripted';
import { Chats, type ChatListener } from './chats.svelte';
import { ANYONE, NEW, readAbout, readDraft } from './draft';

const listener = { failed: vi.fn(), begun: vi.fn(), ended: vi.fn() } satisfies ChatListener;

function chatsOf(backend: Backend): Chats {
  return new Chats(new Host(backend), listener);
}

beforeEach(() => {
  localStorage.clear();
  vi.clearAllMocks();
});

test('a question in the place of another, and what was there before', async () => {
  const again: AskEvent[] = [
    { event: 'started', session: 's1', turn: 't2' },
    { event: 'finished', turn: { ...finished, id: 't2', replaces: true } },
  ];
  const backend = new Scripted([started, recalled, { event: 'finished', turn: finished }], again);
  const chats = chatsOf(backend);
  await chats.askAnew('why?');
  const chat = chats.get('s1');
  const [first] = chat.turns;
  await chats.ask(chat, 'how?', first);
  expect(backend.asked[1]?.body).toEqual({ question: 'how?', session: 's1', replaces: 't1', goes_on: true });
  expect(chat.turns.map((turn) => [turn.id, turn.replaces])).toEqual([['t2', true]]);

  backend.restored = [finished];
  const [second] = chat.turns;
  if (second) await chats.restore(chat, second);
  expect(backend.requested.at(-1)).toBe('POST s1/restore');
  expect(chat.turns.map((turn) => [turn.id, turn.replaces])).toEqual([['t1', false]]);
});

test('what the host told before a turn took a place is void', async () => {
  const again: AskEvent[] = [{ event: 'started', session: 's1', turn: 't2' }];
  const backend = new Scripted([started, { event: 'finished', turn: finished }], again);
  const chats = chatsOf(backend);
  await chats.askAnew('why?');
  const chat = chats.get('s1');
  const { wait, open } = gate();
  backend.sessions['s1'] = [finished];
  backend.held = wait;
  const loading = chats.load('s1');
  await chats.ask(chat, 'how?', chat.turns[0]);
  open();
  await loading;
  expect(chat.turns.map((turn) => turn.id)).toEqual(['t2']);
});

test('what does not arrive takes the place of nothing', async () => {
  const refused = new HostError('conflict', 'not now');
  const backend = new Scripted([started, { event: 'finished', turn: finished }], [refused]);
  const chats = chatsOf(backend);
  await chats.askAnew('why?');
  const chat = chats.get('s1');
  await chats.ask(chat, 'how?', chat.turns[0]);
  expect(chat.turns.map((turn) => turn.id)).toEqual(['t1']);
  expect([chat.draft, chat.unsent, chat.isBack]).toEqual(['how?', refused, true]);
});

test('what nobody typed does not come back to where one types', async () => {
  const refused = new HostError('conflict', 'not now');
  const backend = new Scripted([started, { event: 'finished', turn: finished }], [refused]);
  const chats = chatsOf(backend);
  await chats.askAnew('why?');
  const chat = chats.get('s1');
  chat.type('half a thought');
  await chats.ask(chat, 'why?', chat.turns[0]);
  expect([chat.draft, chat.unsent, chat.isBack]).toEqual(['half a thought', refused, false]);
});

test('who answers is chosen for one chat, before it begins too', async () => {
  const backend = new Scripted([started, { event: 'finished', turn: finished }]);
  const chats = chatsOf(backend);
  const fresh = chats.get(null);
  await chats.change(fresh, { model: 'tiny' });
  await chats.change(fresh, { onlyLocal: true });
  expect(backend.requested).toEqual([]);
  // It outlives the page, as what is typed does.
  expect(chatsOf(backend).get(null).choice).toEqual({ model: 'tiny', onlyLocal: true });
  await chats.askAnew('why?');
  expect(backend.asked[0]?.body).toEqual({ question: 'why?', model: 'tiny', only_local: true, goes_on: true });
  expect(chats.get(null).choice).toEqual(ANYONE);
  expect(chatsOf(backend).get(null).choice).toEqual(ANYONE);
  // What is not chosen may have been changed elsewhere, and is left alone.
  await chats.change(chats.get('s1'), { model: null });
  expect(backend.edited).toEqual({ model: '' });
  await chats.change(chats.get('s1'), { onlyLocal: true });
  expect(backend.edited).toEqual({ only_local: true });
});

describe('asking', () => {
  test('a new chat becomes one of the host, and leaves room for the next', async () => {
    const backend = new Scripted([
      started,
      recalled,
      { event: 'text', text: 'because' },
      { event: 'finished', turn: finished },
    ]);
    const chats = chatsOf(backend);
    const fresh = chats.get(null);
    fresh.type(' why? ');
    await chats.send(fresh);
    expect(listener.begun).toHaveBeenCalledWith('s1');
    expect(chats.get('s1')).toBe(fresh);
    expect(chats.get(null)).not.toBe(fresh);
    expect(shown(fresh)).toEqual([['finished', 'because']]);
    expect([fresh.draft, readDraft(NEW)]).toEqual(['', '']);
    expect(backend.asked[0]?.body).toEqual({ question: 'why?', goes_on: true });
    expect(listener.ended).toHaveBeenCalledWith(fresh, fresh.turns[0]);
  });

  test('what is typed while an answer comes stays in its chat', async () => {
    const { wait, open } = gate();
    const chats = chatsOf(new Scripted([started, wait, { event: 'finished', turn: finished }]));
    const chat = chats.get(null);
    chat.type('why?');
    const done = chats.send(chat);
    await vi.waitFor(() => expect(chat.id).toBe('s1'));
    chat.type('and then');
    open();
    await done;
    expect([chat.draft, readDraft('s1')]).toEqual(['and then', 'and then']);
  });

  test('what is asked by other ways than the field leaves what is typed in it', async () => {
    const chats = chatsOf(new Scripted([started, { event: 'finished', turn: finished }]));
    const chat = chats.get(null);
    chat.type('half a thought');
    await chats.ask(chat, 'why?');
    expect([chat.draft, readDraft('s1')]).toEqual(['half a thought', 'half a thought']);
  });

  test('while an answer comes, nothing else is asked, and it can still be stopped', async () => {
    const backend = new Scripted([started, new Promise<void>(() => undefined)]);
    const chats = chatsOf(backend);
    const chat = chats.get(null);
    void chats.ask(chat, 'why?');
    await vi.waitFor(() => expect(chat.id).toBe('s1'));
    await chats.ask(chat, 'why?');
    chat.type('and?');
    await chats.send(chat);
    expect([backend.asked.length, chat.draft]).toEqual([1, 'and?']);
    await chats.stop(chat);
    expect(backend.asked[0]?.signal?.aborted).toBe(true);
    expect(backend.stopped, 'it would go on without the page').toEqual(['t1']);
  });

  test('a new question while another new one has not arrived begins a chat of its own', async () => {
    const { wait, open } = gate();
    const other: AskEvent = { event: 'started', session: 's2', turn: 't2' };
    const end: AskEvent = { event: 'finished', turn: { ...finished, id: 't2', session: 's2' } };
    const chats = chatsOf(new Scripted([wait, started, { event: 'finished', turn: finished }], [other, end]));
    const first = chats.get(null);
    const both = [chats.ask(first, 'why?'), chats.askAnew('how?')];
    expect(chats.get(null)).not.toBe(first);
    open();
    await Promise.all(both);
    expect(chats.get('s1').turns.map((turn) => turn.question)).toEqual(['why?']);
    expect(chats.get('s2').turns.map((turn) => turn.question)).toEqual(['how?']);
    expect(listener.begun.mock.calls, 'only the one in sight leads there').toEqual([['s2']]);
  });

  test('a question that never arrived goes back before what was typed since', async () => {
    const chats = chatsOf(new Scripted([new HostError('unreachable', 'gone')]));
    const chat = chats.get(null);
    chat.type('why?');
    const done = chats.send(chat);
    chat.type('and how?');
    await done;
    expect(chat.turns).toEqual([]);
    expect([chat.draft, readDraft(NEW)]).toEqual(['why?\n\nand how?', 'why?\n\nand how?']);
    expect(chat.unsent).toBeInstanceOf(HostError);
    expect(listener.failed).toHaveBeenCalledWith(chat.unsent);
    expect(chatsOf(new Scripted()).get(null).draft, 'it is not restored a second time').toBe('why?\n\nand how?');
  });

  test('a crash before the host has the question loses neither it nor what is typed', async () => {
    const chats = chatsOf(new Scripted([new Promise<void>(() => undefined)]));
    const chat = chats.get(null);
    chat.type('why?');
    void chats.send(chat);
    chat.type('and how?');
    // The page that had it under way is another one, which is no more.
    for (const key of Object.keys(localStorage).filter((key) => key.startsWith('ambit.question.'))) {
      const [, session = ''] = key.split('/');
      localStorage.setItem(`ambit.question.another/${session}`, localStorage.getItem(key) ?? '');
      localStorage.removeItem(key);
    }
    expect(chatsOf(new Scripted()).get(null).draft).toBe('why?\n\nand how?');
  });

  test('an answer that breaks off keeps what had come', async () => {
    const backend = new Scripted([started, recalled, { event: 'text', text: 'bec' }]);
    backend.sessions['s1'] = new HostError('unreachable', 'gone');
    const chats = chatsOf(backend);
    const chat = chats.get(null);
    await chats.ask(chat, 'why?');
    expect(shown(chat)).toEqual([['failed', 'bec']]);
  });

  test('a stopped answer keeps what had come', async () => {
    const stopped = new DOMException('stopped', 'AbortError');
    const chats = chatsOf(new Scripted([started, { event: 'text', text: 'bec' }, stopped]));
    const chat = chats.get(null);
    await chats.ask(chat, 'why?');
    expect(shown(chat)).toEqual([['stopped', 'bec']]);
  });
});

describe('loading', () => {
  const running: Turn = { ...finished, status: 'running', answer: null };

  test('an answer that is made elsewhere locks nothing, and is there once it has ended', async () => {
    const second: AskEvent = { event: 'started', session: 's1', turn: 't2' };
    const backend = new Scripted([second, { event: 'finished', turn: { ...finished, id: 't2' } }]);
    backend.sessions = { s1: [running] };
    const chats = chatsOf(backend);
    const chat = await chats.load('s1');
    expect([chat.isRunning, chat.isRunningElsewhere]).toEqual([false, true]);
    await chats.ask(chat, 'and?');
    expect(shown(chat)).toEqual([
      ['elsewhere', ''],
      ['finished', 'because'],
    ]);
    backend.sessions = { s1: [finished, { ...finished, id: 't2' }] };
    await chats.renew(chat);
    expect([chat.isRunningElsewhere, chat.turns.length, chat.turns[0]?.phase]).toEqual([false, 2, 'finished']);
  });

  test('what is asked before the history has come stands after it', async () => {
    const { wait, open } = gate();
    const second: AskEvent = { event: 'started', session: 's1', turn: 't2' };
    const backend = new Scripted([second, { event: 'finished', turn: { ...finished, id: 't2', question: 'and?' } }]);
    backend.sessions = { s1: [finished] };
    backend.held = wait;
    const chats = chatsOf(backend);
    const entered = chats.enter('s1');
    const chat = chats.get('s1');
    await chats.ask(chat, 'and?');
    open();
    await entered;
    expect(chat.turns.map((turn) => turn.question)).toEqual(['why?', 'and?']);
    expect(chat.loaded).toBe(true);
  });

  test('a chat that is opened is fetched once, whoever waits for it', async () => {
    const backend = new Scripted();
    const chats = chatsOf(backend);
    await Promise.all([chats.enter('s1'), chats.load('s1')]);
    expect(backend.requested).toEqual(['GET s1']);
  });

  test('a chat that cannot be loaded says so to who wants its turns', async () => {
    const backend = new Scripted();
    backend.sessions = { s1: new HostError('not-found', 'no such session') };
    const chats = chatsOf(backend);
    await expect(chats.load('s1')).rejects.toThrow('no such session');
    await chats.enter('s1');
    expect(chats.get('s1').failure).toBeInstanceOf(HostError);
  });

  test('a chat that comes into sight again is as the host has it now', async () => {
    const backend = new Scripted();
    backend.sessions = { s1: [finished] };
    const chats = chatsOf(backend);
    await chats.enter('s1');
    const [turn] = chats.get('s1').turns;
    const blanked = { ...finished, answer: { ...finished.answer!, text: '' } };
    backend.sessions = { s1: [blanked] };
    await chats.enter('s1');
    expect(chats.get('s1').turns).toEqual([turn]);
    expect([turn?.isBlanked, turn?.text]).toEqual([true, '']);
  });

  test('after the host was away, only what is in sight is fetched', async () => {
    const backend = new Scripted();
    const chats = chatsOf(backend);
    for (const id of ['s1', 's2', 's3']) await chats.enter(id);
    await chats.reload();
    expect(backend.requested, 'at first, it has just come').toEqual(['GET s1', 'GET s2', 'GET s3']);
    backend.requested = [];
    const hidden = chats.get('s1');
    await chats.reload();
    expect(backend.requested).toEqual(['GET s3']);
    expect(chats.get('s1'), 'what was known of the others is void').not.toBe(hidden);
  });

  test('of the chats that were visited, only the last are kept', async () => {
    const chats = chatsOf(new Scripted());
    await chats.enter('s0');
    const [first] = [chats.get('s0')];
    for (let number = 1; number <= 20; number += 1) await chats.enter(`s${number}`);
    const last = chats.get('s20');
    expect(chats.get('s20')).toBe(last);
    expect(chats.get('s0')).not.toBe(first);
  });

  test('a deleted chat is not asked for again', async () => {
    const backend = new Scripted();
    const chats = chatsOf(backend);
    await chats.enter('s1');
    await chats.enter(null);
    await chats.remove('s1');
    await chats.reload();
    expect(backend.requested).toEqual(['GET s1', 'DELETE s1']);
  });
});

test('a question of a link is put below what is typed, once, and not sent', () => {
  const backend = new Scripted();
  const chats = new Chats(new Host(backend), listener);
  chats.get(null).type('of mine');
  chats.suggest('of a link');
  chats.suggest('of a link');
  expect(chats.get(null).draft).toBe('of mine\n\nof a link');
  expect(readDraft(NEW)).toBe('of mine\n\nof a link');
  expect(backend.asked).toEqual([]);
});

describe('what a question is about', () => {
  const file: Mention = { kind: 'file', path: '/home/ada/plan.md' };
  const attached: Mention = { kind: 'attachment', id: 'a1', name: 'soil.md', is_image: false };

  test('it waits for its files, goes with them, and is known with them', async () => {
    const backend = new Scripted([started, { event: 'finished', turn: { ...finished, about: [file, attached] } }]);
    const { wait, open } = gate();
    backend.held = wait;
    const chats = chatsOf(backend);
    const chat = chats.get(null);
    chat.type('why?');
    chat.about.add(file);
    chat.about.attach(new Host(backend), { files: [new File(['x'], 'soil.md')], leftOut: 0, isMore: false });
    const sent = chats.send(chat);
    expect([chat.isWaiting, backend.asked.length]).toEqual([true, 0]);
    open();
    await sent;
    expect(backend.asked[0]?.body).toEqual({ question: 'why?', about: [file, attached], goes_on: true });
    expect([chat.isWaiting, chat.draft, chat.about.things.length]).toEqual([false, '', 0]);
    expect([readAbout(NEW), readAbout('s1')]).toEqual([[], []]);
    expect(chat.turns[0]?.about).toEqual([file, attached]);
  });

  test('who stops it while it waits keeps all of it', async () => {
    const backend = new Scripted([started]);
    const { wait, open } = gate();
    backend.held = wait;
    const chats = chatsOf(backend);
    const chat = chats.get(null);
    chat.type('why?');
    chat.about.attach(new Host(backend), { files: [new File(['x'], 'soil.md')], leftOut: 0, isMore: false });
    const sent = chats.send(chat);
    void chats.stop(chat);
    open();
    await sent;
    expect([backend.asked, chat.draft, readAbout(NEW)]).toEqual([[], 'why?', [attached]]);
  });

  test('a question that is refused comes back with it, and tells what the host has dropped', async () => {
    const backend = new Scripted([new HostError('not-found', 'the attached file is gone')]);
    const chats = chatsOf(backend);
    const chat = chats.get(null);
    chat.type('why?');
    chat.about.putBack([file, attached]);
    await chats.send(chat);
    await vi.waitFor(() => expect(chat.about.hasFailed).toBe(true));
    expect(chat.draft).toBe('why?');
    expect(chat.about.things.map((thing) => thing.failure !== null)).toEqual([false, true]);
    expect(chat.unsent).toBeInstanceOf(HostError);
  });

  test('a question that is asked again is about the same, and an edit of it outlives the page', async () => {
    const turn = { ...finished, about: [file] };
    const backend = new Scripted([{ event: 'started', session: 's1', turn: 't2' }]);
    backend.sessions = { s1: [turn] };
    const chat = await chatsOf(backend).load('s1');
    chat.edits.begin(chat.turns[0]!);
    chat.edits.of(chat.turns[0]!)?.type('how?');
    chat.edits.of(chat.turns[0]!)?.about.add(attached);

    const chats = chatsOf(backend);
    const again = await chats.load('s1');
    const [live] = again.turns;
    const edit = again.edits.of(live!);
    expect([edit?.question, edit?.about.mentions]).toEqual(['how?', [file, attached]]);
    again.edits.end(live!);
    expect((await chatsOf(backend).load('s1')).edits.of(live!)).toBeNull();
    await chats.ask(again, 'why?', live, live!.about);
    const body = { question: 'why?', session: 's1', replaces: 't1', about: [file], goes_on: true };
    expect(backend.asked[0]?.body).toEqual(body);
  });
});
