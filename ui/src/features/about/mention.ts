import type { Mention } from '../../backend/types';
import { visibleName } from '../../components/visible';
import { splitPath } from '../preview/place';

/** The most things that one question may be about; the host takes no more. */
export const MOST_MENTIONS = 32;

/** Tells things apart. */
export function keyOf(mention: Mention): string {
  return 'path' in mention ? `${mention.kind}:${mention.path}` : `${mention.kind}:${mention.id}`;
}

/** Whether two questions are about the same. */
export function isSame(one: Mention[], other: Mention[]): boolean {
  return (
    one.length === other.length && one.every((mention, index) => keyOf(mention) === keyOf(other[index] ?? mention))
  );
}

/** What a file, a folder or an attachment is called. */
export function nameOf(mention: Exclude<Mention, { kind: 'memory' }>): string {
  return 'path' in mention
    ? splitPath(mention.path).name || visibleName(mention.path)
    : visibleName(mention.name ?? '');
}

/** The mentions in what was kept as JSON; what is none is passed over. */
export function mentionsIn(kept: unknown): Mention[] {
  return Array.isArray(kept) ? kept.filter(isMention) : [];
}

function isMention(kept: unknown): kept is Mention {
  if (typeof kept !== 'object' || kept === null) return false;
  const { kind, path, id } = kept as Record<string, unknown>;
  if (kind === 'file' || kind === 'folder') return typeof path === 'string';
  return (kind === 'memory' || kind === 'attachment') && typeof id === 'string';
}

/** The folder below which attachments are documents of the host; it is on no disk. */
const ATTACHMENTS = '/ambit/attachments/';

/** Whether a path is that of a file which was handed over for a conversation: of it, only the name says anything. */
export function isAttached(path: string): boolean {
  return path.startsWith(ATTACHMENTS);
}
