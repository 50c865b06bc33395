const PREFIX = 'ambit.draft.';

/** The key of the draft of a chat that has not begun. */
export const NEW = 'new';

/** What was typed in a chat and not sent. It outlives the page and its crash. */
export function readDraft(thread: string): string {
  return localStorage.getItem(PREFIX + thread) ?? '';
}

/** Keeps what was typed; an empty text removes it. */
export function writeDraft(thread: string, text: string): void {
  try {
    if (text === '') localStorage.removeItem(PREFIX + thread);
    else localStorage.setItem(PREFIX + thread, text);
  } catch {
    // The browser's space is used up: the text stays on the page, and typing must go on.
  }
}
