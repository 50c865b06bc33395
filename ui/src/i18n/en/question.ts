import { plural } from '../locale.svelte';

/** Texts on what a question is about. */
export const about = {
  list: 'What the question is about',
  add: 'Attach or mention',
  attachFiles: 'Attach files or images',
  attachFolder: 'Attach a folder',
  mention: 'Mention a file, folder or memory',
  mentionHint: 'Or type @ in the question',
  offered: (count: number) =>
    `${plural(count, 'thing', 'things')} to mention. Arrow keys choose, Enter takes, Escape closes`,
  kinds: { file: 'File', folder: 'Folder', memory: 'Memory', attachment: 'Attachment' },
  attached: 'attached',
  coming: 'being read',
  picture: (name: string) => `Picture: ${name}`,
  gone: 'The image is no longer there.',
  removedMemory: 'a memory that was removed',
  tooLarge: (size: string, most: string) =>
    `It has ${size}; ${most} can be attached. Index its folder instead, and mention it with @.`,
  unreadable: 'The browser cannot read it. Check that the file is still there and may be read.',
  leftOut: (count: number, isMore: boolean) =>
    `${isMore ? 'More than ' : ''}${plural(count, 'file was', 'files were')} left out: a question can be about 32 things. Index the folder instead, and mention it with @.`,
  waits: 'Is sent once the files are there',
  mend: 'Remove what could not be attached, or try again',
  noImages: (model: string | null) =>
    model === null
      ? 'No language model answers here that an image could be shown to. Choose one that takes images.'
      : `${model} takes no images. Choose a model that does, or remove the image.`,
  drop: 'Drop files or folders to ask about them',
  dropHint: 'They are found in this chat alone',
  nothingDropped: 'There is no file in it.',
};

/** Texts on what a model would get. */
export const sending = {
  show: 'See what is sent',
  title: 'What is sent',
  loading: 'Looking through your files …',
  nobody: 'No language model answers: you get quotes from your files, and nothing is sent.',
  notAsked: (model: string) =>
    `${model} is not asked anything: nothing was found that it may be told. You get quotes, or learn that nothing was found.`,
  elsewhere: (model: string) => `This is what ${model} gets, word for word. Nothing has been sent yet.`,
  here: (model: string) => `This is what ${model} gets, word for word. It stays on this machine.`,
  toProviders: 'Consent under Providers',
  heldBack: (count: number, provider: string) =>
    `${plural(count, 'passage is', 'passages are')} held back, from folders that are not allowed for ${provider}.`,
  toFolders: (provider: string) => `Folders of ${provider}`,
  bytes: (size: string) => `${size} in all`,
  passages: (count: number) => plural(count, 'passage', 'passages'),
  images: (count: number) => plural(count, 'image', 'images'),
  files: 'Files that are quoted',
  messages: 'Messages, word for word',
  roles: {
    system: 'Instructions',
    user: 'You',
    assistant: 'Model',
    tool: 'Tool',
  } as Record<string, string>,
  always: 'Always show this before sending',
  alwaysHint: 'In this chat, while its model runs elsewhere',
};
