import { expect, it } from 'vitest';
import { isFull, keepPrompts, keptPrompts, PROMPTS } from './kept_prompts';
import {
  faultOf,
  LONGEST_INSTRUCTION,
  LONGEST_NAME,
  MOST_PROMPTS,
  movedPrompt,
  promptsIn,
  withoutPrompt,
  withPrompt,
  type Prompt,
} from './prompt';

const made = (id: string, name = `Name ${id}`, instruction = 'Do it.'): Prompt => ({ id, name, instruction });
const three = [made('1'), made('2'), made('3')];
const order = (prompts: Prompt[]): string => prompts.map(({ id }) => id).join('');

it('a prompt that cannot be kept is told why', () => {
  expect(faultOf(made('4', ' \n '), three)).toBe('no-name');
  expect(faultOf(made('4', 'a'.repeat(LONGEST_NAME + 1)), three)).toBe('long-name');
  expect(faultOf(made('4', '🐝'.repeat(LONGEST_NAME)), three)).toBeNull();
  expect(faultOf(made('4', ' name  2'), three)).toBe('same-name');
  expect(faultOf(made('2', 'name 2'), three)).toBeNull();
  expect(faultOf(made('4', 'New', '  '), three)).toBe('no-instruction');
  expect(faultOf(made('4', 'New', 'a'.repeat(LONGEST_INSTRUCTION + 1)), three)).toBe('long-instruction');
  const full = Array.from({ length: MOST_PROMPTS }, (_, at) => made(String(at)));
  expect(faultOf(made('new', 'New'), full)).toBe('too-many');
  expect(faultOf(made('0', 'Changed'), full)).toBeNull();
});

it('prompts are added, changed, moved and removed', () => {
  expect(withPrompt(three, made('4', ' A  list ', ' Make one. ')).at(-1)).toEqual(made('4', 'A list', 'Make one.'));
  expect(withPrompt(three, made('2', 'B'))[1]).toEqual(made('2', 'B'));
  expect(order(movedPrompt(three, '3', -1))).toBe('132');
  expect(order(movedPrompt(three, '1', 2))).toBe('231');
  expect(order(movedPrompt(three, '1', -1))).toBe('123');
  expect(order(movedPrompt(three, 'unknown', 1))).toBe('123');
  expect(order(withoutPrompt(three, '2'))).toBe('13');
});

it('what was kept is read whatever it is', async () => {
  for (const none of [undefined, null, 1, {}, 'prompts', [null, 1, {}, { id: 1, name: 'a', instruction: 'b' }]])
    expect(promptsIn(none)).toEqual([]);
  expect(promptsIn([three[0], three[0], made('5', 'name 1'), { ...three[1], more: 1 }])).toEqual(three.slice(0, 2));
  const items = new Map<string, unknown>();
  const store = {
    get: (key: string) => Promise.resolve(Object.fromEntries(items.has(key) ? [[key, items.get(key)]] : [])),
    set: (added: Record<string, unknown>) =>
      Promise.resolve(void Object.entries(added).forEach(([key, value]) => items.set(key, value))),
  };
  expect(await keptPrompts(store)).toEqual([]);
  await keepPrompts(store, three);
  expect(items.get(PROMPTS)).toEqual(three);
  expect(await keptPrompts(store)).toEqual(three);
});

it('a full storage is told from other failures', () => {
  expect(isFull(new Error('Resource::kQuotaBytes quota exceeded'))).toBe(true);
  expect(isFull(new DOMException('no room', 'QuotaExceededError'))).toBe(true);
  expect(isFull(new Error('the disk cannot be read'))).toBe(false);
});
