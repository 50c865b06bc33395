import type { Root } from 'hast';
import { common, createLowlight } from 'lowlight';

const lowlight = createLowlight(common);

/** Code as a tree of coloured parts; null when the language is not known. */
export function highlight(text: string, language: string): Root | null {
  const name = language.toLowerCase();
  return lowlight.registered(name) ? lowlight.highlight(name, text) : null;
}
