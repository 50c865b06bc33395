import { readFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import {
  Range,
  Uri,
  commands,
  l10n,
  window,
  workspace,
  type ExtensionContext,
  type Webview,
  type WebviewView,
  type WebviewViewProvider,
} from 'vscode';
import type { Calls } from '../server/calls';
import type { FromView, ToView } from './messages';
import { PAGE, framed } from './page';

/** As package.json names it. */
export const CHAT = 'ambit.chat';

/** The page of Ambit in a view, whose requests go to the host by way of the language server. */
export class ChatView implements WebviewViewProvider {
  private readonly running = new Set<string>();
  private view: WebviewView | null = null;
  private isReady = false;
  private kept: ToView[] = [];

  constructor(
    private readonly context: ExtensionContext,
    private readonly calls: Calls,
  ) {}

  async resolveWebviewView(view: WebviewView): Promise<void> {
    this.view = view;
    const { webview } = view;
    webview.options = {
      enableScripts: true,
      localResourceRoots: [this.file(PAGE), this.file('dist'), this.file('media')],
    };
    webview.onDidReceiveMessage((message: FromView) => this.hear(message));
    view.onDidDispose(() => this.gone());
    webview.html = await this.document(webview);
  }

  /** Shows the view, at an address of the page; a question is put where one types, and not sent. */
  async show(address: string | null = null, question: string | null = null): Promise<void> {
    await commands.executeCommand(`${CHAT}.focus`);
    if (address === null && question === null) return;
    this.say({ go: { kind: 'go', address: address ?? '#/chat', question } });
  }

  private file(path: string): Uri {
    return Uri.joinPath(this.context.extensionUri, path);
  }

  private async document(webview: Webview): Promise<string> {
    const page = await readFile(this.file(`${PAGE}/index.html`).fsPath, 'utf8');
    return framed(page, {
      address: (path) => webview.asWebviewUri(this.file(path)).toString(),
      nonce: randomBytes(16).toString('base64url'),
    });
  }

  private hear(message: FromView): void {
    if ('ready' in message) {
      // A page that is loaded anew waits for nothing that the one before asked.
      this.cancelAll();
      this.isReady = true;
      for (const kept of this.kept.splice(0)) this.say(kept);
    } else if ('call' in message) {
      const { id } = message.call;
      this.running.add(id);
      this.calls.begin(message.call, (piece) => {
        if (!('data' in piece)) this.running.delete(id);
        this.say({ id, piece });
      });
    } else if ('cancel' in message) {
      this.running.delete(message.cancel);
      this.calls.cancel(message.cancel);
    } else {
      void openFile(message.open.path, message.open.line);
    }
  }

  private say(message: ToView): void {
    if (this.view && this.isReady) void this.view.webview.postMessage(message);
    // What answers a page that is gone is for nobody; where people are to be is.
    else if ('go' in message) this.kept.push(message);
  }

  private gone(): void {
    this.view = null;
    this.isReady = false;
    this.cancelAll();
  }

  private cancelAll(): void {
    for (const id of this.running) this.calls.cancel(id);
    this.running.clear();
  }
}

/** Opens a file at a line, the first of which is 1. */
async function openFile(path: string, line: number): Promise<void> {
  try {
    const document = await workspace.openTextDocument(Uri.file(path));
    const { range } = document.lineAt(Math.min(Math.max(line, 1), document.lineCount) - 1);
    await window.showTextDocument(document, { selection: new Range(range.start, range.start), preview: true });
  } catch (failure) {
    const why = failure instanceof Error ? failure.message : String(failure);
    void window.showErrorMessage(l10n.t('{0} could not be opened: {1}', path, why));
  }
}
