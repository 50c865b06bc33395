import type { Host } from '../../backend/host';

/** What memories say, for where they are named by their ids. */
class Memories {
  /** By id; null: not known yet. */
  texts = $state.raw<Map<string, string> | null>(null);
  isLoading = $state(false);
  private loading: Promise<void> | null = null;

  /** Asks for them, once for all who want to know at the same time. */
  load(host: Host): Promise<void> {
    this.isLoading = true;
    this.loading ??= this.fetch(host).finally(() => {
      this.loading = null;
      this.isLoading = false;
    });
    return this.loading;
  }

  private async fetch(host: Host): Promise<void> {
    const { memories } = await host.get('/v1/memories');
    this.texts = new Map(memories.map(({ id, text }) => [id, text]));
  }
}

export const memories = new Memories();
