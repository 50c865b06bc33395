import { HostError, type Backend } from './backend';
import { credentialIn, keptToken, type Credential } from './credential';

/** How long the host has to exchange a code, in milliseconds. */
const PATIENCE = 10_000;

/** The credential that the page's address held, on its way to a token that is kept. */
export class Admission {
  /** Whether it is still being exchanged. */
  isPending = $state(false);
  /** Why the code was not exchanged. */
  failure = $state.raw<unknown>(null);
  private readonly code: string | null;

  /** Keeps the credential if it is a token. A code waits for `exchange`. */
  constructor(
    private readonly backend: Backend,
    credential: Credential | null,
  ) {
    this.code = credential?.kind === 'code' ? credential.code : null;
    if (credential?.kind === 'token') keptToken.set(credential.token);
  }

  /** Exchanges the code, if there is one, also once more when the host did not answer. */
  async exchange(): Promise<void> {
    if (this.code === null || this.isPending) return;
    this.isPending = true;
    this.failure = null;
    try {
      keptToken.set(await this.token(this.code));
    } catch (failure) {
      this.failure = failure;
    } finally {
      this.isPending = false;
    }
  }

  /** Whether the host did not answer, so that the code may still be good. */
  get canTryAgain(): boolean {
    return this.failure instanceof HostError && this.failure.code === 'unreachable';
  }

  private async token(code: string): Promise<string> {
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await this.backend.request({ method: 'POST', path: '/v1/tokens/exchange', body: { code }, signal });
    const token = (answer as { token?: unknown } | undefined)?.token;
    if (typeof token !== 'string') throw new HostError('internal', 'the host gave no token for the code');
    return token;
  }
}

/** Takes the credential out of the page's address, so that neither history nor a copied address holds it. */
export function takeCredential(): Credential | null {
  const credential = credentialIn(location.hash);
  if (credential) history.replaceState(null, '', location.pathname + location.search);
  return credential;
}
