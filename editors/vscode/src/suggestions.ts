import {
  EventEmitter,
  InlineCompletionTriggerKind,
  commands,
  type Event,
  type InlineCompletionItem,
  type InlineCompletionList,
  type Position,
  type TextDocument,
  type TextEditor,
} from 'vscode';
import type { Middleware } from 'vscode-languageclient/node';
import { availabilityOf, switchesOf } from './settings';

/** Lets suggestions through where people want them. */
export class Suggestions {
  private readonly changes = new EventEmitter<boolean>();
  private offered: { document: TextDocument; position: Position } | null = null;

  /** Whether there is a suggestion in the place where one types that is not shown, since suggestions are subtle. */
  get onDidChange(): Event<boolean> {
    return this.changes.event;
  }

  readonly middleware: Middleware = {
    provideInlineCompletionItems: async (document, position, context, token, next) => {
      if (availabilityOf(document) !== 'on') {
        this.offer(null);
        return null;
      }
      const isAsked = context.triggerKind === InlineCompletionTriggerKind.Invoke;
      const found = await next(document, position, context, token);
      if (token.isCancellationRequested) return null;
      const isAny = items(found).length > 0;
      if (isAny) void commands.executeCommand('setContext', 'ambit.suggested', true);
      const isHidden = !isAsked && switchesOf(document).subtle;
      this.offer(isHidden && isAny ? { document, position } : null);
      return isHidden ? null : found;
    },
  };

  /** Forgets what waits to be shown, unless it is for this place. */
  moved({ document, selection }: TextEditor): void {
    const isThere = this.offered?.document === document && this.offered.position.isEqual(selection.active);
    if (!isThere) this.offer(null);
  }

  private offer(offered: typeof this.offered): void {
    const wasOffered = this.offered !== null;
    this.offered = offered;
    if (wasOffered !== (offered !== null)) this.changes.fire(!wasOffered);
  }
}

function items(found: InlineCompletionItem[] | InlineCompletionList | null | undefined): InlineCompletionItem[] {
  return Array.isArray(found) ? found : (found?.items ?? []);
}
