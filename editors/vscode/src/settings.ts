import { ConfigurationTarget, languages, workspace, type TextDocument } from 'vscode';
import { availability, patternOf, toggled, type Availability, type Switches } from './switches';

const SECTION = 'ambit';

/** What is set about suggestions in a document. */
export function switchesOf(document?: TextDocument): Switches {
  const settings = workspace.getConfiguration(SECTION, document?.uri ?? null);
  return {
    enabled: settings.get('enabled', true),
    disabledLanguages: settings.get('disabledLanguages', []),
    disabledFiles: settings.get('disabledFiles', []),
    subtle: settings.get('subtle', false),
  };
}

/** Whether it is shown where a document may be edited next. */
export function showsNextEdits(document: TextDocument): boolean {
  return workspace.getConfiguration(SECTION, document.uri).get('nextEdits', true);
}

export function serverPath(): string {
  return workspace.getConfiguration(SECTION).get('server.path', '').trim();
}

/** Whether there are suggestions in a document, or what switched them off there. */
export function availabilityOf(document: TextDocument): Availability {
  return availability(switchesOf(document), document.languageId, (glob) => isOf(glob, document));
}

/** Whether a glob is one of a document's file. */
function isOf(glob: string, document: TextDocument): boolean {
  return languages.match({ pattern: patternOf(glob) }, document) > 0;
}

export async function toggle(setting: 'enabled' | 'subtle'): Promise<void> {
  const settings = workspace.getConfiguration(SECTION);
  await settings.update(setting, !settings.get(setting), target(setting));
}

export async function toggleLanguage(language: string): Promise<void> {
  await change('disabledLanguages', (languages) => toggled(languages, language));
}

/** The globs that leave a document out. */
export function excluding(document: TextDocument): string[] {
  return switchesOf(document).disabledFiles.filter((glob) => isOf(glob, document));
}

/** Leaves files out, or takes them in again. */
export async function exclude(globs: (before: string[]) => string[]): Promise<void> {
  await change('disabledFiles', globs);
}

async function change(setting: string, to: (before: string[]) => string[]): Promise<void> {
  const settings = workspace.getConfiguration(SECTION);
  await settings.update(setting, to(settings.get(setting, [])), target(setting));
}

/** Where a change has to be written to count: in the workspace where that has a value of its own. */
function target(setting: string): ConfigurationTarget {
  const { workspaceValue } = workspace.getConfiguration(SECTION).inspect(setting) ?? {};
  return workspaceValue === undefined ? ConfigurationTarget.Global : ConfigurationTarget.Workspace;
}
