import { constants } from 'node:fs';
import { access, realpath } from 'node:fs/promises';
import { commands, l10n, window, workspace, type ExtensionContext, type TextEditor } from 'vscode';
import { CHAT, ChatView } from './chat/view';
import { question } from './chat/question';
import { tellDiagnostics } from './diagnostics';
import { shownAsProposals } from './edit/actions';
import { edit } from './edit/edit';
import { Proposals } from './edit/proposals';
import { menu, toggleFile } from './menu';
import { Calls } from './server/calls';
import { LanguageServer, type ServerState } from './server/language_server';
import { home, locateServer } from './server/locate';
import { NextEdits } from './next_edit';
import { availabilityOf, serverPath, switchesOf, toggle, toggleLanguage } from './settings';
import { followIndexing } from './status/indexing';
import { StatusItem } from './status/item';
import { situation, warningOf, type ServerStatus, type Situation } from './status/situation';
import { Suggestions } from './suggestions';

/** What people are led through at first. */
const WALKTHROUGH = 'ambit.ambit#ambit.start';

let server: LanguageServer | null = null;

export async function activate(context: ExtensionContext): Promise<void> {
  const log = window.createOutputChannel('Ambit', { log: true });
  const suggestions = new Suggestions();
  const proposals = new Proposals();
  const calls: Calls = new Calls(() => running.client);
  let said: ServerStatus | null = null;
  let isIndexing = false;
  let following = new AbortController();
  const running = new LanguageServer({
    locate: () => locateServer({ configured: serverPath(), path: process.env['PATH'] ?? '', home: home(), resolve }),
    log,
    middleware: { ...suggestions.middleware, ...shownAsProposals(proposals) },
    prepare: (client) => {
      calls.hear(client);
      client.onNotification('didChangeStatus', (status: ServerStatus) => {
        said = status;
        follow();
        show();
      });
    },
  });
  server = running;
  const nextEdits = new NextEdits(() => running.client);
  const status = new StatusItem();
  const chat = new ChatView(context, calls);
  let isOffered = false;

  /** Follows how far the host has come, where there is one, from the beginning. */
  const follow = (): void => {
    following.abort();
    following = new AbortController();
    isIndexing = false;
    if (running.state !== 'running' || said?.kind === 'Error' || said?.busy) return;
    void followIndexing(calls.host, following.signal, (now) => {
      isIndexing = now;
      show();
    });
  };
  const now = (): Situation => {
    const document = window.activeTextEditor?.document;
    const { enabled, subtle } = switchesOf(document);
    const availability = document ? availabilityOf(document) : null;
    return situation({ server: running.state, said, isIndexing, availability, enabled, subtle });
  };
  const show = (): void => status.show(now(), said?.message ?? null, isOffered);
  const onServer = (state: ServerState): void => {
    if (state !== 'running') {
      calls.failAll();
      said = null;
    }
    follow();
    void commands.executeCommand('setContext', 'ambit.serverFound', state !== 'missing');
    if (state === 'missing') void tellMissing();
    show();
  };
  const inEditor = (run: (editor: TextEditor) => unknown) => (): unknown => {
    const editor = window.activeTextEditor;
    return editor ? run(editor) : window.showInformationMessage(l10n.t('Open a file for that.'));
  };
  /** Opens the view of the models. A warning about one has been read then; what fails in another way is told anew. */
  const showModels = (): unknown => {
    if (warningOf(said) !== null) said = null;
    show();
    return chat.show('#/models');
  };
  const actions: Record<string, () => unknown> = {
    'ambit.toggle': () => toggle('enabled'),
    'ambit.toggleSubtle': () => toggle('subtle'),
    'ambit.toggleLanguage': inEditor(({ document }) => toggleLanguage(document.languageId)),
    'ambit.toggleFile': inEditor(({ document }) => toggleFile(document)),
    'ambit.suggest': () => commands.executeCommand('editor.action.inlineSuggest.trigger'),
    'ambit.nextEdit': inEditor((editor) => nextEdits.go(editor)),
    'ambit.nextEdit.dismiss': () => nextEdits.dismiss(),
    'ambit.edit': inEditor((editor) => edit(editor, calls.host, proposals)),
    'ambit.chat.ask': inEditor((editor) => chat.show('#/chat', question(editor))),
    'ambit.chat.open': () => chat.show(),
    'ambit.chat.index': () => chat.show('#/index'),
    'ambit.chat.models': showModels,
    'ambit.openSettings': () => commands.executeCommand('workbench.action.openSettings', '@ext:ambit.ambit'),
    'ambit.openLog': () => log.show(),
    'ambit.restart': () => running.restart(),
    'ambit.menu': () => menu(now(), said, window.activeTextEditor?.document),
    'ambit.walkthrough': () => commands.executeCommand('workbench.action.openWalkthrough', WALKTHROUGH, false),
  };
  context.subscriptions.push(
    log,
    running,
    status,
    proposals,
    nextEdits,
    running.onDidChange(onServer),
    tellDiagnostics(() => running.client),
    suggestions.onDidChange((offered) => {
      isOffered = offered;
      show();
    }),
    window.onDidChangeActiveTextEditor((editor) => {
      if (editor) suggestions.moved(editor);
      show();
    }),
    window.onDidChangeTextEditorSelection(({ textEditor }) => suggestions.moved(textEditor)),
    workspace.onDidChangeConfiguration((change) => {
      if (!change.affectsConfiguration('ambit')) return;
      if (change.affectsConfiguration('ambit.server.path')) void running.restart();
      show();
    }),
    window.registerWebviewViewProvider(CHAT, chat, { webviewOptions: { retainContextWhenHidden: true } }),
    ...Object.entries(actions).map(([id, run]) => commands.registerCommand(id, run)),
  );
  show();
  await running.start();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}

async function resolve(path: string): Promise<string | null> {
  try {
    await access(path, constants.X_OK);
    return await realpath(path);
  } catch {
    return null;
  }
}

async function tellMissing(): Promise<void> {
  const configured = serverPath();
  const text = configured
    ? l10n.t('“{0}”, which ambit.server.path names, is no program of this machine.', configured)
    : l10n.t(
        'Ambit’s language server, ambit-lsp, was not found. It comes with Ambit: install that, or name it in the settings.',
      );
  const [howTo, settings, again] = [l10n.t('How to install'), l10n.t('Settings'), l10n.t('Try again')];
  switch (await window.showWarningMessage(text, howTo, settings, again)) {
    case howTo:
      return commands.executeCommand('ambit.walkthrough');
    case settings:
      return commands.executeCommand('workbench.action.openSettings', 'ambit.server.path');
    case again:
      return commands.executeCommand('ambit.restart');
  }
}
