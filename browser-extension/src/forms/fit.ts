import { addressLines } from './addresses';
import { countryCode, countryName } from './countries';
import { dayOf, isoDay, writtenDay } from './dates';
import type { Kind } from './kind_names';
import { optionFor } from './options';
import { hasForm } from './patterns';
import { internationalForm, partedTelephone } from './telephone';
import type { FormField, Refusal } from './types';

/** A value as a field takes it, or why it takes none. */
export type Fitted =
  | {
      value: string;
      shown: string;
      /** Whether all that the page demands could be tried. */
      isTried: boolean;
    }
  | { why: Refusal['why'] };

/** Makes a value what a field takes.
 *
 * @param country of the person's address, by its code */
export function fitted(kind: Kind, value: string, field: FormField, country: string | null): Fitted {
  if (field.options.length > 0) {
    const option = optionFor(kind, value, field.options, field.language);
    return option ? { value: option.value, shown: option.text, isTried: true } : { why: 'no option' };
  }
  if (/^(select|radio|listbox)/.test(field.type)) return { why: 'no option' };
  if (field.type === 'date' || field.type === 'datetime-local' || field.type === 'month') return asDate(value, field);
  const forms = distinct(formsOf(kind, value, field, country)).filter(Boolean);
  const tried = forms.map((form) => [form, obstacle(form, field)] as const);
  const found = tried.find(([, why]) => why === null) ?? tried.find(([, why]) => why === 'untried');
  if (found) return { value: found[0], shown: found[0], isTried: found[1] === null };
  const [, why] = tried[0] ?? [value, 'pattern' as const];
  return { why: why === null || why === 'untried' ? 'pattern' : why };
}

function asDate(value: string, field: FormField): Fitted {
  const day = dayOf(value);
  if (!day || field.type === 'datetime-local') return { why: 'not a date' };
  const text = field.type === 'month' ? isoDay(day).slice(0, 7) : isoDay(day);
  const { minimum, maximum } = field.constraints;
  const isOut =
    (minimum !== null && minimum !== '' && text < minimum) || (maximum !== null && maximum !== '' && text > maximum);
  return isOut ? { why: 'range' } : { value: text, shown: text, isTried: true };
}

/** The ways in which a value can be written, the most fitting first. */
function formsOf(kind: Kind, value: string, field: FormField, country: string | null): string[] {
  const plain = field.type === 'textarea' || field.type === 'editable' ? value : addressLines(value).join(', ');
  const forms = kindForms(kind, plain, field, country);
  const upper = forms.map((form) => form.toLocaleUpperCase('en'));
  if (field.constraints.isUpperCase) return [...upper, ...forms];
  return [...forms, ...upper, ...forms.map((form) => form.toLocaleLowerCase('en'))];
}

function kindForms(kind: Kind, value: string, field: FormField, country: string | null): string[] {
  if (kind === 'country' || kind === 'country-name' || kind === 'nationality') return countryForms(value, field);
  if (kind === 'bday') {
    const day = dayOf(value);
    return day ? [writtenDay(day, [field.placeholder, field.label], field.language)] : [value];
  }
  if (kind === 'tel') return telephoneForms(value, field, country);
  if (kind.startsWith('tel-')) return numberForms(value);
  if (kind === 'bday-day' || kind === 'bday-month') {
    const wide = value.padStart(2, '0');
    return field.constraints.minimumLength === 2 || /\p{L}{2}/u.test(field.placeholder) ? [wide, value] : [value, wide];
  }
  if (kind === 'bday-year') return [value, value.slice(-2)];
  if (kind === 'postal-code' || kind === 'vat-number') return [value, value.replace(/[\s.-]/g, '')];
  if (kind === 'url')
    return field.type === 'url' && !/^[a-z][a-z0-9+.-]*:/i.test(value) ? [`https://${value}`] : [value];
  if (kind === 'additional-name') return [value, value.charAt(0)];
  return [value];
}

function countryForms(value: string, field: FormField): string[] {
  const code = countryCode(value);
  if (!code) return [value];
  const name = countryName(code, field.language);
  const isShort = (field.constraints.maximumLength ?? 99) <= 3;
  return isShort ? [code] : [name, code];
}

function telephoneForms(value: string, field: FormField, country: string | null): string[] {
  const parts = partedTelephone(value, country);
  if (!parts) return [value];
  const international = internationalForm(parts);
  const compact = international?.replaceAll(' ', '');
  const national = numberForms(parts.national);
  const all = international && compact ? [value, international, compact] : [value];
  const last = compact ? [compact.replace('+', '00')] : [];
  const example = field.placeholder.trim();
  if (/^\+/.test(example) && international) return [international, ...all, ...national, ...last];
  if (/^\(?0\d/.test(example) && !example.startsWith('00')) return [...national, ...all, ...last];
  return [...all, ...national, ...last];
}

function numberForms(value: string): string[] {
  return [value, value.replace(/[\s()./-]/g, ''), value.replace(/\D/g, '')];
}

/** What keeps a text out of a field; `untried` when its pattern cannot be tried. */
function obstacle(text: string, { type, constraints }: FormField): Refusal['why'] | 'untried' | null {
  if (type === 'number') {
    const number = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isNaN(number)) return 'not a number';
    const { minimum, maximum } = constraints;
    if ((minimum && number < Number(minimum)) || (maximum && number > Number(maximum))) return 'range';
    return null;
  }
  if (constraints.maximumLength !== null && text.length > constraints.maximumLength) return 'too long';
  if (constraints.minimumLength !== null && text.length < constraints.minimumLength) return 'too short';
  if (constraints.pattern === null || constraints.pattern === '') return null;
  const fits = hasForm(text, constraints.pattern);
  return fits === null ? 'untried' : fits ? null : 'pattern';
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
