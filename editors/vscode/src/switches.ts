/** What people have set about suggestions, for a file. */
export interface Switches {
  enabled: boolean;
  /** Whether there are suggestions in a language, by its id; `*` stands for all others. */
  languages: Record<string, boolean>;
  /** Globs of files in which there are none. */
  exclude: string[];
  /** Whether suggestions are shown only when somebody asks for them. */
  subtle: boolean;
}

/** Whether there are suggestions in a file, or what switched them off there. */
export type Availability = 'on' | 'off' | 'language' | 'excluded';

/** @param matches whether a glob is one of the file */
export function availability(
  { enabled, languages, exclude }: Switches,
  language: string,
  matches: (glob: string) => boolean,
): Availability {
  if (exclude.some(matches)) return 'excluded';
  if (!enabled) return 'off';
  return isLanguageOn(languages, language) ? 'on' : 'language';
}

/** Whether there are suggestions in a language. */
export function isLanguageOn(languages: Record<string, boolean>, language: string): boolean {
  return languages[language] ?? languages['*'] ?? true;
}

/** The setting with a language switched over; what only says what holds anyway is left out. */
export function withLanguage(languages: Record<string, boolean>, language: string): Record<string, boolean> {
  const { [language]: _, ...others } = languages;
  const wanted = !isLanguageOn(languages, language);
  return wanted === isLanguageOn(others, language) ? others : { ...others, [language]: wanted };
}

/** A glob as VS Code takes it: one without a slash is about names in every folder. */
export function patternOf(glob: string): string {
  return glob.includes('/') ? glob : `**/${glob}`;
}

/** Globs by which a file can be left out, from itself to all of its kind. `path` is relative to its folder of the workspace. */
export function globsFor(path: string): string[] {
  const parts = path.replaceAll('\\', '/').split('/').map(escaped);
  const name = parts.at(-1) ?? '';
  const ending = /[^.]\.([^.]+)$/.exec(name)?.[1];
  const folder = parts.slice(0, -1).join('/');
  return [parts.join('/'), ...(folder ? [`${folder}/**`] : []), ...(ending ? [`*.${ending}`] : [])];
}

/** Files can have names that globs would take for more than a name. */
function escaped(part: string): string {
  return part.replace(/[*?[\]{}]/g, (sign) => `[${sign}]`);
}
