import type { Span } from '../../backend/types';
import { visibleName } from '../../components/visible';
import type { Messages } from '../../i18n/en';

/** The last part of a path, and what stands before it, as they are shown. */
export function splitPath(path: string): { folder: string; name: string } {
  const cut = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  return { folder: visibleName(path.slice(0, Math.max(cut, 0))), name: visibleName(path.slice(cut + 1)) };
}

/** Where a passage stands, for people. */
export function spanText(span: Span, t: Messages): string {
  return span.unit === 'lines' ? t.preview.lines(span.start, span.end) : t.preview.pages(span.start, span.end);
}

/** Whether two places touch. */
export function overlap(one: Span, other: Span): boolean {
  return one.unit === other.unit && one.start <= other.end && other.start <= one.end;
}

const CODE = /\.(rs|py|tsx?|jsx?|mjs|go|java|c|cc|cpp|h|hpp|sh|toml|json|ya?ml|css|sql|svelte|ipynb)$/i;

/** Whether a file is one whose blanks count. */
export function isCode(path: string): boolean {
  return CODE.test(path);
}

const CONVERTED = /\.(pdf|docx|pptx|xlsx|epub|ipynb|x?html?)$/i;

/** Where a place stands in the file itself; null where its text is not that of the file. */
export function lineInFile(path: string, span: Span | null): number | null {
  if (CONVERTED.test(path) || span?.unit === 'pages') return null;
  return span?.start ?? 1;
}
