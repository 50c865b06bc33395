import { QuickPickItemKind, commands, l10n, window, workspace, type QuickPickItem, type TextDocument } from 'vscode';
import { availabilityOf, exclude, excluding, switchesOf, toggle, toggleLanguage } from './settings';
import { told } from './status/item';
import { warningOf, type ServerStatus, type Situation } from './status/situation';
import { globsFor } from './switches';

interface Entry extends QuickPickItem {
  run?: () => unknown;
}

/** The menu of the status bar: what can be done now, and how things stand. */
export async function menu(
  situation: Situation,
  said: ServerStatus | null,
  document: TextDocument | undefined,
): Promise<void> {
  const offered = entries(situation, warningOf(said), document);
  const chosen = await window.showQuickPick(offered, { title: `Ambit: ${told(situation)}` });
  await chosen?.run?.();
}

function entries(situation: Situation, warning: string | null, document: TextDocument | undefined): Entry[] {
  const { enabled, disabledLanguages, subtle } = switchesOf(document);
  const command =
    (id: string): (() => unknown) =>
    () =>
      commands.executeCommand(id);
  const language = document?.languageId;
  return [
    ...(situation === 'missing'
      ? [{ label: `$(tools) ${l10n.t('Set up Ambit…')}`, run: command('ambit.walkthrough') }]
      : []),
    ...(warning !== null
      ? [
          {
            label: `$(warning) ${l10n.t('Choose the model that completes code…')}`,
            detail: warning,
            run: command('ambit.chat.models'),
          },
        ]
      : []),
    { label: `$(comment-discussion) ${l10n.t('Open the chat')}`, run: command('ambit.chat.open') },
    { label: `$(edit) ${l10n.t('Change the selected code…')}`, run: command('ambit.edit') },
    separator(l10n.t('Suggestions')),
    {
      label: enabled ? `$(circle-slash) ${l10n.t('Switch off')}` : `$(check) ${l10n.t('Switch on')}`,
      run: () => toggle('enabled'),
    },
    ...(language
      ? [
          {
            label: !disabledLanguages.includes(language)
              ? `$(circle-slash) ${l10n.t('Switch off for {0}', language)}`
              : `$(check) ${l10n.t('Switch on for {0}', language)}`,
            run: () => toggleLanguage(language),
          },
        ]
      : []),
    ...(document ? [fileEntry(document)] : []),
    {
      label: subtle
        ? `$(eye) ${l10n.t('Show them while typing')}`
        : `$(eye-closed) ${l10n.t('Show them only when asked for')}`,
      run: () => toggle('subtle'),
    },
    separator('Ambit'),
    { label: `$(database) ${l10n.t('What is indexed')}`, run: command('ambit.chat.index') },
    { label: `$(settings-gear) ${l10n.t('Settings')}`, run: command('ambit.openSettings') },
    { label: `$(debug-restart) ${l10n.t('Restart the language server')}`, run: command('ambit.restart') },
    { label: `$(output) ${l10n.t('Open the log')}`, run: command('ambit.openLog') },
  ];
}

function fileEntry(document: TextDocument): Entry {
  return availabilityOf(document) === 'file'
    ? { label: `$(check) ${l10n.t('Take this file in again')}`, run: () => toggleFile(document) }
    : { label: `$(circle-slash) ${l10n.t('Leave files like this out…')}`, run: () => toggleFile(document) };
}

function separator(label: string): Entry {
  return { label, kind: QuickPickItemKind.Separator };
}

/** Leaves a file out by a glob that people choose, or takes it in again. */
export async function toggleFile(document: TextDocument): Promise<void> {
  const out = excluding(document);
  if (out.length > 0) return exclude((globs) => globs.filter((glob) => !out.includes(glob)));
  const globs = globsFor(workspace.asRelativePath(document.uri, false));
  const chosen = await window.showQuickPick(globs, { title: l10n.t('Which files are left out?') });
  if (chosen !== undefined) await exclude((before) => [...before, chosen]);
}
