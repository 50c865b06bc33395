/** The longest name of a file, in bytes: what file systems take, with room for its ending. */
const LONGEST_NAME = 200;

/** What is read of a page, for a file about it. */
export interface PageContent {
  title: string;
  url: string;
  markdown: string;
}

/** A page as a file that is handed to the host: its text below its title, with where and when it was read. */
export function pageFile({ title, url, markdown }: PageContent, now: Date): File {
  const shown = title.trim() === '' ? hostOf(url) : title.trim();
  const head = `# ${oneLine(shown)}\n\n<${url}>, ${now.toISOString().slice(0, 10)}\n\n`;
  return new File([head + markdown], `${fileName(shown)}.md`, { type: 'text/markdown' });
}

/** The titles of pages that are read along with each other, told apart by their sites and numbers where they are the same. */
export function distinctTitles(pages: readonly Pick<PageContent, 'title' | 'url'>[]): string[] {
  const shown = pages.map(({ title, url }) => (title.trim() === '' ? hostOf(url) : title.trim()));
  return shown.map((title, at) => {
    const same = shown.flatMap((other, index) => (fileName(other) === fileName(title) ? [index] : []));
    return same.length > 1 ? `${title} (${hostOf(pages[at]?.url ?? '')}, ${same.indexOf(at) + 1})` : title;
  });
}

/** A name that every file system takes, of a title that may hold anything. */
export function fileName(title: string): string {
  const plain = Array.from(title.normalize('NFC'), (character) => (isForbidden(character) ? ' ' : character));
  let name = plain
    .join('')
    .replace(/\s+/g, ' ')
    .replace(/^[. ]+/, '')
    .trim();
  while (new TextEncoder().encode(name).length > LONGEST_NAME) name = Array.from(name).slice(0, -1).join('').trim();
  return name === '' ? 'page' : name;
}

function isForbidden(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return code < 32 || code === 127 || '/\\:*?"<>|'.includes(character) || /\p{Cf}/u.test(character);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>#]/g, (mark) => `\\${mark}`);
}

function hostOf(url: string): string {
  return URL.parse(url)?.hostname ?? 'page';
}
