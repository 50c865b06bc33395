/** The setting that names what is left out. */
export const EXCLUDE = 'index.exclude';

/** What means something else in a pattern of .gitignore than itself. */
const SPECIAL = /[\\*?[\]{}!# ]/g;

/** The pattern that leaves out one file, which stands in the innermost of these folders; null when it stands in none. */
export function patternFor(path: string, roots: readonly string[]): string | null {
  const [root] = roots
    .map((folder) => folder.replace(/[\\/]$/, ''))
    .filter((folder) => path.startsWith(`${folder}/`) || path.startsWith(`${folder}\\`))
    .sort((a, b) => b.length - a.length);
  if (root === undefined || path.includes('\n')) return null;
  const isWindows = path[root.length] === '\\';
  const within = path.slice(root.length + 1);
  return `/${(isWindows ? within.replaceAll('\\', '/') : within).replace(SPECIAL, '\\$&')}`;
}
