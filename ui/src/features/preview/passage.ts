/** A piece of a passage: running text, or the rows of a table. */
export type Piece = { kind: 'text'; text: string } | { kind: 'table'; rows: string[][] };

const SEPARATOR = ' | ';

/** Finds the tables in a passage: the host writes their rows as lines with ` | ` between the cells. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let run: string[] = [];
  let words: string[] = [];
  const endWords = (): void => {
    const joined = words.join('\n').replace(/^\n+|\s+$/g, '');
    if (joined !== '') pieces.push({ kind: 'text', text: joined });
    words = [];
  };
  const endRun = (): void => {
    // One line alone may be anything.
    if (run.length < 2) {
      words.push(...run);
    } else {
      endWords();
      pieces.push({ kind: 'table', rows: run.map((line) => line.split(SEPARATOR).map((cell) => cell.trim())) });
    }
    run = [];
  };
  for (const line of text.split('\n')) {
    // An empty cell at the end leaves a blank less.
    const row = line.endsWith(' |') ? `${line} ` : line;
    const width = row.split(SEPARATOR).length;
    if (run.length > 0 && run[0]?.split(SEPARATOR).length !== width) endRun();
    if (width > 1) run.push(row);
    else words.push(line);
  }
  endRun();
  endWords();
  return pieces;
}
