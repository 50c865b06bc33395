import {
  EndOfLine,
  ProgressLocation,
  Range,
  l10n,
  languages,
  window,
  type CancellationToken,
  type QuickPickItem,
  type TextDocument,
  type TextEditor,
} from 'vscode';
import type { PieceBackend } from '../../../../ui/src/backend/pieces';
import { codeIn, messagesFor, newMark, type Passage } from './prompt';
import type { Proposals } from './proposals';

/** How many lines around the code a model gets to see, on each side. */
const AROUND = 40;
/** A little variety reads better, and more would change what code does. */
const TEMPERATURE = 0.2;

/** A change that is often wanted, or what somebody typed. */
interface Wish extends QuickPickItem {
  words: string;
}

/** Asks for a change of what is selected, has the model write it, and shows it. */
export async function edit(editor: TextEditor, host: PieceBackend, proposals: Proposals): Promise<void> {
  const { document } = editor;
  const range = wholeLines(editor);
  const { version } = document;
  const words = await ask(document, range);
  if (words === undefined) return;
  const location = ProgressLocation.Notification;
  const title = l10n.t('Ambit writes: {0}', words);
  const code = await window.withProgress({ location, title, cancellable: true }, (progress, token) =>
    write(host, words, passage(document, range), token, (written) => progress.report({ message: ending(written) })),
  );
  if (code === null) return;
  if (document.version !== version) {
    void window.showWarningMessage(l10n.t('The code was changed meanwhile, so this no longer fits. Ask again.'));
  } else if (code === document.getText(range).replaceAll('\r\n', '\n')) {
    void window.showInformationMessage(l10n.t('The model left the code as it is.'));
  } else {
    const replacement = document.eol === EndOfLine.CRLF ? code.replaceAll('\n', '\r\n') : code;
    await proposals.show(document, range, replacement, l10n.t('{0}: {1}', nameOf(document), words));
  }
}

/** What is selected, as whole lines; where nothing is, the line one is in. */
function wholeLines({ document, selection }: TextEditor): Range {
  const endsBefore = selection.end.character === 0 && selection.end.line > selection.start.line;
  const last = document.lineAt(selection.end.line - (endsBefore ? 1 : 0));
  return new Range(selection.start.line, 0, last.lineNumber, last.range.end.character);
}

function passage(document: TextDocument, range: Range): Passage {
  const text = (from: number, to: number): string =>
    document.getText(new Range(Math.max(from, 0), 0, to, 0)).replaceAll('\r\n', '\n');
  const { start, end } = range;
  return {
    language: document.languageId,
    file: nameOf(document),
    before: text(start.line - AROUND, start.line),
    code: document.getText(range).replaceAll('\r\n', '\n'),
    after: text(end.line + 1, end.line + 1 + AROUND),
  };
}

function nameOf(document: TextDocument): string {
  return document.uri.path.split('/').at(-1) ?? '';
}

/** The wish, typed or chosen; undefined when there is none after all. */
function ask(document: TextDocument, range: Range): Promise<string | undefined> {
  const problems = languages.getDiagnostics(document.uri).filter((problem) => problem.range.intersection(range));
  const usual: Wish[] = [
    ...(problems.length > 0
      ? [
          {
            label: `$(wrench) ${l10n.t('Fix the problems')}`,
            detail: problems.map(({ message }) => message).join(' · '),
            words: `Fix these problems:\n${problems.map(({ message }) => `- ${message}`).join('\n')}`,
          },
        ]
      : []),
    wish('lightbulb', l10n.t('Simplify'), 'Say the same in simpler code that behaves alike.'),
    wish(
      'book',
      l10n.t('Document'),
      'Add documentation comments in the style of the language, and change nothing else.',
    ),
    wish('symbol-namespace', l10n.t('Handle errors'), 'Handle the errors that can occur here, and keep the rest.'),
    wish(
      'comment',
      l10n.t('Translate the comments into English'),
      'Translate the comments into English, and change nothing else.',
    ),
  ];
  const pick = window.createQuickPick<Wish>();
  pick.title = l10n.t('Change the selected code');
  pick.placeholder = l10n.t('Say what to change, or choose');
  pick.items = usual;
  pick.onDidChangeValue((value) => {
    const typed = value.trim();
    pick.items = typed === '' ? usual : [{ label: `$(edit) ${typed}`, alwaysShow: true, words: typed }, ...usual];
  });
  return new Promise((resolve) => {
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]?.words);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}

function wish(icon: string, label: string, words: string): Wish {
  return { label: `$(${icon}) ${label}`, words };
}

/** The new code; null when it was given up, or no model wrote it, which people are told. */
async function write(
  host: PieceBackend,
  words: string,
  passage: Passage,
  token: CancellationToken,
  tell: (written: string) => void,
): Promise<string | null> {
  const abort = new AbortController();
  token.onCancellationRequested(() => abort.abort(new DOMException('given up', 'AbortError')));
  const { signal } = abort;
  try {
    const status = (await host.request({ method: 'GET', path: '/v1/status', signal })) as {
      language_model?: string | null;
    };
    const model = status.language_model;
    if (!model) throw new Error(l10n.t('There is no language model yet. Choose one in the chat, under Models.'));
    const mark = newMark();
    const body = { model, messages: messagesFor(words, passage, mark), stream: true, temperature: TEMPERATURE };
    let written = '';
    for await (const event of host.stream({ method: 'POST', path: '/v1/chat/completions', body, signal })) {
      const chunk = event as Chunk;
      if (chunk.error) throw new Error(chunk.error.message);
      if (chunk.choices?.[0]?.finish_reason === 'length') {
        throw new Error(l10n.t('The code is too long for the model. Select less of it.'));
      }
      written += chunk.choices?.[0]?.delta.content ?? '';
      tell(written);
    }
    return codeIn(written, passage.code, mark);
  } catch (failure) {
    if (!signal.aborted) {
      const why = failure instanceof Error ? failure.message : String(failure);
      void window.showErrorMessage(l10n.t('Ambit did not write this: {0}', why));
    }
    return null;
  }
}

/** An event of a chat completion, as far as it matters here. */
interface Chunk {
  choices?: { delta: { content?: string | null }; finish_reason?: string | null }[];
  error?: { message: string };
}

/** The line that is being written. */
function ending(written: string): string {
  return written.trimEnd().split('\n').at(-1)?.trim().slice(0, 60) ?? '';
}
