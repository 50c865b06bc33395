/** Whether all words of a query stand in a text, in any case and order. */
export function matches(text: string, query: string): boolean {
  const searched = text.toLocaleLowerCase();
  return query
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => searched.includes(word));
}
