import { isAborted } from '../../backend/backend';
import type { Host } from '../../backend/host';
import type { Fit, PullEvent } from '../../backend/types';
import { explain } from '../../components/failure';

/** What is fetched or copied, and under which name. */
export interface PullOrder {
  /** As the host takes it: a known model, `owner/name:file` of the hub, or the name of an imported one. */
  id: string;
  /** Where it is on this machine; null: it comes from the hub. */
  path: string | null;
  name: string | null;
  force: boolean;
}

/** A model on its way here. */
export class Pull {
  phase = $state<'starting' | 'running' | 'finished' | 'failed' | 'stopped'>('starting');
  /** The name that it will have, once that is known. */
  model = $state<string | null>(null);
  bytes = $state(0);
  done = $state(0);
  fit = $state.raw<Fit | null>(null);
  failure = $state.raw<string | null>(null);
  private readonly files = new Map<string, number>();
  private readonly abort = new AbortController();

  constructor(readonly order: PullOrder) {}

  get isRunning(): boolean {
    return this.phase === 'starting' || this.phase === 'running';
  }

  stop(): void {
    this.abort.abort();
  }

  /** Fetches it to the end. @throws what the host refuses at once */
  async run(host: Host): Promise<void> {
    const { id, path, name, force } = this.order;
    const body = {
      ...(path === null ? {} : { path }),
      ...(name === null ? {} : { name }),
      ...(force ? { force } : {}),
    };
    try {
      for await (const event of host.begin('/v1/models/{id}/pull', { path: { id }, body, signal: this.abort.signal })) {
        this.apply(event);
      }
      if (this.isRunning) this.phase = 'stopped';
    } catch (failure) {
      this.phase = isAborted(failure) ? 'stopped' : 'failed';
      if (!isAborted(failure)) throw failure;
    }
  }

  private apply(event: PullEvent): void {
    switch (event.event) {
      case 'planned':
        this.phase = 'running';
        this.model = event.model;
        this.bytes = event.bytes;
        this.fit = event.fit ?? null;
        break;
      case 'progress':
        this.files.set(event.file, event.done);
        this.done = [...this.files.values()].reduce((sum, bytes) => sum + bytes, 0);
        break;
      case 'verified':
        break;
      case 'finished':
        this.phase = 'finished';
        this.model = event.model.id;
        break;
      case 'failed':
        this.phase = 'failed';
        this.failure = explain(event.problem.detail, event.problem.hint);
        break;
    }
  }
}

/** All models on their way. They go on when one looks at something else. */
class Pulls {
  all = $state.raw<Pull[]>([]);

  async begin(host: Host, order: PullOrder): Promise<Pull> {
    const pull = new Pull(order);
    this.all = [...this.all.filter((other) => other.order.id !== order.id || other.isRunning), pull];
    try {
      await pull.run(host);
    } catch (failure) {
      this.all = this.all.filter((other) => other !== pull);
      throw failure;
    }
    if (pull.phase === 'finished' || pull.phase === 'stopped') this.all = this.all.filter((other) => other !== pull);
    return pull;
  }

  dismiss(pull: Pull): void {
    this.all = this.all.filter((other) => other !== pull);
  }
}

export const pulls = new Pulls();
