import { workspace, type TextEditor } from 'vscode';
import { quoted } from './quoted';

/** The beginning of a question about what is selected. */
export function question({ document, selection }: TextEditor): string {
  const code = document.getText(selection);
  const path = workspace.asRelativePath(document.uri);
  return quoted(path, document.languageId, code);
}
