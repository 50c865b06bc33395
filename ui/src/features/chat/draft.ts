import { kept } from '../../backend/kept.svelte';
import type { Mention } from '../../backend/types';
import { mentionsIn } from '../about/mention';

const DRAFT = 'ambit.draft.';
const ABOUT = 'ambit.about.';
const EDITS = 'ambit.edits.';
const SHOWS_FIRST = 'ambit.shows-first.';

/** The most characters of a question that the host takes. */
export const LONGEST_QUESTION = 8000;

/** The key of a chat that has not begun. */
export const NEW = 'new';

/** Who is to answer in a chat. */
export interface Choice {
  /** A model; null: the one that is chosen for all. */
  model: string | null;
  /** Whether no model may answer that runs on another machine. */
  onlyLocal: boolean;
}

export const ANYONE: Choice = { model: null, onlyLocal: false };

const CHOICE = 'ambit.choice';

/** Who is to answer what was typed in a chat that has not begun. It outlives the page, as what was typed does. */
export function readChoice(): Choice {
  try {
    const stored: unknown = JSON.parse(kept.get(CHOICE) ?? '{}');
    const { model, onlyLocal } = stored as Partial<Record<keyof Choice, unknown>>;
    return { model: typeof model === 'string' ? model : null, onlyLocal: onlyLocal === true };
  } catch {
    return ANYONE;
  }
}

/** Keeps who is to answer. */
export function writeChoice(choice: Choice): void {
  write(CHOICE, choice.model === null && !choice.onlyLocal ? '' : JSON.stringify(choice));
}

/** What was typed in a chat and not sent. It outlives the page and its crash. */
export function readDraft(chat: string): string {
  return kept.get(DRAFT + chat) ?? '';
}

/** Keeps what was typed; an empty text removes it. */
export function writeDraft(chat: string, text: string): void {
  write(DRAFT + chat, text);
}

/** What the question is about that was typed in a chat and not sent. */
export function readAbout(chat: string): Mention[] {
  return mentionsIn(parsed(ABOUT + chat));
}

/** Keeps what a question is about. */
export function writeAbout(chat: string, about: Mention[]): void {
  writeAll(ABOUT + chat, about);
}

/** A question, with what it is about. */
export interface Asked {
  question: string;
  about: Mention[];
}

/** The questions of a chat that are being put in other words, by their turns. */
export function readEdits(chat: string): Map<string, Asked> {
  return new Map(
    Object.entries(parsed(EDITS + chat) ?? {}).flatMap(([turn, stored]) => askedIn(stored, (it) => [turn, it])),
  );
}

/** Keeps these questions. */
export function writeEdits(chat: string, edits: Map<string, Asked>): void {
  write(EDITS + chat, edits.size === 0 ? '' : JSON.stringify(Object.fromEntries(edits)));
}

/** Whether a chat shows what would leave the machine before it does. */
export function readShowsFirst(chat: string): boolean {
  return kept.get(SHOWS_FIRST + chat) !== null;
}

/** Keeps that. */
export function writeShowsFirst(chat: string, showsFirst: boolean): void {
  write(SHOWS_FIRST + chat, showsFirst ? 'yes' : '');
}

/** Forgets all that is kept of a chat. */
export function forgetChat(chat: string): void {
  for (const kind of [DRAFT, ABOUT, EDITS, SHOWS_FIRST]) write(kind + chat, '');
}

/** Texts below one another, without those that are empty. */
export function joined(...texts: string[]): string {
  return texts.filter((text) => text !== '').join('\n\n');
}

/** The questions that are kept under a key. */
export function readAsked(key: string): Asked[] {
  const questions = parsed(key);
  return Array.isArray(questions) ? questions.flatMap((stored) => askedIn(stored, (asked) => asked)) : [];
}

/** A question in what was kept, as something else; nothing when there is none. */
function askedIn<T>(stored: unknown, as: (asked: Asked) => T): T[] {
  // Earlier versions of the page kept the question alone.
  const { question, about } = (typeof stored === 'string' ? { question: stored } : (stored ?? {})) as Partial<
    Record<keyof Asked, unknown>
  >;
  return typeof question === 'string' ? [as({ question, about: mentionsIn(about) })] : [];
}

/** What is kept as JSON; null when there is nothing that can be read. */
function parsed(key: string): object | null {
  try {
    const stored: unknown = JSON.parse(kept.get(key) ?? 'null');
    return typeof stored === 'object' ? stored : null;
  } catch {
    return null;
  }
}

/** Keeps all of these under a key; nothing when there are none. */
export function writeAll(key: string, all: unknown[]): void {
  write(key, all.length === 0 ? '' : JSON.stringify(all));
}

function write(key: string, text: string): void {
  if (text === '') kept.remove(key);
  else kept.set(key, text);
}
