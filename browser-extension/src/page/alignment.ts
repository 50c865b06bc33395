/** Where a passage begins and ends in a list of words: the indexes of its first and its last. */
export interface Passage {
  first: number;
  last: number;
}

/** A shorter quotation has to be there as it is. */
const LEAST_WORDS = 5;
/** The share of a quotation's words that have to be there in order. */
const THRESHOLD = 0.7;
/** A longer quotation is compared by its first words. */
const MOST_WORDS = 400;
/** How much longer a passage may be than its quotation. */
const STRETCH = 1.35;

/** All places where words stand one after the other in a text, in order; at most `limit` of them. */
export function exactPassages(text: readonly string[], quotation: readonly string[], limit: number): Passage[] {
  const [first] = quotation;
  const passages: Passage[] = [];
  if (first === undefined) return passages;
  for (let at = text.indexOf(first); at >= 0 && passages.length < limit; at = text.indexOf(first, at + 1)) {
    if (quotation.every((word, index) => text[at + index] === word)) {
      passages.push({ first: at, last: at + quotation.length - 1 });
    }
  }
  return passages;
}

/** The passage of a text that is most like a quotation; null when none is alike enough. */
export function likelyPassage(text: readonly string[], quotation: readonly string[]): Passage | null {
  const wanted = quotation.slice(0, MOST_WORDS);
  if (wanted.length < LEAST_WORDS) return null;
  const length = Math.ceil(wanted.length * STRETCH);
  const start = densest(text, wanted, length);
  if (start === null) return null;
  const window = text.slice(Math.max(0, start - wanted.length), start + 2 * length);
  const matched = common(window, wanted);
  if (matched.length < THRESHOLD * wanted.length) return null;
  const [first, last] = trimmed(matched, length);
  const begin = Math.max(0, start - wanted.length);
  return { first: begin + first, last: begin + last };
}

/** Where the stretch of this length begins that has most of the words; null when it has too few. */
function densest(text: readonly string[], wanted: readonly string[], length: number): number | null {
  const need = new Map<string, number>();
  for (const word of wanted) need.set(word, (need.get(word) ?? 0) + 1);
  const inWindow = new Map<string, number>();
  let [score, best, start] = [0, 0, 0];
  const change = (word: string | undefined, by: number): void => {
    const most = word === undefined ? undefined : need.get(word);
    if (word === undefined || most === undefined) return;
    const count = inWindow.get(word) ?? 0;
    inWindow.set(word, count + by);
    // Only as many count as the quotation has.
    score += Math.min(count + by, most) - Math.min(count, most);
  };
  for (let end = 0; end < text.length; end++) {
    change(text[end], 1);
    if (end >= length) change(text[end - length], -1);
    if (score > best) [best, start] = [score, Math.max(0, end - length + 1)];
  }
  return best >= THRESHOLD * wanted.length ? start : null;
}

/** The indexes in a text of the longest row of words that it has in common with a quotation, in order. */
function common(text: readonly string[], quotation: readonly string[]): number[] {
  const width = quotation.length + 1;
  const lengths = new Uint16Array((text.length + 1) * width);
  for (let down = text.length - 1; down >= 0; down--) {
    for (let across = quotation.length - 1; across >= 0; across--) {
      const here = down * width + across;
      lengths[here] =
        text[down] === quotation[across]
          ? lengths[here + width + 1]! + 1
          : Math.max(lengths[here + width]!, lengths[here + 1]!);
    }
  }
  const matched: number[] = [];
  let [down, across] = [0, 0];
  while (down < text.length && across < quotation.length) {
    const here = down * width + across;
    if (text[down] === quotation[across]) {
      matched.push(down++);
      across++;
    } else if (lengths[here + width]! >= lengths[here + 1]!) down++;
    else across++;
  }
  return matched;
}

/** The first and the last match, without single ones at the ends that lie apart from the others. */
function trimmed(matched: readonly number[], length: number): [number, number] {
  let [first, last] = [0, matched.length - 1];
  while (last > first && matched[last]! - matched[first]! > length) {
    const [before, after] = [matched[first + 1]! - matched[first]!, matched[last]! - matched[last - 1]!];
    if (before >= after) first++;
    else last--;
  }
  return [matched[first] ?? 0, matched[last] ?? 0];
}
