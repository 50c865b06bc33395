import type { ImportReport } from '../../backend/types';
import { number, plural } from '../locale.svelte';

/** Texts about chats that come from another service. */
export const imports = {
  title: 'Chats from ChatGPT or Claude',
  text: 'Choose the zip archive that the service sent you, or conversations.json from it. The same file again adds nothing.',
  file: 'File with exported chats',
  choose: 'Import chats',
  tooLarge: (gigabytes: number) => `The file is larger than ${gigabytes} GB. Unpack it, and choose conversations.json.`,
  stop: 'Stop',
  progress: 'Progress of the import',
  sending: (done: string, total: string) => `${done} of ${total} read from the file`,
  reading: (chats: number) => `${plural(chats, 'chat', 'chats')} taken so far`,
  done: ({ added, grown, known, left_out }: ImportReport) =>
    `${plural(added, 'new chat', 'new chats')}, ${number(grown)} with something new, ${number(known)} already there, ${number(left_out)} left out.`,
  leftOut: (count: number) => `Why ${plural(count, 'was', 'were')} left out`,
  furtherLeftOut: 'The reasons of the others are left out as well.',
  services: { chatgpt: 'ChatGPT', claude: 'Claude' } as Record<string, string>,
  by: (service: string) => `Imported from ${service}`,
  byModel: (service: string, model: string) => `Imported from ${service} (${model})`,
};
