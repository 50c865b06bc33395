import { countryOf, valuesOf } from './derive';
import { fitted } from './fit';
import { WITHHELD } from './kind_names';
import { kindsOf } from './kinds';
import { Profile, type Valued } from './profile';
import type { Candidate, Classified, FormField, ProfileEntry, Proposal, Refusal } from './types';

/** What is less sure than this is not ticked at first. */
const SURE = 0.7;

/** What could go into each field of what is kept of the person, in the order of the fields; where values compete, all are
 * offered. It chooses nothing for the person, and gives nothing to fields that are of unknown kind or withheld. */
export function propose(fields: readonly FormField[], entries: readonly ProfileEntry[]): Proposal[] {
  const profile = new Profile(entries);
  const kinds = kindsOf(fields);
  return fields.map((field, at) => proposal(field, kinds[at] as Classified, profile));
}

function proposal(field: FormField, classified: Classified, profile: Profile): Proposal {
  const { kind, section } = classified;
  const overwrites = presentValue(field);
  const empty = { ...classified, field: field.id, candidates: [], overwrites, isTicked: false };
  if (kind === null) return { ...empty, refusals: [] };
  const values = valuesOf(kind, section, profile, field.language);
  if (WITHHELD.has(kind)) {
    return { ...empty, refusals: values.map(({ sources }) => ({ why: 'withheld' as const, value: '', sources })) };
  }
  const country = countryOf(section, profile);
  const refusals: Refusal[] = [];
  const candidates = new Map<string, Candidate>();
  let isSure = true;
  for (const value of values) {
    const fit = fitted(kind, value.text, field, country);
    if ('why' in fit) {
      refusals.push({ why: fit.why, value: value.text, sources: value.sources });
      continue;
    }
    isSure &&= value.isSure && fit.isTried;
    const known = candidates.get(fit.value);
    candidates.set(fit.value, { value: fit.value, shown: fit.shown, sources: sourcesOf(known, value) });
  }
  const offered = [...candidates.values()];
  const isHeld = offered.length === 1 && offered[0]?.value === field.value;
  return {
    ...empty,
    candidates: offered,
    refusals,
    overwrites: isHeld ? null : overwrites,
    isTicked: offered.length === 1 && isSure && classified.certainty >= SURE && field.value === '',
  };
}

/** What a field holds, as a person reads it; null when that is nothing. */
function presentValue({ value, options, type }: FormField): string | null {
  if (value === '') return null;
  if (options.length === 0) return type === 'checkbox' ? null : value;
  const chosen = new Set(value.split('\n'));
  return options
    .filter((option) => chosen.has(option.value))
    .map(({ text }) => text)
    .join(', ');
}

function sourcesOf(known: Candidate | undefined, { sources }: Valued): Candidate['sources'] {
  const all = [...(known?.sources ?? []), ...sources];
  return [...new Map(all.map((source) => [source.id, source])).values()];
}
