import { HostError, type Backend } from './backend';

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
  get: (): string | null => sessionStorage.getItem(KEY),
  set: (token: string): void => sessionStorage.setItem(KEY, token),
  clear: (): void => sessionStorage.removeItem(KEY),
};

/**
 * Takes the credential out of the address, so that neither history nor a copied address holds it, and keeps its token.
 * @throws {HostError} when the host does not take the code
 */
export async function admit(backend: Backend): Promise<void> {
  const credential = credentialIn(location.hash);
  if (!credential) return;
  history.replaceState(null, '', location.pathname + location.search);
  keptToken.set(credential.kind === 'token' ? credential.token : await exchanged(backend, credential.code));
}

async function exchanged(backend: Backend, code: string): Promise<string> {
  const answer = await backend.request({ method: 'POST', path: '/v1/tokens/exchange', body: { code } });
  const token = (answer as { token?: unknown } | undefined)?.token;
  if (typeof token !== 'string') throw new HostError('internal', 'the host gave no token for the code');
  return token;
}
