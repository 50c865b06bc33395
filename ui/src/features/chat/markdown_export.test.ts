import { expect, test } from 'vitest';
import type { Answer, Turn } from '../../backend/types';
import { i18n } from '../../i18n/i18n.svelte';
import type { Chat } from './chat.svelte';
import { fileName, toMarkdown } from './markdown_export';
import { LiveTurn } from './turn.svelte';

const ASKED = 1_714_557_600_000;

function turn(question: string, told: Partial<Turn> = {}, origin: Answer['origin'] = { kind: 'extractive' }): LiveTurn {
  const answer = { text: 'Because.', origin, citations: [], memories: [], embedder: null, bytes_sent: 0 };
  const ended = { status: 'finished', answer, failure: null, asked_at: ASKED, ended_at: ASKED } as const;
  return LiveTurn.of({ id: 't', session: 's', question, ...ended, ...told });
}

function exported(...turns: LiveTurn[]): string {
  return toMarkdown({ title: 'Bread', turns } as unknown as Chat);
}

test('a short question is a heading, with what is known of its answer', () => {
  const about: Turn['about'] = [
    { kind: 'file', path: '/notes/big_bread.md' },
    { kind: 'memory', id: 'm' },
  ];
  const told = exported(turn('Why?', { about }, { kind: 'model', model: 'house/small' }));
  const line = `*${i18n.moment(ASKED)} · File: big\\_bread.md · Memory · house/small*`;
  expect(told).toBe(`# Bread\n\n## Why?\n\n${line}\n\nBecause.\n`);
});

test('a question of several lines is quoted below its first one', () => {
  const told = exported(turn('Why is this wrong?\n\nfn main() {\n    x\n}\n', {}, { kind: 'imported', by: 'claude' }));
  expect(told).toContain('## Why is this wrong?\n\n> Why is this wrong?\n>\n> fn main() {\n>     x\n> }\n\n*');
  expect(told).toContain(' · claude*\n\nBecause.');
});

test('a long heading is cut between characters, and nothing of the question is lost', () => {
  const long = '𝒳'.repeat(81);
  expect(exported(turn(long))).toContain(`## ${'𝒳'.repeat(80)}…\n\n> ${long}\n`);
  expect(exported(turn('𝒳'.repeat(80)))).not.toContain('>');
});

test('an answer that nobody asked for has no heading', () => {
  expect(exported(turn(''))).toBe(`# Bread\n\n*${i18n.moment(ASKED)}*\n\nBecause.\n`);
});

test('every file system takes the name of the file', () => {
  expect(fileName('How long? / does "it" rest')).toBe('How-long-does-it-rest.md');
  expect(fileName('नमस्ते')).toBe('नमस्ते.md');
  expect(fileName('…')).toBe('chat.md');
  expect(fileName('CON')).toBe('chat-CON.md');
  expect(fileName('com1')).toBe('chat-com1.md');
  expect(fileName('Console')).toBe('Console.md');
  expect(fileName('𝒳'.repeat(100))).toBe(`${'𝒳'.repeat(60)}.md`);
});
