/** How a setting is edited: by the form of its default, for the host says no more. */
export type Editor = 'switch' | 'number' | 'lines' | 'text';

export function editorOf(value: unknown): Editor {
  if (typeof value === 'boolean') return 'switch';
  if (typeof value === 'number') return 'number';
  return Array.isArray(value) ? 'lines' : 'text';
}

/** A value as a person edits it. */
export function toText(value: unknown): string {
  if (Array.isArray(value)) return value.map(toText).join('\n');
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** What a person wrote, as the host takes it. */
export function fromText(text: string, editor: Editor): unknown {
  if (editor === 'number') return text.trim() === '' ? text : Number(text);
  if (editor === 'lines')
    return text
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean);
  return text;
}

/** Whether an environment variable sets a value: the host takes no other one then. Files are named by their path. */
export function isFixed(origin: string): boolean {
  return /^[A-Z][A-Z\d_]*$/.test(origin);
}
