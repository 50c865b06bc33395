import { beforeEach, expect, test, vi } from 'vitest';
import type { Mention } from '../../backend/types';
import { readAbout, readDraft, writeAbout, writeDraft } from './draft';

const file: Mention = { kind: 'file', path: '/home/ada/plan.md' };
const memory: Mention = { kind: 'memory', id: 'm1' };
const attachment: Mention = { kind: 'attachment', id: 'a1', name: 'bed.png', is_image: true };

/** The locks of a browser: who asks for one that is held waits. */
class Locks {
  private readonly ends = new Map<string, Promise<unknown>>();

  request(name: string, held: () => unknown): Promise<unknown> {
    const before = this.ends.get(name) ?? Promise.resolve();
    const end = before.then(held);
    this.ends.set(name, end);
    return end;
  }

  /** The page that holds it has ended. */
  release(name: string): void {
    this.ends.delete(name);
  }

  get names(): string[] {
    return [...this.ends.keys()];
  }
}

const locks = new Locks();
Object.defineProperty(navigator, 'locks', { value: locks });

/** Another page of the same browser. */
async function open(): Promise<typeof import('./under_way')> {
  vi.resetModules();
  return import('./under_way');
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

beforeEach(() => localStorage.clear());

test('a question of a page that ended comes back with what it is about, before what was typed since', async () => {
  const first = await open();
  const lock = locks.names.at(-1) ?? '';
  first.keepQuestion('s1', { question: 'why?', about: [file, memory] });
  first.keepQuestion('s1', { question: 'arrived', about: [] });
  first.dropQuestion('s1', 'arrived');
  writeDraft('s1', 'and how?');
  writeAbout('s1', [memory, attachment]);

  const restored: string[] = [];
  const second = await open();
  second.restoreQuestions((chat) => restored.push(chat));
  await settled();
  expect(readDraft('s1'), 'while its own page is open, nobody takes it').toBe('and how?');

  locks.release(lock);
  const third = await open();
  third.restoreQuestions((chat) => restored.push(chat));
  await settled();
  expect(readDraft('s1')).toBe('why?\n\nand how?');
  expect(readAbout('s1')).toEqual([file, memory, attachment]);
  third.restoreQuestions((chat) => restored.push(chat));
  await settled();
  expect(readDraft('s1'), 'once').toBe('why?\n\nand how?');
  expect(restored).toEqual(['s1']);
});

test('what earlier versions kept is read, and what cannot be is passed over', async () => {
  localStorage.setItem('ambit.question.s1', '["why?", 7, null, {"about": []}]');
  const page = await open();
  page.restoreQuestions(() => undefined);
  expect(readDraft('s1')).toBe('why?');
});
