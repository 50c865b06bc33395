import type { Kind, Section } from './kind_names';

/** The sorts of controls that can be read and filled. */
export type FieldType =
  | 'text'
  | 'email'
  | 'tel'
  | 'url'
  | 'search'
  | 'number'
  | 'date'
  | 'month'
  | 'week'
  | 'time'
  | 'datetime-local'
  | 'textarea'
  | 'select'
  | 'select-multiple'
  | 'radio'
  | 'checkbox'
  | 'editable'
  | 'combobox'
  | 'listbox';

/** One thing that can be chosen in a field. */
export interface FieldOption {
  text: string;
  /** What a filling names it by; it is unlike those of the field's other options. */
  value: string;
  isDisabled: boolean;
}

/** What the page demands of a value; null where it demands nothing. */
export interface Constraints {
  isRequired: boolean;
  /** In UTF-16 units. */
  maximumLength: number | null;
  minimumLength: number | null;
  pattern: string | null;
  minimum: string | null;
  maximum: string | null;
  /** Whether the page asks for capital letters throughout. */
  isUpperCase: boolean;
}

/** A field of a page's form that the person can see and fill; all its texts are the page's and prove nothing. */
export interface FormField {
  /** Names the field to the content script; it says nothing else. */
  id: string;
  type: FieldType;
  label: string;
  /** The heading or legend over it; empty when there is none. */
  heading: string;
  placeholder: string;
  /** The tokens of `autocomplete`, in lower case. */
  autocomplete: string[];
  name: string;
  /** The element's own `id` in the page. */
  identifier: string;
  /** The language of its part of the page, as a BCP 47 tag; empty when the page does not say. */
  language: string;
  constraints: Constraints;
  /** Nothing for fields in which a person types. */
  options: FieldOption[];
  /** What it holds: a text, the chosen option, several of them one a line, `true` for a ticked box; empty for nothing. */
  value: string;
  /** Tells which fields stand in one form. */
  form: string;
}

/** Where a value comes from. */
export interface Source {
  id: string;
  text: string;
}

/** What is kept of the person: a kind, maybe after a section (`work email`), and its value. */
export interface ProfileEntry {
  kind: string;
  value: string;
  source: Source;
}

/** What told a field's kind, with the words that did. */
export interface Reason {
  by: 'autocomplete' | 'type' | 'label' | 'name' | 'identifier' | 'placeholder' | 'heading' | 'neighbours';
  words: string;
}

/** What a field asks for. */
export interface Classified {
  /** Null: unknown. */
  kind: Kind | null;
  section: Section | null;
  /** From 0 to 1. */
  certainty: number;
  reason: Reason | null;
  /** What an unknown field asks in its own words; null where there is a kind or no text can be given. */
  question: string | null;
}

/** A value that can go into a field. */
export interface Candidate {
  /** What goes in: for a choice, the option's value. */
  value: string;
  /** What the person reads: for a choice, the option's text. */
  shown: string;
  sources: Source[];
}

/** Why a value does not go into a field. */
export interface Refusal {
  why: 'withheld' | 'no option' | 'too long' | 'too short' | 'pattern' | 'range' | 'not a date' | 'not a number';
  value: string;
  sources: Source[];
}

/** What could go into one field. */
export interface Proposal extends Classified {
  field: string;
  /** All that compete; the person chooses. */
  candidates: Candidate[];
  refusals: Refusal[];
  /** What would be lost, as the person reads it; null when the field is empty. */
  overwrites: string | null;
  /** Whether it is to be ticked at first: one sure value for an empty field. */
  isTicked: boolean;
}

/** What the person confirmed for a field. */
export interface FillEntry {
  id: string;
  value: string;
}

/** What became of one entry. */
export type FillOutcome =
  /** It holds what was confirmed. */
  | 'filled'
  /** The page made something else of it. */
  | 'altered'
  /** The field is not in the page any more, or was never read. */
  | 'gone'
  /** The field cannot be seen or typed in any more. */
  | 'hidden'
  /** Another field stands in its place: its kind or its label is not what the person saw. */
  | 'swapped'
  /** It holds something else than what the person saw. */
  | 'changed'
  /** The page did not take the value. */
  | 'refused'
  /** The page has no such option. */
  | 'no option'
  /** It held that already. */
  | 'same';

/** What became of a filling. */
export interface FillReport {
  fields: { id: string; outcome: FillOutcome; value: string }[];
  /** How often the page tried to submit a form or to leave while it was filled, and was stopped. */
  stoppedSubmissions: number;
}

/** What became of one field when all was undone. */
export type UndoOutcome =
  /** It holds what it held before. */
  | 'restored'
  /** The person or the page has changed it since; it is left alone. */
  | 'changed'
  /** It is not in the page any more. */
  | 'gone'
  /** The page did not take its old value back. */
  | 'refused';

/** What became of an undoing. */
export interface UndoReport {
  fields: { id: string; outcome: UndoOutcome }[];
  stoppedSubmissions: number;
}
