import { beforeEach, expect, test } from 'vitest';
import type { Mention } from '../../backend/types';
import {
  forgetChat,
  readAbout,
  readEdits,
  readShowsFirst,
  writeAbout,
  writeDraft,
  writeEdits,
  writeShowsFirst,
} from './draft';

const file: Mention = { kind: 'file', path: '/home/ada/plan.md' };
const memory: Mention = { kind: 'memory', id: 'm1' };
const attachment: Mention = { kind: 'attachment', id: 'a1', name: 'bed.png', is_image: true };

beforeEach(() => localStorage.clear());

test('what a question is about is kept with it, and goes with the chat', () => {
  writeDraft('s1', 'what of it?');
  writeAbout('s1', [file, memory, attachment]);
  writeEdits('s1', new Map([['t1', { question: 'how?', about: [file] }]]));
  writeShowsFirst('s1', true);
  expect(readAbout('s1')).toEqual([file, memory, attachment]);
  expect([...readEdits('s1')]).toEqual([['t1', { question: 'how?', about: [file] }]]);
  expect([readAbout('s2'), readEdits('s2').size, readShowsFirst('s2')]).toEqual([[], 0, false]);
  expect(readShowsFirst('s1')).toBe(true);
  forgetChat('s1');
  expect(localStorage.length).toBe(0);
});

test('what earlier versions kept is read, and what cannot be is passed over', () => {
  localStorage.setItem('ambit.about.s1', '[{"kind": "file"}, {"kind": "memory", "id": "m1"}, "x", null]');
  localStorage.setItem('ambit.about.s2', 'torn');
  localStorage.setItem('ambit.edits.s1', '{"t1": {"question": "how?"}, "t2": 3, "t3": null}');
  expect([readAbout('s1'), readAbout('s2')]).toEqual([[memory], []]);
  expect([...readEdits('s1')]).toEqual([['t1', { question: 'how?', about: [] }]]);
});
