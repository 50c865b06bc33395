import { de } from './de';
import { en, type Messages } from './en';
import { locale, number, type Language } from './locale.svelte';

const MESSAGES: Record<Language, Messages> = { en, de };
const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

class I18n {
  /** The texts. */
  readonly t: Messages = $derived(MESSAGES[locale.language]);

  number(value: number): string {
    return number(value);
  }

  /** 1.4 GB */
  bytes(value: number): string {
    let unit = 0;
    while (value >= 1000 && unit < UNITS.length - 1) {
      value /= 1000;
      unit += 1;
    }
    const format = { style: 'unit', unit: UNITS[unit] ?? 'byte', unitDisplay: unit === 0 ? 'long' : 'short' } as const;
    return new Intl.NumberFormat(locale.tag, {
      ...format,
      maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0,
    }).format(value);
  }

  /** 1.5B */
  compact(value: number): string {
    return new Intl.NumberFormat(locale.tag, { notation: 'compact', maximumFractionDigits: 1 }).format(value);
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
    return new Intl.DateTimeFormat(locale.tag, options).format(date);
  }
}

export const i18n = new I18n();
