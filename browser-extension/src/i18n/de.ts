import type { Texts } from './en';

/** The texts of the extension in German. */
export const de: Texts = {
  host: {
    missing: 'Der Browser findet auf diesem Rechner kein Ambit.',
    forbidden: 'Das Ambit auf diesem Rechner lässt diese Erweiterung nicht zu.',
    install: 'Installieren Sie Ambit, führen Sie `ambit browser install` aus und versuchen Sie es noch einmal.',
    ended: 'Ambit wurde unerwartet beendet.',
    status: '`ambit browser status` sagt, was nicht stimmt.',
    anotherVersion: (version) =>
      `Ambit ${version} auf diesem Rechner spricht eine andere Version als diese Erweiterung: Aktualisieren Sie beide.`,
  },
  page: {
    title: 'Diese Seite',
    more: 'Mehr zu dieser Seite',
    none: 'Es ist keine Seite offen, die gelesen werden kann.',
    closed: 'Diese Seite lässt der Browser keine Erweiterung lesen.',
    risky: (site) =>
      `${site} scheint eine Seite für Geld, Gesundheit oder E-Mail zu sein. Nichts davon wird gelesen, bis Sie es sagen.`,
    readAnyway: 'Diese Seite lesen',
    ask: 'Zu dieser Seite fragen',
    asked: 'Ihre nächste Frage geht um diese Seite.',
    reading: 'Die Seite wird gelesen …',
    cut: 'Die Seite ist länger als das, was von ihr gelesen wird.',
    empty: 'Auf dieser Seite steht nichts, was gelesen werden kann.',
    gesture:
      'Drücken Sie einmal Ambits Knopf in der Symbolleiste, damit es diese Seite lesen darf, oder erlauben Sie die Website.',
    allow: (site) => `${site} immer erlauben`,
    disallow: (site) => `${site} nicht mehr erlauben`,
    allowed: (site) => `Ambit darf ${site} lesen, wenn Sie es darum bitten.`,
    gone: 'Die Seite hat sich geändert oder ist geschlossen. Das ist die Stelle, wie sie gelesen wurde.',
    selection: 'Auswahl',
  },
  actions: {
    explain: 'Erklären',
    summarise: 'Zusammenfassen',
    translate: 'Übersetzen',
    simplify: 'Vereinfachen',
    questions: {
      explain: 'Erkläre das.',
      summarise: 'Fasse das zusammen.',
      translate: 'Übersetze das ins Deutsche.',
      simplify: 'Sag das in einfachen Worten.',
    },
  },
  chats: 'Chats',
};
