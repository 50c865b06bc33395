import { de } from './de';
import { en, type Messages } from './en';

/** The languages that the page speaks. */
export type Language = 'en' | 'de';

const KEY = 'ambit.language';
const MESSAGES: Record<Language, Messages> = { en, de };
const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

class I18n {
  /** What the person chose; null follows the system. */
  chosen = $state<Language | null>(stored());
  readonly language: Language = $derived(this.chosen ?? ofSystem(navigator.languages));
  /** How dates and numbers are written: as the system does in this language. */
  private readonly locale: string = $derived(
    navigator.languages.find((one) => base(one) === this.language) ?? this.language,
  );
  /** The texts. */
  readonly t: Messages = $derived(MESSAGES[this.language]);

  choose(language: Language | null): void {
    this.chosen = language;
    if (language === null) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, language);
  }

  number(value: number): string {
    return new Intl.NumberFormat(this.locale).format(value);
  }

  /** 1.4 GB */
  bytes(value: number): string {
    let unit = 0;
    while (value >= 1000 && unit < UNITS.length - 1) {
      value /= 1000;
      unit += 1;
    }
    const format = { style: 'unit', unit: UNITS[unit] ?? 'byte', unitDisplay: unit === 0 ? 'long' : 'short' } as const;
    return new Intl.NumberFormat(this.locale, {
      ...format,
      maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0,
    }).format(value);
  }

  /** 1.5B */
  compact(value: number): string {
    return new Intl.NumberFormat(this.locale, { notation: 'compact', maximumFractionDigits: 1 }).format(value);
  }

  /** The time of today, the date of other days. */
  when(millis: number): string {
    const date = new Date(millis);
    const now = new Date();
    if (date.toDateString() === now.toDateString()) return this.format(date, { timeStyle: 'short' });
    const sameYear = date.getFullYear() === now.getFullYear();
    return this.format(date, { day: 'numeric', month: 'short', ...(sameYear ? {} : { year: 'numeric' }) });
  }

  /** Date and time. */
  moment(millis: number): string {
    return this.format(new Date(millis), { dateStyle: 'medium', timeStyle: 'medium' });
  }

  private format(date: Date, options: Intl.DateTimeFormatOptions): string {
    return new Intl.DateTimeFormat(this.locale, options).format(date);
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
  const value = localStorage.getItem(KEY);
  return value === 'en' || value === 'de' ? value : null;
}

export const i18n = new I18n();
