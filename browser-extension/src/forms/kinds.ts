import { kindNamed, sectionNamed, type Kind, type Section } from './kind_names';
import { inContext } from './neighbours';
import type { Classified, FieldType, FormField, Reason } from './types';
import { isKnownLanguage, isOfOthers, kindsIn, sectionIn, type Found } from './vocabulary';

/** What is less sure than this is unknown. */
const LEAST = 0.4;

/** How sure a field is whose label does not say what its `autocomplete` does. */
const DISPUTED = 0.6;

const BY_TYPE: Partial<Record<FieldType, [Kind, number]>> = {
  email: ['email', 0.95],
  tel: ['tel', 0.85],
  url: ['url', 0.8],
};

/** How far the texts of a field are to be trusted, the best first. */
const TEXTS = [
  ['label', 0.96],
  ['name', 0.85],
  ['identifier', 0.8],
  ['placeholder', 0.75],
] as const;

/** Types in which a sentence could be written. */
const WRITTEN: ReadonlySet<FieldType> = new Set<FieldType>(['text', 'textarea', 'editable']);

interface Guess {
  kind: Kind;
  certainty: number;
  reason: Reason;
}

/** What each field asks for, by itself and by those beside it, in the same order. */
export function kindsOf(fields: readonly FormField[]): Classified[] {
  return inContext(fields, fields.map(kindOf));
}

/** What a field asks for by what it says of itself. */
export function kindOf(field: FormField): Classified {
  const section = sectionOf(field);
  const guess = isAboutOthers(field) ? null : guessed(field);
  if (!guess || guess.certainty < LEAST) return unknown(field, section);
  return { ...guess, section, question: null };
}

/** A field of which nothing is known but its question. */
export function unknown(field: FormField, section: Section | null): Classified {
  const question = WRITTEN.has(field.type) && field.label !== '' ? field.label : null;
  return { kind: null, section, certainty: 0, reason: null, question };
}

function guessed(field: FormField): Guess | null {
  const said = byWords(field);
  const token = byToken(field.autocomplete);
  if (token) {
    return { ...token, certainty: isSaid(field, said, token.kind) ? token.certainty : DISPUTED };
  }
  const typed = BY_TYPE[field.type];
  if (typed && !(said && said.certainty > 0.6 && said.kind.startsWith(`${typed[0]}-`))) {
    return { kind: typed[0], certainty: typed[1], reason: { by: 'type', words: field.type } };
  }
  return said && fitsType(said.kind, field.type) ? said : null;
}

/** Whether a field's label says what its token does: a page may say one thing to people and another to browsers. */
function isSaid({ label, language }: FormField, said: Guess | null, kind: Kind): boolean {
  if (said?.reason.by === 'label') return said.certainty <= 0.8 || areAlike(said.kind, kind);
  return label === '' || !isKnownLanguage(language);
}

function byToken(tokens: readonly string[]): Guess | null {
  const last = tokens.at(-1);
  const kind = last ? kindNamed(last) : null;
  return kind ? { kind, certainty: 0.99, reason: { by: 'autocomplete', words: tokens.join(' ') } } : null;
}

function byWords(field: FormField): Guess | null {
  const guesses: Guess[] = [];
  for (const [by, trust] of TEXTS) {
    // A placeholder that serves as the label was heard already.
    if (by !== 'label' && field[by] === field.label) continue;
    if (by === 'label' && isLongQuestion(field)) continue;
    const guess = bestOf(kindsIn(field[by], field.language, by === 'name' || by === 'identifier'));
    if (guess) guesses.push({ kind: guess.kind, certainty: guess.score * trust, reason: { by, words: guess.words } });
  }
  const [first, ...others] = guesses;
  if (!first) return null;
  let { certainty } = first;
  for (const other of others) {
    if (other.kind === first.kind) certainty = 1 - (1 - certainty) * (1 - other.certainty / 2);
    else if (!areAlike(other.kind, first.kind) && other.certainty > 0.6) certainty *= 0.9;
  }
  return { ...first, certainty: Math.min(certainty, 0.98) };
}

/** The likeliest kind in a text; less likely when the text speaks of two. */
function bestOf(found: readonly Found[]): { kind: Kind; score: number; words: string } | null {
  const [best] = found;
  if (!best) return null;
  const rival = found.find(
    (other) =>
      !areAlike(other.kind, best.kind) &&
      other.score >= best.score * 0.8 &&
      (other.at + other.length <= best.at + 1 || other.at >= best.at + best.length - 1),
  );
  return rival ? { ...best, score: best.score * 0.6 } : best;
}

/** Whether two kinds are parts of one thing, so that a page may call one by the other's name. */
function areAlike(one: Kind, other: Kind): boolean {
  if (one === other) return true;
  const families = [/name/, /^tel/, /^(street|address-line|house)/, /^bday/, /^country/, /^organization/];
  return families.some((family) => family.test(one) && family.test(other));
}

function isLongQuestion({ label, type }: FormField): boolean {
  return (type === 'textarea' || type === 'editable' || /[?？]$/u.test(label)) && label.split(' ').length > 6;
}

function isAboutOthers(field: FormField): boolean {
  const { language } = field;
  return [field.label, field.heading, field.name, field.placeholder].some((text) => isOfOthers(text, language));
}

function sectionOf(field: FormField): Section | null {
  for (const token of field.autocomplete) {
    const section = sectionNamed(token);
    if (section) return section;
  }
  return sectionIn(field.label) ?? sectionIn(field.heading) ?? sectionIn(field.name) ?? sectionIn(field.identifier);
}

/** Whether a value of that kind can stand in a field of that type at all. */
function fitsType(kind: Kind, type: FieldType): boolean {
  if (type === 'checkbox') return false;
  if (/^(date|month|week|time|datetime-local)$/.test(type)) return kind === 'bday';
  if (type === 'number') return /^(bday-|tel|house-number|postal-code)/.test(kind);
  if (type === 'radio') return /^(sex|honorific|language|country|nationality|degree)/.test(kind);
  return true;
}
