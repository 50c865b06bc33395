/** A part of an answer without a language model: words of the host, or a passage that it quotes. */
export type Part = { kind: 'words'; text: string } | { kind: 'quote'; text: string; number: number; source: string };

// Prose stands between quotation marks, and code in a fence. Neither contains what ends it: the host sees to that.
const QUOTE = /(?:“([\s\S]*?)”|^(`{3,})[^\n`]*\n([\s\S]*?)\n\2) \[(\d+)\]\n— (.*)(?:\n|$)/gm;

/** Takes an extractive answer apart into its quotes. What is no quote, also one that has not come whole yet, stays words. */
export function partsOf(answer: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  const words = (upTo: number): void => {
    const text = answer.slice(end, upTo).trim();
    if (text !== '') parts.push({ kind: 'words', text });
  };
  for (const match of answer.matchAll(QUOTE)) {
    const [whole, prose, , code = '', number, source = ''] = match;
    words(match.index);
    parts.push({ kind: 'quote', text: prose ?? code, number: Number(number), source });
    end = match.index + whole.length;
  }
  words(answer.length);
  return parts;
}
