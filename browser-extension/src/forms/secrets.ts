import { LANGUAGES } from './words';
import { normalised, phraseOf, stands, type Phrase } from './words/match';
import type { Words } from './words/words';

const SECRETS = phrases((words) => words.secrets);
const CARDS = phrases((words) => words.cards);
const PAYMENTS = phrases((words) => words.payments);
const ACCOUNT = ['iban', 'bic', 'swift', 'account number', 'kontonummer', 'sort code', 'routing number'].map(phraseOf);

/** Tokens of `autocomplete` for what is never read. */
const SECRET_TOKEN = /^(cc-.*|one-time-code|current-password|new-password|transaction-.*|webauthn-secret)$/;

/** Labels that ask for a code without saying which. */
const BARE_CODE = /^ (the |your |enter |enter the |\p{Nd} digit )*(code|kod|codigo|codice|コード|验证|驗證) $/u;

/** What a field says of itself; all of it is the page's. */
export interface Said {
  label: string;
  heading: string;
  placeholder: string;
  name: string;
  identifier: string;
  autocomplete: readonly string[];
}

/** Whether a field asks for what is never filled: passwords, codes, cards, secrets, proofs of being no robot.
 *
 * @param isPaying whether its form asks for a card, so that accounts in it are for paying */
export function isSecret(said: Said, isPaying: boolean): boolean {
  if (isCard(said) || said.autocomplete.some((token) => SECRET_TOKEN.test(token))) return true;
  const own = ownTexts(said);
  if (own.some((text) => BARE_CODE.test(text) || hasAny(SECRETS, text))) return true;
  const pays = isPaying || hasAny(PAYMENTS, normalised(said.heading));
  return pays && own.some((text) => hasAny(ACCOUNT, text));
}

/** Whether a field is one of a payment card. */
export function isCard(said: Said): boolean {
  if (said.autocomplete.some((token) => token.startsWith('cc-'))) return true;
  // A field for a card's number may be called no more than `Number` below such a heading.
  return [...ownTexts(said), normalised(said.heading)].some((text) => hasAny(CARDS, text));
}

function ownTexts(said: Said): string[] {
  return [said.label, said.name, said.identifier, said.placeholder].map(normalised);
}

function hasAny(all: readonly Phrase[], text: string): boolean {
  return all.some((phrase) => stands(phrase, text));
}

function phrases(of: (words: Words) => readonly string[]): Phrase[] {
  return LANGUAGES.flatMap((words) => of(words).map(phraseOf));
}
