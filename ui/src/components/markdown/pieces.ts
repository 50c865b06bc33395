/** So long are the pieces of a text at most, in characters. */
const LONGEST = 20_000;

/**
 * A text in pieces that are shown one below the other: cut at the ends of lines, if there are any. What is appended to the
 * text changes none but the last.
 */
export function pieces(text: string): string[] {
  const all: string[] = [];
  let begin = 0;
  while (text.length - begin > LONGEST) {
    const part = text.slice(begin, begin + LONGEST);
    const line = part.lastIndexOf('\n');
    // The end of a line is shown by the end of the piece.
    all.push(line < 0 ? part : part.slice(0, line));
    begin += line < 0 ? LONGEST : line + 1;
  }
  all.push(text.slice(begin));
  return all;
}
