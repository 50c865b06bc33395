/** What the page's live region says. */
export const announcement = $state({ text: '', count: 0 });

/** Tells users of screen readers something, when they have a moment. */
export function announce(text: string): void {
  announcement.text = text;
  announcement.count += 1;
}
