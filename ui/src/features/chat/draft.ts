import type { Mention } from '../../backend/types';
import { keyOf, mentionsIn } from '../about/mention';

const DRAFT = 'ambit.draft.';
const ABOUT = 'ambit.about.';
const EDITS = 'ambit.edits.';
const SHOWS_FIRST = 'ambit.shows-first.';
const UNDER_WAY = 'ambit.question.';

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
    const kept: unknown = JSON.parse(localStorage.getItem(CHOICE) ?? '{}');
    const { model, onlyLocal } = kept as Partial<Record<keyof Choice, unknown>>;
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
  return localStorage.getItem(DRAFT + chat) ?? '';
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
    Object.entries(parsed(EDITS + chat) ?? {}).flatMap(([turn, kept]) => askedIn(kept, (it) => [turn, it])),
  );
}

/** Keeps these questions. */
export function writeEdits(chat: string, edits: Map<string, Asked>): void {
  write(EDITS + chat, edits.size === 0 ? '' : JSON.stringify(Object.fromEntries(edits)));
}

/** Whether a chat shows what would leave the machine before it does. */
export function readShowsFirst(chat: string): boolean {
  return localStorage.getItem(SHOWS_FIRST + chat) !== null;
}

/** Keeps that. */
export function writeShowsFirst(chat: string, showsFirst: boolean): void {
  write(SHOWS_FIRST + chat, showsFirst ? 'yes' : '');
}

/** Forgets all that is kept of a chat. */
export function forgetChat(chat: string): void {
  for (const kind of [DRAFT, ABOUT, EDITS, SHOWS_FIRST, UNDER_WAY]) write(kind + chat, '');
}

/** Keeps a question that is on its way, until the host has it: a crash must not lose it. */
export function keepQuestion(chat: string, asked: Asked): void {
  writeAll(UNDER_WAY + chat, [...readQuestions(chat), asked]);
}

/** The question has arrived, or went back to where it was typed. */
export function dropQuestion(chat: string, question: string): void {
  const questions = readQuestions(chat);
  const at = questions.findIndex((asked) => asked.question === question);
  if (at >= 0) writeAll(UNDER_WAY + chat, questions.toSpliced(at, 1));
}

/** Puts questions that were on their way when the page ended back to where they were typed. To be called before any is asked. */
export function restoreQuestions(): void {
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith(UNDER_WAY)) continue;
    const chat = key.slice(UNDER_WAY.length);
    const questions = readQuestions(chat);
    const about = [...questions.flatMap((asked) => asked.about), ...readAbout(chat)];
    writeDraft(chat, joined(...questions.map((asked) => asked.question), readDraft(chat)));
    writeAbout(chat, [...new Map(about.map((mention) => [keyOf(mention), mention])).values()]);
    writeAll(UNDER_WAY + chat, []);
  }
}

/** Texts below one another, without those that are empty. */
export function joined(...texts: string[]): string {
  return texts.filter((text) => text !== '').join('\n\n');
}

function readQuestions(chat: string): Asked[] {
  const questions = parsed(UNDER_WAY + chat);
  return Array.isArray(questions) ? questions.flatMap((kept) => askedIn(kept, (asked) => asked)) : [];
}

/** A question in what was kept, as something else; nothing when there is none. */
function askedIn<T>(kept: unknown, as: (asked: Asked) => T): T[] {
  // Earlier versions of the page kept the question alone.
  const { question, about } = (typeof kept === 'string' ? { question: kept } : (kept ?? {})) as Partial<
    Record<keyof Asked, unknown>
  >;
  return typeof question === 'string' ? [as({ question, about: mentionsIn(about) })] : [];
}

/** What is kept as JSON; null when there is nothing that can be read. */
function parsed(key: string): object | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? 'null');
    return typeof kept === 'object' ? kept : null;
  } catch {
    return null;
  }
}

function writeAll(key: string, all: unknown[]): void {
  write(key, all.length === 0 ? '' : JSON.stringify(all));
}

function write(key: string, text: string): void {
  try {
    if (text === '') localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {
    // The browser's space is used up: the text stays on the page, and typing must go on.
  }
}
