import {
  DecorationRangeBehavior,
  Disposable,
  EndOfLine,
  MarkdownString,
  Range,
  Selection,
  TextEditorRevealType,
  ThemeColor,
  commands,
  l10n,
  window,
  workspace,
  type TextEditor,
} from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { hintOf, isInsertion } from './next_edit_text';
import { availabilityOf, showsNextEdits, switchesOf } from './settings';

/** Whoever types on is not asked for yet, in milliseconds. */
const PAUSE = 400;
const SHOWN = 'ambit.nextEditShown';
/** The key that goes there, as the manifest binds it. */
const KEY = process.platform === 'darwin' ? '⌃⌥N' : 'Alt+N';

/** An edit as the language server tells it, with what is to be run once it is made. */
interface ServerEdit {
  text: string;
  range: { start: { line: number; character: number }; end: { line: number; character: number } };
  reason: string;
  command?: { command: string; arguments?: unknown[] };
}

interface Shown {
  editor: TextEditor;
  version: number;
  range: Range;
  edit: ServerEdit;
}

/**
 * Where a document is edited next, after the last edit: shown in its place, and beside the cursor where that cannot be seen.
 * One key goes there, and makes the edit once there.
 */
export class NextEdits implements Disposable {
  private readonly place = window.createTextEditorDecorationType({
    backgroundColor: new ThemeColor('editor.findMatchHighlightBackground'),
    rangeBehavior: DecorationRangeBehavior.ClosedClosed,
    after: { color: new ThemeColor('editorGhostText.foreground'), margin: '0 0 0 1em' },
  });
  private readonly pointer = window.createTextEditorDecorationType({
    after: { color: new ThemeColor('editorGhostText.foreground'), margin: '0 0 0 3em' },
  });
  private readonly following: Disposable;
  private shown: Shown | null = null;
  private waiting: NodeJS.Timeout | null = null;
  /** Of the requests only the newest counts. */
  private newest = 0;

  /** `client` is the one that runs, if any. */
  constructor(private readonly client: () => LanguageClient | null) {
    this.following = Disposable.from(
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (document !== window.activeTextEditor?.document || contentChanges.length === 0) return;
        this.dismiss();
        this.waiting = setTimeout(() => void this.request(false), PAUSE);
      }),
      window.onDidChangeActiveTextEditor(() => this.dismiss()),
      window.onDidChangeTextEditorSelection(() => this.point()),
      window.onDidChangeTextEditorVisibleRanges(() => this.point()),
    );
  }

  /** Goes to the next edit, or makes it where the cursor is in its line; then the one after it is shown. */
  async go(editor: TextEditor): Promise<void> {
    const shown = this.shown;
    if (shown === null || shown.editor !== editor || shown.version !== editor.document.version) {
      return this.request(true);
    }
    const { range, edit } = shown;
    if (editor.selection.active.line !== range.start.line) {
      editor.selection = new Selection(range.start, range.start);
      editor.revealRange(range, TextEditorRevealType.InCenterIfOutsideViewport);
      return;
    }
    this.dismiss();
    const text = edit.text.replaceAll('\r\n', '\n');
    const written = editor.document.eol === EndOfLine.CRLF ? text.replaceAll('\n', '\r\n') : text;
    if (!(await editor.edit((builder) => builder.replace(range, written)))) return;
    const end = editor.document.positionAt(editor.document.offsetAt(range.start) + written.length);
    editor.selection = new Selection(end, end);
    editor.revealRange(new Range(range.start, end));
    if (edit.command) await commands.executeCommand(edit.command.command, ...(edit.command.arguments ?? []));
  }

  /** Puts away what is shown, and what is on its way. */
  dismiss(): void {
    this.newest += 1;
    if (this.waiting) clearTimeout(this.waiting);
    this.waiting = null;
    if (this.shown === null) return;
    const { editor } = this.shown;
    this.shown = null;
    editor.setDecorations(this.place, []);
    editor.setDecorations(this.pointer, []);
    void commands.executeCommand('setContext', SHOWN, false);
  }

  dispose(): void {
    this.dismiss();
    this.following.dispose();
    this.place.dispose();
    this.pointer.dispose();
  }

  /** Asks where the document is edited next. Who asked for it is told when there is nothing. */
  private async request(isAsked: boolean): Promise<void> {
    this.dismiss();
    const [client, editor, number] = [this.client(), window.activeTextEditor, this.newest];
    if (!client || !editor || availabilityOf(editor.document) !== 'on') return;
    const { document } = editor;
    if (!isAsked && (!showsNextEdits(document) || switchesOf(document).subtle)) return;
    const { version } = document;
    const converter = client.code2ProtocolConverter;
    const asked = {
      textDocument: { ...converter.asTextDocumentIdentifier(document), version },
      position: converter.asPosition(editor.selection.active),
    };
    const answer = await client
      .sendRequest<{ edits?: ServerEdit[] } | null>('textDocument/copilotInlineEdit', asked)
      // A server that is going away says nothing, and there is nothing to be done about it here.
      .catch(() => null);
    if (number !== this.newest || editor !== window.activeTextEditor || document.version !== version) return;
    const edit = answer?.edits?.[0];
    if (!edit) {
      if (isAsked) window.setStatusBarMessage(l10n.t('Ambit knows of no next edit'), 4000);
      return;
    }
    const { start, end } = edit.range;
    this.shown = { editor, version, edit, range: new Range(start.line, start.character, end.line, end.character) };
    this.draw(this.shown);
    void commands.executeCommand('setContext', SHOWN, true);
    void client.sendNotification('textDocument/didShowCompletion', { item: edit });
  }

  private draw({ editor, range, edit }: Shown): void {
    const code = new MarkdownString().appendText(edit.reason).appendCodeblock(edit.text, editor.document.languageId);
    const hint = `${isInsertion(edit) ? '' : '→ '}${hintOf(edit)}  (${KEY})`;
    editor.setDecorations(this.place, [{ range, hoverMessage: code, renderOptions: { after: { contentText: hint } } }]);
    this.point();
  }

  /** Tells beside the cursor where the next edit is, while that cannot be seen. */
  private point(): void {
    if (this.shown === null) return;
    const { editor, range, edit } = this.shown;
    const isSeen = editor.visibleRanges.some((visible) => visible.contains(range.start));
    const { active } = editor.selection;
    const end = editor.document.lineAt(active.line).range.end;
    const contentText = `${l10n.t('Line {0}: {1}', range.start.line + 1, edit.reason)}  (${KEY})`;
    editor.setDecorations(
      this.pointer,
      isSeen ? [] : [{ range: new Range(end, end), renderOptions: { after: { contentText } } }],
    );
  }
}
