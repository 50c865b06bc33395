import {
  EventEmitter,
  Range,
  TabInputTextDiff,
  Uri,
  WorkspaceEdit,
  commands,
  l10n,
  window,
  workspace,
  type Disposable,
  type TextDocument,
  type TextDocumentContentProvider,
} from 'vscode';

/** Documents that are what a file would be. */
const SCHEME = 'ambit-proposal';

/** A change of a document that is shown and not made yet. */
interface Proposal {
  document: TextDocument;
  range: Range;
  /** What stood there when it was asked for. */
  original: string;
  replacement: string;
}

/** Changes that are shown as a difference to the file until people accept or discard them. */
export class Proposals implements TextDocumentContentProvider, Disposable {
  private readonly open = new Map<string, Proposal>();
  private readonly changes = new EventEmitter<Uri>();
  private readonly registrations: Disposable[];
  private last = 0;
  readonly onDidChange = this.changes.event;

  constructor() {
    this.registrations = [
      workspace.registerTextDocumentContentProvider(SCHEME, this),
      // A proposal whose difference is closed is discarded.
      workspace.onDidCloseTextDocument(({ uri }) => void this.open.delete(uri.toString())),
      commands.registerCommand('ambit.edit.accept', (uri?: Uri) =>
        this.decide(uri, (proposal) => this.accept(proposal)),
      ),
      commands.registerCommand('ambit.edit.discard', (uri?: Uri) => this.decide(uri, () => Promise.resolve(true))),
    ];
  }

  provideTextDocumentContent(uri: Uri): string {
    const proposal = this.open.get(uri.toString());
    if (!proposal) return '';
    const { document, range, replacement } = proposal;
    const text = document.getText();
    return text.slice(0, document.offsetAt(range.start)) + replacement + text.slice(document.offsetAt(range.end));
  }

  /** Shows a change; `title` is that of the difference. */
  async show(document: TextDocument, range: Range, replacement: string, title: string): Promise<void> {
    const query = String(++this.last);
    // The path gives it the name, the language and the icon of the file.
    const uri = Uri.from({ scheme: SCHEME, path: document.uri.path, query });
    this.open.set(uri.toString(), { document, range, original: document.getText(range), replacement });
    const selection = new Range(range.start, range.start);
    await commands.executeCommand('vscode.diff', document.uri, uri, title, { preview: true, selection });
  }

  dispose(): void {
    for (const registration of this.registrations) registration.dispose();
    this.changes.dispose();
  }

  /** Does something with the proposal in front, or that of a button, and closes its difference when that is done. */
  private async decide(uri: Uri | undefined, act: (proposal: Proposal) => Promise<boolean>): Promise<void> {
    const active = window.tabGroups.activeTabGroup.activeTab;
    const shown = active?.input instanceof TabInputTextDiff ? active.input.modified : undefined;
    const chosen = [uri, shown].find((one) => one?.scheme === SCHEME);
    const proposal = chosen && this.open.get(chosen.toString());
    if (!chosen || !proposal || !(await act(proposal))) return;
    this.open.delete(chosen.toString());
    const tabs = window.tabGroups.all.flatMap((group) => group.tabs);
    const isIts = (input: unknown): boolean =>
      input instanceof TabInputTextDiff && input.modified.toString() === chosen.toString();
    await window.tabGroups.close(tabs.filter((tab) => isIts(tab.input)));
  }

  private async accept({ document, range, original, replacement }: Proposal): Promise<boolean> {
    if (document.getText(range) !== original) {
      void window.showWarningMessage(l10n.t('The code was changed meanwhile, so this no longer fits. Ask again.'));
      return false;
    }
    const edit = new WorkspaceEdit();
    edit.replace(document.uri, range, replacement);
    if (!(await workspace.applyEdit(edit))) return false;
    await window.showTextDocument(document, { selection: new Range(range.start, range.start), preview: false });
    return true;
  }
}
