import { keptInTab } from './kept.svelte';

const KEY = 'ambit.token';

/** What the page was given to show to the host: a token, or a code that the host exchanges for one, once. */
export type Credential = { kind: 'token'; token: string } | { kind: 'code'; code: string };

/** Reads what stands in the fragment of the page's address: `#code=…` or `#token=…`. */
export function credentialIn(fragment: string): Credential | null {
  const values = new URLSearchParams(fragment.replace(/^#/, ''));
  const token = values.get('token');
  if (token) return { kind: 'token', token };
  const code = values.get('code');
  return code ? { kind: 'code', code } : null;
}

/** The token of this tab. It ends with the tab. */
export const keptToken = {
  get: (): string | null => keptInTab.get(KEY),
  set: (token: string): void => keptInTab.set(KEY, token),
  clear: (): void => keptInTab.remove(KEY),
};
