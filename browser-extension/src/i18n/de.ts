import type { Texts } from './en';

/** The texts of the extension in German. */
export const de: Texts = {
  host: {
    missing: 'Der Browser findet auf diesem Rechner kein Ambit',
    forbidden: 'Das Ambit auf diesem Rechner lässt diese Erweiterung nicht zu',
    install: 'Installieren Sie Ambit, führen Sie `ambit browser install` aus und versuchen Sie es noch einmal.',
    ended: 'Ambit wurde unerwartet beendet',
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
    notKept:
      'Der Speicher des Browsers für diese Erweiterung ist voll, deshalb wurde Ihre Wahl nicht behalten. Sonst hat sich nichts geändert.',
    ask: 'Zu dieser Seite fragen',
    reading: 'Die Seite wird gelesen …',
    cut: 'Die Seite ist länger als das, was von ihr gelesen wird.',
    empty: 'Auf dieser Seite steht nichts, was gelesen werden kann.',
    gesture:
      'Drücken Sie einmal Ambits Knopf in der Symbolleiste, damit es diese Seite lesen darf, oder erlauben Sie die Website.',
    allow: (site) => `${site} immer erlauben`,
    disallow: (site) => `${site} nicht mehr erlauben`,
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
  forms: {
    open: 'Formular ausfüllen …',
    close: 'Zurück zum Chat',
    again: 'Seite noch einmal lesen',
    rememberTitle: 'Für Formulare etwas merken',
    rememberText:
      'Was hier gemerkt wird, steht unter Ambits Erinnerungen, wo Sie es ändern und vergessen lassen können.',
    field: 'Was es ist',
    value: 'Wert',
    remember: 'Merken',
  },
  data: {
    open: 'Tabellen und Listen …',
    title: 'Tabellen und Listen',
    none: 'Keine Tabellen oder Listen',
    noneText: 'Auf dieser Seite steht nichts, was eine Tabelle oder Liste ist.',
    form: 'Geschrieben als',
    table: (number) => `Tabelle ${number}`,
    rows: (count) => (count === 1 ? 'Eine Zeile' : `${count} Zeilen`),
    copy: (name) => `Kopieren: ${name}`,
    save: (name) => `Als Datei sichern: ${name}`,
  },
  saving: {
    save: 'Diese Seite speichern',
    saved: (title) => `Gespeichert: ${title}. Ambit findet sie von nun an.`,
    changed: (title) => `Gespeichert: ${title}. Sie sagt etwas anderes als beim letzten Mal.`,
    same: (title) => `${title} ist gespeichert und seitdem unverändert.`,
    kept: (when) => `Gespeichert am ${when}`,
    remove: 'Gespeichertes entfernen',
    removed: 'Was von dieser Seite gespeichert war, ist weg.',
    manage: 'Das steht in Ambits eigenem Fenster: `ambit open` zeigt es.',
  },
  related: {
    open: 'Was habe ich dazu?',
    title: 'Was Sie zu dieser Seite haben',
    titleOfSelection: 'Was Sie zu Ihrer Auswahl haben',
    looking: 'In Ihren Dateien, gespeicherten Seiten und Chats wird gesucht …',
    again: 'Noch einmal suchen',
    none: 'Noch nichts',
    noneText: 'Keine Ihrer Dateien, gespeicherten Seiten und Chats handelt von dem, worum es auf dieser Seite geht.',
    thisPage: 'Von dieser Seite gespeichert',
    same: 'Seitdem unverändert',
    changed: 'Seitdem geändert',
    counts: (added, gone) =>
      `${added === 1 ? 'Eine Zeile ist' : `${added} Zeilen sind`} neu, ${gone === 1 ? 'eine ist' : `${gone} sind`} weg.`,
    whatIsNew: 'Was neu ist',
    andMore: (count) => (count === 1 ? 'und noch eine' : `und noch ${count}`),
    saveAgain: 'So speichern, wie sie jetzt ist',
    selections: (count, when) =>
      count === 1
        ? `Eine Auswahl daraus wurde am ${when} gespeichert.`
        : `${count} Auswahlen daraus sind gespeichert, die letzte vom ${when}.`,
    files: 'Dateien und gespeicherte Seiten, die davon handeln',
    site: (site) => `Gespeichert von ${site}`,
    isSelection: 'Eine Auswahl der Seite',
    answers: 'Antworten, die Sie schon haben',
    chat: 'Chat',
    openPage: 'Seite öffnen',
    local: 'All das wurde auf diesem Rechner gesucht; nichts von der Seite hat ihn verlassen.',
  },
  chats: 'Chats',
  pairing: {
    begin: 'Koppeln…',
    title: 'Diesen Browser mit Ambit koppeln',
    why: 'Ein Browser aus Flatpak oder Snap kann kein Programm des Systems starten. Er spricht mit einem Ambit, das schon läuft, sobald Sie hier einfügen, was dies im Terminal ausgibt:',
    link: 'Link',
    pair: 'Koppeln',
    noLink: 'Das ist kein Link von `ambit browser pair`: er beginnt mit http://127.0.0.1: und endet mit einem Code.',
    refused: 'Der Browser darf nicht mit Programmen dieses Geräts sprechen.',
    unpair: 'Kopplung vergessen',
  },
};
