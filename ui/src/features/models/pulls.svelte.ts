import { HostError, isAborted } from '../../backend/backend';
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

  /** Stops it; it would go on without this page. */
  async stop(host: Host): Promise<void> {
    this.abort.abort();
    try {
      await host.delete('/v1/models/{id}/pull', { path: { id: this.order.id } });
    } catch (failure) {
      // It has ended in the meantime.
      if (!(failure instanceof HostError && failure.code === 'not-found')) throw failure;
    }
  }

  /** Fetches it to the end. @throws what the host refuses at once */
  run(host: Host): Promise<void> {
    const { id, path, name, force } = this.order;
    const body = {
      ...(path === null ? {} : { path }),
      ...(name === null ? {} : { name }),
      ...(force ? { force } : {}),
      goes_on: true,
    };
    return this.hear(host.begin('/v1/models/{id}/pull', { path: { id }, body, signal: this.abort.signal }));
  }

  /** Follows it to the end, whoever asked for it. @throws when it is not on its way any more */
  follow(host: Host): Promise<void> {
    const { id } = this.order;
    return this.hear(host.follow('/v1/models/{id}/pull', { path: { id }, signal: this.abort.signal }));
  }

  private async hear(events: AsyncIterable<PullEvent>): Promise<void> {
    try {
      for await (const event of events) this.apply(event);
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
        this.phase = event.problem.code === 'cancelled' ? 'stopped' : 'failed';
        if (this.phase === 'stopped') break;
        this.failure = explain(event.problem.detail, event.problem.hint);
        break;
    }
  }
}

/** All models on their way. They go on when one looks at something else, and when the page has gone. */
class Pulls {
  all = $state.raw<Pull[]>([]);

  begin(host: Host, order: PullOrder): Promise<Pull> {
    return this.see(new Pull(order), (pull) => pull.run(host));
  }

  /**
   * Follows those that were asked for before the page was loaded, or by others. `onended` is told of each that was told to its
   * end.
   */
  async adopt(host: Host, onended: (pull: Pull) => void): Promise<void> {
    const { pulls } = await host.get('/v1/pulls');
    for (const id of pulls) {
      if (this.all.some((pull) => pull.isRunning && pull.order.id === id)) continue;
      const pull = new Pull({ id, path: null, name: null, force: false });
      // One that ends in this moment is told by the list of models.
      void this.see(pull, () => pull.follow(host)).then(onended, () => undefined);
    }
  }

  dismiss(pull: Pull): void {
    this.all = this.all.filter((other) => other !== pull);
  }

  private async see(pull: Pull, run: (pull: Pull) => Promise<void>): Promise<Pull> {
    this.all = [...this.all.filter((other) => other.order.id !== pull.order.id || other.isRunning), pull];
    try {
      await run(pull);
    } catch (failure) {
      this.dismiss(pull);
      throw failure;
    }
    if (pull.phase === 'finished' || pull.phase === 'stopped') this.dismiss(pull);
    return pull;
  }
}

export const pulls = new Pulls();
