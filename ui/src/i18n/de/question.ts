import type { Messages } from '../en';
import { plural } from '../locale.svelte';

export const about: Messages['about'] = {
  list: 'Worum es in der Frage geht',
  add: 'Anhängen oder erwähnen',
  attachFiles: 'Dateien oder Bilder anhängen',
  attachFolder: 'Einen Ordner anhängen',
  mention: 'Datei, Ordner oder Erinnerung erwähnen',
  mentionHint: 'Oder @ in die Frage schreiben',
  offered: (count) =>
    `${plural(count, 'Vorschlag', 'Vorschläge')} zum Erwähnen. Pfeiltasten wählen, Enter übernimmt, Escape schließt`,
  kinds: { file: 'Datei', folder: 'Ordner', memory: 'Erinnerung', attachment: 'Anhang' },
  attached: 'angehängt',
  coming: 'wird gelesen',
  picture: (name) => `Bild: ${name}`,
  gone: 'Das Bild ist nicht mehr da.',
  removedMemory: 'eine Erinnerung, die gelöscht wurde',
  tooLarge: (size, most) =>
    `Die Datei hat ${size}; ${most} lassen sich anhängen. Indizieren Sie stattdessen ihren Ordner und erwähnen Sie sie mit @.`,
  unreadable: 'Der Browser kann die Datei nicht lesen. Prüfen Sie, ob sie noch da ist und gelesen werden darf.',
  leftOut: (count, isMore) =>
    `${isMore ? 'Mehr als ' : ''}${plural(count, 'Datei wurde', 'Dateien wurden')} ausgelassen: In einer Frage kann es um 32 Dinge gehen. Indizieren Sie stattdessen den Ordner und erwähnen Sie ihn mit @.`,
  waits: 'Wird gesendet, sobald die Dateien da sind',
  mend: 'Entfernen Sie, was sich nicht anhängen ließ, oder versuchen Sie es erneut',
  noImages: (model) =>
    model === null
      ? 'Hier antwortet kein Sprachmodell, dem sich ein Bild zeigen ließe. Wählen Sie eines, das Bilder annimmt.'
      : `${model} nimmt keine Bilder an. Wählen Sie ein Modell, das es tut, oder entfernen Sie das Bild.`,
  drop: 'Dateien oder Ordner ablegen, um danach zu fragen',
  dropHint: 'Gefunden werden sie nur in diesem Chat',
  nothingDropped: 'Darin ist keine Datei.',
};

export const sending: Messages['sending'] = {
  show: 'Ansehen, was gesendet wird',
  title: 'Was gesendet wird',
  loading: 'Durchsucht Ihre Dateien …',
  nobody: 'Es antwortet kein Sprachmodell: Sie bekommen Zitate aus Ihren Dateien, und nichts wird gesendet.',
  notAsked: (model) =>
    `${model} wird nichts gefragt: Es fand sich nichts, was es erfahren darf. Sie bekommen Zitate oder erfahren, dass sich nichts fand.`,
  elsewhere: (model) => `Das bekommt ${model}, Wort für Wort. Noch ist nichts gesendet.`,
  here: (model) => `Das bekommt ${model}, Wort für Wort. Es bleibt auf diesem Gerät.`,
  toProviders: 'Unter Server einwilligen',
  heldBack: (count, provider) =>
    `${plural(count, 'Stelle wird', 'Stellen werden')} zurückgehalten, aus Ordnern, die für ${provider} nicht freigegeben sind.`,
  toFolders: (provider) => `Ordner von ${provider}`,
  bytes: (size) => `insgesamt ${size}`,
  passages: (count) => plural(count, 'Stelle', 'Stellen'),
  images: (count) => plural(count, 'Bild', 'Bilder'),
  files: 'Dateien, die zitiert werden',
  messages: 'Nachrichten, Wort für Wort',
  roles: {
    system: 'Anweisungen',
    user: 'Sie',
    assistant: 'Modell',
    tool: 'Werkzeug',
  },
  always: 'Das vor dem Senden immer zeigen',
  alwaysHint: 'In diesem Chat, solange sein Modell anderswo läuft',
};
