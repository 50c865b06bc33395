/** The texts of the extension in English; what it shares with the page is the page's. */
export const en = {
  host: {
    missing: 'The browser finds no Ambit on this machine.',
    forbidden: 'The Ambit on this machine does not admit this extension.',
    install: 'Install Ambit, run `ambit browser install`, and try again.',
    ended: 'Ambit ended unexpectedly.',
    status: '`ambit browser status` tells what is wrong.',
    anotherVersion: (version: string) =>
      `Ambit ${version} on this machine speaks another version than this extension: update both.`,
  },
  page: {
    title: 'This page',
    more: 'More about this page',
    none: 'No page is open that can be read.',
    closed: 'The browser lets no extension read this page.',
    risky: (site: string) =>
      `${site} looks like a site for money, health or mail. Nothing of it is read until you say so.`,
    readAnyway: 'Read this page',
    ask: 'Ask about this page',
    asked: 'Your next question is about this page.',
    reading: 'Reading the page…',
    cut: 'The page is longer than what is read of it.',
    empty: 'Nothing that can be read stands on this page.',
    gesture: 'Press the toolbar button of Ambit once to let it read this page, or allow the site.',
    allow: (site: string) => `Always allow ${site}`,
    disallow: (site: string) => `No longer allow ${site}`,
    allowed: (site: string) => `Ambit may read ${site} when you ask it to.`,
    gone: 'The page has changed, or is closed. Here is the passage as it was read.',
    selection: 'Selection',
  },
  actions: {
    explain: 'Explain',
    summarise: 'Summarise',
    translate: 'Translate',
    simplify: 'Simplify',
    questions: {
      explain: 'Explain this.',
      summarise: 'Summarise this.',
      translate: 'Translate this into English.',
      simplify: 'Say this in simple words.',
    },
  },
  forms: {
    open: 'Fill in a form…',
    close: 'Back to the chat',
    again: 'Read the page again',
    rememberTitle: 'Remember something for forms',
    rememberText: 'What is remembered here stands among Ambit’s memories, where you can change and forget it.',
    field: 'What it is',
    value: 'Value',
    remember: 'Remember',
  },
  saving: {
    save: 'Save this page',
    saved: (title: string) => `Saved: ${title}. Ambit finds it from now on.`,
    changed: (title: string) => `Saved: ${title}. It says something else than when you saved it before.`,
    same: (title: string) => `${title} is saved, and has not changed since.`,
    kept: (when: string) => `Saved on ${when}`,
    remove: 'Remove what is saved of it',
    removed: 'What was saved of this page is gone.',
    manage: 'That is in Ambit’s own window: `ambit open` shows it.',
  },
  chats: 'Chats',
};

export type Texts = typeof en;
