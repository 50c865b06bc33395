const DRAFT = 'ambit.draft.';
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

/** Keeps a question that is on its way, until the host has it: a crash must not lose it. */
export function keepQuestion(chat: string, question: string): void {
  writeQuestions(chat, [...readQuestions(chat), question]);
}

/** The question has arrived, or went back to where it was typed. */
export function dropQuestion(chat: string, question: string): void {
  const questions = readQuestions(chat);
  const at = questions.indexOf(question);
  if (at >= 0) writeQuestions(chat, questions.toSpliced(at, 1));
}

/** Puts questions that were on their way when the page ended back to where they were typed. To be called before any is asked. */
export function restoreQuestions(): void {
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith(UNDER_WAY)) continue;
    const chat = key.slice(UNDER_WAY.length);
    writeDraft(chat, joined(...readQuestions(chat), readDraft(chat)));
    writeQuestions(chat, []);
  }
}

/** Texts below one another, without those that are empty. */
export function joined(...texts: string[]): string {
  return texts.filter((text) => text !== '').join('\n\n');
}

function readQuestions(chat: string): string[] {
  try {
    const questions: unknown = JSON.parse(localStorage.getItem(UNDER_WAY + chat) ?? '[]');
    return Array.isArray(questions) ? questions.filter((one) => typeof one === 'string') : [];
  } catch {
    return [];
  }
}

function writeQuestions(chat: string, questions: string[]): void {
  write(UNDER_WAY + chat, questions.length === 0 ? '' : JSON.stringify(questions));
}

function write(key: string, text: string): void {
  try {
    if (text === '') localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {
    // The browser's space is used up: the text stays on the page, and typing must go on.
  }
}
