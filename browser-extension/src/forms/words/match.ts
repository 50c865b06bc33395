/** Scripts that put no space between words. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

const LETTERS = new Map(Object.entries({ ı: 'i', ß: 'ss', ł: 'l', ø: 'o', æ: 'ae', œ: 'oe', đ: 'd' }));

/** A text as words are compared: lower case, without accents and punctuation, one space between words and around. */
export function normalised(text: string): string {
  const parted = text
    .slice(0, 400)
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{L})(\p{Nd})/gu, '$1 $2')
    .replace(/(\p{Nd})(\p{L})/gu, '$1 $2');
  const plain = parted
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .replace(/[ıßłøæœđ]/g, (letter) => LETTERS.get(letter) ?? letter);
  return ` ${plain.replace(/[^\p{L}\p{N}]+/gu, ' ').trim()} `;
}

/** Words to look for, made ready. */
export interface Phrase {
  /** As they stand in a normalised text. */
  spaced: string;
  /** The same without spaces, as names in a page's source are written; empty when that is no other. */
  glued: string;
  isUnspaced: boolean;
  /** How much of a text they are. */
  weight: number;
}

/** Makes words ready to be looked for. */
export function phraseOf(words: string): Phrase {
  const spaced = normalised(words);
  const isUnspaced = UNSPACED.test(spaced);
  const bare = spaced.trim();
  return {
    spaced: isUnspaced ? bare : spaced,
    glued: bare.includes(' ') ? ` ${bare.replaceAll(' ', '')} ` : '',
    isUnspaced,
    weight: weightOf(spaced),
  };
}

/** Whether words stand in a normalised text. */
export function stands(phrase: Phrase, text: string): boolean {
  return text.includes(phrase.spaced) || (phrase.glued !== '' && text.includes(phrase.glued));
}

/** How much a normalised text says: its words, or its characters where words are not parted. */
export function weightOf(text: string): number {
  let weight = 0;
  for (const word of text.split(' ')) {
    if (word !== '') weight += UNSPACED.test(word) ? [...word].length / 2 : 1;
  }
  return weight;
}
