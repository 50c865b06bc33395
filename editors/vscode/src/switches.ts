/** What people have set about suggestions, for a file. The language server knows the first three by the same names. */
export interface Switches {
  enabled: boolean;
  /** Languages in which there are none, by their ids. */
  disabledLanguages: string[];
  /** Globs of files in which there are none. */
  disabledFiles: string[];
  /** Whether suggestions are shown only when somebody asks for them. */
  subtle: boolean;
}

/** Whether there are suggestions in a file, or what switched them off there. */
export type Availability = 'on' | 'off' | 'language' | 'file';

/** @param matches whether a glob is one of the file */
export function availability(
  { enabled, disabledLanguages, disabledFiles }: Switches,
  language: string,
  matches: (glob: string) => boolean,
): Availability {
  if (!enabled) return 'off';
  if (disabledLanguages.includes(language)) return 'language';
  return disabledFiles.some(matches) ? 'file' : 'on';
}

/** A list with a value added, or, where it has it, without it. */
export function toggled(list: string[], value: string): string[] {
  return list.includes(value) ? list.filter((other) => other !== value) : [...list, value];
}

/** A glob as VS Code takes it: one without a slash is about names in every folder. */
export function patternOf(glob: string): string {
  return glob.includes('/') ? glob : `**/${glob}`;
}

/** Globs by which a file can be left out, from itself to all of its kind. `path` is relative to its folder of the workspace. */
export function globsFor(path: string): string[] {
  const parts = path
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '')
    .map(escaped);
  const name = parts.at(-1) ?? '';
  const ending = /[^.]\.([^.]+)$/.exec(name)?.[1];
  const folder = parts.slice(0, -1).join('/');
  return [`**/${parts.join('/')}`, ...(folder ? [`**/${folder}/**`] : []), ...(ending ? [`*.${ending}`] : [])];
}

/** Files can have names that globs would take for more than a name. */
function escaped(part: string): string {
  return part.replace(/[*?[\]{}]/g, (sign) => `[${sign}]`);
}
