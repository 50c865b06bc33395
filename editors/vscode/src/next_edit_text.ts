/** More of a text is not shown in a line. */
const LONGEST = 60;

interface Edit {
  text: string;
  reason: string;
}

/** Whether an edit adds whole lines, of which a line can say only why. */
export function isInsertion({ text }: Edit): boolean {
  return text.includes('\n');
}

/** What a line says of an edit: the new text, or why there are to be new lines. */
export function hintOf(edit: Edit): string {
  const said = isInsertion(edit) ? edit.reason : edit.text;
  return said.length > LONGEST ? `${said.slice(0, LONGEST).trimEnd()}…` : said;
}
