/** What settings do, by their keys: the host tells it in English. */
export const descriptions: Record<string, string> = {
  'answer.passages': 'Wie viele Textstellen eine Antwort heranziehen darf.',
  'api.compatibility-port':
    'TCP-Port auf 127.0.0.1, an dem Programme für die Schnittstellen von OpenAI und Ollama kein Token brauchen, nur für Modelle; 0 schaltet ihn ab.',
  'api.origins':
    'Herkunft von Webseiten, die die Schnittstelle über TCP aufrufen dürfen, zum Beispiel http://127.0.0.1:5173.',
  'api.tcp-port': 'TCP-Port der lokalen Schnittstelle auf 127.0.0.1; 0 schaltet ihn ab.',
  'completion.context':
    'Was ein Modell, das Code vervollständigt, neben der Datei zu sehen bekommt: edits (letzte Änderungen), open (andere offene Dateien), definitions (Definitionen), diagnostics (Meldungen des Compilers), passages (ähnliche Stellen), pages (eben im Browser gelesene Seiten, deren Code dann auch ohne Modell zählt), commands (eben gescheiterte Befehle). Die letzten beiden nur für Modelle auf diesem Gerät.',
  'completion.context-tokens':
    'Wie viele Token an Code und Kontext ein Modell, das Code vervollständigt, zu sehen bekommt; mit weniger geht es schneller.',
  'completion.gate':
    'Ob im Editor Vorschläge unterbleiben, die Sie nach dem Gelernten kaum übernehmen würden; wer darum bittet, bekommt sie.',
  'completion.learn':
    'Ob Ambit aus angenommenen und abgelehnten Vorschlägen lernt, wann es besser keinen macht; das Gelernte bleibt auf diesem Gerät.',
  'completion.model':
    'Das Sprachmodell, das in Editoren Code vervollständigt, wo sich aus dem Gezählten nichts Sicheres ergibt; leer bleibt es bei diesem allein.',
  'desktop.autostart':
    'Ob die Desktop-App ohne Fenster startet, wenn Sie sich anmelden. Die App richtet sich danach, während sie läuft.',
  'desktop.selection':
    'Ob der Starter der Desktop-App beim Öffnen lesen darf, was in anderen Programmen ausgewählt oder kopiert ist; bei ask fragt er.',
  'desktop.shortcut':
    'Die Tasten, die den Starter der Desktop-App über jedem Programm öffnen, etwa Ctrl+Shift+Space; leer für keine.',
  'host.idle-minutes':
    'Minuten ohne Anfrage, nach denen ein Dienst endet, den ein Programm gestartet hat; bei 0 bleibt er.',
  'index.exclude': 'Dateien, die nie gelesen werden, als Muster wie in .gitignore.',
  'index.maximum-file-bytes': 'Größere Dateien als diese bleiben außen vor, in Bytes.',
  'index.on-battery':
    'Was das Einbetten im Akkubetrieb tut, wenn die Schonung auf automatic steht: slow ruht nach jedem Schub und hört unter 20 % auf.',
  'index.paused': 'Ob das Einbetten ruht: Neues wird nur nach Wörtern gefunden, bis es weitergeht.',
  'index.threads': 'Threads, die Dateien lesen; 0 nimmt einen je Kern.',
  'inference.device':
    'Wo lokale Modelle laufen: auto nimmt eine echte Grafikkarte, wenn es eine gibt; software-gpu ist für Tests.',
  'inference.idle-seconds': 'Sekunden ohne Arbeit, nach denen Modelle den Speicher verlassen.',
  'inference.memory-megabytes':
    'Höchstens so viel Arbeitsspeicher in MiB belegen lokale Modelle zusammen, mit dem, was sie lesen und schreiben; 0 lässt ihnen, was frei ist. Der eigene Speicher einer Grafikkarte zählt nicht.',
  'inference.prefix-cache-megabytes':
    'Plattenplatz in MiB für Anfänge von Texten, die lokale Sprachmodelle gelesen haben, damit sie nach einem Neustart nicht noch einmal gelesen werden; 0 bewahrt keine auf.',
  'inference.threads': 'Threads lokaler Modelle auf dem Prozessor; 0 nimmt einen je Kern.',
  'log.level': 'Wie viel protokolliert wird.',
  'log.maximum-bytes': 'Bytes, die Protokolldateien zusammen belegen dürfen; die ältesten gehen zuerst.',
  'log.retention-days': 'Tage, die Protokolldateien aufbewahrt werden.',
  'models.embedder':
    'Das Modell, das Vektoren bildet, mit seinem Namen aus `ambit models list`; bei einem anderen wird aller Text neu eingebettet.',
  'models.folder': 'Ordner mit den Dateien der Modelle; leer steht für `models` im Datenordner.',
  'models.hub': 'Adresse, von der Modelle geholt werden, oder eines Spiegels davon.',
  'models.language':
    'Das Sprachmodell, das antwortet, mit seinem Namen aus `ambit models list` oder als SERVER/MODELL; leer steht für das einzige installierte.',
  'network.offline': 'Keine Verbindungen außer zu diesem Rechner.',
  'power.profile':
    'Wie sehr der Rechner geschont wird: automatic richtet sich nach Akku, Speicher und Wärme; saver arbeitet langsam und im Akkubetrieb gar nicht; performance hört nur auf, wenn der Speicher knapp oder der Prozessor zu heiß ist.',
  'updates.address':
    'Adresse der Liste, die die neueste Version nennt; ihre Signatur steht daneben, unter demselben Namen mit .minisig.',
  'updates.check': 'Ob der Dienst dort einmal am Tag nachsieht und eine neuere Version meldet; er spielt nie eine ein.',
};
