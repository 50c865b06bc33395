import { languages, workspace, type Disposable, type Uri } from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';

/** Has the language server know what compilers complain of in what is open, for a model that completes code.
 *
 * @param client gives the client; null while the server does not run */
export function tellDiagnostics(client: () => LanguageClient | null): Disposable {
  return languages.onDidChangeDiagnostics(({ uris }) => {
    for (const uri of uris) tell(client(), uri);
  });
}

function tell(client: LanguageClient | null, uri: Uri): void {
  const isOpen = workspace.textDocuments.some((document) => document.uri.toString() === uri.toString());
  if (!client || !isOpen) return;
  const diagnostics = languages.getDiagnostics(uri).map(({ range, message }) => ({
    range: {
      start: { line: range.start.line, character: range.start.character },
      end: { line: range.end.line, character: range.end.character },
    },
    message,
  }));
  void client.sendNotification('ambit/didChangeDiagnostics', {
    uri: client.code2ProtocolConverter.asUri(uri),
    diagnostics,
  });
}
