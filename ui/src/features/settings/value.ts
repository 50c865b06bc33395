import type { SettingKind } from '../../backend/types';

/** How a setting is edited. */
export type Editor = 'switch' | 'number' | 'choice' | 'lines' | 'text';

const EDITORS: Record<SettingKind, Editor> = {
  boolean: 'switch',
  integer: 'number',
  choice: 'choice',
  list: 'lines',
  address: 'text',
  text: 'text',
};

export function editorOf(kind: SettingKind): Editor {
  // A host of a later version may know others.
  return EDITORS[kind] ?? 'text';
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
