import { HostError } from '../../../ui/src/backend/backend';

/** Where the host is, and what lets this browser in: for a browser that can start no program of the system. */
export interface Pairing {
  /** `http://127.0.0.1:4801` */
  address: string;
  token: string;
}

/** What is kept between visits, as far as it is used. */
export interface Store {
  get(key: string): Promise<Record<string, unknown>>;
  set(items: Record<string, unknown>): Promise<void>;
  remove(key: string): Promise<void>;
}

const KEY = 'pairing';

/** Programs of this machine, and of no other, may be paired with. */
export const LOOPBACK = 'http://127.0.0.1/*';

/** What `ambit browser pair` prints: where the host is, and a code that works once. */
export function readLink(text: string): { address: string; code: string } | null {
  const found = /^(http:\/\/127\.0\.0\.1:\d{1,5})\/?#code=([0-9a-f]{64})$/.exec(text.trim());
  return found?.[1] !== undefined && found[2] !== undefined ? { address: found[1], code: found[2] } : null;
}

/** The pairing that is kept; null where there is none. */
export async function kept(store: Store): Promise<Pairing | null> {
  const value = (await store.get(KEY))[KEY] as Partial<Pairing> | undefined;
  return typeof value?.address === 'string' && typeof value.token === 'string'
    ? { address: value.address, token: value.token }
    : null;
}

/**
 * Exchanges the code of a link for a token, and keeps that.
 * @throws {HostError} what the host says, or that it does not answer
 */
export async function pair(link: { address: string; code: string }, store: Store, ask = fetch): Promise<Pairing> {
  let response: Response;
  try {
    response = await ask(`${link.address}/v1/tokens/exchange`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Ambit-Surface': 'browser' },
      body: JSON.stringify({ code: link.code }),
      credentials: 'omit',
      redirect: 'error',
    });
  } catch {
    throw new HostError('unreachable', 'the host does not answer');
  }
  const told = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (!response.ok || typeof told['token'] !== 'string') {
    const { code, detail, hint } = told;
    const text = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);
    throw new HostError(text(code, 'internal'), text(detail, `HTTP ${response.status}`), text(hint, '') || null);
  }
  const pairing = { address: link.address, token: told['token'] };
  await store.set({ [KEY]: pairing });
  return pairing;
}

/**
 * Forgets the pairing, and has the host end its token.
 * @returns false where the host does not, so that the token is still one of its own
 */
export async function unpair(pairing: Pairing, store: Store, ask = fetch): Promise<boolean> {
  await store.remove(KEY);
  try {
    const response = await ask(`${pairing.address}/v1/tokens/own`, {
      method: 'DELETE',
      headers: { Authorization: `Bearer ${pairing.token}`, 'Ambit-Surface': 'browser' },
      credentials: 'omit',
      redirect: 'error',
      // The panel may be closed before the host has heard.
      keepalive: true,
    });
    // What the host does not know any more is over as well.
    return response.ok || response.status === 401;
  } catch {
    return false;
  }
}
