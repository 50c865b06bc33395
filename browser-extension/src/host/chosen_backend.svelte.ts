import type { Backend, HostRequest } from '../../../ui/src/backend/backend';
import { WebBackend } from '../../../ui/src/backend/web';
import { kept, LOOPBACK, pair, readLink, unpair, type Pairing, type Store } from './pairing';

/**
 * The way to the host: by the program that the browser starts, or over TCP once the browser was paired with the host, since a
 * browser from Flatpak or Snap can start none.
 */
export class ChosenBackend implements Backend {
  /** What the browser is paired with; null where it starts the program. */
  pairing = $state.raw<Pairing | null>(null);
  private readonly looked: Promise<void>;

  constructor(
    private readonly native: Backend,
    private readonly store: Store,
  ) {
    this.looked = kept(store).then((pairing) => void (this.pairing = pairing));
  }

  async request(request: HostRequest): Promise<unknown> {
    return (await this.chosen()).request(request);
  }

  async *stream(request: HostRequest): AsyncGenerator<unknown> {
    yield* (await this.chosen()).stream(request);
  }

  /**
   * Pairs the browser with the host of a link. The browser asks whether the extension may speak with this machine.
   * @returns false where the link is none, or the browser's question was answered with no
   * @throws {HostError} what the host says, or that it does not answer
   */
  async pair(text: string): Promise<boolean> {
    const link = readLink(text);
    if (!link || !(await chrome.permissions.request({ origins: [LOOPBACK] }))) return false;
    this.pairing = await pair(link, this.store);
    return true;
  }

  /**
   * Forgets the pairing, here and at the host.
   * @returns false where the host did not hear of it
   */
  async unpair(): Promise<boolean> {
    const { pairing } = this;
    this.pairing = null;
    return pairing === null || unpair(pairing, this.store);
  }

  /** Goes by what another panel paired with, or forgot; gives what ends that. */
  watch(): () => void {
    const look = (): void => void kept(this.store).then((pairing) => (this.pairing = pairing));
    chrome.storage.local.onChanged.addListener(look);
    return () => chrome.storage.local.onChanged.removeListener(look);
  }

  private async chosen(): Promise<Backend> {
    await this.looked;
    const { pairing } = this;
    return pairing
      ? new WebBackend(() => pairing.token, { address: pairing.address, surface: 'browser' })
      : this.native;
  }
}
