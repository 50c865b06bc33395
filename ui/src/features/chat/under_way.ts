// Questions that are on their way: a crash of the page must not lose them, and another tab must not take them.
import { kept } from '../../backend/kept.svelte';
import type { Mention } from '../../backend/types';
import { keyOf } from '../about/mention';
import { joined, readAbout, readAsked, readDraft, writeAbout, writeAll, writeDraft, type Asked } from './draft';

const UNDER_WAY = 'ambit.question.';
/** Held for as long as a page lives, under its own name. */
const LOCK = 'ambit.page.';

/** This page among those that are open. */
const page = crypto.randomUUID();
// Where there are no locks, nobody asks for this one.
void navigator.locks?.request(LOCK + page, () => new Promise(() => undefined));

const keyFor = (chat: string, of = page): string => `${UNDER_WAY}${of}/${chat}`;

/** Keeps a question that is on its way, until the host has it. */
export function keepQuestion(chat: string, asked: Asked): void {
  writeAll(keyFor(chat), [...readAsked(keyFor(chat)), asked]);
}

/** The question has arrived, or went back to where it was typed. */
export function dropQuestion(chat: string, question: string): void {
  const questions = readAsked(keyFor(chat));
  const at = questions.findIndex((asked) => asked.question === question);
  if (at >= 0) writeAll(keyFor(chat), questions.toSpliced(at, 1));
}

/** Forgets the questions of a chat that this page has under way. */
export function dropQuestions(chat: string): void {
  writeAll(keyFor(chat), []);
}

/**
 * Puts questions back to where they were typed that were on their way when their page ended; those of pages that are open
 * once these end. `onrestored` is told of each chat.
 */
export function restoreQuestions(onrestored: (chat: string) => void): void {
  for (const key of kept.keys()) {
    if (!key.startsWith(UNDER_WAY)) continue;
    const [chat = '', owner] = key.slice(UNDER_WAY.length).split('/').reverse();
    if (owner === page) continue;
    const restored = (): void => {
      if (restore(key, chat)) onrestored(chat);
    };
    // Earlier versions of the page did not tell whose it was.
    if (owner === undefined || !navigator.locks) restored();
    else void navigator.locks.request(LOCK + owner, restored);
  }
}

function restore(key: string, chat: string): boolean {
  const questions = readAsked(key);
  writeAll(key, []);
  if (questions.length === 0) return false;
  const about: Mention[] = [...questions.flatMap((asked) => asked.about), ...readAbout(chat)];
  writeDraft(chat, joined(...questions.map((asked) => asked.question), readDraft(chat)));
  writeAbout(chat, [...new Map(about.map((mention) => [keyOf(mention), mention])).values()]);
  return true;
}
