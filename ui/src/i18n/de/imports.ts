import type { Messages } from '../en';
import { number, plural } from '../locale.svelte';

/** Texts about chats that come from another service. */
export const imports: Messages['imports'] = {
  title: 'Chats aus ChatGPT oder Claude',
  text: 'Wählen Sie das Zip-Archiv, das der Dienst geschickt hat, oder conversations.json daraus. Dieselbe Datei noch einmal fügt nichts hinzu.',
  file: 'Datei mit exportierten Chats',
  choose: 'Chats importieren',
  tooLarge: (gigabytes) =>
    `Die Datei ist größer als ${gigabytes} GB. Entpacken Sie sie, und wählen Sie conversations.json.`,
  stop: 'Anhalten',
  progress: 'Fortschritt des Imports',
  sending: (done, total) => `${done} von ${total} der Datei gelesen`,
  reading: (chats) => `${plural(chats, 'Chat', 'Chats')} bisher übernommen`,
  done: ({ added, grown, known, left_out }) =>
    `${plural(added, 'neuer Chat', 'neue Chats')}, ${number(grown)} mit Neuem, ${number(known)} schon da, ${number(left_out)} ausgelassen.`,
  leftOut: (count) => `Warum ${plural(count, 'ausgelassen wurde', 'ausgelassen wurden')}`,
  furtherLeftOut: 'Die Gründe der übrigen sind ebenfalls ausgelassen.',
  services: { chatgpt: 'ChatGPT', claude: 'Claude' },
  by: (service) => `Importiert aus ${service}`,
  byModel: (service, model) => `Importiert aus ${service} (${model})`,
};
