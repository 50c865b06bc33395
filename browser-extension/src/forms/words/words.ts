import type { Kind, Section } from '../kind_names';

/** What fields are called in one language; the first words of a kind are the usual ones. */
export interface Words {
  language: string;
  kinds: Partial<Record<Kind, readonly string[]>>;
  sections: Partial<Record<Section, readonly string[]>>;
  /** What is never read: passwords, codes, answers that prove who someone is. */
  secrets: readonly string[];
  /** What belongs to a payment card. */
  cards: readonly string[];
  /** What stands over the fields of a payment. */
  payments: readonly string[];
  /** What says that a field is about somebody else, or is a trap. */
  others: readonly string[];
  /** What says nothing of a field's kind. */
  fillers: readonly string[];
  /** Words for male, female, and neither. */
  sexes: readonly [readonly string[], readonly string[], readonly string[]];
  /** Words for Mr and Ms. */
  titles: readonly [readonly string[], readonly string[]];
}
