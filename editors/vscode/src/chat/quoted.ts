/** A quotation of code as Markdown, with room before it for a question. */
export function quoted(path: string, language: string, code: string): string {
  const text = code.replaceAll('\r\n', '\n').replace(/^\n+/, '').trimEnd();
  if (text === '') return `${path}: `;
  // A fence must be longer than all that stand in the code.
  const longest = Math.max(2, ...[...text.matchAll(/`{3,}/g)].map(([fence]) => fence.length));
  const fence = '`'.repeat(longest + 1);
  return `\n\n${path}:\n${fence}${language}\n${text}\n${fence}`;
}
