/** Ids and digests are for machines; their beginning is enough to tell them apart. */
const LONG = /\b[\da-f]{8}(?:[\da-f]{24,}|(?:-[\da-f]{4}){3}-[\da-f]{12})\b/g;

/** Whether a text is an id or a digest, which tells people nothing. */
export function isLong(text: string): boolean {
  return text.replace(LONG, '') !== text || /^[\da-f]{16,}$/.test(text);
}

/** The small facts of a record, for people. What is absent is not named. */
export function details(detail: unknown): string {
  if (typeof detail !== 'object' || detail === null) return '';
  return Object.entries(detail)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name.replaceAll('_', ' ')}: ${text(value)}`)
    .join(', ');
}

function text(value: unknown): string {
  const plain = Array.isArray(value)
    ? value.join(' ')
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);
  return plain.replace(LONG, (long) => `${long.slice(0, 8)}…`);
}
