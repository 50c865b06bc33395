import { kept } from '../backend/kept.svelte';

/** The languages that the page speaks. */
export type Language = 'en' | 'de';

const KEY = 'ambit.language';

class Locale {
  /** What the person chose; null follows the system. */
  chosen = $state<Language | null>(stored());
  readonly language: Language = $derived(this.chosen ?? ofSystem(navigator.languages));
  /** How dates and numbers are written: as the system does in this language. */
  readonly tag: string = $derived(navigator.languages.find((one) => base(one) === this.language) ?? this.language);

  choose(language: Language | null): void {
    this.chosen = language;
    if (language === null) kept.remove(KEY);
    else kept.set(KEY, language);
  }
}

/** The first language of the system that the page speaks; English when it speaks none. */
export function ofSystem(languages: readonly string[]): Language {
  for (const language of languages) {
    const known = base(language);
    if (known === 'en' || known === 'de') return known;
  }
  return 'en';
}

function base(language: string): string | undefined {
  return language.toLowerCase().split('-')[0];
}

function stored(): Language | null {
  const value = kept.get(KEY);
  return value === 'en' || value === 'de' ? value : null;
}

export const locale = new Locale();

/** 1,400 */
export function number(value: number): string {
  return new Intl.NumberFormat(locale.tag).format(value);
}

/** A number with the word that fits it. */
export function plural(count: number, one: string, many: string): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}
