import { HostError } from './backend';
import type { Host } from './host';
import type { Status } from './types';

/** How often the host's state is asked for, in milliseconds. */
const PACE = { busy: 1_000, idle: 4_000, hidden: 20_000, lost: 1_000 };

/** What the host says when it knows the token or the page's origin not, or the token is not for asking. */
const REFUSED = ['unauthenticated', 'forbidden'];
/** Failures elsewhere after which it is worth asking how the host stands. */
const LOST = ['unreachable', 'unauthenticated'];

/** `refused`: the host answers, but not to this page; then nothing changes by itself. */
export type ConnectionState = 'connecting' | 'ready' | 'lost' | 'refused';

/** Watches whether the host is there, and how it stands. */
export class Connection {
  state = $state<ConnectionState>('connecting');
  /** The last that the host said of itself. */
  status = $state.raw<Status | null>(null);
  /** Why the host does not tell how it stands; null when it does. */
  failure = $state.raw<unknown>(null);
  /** Rises each time the host is there again, or another one: then what was loaded may be old. */
  epoch = $state(0);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asking: Promise<void> | null = null;
  private stopped = false;

  constructor(private readonly host: Host) {}

  /** Begins to watch; gives what ends it. */
  start(): () => void {
    this.stopped = false;
    const woken = (): void => void this.refresh();
    document.addEventListener('visibilitychange', woken);
    addEventListener('online', woken);
    void this.refresh();
    return () => {
      this.stopped = true;
      clearTimeout(this.timer);
      document.removeEventListener('visibilitychange', woken);
      removeEventListener('online', woken);
    };
  }

  /** Asks now. */
  refresh(): Promise<void> {
    this.asking ??= this.ask().finally(() => (this.asking = null));
    return this.asking;
  }

  /** To be told of failures elsewhere, which may mean that the host has gone. */
  suspect(failure: unknown): void {
    if (failure instanceof HostError && LOST.includes(failure.code)) void this.refresh();
  }

  private async ask(): Promise<void> {
    clearTimeout(this.timer);
    try {
      const status = await this.host.get('/v1/status', { signal: AbortSignal.timeout(10_000) });
      const another = this.status !== null && this.status.process !== status.process;
      if (this.state === 'lost' || another) this.epoch += 1;
      this.status = status;
      this.state = 'ready';
      this.failure = null;
    } catch (failure) {
      const isRefused = failure instanceof HostError && REFUSED.includes(failure.code);
      this.state = isRefused ? 'refused' : 'lost';
      this.failure = failure;
    }
    if (!this.stopped && this.state !== 'refused') this.timer = setTimeout(() => void this.refresh(), this.pace());
  }

  private pace(): number {
    if (this.state === 'lost') return PACE.lost;
    if (document.hidden) return PACE.hidden;
    return this.isIndexing ? PACE.busy : PACE.idle;
  }

  get isIndexing(): boolean {
    const progress = this.status?.progress;
    return progress !== undefined && (progress.scanning || (progress.to_embed > 0 && !progress.paused));
  }
}
