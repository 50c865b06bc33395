import { CodeAction, Uri, workspace, type TextEdit } from 'vscode';
import type { Middleware } from 'vscode-languageclient/node';
import type { Proposals } from './proposals';

/** Shows what a code action would write as a difference, as what people ask for in their own words. */
export function shownAsProposals(proposals: Proposals): Middleware {
  return {
    resolveCodeAction: async (asked, token, next) => {
      const action = await next(asked, token);
      const one = action?.edit && onlyEdit(action.edit.entries());
      if (!action || !one || token.isCancellationRequested) return action;
      const document = await workspace.openTextDocument(one.uri);
      const name = document.uri.path.split('/').at(-1) ?? '';
      await proposals.show(document, one.edit.range, one.edit.newText, `${name}: ${action.title}`);
      // Nothing is left for VS Code to apply.
      return new CodeAction(action.title, action.kind);
    },
  };
}

/** The one change of an edit; null when there are several, which VS Code has a view for. */
function onlyEdit(entries: [Uri, TextEdit[]][]): { uri: Uri; edit: TextEdit } | null {
  const [first, second] = entries.flatMap(([uri, edits]) => edits.map((edit) => ({ uri, edit })));
  return first && !second ? first : null;
}
