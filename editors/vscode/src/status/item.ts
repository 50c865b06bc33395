import { MarkdownString, StatusBarAlignment, ThemeColor, l10n, window, type Disposable } from 'vscode';
import { isTrouble, type Situation } from './situation';

/** What the status bar says: an icon, and what it means. */
function look(situation: Situation): [icon: string, text: string] {
  switch (situation) {
    case 'missing':
      return ['$(error)', l10n.t('The program ambit-lsp was not found')];
    case 'failed':
      return ['$(error)', l10n.t('The language server ends again and again; its log tells why')];
    case 'starting':
      return ['$(loading~spin)', l10n.t('Starting')];
    case 'no-host':
      return ['$(debug-disconnect)', l10n.t('Ambit does not answer')];
    case 'off':
      return ['$(circle-slash)', l10n.t('No suggestions: switched off')];
    case 'off-language':
      return ['$(circle-slash)', l10n.t('No suggestions in this language')];
    case 'off-file':
      return ['$(circle-slash)', l10n.t('No suggestions in this file')];
    case 'no-model':
      return ['$(warning)', l10n.t('Ready, but without the model that completes code')];
    case 'indexing':
      return ['$(sync~spin)', l10n.t('Ready, and indexing')];
    case 'subtle':
      return ['$(target)', l10n.t('Ready; suggestions come when you ask for them')];
    case 'ready':
      return ['$(target)', l10n.t('Ready')];
  }
}

/** The item in the status bar. A click on it opens the menu. */
export class StatusItem implements Disposable {
  private readonly item = window.createStatusBarItem('ambit.status', StatusBarAlignment.Right, 100);

  constructor() {
    this.item.name = 'Ambit';
    this.item.command = 'ambit.menu';
    this.item.show();
  }

  /** @param more what the server says of it; @param isOffered whether a suggestion waits to be asked for */
  show(situation: Situation, more: string | null, isOffered: boolean): void {
    const [icon, text] = look(situation);
    this.item.text = isOffered ? '$(target) $(sparkle)' : `${icon} Ambit`;
    const told = isOffered ? l10n.t('There is a suggestion here: Alt+\\ shows it') : text;
    const tooltip = new MarkdownString().appendText(`Ambit: ${told}`);
    if (more) tooltip.appendMarkdown('\n\n').appendText(more);
    this.item.tooltip = tooltip;
    this.item.accessibilityInformation = { label: `Ambit: ${told}`, role: 'button' };
    this.item.backgroundColor = isTrouble(situation) ? new ThemeColor('statusBarItem.warningBackground') : undefined;
  }

  dispose(): void {
    this.item.dispose();
  }
}

/** What the status bar says, in words, for the menu. */
export function told(situation: Situation): string {
  return look(situation)[1];
}
