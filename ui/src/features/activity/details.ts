/** Ids and digests are for machines; their beginning is enough to tell them apart. */
const LONG = /\b[\da-f]{8}(?:[\da-f]{24,}|(?:-[\da-f]{4}){3}-[\da-f]{12})\b/g;

/** Whether a text is an id or a digest, which tells people nothing. */
export function isLong(text: string): boolean {
  return text.replace(LONG, '') !== text || /^[\da-f]{16,}$/.test(text);
}

/** The chat that a record is about, and its turn. */
export interface Asked {
  session: string;
  turn: string;
}

/** What a record of a question is about; null when it is of something else. */
export function askedIn(detail: unknown): Asked | null {
  if (typeof detail !== 'object' || detail === null) return null;
  const { session, turn } = detail as Partial<Record<keyof Asked, unknown>>;
  return typeof session === 'string' && typeof turn === 'string' ? { session, turn } : null;
}

/**
 * The small facts of a record, for people. What is absent is not named, and neither is the chat, which people know by
 * another name than its id. `moment` tells a point in time.
 */
export function details(detail: unknown, moment: (millis: number) => string): string {
  if (typeof detail !== 'object' || detail === null) return '';
  const isAsked = askedIn(detail) !== null;
  return Object.entries(detail)
    .filter(([name, value]) => value !== null && !(isAsked && (name === 'session' || name === 'turn')))
    .map(([name, value]) => `${name.replaceAll('_', ' ')}: ${text(name, value, moment)}`)
    .join(', ');
}

function text(name: string, value: unknown, moment: (millis: number) => string): string {
  if (typeof value === 'number' && name.endsWith('_at')) return moment(value);
  const plain = Array.isArray(value)
    ? value.join(' ')
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);
  return plain.replace(LONG, (long) => `${long.slice(0, 8)}…`);
}
