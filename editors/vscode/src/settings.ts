import { ConfigurationTarget, RelativePattern, languages, workspace, type TextDocument } from 'vscode';
import { availability, patternOf, withLanguage, type Availability, type Switches } from './switches';

const SECTION = 'ambit';

/** What is set about suggestions in a document. */
export function switchesOf(document?: TextDocument): Switches {
  const settings = workspace.getConfiguration(SECTION, document?.uri ?? null);
  return {
    enabled: settings.get('enabled', true),
    languages: settings.get('languages', {}),
    exclude: settings.get('exclude', []),
    subtle: settings.get('subtle', false),
  };
}

export function serverPath(): string {
  return workspace.getConfiguration(SECTION).get('server.path', '').trim();
}

/** Whether there are suggestions in a document, or what switched them off there. */
export function availabilityOf(document: TextDocument): Availability {
  return availability(switchesOf(document), document.languageId, (glob) => isOf(glob, document));
}

/** Whether a glob is one of a document's file. Without a `**` at its beginning, it begins at the folder that is open. */
function isOf(glob: string, document: TextDocument): boolean {
  const pattern = patternOf(glob);
  const folder = workspace.getWorkspaceFolder(document.uri);
  return languages.match({ pattern: folder ? new RelativePattern(folder, pattern) : pattern }, document) > 0;
}

export async function toggle(setting: 'enabled' | 'subtle'): Promise<void> {
  const settings = workspace.getConfiguration(SECTION);
  await settings.update(setting, !settings.get(setting), target(setting));
}

export async function toggleLanguage(language: string): Promise<void> {
  const settings = workspace.getConfiguration(SECTION);
  await settings.update('languages', withLanguage(settings.get('languages', {}), language), target('languages'));
}

/** The globs that leave a document out. */
export function excluding(document: TextDocument): string[] {
  return switchesOf(document).exclude.filter((glob) => isOf(glob, document));
}

/** Leaves files out, or takes them in again. */
export async function exclude(globs: (before: string[]) => string[]): Promise<void> {
  const settings = workspace.getConfiguration(SECTION);
  await settings.update('exclude', globs(settings.get('exclude', [])), target('exclude'));
}

/**
 * Where a change has to be written to count: in the workspace where that has its own value, or, for globs, which are of a
 * workspace, where one is open.
 */
function target(setting: string): ConfigurationTarget {
  const { workspaceValue } = workspace.getConfiguration(SECTION).inspect(setting) ?? {};
  const isOfWorkspace = workspaceValue !== undefined || (setting === 'exclude' && workspace.workspaceFolders);
  return isOfWorkspace ? ConfigurationTarget.Workspace : ConfigurationTarget.Global;
}
